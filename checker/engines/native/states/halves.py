"""Halves: numbers for one word of states that take two, since most of them recur.

Tree compression (after Laarman, van de Pol and Weber 2011): each half of a state is numbered in a table of
its own, and the key of the state is the pair of numbers.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import machine
from checker.engines.native.states import pairing
from checker.engines.native.states.index import FULLEST, GROWTH, ahead
from checker.engines.native.states.pages import longer, reserve

#: Values that are entered at a time when a table is made anew.
PIECE = 1 << 18


class HalvesOutgrown(Exception):  # noqa: N818 - not a fault of anybody
    """One half of the states has more values than 31 bits can number."""


class Halves:
    """Numbers for one half of the states of two words."""

    def __init__(self, first_slots: int) -> None:
        self.table = np.zeros(first_slots, np.uint32)
        self.values = reserve(first_slots)
        self.known = 0

    def intern(self, halves: Array, count: int, result: Array) -> None:
        """The number of each half."""
        self._reserve(self.known + count)
        self.known = machine.intern_halves(
            halves, count, self.table, self.values, self.known, result, *ahead()
        )

    def numbers(self, halves: Array) -> Array:
        """The numbers of halves that are known. Raises Mismatch if one is not."""
        found: Array = np.empty(halves.shape[0], np.uint32)
        known = machine.intern_halves(
            halves, halves.shape[0], self.table, self.values, self.known, found, *ahead()
        )
        pairing.all_known(known - self.known)
        return found

    def _reserve(self, needed: int) -> None:
        if needed >= 1 << 31:
            raise HalvesOutgrown("one half of the states has more values than 31 bits can number")
        if needed > self.values.shape[0]:
            self.values = longer(self.values, self.known, needed)
        if needed > FULLEST * self.table.shape[0]:
            self._rebuild(int(max(GROWTH * self.table.shape[0], needed / FULLEST + 1)))

    def _rebuild(self, slots: int) -> None:
        """Enter all values into a new table."""
        self.table = np.zeros(slots, np.uint32)
        for first in range(0, self.known, PIECE):
            values = self.values[first : min(first + PIECE, self.known)].copy()
            numbers = np.empty(values.shape[0], np.uint32)
            machine.intern_halves(
                values, values.shape[0], self.table, self.values, first, numbers, *ahead()
            )

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return int(self.table.nbytes + self.known * self.values.itemsize)
