"""Packing: a state's cell numbers side by side in one or two 64-bit words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from typing import Any, NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import POST_CELL_BITS
from checker.engines.native.states import pairing

#: The nodes of the first word and those of the second.
Split = tuple[list[int], list[int]]

#: Ways to split the nodes into two words that are considered: all of them for up to ten nodes.
MOST_SPLITS = 1 << 10
#: Bits of a word that may be used; the highest stays free, so that no word equals layout.EMPTY.
WORD_BITS = 63


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

    def fits(self, cells: list[int]) -> bool:
        """Whether these many cells of each node can be told apart."""
        return all(count <= 1 << width for count, width in zip(cells, self.width, strict=True))

    def arrays(self, base: Array) -> tuple[Any, ...]:
        """As the kernel takes it, together with the nodes' places in the per-cell arrays."""
        mask = [(1 << width) - 1 for width in self.width]
        return (
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

    `first` and `second` are the words of each state; where one word is enough, `second` is `first`.
    """

    first: Array
    second: Array
    packing: Packing

    @property
    def size(self) -> int:
        """How many states these are."""
        return int(self.first.shape[0])

    def of(self, chosen: Any) -> Words:
        """Those of the states that an index or a slice of arrays chooses, copied if it is an index."""
        return Words(self.first[chosen], self.second[chosen], self.packing)

    def cells(self) -> Array:
        """The cell numbers, a row for each state."""
        packing = self.packing
        columns = [
            ((self.second if word else self.first) >> np.uint64(shift)) & np.uint64((1 << width) - 1)
            for width, word, shift in zip(packing.width, packing.word, packing.shift, strict=True)
        ]
        return np.stack(columns, axis=1).astype(np.int64)

    def packed(self, packing: Packing) -> Words:
        """The same states in another packing."""
        if packing == self.packing:
            return self
        size, unbased = self.size, np.zeros(len(packing.width), np.int64)
        first, second = np.empty(size, np.uint64), np.empty(size, np.uint64)
        machine.repack(
            self.first, self.second, size, self.packing.wide, self.packing.arrays(unbased),
            packing.wide, packing.arrays(unbased), first, second,
        )  # fmt: skip
        fresh = Words(first, second if packing.wide else first, packing)
        pairing.same_states(self, fresh)
        return fresh


def packing_for(cells: list[int], sample: Array | None = None) -> Packing | None:
    """A packing with room to grow for this many cells of each node; None if two words do not do.

    One word is used if the numbers fit with a bit to spare each, else two; the bits that are left
    over are shared out evenly, so that repacking stays rare. A `sample` of states (rows of cell
    numbers) tells which nodes to put together into a word.
    """
    need = [max(1, (count - 1).bit_length()) for count in cells]
    nodes = range(len(need))
    if sum(need) + len(need) <= WORD_BITS or len(need) == 1:
        return _layout(need, [list(nodes)])
    splits = chain(islice(_splits(len(need)), MOST_SPLITS), _balanced(need))
    fitting = [s for s in splits if all(sum(need[i] for i in part) <= WORD_BITS for part in s)]
    if not fitting:
        return None
    best: Split = min(fitting, key=lambda split: _cost(need, split, sample))
    return _layout(need, best)


def _splits(nodes: int) -> Iterator[Split]:
    """All ways to split so many nodes, those first that take few of them to the second word."""
    for size in range(1, nodes):
        for right in combinations(range(nodes), size):
            yield [i for i in range(nodes) if i not in right], list(right)


def _balanced(need: list[int]) -> Iterable[Split]:
    """The split that fills both words about evenly: of many nodes the one most likely to fit."""
    parts: Split = ([], [])
    for i in sorted(range(len(need)), key=lambda node: -need[node]):
        min(parts, key=lambda part: sum(need[k] for k in part)).append(i)
    return [(sorted(parts[0]), sorted(parts[1]))]


def _cost(need: list[int], split: Split, sample: Array | None) -> tuple[int, int]:
    """How good a split is, less being better: few different halves; else, or if equal, even bits.

    The half with more values goes first: owners are told apart by it, and so it is kept once only.
    """
    bits = [sum(need[i] for i in part) for part in split]
    if sample is None:
        return 0, max(bits) * 2 + (bits[0] < bits[1])
    left, right = (_distinct(sample[:, part], [need[i] for i in part]) for part in split)
    return 2 * (left + right) + (left < right), max(bits)


def _distinct(columns: Array, need: list[int]) -> int:
    words = np.zeros(columns.shape[0], np.uint64)
    for k, bits in enumerate(need):
        words = (words << np.uint64(bits)) | columns[:, k].astype(np.uint64)
    return int(np.unique(words).shape[0])


def _layout(need: list[int], parts: Sequence[list[int]]) -> Packing:
    width, word, shift = [0] * len(need), [0] * len(need), [0] * len(need)
    for number, part in enumerate(parts):
        spare = (WORD_BITS - sum(need[i] for i in part)) // len(part)
        at = 0
        for i in part:
            width[i] = min(need[i] + spare, POST_CELL_BITS)
            word[i], shift[i] = number, at
            at += width[i]
    return Packing(tuple(width), tuple(word), tuple(shift))
