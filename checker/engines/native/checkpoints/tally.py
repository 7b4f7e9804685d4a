"""The tally: what the workers of a search have counted, whoever of them it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from checker.engines.checkpoint import CheckpointError
from checker.engines.native.arrays import Array
from checker.engines.native.checkpoints import records
from checker.engines.native.checkpoints.records import Record
from checker.engines.native.search.search import Search

_TALLY = 4


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted up to the end of a level.

    `totals` are as a worker has them; `cut` by bound in how many states it stops a node;
    `uses` for each node, by cell, how many states with it were expanded.
    """

    totals: Array
    cut: Array
    uses: Sequence[Array]

    @classmethod
    def of(cls, search: Search) -> Tally:
        """What was counted so far."""
        tables, workers = search.tables, search.workers
        tables.per_cell.flush()
        uses, base = search.uses(), tables.per_cell.base
        if uses.shape[0] == 1:  # nothing was expanded yet
            uses = np.zeros(tables.per_cell.stretches.size, np.int64)
        return cls(
            np.array([worker.totals for worker in workers], np.int64).sum(axis=0),
            sum((w.cut for w in workers), start=np.zeros(128, np.int64)),
            [uses[base[node] : base[node] + count].copy() for node, count in enumerate(tables.cells())],
        )

    def give(self, search: Search) -> None:
        """Let the first worker have counted all that."""
        first, base = search.workers[0], search.tables.per_cell.base
        uses = np.zeros(search.tables.per_cell.stretches.size, np.int64)
        for node, known in enumerate(self.uses):
            uses[base[node] : base[node] + known.shape[0]] = known
        first.have_counted(self.totals.tolist(), self.cut, uses)

    def written(self) -> Array:
        """As one array."""
        return records.written(Record(_TALLY, [self.totals, self.cut, *self.uses]))

    @classmethod
    def read(cls, words: Array, nodes: int) -> Tally:
        """What that array says. Raises CheckpointError."""
        (record,) = records.read(words)
        if len(record.arrays) != nodes + 2:
            raise CheckpointError("a checkpoint counts for more or fewer nodes than the model has now")
        totals, cut, *uses = record.arrays
        return cls(totals, cut, uses)
