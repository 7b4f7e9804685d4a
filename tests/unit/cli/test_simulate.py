"""`pmmc simulate`: exit codes, what is told, files, and wrong usage."""

import json
from pathlib import Path

import pytest
from smallmodels import BROKEN, SMALL, STUCK

from checker.cli.running import run


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name, text in (("small", SMALL), ("broken", BROKEN), ("stuck", STUCK)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def simulate(*words: object) -> int:
    return run(["simulate", *map(str, words), "--runs", "2000", "--steps", "100"])


def test_finding_nothing_is_inconclusive_and_says_how_much_that_is(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(models / "small.yaml") == 20
    told = capsys.readouterr().out
    assert "INCONCLUSIVE  small: 2,000 random runs are no proof" in told
    assert "with a probability below 0.0015" in " ".join(told.split())
    assert "VERIFIED" not in told
    assert simulate(models / "small.yaml", "--allow-inconclusive", "-q") == 0


def test_a_violation_is_shortened_replayed_and_written(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(models / "broken.yaml", "--trace-dir", models / "traces") == 12
    told = capsys.readouterr().out
    assert "VIOLATED  broken: R1" in told
    assert "shortened to" in told
    (trace,) = (models / "traces" / "broken").glob("*.json")
    assert run(["replay", str(trace)]) == 12


def test_a_system_that_gets_stuck(models: Path) -> None:
    assert simulate(models / "stuck.yaml", "-q") == 11


def test_what_is_found_does_not_depend_on_threads(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documents = []
    for workers in (1, 2, 3):
        assert simulate(models / "broken.yaml", "--workers", workers, "--json", "-", "--seed", 7) == 12
        (result,) = json.loads(capsys.readouterr().out)["results"]
        for place in (result, result["check"]):
            del place["seconds"]
        documents.append(result)
    assert documents[0] == documents[1] == documents[2]
    assert documents[0]["check"]["verdict"] == "violated"


@pytest.mark.parametrize(
    "words",
    [
        ("--runs", "0"),
        ("--runs", "1" * 5000),
        ("--steps", "x"),
        ("--steps", "10000000000"),
        ("--seed", "-1"),
        ("--seed", str(2**63)),
        ("--seed", "9" * 5000),
        ("--scheduler", "fair"),
        ("--depth", "0"),
        ("--depth", "65"),
        ("--timeout", "0"),
        ("--memory", "none"),
        ("--workers", "0"),
        ("--property", "X9"),
        ("--network", "pigeons"),
    ],
)
def test_wrong_usage_is_refused(
    models: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", str(models / "small.yaml"), *words]) == 2
    assert (words[0] in (told := capsys.readouterr().err)) or words[1] in told


def test_a_model_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "no-such-model"]) == 2
    assert "unknown model" in capsys.readouterr().err
