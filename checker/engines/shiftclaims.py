"""That a system behaves alike however far its levels are moved up: the obligations of a shift.

States are kept with their levels lowered (`checker.model.shift`). That loses nothing if the rules, the
bounds and the properties do to a state with all levels larger by some amount what they do to the state
itself, moved by that amount. It is checked on all that is entered, for each of `AMOUNTS`. So it is
proved for these: a rule that looks at the level itself, at its parity, or at a table by level, is noticed
where that makes a difference within the first few levels or very far from them. It is not proved for
amounts in between: a rule might look at one particular level there. What is found is real all the same,
for every counterexample is replayed with real states; only what is *not* found rests on it.

Here it is checked on whole states, as the reference engine has them; the native engine checks it on
what it computes (`reductions.shifting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from checker.model.claims import ShiftError
from checker.model.judging import (
    bound_of,
    judge_state,
    judge_step,
    locals_of,
    said,
    whether_inboxes_are_read,
)
from checker.model.properties import On, Property
from checker.model.semantics import ModelError, State, Transition, moved, successors
from checker.model.shift import Shifting
from checker.model.system import System
from checker.model.values import show

#: By how much levels are moved up, to see whether it makes a difference.
AMOUNTS = (1, 2, 3, 1_000_000)

#: What tells a step of a state from the others: node, action, message taken, whether lost, what follows.
Key = tuple[int, str, Any, bool, State]


def differing(name: str, why: str, by: int) -> ShiftError:
    """The error that says that something is not so where levels are moved."""
    direction = "larger" if by >= 0 else "smaller"
    return ShiftError(name, f"{why} with all {name} {direction} by {abs(by):,}")


def with_triggers(claims: Iterable[Property]) -> Iterator[Property]:
    """Properties, each with what it begins to ask after, if that is one."""
    for claim in claims:
        yield from (one for one in (claim, claim.trigger()) if one is not None)


class ShiftClaims:
    """The obligations of one system's shift. Not pure: it remembers what it has looked at."""

    def __init__(self, system: System, shifting: Shifting) -> None:
        self._system = system
        self._shifting = shifting
        self._name = shifting.shift.name
        claims = system.properties
        self._on_states = [*with_triggers(p for p in claims if p.kind.on not in (On.STEP, On.END))]
        self._on_steps = [p for p in claims if p.kind.on is On.STEP]
        self._on_ends = [p for p in claims if p.kind.on is On.END]
        self._all_read = whether_inboxes_are_read(claims)
        #: whether some message is handled within the step that sends it, by a rule of its receiver
        self._at_once = any(member.role.immediate for member in system.members)
        self._known: set[Any] = set()
        #: how many obligations were checked
        self.checked = 0

    def entered(self, state: State) -> None:
        """Check what is said of a state, and the bounds that stop its nodes. Raises ShiftError."""
        if not self._is_new(state if self._all_read else locals_of(state)):
            return
        for by, other in self._moved(state):
            for member, here, there in zip(self._system.members, state, other, strict=True):
                if bound_of(member, here.local) != bound_of(member, there.local):
                    who = show(member.name)
                    self._fail(f"a bound tells {show(here.local)} of {who} from the same", by)
            self._check_said(self._on_states, state, other, by)

    def ended(self, state: State) -> None:
        """Check what is said of a state as a terminal one. Raises ShiftError."""
        for by, other in self._moved(state) if self._on_ends else ():
            self._check_said(self._on_ends, state, other, by)

    def expanded(self, state: State) -> None:
        """Check the steps out of a state, if there may be something new in them. Raises ShiftError."""
        new = [place for place in enumerate(state) if self._is_new(place)]
        if not new and not self._at_once:
            return
        steps = _steps(self._system, state)
        for by, other in self._moved(state):
            self._check_expanded(state, steps, other, by)
            for step in steps[0] if self._on_steps else ():
                self._check_step(state, step, by)

    def compared(self, real: State) -> None:
        """Check that the steps out of a real state are those of what is kept of it. Raises ShiftError."""
        by, state = self._shifting.lowest(real), self._shifting.normal(real)
        self._check_expanded(state, _steps(self._system, state), real, by)

    def _is_new(self, what: Any) -> bool:
        if what in self._known:
            return False
        self._known.add(what)
        return True

    def _moved(self, state: State) -> Iterator[tuple[int, State]]:
        """The state with its levels moved up, by each amount."""
        lowest = self._shifting.lowest(state)
        for by in AMOUNTS:
            self.checked += 1
            other = self._shifting.moved(state, by)
            higher = other == state or self._shifting.lowest(other) == lowest + by
            if not higher or self._shifting.moved(other, -by) != state:
                self._fail(f"state {_shown(state)} is not moved up and down again", by)
            yield by, other

    def _check_said(self, claims: Iterable[Property], state: State, other: State, by: int) -> None:
        for claim in claims:
            here, there = (said(partial(judge_state, self._system, claim, one)) for one in (state, other))
            if here is not there:
                self._fail(f"property {claim.id} tells state {_shown(state)} from the same", by)

    def _check_expanded(
        self, state: State, steps: tuple[list[Transition], bool], other: State, by: int
    ) -> None:
        (here, raised), (there, raises) = steps, _steps(self._system, other)
        self._check_steps(state, here, there, by)
        if raised != raises:
            self._fail(f"a rule raises in state {_shown(state)}, or in the same, and not in both", by)

    def _check_steps(self, state: State, here: list[Transition], there: list[Transition], by: int) -> None:
        levels, moved_up = self._shifting.levels, self._shifting.moved
        wanted: dict[Key, Any] = {
            (t.node, t.action, levels.moved(t.message, by), t.lost, moved_up(t.state, by)): t.message
            for t in here
        }
        found: dict[Key, Any] = {(t.node, t.action, t.message, t.lost, t.state): t.message for t in there}
        for node, action, message, *rest in wanted.keys() ^ found.keys():
            key = (node, action, message, *rest)
            taken = wanted[key] if key in wanted else levels.moved(message, -by)
            on = "" if taken is None else f" on {show(taken)}"
            who, where = show(self._system.members[node].name), show(state[node].local)
            self._fail(f"{who}: {action}{on} in state {where} does not do the same", by)

    def _check_step(self, state: State, step: Transition, by: int) -> None:
        up = partial(self._shifting.levels.moved, by=by)
        for node, old, new in moved(state, step.state):
            for claim in self._on_steps:
                here = said(partial(judge_step, self._system, claim, node, old, new))
                if here is not said(partial(judge_step, self._system, claim, node, up(old), up(new))):
                    self._fail(f"property {claim.id} tells a step from {show(old)} from the same", by)

    def _fail(self, why: str, by: int) -> None:
        raise differing(self._name, why, by)


def _steps(system: System, state: State) -> tuple[list[Transition], bool]:
    """The steps out of a state, and whether a rule raises after them."""
    found: list[Transition] = []
    try:
        for step in successors(system, state):
            found.append(step)  # noqa: PERF402 - those before an exception count
    except ModelError:
        return found, True
    return found, False


def _shown(state: State) -> str:
    return "; ".join(show(cell.local) for cell in state)
