"""The level that is being built: its states by their keys, and which of their moves are asleep.

A state that is found several times sleeps for what all ways to it agree on. States of earlier levels need
nothing of that (docs/adr/0018), so what sleeps is kept of two levels only: the one that is built, and the
one that is expanded. Bytes of a state of these: 20 to 26 and, when its level is closed, 8 (twice 8 more if
moves take two words).
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import layout, machine

#: States that there is room for at first.
FIRST_ROOM = 1 << 10
#: Address space is taken for so many states at least, and for so many times those there are.
RESERVED, RESERVE = 1 << 18, 4


class Building:
    """The states of a level, in order of discovery; `width` is how many words tell what sleeps in each."""

    _keys: Array
    _asleep: Array

    def __init__(self, width: int) -> None:
        self.width = width
        self.known = 0
        self._table: Array = np.zeros(FIRST_ROOM, np.uint32)
        self._reserve(FIRST_ROOM)

    def agree(self, keys: Array, asleep: Array, chosen: Array) -> int:
        """Let those of the chosen states that are on the level sleep for less; how many are not on it.

        These come first in `chosen` afterwards.
        """
        slots = np.empty(layout.AHEAD, np.int64)
        count = chosen.shape[0]
        return machine.agree(keys, asleep, chosen, count, self._table, self._keys, self._asleep, slots)

    def add(self, keys: Array, asleep: Array, chosen: Array) -> None:
        """Put the chosen states on the level, on which they are not yet."""
        needed = self.known + chosen.shape[0]
        if needed > self._keys.shape[0]:
            self._reserve(needed)
        if 3 * needed > 2 * self._table.shape[0]:
            self._table = np.zeros(1 << (2 * needed).bit_length(), np.uint32)
            machine.number_level(self._keys, self.known, self._table)
        machine.join_level(
            keys, asleep, chosen, chosen.shape[0], self._table, self._keys, self._asleep, self.known
        )
        self.known = needed

    def _reserve(self, needed: int) -> None:
        """Make room, over-allocated; pages that are not touched cost no memory."""
        room = max(RESERVED, RESERVE * needed)
        keys, asleep = np.empty(room, np.uint64), np.empty((room, self.width), np.uint64)
        if self.known:
            keys[: self.known], asleep[: self.known] = self._keys[: self.known], self._asleep[: self.known]
        self._keys, self._asleep = keys, asleep

    def asleep(self) -> Array:
        """What sleeps in each state, in order of discovery."""
        return self._asleep[: self.known]

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return int(self._table.nbytes + 8 * self.known * (1 + self.width))
