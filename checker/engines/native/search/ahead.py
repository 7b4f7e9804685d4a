"""Looking ahead: from which states can be reached what a `can-still` property asks for?

Once all states are known, each gets a mark, a bit for each property and one for bounds, and what is marked
spreads backwards: a state gets the marks of those that its steps lead to. Steps are not stored: the states
that may get more marks are expanded again, level by level from the last to the first, and again until
nothing changes. Most steps lead one level on, so a few such sweeps do, and most states are expanded once.

That may be done on states that were reduced. Renamings keep all that can follow, and what settling drops
from an inbox no rule will look at: a step that takes it changes no local state. So a state can reach what
the one that stands for it can, as far as properties see it. Fusion leaves out states, and is off.

Bytes of a state: one, and one for each slot of the index, of which there are up to 1.6 for each state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from typing import NamedTuple

import numpy as np

from checker.engines.contract import Future
from checker.engines.native.arrays import Array
from checker.engines.native.numbering import Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.search.search import LimitReached, Search
from checker.engines.native.states import pairing
from checker.engines.native.states.words import Words
from checker.model.properties import Property

#: The mark of states from which one can be reached in which a bound stops a node.
BOUND = 1
#: Properties that are judged together: a bit each.
TOGETHER = 7


class Lost(NamedTuple):
    """What was found of a property, and of the first level with states of no return the least of them."""

    claim: Property
    future: Future
    level: int
    state: Vector | None


class Part(NamedTuple):
    """Some states of one owner: those from `first` to before `last`."""

    owner: int
    first: int
    last: int


def look_ahead(search: Search, claims: Sequence[Property]) -> Iterator[Lost]:
    """What can still be reached from the states of a search that is complete.

    A limit that is reached on the way is noted as one of the search; what is not known then is left out.
    """
    if not claims:
        return
    begun = search.watch.seconds
    try:
        for at in range(0, len(claims), TOGETHER):
            yield from _Ahead(search, claims[at : at + TOGETHER]).run()
    except LimitReached as limit:
        search.result.stopped = str(limit)
    finally:
        search.seconds_ahead = search.watch.seconds - begun


class _Ahead:
    def __init__(self, search: Search, claims: Sequence[Property]) -> None:
        self.search = search
        self.bits = {claim.id: 2 << k for k, claim in enumerate(claims)}
        self.claims = claims
        self.all = sum(self.bits.values())
        #: the marks of each owner's states, in the order of discovery; and by slot of the index
        self.marks: list[Array] = [np.zeros(store.states, np.uint8) for store in search.stores]
        self.by_slot = [store.unmarked() for store in search.stores]
        self.possible = 0
        self.changed = False
        self.stopped = False
        self.left = 0

    def run(self) -> Iterator[Lost]:
        """Raises LimitReached."""
        self.search.tables.per_cell.flush()
        expansions = [self.search.expansion() for _ in self.search.workers]
        try:
            self._sweep([self._begin] * len(expansions))
            self.possible = int(np.bitwise_or.reduce([np.bitwise_or.reduce(m) for m in self.marks]))
            self.changed = self.possible != 0
            while self.changed:
                self.changed = False
                self._sweep([self._spreading(expansion) for expansion in expansions])
        finally:
            self.search.result.frontier = 0
        yield from map(self._lost, self.claims)

    # Sweeps ---------------------------------------------------------------------------------------------

    def _sweep(self, works: Sequence[Callable[[Part], None]]) -> None:
        """Treat all states, each worker with its own `work`, from the last level to the first."""
        levels = len(self.search.stores[0].levels) - 1
        self.left = self.search.result.states
        for depth in range(levels - 1, -1, -1):
            parts = list(self._parts(depth))
            self._look()
            self._share(parts, works)

    def _parts(self, depth: int) -> Iterator[Part]:
        most = self.search.tuning.piece
        for owner, store in enumerate(self.search.stores):
            first, last = store.levels[depth], store.levels[depth + 1]
            yield from (Part(owner, at, min(at + most, last)) for at in range(first, last, most))

    def _share(self, parts: list[Part], works: Sequence[Callable[[Part], None]]) -> None:
        pool = self.search.pool

        def work(number: int) -> None:
            while parts and not self.stopped:
                try:
                    part = parts.pop()
                except IndexError:  # another thread was faster
                    return
                works[number](part)
                self.left -= part.last - part.first
                if number == 0:
                    self._look()

        shared = pool is not None and len(parts) > len(works)
        others = [pool.submit(work, n) for n in range(1, len(works))] if pool and shared else []
        try:
            work(0)
        except BaseException:
            self.stopped = True
            raise
        finally:
            wait(others)
        for other in others:
            other.result()

    def _look(self) -> None:
        """Look at the clock. Raises LimitReached."""
        search = self.search
        search.result.frontier = max(0, self.left)
        used = sum(array.nbytes for arrays in (self.marks, self.by_slot) for array in arrays)
        if (reached := search.watch.look(search.result, search.bytes + used)) is not None:
            raise LimitReached(reached)

    def _words(self, part: Part) -> Words:
        (piece,) = self.search.stores[part.owner].between(part.first, part.last, part.last - part.first)
        return piece.words()

    # Marks ----------------------------------------------------------------------------------------------

    def _begin(self, part: Part) -> None:
        """Mark the states that show what is asked for, and those in which a bound stops a node."""
        tables = self.search.tables
        words = self._words(part)
        cells = words.cells() + tables.per_cell.base
        bits = (tables.per_cell["cut"][cells] != 0).any(axis=1).astype(np.uint8) * np.uint8(BOUND)
        for number, group in enumerate(tables.viewing.groups):
            for claim in self.bits.keys() & group.asked():
                shown = tables.per_cell["views"][number][cells].sum(axis=1, dtype=np.uint64)
                showing = np.array(sorted(group.combinations_of(claim)), np.uint64)
                bits |= np.isin(shown, showing).astype(np.uint8) * np.uint8(self.bits[claim])
        self._add(part, words, np.arange(words.size), bits)

    def _spreading(self, expansion: Expansion) -> Callable[[Part], None]:
        """What gives each state the marks of those that its steps lead to."""

        def spread(part: Part) -> None:
            marks = self.marks[part.owner][part.first : part.last]
            unknown = np.flatnonzero((marks != self.possible) & ((marks & self.all) != self.all))
            if not unknown.size:
                return
            words = self._words(part).of(unknown)
            gathered = marks[unknown]
            for places, _, after in expansion.steps(words):
                pairing.all_known(expansion.lacking)
                self._gather(places, after, gathered)
            self._add(part, words, unknown, gathered)

        return spread

    def _gather(self, places: Array, after: Words, gathered: Array) -> None:
        stores = self.search.stores
        if len(stores) == 1:
            stores[0].gather(after, places, self.by_slot[0], gathered)
            return
        owners = self.search.owners.of(after)
        for number, store in enumerate(stores):
            mine = owners == number
            store.gather(after.of(mine), places[mine], self.by_slot[number], gathered)

    def _add(self, part: Part, words: Words, places: Array, bits: Array) -> None:
        """Give the marks `bits` to states of a part, which are at these places of it."""
        marks = self.marks[part.owner][part.first : part.last]
        more = bits != marks[places]
        if more.any():
            marks[places] = bits
            self.search.stores[part.owner].mark(words.of(more), bits[more], self.by_slot[part.owner])
            self.changed = True

    # The account ----------------------------------------------------------------------------------------

    def _lost(self, claim: Property) -> Lost:
        bit = self.bits[claim.id]
        either = [marks & np.uint8(bit | BOUND) for marks in self.marks]
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
        for part in self._parts(level):
            neither = either[part.owner][part.first : part.last] == 0
            yield from map(tuple, self._words(part).of(neither).cells().tolist())
