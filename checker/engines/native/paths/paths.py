"""Going back: from states of some levels to the initial one, over the levels that are stored.

Parents are not stored. A level's states are expanded again, and those with a step into a target are its
possible parents; the least of them is taken, so that the path depends on the model alone. One in which a
rule raises is taken only if there is no other: in the reference semantics it may lack that step. Going
back over all levels costs at most as much as the search did, from however many states one goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from checker.engines.native.numbering import Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.states.words import Piece

#: From the depth of a level to its states.
Levels = Callable[[int], Iterable[Piece]]
#: A level, and a state on it.
Place = tuple[int, Vector]
#: The least of states, by what orders them.
Order = Callable[[Vector], tuple[bool, Vector]]


class Backwards:
    """Goes back over levels, each piece of one with one of some expansions, on threads if there are.

    It looks at the clock before each level, and may be ended by that. `fill` fills in what the expansions
    lacked, and says whether there was something: a search in order does not need every entry.
    """

    def __init__(
        self,
        levels: Levels,
        expansions: Sequence[Expansion],
        raises: Callable[[Vector], bool],
        pool: ThreadPoolExecutor | None = None,
        look: Callable[[], None] = lambda: None,
        fill: Callable[[Sequence[Expansion]], bool] = lambda _: False,
    ) -> None:
        self._levels = levels
        self._expansions = expansions
        self._order: Order = lambda state: (raises(state), state)
        self._pool = pool
        self._look = look
        self._fill = fill

    def ways(self, ends: Iterable[Place]) -> dict[Place, list[Vector]]:
        """For each state on its level a path of reduced states from the initial one to it."""
        ways = {end: [end[1]] for end in ends}
        for earlier in range(max((level for level, _ in ways), default=0) - 1, -1, -1):
            self._look()
            under_way = [way for (level, _), way in ways.items() if level > earlier]
            parents = self._parents(earlier, {way[-1] for way in under_way})
            for way in under_way:
                way.append(parents[way[-1]])
        return {end: way[::-1] for end, way in ways.items()}

    def _parents(self, level: int, targets: set[Vector]) -> dict[Vector, Vector]:
        """For each target the least state of a level with a step into it."""
        found = self._found(level, targets)
        while self._fill(self._expansions):
            found = self._found(level, targets)
        return {
            target: min((known[target] for known in found if target in known), key=self._order)
            for target in targets
        }

    def _found(self, level: int, targets: set[Vector]) -> list[dict[Vector, Vector]]:
        """What each expansion finds to be the least state of its pieces with a step into each target."""
        pieces = list(self._levels(level))
        pool = self._pool if len(pieces) > 1 else None
        others = [pool.submit(self.least, e, pieces, targets) for e in self._expansions[1:]] if pool else []
        try:
            found = [self.least(self._expansions[0], pieces, targets)]
        finally:
            pieces.clear()
            wait(others)
        return [*found, *(other.result() for other in others)]

    def least(
        self, expansion: Expansion, pieces: list[Piece], targets: set[Vector]
    ) -> dict[Vector, Vector]:
        """The least parents, as far as there are any, among pieces that are taken until none is left."""
        packed = {target: expansion.packing.pack(target) for target in targets}
        least: dict[Vector, Vector] = {}
        while pieces:
            try:
                words = pieces.pop().words()
            except IndexError:  # another thread was faster
                break
            for places, _, after in expansion.steps(words):
                for target, (first, second) in packed.items():
                    hits = after.first == np.uint64(first)
                    if expansion.packing.wide:
                        hits &= after.second == np.uint64(second)
                    if hits.any():
                        parents = map(tuple, words.of(places[hits]).cells().tolist())
                        known = [least[target]] if target in least else []
                        least[target] = min((*known, *parents), key=self._order)
        return least
