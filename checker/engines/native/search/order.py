"""When a search begins to follow each interleaving once, and what sleeps in its states then.

It costs more than it saves where states are few, have few steps, or commute seldom. So it is decided when
there are many states, by these. If it begins, what sleeps in the states of the last level is what had been
asleep in them if it had begun with the first one: the levels before are expanded again (docs/adr/0018).
"""

from __future__ import annotations

from typing import Any, Protocol

from checker.engines.contract import Watch
from checker.engines.native.arrays import Array
from checker.engines.native.search.worker import Worker
from checker.engines.native.snapshot import Snapshot
from checker.engines.native.states.store import Store
from checker.engines.native.tables import Tables
from checker.engines.native.tuning import Tuning

#: The part of the memory allowed that what sleeps in states may take beside all else, …
SHORT = 0.95
#: … and bytes that a level takes for each state of the one before it: it may have about as many.
LIKELY = 30


class Search(Protocol):
    """What is needed of a search for that; see search.py."""

    tables: Tables
    tuning: Tuning
    workers: list[Worker]
    watch: Watch
    #: whether states go to the disk
    on_disk: bool
    #: terminal states of the level under way
    ends: Any
    #: whether each interleaving is followed once by now, and how many steps it would have followed before
    in_order: bool
    followed: int
    #: steps that were spared when it ended
    spared: int

    @property
    def stores(self) -> list[Store]:
        """The states of all owners."""

    @property
    def bytes(self) -> int:
        """Memory in use for states."""

    def uses(self) -> Array:
        """For each cell how many states with it were expanded."""

    def snapshot(self) -> Snapshot:
        """The tables as they are."""

    def begin_in_order(self, level: int | None = None) -> None:
        """Begin a level in order, or see again what sleeps in one."""

    def explore(self, depth: int) -> None:
        """Expand every state of a level. Raises LimitReached."""


def look_at_order(search: Search, depth: int) -> None:
    """See, before a level is expanded, whether each interleaving is to be followed once from here on.

    That is so if states have many steps, and most of them need not be followed. It is decided once, by the
    states so far alone, and so in the same way by any number of workers. It ends where memory is short:
    without what sleeps, states go further. Raises LimitReached.
    """
    tuning, stores = search.tuning, search.stores
    is_here = all(isinstance(store, Store) for store in stores)
    if search.in_order and search.on_disk and is_here:
        coming = LIKELY * sum(store.states - store.levels[depth] for store in stores)
        if search.watch.is_near_memory(search.bytes, SHORT, coming):
            _end(search)
    before, known = (sum(store.levels[end] for store in stores) for end in (depth, depth + 1))
    if not search.tables.ordering.on or not before < max(1, tuning.ordered) <= known:
        return
    generated = search.tables.rows.generated(search.uses())
    if generated < tuning.steps * before:
        return
    _look_back(search, depth)
    if generated < tuning.spared * search.followed:
        _end(search)
        search.spared = 0


def _end(search: Search) -> None:
    """Follow all steps from the next level on; what sleeps is known no more."""
    followed = search.followed + sum(worker.followed for worker in search.workers)
    search.spared = search.tables.rows.generated(search.uses()) - followed
    search.in_order = False
    for store in search.stores:
        store.wake()


def _look_back(search: Search, depth: int) -> None:
    """See what sleeps in the states of a level; the levels before are expanded again, to nobody's count."""
    counting = search.workers
    owners = len(counting)
    assert depth == 0 or all(isinstance(worker.store, Store) for worker in counting), "states are here"
    search.in_order = True
    tables = search.snapshot()
    search.workers = again = [Worker(w.number, w.store, tables, w.mail, owners) for w in counting]
    is_done = False
    try:
        for level in range(depth):
            search.begin_in_order(level + 1)
            search.explore(level)
            for store in search.stores:
                store.settle()
        search.followed = sum(worker.followed for worker in again)
        is_done = True
    finally:
        search.in_order = is_done
        if not is_done:  # of a level that was cut short it is not known what sleeps
            for store in search.stores:
                store.wake()
        for worker, other in zip(counting, again, strict=True):
            if worker.store is not other.store:  # states were packed anew
                worker.keep(other.store, other.mail, owners)
        search.workers, search.ends = counting, []
