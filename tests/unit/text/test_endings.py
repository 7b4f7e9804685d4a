"""How a run goes on is told in words: which steps repeat, what makes that fair, why it may stay."""

from dataclasses import replace

import pytest
from lassos import AGAIN, EVENTUALLY, THEN, claiming, ending, game, lasso, path_of, staying, unfair

from checker.model.behaviour import Trace, replay
from checker.model.fairness import Assumption, Fairness
from checker.text.endings import back, following_at, length_of, lengths, meetings, repeats, rests, waits
from checker.text.narrative import brief, headline, narrate


def test_the_steps_that_repeat_are_told() -> None:
    assert repeats(lasso()) == "steps 2 to 5 repeat for ever"
    assert back(lasso()) == "back to the state after step 1"
    assert (repeats(ending()), back(ending())) == ("", "")


def test_what_a_turn_adds_is_told() -> None:
    trace = lasso(rising=True)
    assert trace.levels_more == 4
    assert repeats(trace) == "steps 2 to 5 repeat for ever, all heights larger by 4 each time"
    assert back(trace) == "back to the state after step 1, all heights larger by 4"


def test_a_cycle_from_the_start_leads_back_to_it() -> None:
    trace = lasso()
    held = [tuple(("somebody", ball) for ball in cell.inbox) for cell in trace.states[1]]
    cells = zip(trace.system.members, trace.states[1], held, strict=True)
    members = tuple(replace(m, local=cell.local, inbox=inbox) for m, cell, inbox in cells)
    again = replay(replace(trace.system, members=members), trace.path[1:], 0)
    assert back(again) == "back to the initial state"
    assert length_of(again) == "0 steps, then 4 for ever"


def test_lengths_are_those_of_way_and_cycle() -> None:
    assert length_of(lasso()) == "1 step, then 4 for ever"
    assert length_of(ending()) == lengths(2, None) == "2 steps"
    assert "(eventually, 1 step, then 4 for ever, shortest)" in headline(lasso(), "game.yaml")[0]


def test_each_assumption_is_met_by_a_step_or_a_state() -> None:
    told = {(m.kind, m.assumption.text): m.words() for m in meetings(lasso())}
    assert told == {
        ("weakly fair", "player"): (
            "player 0.rest cannot be taken after step 1",
            "player 1.rest cannot be taken after step 1",
        ),
        ("strongly fair", "deliveries"): (
            "player 0.ball taken in step 3",
            "player 1.ball taken in step 2",
        ),
        ("finitely often", "whistle"): ("not in the cycle",),
    }
    assert not meetings(ending())


def test_an_assumption_that_is_not_met_is_told_too() -> None:
    (met,) = meetings(unfair())
    assert met.words() == ("referee.whistle not met: it can be taken, and never is",)
    ends = Fairness(finitely=(Assumption("balls", frozenset({("player 0", "ball")})),))
    trace = lasso()
    (met,) = meetings(replay(replace(trace.system, fairness=ends), trace.path, 1))
    assert met.words() == ("not met: taken again and again, in step 3",)
    never = Fairness(weak=(Assumption("serve", frozenset({("player 0", "serve")})),))
    (met,) = meetings(replay(replace(trace.system, fairness=never), trace.path, 1))
    assert met.words() == ("cannot be taken in the cycle",)


def test_a_run_that_stays_says_why_it_may() -> None:
    why = "nothing that must happen can happen, and what can happen need not: "
    assert rests(ending()) == why + "referee whistle"
    assert rests(staying()) == why + "player 0 serve, referee whistle"
    system = game(THEN)
    over = replay(system, path_of(system, "player 0: serve", "player 1: ball#1", "referee: whistle"))
    assert rests(replace(over, claim=EVENTUALLY, reason="this test says so")) == "nothing more can happen"
    assert rests(lasso()) == rests(replace(ending(), claim=None, reason="")) == ""


def test_from_where_on_it_waits_is_told_of_what_leads_to_something() -> None:
    assert waits(claiming(replace(ending(), claim=None), THEN)) == "from the state after step 2 on"
    assert waits(lasso()) == ""


def test_the_text_has_it_all() -> None:
    lines = narrate(lasso(rising=True), replay="pmmc replay game.yaml --loop 1 --path 0/0/0/1/0")
    assert [line[0] for line in lines if line[2:6].strip().isdecimal()] == [" ", "╭", "│", "│", "╰"]
    told = " ".join(" ".join(lines).split())
    assert told.endswith(
        " loop steps 2 to 5 repeat for ever, all heights larger by 4 each time"
        " fair player (weakly): player 0.rest cannot be taken after step 1"
        " · player 1.rest cannot be taken after step 1"
        " fair deliveries (strongly): player 0.ball taken in step 3 · player 1.ball taken in step 2"
        " finitely whistle: not in the cycle"
        " replay pmmc replay game.yaml --loop 1 --path 0/0/0/1/0"
    )
    assert f"  ends        {rests(ending())}" in narrate(ending())
    assert not [line for line in brief(lasso(), "game.yaml") if line.startswith("  fair")]


@pytest.mark.parametrize("trace", [lasso(), lasso(rising=True), lasso(claim=AGAIN)])
def test_the_step_after_the_last_is_the_first_that_repeats(trace: Trace) -> None:
    assert [following_at(trace, n) for n in range(len(trace.steps))] == list(trace.path)
    assert following_at(trace, len(trace.steps)) == 0
    assert following_at(ending(), len(ending().steps)) is None
