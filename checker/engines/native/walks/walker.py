"""What one thread walks with: its part of the walks, and what it has met, seen and counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import EMPTY, Met
from checker.engines.native.kernel.walking import (
    FOR_MESSAGES,
    FOR_MISSES,
    FOR_STATES,
    FOR_VIEWS,
    KEPT,
    MARKS,
    RUN,
    STOPPED_BY,
    Kept,
    Plan,
    Takes,
    Traits,
    Walks,
)
from checker.engines.native.lacking import Noted
from checker.engines.native.search.combinations import Combinations
from checker.engines.native.walks.states import States
from checker.engines.native.walks.tables import WalkTables

#: Keys of states that a thread has before it gives them to all.
AT_ONCE = 1 << 14


class Ground(NamedTuple):
    """The tables at one time, as the kernel takes them."""

    base: Array
    graph: layout.Graph
    takes: Takes
    views: Array
    traits: Traits
    plan: Plan
    #: how many local steps there are, and how many messages a step may send
    local_steps: int
    most_sent: int

    @classmethod
    def of(cls, tables: WalkTables, plan: Plan) -> Ground:
        """The tables as they are."""
        tables.per_cell.flush()
        return cls(
            tables.per_cell.base,
            tables.graph(),
            tables.takes(),
            tables.per_cell["views"],
            tables.traits(),
            plan,
            len(tables.rows.local_steps),
            tables.rows.most_sent,
        )


def new_walks(runs: range, tables: WalkTables, depth: int, held: int) -> Walks:
    """Walks in the initial state, one for each run, with room for so many messages at each node."""
    state, messages, key = tables.start()
    count, nodes = len(runs), len(state)
    walks = Walks(
        np.tile(np.array(state, np.int32), (count, 1)),
        np.zeros((count, MARKS), np.int64),
        np.full(count, key, np.uint64),
        np.full((count, depth - 1), EMPTY, np.uint64),
        np.zeros((count, nodes, max([held, *map(len, messages)])), np.int32),
        np.tile(np.array([*map(len, messages)], np.int32), (count, 1)),
        np.zeros((count, nodes, max([held, *map(len, messages)])), np.uint64),
    )
    walks.marks[:, RUN] = runs
    for node, those in enumerate(messages):
        walks.held[:, node, : len(those)] = those
    return walks


def with_more_room(walks: Walks, held: int) -> Walks:
    """The same walks with room for so many messages at each node."""
    shape, was = (*walks.held.shape[:2], held), walks.held.shape[2]
    room, rank = np.zeros(shape, np.int32), np.zeros(shape, np.uint64)
    room[:, :, :was], rank[:, :, :was] = walks.held, walks.rank
    return walks._replace(held=room, rank=rank)


class Walker:
    """One thread's things."""

    def __init__(self, groups: int, actions: int, states: States) -> None:
        self.combinations = Combinations(groups)
        self._states = states
        self._met = Met(*(np.zeros(size, np.int64) for size in (0, 0, 1, layout.COUNTERS)))
        self._kept = Kept(
            np.zeros(AT_ONCE, np.uint64),
            np.zeros(3, np.int64),
            np.zeros(actions + 1, np.int64),
            np.zeros(1, np.uint8),
            np.zeros(groups, np.uint64),
        )
        self._room = np.zeros((7, 1), np.int64)
        #: missing entries
        self.missing = Noted()

    def adopt(self, ground: Ground, held: int) -> None:
        """Make room for what the tables have by now, and for so many messages at each node."""
        nodes, most = ground.base.shape[0], ground.graph.most
        lacking = (most + nodes * held) * (nodes + 1)
        if self._met.miss.shape[0] < 4 * lacking:
            self._met = self._met._replace(miss=np.zeros(1 << (8 * lacking).bit_length(), np.int64))
        wide = max(6, nodes + 1, ground.most_sent)
        if self._room.shape[1] < wide:
            self._room = np.zeros((7, wide), np.int64)
        taken = self._kept.taken
        if taken.shape[0] < ground.local_steps:
            grown = np.zeros(max(ground.local_steps, 2 * taken.shape[0]), np.uint8)
            grown[: taken.shape[0]] = taken
            self._kept = self._kept._replace(taken=grown)

    def advance(self, walks: Walks, lo: int, hi: int, steps: int, ground: Ground) -> bool:
        """Advance walks lo..hi-1 by so many steps at most, with the tables as they are.

        False if one of them has no room for more messages.
        """
        at = lo
        while at < hi:
            at = machine.walk(
                walks, at, hi, steps, ground.base, ground.graph, ground.takes, ground.views,
                ground.traits, ground.plan, self._met, self.combinations.arrays(), self._kept, self._room,
            )  # fmt: skip
            why = int(self._kept.counts[STOPPED_BY])
            if at < hi and why == FOR_VIEWS:
                self.combinations.grow()
            elif at < hi and why == FOR_STATES:
                self.give()
            elif at < hi and why == FOR_MISSES:
                self._take_misses()
            elif at < hi and why == FOR_MESSAGES:
                break
        self._take_misses()
        return at >= hi

    def _take_misses(self) -> None:
        self.missing.add_from(self._met)
        self._met.counters[:] = 0

    def give(self) -> None:
        """Give the states that were seen to the set of all."""
        self._states.add(self._kept.log[: int(self._kept.counts[KEPT])])
        self._kept.counts[KEPT] = 0

    def fired(self) -> Array:
        """How often each action was taken since this was asked last; losses come last."""
        fired = self._kept.fired.copy()
        self._kept.fired[:] = 0
        return fired

    @property
    def taken(self) -> Array:
        """For each local step whether it was taken."""
        return self._kept.taken
