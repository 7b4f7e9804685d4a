"""Going back: from a state of some level to the initial one, over the levels that are stored.

Parents are not stored. A level's states are expanded again, and those with a step into the target
are its possible parents; the least of them is taken, so that the path depends on the model alone.
Going back over all levels costs at most as much as the search did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from checker.native import machine
from checker.native.arrays import Array
from checker.native.reductions import group_arrays
from checker.native.worker import Words, room_for_misses

if TYPE_CHECKING:
    from checker.native.search import Search

Vector = tuple[int, ...]


def choose(states: Iterable[Vector]) -> Vector:
    """The least of some states: the one that is reported, whoever found it first."""
    return min(states)


def ways_back(search: Search, level: int, state: Vector) -> list[Vector]:
    """A path of reduced states from the initial one to `state`, which is on this level."""
    path = [state]
    for earlier in range(level - 1, -1, -1):
        path.append(choose(_parents(search, earlier, path[-1])))
    return path[::-1]


def _parents(search: Search, level: int, state: Vector) -> Iterable[Vector]:
    finder = _Finder(search, state)
    for pieces in search.level(level):
        for words in pieces:
            yield from map(tuple, search.cells(finder.leading(words)).tolist())


class _Finder:
    """Finds states with a step into one target."""

    def __init__(self, search: Search, target: Vector) -> None:
        self.search = search
        first, second = search.packing.pack(target)
        self.target = np.uint64(first), np.uint64(second)
        # not the search's own: unfolding may have met new cells, and the tables may have moved since
        self.group = group_arrays(search.tables)
        self.graph = search.tables.graph()
        self.packing = search.packing.arrays(search.tables.per_cell.base)
        room = 1 << 16
        room = max(room, 4 * self.graph[-1])
        self.out0 = np.zeros((1, room), np.uint64)
        self.out1 = np.zeros((1, room if search.packing.wide else 1), np.uint64)
        self.filled = np.zeros(1, np.int64)
        self.uses = np.zeros(search.tables.per_cell["generated"].shape[0], np.int64)
        self.aside = np.zeros(1024, np.int64)
        self.miss = np.zeros((room_for_misses(search.tables, self.graph[-1]), 3), np.int64)
        self.terminals = np.zeros(room, np.int64)
        self.lately = np.zeros((0, 2), np.uint64)
        self.scratch = np.zeros((5, max(search.tables.nodes, 1)), np.int64)

    def leading(self, words: Words) -> Words:
        """Those of the states that have a step into the target."""
        w0, w1 = words
        count = w0.shape[0]
        if not self._any(w0, w1):
            return w0[:0], w1[:0]
        if count == 1:
            return words
        half = count // 2
        first = self.leading((w0[:half], w1[:half]))
        second = self.leading((w0[half:], w1[half:]))
        return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])

    def _any(self, w0: Array, w1: Array) -> bool:
        at = 0
        while at < w0.shape[0]:
            self.filled[:] = 0
            counters = np.zeros(4, np.int64)
            at = machine.expand(
                w0, w1, at, w0.shape[0], self.search.packing.wide, self.packing, self.graph,
                (*self.group, self.terminals), self.out0, self.out1,
                self.filled, 1, self.uses, self.aside, self.miss, counters, self.lately, self.scratch,
            )  # fmt: skip
            hit = self.out0[0, : self.filled[0]] == self.target[0]
            if self.search.packing.wide:
                hit &= self.out1[0, : self.filled[0]] == self.target[1]
            if hit.any():
                return True
        return False
