"""The index of one owner: a hash table of the keys that are in the log.

While it is small a key is its own entry (`Whole`): a probe touches one place and nothing else is compared.
A large one keeps of each key what its place does not tell (`Remainders`, see kernel/remainders.py). Both
grow in place: the old table and the new one are never in memory together.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from checker.engines.native.arrays import Array, Room
from checker.engines.native.kernel import layout, machine
from checker.engines.native.states import pairing
from checker.engines.native.states.log import Log
from checker.engines.native.states.pages import pages, reserve
from checker.engines.native.tuning import Tuning

#: Keys that are put in at a time where the table may have to grow.
PART = 1 << 13
#: A table of whole keys is grown when it would become fuller than this …
FULLEST = 0.8
#: … by this factor, and by a larger one while it has few slots.
GROWTH = 1.25
EARLY_GROWTH = 1.5
FEW_SLOTS = 1 << 22
#: Keys that may wait for their slot while a table is spread out; expected are some thousands.
WAITING = 1 << 16
#: Keys that are entered at a time.
PIECE = 1 << 14

#: How full a table of remainders becomes, and by how much it is grown then.
FULLEST_LINES = 0.9
LINES_GROWTH = 1.15
#: Words and entries of a line, and the bits that an entry keeps of a key; see kernel/remainders.py.
LINE, ENTRIES, LOW_BITS = 16, 12, 42
#: Lines that a key may be in: at first, and at most.
REACH, MOST_REACH = 2, 8
#: How full the table of those that find no line becomes.
FULLEST_REST = 0.7


def ahead() -> tuple[Array, Array]:
    """Room for the hash slots that a kernel touches ahead of use."""
    return np.empty(layout.AHEAD, np.int64), np.empty(layout.AHEAD, np.uint64)


class Table(Protocol):
    """A hash table of keys that are in a log."""

    @property
    def slots(self) -> int:
        """How many places it has."""

    def reserve(self, log: Log, more: int) -> bool:
        """Have room for so many keys more than are in the log; False if another kind of table is due."""

    def insert(self, keys: Array, fresh: Array) -> int:
        """Put keys in; how many were new, their positions going to `fresh`."""

    @property
    def room(self) -> int:
        """How many keys it has room for."""

    def find(self, keys: Array, slots: Array) -> int:
        """Tell the slot of each key; how many are unknown."""

    @property
    def bytes(self) -> int:
        """Memory in use."""


class Index:
    """Which keys are known, of `bits` bits each."""

    def __init__(self, tuning: Tuning, bits: int, keys: int = 0) -> None:
        self._tuning = tuning
        self._bits = bits
        slots = max(tuning.first_slots, int(keys / FULLEST) + 1)
        self.table: Table = (
            Whole(slots, tuning.most_slots) if slots <= tuning.most_slots else Remainders(bits, keys)
        )

    @classmethod
    def of(cls, log: Log, tuning: Tuning, bits: int) -> Index:
        """The index of the keys of a log, no two of which are the same."""
        index = cls(tuning, bits, log.size)
        enter(log, index.table)
        return index

    def add(self, keys: Array, log: Log, fresh: Array) -> int:
        """Append to the log what is new of some keys; how many, their positions going to `fresh`."""
        count = keys.shape[0]
        if log.size + count <= self.table.room:
            return self._add(keys, log, fresh)
        # in parts, so that it grows for what is new and not for all that is known already
        total = 0
        for at in range(0, count, PART):
            news = fresh[total:]
            found = self._add(keys[at : at + PART], log, news)
            news[:found] += at
            total += found
        return total

    def _add(self, keys: Array, log: Log, fresh: Array) -> int:
        self._reserve(log, keys.shape[0])
        found = self.table.insert(keys, fresh)
        if found:
            log.append(keys[fresh[:found]])
        return found

    def gather(self, keys: Array, places: Array, marks: Array, gathered: Array) -> None:
        """Add the marks of each key to what is gathered at its place. Raises Mismatch for unknown keys.

        `marks` are by slot; the table must stay as it is.
        """
        machine.gather(self._found(keys), keys.shape[0], places, marks, gathered)

    def mark(self, keys: Array, bits: Array, marks: Array) -> None:
        """Set the marks of each key. Raises Mismatch for unknown keys."""
        machine.mark(self._found(keys), keys.shape[0], bits, marks)

    def _found(self, keys: Array) -> Array:
        slots: Array = np.empty(keys.shape[0], np.int64)
        pairing.all_known(self.table.find(keys, slots))
        return slots

    def _reserve(self, log: Log, more: int) -> None:
        if not self.table.reserve(log, more):
            self.table = Gone()  # the old one goes before the new one comes
            self.table = Remainders(self._bits, log.size + more)
            enter(log, self.table)

    @property
    def slots(self) -> int:
        """How many slots the table has."""
        return self.table.slots

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return self.table.bytes


def enter(log: Log, table: Table) -> None:
    """Put the keys of a log into an empty table that has room for them."""
    fresh: Array = np.empty(PIECE, np.int64)
    for first in range(0, log.size, PIECE):
        keys = log.read(first, min(first + PIECE, log.size))
        pairing.all_new(keys.shape[0], table.insert(keys, fresh))


class Gone:
    """Instead of a table that is gone, until the next one has come, for which there may be no memory."""

    slots = bytes = room = 0

    def reserve(self, log: Log, more: int) -> bool:
        """Another kind of table is due."""
        return False

    def insert(self, keys: Array, fresh: Array) -> int:
        """Raises MemoryError."""
        raise MemoryError

    def find(self, keys: Array, slots: Array) -> int:
        """None is known."""
        return int(keys.shape[0])


class Whole:
    """A table of whole keys, between 0.64 and 0.8 full, with at most `most` slots."""

    def __init__(self, slots: int, most: int) -> None:
        self._most = most
        self._reserved = reserve(slots)
        self._table = self._reserved[:slots]
        self._table[:] = layout.EMPTY
        self._waiting = Room(np.uint64)

    def insert(self, keys: Array, fresh: Array) -> int:
        """Put keys in; how many were new, their positions going to `fresh`."""
        return machine.insert(keys, keys.shape[0], self._table, fresh, *ahead())

    def find(self, keys: Array, slots: Array) -> int:
        """Tell the slot of each key; how many are unknown."""
        return machine.find(keys, keys.shape[0], self._table, slots, ahead()[1])

    @property
    def room(self) -> int:
        """How many keys it has room for."""
        return int(FULLEST * self.slots)

    def reserve(self, log: Log, more: int) -> bool:
        """Have room for so many keys more than are in the log; False if there would be too many slots."""
        needed = log.size + more
        if needed <= self.room:
            return True
        old = self.slots
        growth = GROWTH if old > FEW_SLOTS else EARLY_GROWTH
        slots = int(max(growth * old, needed / FULLEST + 1))
        if slots > self._most:
            return False
        if slots > self._reserved.shape[0]:
            # the old one goes before the new one comes
            self._table = self._reserved = np.empty(0, np.uint64)
            self._reserved = reserve(slots)
            old = 0
        self._table = self._reserved[:slots]
        self._table[old:] = layout.EMPTY
        if old == 0 or not machine.spread(self._table, old, self._waiting.of(WAITING)):
            self._table[:] = layout.EMPTY
            enter(log, self)
        return True

    @property
    def slots(self) -> int:
        """How many slots the table has."""
        return int(self._table.shape[0])

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return int(self._table.nbytes)


class Remainders:
    """A table of what places do not tell of keys, between 0.78 and 0.9 full, for so many keys at first."""

    def __init__(self, bits: int, keys: int) -> None:
        self._bits = max(bits, LOW_BITS + 1)
        self._reserved: Array = np.empty(0, np.uint32)
        self._lines = 0
        #: how many hashes are in the rest
        self._resting = 0
        self._rest = _emptied(4 * PIECE)
        self._begin(self._lines_for(keys))

    def _lines_for(self, keys: int) -> int:
        least = REACH << (self._bits - LOW_BITS)
        return max(least, int(keys * LINES_GROWTH / (FULLEST_LINES * ENTRIES)) + 1)

    def _begin(self, lines: int) -> None:
        """An empty table with so many homes."""
        words = _words(lines, self._bits)
        if words > self._reserved.shape[0]:
            # the old one goes before the new one comes
            del self._reserved
            self._reserved = reserve(words, np.uint32)
        else:
            self._reserved[: _words(self._lines, self._bits)] = 0
        self._lines = lines
        self._rest[:] = layout.EMPTY
        self._resting = 0

    def insert(self, keys: Array, fresh: Array) -> int:
        """Put keys in; how many were new, their positions going to `fresh`."""
        self._make_rest(keys.shape[0])
        slots, touched = ahead()
        found = machine.insert_remainders(keys, keys.shape[0], self._arrays(), fresh, slots, touched)
        self._resting += int(slots[0])
        return found

    def find(self, keys: Array, slots: Array) -> int:
        """Tell the slot of each key; how many are unknown."""
        return machine.find_remainders(keys, keys.shape[0], self._arrays(), slots, ahead()[1])

    @property
    def room(self) -> int:
        """How many keys it has room for."""
        return int(FULLEST_LINES * ENTRIES * self._lines)

    def reserve(self, log: Log, more: int) -> bool:
        """Have room for so many keys more than are in the log."""
        if log.size + more > self.room:
            lines = max(int(self._lines * LINES_GROWTH), self._lines_for(log.size + more))
            if not self._is_spread(lines):
                self._begin(lines)
                enter(log, self)
        return True

    def _is_spread(self, lines: int) -> bool:
        """Grow in place; False if the table is to be made anew."""
        if _words(lines, self._bits) > self._reserved.shape[0]:
            return False
        old, old_reach = self._lines, _reach(self._lines, self._bits)
        later = pages(lines // 4 + WAITING, np.uint64)
        self._lines = lines
        left = machine.spread_remainders(self._arrays(), old, old_reach, later)
        if left < 0:
            return False
        resting = self._rest[self._rest != layout.EMPTY]
        self._rest[:] = layout.EMPTY
        self._resting = 0
        for hashes in (later[:left], resting):
            for first in range(0, hashes.shape[0], PIECE):
                some = hashes[first : first + PIECE]
                self._make_rest(some.shape[0])
                self._resting += machine.place_hashes(some, some.shape[0], self._arrays())
        return True

    def _make_rest(self, more: int) -> None:
        """Have room for so many more in the rest."""
        if self._resting + more <= FULLEST_REST * self._rest.shape[0]:
            return
        resting = self._rest[self._rest != layout.EMPTY]
        self._rest = _emptied(int((self._resting + more) * 1.5 / FULLEST_REST))
        # all lines of these are full, so that is where they go
        machine.place_hashes(resting, resting.shape[0], self._arrays())

    def _arrays(self) -> layout.Remainders:
        reach = _reach(self._lines, self._bits)
        return layout.Remainders(
            self._reserved[: _words(self._lines, self._bits)], self._bits, self._lines, reach, self._rest
        )

    @property
    def slots(self) -> int:
        """How many slots the table has, the rest included."""
        return _words(self._lines, self._bits) // LINE * ENTRIES + int(self._rest.shape[0])

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return 4 * _words(self._lines, self._bits) + int(self._rest.nbytes)


def _reach(lines: int, bits: int) -> int:
    """In how many lines a key may be: as many as its entry can tell apart."""
    return min(MOST_REACH, lines >> (bits - LOW_BITS))


def _words(lines: int, bits: int) -> int:
    """Words of a table with so many homes."""
    return (lines + _reach(lines, bits) - 1) * LINE


def _emptied(slots: int) -> Array:
    """A table of whole hashes with nothing in it."""
    table: Array = np.full(slots, layout.EMPTY, np.uint64)
    return table
