"""JUnit XML keeps to the schema that CI servers hold it to, and never says `skipped`."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
from modelfiles import BROKEN, GOOD, KNOWN, UNREACHED, checked

from checker.ci.junit import junit

TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?")
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

#: The JUnit 10 schema: element → (required attributes, optional ones, elements inside).
SCHEMA = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
            "version",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
}


def validate(element: ET.Element) -> None:
    required, optional, inside = SCHEMA[element.tag]
    given = set(element.attrib)
    assert required <= given <= required | optional
    if element.tag in {"testsuites", "testsuite"}:
        assert TIME.fullmatch(element.attrib["time"])
    for child in element:
        assert child.tag in inside
        validate(child)


def document(*results) -> ET.Element:
    text = junit(results, WHEN)
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    root = ET.fromstring(text)
    validate(root)
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == sum(c.find("failure") is not None for c in cases)
        assert int(suite.attrib["errors"]) == sum(c.find("error") is not None for c in cases)
        assert suite.attrib["skipped"] == "0"
    return root


def outcomes(suite: ET.Element) -> dict[str, str]:
    return {
        case.attrib["name"]: case[0].tag if len(case) else "passed" for case in suite.findall("testcase")
    }


def test_a_suite_for_each_model_and_a_case_for_each_property(tmp_path):
    root = document(
        checked(tmp_path / "g.yaml", GOOD),
        checked(tmp_path / "b.yaml", BROKEN),
        checked(tmp_path / "k.yaml", KNOWN),
    )
    good, broken, known = root
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("11", "1", "2")
    assert set(outcomes(good).values()) == {"passed"}
    assert list(outcomes(good))[:3] == ["A1", "R1", "slot-decided"]
    assert list(outcomes(good))[-1] == "expect"
    assert outcomes(broken) == {
        "A1": "error",
        "R1": "failure",
        "slot-decided": "passed",
        "coverage": "error",
    }
    assert outcomes(known) == {"R1": "passed", "expect": "passed"}
    assert good.attrib["file"].endswith("g.yaml")
    assert good.attrib["timestamp"] == "2026-01-02T03:04:05"
    facts = {p.attrib["name"]: p.attrib["value"] for p in good.iter("property")}
    assert facts["states.distinct"] == "142"
    assert facts["complete"] == "true"


def test_a_failure_holds_the_counterexample_and_how_to_get_it_again(tmp_path):
    (suite,) = document(checked(tmp_path / "b.yaml", BROKEN))
    failure = next(suite.iter("failure"))
    assert failure.attrib["type"] == "InvariantViolated"
    assert failure.attrib["message"].startswith("R1 violated after 14 steps: slot 1 is decided as")
    assert "\n" not in failure.attrib["message"]
    last = r"^    14 +\d+  replica \d +decision\(slot 1, put k\d v\d\)( |$)"
    assert re.search(last, failure.text, re.MULTILINE)
    assert f"reproduce   pmmc check {tmp_path / 'b.yaml'}" in failure.text


def test_what_is_not_known_is_an_error(tmp_path):
    (suite,) = document(checked(tmp_path / "g.yaml", GOOD, max_states=20))
    assert set(outcomes(suite).values()) == {"error", "passed"}
    assert outcomes(suite)["R1"] == outcomes(suite)["expect"] == "error"
    assert {e.attrib["type"] for e in suite.iter("error")} == {"Inconclusive"}
    assert "the limit of 20 states was reached" in next(suite.iter("error")).attrib["message"]


def test_a_goal_never_reached_and_an_expectation_unmet_are_failures(tmp_path):
    changed = GOOD.replace("states: 142", "states: 141")
    unreached, unmet = document(
        checked(tmp_path / "u.yaml", UNREACHED), checked(tmp_path / "c.yaml", changed)
    )
    assert outcomes(unreached) == {
        "R1": "passed",
        "slot-decided": "passed",
        "leader-preempted": "failure",
        "coverage": "failure",
    }
    assert [f.attrib["message"] for f in unmet.iter("failure")] == ["states: expected 141, got 142"]


def test_a_violation_that_does_not_come_is_a_failure(tmp_path):
    mended = KNOWN.replace("rules: {acceptor: accept-any-ballot}\n", "")
    (suite,) = document(checked(tmp_path / "m.yaml", mended))
    (first, _) = suite.iter("failure")
    assert first.attrib["type"] == "NotViolated"
    assert first.attrib["message"] == "R1 was expected to be violated; it is verified"


@pytest.mark.parametrize("name", ["a & b <c>", "bell\x07", 'quo"te'])
def test_any_name_makes_valid_xml(tmp_path, name):
    result = checked(tmp_path / "g.yaml", GOOD)
    object.__setattr__(result, "model", name)
    assert document(result)[0].attrib["name"] == name.replace("\x07", "�")
