"""How many different states walks have seen: a set of their keys.

A key is a hash of 64 bits, so of n states two are taken for one with a probability of at most n²/2⁶⁵:
among a hundred million states once in 3,700 simulations. What a set may take of memory is limited; when
it is full, states are no longer counted, and that is told.
"""

from __future__ import annotations

import threading

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import AHEAD, EMPTY

FIRST = 1 << 14


class States:
    """The states that were seen, as their keys."""

    def __init__(self, most_bytes: int) -> None:
        self._table = np.full(FIRST, EMPTY, np.uint64)
        self._most = most_bytes
        self._lock = threading.Lock()
        self._slots = np.zeros(AHEAD, np.int64)
        self._touched = np.zeros(AHEAD, np.uint64)
        #: how many there are, and whether there are more than fit
        self.count = 0
        self.full = False

    def add(self, keys: Array) -> None:
        """Add states; from several threads."""
        with self._lock:
            if not self.full and self._make_room(keys.shape[0]):
                self.count += machine.merge(keys, keys.shape[0], self._table, self._slots, self._touched)

    def _make_room(self, more: int) -> bool:
        size = self._table.shape[0]
        while 2 * (self.count + more) > size and 16 * size <= self._most:
            size *= 2
        if self.count + more > size * 3 // 4:
            self.full = True
            return False
        if size > self._table.shape[0]:
            old = self._table[self._table != EMPTY]
            self._table = np.full(size, EMPTY, np.uint64)
            machine.merge(old, old.shape[0], self._table, self._slots, self._touched)
        return True
