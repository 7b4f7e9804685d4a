"""An owner in a process of its own: it keeps its states, expands them, and answers who asks.

It has the buffers of a worker (search/worker.py), its own mailbox, its part of the states and the tables as
they were sent, and knows nothing of the model. Work comes one call at a time; mail is taken in between two
pieces of work, or at once if there is no work.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.distributed.courier import MOMENT, Batch, Courier, batch
from checker.engines.native.distributed.hands import Hand
from checker.engines.native.distributed.parents import Found, Raising, least_parents
from checker.engines.native.distributed.patches import Patch, patched
from checker.engines.native.distributed.replicas import Replicas
from checker.engines.native.distributed.reports import Closed, Hello, Progress, Report, Traffic, sources
from checker.engines.native.distributed.transport import ClusterError, Peer
from checker.engines.native.numbering import Vector
from checker.engines.native.search.mailbox import Round
from checker.engines.native.snapshot import Snapshot
from checker.engines.native.states import pairing
from checker.engines.native.states.disk import Disk
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.packing import packed
from checker.engines.native.states.store import PIECE, Store
from checker.engines.native.states.words import Packing, Piece, Words, held
from checker.engines.native.tuning import Tuning
from checker.host.version import own_version

#: Seconds without any news after which what is on its way is given up.
PATIENCE = 60.0
#: Instead of the depth of a level: states that are not of a closed one.
OPEN, ASIDE = -1, -2


#: Where the words of what sleeps have each node's moves, of states that are expanded and of successors.
Moves = tuple[Packing, Packing]


class Plan(NamedTuple):
    """How states are shared out from some time on, and an owner's place in that."""

    generation: int
    number: int
    peers: Sequence[Peer]
    owners: Owners
    packing: Packing
    tuning: Tuning
    #: the folder on its disk for the logs of states, None as long as they are in memory
    disk: Path | None
    #: whether what an owner knows beside its states is to be forgotten
    anew: bool


