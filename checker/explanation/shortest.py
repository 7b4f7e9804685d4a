"""The states on shortest ways to what a property finds, level by level.

On a level are the states that no fewer steps lead to. A state of level k is on a shortest way if what is
looked for can be shown from it by as many steps as are left, and no path that shows it is shorter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from checker.engines import graph as states
from checker.engines.contract import Limits, Progress
from checker.engines.kept import Kept
from checker.model.future import no_return
from checker.model.judging import (
    cut_by,
    judge_state,
    judge_step,
    locals_of,
    said,
    whether_inboxes_are_read,
)
from checker.model.properties import On, Property
from checker.model.semantics import State, Transition, moved
from checker.model.system import System
from checker.model.vocabulary import Symmetry

#: With more states than this the native engine is quicker.
STATES_BEFORE_NATIVE = 100_000

#: Told how far a search is; it may raise, to end it.
Look = Callable[[Progress], None]


class Stopped(Exception):  # noqa: N818 - not a fault of anybody
    """A limit was reached; the message says which."""


@dataclass(frozen=True, slots=True)
class Shortest:
    """The states on shortest ways by level, as they are kept, and how a state is kept.

    With `after` it is by a step out of the last level that the claim is shown, and otherwise by a state of
    that. States are kept up to `symmetries`, which have been proved; None if that is not so. `states` were
    looked at.
    """

    claim: Property
    levels: tuple[frozenset[Any], ...]
    kept: Callable[[State], Any]
    states: int
    after: bool = False
    symmetries: tuple[Symmetry, ...] | None = None

    @property
    def length(self) -> int:
        """The number of steps of a shortest counterexample."""
        return len(self.levels) - (not self.after)

    def leads(self, system: System, depth: int, before: State, step: Transition) -> bool:
        """Whether a step, which is the one of number `depth` on a way, is on a shortest one."""
        if depth < len(self.levels):
            return step.state != before and self.kept(step.state) in self.levels[depth]
        if self.claim.kind.on is On.STEP:
            return shows_step(system, self.claim, before, step.state)
        return bool(judge_state(system, self.claim, step.state))


def shows_step(system: System, claim: Property, before: State, after: State) -> bool:
    """Whether a property of steps finds something in this one."""
    changes = moved(before, after)
    return any(judge_step(system, claim, node, old, new) is not None for node, old, new in changes)


def shortest_ways(
    system: System, claim: Property, steps: int, limits: Limits, look: Look
) -> Shortest | None:
    """The states on shortest ways to what a property finds after at most so many steps; None if on none.

    They are found by an explicit graph, or natively if it has too many states for that. `look` is told how
    far that is. Raises Stopped, TooManyStates, what `look` raises, TooFarAhead, UnsoundClaim and
    CodeError.
    """
    natively = claim.kind.on in (On.NODE, On.STATE, On.STEP)
    most = STATES_BEFORE_NATIVE if natively else states.MOST_STATES
    most = most if limits.max_states is None else min(most, limits.max_states)
    try:
        return _plainly(system, claim, steps, most, look)
    except states.TooManyStates:
        if not natively or most == limits.max_states:
            raise
    return _natively(system, claim, limits, look)


def _natively(system: System, claim: Property, limits: Limits, look: Look) -> Shortest:
    """As the native engine has it."""
    from checker.engines.native.shortest import shortest_ways as ways_of  # noqa: PLC0415 - imports numpy

    found = ways_of(system, claim, limits, look, workers=os.cpu_count() or 1)
    if found.stopped is not None:
        raise Stopped(found.stopped)
    return Shortest(claim, found.levels, found.kept, found.states, found.after, found.symmetries)


def _plainly(system: System, claim: Property, steps: int, most: int, look: Look) -> Shortest | None:
    """As an explicit graph has it, of all states that so many steps lead to."""
    ends_last = claim.kind.on is On.END  # whether a state is terminal is seen by what leads out of it
    found = states.explore(system, most, steps + 1 + ends_last, look)
    shown = _Shown(found, claim)
    ends: set[int] = set()
    for level, numbers in _by_level(found):
        if claim.kind.on is On.STEP:
            ends = {
                found.source[i]
                for i in range(*shown.steps_from(numbers))
                if shown.by_step(found.source[i], found.target[i])
            }
        elif level <= steps:
            ends = {number for number in numbers if shown.by_state(number)}
        if ends:
            return _back(found, claim, level, ends)
    return None


def _by_level(found: states.StateGraph) -> Iterator[tuple[int, range]]:
    begin = 0
    while begin < len(found.level):
        level, end = found.level[begin], begin
        while end < len(found.level) and found.level[end] == level:
            end += 1
        yield level, range(begin, end)
        begin = end


def _back(found: states.StateGraph, claim: Property, level: int, ends: set[int]) -> Shortest:
    """From the last level back to the first, over the steps that lead from each level to the next."""
    leading = [ends]
    at = len(found.source) - 1
    for earlier in range(level - 1, -1, -1):
        here: set[int] = set()
        while at >= 0 and found.level[found.source[at]] > earlier:
            at -= 1
        while at >= 0 and found.level[found.source[at]] == earlier:
            if found.target[at] in leading[-1]:
                here.add(found.source[at])
            at -= 1
        leading.append(here)
    cells = [frozenset(_state(found, number) for number in numbers) for numbers in reversed(leading)]
    normal = Kept(found.system).normal
    return Shortest(claim, tuple(cells), normal, len(found.states), after=claim.kind.on is On.STEP)


def _state(found: states.StateGraph, number: int) -> State:
    return tuple(found.cell(number, node) for node in range(len(found.system.members)))


class _Shown:
    """What a property shows in the states of a graph and in its steps; judged once for what is alike."""

    def __init__(self, found: states.StateGraph, claim: Property) -> None:
        self._found = found
        self._claim = claim
        self._all = whether_inboxes_are_read((claim,))
        self._judged: dict[Any, bool] = {}
        self._first_step = self._first_steps()

    def _first_steps(self) -> list[int]:
        """For each state the place of its first step; they are in the order of the states."""
        firsts = [0] * (len(self._found.states) + 1)
        for source in self._found.source:
            firsts[source + 1] += 1
        for number in range(len(firsts) - 1):
            firsts[number + 1] += firsts[number]
        return firsts

    def steps_from(self, numbers: range) -> tuple[int, int]:
        """The first of the steps out of some states, and the one after the last."""
        return self._first_step[numbers.start], self._first_step[numbers.stop]

    def by_step(self, before: int, after: int) -> bool:
        """Whether a step shows it."""
        found = self._found
        key = tuple(
            (a, b) if a != b else None
            for a, b in zip(found.states[before], found.states[after], strict=True)
        )
        if key not in self._judged:
            ends = _state(found, before), _state(found, after)
            self._judged[key] = said(lambda: shows_step(found.system, self._claim, *ends)) is True
        return self._judged[key]

    def by_state(self, number: int) -> bool:
        """Whether a state shows it."""
        system, state, on = self._found.system, _state(self._found, number), self._claim.kind.on
        if on is On.FUTURE:
            return no_return(system, self._claim, state) is not None
        if on is On.END:
            first, last = self.steps_from(range(number, number + 1))
            if first != last or cut_by(system, locals_of(state)) is not None:
                return False
        what = state if self._all else locals_of(state)
        if what not in self._judged:
            self._judged[what] = said(lambda: judge_state(system, self._claim, state)) is True
        return self._judged[what]
