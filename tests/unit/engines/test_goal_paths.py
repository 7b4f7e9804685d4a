"""How goals are reached deep in a search: their paths where that is asked for, else why there are none."""

import json

import pytest

from checker.checking.check import check
from checker.checking.question import Question
from checker.cli import main
from checker.engines.choose import Means
from checker.engines.contract import Limits, Reductions
from checker.engines.native import engine
from checker.modelfiles.loading import load
from checker.text.report import report
from spec.protocol import PMMC

MODEL = load(PMMC.models / "two-acceptors.yaml", protocols={"pmmc": PMMC})
DEEP = "it is deep in a large search; --witnesses has the way to it looked for"


def asked(
    *, goal_paths: bool, fusion: bool = True, workers: int = 1, limits: Limits = Limits()
) -> Question:
    means = Means("native", Reductions(fusion=fusion), workers, goal_paths=goal_paths)
    return Question(means, limits)


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("fusion", [True, False])
@pytest.mark.parametrize("workers", [1, 2])
def test_paths_that_are_asked_for_are_those_of_goals_that_are_near(
    fusion: bool, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = check(MODEL, asked(goal_paths=False, fusion=fusion, workers=workers))
    monkeypatch.setattr(engine, "STATES_FOR_WITNESS", 0)
    deep = check(MODEL, asked(goal_paths=True, fusion=fusion, workers=workers))
    assert {g.id: g.path for g in deep.goals()} == {g.id: g.path for g in near.goals()}
    assert len([g for g in deep.goals() if g.path is not None]) > 2
    assert {deep.no_path(g) for g in deep.goals()} == {None}


def test_of_a_goal_without_a_path_all_outputs_say_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "STATES_FOR_WITNESS", 0)
    found = check(MODEL, asked(goal_paths=False))
    assert {found.no_path(g) for g in found.goals()} == {DEEP}
    assert f"reached ({DEEP})" in " ".join(" ".join(report(found)).split())
    assert main(["check", "two-acceptors", "--engine", "native", "--json", "-"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert {p["no_path"] for p in result["properties"] if p["kind"] == "sometimes"} == {DEEP}
    assert main(["check", "two-acceptors", "--engine", "native", "--json", "-", "--witnesses"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert all(p["no_path"] is None and p["path"] for p in result["properties"] if p["kind"] == "sometimes")


def test_a_limit_leaves_a_goal_without_a_path_and_what_was_verified_verified(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "STATES_FOR_WITNESS", 0)
    found = check(MODEL, asked(goal_paths=True, limits=Limits(max_states=150)))
    assert found.found.stopped is not None
    reached = [g for g in found.goals() if g.verdict.value == "verified"]
    assert reached
    assert {found.no_path(g) for g in reached} == {"the search ended before the way to it was looked for"}