class Owner:
    """One owner; its methods are what can be asked of it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._guarding = Lock()
        self._replicas = Replicas()
        self._disk = Disk()
        self._reset()

    def _reset(self) -> None:
        self._plan: Plan | None = None
        self._store: Store | None = None
        self._courier = Courier(0, [])
        self._worker: Hand | None = None
        self._tables: Snapshot | None = None
        #: where states go that are shared out anew, and those of them that are yet to be expanded
        self._next: tuple[Plan, Store] | None = None
        self._step = OPEN
        self._later: list[Piece] = []
        #: what slept in the states of the level before the one that was closed last
        self._asleep_before: tuple[int, Array | None] = -1, None
        self._stop_era = -1
        self._reported = 0
        self._done = 0.0
        self._failed: BaseException | None = None

    # Questions ------------------------------------------------------------------------------------------

    def hello(self) -> Hello:
        """Who this is."""
        assertions = os.environ.get("PMMC_ASSERTIONS") == "all"
        return Hello(own_version(), sources(), assertions, platform.node())

    def progress(self) -> Progress:
        """How far it is; read while others write."""
        store, worker = self._store, self._worker
        if store is None:
            return Progress(0, 0, 0)
        expanded = worker.expanded - self._reported if worker is not None else 0
        return Progress(store.states, expanded, store.bytes)

    def stop(self, era: int) -> None:
        """Stop the work of an era, should it be under way or come."""
        self._stop_era = max(self._stop_era, era)

    # Mail -----------------------------------------------------------------------------------------------

    def deliver(self, message: Batch) -> None:
        """States for this owner; returns when there is room for more."""
        courier = self._courier
        courier.put(message)
        while True:
            if self._lock.acquire(blocking=False):
                try:
                    self._take_in()
                except BaseException as error:  # noqa: BLE001 - it is this owner's, not the sender's
                    self._failed = self._failed or error
                finally:
                    self._lock.release()
                return
            if not courier.is_full or courier is not self._courier:
                return  # whoever works here takes it in between two pieces
            time.sleep(MOMENT)

    def guard(self, generation: int, owner: int, depth: int, message: Batch) -> None:
        """Keep a copy of states of another owner, on the disk. Raises ClusterError."""
        with self._guarding:
            try:
                self._replicas.add(generation, owner, depth, message.words(), self._disk.folder)
            except OSError as error:
                raise ClusterError(
                    f"no copy of an owner's states can be kept in {self._disk.folder}: {error.strerror}"
                ) from None

    def _take_in(self) -> None:
        if self._next is not None:
            for words, _ in self._courier.arrived():
                self._put(words)
        elif self._worker is not None:
            self._worker.receive()

    # A round --------------------------------------------------------------------------------------------

    def round(self, era: int, tables: Patch | None, depth: int | None, moves: Moves) -> list[int]:
        """Expand the states of a level, or without one those set aside; how many were sent to whom.

        `moves` is where the words of what sleeps have each node's moves, on the level and on the next.
        """
        with self._lock:
            begun = time.monotonic()
            self._courier.begin(era)
            self._adopt(tables)
            worker, number = self._work_with(), self._courier.number
            pieces, worker.later = worker.later, []
            if depth is not None:
                self._asleep_before = -1, None
                if worker.tables.in_order:
                    worker.begin_level(*moves)
                pieces = worker.store.level(depth, worker.store.tuning.piece)
            together = Round([pieces if k == number else [] for k in range(worker.owners)])

            def look() -> None:
                together.stopped = self._stop_era >= era

            worker.work(together, look)
            self._courier.flush()
            self._done = time.monotonic()
            self._courier.traffic.working += self._done - begun
            return self._courier.sent

    def settle(self, expected: int) -> Report:
        """Take in what is still on its way, so many states in all; what came of the round."""
        with self._lock:
            self._await(expected)
            self._courier.traffic.waiting += time.monotonic() - self._done
            return self._report()

    def close_level(self) -> Closed:
        """End the level that is being filled, and give a copy of it away. Raises Lost and ClusterError."""
        with self._lock:
            worker = self._work_with()
            # should another owner be lost before it has closed the level, the one before begins again
            last = len(worker.store.levels) - 2
            self._asleep_before = last, worker.store.asleep(last)
            size, shown = worker.store.close_level(), worker.combinations.take()
            self._replicate(worker.store, len(worker.store.levels) - 2)
            return Closed(size, shown)

    def shown(self) -> list[tuple[int, int]]:
        """The combinations of views that are new."""
        with self._lock:
            return self._work_with().combinations.take()

    def forget(self, groups: Sequence[int]) -> None:
        """Forget which combinations of views some groups were shown: they are now written otherwise."""
        with self._lock:
            for group in groups:
                self._work_with().forget(group)

    def to_disk(self, folder: Path) -> None:
        """Have the log of states in a file from now on, which is gone when this process ends."""
        with self._lock:
            self._disk = Disk(folder)
            self._work_with().store.to_disk(self._disk)

    def _work_with(self) -> Hand:
        """The buffers to work with, made when the tables have come."""
        plan, store, tables = self._plan, self._store, self._tables
        assert plan is not None, "an owner is given its place first"
        assert store is not None, "states come before work"
        assert tables is not None, "tables come with the work"
        if self._worker is None:
            self._worker = Hand(plan.number, store, tables, self._courier, plan.owners.count)
            self._reported = 0
            self._worker.later, self._later = self._later, []
            self._courier.meanwhile = self._take_in
        return self._worker

    def _adopt(self, tables: Patch | None) -> None:
        if tables is not None:
            self._tables = patched(self._tables, tables)
        assert self._tables is not None, "tables come with the work"
        self._work_with().adopt(self._tables)

    def _await(self, expected: int) -> None:
        """Take in what comes until all of it has. Raises what went wrong, and Mismatch."""
        courier, news, known = self._courier, time.monotonic(), -1
        while True:
            self._take_in()
            if self._failed is not None:
                failed, self._failed = self._failed, None
                raise failed
            if courier.received >= expected or time.monotonic() - news > PATIENCE:
                break
            if courier.received > known:
                known, news = courier.received, time.monotonic()
            time.sleep(0.001)
        pairing.all_received(expected, courier.received, courier.waiting)

    def _report(self) -> Report:
        worker = self._work_with()
        ends, worker.ends = worker.ends, []
        traffic, self._courier.traffic = self._courier.traffic, Traffic()
        expanded, self._reported = worker.expanded - self._reported, worker.expanded
        counts, trouble = worker.counted(), worker.store.log.trouble
        return Report(
            states=worker.store.states,
            memory=worker.store.bytes,
            on_disk=worker.store.log.bytes_on_disk,
            trouble=None if trouble is None else self._disk.refusal(trouble),
            expanded=expanded,
            followed=counts.followed,
            terminal=counts.terminal,
            cut=counts.cut,
            cells=counts.cells,
            uses=counts.uses,
            misses=worker.missing.take(),
            aside=sum(piece.size for piece in worker.later),
            ends=ends,
            sampled=worker.told(),
            traffic=traffic,
        )

    # Sharing out anew -----------------------------------------------------------------------------------

    def prepare(self, plan: Plan) -> None:
        """Have an empty store ready for the states that this owner is to keep from now on."""
        with self._lock:
            self._courier = Courier(plan.number, plan.peers)
            self._courier.meanwhile = self._take_in
            disk = None if plan.disk is None else Disk(plan.disk)
            self._disk = disk or self._disk
            self._drop_next()
            self._next = plan, Store(plan.packing, plan.tuning, plan.number, disk)
            self._later = []

    def deal(self, era: int, depth: int, lost: Sequence[tuple[int, int]], sleeps: bool) -> list[int]:
        """Send the states of a level to those who keep them next; how many to whom.

        Beside its own those of which it has a copy, of owners that were lost: (generation, number).
        `sleeps` says whether it is known, and needed, what sleeps in these states.
        """
        with self._lock:
            assert self._next is not None, "states are shared out by a plan"
            if sleeps and depth != ASIDE:
                self._next[1].build()
            self._courier.begin(era)
            self._step = depth
            for words in self._sources(depth, lost):
                # copies tell what slept in every level, and it is needed of the last ones only
                self._route(words if sleeps or depth == ASIDE else words._replace(asleep=None))
                self._take_in()
            self._courier.flush()
            return self._courier.sent

    def settle_deal(self, expected: int) -> int:
        """Take in what is still on its way, close the level and give a copy away; how many states it has.

        Raises Lost and ClusterError.
        """
        with self._lock:
            self._await(expected)
            assert self._next is not None, "states are shared out by a plan"
            _, store = self._next
            if self._step == ASIDE:
                return sum(piece.size for piece in self._later)
            if self._step == OPEN:
                return store.states - store.levels[-1]
            size = store.close_level()
            self._replicate(store, self._step)
            return size

    def commit(self) -> None:
        """From now on keep what was shared out; what was kept before is dropped."""
        with self._lock:
            assert self._next is not None, "states are shared out by a plan"
            self._asleep_before = -1, None
            if self._store is not None:
                self._store.close()
            self._plan, self._store = self._next
            self._next = None
            if self._plan.anew:
                self._worker = None
                self._tables = None
            elif self._worker is not None:
                before, after = self._worker.before, self._worker.after
                self._worker.keep(self._store, self._courier, self._plan.owners.count)
                self._worker.before, self._worker.after = before, after
                self._worker.later, self._later = self._later, []
            self._replicas.forget(self._plan.generation)

    def _drop_next(self) -> None:
        """Let go what was being shared out, if that did not come to its end."""
        if self._next is not None:
            self._next[1].close()
            self._next = None

    def _sources(self, depth: int, lost: Sequence[tuple[int, int]]) -> list[Words] | map[Words]:
        """What this owner has of a level: its own states, and copies."""
        if depth == ASIDE:
            later = self._worker.later if self._worker is not None else []
            return [piece.words() for piece in later]
        found: list[Piece] = []
        store = self._store
        if store is not None:
            begin = store.levels[depth]
            end = store.states if depth == OPEN else store.levels[depth + 1]
            found += store.between(begin, end, PIECE)
            level, asleep = self._asleep_before
            if level == depth and asleep is not None:
                found = [_with(piece, asleep[k * PIECE :]) for k, piece in enumerate(found)]
        for generation, number in lost if depth != OPEN else ():
            if self._replicas.has(generation, number):
                found += map(held, self._replicas.level(generation, number, depth))
        return map(lambda piece: piece.words(), found)  # noqa: C417 - one after the other, as they are needed

    def _route(self, words: Words) -> None:
        assert self._next is not None, "states are shared out by a plan"
        plan, _ = self._next
        words = packed(words, plan.packing)
        owner = plan.owners.of(words)
        for number in range(plan.owners.count):
            mine = words.of(owner == number)
            if number == plan.number:
                self._put(mine)
            else:
                self._courier.send(number, mine, mine.size)

    def _put(self, words: Words) -> None:
        assert self._next is not None, "states are shared out by a plan"
        plan, store = self._next
        pairing.same_packing(words, plan.packing)
        if not words.size:
            return
        if self._step == ASIDE:
            self._later.append(held(words))
        else:
            store.absorb(words.first, words.second, words.size, words.asleep)

    def _replicate(self, store: Store, depth: int) -> None:
        """Give the owner after this one a copy of a level."""
        courier = self._courier
        plan = self._plan if self._next is None else self._next[0]
        assert plan is not None, "an owner is given its place first"
        if len(plan.peers) == 1:
            return
        guardian = plan.peers[(plan.number + 1) % len(plan.peers)]
        for piece in store.level(depth, PIECE):
            message = batch(0, piece.words())
            courier.traffic.copied += message.bytes
            kept = guardian.call("guard", plan.generation, plan.number, depth, message)
            while not kept.done(0.1):
                pass
            kept.result()

    # Reading back ---------------------------------------------------------------------------------------

    def words(self, depth: int, first: int, last: int) -> Batch:
        """States of a level, from one place in this owner's part of it to another."""
        with self._lock:
            assert self._store is not None, "states come before questions about them"
            begin = self._store.levels[depth]
            (piece,) = self._store.between(begin + first, begin + last, last - first)
            words = piece.words()
            return batch(0, words.of(np.arange(words.size)))

    def parents(self, tables: Patch | None, depth: int, targets: set[Vector], raising: Raising) -> Found:
        """Of some states, which this owner's states of a level have steps into, the least such."""
        with self._lock:
            if tables is not None:
                self._tables = patched(self._tables, tables)
            assert self._tables is not None, "tables come with the question"
            assert self._store is not None, "states come before questions about them"
            pieces = self._store.level(depth, self._store.tuning.piece)
            return least_parents(self._tables, pieces, targets, raising)

    def leave(self) -> None:
        """Forget everything: whoever comes next begins anew."""
        with self._lock:
            self._replicas.close()
            self._drop_next()
            if self._store is not None:
                self._store.close()
            self._reset()


def _with(piece: Piece, asleep: Array) -> Piece:
    """States of a piece with what sleeps in them."""
    return Piece(piece.size, lambda: piece.words()._replace(asleep=asleep[: piece.size]))
