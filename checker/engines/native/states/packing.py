"""Packing: how many bits each cell number gets, in which word, and states packed anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, combinations, islice

import numpy as np

from checker.engines.native.arrays import Array, distinct
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import MOST_PLACES, POST_CELL_BITS
from checker.engines.native.states import pairing
from checker.engines.native.states.words import Packing, Words

#: The nodes of the first word and those of the second.
Split = tuple[list[int], list[int]]

#: Ways to split the nodes into two words that are considered: all of them for up to ten nodes.
MOST_SPLITS = 1 << 10
#: Bits of a word that may be used; the highest stays free, so that no word equals layout.EMPTY.
WORD_BITS = 63
#: Bits of a word, if all of them may be used.
ALL_BITS = 64


def packed(words: Words, packing: Packing) -> Words:
    """The same states in another packing."""
    if packing == words.packing:
        return words
    size, unbased = words.size, np.zeros(len(packing.width), np.int64)
    first, second = np.empty(size, np.uint64), np.empty(size, np.uint64)
    fresh = Words(first, second if packing.wide else first, packing, words.asleep)
    machine.repack(
        words.arrays(), size, words.packing.arrays(unbased), fresh.arrays(), packing.arrays(unbased)
    )
    pairing.same_states(words, fresh)
    return fresh


def joined(pieces: Sequence[Words]) -> Words:
    """Concatenate packed states; there is at least one piece."""
    packing = pieces[0].packing
    for piece in pieces:
        pairing.same_packing(piece, packing)
    asleep = [piece.asleep for piece in pieces if piece.asleep is not None]
    return Words(
        np.concatenate([piece.first for piece in pieces]),
        np.concatenate([piece.second for piece in pieces]),
        packing,
        np.concatenate(asleep) if len(asleep) == len(pieces) else None,
    )


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


def packing_of_moves(widest: Sequence[int]) -> Packing:
    """Bits for the moves of each node that can be asleep, all in one word.

    `widest` are the most moves out of a cell, as far as is known. Bits that are left over are shared out,
    for rows that get wider; where one word does not do, moves that have no bit are never asleep. These are
    the last ones of the widest rows, which sleep least: 48 bits instead of 64 led to 3 % more steps.
    """
    width = [min(MOST_PLACES, most + 1) for most in widest]
    while sum(width) > ALL_BITS:
        width[width.index(max(width))] -= 1
    while min(width) < MOST_PLACES and sum(width) < ALL_BITS:
        width[width.index(min(width))] += 1
    # of more nodes than bits some have none: they begin nowhere
    shift = [min(at, ALL_BITS - 1) for at in accumulate([0, *width[:-1]])]
    return Packing(tuple(width), (0,) * len(width), tuple(shift))


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
    return int(distinct(words).shape[0])


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
