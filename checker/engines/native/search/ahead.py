"""Looking ahead: from which states can be reached what a `can-still` property asks for?

Once all states are known, each gets a mark, a bit for each property and one for bounds, and what is marked
spreads backwards: a state gets the marks of those that its steps lead to. Steps are not stored: the states
that may get more marks are expanded again, level by level from the last to the first, and again until
nothing changes. Most steps lead one level on, so a few such sweeps do, and most states are expanded once.

That may be done on states that were reduced. Renamings keep all that can follow, and what settling drops
from an inbox no rule will look at: a step that takes it changes no local state. So a state can reach what
the one that stands for it can, as far as properties see it. Fusion leaves out states, and is off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from checker.engines.contract import Future
from checker.engines.native.arrays import Array
from checker.engines.native.numbering import Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.search.limits import LimitReached
from checker.engines.native.search.marks import Marks, Part, Saying, Shown, backwards
from checker.engines.native.search.search import Search
from checker.engines.native.states import pairing
from checker.engines.native.states.words import Words
from checker.model.properties import Property

#: The mark of states from which one can be reached in which a bound stops a node.
BOUND = 1
#: Properties that are judged together: a bit each.
TOGETHER = 7


#: Marks that some states have of themselves.
Begin = Callable[[Part, Words, Expansion], Array]


class Lost(NamedTuple):
    """What was found of a property, and of the first level with states of no return the least of them."""

    claim: Property
    future: Future
    level: int
    state: Vector | None


def look_ahead(search: Search, claims: Sequence[Property]) -> Iterator[Lost]:
    """What can still be reached from the states of a search that is complete.

    A limit that is reached on the way is noted as one of the search; what is not known then is left out.
    """
    if not claims:
        return
    begun = search.watch.seconds
    try:
        for at in range(0, len(claims), TOGETHER):
            yield from Ahead(search, claims[at : at + TOGETHER]).run()
    except LimitReached as limit:
        search.result.stopped = str(limit)
    finally:
        search.seconds_ahead = search.watch.seconds - begun


class Spreading:
    """Marks that spread backwards: a state gets those of the states that its steps lead to.

    `begin` tells of some states, with what expands them, the marks that they have of themselves. A state
    that has all of the `wanted` marks is treated no more. Successors are looked at of the states of the
    first `levels`, all of which must be known; of all if none are told.
    """

    def __init__(self, marks: Marks, begin: Begin, wanted: int, levels: int | None = None) -> None:
        self.marks = marks
        self._begin = begin
        self._wanted = wanted
        self._levels = marks.levels if levels is None else levels
        self._possible = 0

    def run(self) -> None:
        """Raises LimitReached."""
        search, marks = self.marks.search, self.marks
        search.tables.per_cell.flush()
        expansions = [search.expansion() for _ in search.workers]
        try:
            backwards(marks, [self._beginning(expansion) for expansion in expansions])
            self._possible = int(np.bitwise_or.reduce([np.bitwise_or.reduce(m) for m in marks.of]))
            marks.changed = self._possible != 0
            while marks.changed:
                marks.changed = False
                backwards(marks, [self._spreading(expansion) for expansion in expansions], self._levels)
        finally:
            search.result.frontier = 0

    def _beginning(self, expansion: Expansion) -> Callable[[Part], None]:
        """What gives each state the marks that it has of itself."""

        def begin(part: Part) -> None:
            words = self.marks.words(part)
            bits = self._begin(part, words, expansion)
            self.marks.put(part, words, np.arange(words.size), bits)

        return begin

    def _spreading(self, expansion: Expansion) -> Callable[[Part], None]:
        """What gives each state the marks of those that its steps lead to."""

        def spread(part: Part) -> None:
            marks = self.marks.within(part)
            unknown = np.flatnonzero((marks != self._possible) & ((marks & self._wanted) != self._wanted))
            if not unknown.size:
                return
            words = self.marks.words(part).of(unknown)
            gathered = marks[unknown]
            for places, _, after in expansion.steps(words):
                pairing.all_known(expansion.lacking)
                self.marks.gather(after, places, gathered)
            self.marks.put(part, words, unknown, gathered)

        return spread


class Ahead:
    """What some properties ask for, and bounds, as marks of the states from which they can be reached."""

    def __init__(self, search: Search, claims: Sequence[Property]) -> None:
        self.search = search
        self.bits = {claim.id: 2 << k for k, claim in enumerate(claims)}
        self.claims = claims
        self.marks = Marks(search)
        self._saying = [(self.bits[claim.id], Saying(search.tables, claim.id)) for claim in claims]

    def run(self) -> Iterator[Lost]:
        """Raises LimitReached."""
        Spreading(self.marks, self._begin, wanted=sum(self.bits.values())).run()
        yield from map(self._lost, self.claims)

    def _begin(self, _part: Part, words: Words, _expansion: Expansion) -> Array:
        """Mark the states that show what is asked for, and those in which a bound stops a node."""
        shown = Shown(self.search, words)
        bits = shown.cut().astype(np.uint8) * np.uint8(BOUND)
        for bit, saying in self._saying:
            bits |= saying.of(shown).astype(np.uint8) * np.uint8(bit)
        return bits

    # The account ----------------------------------------------------------------------------------------

    def _lost(self, claim: Property) -> Lost:
        bit = self.bits[claim.id]
        either = [marks & np.uint8(bit | BOUND) for marks in self.marks.of]
        future = Future(
            sum(int((found == 0).sum()) for found in either),
            sum(int((found == BOUND).sum()) for found in either),
        )
        if not future.lost:
            return Lost(claim, future, 0, None)
        stores = self.search.stores
        firsts = [int((found == 0).argmax()) if (found == 0).any() else len(found) for found in either]
        level = min(
            int(np.searchsorted(store.levels, first, "right")) - 1
            for store, first in zip(stores, firsts, strict=True)
            if first < store.states
        )
        return Lost(claim, future, level, min(self._states(level, either)))

    def _states(self, level: int, either: Sequence[Array]) -> Iterator[Vector]:
        """The states of a level that have neither of two marks."""
        for part in self.marks.parts(level):
            neither = either[part.owner][part.first : part.last] == 0
            yield from map(tuple, self.marks.words(part).of(neither).cells().tolist())
