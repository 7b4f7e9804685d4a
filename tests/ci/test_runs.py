"""What is claimed of runs, as CI reads it: what a pass rests on, and an example that repeats for ever."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from modelfiles import GOOD
from walkers import STEPS, at, walker

from checker.checking.check import check_system
from checker.checking.question import Options
from checker.checking.recording import record
from checker.checking.result import CheckResult
from checker.ci import github
from checker.ci.cases import Outcome, cases, listed
from checker.ci.junit import junit
from checker.ci.sarif import sarif
from checker.engines.choose import Means
from checker.model.properties import Kind, eventually
from checker.model.verdict import ExitCode, Verdict
from checker.modelfiles.loading import load
from checker.modelfiles.protocol import protocols
from checker.modelfiles.schema import Expect


@pytest.fixture
def result() -> CheckResult:
    """It may go round by 1, 2 and 3 for ever, and never come to 4."""
    system = walker(eventually(at(4)), steps=STEPS)
    return replace(check_system(system, Options(Means("reference"))), file="w.yaml", named="w.yaml")


def test_a_case_says_how_long_it_goes_on(result: CheckResult) -> None:
    claim, whole = cases(result)
    assert (claim.group, claim.outcome, claim.type) == ("eventually", Outcome.FAILED, "LivenessViolated")
    assert claim.message.startswith("eventually at-4 violated after 1 step, then 3 for ever: steps 2")
    assert "assumed     weakly fair: go" in claim.text
    assert "--loop 1 --path 0/0/0/1" in claim.text
    assert whole.outcome is Outcome.PASSED


def test_junit_names_what_a_verdict_rests_on(result: CheckResult) -> None:
    (suite,) = ET.fromstring(junit([result]))
    facts = {fact.get("name"): fact.get("value") for fact in suite.iter("property")}
    assert facts["assumed"] == "weakly fair: go"
    case = suite.find("testcase")
    assert case is not None
    assert case.get("classname") == "walker.eventually"
    (failure,) = case
    assert failure.get("type") == "LivenessViolated"
    other = replace(result, judged=replace(result.judged, properties=()))
    assert "assumed" not in junit([other])


def test_sarif_marks_where_it_begins_to_repeat(result: CheckResult) -> None:
    (run,) = sarif([result], ExitCode.LIVENESS)["runs"]
    (found,) = run["results"]
    assert found["ruleId"] == "eventually/eventually at-4"
    assert found["properties"]["assumed"] == "weakly fair: go"
    locations = found["codeFlows"][0]["threadFlows"][0]["locations"]
    told = [step["location"]["message"]["text"] for step in locations]
    again = [k for k, text in enumerate(told, 1) if f"{k}. from here on it repeats for ever; " in text]
    assert again == [2]


def test_an_annotation_and_the_summary(result: CheckResult) -> None:
    (line,) = github.annotated(result)
    assert "%0Apath 0/0/0/1, loop 1%0A" in line
    text = github.summary([result])
    assert "* walker assumes weakly fair: go\n" in text
    assert "eventually at-4 (1 step, then 3 for ever) violated" in text


def test_where_it_is_expected_to_be_violated_all_else_is_asked_for_too() -> None:
    """For when it is judged all states are known."""
    claims = (eventually(at(4)), replace(at(9), id="never", kind=Kind.STATE))
    wanted = [Expect(verdict=Verdict.VIOLATED, property=name) for name in ("eventually at-4", "never")]
    assert [len(listed(claims, expect)) for expect in wanted] == [2, 1]


def test_what_is_recorded_of_a_run(tmp_path) -> None:
    """Of one that ends there is no cycle, and none is recorded; a wrong one is told, and mended."""
    file = tmp_path / "m.yaml"
    asked = GOOD[: GOOD.index("expect")] + "eventually: [slot-decided]\n"
    file.write_text(
        asked + "expect: {verdict: violated, property: eventually slot-decided, length: 3, cycle: 7}\n"
    )
    question = Options(Means("reference"))
    recorded = record(load(file, protocols=protocols()), question)
    assert {"length 3 → 0", "cycle 7 → –"} < {*recorded.differences}
    assert recorded.text is not None
    assert "length: 0, states: 142" in recorded.text
