"""The log of one owner: the keys of its states in order of discovery, level by level.

A level that is closed stays as it is, so the log up to there is all that is needed to go on from it: the
index is made from the keys again (index.py).
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from checker.engines.native.arrays import Array

#: Address space for a table is taken for so many times its slots, and for so many slots at least.
RESERVE = 16
FIRST_RESERVE = 1 << 22


def reserve(slots: int) -> Array:
    """An array for `slots` words, over-allocated to grow in place; untouched pages cost no memory."""
    for times in (RESERVE, RESERVE // 4):
        with suppress(MemoryError):
            return np.empty(max(FIRST_RESERVE, times * slots), np.uint64)
    return np.empty(slots, np.uint64)


def longer(words: Array, used: int, needed: int) -> Array:
    """A copy of the first `used` words in an array with room for `needed`."""
    grown = reserve(needed)
    grown[:used] = words[:used]
    return grown


class Log:
    """Keys in order of discovery, in memory, and where each level ends."""

    def __init__(self, room: int) -> None:
        #: the keys, and room for more
        self.keys = reserve(room)
        self.size = 0
        #: how many keys there were when each level was closed, the first of these being 0
        self.levels = [0]

    def reserve(self, more: int) -> None:
        """Make room for so many keys more."""
        if self.size + more > self.keys.shape[0]:
            self.keys = longer(self.keys, self.size, self.size + more)

    def close_level(self) -> int:
        """End the level that is being filled; how many keys it has."""
        self.levels.append(self.size)
        return self.levels[-1] - self.levels[-2]

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return self.size * self.keys.itemsize
