"""What sleeps in the states of a level, in order of discovery, while the level is built and expanded.

A state that is found several times sleeps for what all ways to it agree on. States of earlier levels need
nothing of that (docs/adr/0018), so what sleeps is kept of two levels only: the one that is built, and the
one that is expanded. Bytes of a state of these: 21 to 23 and, when its level is settled, 8.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import layout, machine

#: States that there is room for at first.
FIRST_ROOM = 1 << 10
#: Address space is taken for so many states at least, and for so many times those there are.
RESERVED, RESERVE = 1 << 18, 4
#: How full the table becomes, and by how much it is grown then.
FULLEST, GROWTH = 0.8, 1.3


def _ahead() -> tuple[Array, Array]:
    """Room for what a kernel touches ahead of use."""
    return np.empty(layout.AHEAD, np.int64), np.empty(layout.AHEAD, np.uint32)


class Sleeping:
    """The states of a level from number `first` on by their keys, and which of their moves are asleep."""

    _keys: Array
    _rows: Array

    def __init__(self, level: int, first: int, likely: int = 0) -> None:
        self.level = level
        self.first = first
        self.known = 0
        #: every growth enters all states anew, so it begins with room for some more than are `likely`
        self._table: Array = np.zeros(max(FIRST_ROOM, int(likely * GROWTH / FULLEST)), np.uint32)
        self._reserve(FIRST_ROOM)

    def agree(self, keys: Array, asleep: Array, chosen: Array) -> None:
        """Let those of the chosen states that are on the level sleep for less."""
        count, seen = chosen.shape[0], np.empty(layout.AHEAD, np.uint64)
        tables = self._table, self._keys, self._rows
        machine.agree(keys, asleep, chosen, count, *tables, *_ahead(), seen)

    def add(self, keys: Array, asleep: Array, chosen: Array) -> None:
        """Put the chosen states on the level, on which they are not yet."""
        needed = self.known + chosen.shape[0]
        if needed > self._keys.shape[0]:
            self._reserve(needed)
        if needed > FULLEST * self._table.shape[0]:
            size = int(needed * GROWTH / FULLEST)
            self._table = np.zeros(0, np.uint32)  # the old one goes before the new one comes
            self._table = np.zeros(size, np.uint32)
            machine.number_level(self._keys, self.known, self._table, *_ahead())
        tables = self._table, self._keys, self._rows
        machine.join_level(keys, asleep, chosen, chosen.shape[0], *tables, self.known, *_ahead())
        self.known = needed

    def _reserve(self, needed: int) -> None:
        """Make room, over-allocated; pages that are not touched cost no memory."""
        room = max(RESERVED, RESERVE * needed)
        keys, rows = np.empty(room, np.uint64), np.empty(room, np.uint64)
        if self.known:
            keys[: self.known], rows[: self.known] = self._keys[: self.known], self._rows[: self.known]
        self._keys, self._rows = keys, rows

    def settle(self) -> None:
        """The level is built: nothing is put on it any more, and nothing agreed on."""
        # no views: these would hold all of it
        self._table, self._keys = np.zeros(0, np.uint32), np.zeros(0, np.uint64)

    def rows(self) -> Array:
        """What sleeps in each state."""
        return self._rows[: self.known]

    def between(self, lo: int, hi: int) -> Array | None:
        """What sleeps in the states from number `lo` to before `hi`; None if they are not of this level."""
        is_here = self.first <= lo < hi <= self.first + self.known
        return self._rows[lo - self.first : hi - self.first] if is_here else None

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return int(self._table.nbytes) + 8 * self.known * (1 + bool(self._keys.shape[0]))
