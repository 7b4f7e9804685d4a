"""Breadth first, level by level, in plain Python: what the reference engine, graphs and the explorer share.

The walk knows nothing of what the states are, nor of what is looked for: the loop over the steps out of a
state is that of whoever walks.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from checker.model.semantics import Cell, ModelError, Move, State, Transition, deliver, moves
from checker.model.system import System

S = TypeVar("S", bound=Hashable)


class Reached(Generic[S]):
    """States by number, in order of discovery, each with the step that first led to it.

    The first state has number 0. Breadth first, so the path to a state is a shortest one from there.
    """

    def __init__(self, first: S) -> None:
        self.states: list[S] = [first]
        self._number: dict[S, int] = {first: 0}
        self._parent = array("q", [-1])
        self._step = array("q", [-1])

    def __len__(self) -> int:
        return len(self.states)

    def levels(self) -> Iterator[range]:
        """The numbers of each level: of the first state, then of what was found from the level before.

        A level is all that was added while one went through the one before it.
        """
        begin = 0
        while begin < len(self.states):
            end = len(self.states)
            yield range(begin, end)
            begin = end

    def reach(self, state: S, parent: int, step: int) -> tuple[int, bool]:
        """The number of a state that step `step` out of `parent` leads to, and whether it is new."""
        known = len(self.states)
        number = self._number.setdefault(state, known)
        if number < known:
            return number, False
        self.states.append(state)
        self._parent.append(parent)
        self._step.append(step)
        return number, True

    def path_to(self, number: int) -> tuple[int, ...]:
        """The steps from the first state to this one, as their indices among those of each state."""
        path = []
        while number > 0:
            path.append(self._step[number])
            number = self._parent[number]
        return tuple(reversed(path))


class Moves:
    """As `semantics.successors`, but what a node may do in one situation is worked out once."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._known: dict[tuple[int, Cell], tuple[list[Move], ModelError | None]] = {}

    def of(self, node: int, cell: Cell) -> tuple[list[Move], ModelError | None]:
        """What a node may do in a situation, and what it raises after that, if it does."""
        known = self._known.get((node, cell))
        if known is None:
            found: list[Move] = []
            raised = None
            try:
                for move in moves(self._system, node, cell):
                    found.append(move)  # noqa: PERF402 - those before an exception count
            except ModelError as error:
                raised = error
            known = self._known[node, cell] = found, raised
        return known

    def successors(self, state: State) -> Iterator[Transition]:
        """The steps that may be taken in a state. Raises ModelError where the semantics does."""
        for node, cell in enumerate(state):
            known, raised = self.of(node, cell)
            for action, message, after, sends, lost, sender in known:
                then = deliver(self._system, state, node, after, sends)
                yield Transition(node, action, message, sends, then, lost, sender)
            if raised is not None:
                raise raised
