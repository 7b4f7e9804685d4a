"""The states of one owner: a hash table of keys, and the keys in order of discovery.

Work is split by owner: each state belongs to one (owners.py). An owner takes batches of states
(`absorb`), keeps what is new, and hands out its part of each level. Nothing here is shared between
owners, so owners can live on threads, and could live on machines.

A key is the packed state itself if it fits into one word. A state of two words is stored by halves
(tree compression, after Laarman, van de Pol and Weber 2011): each half is numbered in a table of its
own, and the key is the pair of numbers. The halves are few, since most of them recur.

Bytes of a state: 8 for the key in order of discovery, and 8 for its slot in a hash table that is
between 0.64 and 0.8 full; parents are not stored, since a path is found again by going back level
by level (see paths.py).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import layout, machine
from checker.engines.native.states import pairing
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.packing import Packing, Words

#: A hash table is grown when it would become fuller than this …
FULLEST = 0.8
#: … by this factor, and by a larger one while it has few slots.
GROWTH = 1.25
EARLY_GROWTH = 1.5
FEW_SLOTS = 1 << 22
#: Address space for a table is taken for so many times its slots, and for so many slots at least.
RESERVE = 16
FIRST_RESERVE = 1 << 22
#: Keys that may wait for their slot while a table is spread out; expected are some thousands.
WAITING = 1 << 16
#: Keys that are put in at a time.
PART = 1 << 13
#: Keys that are worked on at a time when all are gone through.
PIECE = 1 << 18
FIRST_SLOTS = 1 << 12


def ahead() -> tuple[Array, Array]:
    """Room for the hash slots that a kernel touches ahead of use."""
    return np.empty(layout.AHEAD, np.int64), np.empty(layout.AHEAD, np.uint64)


def reserve(slots: int) -> Array:
    """Room for so many words, and for many more: pages that are not touched yet take no memory."""
    for times in (RESERVE, RESERVE // 4):
        with suppress(MemoryError):
            return np.empty(max(FIRST_RESERVE, times * slots), np.uint64)
    return np.empty(slots, np.uint64)


def longer(words: Array, used: int, needed: int) -> Array:
    """The same words with room for so many."""
    grown = reserve(needed)
    grown[:used] = words[:used]
    return grown


class Piece(NamedTuple):
    """Some states: how many, and their words, made when they are asked for."""

    size: int
    words: Callable[[], Words]


def held(words: Words) -> Piece:
    """A piece whose words are there already."""
    return Piece(words.size, lambda: words)


class HalvesOutgrown(Exception):  # noqa: N818 - not a fault of anybody
    """One half of the states has more values than 31 bits can number."""


class Halves:
    """Numbers for one half of the states of two words."""

    def __init__(self) -> None:
        self.table = np.zeros(FIRST_SLOTS, np.uint32)
        self.values = reserve(FIRST_SLOTS)
        self.known = 0

    def intern(self, halves: Array, count: int, result: Array) -> None:
        """The number of each half."""
        self._reserve(self.known + count)
        self.known = machine.intern_halves(
            halves, count, self.table, self.values, self.known, result, *ahead()
        )

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


class Room:
    """Room to work in, kept from one use to the next: taking and giving back memory stops all threads."""

    def __init__(self, dtype: type) -> None:
        self._array: Array = np.empty(0, dtype)

    def of(self, size: int) -> Array:
        """An array of so many values, which are nothing in particular."""
        if self._array.shape[0] < size:
            self._array = np.empty(max(size, 2 * self._array.shape[0]), self._array.dtype)
        return self._array[:size]


class Store:
    """The states of one owner."""

    def __init__(self, packing: Packing) -> None:
        self.packing = packing
        self.states = 0
        self._reserved = reserve(FIRST_SLOTS)
        self._table = self._reserved[:FIRST_SLOTS]
        self._table[:] = layout.EMPTY
        #: the keys in order of discovery, and room for more
        self._log = reserve(FIRST_SLOTS)
        self._levels: list[int] = [0]
        self.left = Halves()
        self.right = Halves()
        self._fresh, self._new_keys = Room(np.int64), Room(np.uint64)
        self._lefts, self._rights = Room(np.uint32), Room(np.uint32)
        self._waiting = Room(np.uint64)

    # Taking states in -----------------------------------------------------------------------------

    def absorb(self, w0: Array, w1: Array, count: int) -> Array:
        """Keep what is new of `count` states; the positions of these among them, until the next call."""
        keys = self._keys(w0, w1, count)
        fresh = self._fresh.of(count)
        total = 0
        # in parts, so that the table has room for what is new and not for all that is known already
        for at in range(0, count, PART):
            part = keys[at : min(at + PART, count)]
            self._reserve(part.shape[0])
            news = fresh[total:]
            found = machine.insert(part, part.shape[0], self._table, self._log, self.states, news, *ahead())
            news[:found] += at
            self.states += found
            total += found
        return fresh[:total]

    def _keys(self, w0: Array, w1: Array, count: int) -> Array:
        if not self.packing.wide:
            return w0
        left, right, keys = self._lefts.of(count), self._rights.of(count), self._new_keys.of(count)
        self.left.intern(w0, count, left)
        self.right.intern(w1, count, right)
        machine.join(left, right, count, keys)
        return keys

    def _reserve(self, more: int) -> None:
        needed = self.states + more
        if needed > self._log.shape[0]:
            self._log = longer(self._log, self.states, needed)
        if needed <= FULLEST * self._table.shape[0]:
            return
        old = self._table.shape[0]
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
        machine.reinsert(self._log, self.states, self._table)

    # Handing states out ---------------------------------------------------------------------------

    def close_level(self) -> int:
        """End the level that is being filled; how many states it has."""
        self._levels.append(self.states)
        return self._levels[-1] - self._levels[-2]

    def level(self, depth: int, most: int) -> list[Piece]:
        """The states of a closed level, 0 being the initial one, in pieces of at most `most`."""
        return self.between(self._levels[depth], self._levels[depth + 1], most)

    def between(self, first: int, last: int, most: int) -> list[Piece]:
        """The states from number `first` to before number `last`."""
        ends = [(at, min(at + most, last)) for at in range(first, last, most)]
        return [Piece(hi - lo, partial(self._words, lo, hi)) for lo, hi in ends]

    def _words(self, lo: int, hi: int) -> Words:
        if not self.packing.wide:
            words = self._log[lo:hi]
            return Words(words, words, self.packing)
        w0, w1 = np.empty(hi - lo, np.uint64), np.empty(hi - lo, np.uint64)
        machine.split(self._log, lo, hi, self.left.values, self.right.values, w0, w1)
        return Words(w0, w1, self.packing)

    def newest(self) -> tuple[int, int]:
        """The words of the state that was put in last."""
        key = int(self._log[self.states - 1])
        if not self.packing.wide:
            return key, key
        return int(self.left.values[key & 0xFFFFFFFF]), int(self.right.values[key >> 32])

    @property
    def levels(self) -> list[int]:
        """The number of states known when each level was closed."""
        return self._levels

    @property
    def bytes(self) -> int:
        """Memory in use for states."""
        log = self.states * self._log.itemsize
        halves = self.left.bytes + self.right.bytes if self.packing.wide else 0
        return int(self._table.nbytes + log + halves)


def moved(stores: list[Store], packing: Packing, owners: Owners) -> list[Store]:
    """The same states, level by level, in another packing or with other owners."""
    fresh = [Store(packing) for _ in range(owners.count)]
    marks = [store.levels for store in stores]
    open_ends = [[*mark, store.states] for mark, store in zip(marks, stores, strict=True)]
    for level in range(len(marks[0])):
        for store, ends in zip(stores, open_ends, strict=True):
            for piece in store.between(ends[level], ends[level + 1], PIECE):
                _route(piece.words().packed(packing), owners, fresh)
        pairing.same_number(stores, fresh, [ends[level + 1] for ends in open_ends])
        if level + 1 < len(marks[0]):
            for store in fresh:
                store.close_level()
    return fresh


def _route(words: Words, owners: Owners, stores: list[Store]) -> None:
    owner = owners.of(words)
    for number, store in enumerate(stores):
        mine = words.of(owner == number)
        if mine.size:
            store.absorb(mine.first, mine.second, mine.size)
