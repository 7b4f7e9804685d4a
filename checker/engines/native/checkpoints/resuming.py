"""The way back: a search as it was at the end of the level that a checkpoint is of.

First what tables lacked is filled in again, in its order, and every level's end is judged again: that takes
the time that it took Python then. Then states get their index again, and workers what was counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.engines.checkpoint import CheckpointError, require_same
from checker.engines.contract import Refused
from checker.engines.native.arrays import Array
from checker.engines.native.checkpoints import journal
from checker.engines.native.checkpoints.files import Files
from checker.engines.native.checkpoints.journal import FILL, LEVEL, Comparison, Known
from checker.engines.native.checkpoints.keeper import Mark
from checker.engines.native.checkpoints.kept import KeptStates
from checker.engines.native.checkpoints.tally import Tally
from checker.engines.native.lacking import missing_in
from checker.engines.native.nocheckpoints import JudgeAgain
from checker.engines.native.numbering import CapacityError
from checker.engines.native.reductions.fusion import FusionRefused
from checker.engines.native.search.limits import NEAR
from checker.engines.native.search.mailbox import queues
from checker.engines.native.search.search import Search
from checker.engines.native.search.worker import Worker
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.store import Store
from checker.model.claims import UnsoundClaim
from checker.model.modelcode import CodeError

#: Bytes of memory that a state takes at least, if its key is not on the disk.
BYTES = 16


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that was read: all of its files are whole."""

    files: Files
    said: Mapping[str, Any]
    states: KeptStates

    @property
    def refused(self) -> Refused:
        """Which reductions had turned out not to be sound for the model, and why."""
        said = self.said["refused"]
        symmetries = tuple((tuple(names), why) for names, why in said["symmetries"])
        return Refused(**{**said, "symmetries": symmetries})

    @property
    def journal(self) -> str:
        """The name of the journal's file."""
        return str(self.said["journal"])

    @property
    def seconds(self) -> float:
        """Seconds of work that are behind it."""
        return float(self.said["seconds"])


def read(files: Files, about: Mapping[str, str]) -> Checkpoint:
    """The checkpoint that is there. Raises CheckpointError if it is damaged, or of something else."""
    said = files.manifest()
    try:
        require_same(files.folder, said["about"], about)
        files.verify(said["files"])
        return Checkpoint(files, said, KeptStates(said["kept"], files))
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{files.folder}: damaged: the manifest lacks what it should say") from error


class Resuming:
    """One search on its way back to where it was."""

    def __init__(self, checkpoint: Checkpoint, search: Search) -> None:
        self._checkpoint = checkpoint
        self._search = search
        words = checkpoint.files.read(checkpoint.journal, np.int64)
        steps, self._records = journal.read(words)
        self._comparison = Comparison(search.tables, steps)

    @property
    def known(self) -> Known:
        """What there is to know of the search beside its tables."""
        return self._comparison.known

    def replay(self, judge: JudgeAgain) -> Mark:
        """Fill in and judge again all that was; what the checkpoint is of. Raises CheckpointError."""
        try:
            return self._replay(judge)
        except (UnsoundClaim, CodeError, FusionRefused, CapacityError, LookupError, ValueError) as error:
            raise CheckpointError(f"the rules are not those of the checkpoint: {error}") from error

    def _replay(self, judge: JudgeAgain) -> Mark:
        search, kept, level = self._search, self._checkpoint.states, 0
        search.kept = kept.stores
        for record in self._records:
            if record.kind == FILL:
                self._fill(record.arrays[0])
            elif record.kind == LEVEL:
                level += 1
                judged = journal.of_level(search.tables, record)
                judge(search, kept.until(level + 1), judged.shown, judged.ended)
                self.known.know_cells(judged.ended)
            if record.kind != FILL:
                self._comparison.all_numbered(record.arrays[0])
            search.watch.look(search.result)
        self._comparison.end()
        if level != kept.depth - 1:
            raise CheckpointError(f"damaged: the journal is of {level} levels, and not of {kept.depth - 1}")
        said, files = self._checkpoint.said, self._checkpoint.files
        tally = Tally.read(files.read(str(said["tally"]), np.int64), search.tables.numbering.nodes)
        return Mark(kept.depth, kept.until(kept.depth), int(said["records"]), tally)

    def _fill(self, misses: Array) -> None:
        tables = self._search.tables
        with self._search.in_python():
            tables.fill_in(missing_in(misses))
            for number in tables.viewing.outgrown():
                tables.facts.widen(number)

    def enter(self, mark: Mark) -> None:
        """Give the search its states, and what was counted, shared out among its workers."""
        search, kept = self._search, self._checkpoint.states
        search.packing = kept.packing
        search.asleep = kept.asleep or search.asleep
        search.followed, search.spared = kept.followed, kept.spared
        search.in_order = kept.asleep is not None
        owners = self._owners()
        if search.watch.is_near_memory(BYTES * mark.states, NEAR):
            search.on_disk = True  # as a search that was never interrupted has it by then

        def look(states: int) -> None:
            search.result.states = states
            search.watch.look(search.result)

        stores = kept.enter(owners, search.tuning, search.disk if search.on_disk else None, look)
        search.kept = None
        self._staff(stores, owners)
        mark.tally.give(search)
        search.result.terminal = search.workers[0].terminal
        search.result.states = mark.states
        search.result.frontier = mark.states - int(mark.tally.totals[0])

    def _owners(self) -> Owners:
        """Who is to own what: one if that was enough so far, and is for the level to come."""
        search, kept = self._search, self._checkpoint.states
        last = kept.until(kept.depth) - kept.until(kept.depth - 1)
        if search.wanted == 1 or not last or (last < search.tuning.few and kept.owners.count == 1):
            return Owners()
        return search.best_owners(kept.depth - 1)

    def _staff(self, stores: list[Store], owners: Owners) -> None:
        search = self._search
        search.owners = owners
        tables, mail = search.snapshot(), queues(owners.count)
        search.workers = [Worker(k, store, tables, mail[k], owners.count) for k, store in enumerate(stores)]
        if owners.count > 1:
            search.pool = ThreadPoolExecutor(owners.count - 1)
