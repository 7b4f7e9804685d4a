"""Going back: from a state of some level to the initial one, over the levels that are stored.

Parents are not stored. A level's states are expanded again, and those with a step into the target
are its possible parents; the least of them is taken, so that the path depends on the model alone. One in
which a rule raises is taken only if there is no other: in the reference semantics it may lack that step.
Going back over all levels costs at most as much as the search did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from checker.engines.native.numbering import Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.states.packing import joined
from checker.engines.native.states.words import Piece, Words

#: From the depth of a level to its states.
Levels = Callable[[int], Iterable[Piece]]


def ways_back(
    levels: Levels, expansion: Expansion, level: int, state: Vector, raises: Callable[[Vector], bool]
) -> list[Vector]:
    """A path of reduced states from the initial one to `state`, which is on this level."""
    path = [state]
    for earlier in range(level - 1, -1, -1):
        finder = _Finder(expansion, path[-1])
        parents = (found for piece in levels(earlier) for found in finder.parents(piece.words()))
        path.append(min(parents, key=lambda found: (raises(found), found)))
    return path[::-1]


class _Finder:
    """Finds states with a step into one target."""

    def __init__(self, expansion: Expansion, target: Vector) -> None:
        packing = expansion.packing
        first, second = packing.pack(target)
        self.target = np.uint64(first), np.uint64(second) if packing.wide else np.uint64(first)
        self.expansion = expansion

    def parents(self, words: Words) -> Iterable[Vector]:
        """Those of the states that have a step into the target, as cell numbers."""
        return map(tuple, self.leading(words).cells().tolist())

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
