"""The search: breadth first, level by level, over the stores of all owners.

A level is explored in rounds. In a round every state is expanded with the tables as they are; a
state that meets a missing entry is set aside, and what is missing is noted. Then Python fills the
missing entries, in an order that depends on their contents alone, and the states set aside make the
next round. So what is numbered how does not depend on the number of workers, and neither does
anything that is reported.

A round is made of turns. In a turn each worker takes in what the outboxes of the turn before hold for
it, and then expands its own states into new outboxes, by owner, until one is full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import numpy as np

from checker.exploration import Exploration, Watch
from checker.native import layout, machine
from checker.native.arrays import Array
from checker.native.packing import Packing, packing_for
from checker.native.posts import CapacityError
from checker.native.reductions import canonical, discharge, group_arrays
from checker.native.store import Store, moved
from checker.native.tables import Tables
from checker.native.worker import Words, Worker

#: States that are looked at when they are to be packed anew.
SAMPLE = 1 << 14
#: Waking a thread takes longer than to treat fewer states than this.
FEW = 1 << 9
#: States that one worker expands between two looks at the clock, at most.
PIECE = 1 << 14


class LimitReached(Exception):  # noqa: N818 - not a fault of anybody
    """A limit was hit; its message says which."""


class Search:
    """One exploration under way: what is known, level by level."""

    def __init__(self, tables: Tables, watch: Watch, result: Exploration, workers: int) -> None:
        self.tables = tables
        self.watch = watch
        self.result = result
        self.group = group_arrays(tables)
        self.python_seconds = 0.0
        initial = canonical(tables, tables.initial())
        self.packing = self._packing()
        stores = [Store(self.packing) for _ in range(workers)]
        self.workers = [Worker(k, workers, tables, store) for k, store in enumerate(stores)]
        self.pool = ThreadPoolExecutor(workers - 1) if workers > 1 else None
        #: combinations of views seen on the level under way: (group, combination)
        self.shown: set[tuple[int, int]] = set()
        self._begin(initial)

    def _packing(self, sample: Array | None = None) -> Packing:
        packing = packing_for([len(cells) for cells in self.tables.cells], sample)
        if packing is None:
            raise CapacityError("a state of this model needs more than 126 bits")
        return packing

    def _arrays(self) -> tuple[Any, ...]:
        return self.packing.arrays(self.tables.per_cell.base)

    def _begin(self, state: tuple[int, ...]) -> None:
        first, second = self.packing.pack(state)
        w0, w1 = np.array([first], np.uint64), np.array([second], np.uint64)
        owner = np.zeros(1, np.int64)
        machine.owners_of(w0, w1, 1, self.packing.wide, len(self.workers), owner)
        self.result.states += self.workers[int(owner[0])].take(w0, w1, 1, self._arrays())
        self.close_level()

    # One level --------------------------------------------------------------------------------------

    def close_level(self) -> int:
        """End a level; how many states it has."""
        for worker in self.workers:
            self.shown.update(worker.combinations.take())
        return sum(worker.store.close_level() for worker in self.workers)

    def level(self, depth: int) -> list[list[Words]]:
        """The states of a level, by owner, in pieces."""
        return [list(worker.store.level(depth, PIECE)) for worker in self.workers]

    def expand_level(self, depth: int) -> list[Words]:
        """Explore every state of a level; the terminal states among them. Raises LimitReached."""
        todo = self.level(depth)
        ends: list[Words] = []
        while any(todo):
            for worker, pieces in zip(self.workers, todo, strict=True):
                worker.todo, worker.at = pieces[::-1], 0
            self._round()
            for worker in self.workers:
                ends += worker.ends
                worker.ends = []
            todo = [worker.later for worker in self.workers]
            for worker in self.workers:
                worker.later = []
            if any(todo):
                todo = self._fill(todo)
        return ends

    def _round(self) -> None:
        known = self._arrays(), self.tables.graph(), self.group
        for worker in self.workers:
            worker.fit(known[1][-1])
        number = 0
        reached = None
        while reached is None and any(worker.todo for worker in self.workers):
            number += 1
            self._turn(partial(Worker.turn, senders=self.workers, number=number, known=known))
            reached = self._look()
        self._turn(partial(Worker.absorb, senders=self.workers, number=number, known=known))
        self._count()
        if reached is not None:
            raise LimitReached(reached)

    def _turn(self, work: Callable[[Worker], int]) -> None:
        self.result.states += sum(self._each(work))

    def _look(self) -> str | None:
        self._count()
        return self.watch.look(self.result, self.bytes)

    def _count(self) -> None:
        todo = sum(words[0].shape[0] for worker in self.workers for words in worker.todo)
        closed = sum(worker.store.levels[-1] for worker in self.workers)
        self.result.frontier = todo + self.result.states - closed
        self.result.generated = self.tables.generated(self.uses())

    def _each(self, work: Callable[[Worker], Any]) -> list[Any]:
        if self.pool is None or sum(worker.waiting for worker in self.workers) < FEW:
            return [work(worker) for worker in self.workers]
        # this thread does the first one's share: it would only wait
        others = [self.pool.submit(work, worker) for worker in self.workers[1:]]
        try:
            first = work(self.workers[0])
        finally:
            wait(others)
        return [first, *(other.result() for other in others)]

    def uses(self) -> Array:
        """For each cell how many states with it were expanded."""
        return sum((self.tables.per_cell[w.uses] for w in self.workers), start=np.zeros(1, np.int64))

    @property
    def stores(self) -> list[Store]:
        """The states of all owners."""
        return [worker.store for worker in self.workers]

    def close(self) -> None:
        """Let the threads go."""
        if self.pool is not None:
            self.pool.shutdown()

    @property
    def bytes(self) -> int:
        """Memory in use for states."""
        return sum(worker.store.bytes for worker in self.workers)

    # Filling tables -----------------------------------------------------------------------------------

    def _fill(self, todo: list[list[Words]]) -> list[list[Words]]:
        begun = self.watch.seconds
        misses = sorted(set().union(*(worker.misses for worker in self.workers)))
        for worker in self.workers:
            worker.misses = set()
        for kind, x, y in misses:
            if kind == layout.MISS_ROW:
                self.tables.fill_row(x, y)
            elif kind == layout.MISS_POST:
                self.tables.posts.fill(x, y)
            elif self.tables.symmetry is not None:
                self.tables.symmetry.fill_image(x, y)
        discharge(self.tables)
        self.group = group_arrays(self.tables)
        self._widen_views()
        if not self.packing.fits([len(cells) for cells in self.tables.cells]):
            todo = self._repack(todo)
        self.python_seconds += self.watch.seconds - begun
        return todo

    def _sample(self) -> Array:
        """Some of the latest states, as rows of cell numbers."""
        rows: list[Array] = []
        for cells in self.states_of(self.result.depth - 1):
            rows.append(cells[: SAMPLE - sum(map(len, rows))])
            if sum(map(len, rows)) >= SAMPLE:
                break
        return np.concatenate(rows)

    def _widen_views(self) -> None:
        for number in self.tables.viewing.outgrown():
            group = self.tables.viewing.groups[number]
            for worker in self.workers:
                self.shown.update(worker.combinations.take())
            old = {pair: group.numbers(pair[1]) for pair in self.shown if pair[0] == number}
            self.tables.widen_views(number)
            self.shown -= old.keys()
            self.shown |= {(number, group.combination(numbers)) for numbers in old.values()}
            for worker in self.workers:
                worker.combinations.forget(number)

    def _repack(self, todo: list[list[Words]]) -> list[list[Words]]:
        old, self.packing = self.packing, self._packing(self._sample())
        stores = moved([worker.store for worker in self.workers], self.packing)
        base = self.tables.per_cell.base
        fresh: list[list[Words]] = []
        for pieces in todo:
            fresh.append([])
            for w0, w1 in pieces:
                n0, n1 = np.empty_like(w0), np.empty_like(w0)
                machine.repack(
                    w0, w1, w0.shape[0], old.wide, old.arrays(base), self.packing.wide,
                    self.packing.arrays(base), n0, n1,
                )  # fmt: skip
                fresh[-1].append((n0, n1 if self.packing.wide else n0))
        for worker, store in zip(self.workers, stores, strict=True):
            worker.store = store
            worker.forget_recent()
        return fresh

    # Reading states back --------------------------------------------------------------------------------

    def cells(self, words: Words) -> Array:
        """The cell numbers of packed states, a row each."""
        w0, w1 = words
        columns = [
            ((w1 if word else w0) >> np.uint64(shift)) & np.uint64((1 << width) - 1)
            for width, word, shift in zip(
                self.packing.width, self.packing.word, self.packing.shift, strict=True
            )
        ]
        return np.stack(columns, axis=1).astype(np.int64)

    def states_of(self, depth: int) -> Iterator[Array]:
        """The states of a level as rows of cell numbers."""
        for pieces in self.level(depth):
            for words in pieces:
                yield self.cells(words)
