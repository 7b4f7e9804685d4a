"""Walking round: the explorer notices that a path has come back, and judges the run that repeats."""

from dataclasses import replace
from typing import Any

import pytest
from lassos import AGAIN, EVENTUALLY, THEN, ending, game, lasso, path_of

from checker.explorer.goals import goals
from checker.explorer.pages import Pages, Subject
from checker.explorer.walk import Walk, loop_of, trace_of
from checker.model.behaviour import Trace
from checker.model.semantics import ModelError
from checker.model.system import System
from checker.traces.tracefile import Source, read

SOURCE = Source("game.yaml", "", "none")


def pages(system: System, **more: Any) -> Pages:
    return Pages(Subject(system, SOURCE, **more))


def lamps(told: dict[str, Any]) -> dict[str, str]:
    return {said["id"]: said["lamp"] for said in told["properties"]}


@pytest.mark.parametrize("trace", [lasso(), lasso(rising=True)])
def test_a_path_that_comes_back_is_noticed(trace: Trace) -> None:
    moments = Walk(trace.system).along(trace.path)
    assert [loop_of(moments[: n + 1]) for n in range(6)] == [*[None] * 5, 1]
    run = trace_of(moments)
    assert (run.loop, run.claim, run.reason) == (1, EVENTUALLY, trace.reason)


def test_a_step_that_changes_nothing_comes_back_to_nothing() -> None:
    trace = lasso()
    moments = Walk(trace.system).along(trace.path)
    assert loop_of([*moments[:3], moments[2]]) is None
    assert loop_of([*moments, moments[-1]]) == 1


def test_the_page_is_told_where_to_and_what_makes_it_fair() -> None:
    trace = lasso(rising=True)
    told = pages(trace.system).state(trace.path)
    assert told["loop"]["to"] == 1
    assert told["loop"]["back"] == "back to the state after step 1, all heights larger by 4"
    assert [met["text"] for met in told["loop"]["met"]] == [
        "weakly fair: player",
        "strongly fair: deliveries",
        "finitely often: whistle",
    ]
    assert [step["repeats"] for step in told["steps"]] == [False, True, True, True, True]
    assert told["following"] == 0
    assert told["steps"][-1]["breaks"] == [EVENTUALLY.id, AGAIN.id]
    assert lamps(told) == {EVENTUALLY.id: "broken", AGAIN.id: "broken", THEN.id: "silent", "drops": "open"}
    assert 'data-at="1"' in told["svg"]


def test_before_its_end_a_run_is_not_judged_unless_it_may_stay_there() -> None:
    trace = lasso()
    told = pages(trace.system).state(trace.path, 3)
    assert (told["following"], told["loop"]["to"]) == (trace.path[3], 1)
    assert lamps(told)[EVENTUALLY.id] == "silent"
    told = pages(ending().system).state(ending().path)
    assert told["loop"] is None
    assert lamps(told) == {
        EVENTUALLY.id: "broken",
        AGAIN.id: "silent",
        THEN.id: "broken",
        "drops": "reached",
    }


def test_what_came_before_the_last_step_counts() -> None:
    # it is over, and then the ball is dropped: what is asked for came before the last step
    system = game(EVENTUALLY, THEN)
    path = path_of(system, "player 0: serve", "referee: whistle", "player 1: ball#1")
    assert lamps(pages(system).state(path)) == {EVENTUALLY.id: "silent", THEN.id: "silent"}


def test_a_download_repeats_too() -> None:
    trace = lasso()
    name, text = pages(trace.system).trace(trace.path)
    assert (name, read(text).loop, read(text).property) == ("game.itf.json", 1, EVENTUALLY.id)


def test_a_given_loop_is_kept() -> None:
    trace = lasso()
    twice = (*trace.path, *trace.path[1:])
    given = pages(trace.system, start=twice, loop=5)
    assert given.state(twice)["loop"]["to"] == 5
    assert given.state(trace.path)["loop"]["to"] == 1
    assert pages(trace.system, start=twice).state(twice)["loop"]["to"] == 1


def test_claims_about_runs_are_no_goals_of_a_search() -> None:
    system = game(EVENTUALLY, AGAIN)
    known = goals(system, (THEN,))
    assert not {EVENTUALLY.id, AGAIN.id, THEN.id, "violated"} & set(known)


def test_where_the_model_raises_runs_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object) -> None:
        raise ModelError("a", "b", None, None, "on purpose")

    monkeypatch.setattr("checker.explorer.walk.judged", raises)
    trace = lasso()
    told = pages(replace(trace.system, properties=(EVENTUALLY,))).state(trace.path)
    assert lamps(told) == {EVENTUALLY.id: "silent"}
