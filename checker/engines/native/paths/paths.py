"""Going back: from a state of some level to the initial one, over the levels that are stored.

Parents are not stored. A level's states are expanded again, and those with a step into the target
are its possible parents; the least of them is taken, so that the path depends on the model alone.
Going back over all levels costs at most as much as the search did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from checker.engines.native.paths.expansion import Expansion, joined
from checker.engines.native.states.packing import Words

if TYPE_CHECKING:
    from checker.engines.native.search.search import Search

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
        yield from map(tuple, finder.leading(piece.words()).cells().tolist())


class _Finder:
    """Finds states with a step into one target."""

    def __init__(self, search: Search, target: Vector) -> None:
        first, second = search.packing.pack(target)
        self.target = np.uint64(first), np.uint64(second) if search.packing.wide else np.uint64(first)
        self.expansion = Expansion(search)

    def leading(self, words: Words) -> Words:
        """Those of the states that have a step into the target."""
        if not any(self._hits(found) for found in self.expansion.successors(words)):
            return words.of(slice(0))
        if words.size == 1:
            return words
        half = words.size // 2
        return joined([self.leading(words.of(slice(half))), self.leading(words.of(slice(half, None)))])

    def _hits(self, found: Words) -> bool:
        return bool(((found.first == self.target[0]) & (found.second == self.target[1])).any())
