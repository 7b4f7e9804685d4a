"""From which states what violates a claim can still be reached: what shows a claim of each kind."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from checker import AtMostOnce, Kind, Means, Member, Property, Role, System, View
from checker.engines.contract import Limits
from checker.engines.reaching import Reaching, reaching, reaching_plainly
from checker.model.modelcode import CodeError
from checker.model.semantics import Cell, State

AT = View("at", "walker", lambda at: at)


def walker(steps: Mapping[int, tuple[int, ...]], stops: tuple[int, ...] = ()) -> System:
    """A node that goes from number to number; a bound stops it at some."""

    def go(_: Any, at: int) -> Any:
        return tuple((to, ()) for to in steps.get(at, ()))

    cut = (lambda _, at: "steps" if at in stops else None) if stops else None
    return System(
        "walker", (Member("w", Role("walker", {}, {"go": go}, cut=cut), None, 0),), AtMostOnce(), ()
    )


def claim(kind: Kind, judge: Callable[..., str | None]) -> Property:
    return Property("claim", kind, "Nothing is wrong.", "this test", (AT,), judge)


def at(*places: int) -> Callable[..., str | None]:
    return lambda _, seen: "it is there" if not {*seen.values()}.isdisjoint(places) else None


def places(*numbers: int) -> list[State]:
    return [(Cell(number, frozenset()),) for number in numbers]


#: A fork: 1 leads on to 2 and 3, which lead to each other; 4 leads to 5, the end.
FORK = {0: (1, 4), 1: (2,), 2: (3,), 3: (2, 2), 4: (5,)}
WAYS: list[Callable[..., Reaching]] = [
    reaching,
    reaching_plainly,
    partial(reaching, means=Means("native", workers=2)),
]
every_way = pytest.mark.parametrize("ask", WAYS)


@every_way
@pytest.mark.parametrize(
    ("kind", "judge", "from_where", "showing"),
    [
        (Kind.STATE, at(2), {0, 1, 2, 3}, 1),
        (Kind.SOMETIMES, at(4), {0, 4}, 1),
        (Kind.NODE, lambda _, at: "there" if at in (1, 5) else None, {0, 1, 4, 5}, 2),
        (Kind.ACTION, lambda _, old, new: "back" if new < old else None, {0, 1, 2, 3}, 1),
        (Kind.TERMINAL, at(4, 5), {0, 4, 5}, 1),
        (Kind.CAN_STILL, at(5), {0, 1, 2, 3}, 3),
        (Kind.STATE, at(), set(), 0),
    ],
)
def test_what_shows_a_claim_goes_by_its_kind(
    ask: Callable[..., Reaching],
    kind: Kind,
    judge: Callable[..., str | None],
    from_where: set[int],
    showing: int,
) -> None:
    found = ask(walker(FORK), claim(kind, judge), places(*range(6)))
    assert found.known == tuple(place in from_where for place in range(6))
    assert (found.states, found.showing, found.leading) == (6, showing, len(from_where))
    assert found.stopped is None


@every_way
def test_where_a_bound_stops_a_node_nothing_is_terminal_and_nothing_of_no_return(
    ask: Callable[..., Reaching],
) -> None:
    system = walker(FORK, stops=(5,))
    ends = ask(system, claim(Kind.TERMINAL, at(4, 5)), places(0))
    assert (ends.known, ends.showing) == ((False,), 0)
    still = ask(system, claim(Kind.CAN_STILL, at(1)), places(4, 1, 3))
    assert still.known == (False, True, True)


@every_way
def test_a_claim_about_runs_and_a_state_that_cannot_be_reached_are_refused(
    ask: Callable[..., Reaching],
) -> None:
    with pytest.raises(ValueError, match="by a run, and by no state"):
        ask(walker(FORK), claim(Kind.EVENTUALLY, at(5)), places(0))
    with pytest.raises(ValueError, match="cannot be reached"):
        ask(walker(FORK), claim(Kind.STATE, at(5)), places(9))


def test_a_limit_leaves_unknown_what_is_not_known() -> None:
    found = reaching(
        walker(FORK), claim(Kind.STATE, at(5)), places(0, 2), Means("reference"), Limits(max_states=3)
    )
    assert found.known == (None, None)
    assert found.stopped == "the limit of 3 states was reached"


class Wavering:
    """Somebody outside who answers otherwise when asked again."""

    nodes = frozenset({"w"})

    def waiting(self) -> AbstractContextManager[None]:
        return nullcontext()

    def ask(self) -> None:
        """Nothing is noted."""

    def ask_again(self, most: int = 0) -> None:
        if not most:
            raise CodeError("it answers otherwise")

    def close(self) -> None:
        """Nothing runs."""


@pytest.mark.parametrize("ask", [reaching, partial(reaching, means=Means("native", workers=1))])
def test_nothing_is_known_where_answers_from_outside_are_not_those_of_functions(
    ask: Callable[..., Reaching],
) -> None:
    played = replace(walker(FORK), outside=(Wavering(),))
    found = ask(played, claim(Kind.STATE, at(2)), places(0))
    assert found.known == (None,)
    assert found.stopped == "the model raised: it answers otherwise"
