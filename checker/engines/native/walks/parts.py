"""Walks side by side: in rounds, between which Python fills what was missing.

What is missing is filled in an order that depends on its contents alone, and which move a walk takes does
not depend on what has which number. So neither the number of threads nor how many walks are advanced at a
time changes anything that is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from checker.engines.native.kernel.walking import RUN, STANDS, STEP, WAITING, Plan, Walks
from checker.engines.native.lacking import missing_in
from checker.engines.native.numbering import CapacityError
from checker.engines.native.walks.tables import WalkTables
from checker.engines.native.walks.walker import Ground, Walker, new_walks, with_more_room

#: Steps of one call of the kernel at most, for all walks of a thread together.
BUDGET = 1 << 19
#: Messages that there is room for at each node at first.
HELD = 24


class Outgrown(Exception):  # noqa: N818 - nobody's fault
    """The tables have outgrown their memory or their fields; they are to be begun anew."""


class Part:
    """Some walks under way, and the threads that advance them."""

    def __init__(
        self,
        tables: WalkTables,
        plan: Plan,
        walkers: list[Walker],
        pool: ThreadPoolExecutor | None,
        most_bytes: int,
        pause: Callable[[], None],
    ) -> None:
        self.tables, self.plan, self.walkers, self._pool = tables, plan, walkers, pool
        self._most, self._pause = most_bytes, pause
        self._held = HELD
        #: the walks under way; None when they are at their ends
        self.under_way: Walks | None = None

    def walk(self, runs: range, look: Callable[[list[tuple[int, int]]], None]) -> Walks:
        """These runs, to their ends. `look` gets new combinations of views by group after every round.

        Raises Outgrown, CodeError, and what `look` and `pause` raise; `under_way` is then how
        far they came.
        """
        try:
            walks = self.under_way = new_walks(runs, self.tables, self.plan.depth, self._held)
            while (walks.marks[:, STANDS] <= WAITING).any():
                walks = self.under_way = self._round(walks)
                look(self._shown())
                self._pause()
                self._fill()
        except CapacityError as error:
            raise Outgrown(str(error)) from None
        self.under_way = None
        return walks

    def steps_of(self, run: int, until: int | None = None) -> Iterator[Walks]:
        """One run, after each of its first steps. Raises Outgrown, CodeError, and what `pause` raises."""
        try:
            walks = new_walks(range(run, run + 1), self.tables, self.plan.depth, self._held)
            while walks.marks[0, STANDS] <= WAITING and (until is None or walks.marks[0, STEP] < until):
                before = int(walks.marks[0, STEP])
                walks = self._round(walks, budget=1)
                self._pause()
                self._fill()
                if walks.marks[0, STEP] > before:
                    yield walks
        except CapacityError as error:
            raise Outgrown(str(error)) from None

    def _round(self, walks: Walks, budget: int = 0) -> Walks:
        ground = Ground.of(self.tables, self.plan)
        count, walkers = walks.marks.shape[0], self.walkers
        going = int((walks.marks[:, STANDS] <= WAITING).sum())
        steps = budget or max(8, BUDGET * len(walkers) // going)
        bounds = [count * k // len(walkers) for k in range(len(walkers) + 1)]
        for walker in walkers:
            walker.adopt(ground, self._held)

        def advance(k: int) -> bool:
            return walkers[k].advance(walks, bounds[k], bounds[k + 1], steps, ground)

        numbers = range(len(walkers))
        there_is_room = list(
            map(advance, numbers) if self._pool is None else self._pool.map(advance, numbers)
        )
        if not all(there_is_room):
            self._held *= 2
            walks = with_more_room(walks, max(self._held, walks.held.shape[2] * 2))
            self._held = walks.held.shape[2]
        return walks

    def _shown(self) -> list[tuple[int, int]]:
        return sorted({pair for walker in self.walkers for pair in walker.combinations.take()})

    def _fill(self) -> None:
        missing = np.concatenate([walker.missing.take() for walker in self.walkers])
        if not missing.shape[0]:
            return
        for kind, x, those in missing_in(missing):
            self._pause()
            self.tables.fill(kind, x, those)
        for number in self.tables.viewing.outgrown():
            self.tables.facts.widen(number)
            for walker in self.walkers:
                walker.combinations.forget(number)
        if self.tables.bytes > self._most:
            raise Outgrown(f"the tables take more than {self._most:,} bytes")


def numbers_of(walks: Walks, stands: int) -> list[int]:
    """The places of the walks that stand so, in the order of their runs."""
    found = np.flatnonzero(walks.marks[:, STANDS] == stands)
    return [int(k) for k in found[np.argsort(walks.marks[found, RUN])]]
