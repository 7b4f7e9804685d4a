"""What is lacking: the entries of tables that a kernel has noted, by kind and place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from checker.engines.native.arrays import Array, distinct
from checker.engines.native.kernel import layout

#: Entries that are noted before each is kept once.
ROOM = 1 << 20
#: A kind of entry, a node or a bundle, and cells (of an image, with the renaming above).
Missing = tuple[int, int, list[int]]


class Noted:
    """Missing entries as they are noted; kept once each, since all states of a level may lack the same."""

    def __init__(self) -> None:
        self._once: Array = np.zeros(0, np.int64)
        self._parts: list[Array] = []
        self._size = 0

    def add(self, entries: Array) -> None:
        """Note some entries."""
        self._parts.append(entries)
        self._size += entries.shape[0]
        if self._size > max(ROOM, self._once.shape[0]):
            self._once = self._all()
            self._parts, self._size = [], 0

    def add_from(self, met: layout.Met) -> None:
        """Note what an expansion has noted, and have room for more there."""
        if met.counters[layout.MISSED]:
            self.add(met.miss[met.miss != 0])
            met.miss[:] = 0
            met.counters[layout.MISSED] = 0

    def take(self) -> Array:
        """Each entry noted since they were taken last, once and in order."""
        taken = self._all()
        self._once, self._parts, self._size = np.zeros(0, np.int64), [], 0
        return taken

    def _all(self) -> Array:
        return distinct(np.concatenate([self._once, *self._parts]))


def missing_in(noted: Array, most: int = 1 << 30) -> Iterator[Missing]:
    """The missing entries that kernels have noted, each once and in order, at most so many at a time."""
    misses = distinct(noted)
    heads, last = misses >> layout.MISS_Y_BITS, misses & ((1 << layout.MISS_Y_BITS) - 1)
    ends = [*(np.flatnonzero(heads[1:] != heads[:-1]) + 1).tolist(), misses.shape[0]]
    for begin, end in pairwise([0, *ends] if misses.shape[0] else [0]):
        kind, x = divmod(int(heads[begin]), 1 << layout.MISS_X_BITS)
        for at in range(begin, end, most):
            yield kind - 1, x, last[at : min(at + most, end)].tolist()
