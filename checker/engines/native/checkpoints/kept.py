"""States as a checkpoint has them: the keys of each owner in the order of discovery, level by level.

They are read from the files when they are looked at. To be searched, they go into stores of states, in the
same order, level by level; who owns which may be another than before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from checker.engines.checkpoint import CheckpointError
from checker.engines.native.arrays import Array
from checker.engines.native.checkpoints.files import Files
from checker.engines.native.kernel import machine
from checker.engines.native.states import pairing
from checker.engines.native.states.disk import Disk
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.store import Store
from checker.engines.native.states.words import Packing, Piece, Words
from checker.engines.native.tuning import Tuning

#: States that are entered between two looks at the clock.
PIECE = 1 << 18
#: What files there are of an owner's states: keys, and the values of left and right halves.
PARTS = ("keys", "left", "right")


@dataclass(frozen=True, slots=True)
class KeptStore:
    """The states of one owner: their keys, the values of halves if a state has two words, and levels."""

    packing: Packing
    levels: Sequence[int]
    keys: Array
    left: Array
    right: Array
    #: what sleeps in the states of the last level, a word for each, if that matters
    asleep: Array | None

    def level(self, depth: int, most: int) -> list[Piece]:
        """The states of a level, in pieces of at most `most`."""
        return self.between(self.levels[depth], self.levels[depth + 1], most)

    def between(self, first: int, last: int, most: int) -> list[Piece]:
        """The states from number `first` to before number `last`."""
        ends = [(at, min(at + most, last)) for at in range(first, last, most)]
        return [Piece(hi - lo, partial(self._words, lo, hi)) for lo, hi in ends]

    def _words(self, lo: int, hi: int) -> Words:
        keys, first = np.array(self.keys[lo:hi]), self.levels[-2]
        asleep = (
            None if self.asleep is None or lo < first else np.array(self.asleep[lo - first : hi - first])
        )
        if not self.packing.wide:
            return Words(keys, keys, self.packing, asleep)
        w0, w1 = np.empty(hi - lo, np.uint64), np.empty(hi - lo, np.uint64)
        machine.split(keys, 0, hi - lo, self.left, self.right, w0, w1)
        return Words(w0, w1, self.packing, asleep)


class KeptStates:
    """The states of all owners, as the manifest tells of them and the files hold them."""

    def __init__(self, said: Mapping[str, Any], files: Files) -> None:
        """Raises CheckpointError where what is told and what is held do not fit."""
        try:
            packing = _packing(said["packing"])
            self.asleep = None if said["asleep"] is None else _packing(said["asleep"])
            self.followed, self.spared = int(said["followed"]), int(said["spared"])
            levels = [[int(end) for end in ends] for ends in said["levels"]]
            self.owners = Owners(len(levels), tuple(int(node) for node in said["owners"]))
            names = [str(name) for name in said["names"]]
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{files.folder}: damaged: the manifest does not tell of states"
            ) from error
        self.packing = packing
        self.stores = []
        for number, (ends, name) in enumerate(zip(levels, names, strict=True)):
            keys, left, right = (_held(files, part, name) for part in PARTS)
            asleep = self._sleeping(files, said, number)
            self.stores.append(KeptStore(packing, ends, keys, left, right, asleep))
        for store in self.stores:
            if store.keys.shape[0] < store.levels[-1]:
                raise CheckpointError(f"{files.folder}: damaged: there are fewer states than are told of")

    def _sleeping(self, files: Files, said: Mapping[str, Any], number: int) -> Array | None:
        if self.asleep is None:
            return None
        name = file_name("asleep", f"{said['sleeping']}-{number}")
        return files.read(name, np.uint64)

    @property
    def depth(self) -> int:
        """How many levels there are, the last of which may be empty."""
        return len(self.stores[0].levels) - 1

    def until(self, depth: int) -> int:
        """How many states there are on so many levels."""
        return sum(store.levels[depth] for store in self.stores)

    def enter(
        self, owners: Owners, tuning: Tuning, disk: Disk | None, look: Callable[[int], None]
    ) -> list[Store]:
        """The states in stores of these owners; `look` is told now and then how many are there."""
        stores = [Store(self.packing, tuning, number, disk) for number in range(owners.count)]
        total = 0
        for depth in range(self.depth):
            if self.asleep is not None and depth == self.depth - 1:
                for store in stores:
                    store.build()
            for kept in self.stores:
                for piece in kept.level(depth, PIECE):
                    words = piece.words()
                    _route(words, owners, stores)
                    total += words.size
                    look(total)
            pairing.same_number(total, sum(store.states for store in stores))
            for store in stores:
                store.close_level()
        for store in stores:
            store.enter()
        return stores


def _packing(said: Mapping[str, Any]) -> Packing:
    return Packing(*(tuple(map(int, said[key])) for key in ("width", "word", "shift")))


def said_of(packing: Packing) -> dict[str, list[int]]:
    """A packing as the manifest tells it."""
    return {key: list(getattr(packing, key)) for key in ("width", "word", "shift")}


def _held(files: Files, part: str, name: str) -> Array:
    return files.read(file_name(part, name), np.uint64)


def file_name(part: str, name: str) -> str:
    """The file with a part (keys, left or right halves) of the states of that name."""
    return f"{part}-{name}.words"


def _route(words: Words, owners: Owners, stores: list[Store]) -> None:
    if owners.count == 1:
        stores[0].put(words)
        return
    owner = owners.of(words)
    for number, store in enumerate(stores):
        mine = words.of(owner == number)
        if mine.size:
            store.put(mine)
