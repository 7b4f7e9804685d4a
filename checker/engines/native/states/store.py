"""The states of one owner: the log of their keys, the index of the keys, and what a key is.

Work is split by owner: each state belongs to one (owners.py). An owner takes batches of states
(`absorb`), keeps what is new, and hands out its part of each level. Nothing here is shared between
owners, so owners can live on threads, and could live on machines.

A key is the packed state itself if it fits into one word. A state of two words is stored by halves
(halves.py).

Bytes of a state: 8 for the key in the log (log.py), in memory or on the disk, and what its place in the
index takes (index.py); parents are not stored, since a path is found again by going back level by level
(paths/paths.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from checker.engines.native.arrays import Array, Room
from checker.engines.native.kernel import machine
from checker.engines.native.states import pairing
from checker.engines.native.states.disk import Disk
from checker.engines.native.states.halves import Halves
from checker.engines.native.states.index import Index
from checker.engines.native.states.log import Log
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.packing import packed
from checker.engines.native.states.sleeping import Sleeping
from checker.engines.native.states.words import Packing, Piece, Words
from checker.engines.native.tuning import USUAL, Tuning

#: Keys that are worked on at a time when all are gone through.
PIECE = 1 << 18
#: All moves are asleep.
EVERYTHING = np.uint64((1 << 64) - 1)


class StatesLost(Exception):  # noqa: N818 - not a fault of anybody
    """Memory gave out while states were written anew: neither the old form nor the new one is whole."""


class Store:
    """The states of one owner."""

    def __init__(
        self, packing: Packing, tuning: Tuning = USUAL, owner: int = 0, disk: Disk | None = None
    ) -> None:
        self.packing = packing
        self.tuning = tuning
        self.owner = owner
        self.log = Log(tuning.chunk)
        self._index = Index(tuning, packing.key_bits)
        self.left = Halves(tuning.first_slots)
        self.right = Halves(tuning.first_slots)
        self._fresh, self._new_keys = Room(np.int64), Room(np.uint64)
        self._lefts, self._rights = Room(np.uint32), Room(np.uint32)
        #: what sleeps in the states of the level that is expanded, and of the one that is being built
        self._expanding: Sleeping | None = None
        self._building: Sleeping | None = None
        if disk is not None:
            self.to_disk(disk)

    @property
    def states(self) -> int:
        """How many states there are."""
        return self.log.size

    # Taking states in -----------------------------------------------------------------------------

    def absorb(self, w0: Array, w1: Array, count: int, asleep: Array | None = None) -> Array:
        """Keep what is new of `count` states; the positions of these among them, until the next call.

        What is asleep in them is kept of those on the level that is being built.
        """
        keys = self._keys(w0, w1, count)
        if asleep is not None:
            try:
                return self._absorb_asleep(keys[:count], asleep)
            except MemoryError:  # the search is over, and nobody asks any more what sleeps in its states
                self._building = None
                raise
        fresh = self._fresh.of(count)
        return fresh[: self._index.add(keys[:count], self.log, fresh)]

    def _absorb_asleep(self, keys: Array, asleep: Array) -> Array:
        building = self._building
        assert building is not None, "what sleeps is kept of the level that is being built"
        count = keys.shape[0]
        known, fresh = np.ones(count, np.bool_), self._fresh.of(count)
        # on a level that was closed before nothing is new: the states there are to agree only
        is_open = building.level == len(self.levels) - 1
        fresh = fresh[: self._index.add(keys, self.log, fresh) if is_open else 0]
        if is_open:
            building.add(keys, asleep, fresh)
            known[fresh] = False
        building.agree(keys, asleep, np.flatnonzero(known))
        return fresh

    def build(self, level: int | None = None) -> None:
        """Begin to find what sleeps in the states of a level: of the open one, or of one that is known."""
        levels = self.levels
        if level is None or level == len(levels) - 1:
            last = levels[-1] - levels[-2] if len(levels) > 1 else 0
            self._building = Sleeping(len(levels) - 1, levels[-1], last)
            return
        self._building = Sleeping(level, levels[level], levels[level + 1] - levels[level])
        for piece in self.level(level, PIECE):
            words = piece.words()
            # with everything: so it is for what the ways that are found agree on
            self._building.add(self.keys_of(words), np.full(words.size, EVERYTHING), np.arange(words.size))

    def wake(self) -> None:
        """Know no more what sleeps."""
        self._expanding = self._building = None

    def _keys(self, w0: Array, w1: Array, count: int) -> Array:
        if not self.packing.wide:
            return w0
        left, right, keys = self._lefts.of(count), self._rights.of(count), self._new_keys.of(count)
        self.left.intern(w0, count, left)
        self.right.intern(w1, count, right)
        machine.join(left, right, count, keys)
        return keys

    # Marks of states that are known: eight bits each, in an array by slot of the index -----------------

    def unmarked(self) -> Array:
        """No marks; they are good as long as no state is taken in."""
        return np.zeros(self._index.slots, np.uint8)

    def gather(self, words: Words, places: Array, marks: Array, gathered: Array) -> None:
        """Add the marks of each state to what is gathered at its place. Raises Mismatch if one is new."""
        self._index.gather(self.keys_of(words), places, marks, gathered)

    def mark(self, words: Words, bits: Array, marks: Array) -> None:
        """Set the marks of each state. Raises Mismatch if one is new."""
        self._index.mark(self.keys_of(words), bits, marks)

    def keys_of(self, words: Words) -> Array:
        """The keys of states that are known. Changes nothing: several threads may ask at once."""
        pairing.same_packing(words, self.packing)
        if not self.packing.wide:
            return words.first
        keys: Array = np.empty(words.size, np.uint64)
        machine.join(self.left.numbers(words.first), self.right.numbers(words.second), words.size, keys)
        return keys

    # Handing states out ---------------------------------------------------------------------------

    def to_disk(self, disk: Disk) -> None:
        """Have the log on the disk, from the next time on that states are taken in."""
        self.log.to_disk(partial(disk.file, self.owner))

    def close(self) -> None:
        """Read and write no more states; those on the disk are gone unless they are kept."""
        self.log.close()

    def close_level(self) -> int:
        """End the level that is being filled; how many states it has."""
        size = self.log.close_level()
        self.settle()
        return size

    def settle(self) -> None:
        """What sleeps in the states of the level that is being built is known from now on."""
        if (built := self._building) is not None:
            pairing.all_asleep(built.known, self.levels[built.level + 1] - self.levels[built.level])
            pairing.all_reached(built.rows(), EVERYTHING)
            built.settle()
            self._expanding, self._building = built, None

    def level(self, depth: int, most: int) -> list[Piece]:
        """The states of a closed level, 0 being the initial one, in pieces of at most `most`."""
        return self.between(self.levels[depth], self.levels[depth + 1], most)

    def between(self, first: int, last: int, most: int) -> list[Piece]:
        """The states from number `first` to before number `last`."""
        ends = [(at, min(at + most, last)) for at in range(first, last, most)]
        return [Piece(hi - lo, partial(self._words, lo, hi)) for lo, hi in ends]

    def _words(self, lo: int, hi: int) -> Words:
        keys, asleep = self.log.read(lo, hi), self._asleep_in(lo, hi)
        if not self.packing.wide:
            return Words(keys, keys, self.packing, asleep)
        w0, w1 = np.empty(hi - lo, np.uint64), np.empty(hi - lo, np.uint64)
        machine.split(keys, 0, hi - lo, self.left.values, self.right.values, w0, w1)
        return Words(w0, w1, self.packing, asleep)

    @property
    def _sleeping(self) -> list[Sleeping]:
        return [one for one in (self._expanding, self._building) if one is not None]

    def _asleep_in(self, lo: int, hi: int) -> Array | None:
        """What sleeps in some states of a level, if that is known."""
        found = (one.between(lo, hi) for one in self._sleeping)
        return next((rows for rows in found if rows is not None), None)

    def newest(self) -> tuple[int, int]:
        """The words of the state that was put in last."""
        key = int(self.log.read(self.states - 1, self.states)[0])
        if not self.packing.wide:
            return key, key
        return int(self.left.values[key & 0xFFFFFFFF]), int(self.right.values[key >> 32])

    def last(self, count: int) -> Words:
        """The states that were put in last."""
        return self._words(self.states - count, self.states)

    def parts(self) -> dict[str, Array]:
        """Beside the log what states are made of: the values of halves, of states of two words."""
        halves = {"left": self.left, "right": self.right} if self.packing.wide else {}
        return {name: half.values[: half.known] for name, half in halves.items()}

    def asleep(self, level: int) -> Array | None:
        """What sleeps in the states of a level, a word for each; None where that is not kept."""
        return next((one.rows() for one in self._sleeping if one.level == level), None)

    def is_building(self, level: int) -> bool:
        """Whether it is being found what sleeps in the states of a level."""
        return self._building is not None and self._building.level == level

    @property
    def levels(self) -> list[int]:
        """The number of states known when each level was closed."""
        return self.log.levels

    @property
    def bytes(self) -> int:
        """Memory in use for states."""
        halves = self.left.bytes + self.right.bytes if self.packing.wide else 0
        sleeping = sum(one.bytes for one in self._sleeping)
        return self._index.bytes + self.log.bytes + halves + sleeping

    # Writing states anew --------------------------------------------------------------------------------

    def put(self, words: Words) -> None:
        """Put down states no two of which are the same; they are known when `enter` was called."""
        keys = self._keys(words.first, words.second, words.size)[: words.size]
        self.log.append(keys)
        if words.asleep is not None and self._building is not None:
            self._building.add(keys, words.asleep, np.arange(words.size))

    def enter(self) -> None:
        """Make the index anew, from the log."""
        self.forget()  # the old one goes before the new one comes
        self._index = Index.of(self.log, self.tuning, self.packing.key_bits)

    def forget(self) -> None:
        """Know no state any more; those that there are can still be handed out."""
        self._index = Index(self.tuning, self.packing.key_bits)


def disk_trouble(stores: list[Store], disk: Disk) -> str | None:
    """Why the disk takes no more states, if it does not."""
    errors = (store.log.trouble for store in stores)
    error = next((error for error in errors if error is not None), None)
    return None if error is None else disk.refusal(error)


#: Calls a function with each number below a count, maybe on several threads at once.
Each = Callable[[Callable[[int], None], int], None]


def one_by_one(work: Callable[[int], None], count: int) -> None:
    """Call a function with each number below `count`, in their order."""
    for number in range(count):
        work(number)


def moved(
    stores: list[Store],
    packing: Packing,
    owners: Owners,
    disk: Disk | None = None,
    each: Each = one_by_one,
) -> list[Store]:
    """The same states, level by level, in another packing or with other owners.

    What was read of the old stores is given back at once, so that states are in memory once only. `each`
    makes the indexes. Raises StatesLost if that does not come to its end.
    """
    if disk is not None:
        disk.anew()
    fresh = [Store(packing, stores[0].tuning, owner, disk) for owner in range(owners.count)]
    try:
        for store in stores:
            store.forget()
        for level in range(len(stores[0].levels)):
            _move_level(level, stores, owners, fresh)
        for store in stores:
            store.log.discard()
        each(lambda owner: fresh[owner].enter(), owners.count)
    except MemoryError as error:
        raise StatesLost("the machine has no more memory to give") from error
    return fresh


def _move_level(level: int, stores: list[Store], owners: Owners, fresh: list[Store]) -> None:
    """Put down the states of a level anew; the last one is open."""
    is_closed = level + 1 < len(stores[0].levels)
    if stores[0].asleep(level) is not None:
        for store in fresh:
            store.build()
    read = 0
    for store in stores:
        first, last = store.levels[level], store.levels[level + 1] if is_closed else store.states
        for at, piece in enumerate(store.between(first, last, PIECE)):
            _route(packed(piece.words(), fresh[0].packing), owners, fresh)
            store.log.give_back(min(first + (at + 1) * PIECE, last))
        read += last
    pairing.same_number(read, sum(store.states for store in fresh))
    if is_closed:
        for store in fresh:
            store.log.close_level()
            if not stores[0].is_building(level):
                store.settle()


def _route(words: Words, owners: Owners, stores: list[Store]) -> None:
    owner = owners.of(words)
    for number, store in enumerate(stores):
        mine = words.of(owner == number)
        if mine.size:
            store.put(mine)
