"""The combinations of views that one owner's states have shown so far, for each group of properties."""

from __future__ import annotations

import numpy as np

from checker.engines.native.arrays import apart
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import Shown

#: New combinations that there is room for at first.
NEW = 1 << 14


class Combinations:
    """For each group of properties a hash table of combinations, and those that are new."""

    def __init__(self, groups: int) -> None:
        self.sizes = np.full(groups, 64, np.int64)
        self.used = apart(groups, np.int64)
        self._lay_out()
        self.new = np.zeros((NEW, 2), np.uint64)
        self.added = apart(1, np.int64)

    def _lay_out(self) -> None:
        self.offsets = np.cumsum(self.sizes) - self.sizes
        self.table = np.full(int(self.sizes.sum()), layout.EMPTY, np.uint64)

    def arrays(self) -> Shown:
        """As the kernel takes them."""
        return Shown(self.table, self.offsets, self.sizes, self.used, self.new, self.added)

    def grow(self) -> None:
        """Make room: for new combinations if they have none left, else in every table that is half full."""
        if self.added[0] + self.sizes.shape[0] > self.new.shape[0]:
            self.new = np.concatenate([self.new, np.zeros_like(self.new)])
            return
        old = [self.table[at : at + size].copy() for at, size in zip(self.offsets, self.sizes, strict=True)]
        self.sizes = np.where(self.used * 2 >= self.sizes, self.sizes * 4, self.sizes)
        self._lay_out()
        for at, size, entries in zip(self.offsets, self.sizes, old, strict=True):
            machine.enter(entries, self.table[at : at + size])

    def has(self, group: int, combination: int) -> bool:
        """Whether a group was shown this combination."""
        at = int(self.offsets[group])
        return bool((self.table[at : at + int(self.sizes[group])] == np.uint64(combination)).any())

    def forget(self, group: int) -> None:
        """Drop what is known of a group: its combinations are now written otherwise."""
        at = int(self.offsets[group])
        self.table[at : at + int(self.sizes[group])] = layout.EMPTY
        self.used[group] = 0

    def take(self) -> list[tuple[int, int]]:
        """The new (group, combination) pairs, which are then no longer new."""
        pairs = [(int(g), int(c)) for g, c in self.new[: int(self.added[0])]]
        self.added[0] = 0
        return pairs
