"""The search: breadth first, level by level, over the stores of all owners.

A level is explored in rounds. In a round every state is expanded with the tables as they are; a
state that meets a missing entry is set aside, and what is missing is noted. Then Python fills the
missing entries, in an order that depends on their contents alone, and the states set aside make the
next round. So what is numbered how does not depend on the number of workers, and neither do the
counts, verdicts and paths of a search that no limit cuts short.

The states belong to one owner until a level is worth sharing; then owners are chosen, and from there
on every worker keeps the states of one (owners.py, worker.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from checker.engines.contract import Exploration, Watch
from checker.engines.native.arrays import Array
from checker.engines.native.lacking import missing_in
from checker.engines.native.numbering import CapacityError
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.paths.paths import Backwards
from checker.engines.native.search.limits import Limited
from checker.engines.native.search.mailbox import Round, queues
from checker.engines.native.search.order import look_at_order
from checker.engines.native.search.sampling import latest, sampled
from checker.engines.native.search.threads import at_once
from checker.engines.native.search.worker import Worker
from checker.engines.native.snapshot import Snapshot
from checker.engines.native.states import pairing
from checker.engines.native.states.owners import Owners, Sample, choose_owners, trouble
from checker.engines.native.states.packing import packed, packing_for, packing_of_moves
from checker.engines.native.states.store import Store, moved, one_by_one
from checker.engines.native.states.words import Levelled, Packing, Piece, Words, held
from checker.engines.native.tables import Tables
from checker.engines.native.tuning import USUAL, Tuning

#: States that are looked at when they are to be packed anew.
SAMPLE = 1 << 14
#: Pieces into which an owner's share of a level is cut at least, so that all workers end at about one time.
PIECES = 8
#: Seconds between two counts of the steps so far.
COUNT = 0.1


class Search(Limited):
    """One exploration under way: what is known, level by level."""

    def __init__(
        self,
        tables: Tables,
        watch: Watch,
        result: Exploration,
        workers: int,
        tuning: Tuning = USUAL,
        disk: Path | None = None,
    ) -> None:
        super().__init__(watch, result, tuning, disk)
        self.tables = tables
        #: seconds in Python, and those it took to look ahead from all states, 0 if nobody asked for that
        self.python_seconds = self.seconds_ahead = 0.0
        initial = tables.initial()
        tables.symmetry.check_initial(initial)
        #: the state that the search begins with
        self.initial = tables.action.canonical(initial)
        self.packing = self._packing()
        #: whether each interleaving is followed once now
        self.in_order = False
        #: steps that it would have followed up to where that began, and those spared when it ended
        self.followed = self.spared = 0
        #: where the words of what sleeps in the states of the last level have each node's moves
        self.asleep = packing_of_moves(tables.rows.widest)
        self.wanted = workers
        self.owners = Owners()
        #: when owners were chosen last: how many states the level had, and some of them
        self.chosen_at = 0
        self.sample: Sample | None = None
        store, (mail,) = Store(self.packing, tuning, 0, self._disk), queues(1)
        self.workers = [Worker(0, store, self.snapshot(), mail, owners=1)]
        self.pool: ThreadPoolExecutor | None = None
        #: whether what is expanded counts; not where levels are expanded once more
        self.is_counting = True
        self.counted = 0.0
        #: terminal states of the level under way, each batch packed as it was when it was found
        self.ends: list[Words] = []
        #: combinations of views seen on the level under way: (group, combination)
        self.shown: set[tuple[int, int]] = set()
        #: states that are only read, of a search that is on its way back to where it was
        self.kept: Sequence[Levelled] | None = None
        #: who is told of the entries that were filled in after a round
        self.of_fills: list[Callable[[Array], object]] = []
        self._begin()

    def _packing(self, sample: Array | None = None) -> Packing:
        packing = packing_for(self.tables.cells(), sample)
        if packing is None:
            raise CapacityError("a state of this model needs more than 126 bits")
        return packing

    def _begin(self) -> None:
        first, second = self.packing.pack(self.initial)
        one = np.array([first], np.uint64)
        words = Words(one, np.array([second], np.uint64) if self.packing.wide else one, self.packing)
        self.workers[0].take(words, 1)
        self._compare()
        self.result.states = self.result.frontier = 1
        self.close_level()

    # One level --------------------------------------------------------------------------------------

    def close_level(self) -> int:
        """End a level; how many states it has."""
        for worker in self.workers:
            self.shown.update(worker.combinations.take())
        return sum(worker.store.close_level() for worker in self.workers)

    def take_shown(self) -> set[tuple[int, int]]:
        """The combinations of views seen since they were taken last."""
        shown, self.shown = self.shown, set()
        return shown

    def size(self, depth: int) -> int:
        """How many states a level has."""
        stores = self.stores if self.kept is None else self.kept
        return sum(store.levels[depth + 1] - store.levels[depth] for store in stores)

    def level(self, depth: int) -> list[Piece]:
        """The states of a level, in pieces."""
        return [piece for share in self._shares(depth) for piece in share]

    def _shares(self, depth: int) -> list[list[Piece]]:
        """The states of a level by owner, in pieces."""
        shares = []
        for store in self.stores if self.kept is None else self.kept:
            size = store.levels[depth + 1] - store.levels[depth]
            most = self.tuning.piece
            if len(self.workers) > 1:
                most = min(most, size // PIECES + 1)
            shares.append(store.level(depth, most))
        return shares

    def expand_level(self, depth: int) -> list[Words]:
        """Explore every state of a level; the terminal states among them. Raises LimitReached."""
        self.is_counting = False
        look_at_order(self, depth)
        self.is_counting = True
        self._look_at_owners(depth)
        if self.in_order:
            self.begin_in_order()
        self.explore(depth)
        return self.ends

    def explore(self, depth: int) -> None:
        """Expand every state of a level, by the workers and in the order there are. Raises LimitReached."""
        todo = self._shares(depth)
        self.ends = []
        while any(todo):
            self._round(todo)
            self.found_ends()
            todo = [worker.later for worker in self.workers]
            for worker in self.workers:
                worker.later = []
            if any(todo):
                todo = self._fill(todo)
        self._compare_all(depth)

    def begin_in_order(self, level: int | None = None) -> None:
        """Begin a level in which each interleaving is followed once, or see again what sleeps in one."""
        before, self.asleep = self.asleep, self.words_asleep(level)
        for worker in self.workers:
            worker.begin_level(before, self.asleep, level)

    def words_asleep(self, level: int | None) -> Packing:
        """Where the words of what sleeps in the states after a level have each node's moves."""
        return packing_of_moves(self.tables.rows.widest)

    def _compare_all(self, depth: int) -> None:
        """Compare the counts of a level that has come to its end. Raises Mismatch."""
        workers = self.workers
        states = sum(store.levels[depth + 1] for store in self.stores)
        pairing.all_expanded(depth + 1, states, sum(worker.expanded for worker in workers))
        left = sum(int(worker.outbox.filled.sum()) + worker.mail.waiting for worker in workers)
        pairing.all_received(sum(w.sent for w in workers), sum(w.received for w in workers), left)

    def found_ends(self) -> list[Words]:
        """The terminal states found on the level under way so far, if properties are judged on them."""
        for worker in self.workers:
            self.ends += worker.ends
            worker.ends = []
        return self.ends

    def snapshot(self) -> Snapshot:
        """The tables as they are, for those who expand states of this search."""
        owning = self.owners.owning(self.packing)
        return self.tables.snapshot(self.packing, owning, in_order=self.in_order)

    def _round(self, pieces: list[list[Piece]]) -> None:
        tables = self.snapshot()
        for worker in self.workers:
            worker.adopt(tables)
        together = Round(pieces)

        def look() -> None:
            self.count()
            together.stopped = together.stopped or self._is_over()

        def work(worker: Worker) -> None:
            worker.work(together, look if worker.number == 0 else lambda: None)

        alone = self.pool is None or together.size < self.tuning.alone
        self._each(work, together, alone=alone)
        self._each(Worker.receive, together, alone=alone)
        self._compare()
        self.count()
        self._stop_if_over()

    def _compare(self) -> None:
        """Where all is compared, compare new states with what is known of them. Raises Mismatch."""
        for worker in self.workers:
            worker.compare_sampled(self.tables.shown)

    def _each(self, work: Callable[[Worker], None], together: Round, *, alone: bool) -> None:
        def one(number: int) -> None:
            try:
                work(self.workers[number])
            except BaseException:
                together.stopped = True
                raise

        (one_by_one if alone else partial(at_once, self.pool))(one, len(self.workers))

    def count(self) -> None:
        """Bring the counts of the result up to date; that of steps now and then only."""
        if not self.is_counting:
            return
        result = self.result
        result.states = sum(store.states for store in self.stores)
        result.frontier = result.states - sum(worker.expanded for worker in self.workers)
        if self.watch.seconds >= self.counted + COUNT:
            self.counted = self.watch.seconds
            result.generated = self.tables.rows.generated(self.uses())

    # Sharing the work ---------------------------------------------------------------------------------

    def _look_at_owners(self, depth: int) -> None:
        """Choose owners when a level is worth sharing, and anew when levels have grown much since then."""
        if self.wanted == 1 or self.size(depth) < max(self.tuning.few, self.tuning.grown * self.chosen_at):
            return
        owners = self.best_owners(depth)
        if len(self.workers) < self.wanted:
            self._share(owners)
        elif not self.on_disk:
            assert self.sample is not None, "owners were chosen by it"
            gain = trouble(self.sample, self.owners) - trouble(self.sample, owners)
            if gain > self.tuning.gain:
                self._keep(owners, self.packing)

    def best_owners(self, depth: int) -> Owners:
        """The owners that are best for a level, which is remembered."""
        self.chosen_at, self.sample = self.size(depth), self._sampled(depth)
        return choose_owners(self.wanted, self.sample)

    def _share(self, owners: Owners) -> None:
        """Give every worker its owner's states, for the first time."""
        self.pool = ThreadPoolExecutor(self.wanted - 1)
        stores = moved(self.stores, self.packing, owners, self._disk, partial(at_once, self.pool))
        self.owners = owners
        tables, mail = self.snapshot(), queues(self.wanted)
        self.workers[0].keep(stores[0], mail[0], self.wanted)
        self.workers += [Worker(k, stores[k], tables, mail[k], self.wanted) for k in range(1, self.wanted)]

    def _keep(self, owners: Owners, packing: Packing) -> None:
        """Give every worker its owner's states in a packing."""
        stores = moved(self.stores, packing, owners, self._disk, partial(at_once, self.pool))
        self.owners, self.packing = owners, packing
        for worker, store in zip(self.workers, stores, strict=True):
            worker.keep(store, worker.mail, owners.count)

    def _sampled(self, depth: int) -> Sample:
        return sampled(self.level(depth), self.expansion())

    def uses(self) -> Array:
        """For each cell how many states with it were expanded."""
        stretches = self.tables.per_cell.stretches
        return sum((worker.uses(stretches) for worker in self.workers), start=np.zeros(1, np.int64))

    def expansion(self) -> Expansion:
        """What expands states outside of the search, with the tables as they are now."""
        return Expansion(self.snapshot())

    def backwards(self, look: Callable[[], None] = lambda: None) -> Backwards:
        """What finds the way back from states of this search; it looks at the clock before each level."""
        expansions = [self.expansion() for _ in self.workers]
        return Backwards(self.level, expansions, self.tables.rows.raises, self.pool, look, self.fill_for)

    def statistics(self) -> dict[str, Any]:
        """What else there is to tell of how it was done."""
        return {}

    def fill_for(self, expansions: Sequence[Expansion]) -> bool:
        """Fill in what expansions lacked, and give them the tables anew; whether there was something.

        These are posts of steps that were not followed. Where they lead is known by another order, so no
        state gets a cell that it did not have, unless it is renamed then, or a limit came before the other
        order was followed. Raises Mismatch if one does.
        """
        missing = np.concatenate([expansion.missing.take() for expansion in expansions])
        if not missing.shape[0]:
            return False
        cells = self.tables.cells()
        self.tables.fill_in(missing_in(missing))
        cut_short = self.reached is not None or self.result.stopped is not None
        if not cut_short and len(self.tables.action.tried) == 1:
            pairing.same_cells(cells, self.tables.cells())
        if not self.packing.fits(self.tables.cells()):
            self._repack([[] for _ in self.workers])
        snapshot = self.snapshot()
        for expansion in expansions:
            expansion.renew(snapshot)
        return True

    @property
    def stores(self) -> list[Store]:
        """The states of all owners."""
        return [worker.store for worker in self.workers]

    def close(self) -> None:
        """Let the threads go, and what is on the disk; states can no longer be read."""
        if self.pool is not None:
            self.pool.shutdown()
        for store in self.stores:
            store.close()

    @property
    def bytes(self) -> int:
        """Memory in use for states."""
        return sum(worker.store.bytes for worker in self.workers)

    # Filling tables -----------------------------------------------------------------------------------

    @contextmanager
    def in_python(self) -> Iterator[None]:
        """Count the seconds meanwhile as Python's."""
        begun = self.watch.seconds
        try:
            yield
        finally:
            self.python_seconds += self.watch.seconds - begun

    def _fill(self, todo: list[list[Piece]]) -> list[list[Piece]]:
        """Fill in what is missing. Raises LimitReached, with tables and states that fit together."""
        noted = np.concatenate([worker.missing.take() for worker in self.workers])
        with self.in_python():
            self.tables.fill_in(missing_in(noted, self.tuning.entries), self.is_late)
            self._widen_views()
            for tell in self.of_fills if self.reached is None else ():
                tell(noted)
            if not self.packing.fits(self.tables.cells()):
                todo = self._repack(todo)
        self._stop_if_over()
        return todo

    def _sample(self) -> Array:
        """Some of the latest states, as rows of cell numbers."""
        return latest(self.stores, self.result.depth - 1, SAMPLE)

    def _widen_views(self) -> None:
        for number in self.tables.viewing.outgrown():
            group = self.tables.viewing.groups[number]
            for worker in self.workers:
                self.shown.update(worker.combinations.take())
            old = {pair: group.numbers(pair[1]) for pair in self.shown if pair[0] == number}
            self.tables.facts.widen(number)
            self.shown -= old.keys()
            self.shown |= {(number, group.combination(numbers)) for numbers in old.values()}
            for worker in self.workers:
                worker.forget(number)

    def _repack(self, todo: list[list[Piece]]) -> list[list[Piece]]:
        packing, owners = self._packing(self._sample()), self.owners
        if self.sample is not None:
            # owners are told by bits of packed states, so in another packing other nodes may be better
            self.sample = self.sample.packed(packing)
            owners = choose_owners(self.wanted, self.sample)
        fresh = [[held(packed(piece.words(), packing)) for piece in pieces] for pieces in todo]
        self._keep(owners, packing)
        return fresh

    # Reading states back --------------------------------------------------------------------------------

    def states_of(self, depth: int) -> Iterator[Array]:
        """The states of a level as rows of cell numbers."""
        for piece in self.level(depth):
            yield piece.words().cells()
