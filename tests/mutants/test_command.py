"""`pmmc mutate` on the command line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import checker.mutation.examine
from checker import Mutant, Variant
from checker.cli import main
from checker.engines.contract import UNREDUCED
from checker.model.claims import UnsoundClaim
from checker.model.verdict import ExitCode
from checker.modelfiles.protocol import Installed, Protocol
from checker.mutation.examine import Alarm, Outcome, catalogue, examine_all, examined
from checker.text.matrix import matrix
from spec.protocol import PMMC, derive

BY_ID = {m.id: m for m in PMMC.mutants}
B17 = BY_ID["B-17"]
#: What a team might have: a mutant of its own rules, whose id is ours too, and one that cannot be.
WRONG = Variant("commander", "ours-wrong", "leader", "Wrong.", "ours", B17.variants[0].rules)
OURS = derive(
    "ours",
    about="Ours.",
    models=Path(),
    mutants=[
        Mutant("B-17", "no-lost", "Ours.", "ours", B17.model, B17.variants, {}, B17.property, B17.length),
        Mutant("X-01", "unfit", "Ours.", "ours", {**B17.model, "nodes": {}}, (WRONG,), {}, "R1", 3),
    ],
)


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both protocols are installed, ours being found first."""
    found = Installed(())
    found._found |= {"ours": OURS, "pmmc": PMMC}
    monkeypatch.setattr("checker.modelfiles.protocol.protocols", lambda *_: found)
    monkeypatch.setattr("checker.mutation.examine.protocols", lambda: found)


def run(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "checker.cli", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_matrix_and_progress(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["mutate", "B-17", "--color", "never"])
    shown = capsys.readouterr()
    assert code == 0
    assert "1/1  B-17 commands-new-proposals-only: no-lost-command after 4 steps" in shown.err
    assert "4*" in shown.out
    assert "a no-lost-command" in shown.out
    assert shown.out.rstrip().splitlines()[-1].startswith("1 of 1 mutant killed as expected, ")


def test_several_in_processes_of_their_own() -> None:
    found = run("mutate", "B-17", "N-51", "--jobs", "2", "--json", "-")
    assert found.returncode == 0, found.stderr
    document = json.loads(found.stdout)
    assert [m["id"] for m in document["mutants"]] == ["N-51", "B-17"][::-1]
    assert all(m["as_expected"] for m in document["mutants"])
    assert document["exit_code"] == 0


def test_names_do_as_well_as_ids(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "tells-one-replica", "-q"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert len(shown.out.splitlines()) == 1


def test_unknown_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "tells-one-replika", "B-17"]) == 2
    assert "did you mean 'tells-one-replica'?" in capsys.readouterr().err


@pytest.mark.usefixtures("both")
def test_the_mutants_of_every_protocol_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "B-17", "ours/B-17", "--jobs", "1", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    found = [(m["id"], m["protocol"], m["as_expected"]) for m in document["mutants"]]
    assert found == [("B-17", "pmmc", True), ("ours/B-17", "ours", True)]
    assert main(["mutate", "no-lost", "-q"]) == 0
    assert main(["mutate", "B-170"]) == 2
    assert "did you mean 'B-1" in capsys.readouterr().err


