"""`pmmc check --update`: old and new are told, and what is recorded is what a check then finds."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from modelfiles import BROKEN, GOOD, KNOWN

from checker.checking.check import check
from checker.checking.check import check as check_model
from checker.checking.judgement import judge
from checker.checking.question import Options
from checker.checking.recording import record
from checker.cli import main
from checker.cli.commands import update as updating
from checker.engines.contract import Failed
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import load
from checker.modelfiles.protocol import protocols


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


def test_an_edit_that_is_saved_meanwhile_stays(file, capsys, monkeypatch):
    file.write_text(GOOD, encoding="utf-8")
    edited = GOOD.replace("[A1, R1]", "[A1]") + "# mine\n"

    def edit(*words):
        file.write_text(edited, encoding="utf-8")
        return check_model(*words)

    monkeypatch.setattr(updating, "check_model", edit)
    assert main(["check", str(file), "--update", "-q"]) == ExitCode.UNMET
    assert "m.yaml: not recorded: the file was changed while it was checked" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == edited


def test_a_file_that_is_gone_meanwhile_does_not_come_back(file, capsys, monkeypatch):
    file.write_text(GOOD, encoding="utf-8")

    def remove(*words):
        file.unlink(missing_ok=True)
        return check_model(*words)

    monkeypatch.setattr(updating, "check_model", remove)
    assert main(["check", str(file), "--update", "-q"]) == ExitCode.UNMET
    assert "not recorded" in capsys.readouterr().out
    assert not file.exists()


def test_a_file_that_is_named_twice_is_recorded_once(file, capsys):
    file.write_text(GOOD.replace("states: 142, ", ""), encoding="utf-8")
    assert main(["check", str(file), ".", "--update", "-q"]) == ExitCode.OK
    assert capsys.readouterr().out.count("m.yaml: ") == 1


def test_an_alias_is_written_out_and_what_others_rest_on_left_alone(file, capsys):
    text = GOOD.replace("slots: 1,", "slots: &one 1,").replace("depth: 13", "depth: *one")
    file.write_text(text, encoding="utf-8")
    assert main(["check", str(file), "--update", "-q"]) == ExitCode.OK
    assert expectation(file)["depth"] == 13
    assert "slots: &one 1," in file.read_text(encoding="utf-8")
    capsys.readouterr()
    expect, rest = "expect: {verdict: verified, states: 3, depth: &one 1}\n", GOOD.partition("expect")[0]
    file.write_text(expect + rest.replace("slots: 1,", "slots: *one,"), encoding="utf-8")
    before = file.read_bytes()
    assert main(["check", str(file), "--update", "-q"]) == ExitCode.UNMET
    assert "not recorded: 'expect' is entangled with the rest of the file" in capsys.readouterr().out
    assert file.read_bytes() == before


def test_installed_models_are_not_written_to(file, capsys):
    for words in (["duel"], []):
        assert main(["check", *words, "--update"]) == ExitCode.USAGE
        assert "--update does not write into an installed package: " in capsys.readouterr().err


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_lines_end_as_they_did(file, newline):
    file.write_bytes(GOOD.replace("states: 142, ", "").replace("\n", newline).encode())
    assert main(["check", str(file), "--update", "-q"]) == ExitCode.OK
    recorded = file.read_bytes().decode()
    assert "states: 142" in recorded
    assert set(re.findall("\r\n|[\r\n\x85\u2028]", recorded)) == {newline}


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
        if options.means.reductions.every_state == (which == "raw"):
            result.found.failed = Failed("the declared symmetry is none", ExitCode.USAGE)
            expect = model.model.expect
            result = replace(result, judged=judge(model.system, result.found, result.traces, expect))
        return result

    recorded = record(loaded, Options(), run)
    assert recorded.text is None
    assert recorded.notes == ("not recorded, nothing is known: the declared symmetry is none",)
    assert recorded.code is ExitCode.USAGE
