"""Rows: the moves out of a cell, as arrays that the kernel can read.

A row is computed once, when a state with its cell is first explored: every step that the node may take
there, its next cell and what it sends. Beside what the kernel needs, a row has what is told of it: how
many steps it stands for, which actions they are, and what properties find in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from checker.engines.native.arrays import Array, Growing
from checker.engines.native.kernel.layout import MISSING
from checker.engines.native.local import LocalStep
from checker.model.semantics import ModelError

if TYPE_CHECKING:
    from checker.engines.native.tables import Tables

#: Cells that a state has: (node, cell) for one or several nodes.
Places = tuple[tuple[int, int], ...]
#: What there is of each row: its first move and how many it has; how many steps they stand for, and which.
_ENTRIES = ("row_ptr", "row_len", "generated", "pattern")


class Rows:
    """The rows of one system, and the parcels that their moves send."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        tables.per_cell.add("row_ptr", np.int32, MISSING)
        tables.per_cell.add("row_len", np.int32, 0)
        tables.per_cell.add("generated", np.int64, 0)
        tables.per_cell.add("pattern", np.int32, 0)
        self._next = Growing(np.int32)
        self._parcel_of = Growing(np.int32)
        self._parcel_ptr = Growing(np.int32)
        self._send_to = Growing(np.int32)
        self._send_bundle = Growing(np.int32)
        self._parcels: dict[tuple[int, ...], int] = {}
        self._parcel_ptr.append(0)
        self._parcel(())
        #: the numbers of the actions of a row's steps → the number of that pattern
        self._patterns: dict[tuple[int, ...], int] = {(): 0}
        #: for each node the most moves in a row
        self.widest = [0] * tables.nodes
        #: where findings come up: the (node, cell) that a state must have → keys of `tables.bad`
        self.bad_at: dict[Places, list[tuple[int, ...]]] = {}
        #: the (node, cell) that a state must have → what a rule raises there
        self.raised: dict[Places, ModelError] = {}

    # Filling --------------------------------------------------------------------------------------

    def steps(self, node: int, local: int, inbox: Any) -> Iterable[tuple[int, LocalStep, Any, bool]]:
        """The steps a row is made of: (local before, step, inbox after, whether the row lists it)."""
        if self.tables.fusion is not None:
            yield from self.tables.fusion.row_steps(node, local, inbox)
            return
        for step, after in self.tables.choices(node, local, inbox):
            yield local, step, after, True

    def fill(self, node: int, cell: int) -> None:
        """Compute the row of a cell and enter it. A rule that raises is noted, its row left empty."""
        tables = self.tables
        numbers = tables.actions
        moves: list[tuple[int, int]] = []
        actions: list[int] = []
        bad: list[tuple[int, ...]] = []
        try:
            for before, step, after, listed in self.steps(node, *tables.cells[node][cell]):
                if step.action:
                    actions.append(numbers[step.action])
                then = step.local
                if listed:
                    moves.append(self._move(node, step, after))
                    then = tables.cells[node][moves[-1][0]].local
                if then != before:
                    bad += tables.findings_at[node, before, then]
        except ModelError as error:
            self.raised[(node, cell),] = error
            moves = []
        if bad:
            self.bad_at[(node, cell),] = bad
        self._enter(node, cell, moves, tuple(actions))

    def _move(self, node: int, step: LocalStep, after: Any) -> tuple[int, int]:
        """The mover's next cell, and the number of what it sends to others."""
        tables = self.tables
        own, parcel = step.sent or self._sent(node, step)
        if own:
            name = tables.system.members[node].name
            return tables.post_to(node, step.local, after, name, own), parcel
        return tables.cell_number(node, step.local, after), parcel

    def _sent(self, node: int, step: LocalStep) -> tuple[tuple[int, ...], int]:
        own = [numbers for to, numbers in step.parcel if to == node]
        others = [self.tables.posts.bundle(to, node, numbers) for to, numbers in step.parcel if to != node]
        step.sent = own[0] if own else (), self._parcel(tuple(others))
        return step.sent

    def _parcel(self, bundles: tuple[int, ...]) -> int:
        number = self._parcels.get(bundles)
        if number is None:
            number = self._parcels[bundles] = len(self._parcels)
            self._send_to.extend([self.tables.posts.bundles[b].to for b in bundles])
            self._send_bundle.extend(bundles)
            self._parcel_ptr.append(self._send_bundle.size)
        return number

    def _enter(self, node: int, cell: int, moves: list[tuple[int, int]], actions: tuple[int, ...]) -> None:
        tables = self.tables
        tables.statistics.rows += 1
        distinct = list(dict.fromkeys(moves))
        first = self._next.extend([to for to, _ in distinct])
        self._parcel_of.extend([parcel for _, parcel in distinct])
        self.widest[node] = max(self.widest[node], len(distinct))
        pattern = self._patterns.setdefault(actions, len(self._patterns))
        tables.per_cell.put(_ENTRIES, node, cell, (first, len(distinct), len(moves), pattern))

    # Reading --------------------------------------------------------------------------------------

    def arrays(self) -> tuple[Array, ...]:
        """Moves (next cell, parcel) and parcels (ends, receivers, bundles), as the kernel takes them."""
        parts = (self._next, self._parcel_of, self._parcel_ptr, self._send_to, self._send_bundle)
        return tuple(part.data for part in parts)

    def generated(self, uses: Array) -> int:
        """How many steps were generated, when each cell's row was used that often."""
        return int(uses @ self.tables.per_cell["generated"]) if uses.shape[0] > 1 else 0

    def fired(self, uses: Array) -> dict[str, int]:
        """How often each action fired, likewise."""
        counts = [0] * len(self.tables.actions)
        if uses.shape[0] > 1:
            times = np.zeros(len(self._patterns), np.int64)
            np.add.at(times, self.tables.per_cell["pattern"], uses)
            for actions, often in zip(self._patterns, times.tolist(), strict=True):
                for action, count in Counter(actions).items():
                    counts[action] += often * count
        return {action: counts[k] for action, k in self.tables.actions.items()}

    def senders(self, bundle: int) -> list[tuple[int, int]]:
        """The (node, cell) whose rows send a bundle."""
        parcels = [number for bundles, number in self._parcels.items() if bundle in bundles]
        sends = np.isin(self._parcel_of.data, parcels)
        per_cell = self.tables.per_cell
        found = []
        for node, cells in enumerate(self.tables.cells):
            for cell in range(len(cells)):
                at = per_cell.at(node, cell)
                first, count = int(per_cell["row_ptr"][at]), int(per_cell["row_len"][at])
                if first >= 0 and sends[first : first + count].any():
                    found.append((node, cell))
        return found

    def places_of(self, claim: str) -> dict[Places, str]:
        """Where a property of one node, or of one step, finds something: places → what it says."""
        return {
            places: reason
            for places, keys in self.bad_at.items()
            for key in keys
            for found, reason in self.tables.bad[key]
            if found.id == claim
        }
