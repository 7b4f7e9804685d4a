"""Owners: which worker keeps which state, chosen so that most steps stay with one owner.

A hash of the whole state would send every second successor elsewhere, and the successors of one state
to different owners, so that what recurs soon is found to be known later and by somebody else. But a
step changes the cells of two or three nodes only. So an owner is told by the cells of one to
three nodes that seldom change and yet differ from state to state: which nodes these are is tried out
on states of the level at hand, and again when levels have grown: what is frequent changes. Any choice is
right; a better one is faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, reduce
from heapq import nsmallest
from itertools import combinations
from operator import or_
from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import Owning
from checker.engines.native.states.packing import packed
from checker.engines.native.states.words import Packing, Words

#: Sets of nodes that are tried out, those that change least first; and the most nodes in one.
TRIED = 24
MOST_NODES = 3
#: What it costs, beside a step that goes elsewhere, that shares of states are uneven, and that they may
#: come to be. It is little: who has less helps the others, and owners are looked at again. Of five
#: models three were slower with twice and four times as much, with half of it two, and one was faster.
UNEVEN = 0.1
EXPECTED = 0.05


@dataclass(frozen=True, slots=True)
class Owners:
    """How many owners there are, and the nodes by whose cells they are told apart."""

    count: int = 1
    nodes: tuple[int, ...] = ()

    def owning(self, packing: Packing) -> Owning:
        """As the kernel takes it."""
        masks = [0, 0]
        for node in self.nodes:
            masks[packing.word[node]] |= ((1 << packing.width[node]) - 1) << packing.shift[node]
        return Owning(masks[0], masks[1], self.count)

    def of(self, words: Words) -> Array:
        """The owner of each of some packed states."""
        found: Array = np.zeros(words.size, np.int64)
        if self.count > 1:
            machine.owners_of(words.arrays(), words.size, self.owning(words.packing), found)
        return found


class Sample(NamedTuple):
    """Some states of a level, and some states before and after a step, to choose owners by."""

    states: Words
    before: Words
    after: Words

    def packed(self, packing: Packing) -> Sample:
        """The same in another packing."""
        return Sample(*(packed(words, packing) for words in self))


def choose_owners(count: int, sample: Sample) -> Owners:
    """The owners of which the least trouble is to be expected (`trouble`), for a level with such states."""
    changed = sample.before.cells() != sample.after.cells()
    nodes = changed.shape[1]
    if not changed.shape[0]:
        return Owners(count, tuple(range(nodes)))
    # of each node the steps that change it, as the bits of a number: of many nodes there are many sets
    steps = [int.from_bytes(np.packbits(column).tobytes()) for column in changed.T]

    def changing(chosen: tuple[int, ...]) -> int:
        return reduce(or_, map(steps.__getitem__, chosen)).bit_count()

    tried = nsmallest(TRIED, _sets(nodes), key=changing)
    return min((Owners(count, chosen) for chosen in tried), key=partial(trouble, sample))


def trouble(sample: Sample, owners: Owners) -> float:
    """What share of some steps would go from one owner to another, and more for uneven shares of states.

    A worker that is ahead expands states of others, whose successors it then has to send back. What is to
    be expected of the levels to come, where other cells are frequent, counts as well: the fewer different
    ones there are, the more uneven shares will be.
    """
    states, before, after = sample
    if not before.size:
        return 0.0
    count = owners.count
    shares = np.bincount(owners.of(states), minlength=count) / states.size
    expected = ((count - 1) * (_frequencies(states, owners.owning(states.packing)) ** 2).sum()) ** 0.5
    sent = (owners.of(before) != owners.of(after)).mean()
    return float(sent + UNEVEN * (shares.max() * count - 1) + EXPECTED * expected)


def _frequencies(states: Words, owning: Owning) -> Array:
    """How frequent each distinct content of the bits that tell the owner is."""
    first, second = (words & np.uint64(mask) for words, mask in zip(states[:2], owning[:2], strict=True))
    # two that are different stay different, but for an unlikely accident that would do no harm
    _, counts = np.unique(first * np.uint64(0x9E3779B97F4A7C15) + second, return_counts=True)
    return np.asarray(counts / states.size)


def _sets(nodes: int) -> Iterator[tuple[int, ...]]:
    for size in range(1, min(MOST_NODES, nodes) + 1):
        yield from combinations(range(nodes), size)
