"""`pmmc check --continue`: every output has the counterexample of each property that is violated."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from checker.cli import main
from checker.model.verdict import ExitCode

ASKED = ["--property", "R1", "--property", "A1", "--property", "decided-is-chosen", "--property", "A3"]
VIOLATED = {"A3": 4, "decided-is-chosen": 6, "R1": 12}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("engine", ["reference", "native", "auto"])
def test_all_outputs_have_all_counterexamples(
    folder: Path, engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--json", "r.json", "--junit", "r.xml", "--sarif", "r.sarif", "--html", "r.html"]
    asked = ["check", "stable-without-accepted", "--engine", engine, "--no-fusion", "--continue", *ASKED]
    assert main([*asked, *files, "--trace-dir", "traces"]) == ExitCode.SAFETY
    (result,) = json.loads(Path("r.json").read_text(encoding="utf-8"))["results"]
    lengths = {p["id"]: p["length"] for p in result["properties"] if p["verdict"] == "violated"}
    assert lengths == VIOLATED
    assert {p["id"] for p in result["properties"] if p["verdict"] == "verified"} == {"A1"}
    assert (result["complete"], result["exit_code"], "--continue" in result["options"]) == (True, 12, True)
    failed = {
        case.attrib["name"]
        for case in ET.parse("r.xml").iter("testcase")
        if case.find("failure") is not None
    }
    assert failed >= VIOLATED.keys()
    (run,) = json.loads(Path("r.sarif").read_text(encoding="utf-8"))["runs"]
    flows = (found["ruleId"].split("/")[-1] for found in run["results"] if "codeFlows" in found)
    assert {*flows} == VIOLATED.keys()
    assert {
        path.name.removesuffix(".itf.json") for path in folder.glob("traces/*/*.itf.json")
    } == VIOLATED.keys()
    page = Path("r.html").read_text(encoding="utf-8")
    text = capsys.readouterr().out
    assert all(f"VIOLATED  {name} " in text and f"/{name}." in text for name in VIOLATED)
    assert page.count("pmmc replay") == len(VIOLATED)


def test_what_lies_behind_an_expected_violation_is_told_and_is_as_expected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "stable-without-accepted", "--no-fusion", "--continue", "-v"]) == ExitCode.OK
    text = capsys.readouterr().out
    assert "what lies behind violations included" in text
    assert "violated R1, 12 steps (states not compared): as found" in " ".join(text.split())


def test_what_is_recorded_is_a_search_that_a_violation_ends(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "stable-without-accepted", "--continue", "--update"]) == ExitCode.USAGE
    assert "leave out --continue" in capsys.readouterr().err
