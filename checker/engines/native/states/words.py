"""Words: states as cell numbers side by side in one or two 64-bit words, and pieces of many states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel.layout import Fields, States

#: Bits of the key of a state of two words: a number of 31 bits above one of 32.
WIDE_KEY_BITS = 63


@dataclass(frozen=True, slots=True)
class Packing:
    """Where each node's cell number lies: `width` bits in word `word`, from bit `shift` on."""

    width: tuple[int, ...]
    word: tuple[int, ...]
    shift: tuple[int, ...]

    @property
    def wide(self) -> bool:
        """Whether a state takes two words."""
        return any(self.word)

    @property
    def words(self) -> int:
        """How many words it takes; a state takes one or two."""
        return 1 + max(self.word, default=0)

    @property
    def key_bits(self) -> int:
        """The bits of the key of a state: of its word or, if there are two, of the numbers of these."""
        if self.wide:
            return WIDE_KEY_BITS
        return max(shift + width for shift, width in zip(self.shift, self.width, strict=True))

    def fits(self, cells: list[int]) -> bool:
        """Whether these many cells of each node can be told apart."""
        return all(count <= 1 << width for count, width in zip(cells, self.width, strict=True))

    def arrays(self, base: Array) -> Fields:
        """As the kernel takes it, together with the nodes' places in the per-cell arrays."""
        mask = [(1 << width) - 1 for width in self.width]
        return Fields(
            base,
            np.array(self.word, np.uint8),
            np.array(self.shift, np.uint64),
            np.array(mask, np.uint64),
        )

    def pack(self, cells: tuple[int, ...]) -> tuple[int, int]:
        """The two words of a state; the second is 0 unless `wide`."""
        words = [0, 0]
        for cell, word, shift in zip(cells, self.word, self.shift, strict=True):
            words[word] |= cell << shift
        return words[0], words[1]

    def unpack(self, first: int, second: int) -> tuple[int, ...]:
        """The cell numbers of a state."""
        words = (first, second)
        return tuple(
            (words[word] >> shift) & ((1 << width) - 1)
            for width, word, shift in zip(self.width, self.word, self.shift, strict=True)
        )


class Words(NamedTuple):
    """Packed states, and the packing without which their words mean nothing.

    `first` and `second` are the words of each state; where one word is enough, `second` is `first`. With a
    state may come which of its moves are `asleep`: a word for each state (kernel/ordered.py).
    """

    first: Array
    second: Array
    packing: Packing
    asleep: Array | None = None

    @property
    def size(self) -> int:
        """How many states these are."""
        return int(self.first.shape[0])

    def arrays(self) -> States:
        """As the kernel takes them."""
        return States(self.first, self.second, self.packing.wide)

    def of(self, chosen: Any) -> Words:
        """Those of the states that an index or a slice of arrays chooses, copied if it is an index."""
        asleep = None if self.asleep is None else self.asleep[chosen]
        return Words(self.first[chosen], self.second[chosen], self.packing, asleep)

    def cells(self) -> Array:
        """The cell numbers, a row for each state."""
        packing = self.packing
        columns = [
            ((self.second if word else self.first) >> np.uint64(shift)) & np.uint64((1 << width) - 1)
            for width, word, shift in zip(packing.width, packing.word, packing.shift, strict=True)
        ]
        return np.stack(columns, axis=1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some states: how many, and their words, read when they are asked for.

    A part of a piece is told by a bit for each state of it: its states are read again, not held meanwhile.
    """

    size: int
    read: Callable[[], Words]
    #: which states of those that are read these are, eight to a byte; None for all of them
    bits: Array | None = None

    def words(self) -> Words:
        """Their words."""
        return self.read() if self.bits is None else self.read().of(self._places())

    def part(self, places: Array) -> Piece:
        """Those of them at some places, in their order."""
        if places.shape[0] == self.size:
            return self
        if self.bits is None:
            chosen = np.zeros(self.size, np.bool_)
            chosen[places] = True
        else:
            chosen = np.zeros(8 * self.bits.shape[0], np.bool_)
            chosen[self._places()[places]] = True
        return Piece(places.shape[0], self.read, np.packbits(chosen))

    def _places(self) -> Array:
        """Where these are among the states that are read."""
        assert self.bits is not None, "it is a part"
        return np.flatnonzero(np.unpackbits(self.bits))


class Levelled(Protocol):
    """States of one owner, level by level."""

    @property
    def levels(self) -> Sequence[int]:
        """The number of states up to the end of each level."""

    def level(self, depth: int, most: int) -> list[Piece]:
        """The states of a level, in pieces of at most `most`."""


def held(words: Words) -> Piece:
    """A piece around words that are in memory."""
    return Piece(words.size, lambda: words)
