"""Expanding states outside the search, with the tables as they are now: nothing found is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import Met, Outbox, Owning
from checker.engines.native.snapshot import Snapshot
from checker.engines.native.states import pairing
from checker.engines.native.states.packing import joined
from checker.engines.native.states.words import Words

#: Successors of so many steps are handed out at a time.
ROOM = 1 << 16
#: All states are with one owner.
ONE = Owning(0, 0, 1)


class Edges(NamedTuple):
    """Steps between states: the state before each, the number of the move, and the state after.

    `Rows.moved` says of a move which node takes it and by which actions.
    """

    before: Words
    moves: Array
    after: Words


class Expansion:
    """Expands states; those that meet a missing table entry have no successors here."""

    def __init__(self, tables: Snapshot) -> None:
        self.tables = tables
        self.packing = tables.packing
        room = max(ROOM, 4 * tables.graph.most)
        self._outbox = Outbox(
            np.zeros((1, room), np.uint64),
            np.zeros((1, room if tables.packing.wide else 1), np.uint64),
            np.zeros(1, np.int64),
            np.zeros(room, np.int64),
        )
        self._met = Met(
            np.zeros(1024, np.int64),
            np.zeros(room, np.int64),
            np.zeros(tables.room_for_misses, np.int64),
            np.zeros(layout.COUNTERS, np.int64),
        )
        self._uses = np.zeros(tables.stretches.size, np.int64)
        self._lately = np.zeros((0, 2), np.uint64)
        self._scratch = np.zeros((5, max(tables.nodes, 1)), np.int64)

    def successors(self, words: Words) -> Iterator[Words]:
        """The successors of some states, in pieces; each is overwritten by the next."""
        pairing.same_packing(words, self.packing)
        tables, met, (first, second, filled, _) = self.tables, self._met, self._outbox
        at = 0
        while at < words.size:
            filled[:] = 0
            met.miss[:] = 0
            met.counters[:] = 0
            at = machine.expand(
                words.arrays(), at, words.size, tables.fields, tables.graph, tables.orbits, ONE,
                self._outbox, met, self._uses, self._lately, self._scratch,
            )  # fmt: skip
            found = first[0, : filled[0]]
            yield Words(found, second[0, : filled[0]] if self.packing.wide else found, self.packing)

    def all_steps(self, states: Words) -> Edges:
        """All steps out of some states, in the order of the states."""
        before: list[Words] = []
        moves: list[Array] = []
        after: list[Words] = []
        for k in range(states.size):
            one = states.of(slice(k, k + 1))
            for found in self.successors(one):
                after.append(Words(found.first.copy(), found.second.copy(), self.packing))
                before.append(one.of(np.zeros(found.size, np.int64)))
                moves.append(self._outbox.moves[: found.size].copy())
        nothing = states.of(slice(0))
        none = np.zeros(0, np.int64)
        return Edges(joined([nothing, *before]), np.concatenate([none, *moves]), joined([nothing, *after]))
