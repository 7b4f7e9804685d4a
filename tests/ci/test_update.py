"""`pmmc check --update`: old and new are told, and what is recorded is what a check then finds."""

from dataclasses import replace
from pathlib import Path

import pytest
from modelfiles import BROKEN, GOOD, KNOWN

from checker.check import Options, check
from checker.ci.recording import record
from checker.cli import main
from checker.exploration import UNREDUCED, Failed
from checker.judgement import judge
from checker.modelfile import load
from checker.protocol import protocols
from checker.verdict import ExitCode


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Path("m.yaml")


def expectation(file):
    return load(file, protocols=protocols()).model.expect.model_dump(exclude_none=True)


def test_records_and_then_holds(file, capsys):
    file.write_text(GOOD.replace("states: 142, ", "").replace("depth: 13", "depth: 12"), encoding="utf-8")
    assert main(["check", str(file)]) == ExitCode.UNMET
    assert "depth: expected 12, got 13" in capsys.readouterr().out
    assert main(["check", str(file), "--update"]) == ExitCode.OK
    told = capsys.readouterr().out
    assert told.startswith("m.yaml: states – → 142, depth 12 → 13, reduced.states – → ")
    assert main(["check", str(file)]) == ExitCode.OK
    assert main(["check", str(file), "--engine", "native", "-q"]) == ExitCode.OK
    capsys.readouterr()
    before = file.read_bytes()
    assert main(["check", str(file), "--update"]) == ExitCode.OK
    assert capsys.readouterr().out == "m.yaml: unchanged\n"
    assert file.read_bytes() == before


def test_a_violation_is_recorded_with_its_length(file, capsys):
    file.write_text(BROKEN, encoding="utf-8")
    assert main(["check", str(file), "--update", "-q"]) == ExitCode.OK
    recorded = expectation(file)
    assert (recorded["verdict"], recorded["property"], recorded["length"]) == ("violated", "R1", 14)
    assert main(["check", str(file), "-q"]) == ExitCode.OK


@pytest.mark.parametrize(
    ("figure", "wrong", "said"),
    [
        ("length: 14", "length: 13", "length: expected 13 steps, got 14"),
        ("property: R1", "property: A1", "property: expected A1 violated, got R1"),
        (
            "verdict: violated, property: R1, length: 14",
            "verdict: verified",
            "verdict: expected verified, got violated",
        ),
    ],
)
def test_without_it_a_change_fails_and_says_old_and_new(file, capsys, figure, wrong, said):
    file.write_text(KNOWN.replace(figure, wrong), encoding="utf-8")
    assert main(["check", str(file), "--engine", "reference"]) in {ExitCode.UNMET, ExitCode.SAFETY}
    assert said in capsys.readouterr().out


def test_an_action_that_comes_to_fire_or_no_longer_does(file, capsys):
    alone = GOOD.replace("leaders: 2", "leaders: 1").replace("  - leader 1: {active: true}\n", "")
    text = alone.partition("expect")[0] + "expect: {verdict: verified, unfired: [leader.p2b]}\n"
    file.write_text(text, encoding="utf-8")
    assert main(["check", str(file)]) == ExitCode.UNMET
    assert "leader.p2b fired, expected never" in capsys.readouterr().out
    assert main(["check", str(file), "--update"]) == ExitCode.OK
    assert "unfired leader.p2b → –" in capsys.readouterr().out


def test_a_model_that_asks_less_than_when_it_was_recorded_says_so(file, capsys):
    file.write_text(GOOD, encoding="utf-8")
    assert main(["check", str(file), "--update", "-q"]) == ExitCode.OK
    recorded = file.read_text(encoding="utf-8")
    file.write_text(
        "# a comment\n" + recorded.replace("sometimes:", "sometimes:  # more"), encoding="utf-8"
    )
    assert main(["check", str(file), "-q"]) == ExitCode.OK, "comments do not count"
    capsys.readouterr()
    file.write_text(recorded.replace("[A1, R1]", "[A1]"), encoding="utf-8")
    assert main(["check", str(file)]) == ExitCode.UNMET
    assert "the file has changed since `expect` was recorded" in capsys.readouterr().out


def test_what_a_limit_cut_short_is_not_recorded(file, capsys):
    file.write_text(GOOD, encoding="utf-8")
    before = file.read_bytes()
    assert main(["check", str(file), "--update", "--max-states", "5"]) == ExitCode.INCONCLUSIVE
    assert "not recorded, nothing is known: the limit of 5 states was reached" in capsys.readouterr().out
    assert file.read_bytes() == before


def test_old_figures_stay_where_only_the_reduced_search_came_to_an_end(file, capsys):
    file.write_text(GOOD, encoding="utf-8")
    assert main(["check", str(file), "--update", "--max-states", "120"]) == ExitCode.OK
    assert (
        "are as before: without reductions the limit of 120 states was reached" in capsys.readouterr().out
    )
    recorded = expectation(file)
    assert (recorded["states"], recorded["depth"]) == (142, 13)
    assert "reduced" in recorded


@pytest.mark.parametrize(
    "option", ["--network=fifo", "--property=A1", "--no-fusion", "--junit=x", "--max-depth=3"]
)
def test_another_question_is_not_recorded(file, capsys, option):
    file.write_text(GOOD, encoding="utf-8")
    assert main(["check", str(file), "--update", option]) == ExitCode.USAGE
    assert option.partition("=")[0] in capsys.readouterr().err


@pytest.mark.parametrize("which", ["raw", "reduced"])
def test_nothing_is_recorded_of_a_check_that_fails(file, which):
    file.write_text(GOOD, encoding="utf-8")
    loaded = load(file, protocols=protocols())

    def run(model, options):
        result = check(model, options)
        if (options.means.reductions == UNREDUCED) == (which == "raw"):
            result.found.failed = Failed("the declared symmetry is none", ExitCode.USAGE)
            expect = model.model.expect
            result = replace(result, judged=judge(model.system, result.found, result.traces, expect))
        return result

    recorded = record(loaded, GOOD, Options(), run)
    assert recorded.text is None
    assert recorded.notes == ("not recorded, nothing is known: the declared symmetry is none",)
    assert recorded.code is ExitCode.USAGE
