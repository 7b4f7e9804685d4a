"""What `pmmc why` says, line by line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sometraces import violation
from walkers import at, walker

from checker.explanation.alternatives import Alternative, Alternatives, Swap
from checker.explanation.different import Counterexample, Different
from checker.explanation.fates import Fates, fates
from checker.explanation.ownrules import Departure, Effect, How, Own
from checker.explanation.story import Story, story_of
from checker.explanation.why import Why
from checker.model.behaviour import Trace, replay
from checker.text.style import Style
from checker.text.why import (
    alternatives_lines,
    different_lines,
    fate_lines,
    left_out,
    of_departure,
    own_rule_lines,
    spans,
    story_lines,
)
from pmmc.values import Node

TRACE = violation("stable-without-accepted")
NARROW = Style(width=80)


def one_line(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([3], "step 3"),
        ([1, 2], "steps 1 and 2"),
        ([1, 2, 3], "steps 1 to 3"),
        ([1, 3, 5, 6, 7], "steps 1, 3 and 5 to 7"),
    ],
)
def test_spans(numbers: list[int], text: str) -> None:
    assert spans(numbers) == text


def test_spans_of_which_one_is_meant() -> None:
    assert spans([4], any_of=True) == "step 4"
    assert spans([4, 9], any_of=True) == "step 4 or 9"
    assert spans([4, 5, 6], any_of=True) == "one of steps 4 to 6"


@pytest.mark.parametrize("width", [80, 100, 200])
def test_no_line_is_wider_than_the_terminal_nor_prose_than_can_be_read(width: int) -> None:
    style = Style(width=width)
    lines = story_lines(story_of(TRACE), style)
    assert max(map(len, lines)) <= min(width, 100)
    claim = TRACE.claim
    assert claim is not None
    assert max(map(len, fate_lines(TRACE, claim, fates(TRACE), style))) <= width


def told(trace: Trace, found: Fates) -> str:
    assert trace.claim is not None
    return one_line(fate_lines(trace, trace.claim, found, NARROW))


def test_that_nothing_ever_excludes_it_is_said() -> None:
    trace = violation("log-without-holes")
    text = told(trace, fates(trace))
    assert "excluded" not in text.split("no return")[0]
    assert "no single step ever excludes it: at no moment is there one after which" in text


def test_the_last_step_may_decide_it() -> None:
    trace = violation("stable-without-accepted")
    found = fates(trace)
    late = replace(found.moments[0], number=len(trace.steps) - 1)
    assert "step 12, replica 0 decision(slot 1, put k B), decides it" in told(
        trace, replace(found, moments=(*found.moments[:-1], late))
    )


def test_a_step_that_may_turn_out_in_several_ways_is_told_with_how_it_does() -> None:
    system = walker(at(9), steps={0: (1, 5), 1: (2, 5), 2: (9,), 5: (5,), 9: ()})
    trace = replace(replay(system, (0, 0, 0)), claim=at(9), reason="it is there")
    text = told(trace, fates(trace))
    assert "w go: 1 → 5, instead of step 2 w go: 0 → 5, instead of step 1 no return" in text


def test_what_is_so_from_the_start_and_what_is_not_known() -> None:
    found = fates(TRACE)
    assert "it is so from the start" in told(replace(TRACE, steps=()), replace(found, moments=()))
    unknown = tuple(
        replace(m, others=tuple(replace(o, excludes=None) for o in m.others)) for m in found.moments
    )
    text = told(TRACE, Fates(unknown, replace(found.reaching, stopped="a limit was reached")))
    assert "excluded not known of every other step: a limit was reached no return not known bounds" in text


def test_steps_beyond_the_first_few_are_counted_unless_all_are_wanted() -> None:
    trace = violation("stable-without-accepted")
    found = fates(trace)
    claim = trace.claim
    assert claim is not None
    many = replace(
        found,
        moments=tuple(
            replace(
                m,
                others=tuple(
                    replace(o, step=o.step._replace(action=f"{o.step.action}{n}")) for o in m.others
                ),
            )
            for n, m in enumerate(found.moments)
        ),
    )
    short, full = (one_line(fate_lines(trace, claim, many, NARROW, full=full)) for full in (False, True))
    assert "more; --full shows all" in short
    assert "more; --full" not in full
    assert full.count("instead of") > short.count("instead of") == 6


def test_what_is_left_out() -> None:
    assert left_out(Story((1, 4), ()), replace(TRACE, steps=TRACE.steps[:5])) == (
        "steps 2, 3 and 5: nothing in the story rests on them"
    )
    assert left_out(Story((1,), ()), replace(TRACE, steps=TRACE.steps[:2])) == (
        "step 2: nothing in the story rests on it"
    )
    assert left_out(Story(tuple(range(1, 13)), ()), TRACE) == ""


def test_any_other_and_any_order() -> None:
    acceptors, leaders = [[Node(role, n) for n in range(3)] for role in ("acceptor", "leader")]
    parts = (
        Alternative(acceptors[0], "acceptor", tuple(acceptors[1:]), ()),
        Alternative(acceptors[1], "acceptor", (acceptors[0], acceptors[2]), ()),
        Alternative(leaders[0], "leader", (leaders[1],), (leaders[2],)),
        Alternative(leaders[1], "leader", (), (leaders[2],)),
    )
    lines = alternatives_lines(Alternatives(parts, (Swap(2, 4, 0), Swap(5, 6, 0))), TRACE)
    assert lines == [
        "  any other   acceptor 0, 1, each or any other · leader 0, or leader 1",
        "  any order   acceptor 0: steps 2 and 4, 5 and 6",
    ]


def why_with(found: Different) -> str:
    return one_line(different_lines(Why(TRACE, Story((), ()), different=found)))


def test_how_many_others_there_are() -> None:
    this = Counterexample(TRACE, 1, 1, 1)
    only = Different(12, (this,), 1, 1)
    assert why_with(only) == (
        "different no essentially different counterexample of 12 steps: "
        "any other is this one in another order"
    )
    other = Counterexample(violation("log-without-holes"), 1, 1, 1)
    shorter = replace(only, length=8, counterexamples=(other,))
    assert why_with(shorter).startswith(
        "different essentially one counterexample of 8 steps, fewer than here: "
        "any other is that one in another order such as path "
    )
    two = replace(only, counterexamples=(this, other), found=2, symmetries=("replicas",))
    assert why_with(two).startswith(
        "different 2 essentially different counterexamples of 12 steps, "
        "up to symmetry of replicas such as path "
    )
    stopped = replace(only, stopped="the limit was reached")
    assert why_with(stopped) == (
        "different at least 1 counterexample of 12 steps; there may be more: the limit was reached"
    )
    several = replace(stopped, found=9, graphs=9)
    assert why_with(several) == (
        "different at least 9 counterexamples of 12 steps, none of them another one in another order; "
        "there may be more: the limit was reached"
    )


TAKEN, OWN = Effect(("ballot 0 → 1",), ()), Effect((), ("p1b to leader 0",))


@pytest.mark.parametrize(
    ("departure", "says"),
    [
        (
            Departure(2, 1, "a.b", How.OTHERWISE, TAKEN, (OWN, TAKEN)),
            "instead: + p1b to leader 0 or else: ballot 0 → 1",
        ),
        (Departure(2, 1, "a.b", How.NOT_AT_ALL, TAKEN), "would have done nothing"),
        (Departure(2, 1, "a.b", How.NO_SUCH_STEP, TAKEN), "there is none for such a step"),
        (Departure(2, 1, "a.b", How.RAISES, TAKEN, reason="KeyError"), "cannot be asked about step 2, "),
        (
            Departure(13, 0, "a.b", How.GOES_ON, None, (OWN,), "m(1)"),
            "go on: acceptor 0 m(1): + p1b to leader 0",
        ),
    ],
)
def test_what_the_own_rule_would_have_done(departure: Departure, says: str) -> None:
    assert says in " ".join(text for _, text in of_departure(departure, TRACE))


def test_where_the_own_rule_cannot_be_asked_it_is_not_said_to_differ() -> None:
    departure = Departure(2, 1, "a.b", How.RAISES, TAKEN, reason="KeyError")
    assert [label for label, _ in of_departure(departure, TRACE)] == ["own rule"]


def test_what_stands_in_the_place_of_what() -> None:
    own = Own(TRACE.system, ("acceptor: lax", ""), ("", "leader: strict"), ("", ""))
    lines = own_rule_lines(Why(TRACE, Story((), ()), own=own))
    assert lines == [
        "  rules       acceptor: lax, in the place of the protocol's own and without leader: strict",
        "  own rule    the protocol's own rules would have taken each of these steps",
    ]
    assert own_rule_lines(Why(TRACE, Story((), ()))) == []
