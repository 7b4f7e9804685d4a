"""`pmmc mutate` on the command line."""

import json
import subprocess
import sys

import pytest

from checker.cli import main
from checker.matrix import matrix
from checker.mutation import Alarm, Outcome
from spec.protocol import PMMC

BY_ID = {m.id: m for m in PMMC.mutants}


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


def test_not_as_expected_is_exit_code_10(monkeypatch: pytest.MonkeyPatch) -> None:
    def examined(*_: object) -> list[Outcome]:
        return [Outcome("B-17", (), ("survives: no-lost-command is not violated",), 1, 0.1)]

    monkeypatch.setattr("checker.cli.mutating.examine_all", examined)
    assert main(["mutate", "B-17"]) == 10


@pytest.mark.parametrize(("reductions", "told"), [("off", True), ("on", False)])
def test_unneeded_claims_are_told_only_where_all_were_asked(
    reductions: str, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def examined(*_: object) -> list[Outcome]:
        return [Outcome(mutant.id, (), (), 1, 0.1) for mutant in PMMC.mutants]

    monkeypatch.setattr("checker.cli.mutating.examine_all", examined)
    monkeypatch.setattr("checker.cli.mutating.told", lambda *_: "")
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
