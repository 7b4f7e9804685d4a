"""What would have excluded a violation, along traces of which that is known by hand or by plain search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from sometraces import violation
from walkers import at, walker

from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.engines.reaching import Reaching, reaching_plainly
from checker.explanation.fates import Fates, fates, fates_by
from checker.model.behaviour import Trace, replay
from checker.model.properties import Kind, Property, eventually
from checker.model.semantics import State
from checker.model.system import System
from checker.model.vocabulary import View
from checker.model.wording import action_of

AT = View("at", "walker", lambda place: place)


def never(*places: int) -> Property:
    """The claim that the walker is at none of some places."""

    def judge(_: object, seen: dict[object, int]) -> str | None:
        return "it is there" if {*seen.values()} & {*places} else None

    return Property("never", Kind.STATE, "It is never there.", "this test", (AT,), judge)


def never_goes(before: int, after: int) -> Property:
    """The claim that the walker does not go from one place to another."""

    def judge(_: object, old: int, new: int) -> str | None:
        return "it goes there" if (old, new) == (before, after) else None

    return Property("never-goes", Kind.ACTION, "It does not go there.", "this test", (AT,), judge)


def walked(claim: Property, path: tuple[int, ...], steps: dict[int, tuple[int, ...]]) -> Trace:
    system = walker(claim, steps=steps)
    return replace(replay(system, path), claim=claim, reason="it is there")


def indices(found: Fates) -> list[set[int]]:
    return [{other.index for other in moment.excluding} for moment in found.moments]


#: To 9 by 1, 2, 3; 5 is safe for ever, 6 comes back to the way.
WAYS = {0: (1, 5), 1: (2, 6, 5), 2: (3, 6), 3: (9,), 5: (5,), 6: (2,), 9: ()}


def test_a_step_excludes_it_that_leads_where_it_is_out_of_reach() -> None:
    found = fates(walked(never(9), (0, 0, 0, 0), WAYS))
    assert indices(found) == [{1}, {2}, set(), set()]
    assert (found.last_chance, found.no_return, found.known) == (1, 2, True)
    assert [{o.index for o in moment.others} for moment in found.moments] == [{1}, {1, 2}, {1}, set()]
    assert (found.reaching.states, found.reaching.showing, found.reaching.leading) == (7, 1, 6)


def test_another_step_that_violates_it_excludes_nothing() -> None:
    steps = {0: (1, 2), 1: (3,), 2: (2,), 3: ()}
    found = fates(walked(never_goes(0, 2), (1,), steps))
    assert indices(found) == [{0}]
    other = replace(never_goes(0, 2), judge=lambda _, old, new: "it goes" if old == 0 else None)
    found = fates(walked(other, (1,), steps))
    assert indices(found) == [set()]
    assert (found.last_chance, found.no_return) == (None, 0)


def test_of_a_goal_what_would_have_missed_it() -> None:
    found = fates(walked(at(9), (0, 0, 0, 0), WAYS))
    assert indices(found) == [{1}, {2}, set(), set()]


def test_what_is_so_from_the_start_is_excluded_by_nothing() -> None:
    found = fates(walked(never(0), (), WAYS))
    assert (found.moments, found.last_chance, found.no_return) == ((), None, 0)


@pytest.mark.parametrize("claim", [None, eventually(at(9))])
def test_only_what_states_show_can_be_excluded(claim: Property | None) -> None:
    trace = replace(walked(never(9), (0, 0, 0, 0), WAYS), claim=claim)
    with pytest.raises(ValueError, match="asked of states"):
        fates(trace)


def half_known(unknown: set[int], system: System, claim: Property, asked: Sequence[State]) -> Reaching:
    whole = reaching_plainly(system, claim, asked)
    known = (
        None if state[0].local in unknown else leads
        for state, leads in zip(asked, whole.known, strict=True)
    )
    return replace(whole, known=tuple(known), stopped="a limit was reached")


@pytest.mark.parametrize(
    ("unknown", "last", "no_return"), [({5}, None, None), ({6}, 1, None), ({1, 9}, 1, 2)]
)
def test_what_is_not_known_is_not_said(unknown: set[int], last: int | None, no_return: int | None) -> None:
    """5 is where it is out of reach, 6 is where it might be; 1 and 9 are on the way itself."""
    trace = walked(never(9), (0, 0, 0, 0), WAYS)
    found = fates_by(trace, partial(half_known, unknown))
    assert (found.last_chance, found.no_return) == (last, no_return)
    assert found.known == (not unknown & {5, 6})


def test_a_limit_leaves_it_unknown() -> None:
    trace = violation("stable-without-accepted")
    found = fates(trace, Means("native"), Limits(max_states=50))
    assert found.reaching.stopped is not None
    assert not found.known
    assert found.no_return is None


def chances(trace: Trace) -> list[tuple[int, set[str]]]:
    names = [str(member.name) for member in trace.system.members]
    return [
        (moment.number, {f"{names[o.step.node]} {action_of(o.step)}" for o in moment.excluding})
        for moment in fates(trace).moments
        if moment.excluding
    ]


def test_a_crash_that_loses_what_was_accepted() -> None:
    promise = "acceptor 0 p1a(leader 1, ballot 0.1)"
    crash = "environment 0 crash"
    both, one = {promise, crash}, {promise}
    told = chances(violation("stable-without-accepted"))
    # the fourth step of this counterexample is the crash, and what it lost is lost from then on
    assert told == [(0, both), (1, both), (2, both), (3, one)]
    counts = fates(violation("stable-without-accepted")).reaching
    assert (counts.states, counts.showing, counts.leading) == (221, 2, 28)


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_what_is_beyond_the_bounds_is_not_said_to_be_out_of_reach(engine: str) -> None:
    """Of a trace that a bound on how far apart rounds may come would have ended."""
    near, far = (walker(never(9), steps=steps) for steps in ({0: (1,)}, {0: (1,), 1: (2,), 2: (9,)}))
    trace = replace(replay(far, (0, 0, 0)), claim=never(9), reason="it is there")
    with pytest.raises(ValueError, match="cannot be reached within the bounds"):
        fates(replace(trace, system=near), Means(engine))
