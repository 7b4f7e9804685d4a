"""From a path of reduced states back to real messages between the nodes of the model.

The search knows reduced states only: cells in normal form, levels lowered, steps fused, nodes permuted.
Here the path is walked forwards in the reference semantics. At each point the real state *stands for* a
reduced one (`Walk.stands_for`), up to a renaming, and real steps of one node are tried, silent ones first
where steps are fused, until one leads to a state that stands for the next reduced state of the path. That
undoes symmetry and unfolds fused steps at once, and no engine's word is taken for any of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from checker.engines.native.numbering import Vector
from checker.engines.native.tables import Tables
from checker.model.fairness import StepClass
from checker.model.runs import class_of
from checker.model.semantics import ModelError, State, Transition, initial_state, successors


class UnfoldError(Exception):
    """A path of reduced states that no real behaviour follows: a bug of the checker."""


class Walk:
    """A real behaviour under construction: its state and the indices of its steps so far."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.system = tables.system
        self.state = initial_state(tables.system)
        self.path: tuple[int, ...] = ()

    def stands_for(self, state: State) -> Vector:
        """The reduced state that a real one stands for, of its images any one."""
        numbering, cell_of = self.tables.numbering, self.tables.delivery.cell
        vector = []
        for node, cell in enumerate(state):
            inbox = numbering.network.mapped(cell.inbox, numbering.message, lambda sender: sender)
            vector.append(cell_of(node, numbering.local(node, cell.local), inbox))
        return self.tables.lowering.normal(tuple(vector))

    def is_image(self, state: State, of: Vector) -> bool:
        """Whether a real state stands for an image of a reduced one."""
        return self.tables.action.same_orbit(self.stands_for(state), of)

    def follow(self, target: Vector, those: StepClass | None = None) -> None:
        """Go on to a state that stands for an image of `target`, by a step of a class if one is given.

        Raises UnfoldError.
        """

        def leads(before: State, after: Transition) -> bool:
            if those is not None and (class_of(self.system, after) != those or after.state == before):
                return False
            return self.is_image(after.state, target)

        if not self._take(leads):
            self._lost(f"no step after path {self.path} leads to the state that was found")

    def finish(self, shows: Callable[[Transition, State], bool]) -> None:
        """Go on to the first step that shows something of (step, state before it). Raises UnfoldError."""
        if not self._take(lambda before, after: shows(after, before)):
            self._lost(f"no step after path {self.path} shows what was found")

    def rest(self) -> None:
        """Go on until nothing more can happen.

        Where the state stands for a terminal one, all that can still happen is that messages are sent
        which settling drops; no local state changes by that, and there are only so many messages.
        """
        here = self.stands_for(self.state)
        while self._take(lambda before, after: after.state != before):
            if not self.is_image(self.state, here):
                raise UnfoldError(f"path {self.path} leads on from a state that was found to be terminal")

    def raise_again(self) -> None:
        """Go on, by silent steps at most, to a state in which a rule raises. Raises UnfoldError."""
        for path, state in self._silent_closure():
            try:
                list(successors(self.system, state))
            except ModelError:
                self.path, self.state = path, state
                return
        self._lost(f"no rule raises after path {self.path}")

    def _lost(self, why: str) -> NoReturn:
        """Raise UnfoldError or, if rules do something else at other levels, ShiftError."""
        self.tables.shifting.check_real(self.state)
        raise UnfoldError(why)

    def _take(self, right: Callable[[State, Transition], bool]) -> bool:
        for path, state in self._silent_closure():
            try:
                for index, after in enumerate(successors(self.system, state)):
                    if self._same_mover(path, after.node) and right(state, after):
                        self.path, self.state = (*path, index), after.state
                        return True
            except ModelError:
                continue
        return False

    def _same_mover(self, path: tuple[int, ...], node: int) -> bool:
        return len(path) == len(self.path) or self._movers[path] == node

    def _silent_closure(self) -> Iterator[tuple[tuple[int, ...], State]]:
        """This state, and those that silent steps of a single node lead to; shortest paths first."""
        self._movers: dict[tuple[int, ...], int] = {}
        queue: list[tuple[tuple[int, ...], State]] = [(self.path, self.state)]
        seen: set[tuple[Any, State]] = set()
        while queue:
            path, state = queue.pop(0)
            yield path, state
            if not self.tables.fusion.shortens:
                return
            try:
                following = list(enumerate(successors(self.system, state)))
            except ModelError:
                continue
            for index, after in following:
                key = (after.node, after.state)
                if self._same_mover(path, after.node) and key not in seen and self._silent(state, after):
                    seen.add(key)
                    self._movers[*path, index] = after.node
                    queue.append(((*path, index), after.state))

    def _silent(self, before: State, after: Transition) -> bool:
        node = after.node
        numbering = self.tables.numbering
        old = numbering.local(node, before[node].local)
        new = numbering.local(node, after.state[node].local)
        return not after.sends and self.tables.fusion.is_silent(node, old, new)
