"""What was found is never lost: trouble with one model, or with one file, takes nothing from the others."""

import json
import os
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from smallmodels import BROKEN

import checker.checking.check
from checker import Options, load, protocols
from checker.checking.check import check_system
from checker.ci import github
from checker.cli import main, output
from checker.cli.commands import check as checking
from checker.engines import reference
from checker.engines.choose import Means
from checker.engines.contract import Discovery
from checker.engines.native.paths.unfold import UnfoldError
from checker.engines.native.sightings import Guide
from checker.model.verdict import ExitCode
from checker.model.vocabulary import Colouring
from spec.protocol import PMMC

#: what it says is interchangeable is not: the check ends with an error
UNLIKE = """
name: unlike
nodes: {acceptors: 3, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
initial: {acceptor 0: {ballot: 0.0}}
symmetry: [acceptors]
properties: [R1]
"""
WHY = "the declared symmetry (acceptors) is none: acceptor 1 does not begin as the image of acceptor 0"
SMALL = """
name: small
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
properties: [R1]
"""

WRITTEN = ("json", "junit", "sarif", "html")


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with one model each that is violated, cannot be checked, is verified."""
    monkeypatch.chdir(tmp_path)
    for text in (BROKEN, UNLIKE, SMALL):
        name = text.split("name: ")[1].split()[0]
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def pmmc(words: str) -> int:
    return main(["check", *shlex.split(words)])


def verdicts(file: str) -> dict[str, str]:
    document = json.loads(Path(file).read_text(encoding="utf-8"))
    return {result["model"]: result["verdict"] for result in document["results"]}


ALL = {"unlike": "inconclusive", "broken": "violated", "small": "verified"}
FILES = "--json out.json --junit out.xml --sarif out.sarif --html out.html"


def test_a_check_that_fails_is_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    assert pmmc(f"unlike.yaml broken.yaml small.yaml {FILES}") == ExitCode.SAFETY
    out, err = capsys.readouterr()
    assert f"unlike: {WHY}" in err
    assert [line.split()[:2] for line in out.splitlines()[1:3]] == [["unlike", "error"], WHY.split()[:2]]
    assert "VIOLATED  R1" in out
    assert "3 models: 1 error, 1 violated, 1 verified" in out
    assert verdicts("out.json") == ALL
    document = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert document["exit_code"] == ExitCode.SAFETY
    unlike, broken, _ = document["results"]
    assert (unlike["exit_code"], broken["exit_code"], broken["failed"]) == (2, 12, None)
    assert unlike["failed"].startswith(WHY)
    suites = {s.get("name"): s for s in ET.parse("out.xml").getroot()}
    assert suites["unlike"].get("errors") == suites["unlike"].get("tests")
    assert suites["broken"].get("failures") == "1"
    (run,) = json.loads(Path("out.sarif").read_text(encoding="utf-8"))["runs"]
    assert run["invocations"] == [{"executionSuccessful": False, "exitCode": 12}]
    assert {"model/CheckFailed", "invariant/R1"} <= {r["ruleId"] for r in run["results"]}
    assert WHY in Path("out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("names", "code"), [("unlike", 2), ("unlike small", 2), ("unlike broken", 12)])
def test_the_exit_code_of_a_check_that_fails(names: str, code: int) -> None:
    assert pmmc(f"{' '.join(f'{name}.yaml' for name in names.split())} -q") == code


@pytest.mark.parametrize("model", ["broken", "small"])
@pytest.mark.parametrize("option", ["json", "junit", "sarif", "html"])
def test_a_file_that_cannot_be_written_keeps_no_other_from_it(
    model: str, option: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = output.write_pieces

    def full(pieces: Any, destination: str) -> None:
        if destination == f"{option}.out":
            raise output.UsageFault(f"cannot write {destination}: No space left on device")
        written(pieces, destination)

    monkeypatch.setattr(output, "write_pieces", full)
    files = " ".join(f"--{name} {name}.out" for name in WRITTEN)
    assert pmmc(f"{model}.yaml {files}") == (ExitCode.SAFETY if model == "broken" else ExitCode.USAGE)
    out, err = capsys.readouterr()
    assert model in out
    assert err.splitlines()[-1] == f"pmmc: cannot write {option}.out: No space left on device"
    assert {path.stem for path in Path.cwd().glob("*.out")} == {*WRITTEN} - {option}
    if option != "json":
        told = json.loads(Path("json.out").read_text(encoding="utf-8"))["exit_code"]
        assert told == (ExitCode.SAFETY if model == "broken" else ExitCode.USAGE)


@pytest.mark.parametrize("error", [output.UsageFault("cannot write it"), RuntimeError("a bug")])
def test_traces_that_cannot_be_written_keep_no_verdict_back(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(checking, "save", full)
    monkeypatch.setattr("checker.checking.check.blames", lambda _: False)
    assert pmmc("broken.yaml small.yaml --trace-dir traces --json out.json") == ExitCode.SAFETY
    out, err = capsys.readouterr()
    assert "VIOLATED  R1" in out
    assert str(error) in err
    assert verdicts("out.json") == {"broken": "violated", "small": "verified"}
    assert pmmc("small.yaml --trace-dir traces") in {ExitCode.USAGE, ExitCode.INTERNAL}


@pytest.mark.parametrize("part", ["examples", "annotated"])
def test_what_cannot_be_told_is_no_loss_of_the_verdict(
    part: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no words")

    monkeypatch.setattr(checking if part == "examples" else github, part, fails)
    monkeypatch.setattr("checker.checking.check.blames", lambda _: False)
    assert pmmc("broken.yaml --format github --json out.json") == ExitCode.SAFETY
    out, err = capsys.readouterr()
    assert "VIOLATED  broken: R1 (" in out
    assert "pmmc: internal error: RuntimeError: no words" in err
    assert verdicts("out.json") == {"broken": "violated"}


def test_a_reader_that_is_gone_is_no_loss_of_the_files(models: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [
        sys.executable,
        "-m",
        "checker.cli",
        "check",
        "broken.yaml",
        "small.yaml",
        "--json",
        "out.json",
    ]
    run = subprocess.run(words, stdout=writing, cwd=models, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert run.returncode == 141
    assert verdicts("out.json") == {"broken": "violated", "small": "verified"}


@pytest.mark.parametrize("error", [SystemExit(0), ValueError("no colours")])
def test_a_drawing_that_the_model_s_code_spoils_is_no_loss(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def key(_: Any) -> Any:
        raise error

    monkeypatch.setattr("spec.system.BALLOTS", Colouring("ballot", key))
    assert pmmc("broken.yaml --html out.html --json out.json") == ExitCode.SAFETY
    assert (
        f"pmmc: {type(error).__name__}: {error} (tests/unit/checking/test_verdicts_kept.py:"
        in capsys.readouterr().err
    )
    assert verdicts("out.json") == {"broken": "violated"}


Lie = Callable[..., Any]


def lying(*lies: Discovery, also: str = "violations") -> Lie:
    def explore(*arguments: Any) -> Any:
        found = reference.explore(*arguments)
        getattr(found, also).extend(lies)
        return found

    return explore


def test_an_unconfirmed_finding_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        checker.checking.check, "choose_engine", lambda *_: lying(Discovery("A1", "a lie", (0,)))
    )
    assert pmmc("broken.yaml small.yaml --property R1 --property A1 --json out.json") == ExitCode.SAFETY
    broken, small = json.loads(Path("out.json").read_text(encoding="utf-8"))["results"]
    assert {p["id"]: p["verdict"] for p in broken["properties"]} == {"R1": "violated", "A1": "inconclusive"}
    assert {p["id"]: p["verdict"] for p in small["properties"]} == {
        "R1": "inconclusive",
        "A1": "inconclusive",
    }
    assert (broken["exit_code"], small["exit_code"]) == (ExitCode.SAFETY, ExitCode.INTERNAL)
    assert broken["failed"].startswith("internal error: InternalMismatch: A1 was found (a lie)")
    assert "This is a bug of the checker, unless a rule" in capsys.readouterr().err


def test_an_unconfirmed_witness_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    lie = Discovery("all-performed", "a lie", (0,))
    monkeypatch.setattr(checker.checking.check, "choose_engine", lambda *_: lying(lie, also="witnesses"))
    assert lie.property in PMMC.properties
    assert pmmc("small.yaml --property R1 --property all-performed --max-depth 2") == ExitCode.INTERNAL


@pytest.mark.parametrize("error", [ValueError("a bug"), SystemExit(0), GeneratorExit()])
def test_an_engine_that_fails_is_a_result(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(system: Any, *arguments: Any) -> Any:
        if system.name == "small":
            raise error
        return reference.explore(system, *arguments)

    monkeypatch.setattr(checker.checking.check, "choose_engine", lambda *_: failing)
    monkeypatch.setattr("checker.checking.check.blames", lambda _: False)
    assert pmmc("small.yaml --json out.json") == ExitCode.INTERNAL
    assert pmmc("small.yaml broken.yaml --json out.json") == ExitCode.SAFETY
    assert verdicts("out.json") == {"small": "inconclusive", "broken": "violated"}
    assert f"small: internal error: {type(error).__name__}" in capsys.readouterr().err


def test_a_finding_without_its_way_there_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to one violation of two cannot be found: that is an internal error, the other is told."""
    system = load("broken.yaml", protocols=protocols()).system
    (claim,) = system.properties
    system = replace(system, properties=(claim, replace(claim, id="R1 again")))
    with_path = Guide.with_path

    def lost(guide: Guide, sighting: Any) -> Any:
        if sighting.claim.id == claim.id:
            raise UnfoldError("no step leads there")
        return with_path(guide, sighting)

    monkeypatch.setattr(Guide, "with_path", lost)
    result = check_system(system, Options(Means("native")))
    assert [p.id for p in result.violated()] == ["R1 again"]
    assert result.found.failed is not None
    assert result.found.failed.code is ExitCode.INTERNAL
    assert result.exit_code is ExitCode.SAFETY
