"""What one thread walks with: its part of the walks, and what it has met, seen and counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import AHEAD, EMPTY, Met
from checker.engines.native.kernel.walking import (
    FOR_MISSES,
    FOR_STATES,
    FOR_VIEWS,
    KEPT,
    MARKS,
    STOPPED_BY,
    Kept,
    Plan,
    Traits,
    Walks,
)
from checker.engines.native.search.combinations import Combinations
from checker.engines.native.walks.states import States
from checker.engines.native.walks.tables import WalkTables

#: Keys of states that a thread holds at first, and at most before it gives them to all.
FIRST, MOST = 1 << 14, 1 << 21


class Ground(NamedTuple):
    """The tables at one time, as the kernel takes them."""

    initial: Array
    base: Array
    graph: layout.Graph
    views: Array
    traits: Traits
    plan: Plan
    #: how many local steps there are
    local_steps: int

    @classmethod
    def of(cls, tables: WalkTables, initial: tuple[int, ...], plan: Plan) -> Ground:
        """The tables as they are."""
        tables.per_cell.flush()
        return cls(
            np.array(initial, np.int64),
            tables.per_cell.base,
            tables.graph(),
            tables.per_cell["views"],
            tables.traits(),
            plan,
            len(tables.rows.local_steps),
        )


def new_walks(runs: range, nodes: int, depth: int) -> Walks:
    """Walks that are about to begin, one for each run."""
    count = len(runs)
    marks = np.zeros((count, MARKS), np.int64)
    marks[:, 0] = runs
    cells, fallen = np.zeros((count, nodes), np.int32), np.full((count, depth - 1), EMPTY, np.uint64)
    return Walks(cells, marks, np.zeros(count, np.uint64), fallen)


class Walker:
    """One thread's things."""

    def __init__(self, groups: int, actions: int, states: States) -> None:
        self.combinations = Combinations(groups)
        self._states = states
        self._met = Met(*(np.zeros(size, np.int64) for size in (0, 0, 1, layout.COUNTERS)))
        self._kept = Kept(
            np.full(FIRST, EMPTY, np.uint64),
            np.zeros(FIRST, np.uint64),
            np.zeros(3, np.int64),
            np.zeros(actions + 1, np.int64),
            np.zeros(1, np.uint8),
        )
        self._room = np.zeros((5, 1), np.int64)
        self._ahead = np.zeros(AHEAD, np.int64), np.zeros(AHEAD, np.uint64)
        #: missing entries, a batch each
        self.misses: list[Array] = []

    def adopt(self, ground: Ground) -> None:
        """Make room for what the tables have by now."""
        nodes, most = ground.base.shape[0], ground.graph.most
        lacking = nodes + nodes * most
        if self._met.miss.shape[0] < 8 * lacking:
            self._met = self._met._replace(miss=np.zeros(1 << (16 * lacking).bit_length(), np.int64))
        if self._room.shape[1] <= nodes:
            self._room = np.zeros((5, nodes + 1), np.int64)
        taken = self._kept.taken
        if taken.shape[0] < ground.local_steps:
            grown = np.zeros(max(ground.local_steps, 2 * taken.shape[0]), np.uint8)
            grown[: taken.shape[0]] = taken
            self._kept = self._kept._replace(taken=grown)

    def advance(self, walks: Walks, lo: int, hi: int, steps: int, ground: Ground) -> None:
        """Advance walks lo..hi-1 by so many steps at most, with the tables as they are."""
        at = lo
        while at < hi:
            at = machine.walk(
                walks, at, hi, steps, ground.initial, ground.base, ground.graph, ground.views,
                ground.traits, ground.plan, self._met, self.combinations.arrays(), self._kept, self._room,
            )  # fmt: skip
            why = int(self._kept.counts[STOPPED_BY])
            if at < hi and why == FOR_VIEWS:
                self.combinations.grow()
            elif at < hi and why == FOR_STATES:
                self._more_states()
            elif at < hi and why == FOR_MISSES:
                self._take_misses()
        self._take_misses()

    def _take_misses(self) -> None:
        miss, counters = self._met.miss, self._met.counters
        if counters[layout.MISSED]:
            self.misses.append(miss[miss != 0])
            miss[:] = 0
        counters[:] = 0

    def _more_states(self) -> None:
        table, log, counts = self._kept.table, self._kept.log, self._kept.counts
        if table.shape[0] >= MOST:
            self.give()
            return
        size, count = 4 * table.shape[0], int(counts[KEPT])
        larger = np.full(size, EMPTY, np.uint64)
        machine.merge(log, count, larger, *self._ahead)
        grown = np.zeros(size, np.uint64)
        grown[:count] = log[:count]
        self._kept = self._kept._replace(table=larger, log=grown)

    def give(self) -> None:
        """Give the states that were seen to the set of all."""
        count = int(self._kept.counts[KEPT])
        self._states.add(self._kept.log[:count])
        self._kept.table[:] = EMPTY
        self._kept.counts[KEPT] = 0

    def forget(self) -> None:
        """Drop what was seen and counted: it will be again."""
        self._kept.table[:] = EMPTY
        self._kept.counts[KEPT] = 0
        self._kept.fired[:] = 0

    def fired(self) -> Array:
        """How often each action was taken since this was asked last; losses come last."""
        fired = self._kept.fired.copy()
        self._kept.fired[:] = 0
        return fired

    @property
    def taken(self) -> Array:
        """For each local step whether it was taken."""
        return self._kept.taken

    def forget_steps(self) -> None:
        """The tables, and with them the numbers of local steps, begin anew."""
        self._kept = self._kept._replace(taken=np.zeros(1, np.uint8))
