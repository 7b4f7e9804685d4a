"""Expanding states outside the search, with the tables as they are now: nothing found is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from checker.engines.native.kernel import machine
from checker.engines.native.reductions.claims import group_arrays
from checker.engines.native.search.worker import room_for_misses
from checker.engines.native.states import pairing
from checker.engines.native.states.packing import Words

if TYPE_CHECKING:
    from checker.engines.native.search.search import Search

#: Successors of so many steps are handed out at a time.
ROOM = 1 << 16


class Expansion:
    """Expands states of a search; those that meet a missing table entry have no successors here."""

    def __init__(self, search: Search) -> None:
        tables = search.tables
        self.packing = search.packing
        self._graph = tables.graph()
        self._arrays = search.packing.arrays(tables.per_cell.base)
        room = max(ROOM, 4 * self._graph[-1])
        # not the search's own: since it was made, new cells may have been met and arrays have moved
        self._group = (*group_arrays(tables), np.zeros(room, np.int64))
        self._out0 = np.zeros((1, room), np.uint64)
        self._out1 = np.zeros((1, room if search.packing.wide else 1), np.uint64)
        self._filled = np.zeros(1, np.int64)
        self._uses = np.zeros(tables.per_cell["generated"].shape[0], np.int64)
        self._aside = np.zeros(1024, np.int64)
        self._miss = np.zeros(room_for_misses(tables, self._graph[-1]), np.int64)
        self._lately = np.zeros((0, 2), np.uint64)
        self._scratch = np.zeros((5, max(tables.nodes, 1)), np.int64)

    def successors(self, words: Words) -> Iterator[Words]:
        """The successors of some states, in pieces; each is overwritten by the next."""
        pairing.same_packing(words, self.packing)
        at = 0
        while at < words.size:
            self._filled[:] = 0
            self._miss[:] = 0
            counters = np.zeros(4, np.int64)
            at = machine.expand(
                words.first, words.second, at, words.size, self.packing.wide, self._arrays,
                self._graph, self._group, self._out0, self._out1, self._filled, (0, 0, 1), self._uses,
                self._aside, self._miss, counters, self._lately, self._scratch,
            )  # fmt: skip
            found = self._out0[0, : self._filled[0]]
            second = self._out1[0, : self._filled[0]] if self.packing.wide else found
            yield Words(found, second, self.packing)

    def steps(self, states: Words) -> tuple[Words, Words]:
        """All steps out of some states: the state before each, and the one after."""
        before: list[Words] = []
        after: list[Words] = []
        for k in range(states.size):
            one = states.of(slice(k, k + 1))
            for found in self.successors(one):
                after.append(Words(found.first.copy(), found.second.copy(), self.packing))
                before.append(one.of(np.zeros(found.size, np.int64)))
        nothing = states.of(slice(0))
        return joined([nothing, *before]), joined([nothing, *after])


def joined(pieces: Sequence[Words]) -> Words:
    """Some packed states, at least one piece of them, in one piece."""
    packing = pieces[0].packing
    for piece in pieces:
        pairing.same_packing(piece, packing)
    return Words(
        np.concatenate([piece.first for piece in pieces]),
        np.concatenate([piece.second for piece in pieces]),
        packing,
    )
