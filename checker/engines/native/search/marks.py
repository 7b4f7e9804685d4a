"""Marks: eight bits for each state of a search, and sweeps over all states.

What can be told only when all states are known spreads from state to state, along steps that are not
stored: states are expanded again, level by level, as often as it takes. Bytes of a state: one, and one for
each slot of the index, of which there are up to 1.6 for each state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import wait
from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel.layout import LEFT
from checker.engines.native.numbering import Vector
from checker.engines.native.rows import Places
from checker.engines.native.search.limits import LimitReached
from checker.engines.native.search.search import Search
from checker.engines.native.states.words import Words
from checker.engines.native.tables import Tables


class Part(NamedTuple):
    """Some states of one owner: those from `first` to before `last`."""

    owner: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """How many states these are."""
        return self.last - self.first


class Marks:
    """The marks of all states of a search, by owner and order of discovery, and by slot of the index."""

    def __init__(self, search: Search, levels: int | None = None) -> None:
        self.search = search
        #: how many levels are looked at: all, or the first ones of a search that goes on
        self.levels = len(search.stores[0].levels) - 1 if levels is None else levels
        #: the marks of each owner's states, in the order of discovery
        self.of: list[Array] = [np.zeros(store.states, np.uint8) for store in search.stores]
        self._by_slot = [store.unmarked() for store in search.stores]
        #: whether marks were changed; to be set back by whoever wants to know
        self.changed = False
        #: bytes that whoever uses the marks needs beside them
        self.beside = 0

    def parts(self, depth: int) -> Iterator[Part]:
        """The states of a level."""
        most = self.search.tuning.piece
        for owner, store in enumerate(self.search.stores):
            first, last = store.levels[depth], store.levels[depth + 1]
            yield from (Part(owner, at, min(at + most, last)) for at in range(first, last, most))

    def words(self, part: Part) -> Words:
        """The states of a part."""
        (piece,) = self.search.stores[part.owner].between(part.first, part.last, part.size)
        return piece.words()

    def within(self, part: Part) -> Array:
        """The marks of the states of a part."""
        return self.of[part.owner][part.first : part.last]

    def gather(self, after: Words, places: Array, gathered: Array) -> None:
        """Add the marks of each state to what is gathered at its place. Raises Mismatch if one is new."""
        for number, mine in self.by_owner(after):
            self.search.stores[number].gather(after.of(mine), places[mine], self._by_slot[number], gathered)

    def put(self, part: Part, words: Words, places: Array, bits: Array) -> None:
        """Give marks to states of a part, which are at these places of it."""
        marks = self.within(part)
        more = bits != marks[places]
        if more.any():
            marks[places] = bits
            self.search.stores[part.owner].mark(words.of(more), bits[more], self._by_slot[part.owner])
            self.changed = True

    def put_by_slot(self, words: Words, bits: Array) -> None:
        """Give marks to states wherever they are, no two of them the same; `of` is left as it is."""
        for number, mine in self.by_owner(words):
            self.search.stores[number].mark(words.of(mine), bits[mine], self._by_slot[number])

    def add_by_slot(self, words: Words, mark: int) -> None:
        """Give one more mark to states wherever they are, no two of them the same."""
        known: Array = np.full(words.size, mark, np.uint8)
        self.gather(words, np.arange(words.size), known)
        self.put_by_slot(words, known)

    def known(self, vectors: Iterable[Vector]) -> dict[Vector, int]:
        """Those of some states that are known, with their marks. Raises LimitReached."""
        packing, wanted = self.search.packing, {}
        for vector in vectors:
            if packing.fits([cell + 1 for cell in vector]):
                wanted[packing.pack(vector)] = vector
        alike = np.unique(_mixed(*np.array([*wanted], np.uint64).reshape(-1, 2).T))
        found: dict[Vector, int] = {}

        def look(part: Part) -> None:
            words = self.words(part)
            second = words.second if packing.wide else np.zeros_like(words.first)
            marks = self.within(part)
            for place in np.flatnonzero(np.isin(_mixed(words.first, second), alike)).tolist():
                vector = wanted.get((int(words.first[place]), int(second[place])))
                if vector is not None:
                    found[vector] = int(marks[place])

        backwards(self, [look for _ in self.search.workers])
        return found

    def by_owner(self, words: Words) -> Iterator[tuple[int, Array | slice]]:
        """The owners, each with the places of its states among some."""
        if len(self.search.stores) == 1:
            yield 0, slice(None)
            return
        owners = self.search.owners.of(words)
        yield from ((number, owners == number) for number in range(len(self.search.stores)))

    def look(self, left: int) -> None:
        """Look at the clock, with so many states left to be treated. Raises LimitReached."""
        search = self.search
        search.result.frontier = max(0, left)
        used = sum(array.nbytes for arrays in (self.of, self._by_slot) for array in arrays)
        if reached := search.watch.look(search.result, search.bytes + used + self.beside):
            raise LimitReached(reached)


def _mixed(first: Array, second: Array) -> Array:
    """A word for each state, seldom the same for two."""
    return first * np.uint64(0x9E3779B97F4A7C15) + second


class Shown:
    """What some states show to properties that are judged when all states are known."""

    def __init__(self, search: Search, words: Words) -> None:
        self._tables = search.tables
        #: the states as rows of cell numbers, and the cells' places in arrays of all cells
        self.states = words.cells()
        self._cells = self.states + self._tables.per_cell.base

    def cut(self) -> Array:
        """Whether a bound stops some node, for each state."""
        return (self._tables.per_cell["cut"][self._cells] != 0).any(axis=1)  # type: ignore[no-any-return]

    def left(self) -> Array:
        """Whether it is not explored further, its levels being too far apart, for each state."""
        return (self._tables.per_cell["row_ptr"][self._cells] == LEFT).any(axis=1)  # type: ignore[no-any-return]

    def at(self, places: Places) -> Array:
        """Whether it has the cells that are told, for each state."""
        found: Array = np.ones(self.states.shape[0], np.bool_)
        for node, cell in places:
            found &= self.states[:, node] == cell
        return found

    def among(self, cells: Array) -> Array:
        """Whether it has one of some cells, told by an entry for each of all cells, for each state."""
        return cells[self._cells].any(axis=1)  # type: ignore[no-any-return]

    def combinations(self, group: int) -> Array:
        """The combination of views that it shows to a group, for each state."""
        return self._tables.per_cell["views"][group][self._cells].sum(axis=1, dtype=np.uint64)  # type: ignore[no-any-return]

    def by(self, claim: str) -> Array:
        """Whether the property of that id has something to say, for each state."""
        return Saying(self._tables, claim).of(self)


class Saying:
    """The combinations of views of which a property has something to say, as far as they were judged."""

    def __init__(self, tables: Tables, claim: str) -> None:
        groups = enumerate(tables.viewing.groups)
        self._combinations = {
            number: np.array(sorted(group.combinations_of(claim)), np.uint64)
            for number, group in groups
            if claim in group.asked()
        }

    def of(self, shown: Shown) -> Array:
        """Whether it has something to say, for each of some states."""
        found: Array = np.zeros(shown.states.shape[0], np.bool_)
        for group, combinations in self._combinations.items():
            found |= np.isin(shown.combinations(group), combinations)
        return found


Work = Callable[[Part], None]


def backwards(marks: Marks, works: Sequence[Work], levels: int | None = None) -> None:
    """Treat the states of all levels looked at, each worker with its own work, from the last to the first.

    With `levels` only those of the first ones. Raises LimitReached.
    """
    _Sweep(marks).go(range((marks.levels if levels is None else levels) - 1, -1, -1), works)


class _Sweep:
    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.stopped = False
        self.left = marks.search.result.states

    def go(self, levels: range, works: Sequence[Work]) -> None:
        for depth in levels:
            parts = list(self.marks.parts(depth))
            self.marks.look(self.left)
            self._share(parts, works)

    def _share(self, parts: list[Part], works: Sequence[Work]) -> None:
        pool = self.marks.search.pool

        def work(number: int) -> None:
            while parts and not self.stopped:
                try:
                    part = parts.pop()
                except IndexError:  # another thread was faster
                    return
                works[number](part)
                self.left -= part.size
                if number == 0:
                    self.marks.look(self.left)

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
