"""SARIF 2.1.0: what the schema demands, and what code scanning reads."""

import json
from pathlib import Path

from modelfiles import BROKEN, GOOD, KNOWN, UNREACHED, checked

from checker.ci.sarif import sarif
from checker.model.verdict import ExitCode

LEVELS = {"none", "note", "warning", "error"}
KINDS = {"notApplicable", "pass", "fail", "review", "open", "informational"}


def run_of(*results):
    document = json.loads(json.dumps(sarif(results, ExitCode.SAFETY)))
    assert set(document) == {"$schema", "version", "runs"}
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    validate(run)
    return run


def validate(run):
    """The constraints of the schema on what we write."""
    driver = run["tool"]["driver"]
    assert driver["name"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule.get("defaultConfiguration", {"level": "error"})["level"] in LEVELS
    for result in run["results"]:
        assert result["message"]["text"]
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["kind"] in KINDS
        assert result["level"] in LEVELS
        assert result["kind"] == "fail" or result["level"] == "none", "3.27.10: no level but for failures"
        places = [*result["locations"], *result.get("relatedLocations", ())]
        for flow in result.get("codeFlows", ()):
            for thread in flow["threadFlows"]:
                assert 1 <= len(thread["locations"]) <= 1000
                places += [step["location"] for step in thread["locations"]]
                assert [s["executionOrder"] for s in thread["locations"]] == list(
                    range(1, len(thread["locations"]) + 1)
                )
        for place in places:
            where = place["physicalLocation"]
            assert where["region"]["startLine"] >= 1
            assert not where["artifactLocation"]["uri"].startswith("/"), "relative, or it cannot be matched"
            assert "\\" not in where["artifactLocation"]["uri"]
    for invocation in run["invocations"]:
        assert isinstance(invocation["executionSuccessful"], bool)


def test_a_violation_is_a_result_whose_code_flow_is_the_counterexample(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = run_of(checked(Path("b.yaml"), BROKEN), checked(Path("g.yaml"), GOOD))
    result = next(r for r in run["results"] if r["ruleId"] == "invariant/R1")
    assert (result["kind"], result["level"]) == ("fail", "error")
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "b.yaml"
    assert place["physicalLocation"]["region"]["startLine"] == 1 + BROKEN[: BROKEN.index("- R1")].count(
        "\n"
    )
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(steps) == 14
    accepts = next(s["location"] for s in steps if "p2a(" in s["location"]["message"]["text"].split(";")[0])
    where = accepts["physicalLocation"]
    source = (Path(__file__).parents[2] / where["artifactLocation"]["uri"]).read_text(encoding="utf-8")
    line = source.splitlines()[where["region"]["startLine"] - 1]
    assert line.startswith("def on_p2a"), "a step points at the rule that took it"
    assert result["relatedLocations"][0]["message"]["text"] == "the predicate that was judged"


def test_what_holds_has_a_rule_and_no_result(tmp_path):
    run = run_of(checked(tmp_path / "g.yaml", GOOD), checked(tmp_path / "k.yaml", KNOWN))
    assert run["results"] == []
    assert "action-property/A1" in {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def test_what_is_not_known_is_open(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = run_of(checked(tmp_path / "g.yaml", GOOD, max_states=20))
    assert {r["kind"] for r in run["results"]} == {"open"}
    assert "model/Inconclusive" in {r["ruleId"] for r in run["results"]}


def test_fingerprints_are_stable_and_tell_findings_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = run_of(checked(tmp_path / "b.yaml", BROKEN), checked(tmp_path / "u.yaml", UNREACHED))
    (tmp_path / "elsewhere").mkdir()
    again = run_of(checked(tmp_path / "elsewhere" / "b.yaml", "# moved\n" + BROKEN))
    prints = [r["partialFingerprints"]["primaryLocationLineHash"] for r in first["results"]]
    assert len(set(prints)) == len(prints)
    assert {r["partialFingerprints"]["primaryLocationLineHash"] for r in again["results"]} <= set(prints)