@pytest.mark.usefixtures("both")
def test_the_mutants_of_one_protocol_have_their_own_ids(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "--protocol", "ours", "B-17", "--json", "-"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["mutants"]
    assert (found["id"], found["name"], found["protocol"]) == ("B-17", "no-lost", "ours")
    assert main(["mutate", "--protocol", "our"]) == 2
    assert "--protocol: unknown protocol 'our'; did you mean 'ours'?" in capsys.readouterr().err
    assert main(["mutate", "--protocol", "ours", "--print", "B-17"]) == 0
    assert "\nprotocol: ours\n" in capsys.readouterr().out


@pytest.mark.usefixtures("both")
def test_a_mutant_that_is_no_model_costs_the_others_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", "--protocol", "ours", "--jobs", "1", "--json", "-"]) == ExitCode.UNMET
    shown = capsys.readouterr()
    fit, unfit = json.loads(shown.out)["mutants"]
    assert fit["as_expected"]
    assert "X-01.yaml:" in unfit["unmet"][0]
    assert "not known" in shown.err
    assert "1 of 2 mutants killed as expected" in shown.err


def test_derived_mutants_bring_their_rules_and_are_looked_at() -> None:
    assert OURS.mutants[0].id == "B-17"
    assert [v for v in OURS.variants if v.part == "commander" and v.name == "ours-wrong"] == [WRONG]
    rules = [(v.part, v.name) for v in OURS.variants]
    assert len(set(rules)) == len(rules)
    with pytest.raises(ValueError, match="X-02: unknown property 'R11'; did you mean 'R1'"):
        derive(
            "theirs", about="", models=Path(), mutants=[replace(OURS.mutants[1], id="X-02", property="R11")]
        )


def test_ids_that_several_have_are_told_apart() -> None:
    twice = replace(OURS, mutants=(B17, B17, B17))
    assert [m.mutant.id for m in catalogue([twice, OURS])] == [
        *("B-17", "ours/B-17", "ours/ours/B-17", "ours/ours/ours/B-17"),
        "X-01",
    ]


def failing(error: BaseException) -> object:
    def examine(*_: object) -> Outcome:
        raise error

    return examine


@pytest.mark.parametrize(
    ("error", "told", "failed"),
    [
        (UnsoundClaim("no symmetry"), "no symmetry", False),
        (ZeroDivisionError("oops"), "internal error: ZeroDivisionError: oops", True),
    ],
)
def test_what_goes_wrong_is_an_outcome(
    error: Exception, told: str, failed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checker.mutation.examine.examine", failing(error))
    outcome = examined(PMMC, B17, UNREDUCED)
    assert (outcome.unmet, outcome.failed, outcome.states) == ((told,), failed, 0)


def test_an_internal_error_is_exit_code_70_and_told_with_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = checker.mutation.examine.examine

    def examine(protocol: Protocol, mutant: Mutant, *more: object) -> Outcome:
        if mutant.id == "N-51":
            raise ZeroDivisionError
        return known(protocol, mutant, *more)

    monkeypatch.setattr("checker.mutation.examine.examine", examine)
    assert main(["mutate", "B-17", "N-51", "--jobs", "1"]) == ExitCode.INTERNAL
    shown = capsys.readouterr().out
    assert "N-51: internal error: ZeroDivisionError" in shown
    assert "1 of 1 mutant killed as expected, 0 of 1 control green" in shown


def test_an_interrupted_run_tells_and_writes_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def examined(*_: object) -> Iterator[Outcome]:
        yield Outcome("B-17", (Alarm("no-lost-command", 4, "", 1, 0.1),), (), 1, 0.1)
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.cli.commands.mutate.examine_all", examined)
    written = tmp_path / "out.json"
    assert main(["mutate", "B-17", "N-51", "--json", str(written)]) == ExitCode.INTERRUPTED
    assert "0 of 1 control green, 1 not examined" in capsys.readouterr().out
    document = json.loads(written.read_text(encoding="utf-8"))
    assert document["exit_code"] == ExitCode.INTERRUPTED
    assert [m["id"] for m in document["mutants"]] == ["B-17"]


def test_ctrl_c_ends_the_whole_and_not_one_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.engines.native.distributed.begun.Search", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(examine_all(catalogue([PMMC])[:3], UNREDUCED, 1))


def test_not_as_expected_is_exit_code_10(monkeypatch: pytest.MonkeyPatch) -> None:
    def examined(*_: object) -> list[Outcome]:
        return [Outcome("B-17", (), ("survives: no-lost-command is not violated",), 1, 0.1)]

    monkeypatch.setattr("checker.cli.commands.mutate.examine_all", examined)
    assert main(["mutate", "B-17"]) == 10


@pytest.mark.parametrize(("reductions", "told"), [("off", True), ("on", False)])
def test_unneeded_claims_are_told_only_where_all_were_asked(
    reductions: str, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def examined(*_: object) -> list[Outcome]:
        return [Outcome(mutant.id, (), (), 1, 0.1) for mutant in PMMC.mutants]

    monkeypatch.setattr("checker.cli.commands.mutate.examine_all", examined)
    monkeypatch.setattr("checker.cli.commands.mutate.told", lambda *_: "")
    assert main(["mutate", "-q", "--reductions", reductions]) == 0
    assert ("no mutant needs A1, " in capsys.readouterr().out) is told


def test_printed_model_gives_the_counterexample() -> None:
    model = run("mutate", "--print", "B-17").stdout
    assert model.startswith("# B-17 commands-new-proposals-only\n")
    found = run("check", "-", text=model)
    assert found.returncode == 0, found.stderr
    assert "VIOLATED  no-lost-command" in found.stdout


def test_matrix_shows_what_differs() -> None:
    mutant = BY_ID["B-01"]
    alarms = (Alarm("C2", 9, "", 10, 0.1), Alarm("prefix-agreement", 9, "", 10, 0.1))
    outcome = Outcome("B-01", alarms, ("survives: R1 is not violated",), 10, 0.1)
    lines = matrix([mutant], {"B-01": outcome})
    assert "C2, prefix-agreement" in lines[1]
    assert lines[-1] == "B-01: survives: R1 is not violated"


def test_a_mutant_without_an_alarm_survives_and_a_control_is_one() -> None:
    for mutant, said in ((BY_ID["B-01"], "none: survives"), (BY_ID["N-10"], "none: a control")):
        lines = matrix([mutant], {mutant.id: Outcome(mutant.id, (), (), 10, 0.1)})
        assert lines[1].endswith(f"  {said}")
