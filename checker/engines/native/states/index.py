"""The index of one owner: a hash table of the keys that are in the log.

A key is its own entry, so a probe touches one place and nothing else is compared. The table is between
0.64 and 0.8 full, and grows in place.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.arrays import Array, Room
from checker.engines.native.kernel import layout, machine
from checker.engines.native.states import pairing
from checker.engines.native.states.log import Log
from checker.engines.native.states.pages import reserve

#: A hash table is grown when it would become fuller than this …
FULLEST = 0.8
#: … by this factor, and by a larger one while it has few slots.
GROWTH = 1.25
EARLY_GROWTH = 1.5
FEW_SLOTS = 1 << 22
#: Keys that may wait for their slot while a table is spread out; expected are some thousands.
WAITING = 1 << 16
#: Keys that are entered at a time.
PIECE = 1 << 18


def ahead() -> tuple[Array, Array]:
    """Room for the hash slots that a kernel touches ahead of use."""
    return np.empty(layout.AHEAD, np.int64), np.empty(layout.AHEAD, np.uint64)


class Index:
    """Which keys are known."""

    def __init__(self, slots: int) -> None:
        self._reserved = reserve(slots)
        self._table = self._reserved[:slots]
        self._table[:] = layout.EMPTY
        self._waiting = Room(np.uint64)

    @classmethod
    def of(cls, log: Log, slots: int) -> Index:
        """The index of the keys of a log, in a table of so many slots at least."""
        index = cls(max(slots, int(log.size / FULLEST) + 1))
        index._enter(log)
        return index

    def add(self, keys: Array, log: Log, fresh: Array) -> int:
        """Append to the log what is new of some keys; how many, their positions going to `fresh`."""
        self._reserve(log, keys.shape[0])
        found = machine.insert(keys, keys.shape[0], self._table, fresh, *ahead())
        if found:
            log.append(keys[fresh[:found]])
        return found

    def gather(self, keys: Array, places: Array, marks: Array, gathered: Array) -> None:
        """Add the marks of each key to what is gathered at its place. Raises Mismatch for unknown keys.

        `marks` are by slot; the table must stay as it is.
        """
        unknown = machine.gather(keys, places, keys.shape[0], self._table, marks, gathered, *ahead())
        pairing.all_known(unknown)

    def mark(self, keys: Array, bits: Array, marks: Array) -> None:
        """Set the marks of each key. Raises Mismatch for unknown keys."""
        pairing.all_known(machine.mark(keys, bits, keys.shape[0], self._table, marks, *ahead()))

    def _reserve(self, log: Log, more: int) -> None:
        needed = log.size + more
        if needed <= FULLEST * self.slots:
            return
        old = self.slots
        growth = GROWTH if old > FEW_SLOTS else EARLY_GROWTH
        slots = int(max(growth * old, needed / FULLEST + 1))
        if slots > self._reserved.shape[0]:
            # the old one goes before the new one comes
            self._table = self._reserved = np.empty(0, np.uint64)
            self._reserved = reserve(slots)
            old = 0
        self._table = self._reserved[:slots]
        self._table[old:] = layout.EMPTY
        if old > 0 and machine.spread(self._table, old, self._waiting.of(WAITING)):
            return
        self._table[:old] = layout.EMPTY
        self._enter(log)

    def _enter(self, log: Log) -> None:
        for first in range(0, log.size, PIECE):
            keys = log.read(first, min(first + PIECE, log.size))
            machine.reinsert(keys, keys.shape[0], self._table)

    @property
    def slots(self) -> int:
        """How many slots the table has."""
        return int(self._table.shape[0])

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return int(self._table.nbytes)
