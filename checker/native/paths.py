"""Going back: from a state of some level to the initial one, over the levels that are stored.

Parents are not stored. A level's states are expanded again, and those with a step into the target
are its possible parents; the least of them is taken, so that the path depends on the model alone.
Going back over all levels costs at most as much as the search did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from checker.native.expansion import Expansion
from checker.native.packing import Words

if TYPE_CHECKING:
    from checker.native.search import Search

Vector = tuple[int, ...]


def choose(states: Iterable[Vector]) -> Vector:
    """The least of some states: the one that is reported, whoever found it first."""
    return min(states)


def ways_back(search: Search, level: int, state: Vector) -> list[Vector]:
    """A path of reduced states from the initial one to `state`, which is on this level."""
    path = [state]
    for earlier in range(level - 1, -1, -1):
        path.append(choose(_parents(search, earlier, path[-1])))
    return path[::-1]


def _parents(search: Search, level: int, state: Vector) -> Iterable[Vector]:
    finder = _Finder(search, state)
    for piece in search.level(level):
        yield from map(tuple, search.cells(finder.leading(piece.words())).tolist())


class _Finder:
    """Finds states with a step into one target."""

    def __init__(self, search: Search, target: Vector) -> None:
        first, second = search.packing.pack(target)
        self.target = np.uint64(first), np.uint64(second) if search.packing.wide else np.uint64(first)
        self.expansion = Expansion(search)

    def leading(self, words: Words) -> Words:
        """Those of the states that have a step into the target."""
        w0, w1 = words
        count = w0.shape[0]
        if not any(self._hits(found) for found in self.expansion.successors(words)):
            return w0[:0], w1[:0]
        if count == 1:
            return words
        half = count // 2
        first = self.leading((w0[:half], w1[:half]))
        second = self.leading((w0[half:], w1[half:]))
        return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])

    def _hits(self, found: Words) -> bool:
        return bool(((found[0] == self.target[0]) & (found[1] == self.target[1])).any())
