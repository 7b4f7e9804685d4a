"""Expanding states outside the search, with the tables as they are now: nothing found is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import Met, Outbox, Owning
from checker.engines.native.lacking import Noted
from checker.engines.native.snapshot import Snapshot
from checker.engines.native.states import pairing
from checker.engines.native.states.packing import joined
from checker.engines.native.states.words import Words

#: Successors of so many steps are handed out at a time.
ROOM = 1 << 16
#: The number of a move, without the place of the state that it leads from.
_MOVE = (1 << layout.MOVE_BITS) - 1
#: All states are with one owner.
ONE = Owning(0, 0, 1)


class Edges(NamedTuple):
    """Steps between states: the state before each, the number of the move, and the state after.

    `Rows.moved` says of a move which node takes it and by which actions.
    """

    before: Words
    moves: Array
    after: Words


class Steps(NamedTuple):
    """As `Edges`, with the place of the state before among those that were expanded."""

    places: Array
    moves: Array
    after: Words


class Expansion:
    """Expands states; those that meet a missing table entry have no successors here.

    What they lack is noted (`missing`), for whoever fills it and goes on with the tables as they are then.
    """

    def __init__(self, tables: Snapshot) -> None:
        #: table entries that were missing
        self.missing = Noted()
        self.renew(tables)

    def renew(self, tables: Snapshot) -> None:
        """Work with these tables from now on."""
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
            met.counters[:] = 0
            at = machine.expand(
                words.arrays(), at, words.size, tables.fields, tables.graph, tables.orbits,
                tables.shifts, ONE,
                self._outbox, met, self._uses, self._lately, self._scratch,
            )  # fmt: skip
            self.missing.add_from(met)
            found = first[0, : filled[0]]
            yield Words(found, second[0, : filled[0]] if self.packing.wide else found, self.packing)

    def steps(self, states: Words) -> Iterator[Steps]:
        """All steps out of some states, in the order of the states, in pieces; each is overwritten."""
        for found in self.successors(states):
            told = self._outbox.moves[: found.size]
            yield Steps(told >> layout.MOVE_BITS, told & _MOVE, found)

    def all_steps(self, states: Words) -> Edges:
        """All steps out of some states, in the order of the states."""
        nothing = states.of(slice(0))
        none = np.zeros(0, np.int64)
        before, moves, after = [nothing], [none], [nothing]
        for places, taken, found in self.steps(states):
            before.append(states.of(places))
            moves.append(taken)
            after.append(found.of(np.arange(found.size)))
        return Edges(joined(before), np.concatenate(moves), joined(after))

    def ends(self, words: Words) -> Array:
        """The places of those states among some from which nothing leads on."""
        met, nothing = self._met, np.zeros(0, np.int64)
        found = (met.terminals[: met.counters[layout.ENDED]].copy() for _ in self.successors(words))
        return np.concatenate([nothing, *found])

    @property
    def lacking(self) -> int:
        """How many of the states that were expanded last met a missing entry."""
        return int(self._met.counters[layout.ASIDE])
