"""Packing: a state's cell numbers side by side in one or two 64-bit words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.native.arrays import Array

#: Bits of a word that may be used; the highest stays free, so that no word equals kernel.EMPTY.
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


def packing_for(cells: list[int]) -> Packing | None:
    """A packing with room to grow for this many cells of each node; None if two words do not do.

    One word is used if the numbers fit with a bit to spare each, else two; the bits that are left
    over are shared out evenly, so that repacking stays rare.
    """
    need = [max(1, (count - 1).bit_length()) for count in cells]
    nodes = len(need)
    if sum(need) + nodes <= WORD_BITS or nodes == 1:
        return _layout([need], [range(nodes)])
    cut = min(range(1, nodes), key=lambda k: max(sum(need[:k]), sum(need[k:])))
    if max(sum(need[:cut]), sum(need[cut:])) > WORD_BITS:
        return None
    return _layout([need[:cut], need[cut:]], [range(cut), range(cut, nodes)])


def _layout(needs: list[list[int]], parts: list[range]) -> Packing:
    width: list[int] = []
    word: list[int] = []
    shift: list[int] = []
    for number, (need, part) in enumerate(zip(needs, parts, strict=True)):
        spare = (WORD_BITS - sum(need)) // len(part)
        at = 0
        for bits in need:
            wide = min(bits + spare, 23)
            width.append(wide)
            word.append(number)
            shift.append(at)
            at += wide
    return Packing(tuple(width), tuple(word), tuple(shift))
