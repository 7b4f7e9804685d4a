"""The journal: what a search asked its tables, and what it judged, in the order in which that happened.

Four kinds of records. `BEGIN`: digests of what has a number before anything was asked. `FILL`: the entries
that a round lacked, which were filled in then. `LEVEL`: a level has ended; what its states and terminal
states have shown, and digests of all that has a number now. `STEPS`: fingerprints of the local steps that
were computed since the record before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from checker.engines.checkpoint import CheckpointError
from checker.engines.native.arrays import Array, distinct
from checker.engines.native.checkpoints import records
from checker.engines.native.checkpoints.fingerprints import PARTS, Fingerprints
from checker.engines.native.checkpoints.records import Record
from checker.engines.native.ended import Ended
from checker.engines.native.nocheckpoints import Shown
from checker.engines.native.numbering import Vector
from checker.engines.native.steps import LocalStep
from checker.engines.native.tables import Tables
from checker.engines.native.viewing import Numbers
from checker.model.values import show
from checker.model.vocabulary import kind_of

BEGIN, FILL, LEVEL, STEPS = range(1, 5)


class EndedAgain(Ended):
    """Terminal states that were judged before: what they have shown is known, they themselves are not.

    `cells` are for each node those of its cells that were in none before, in order; `seen` for each group
    of terminal properties what it sees of a state, each once; `least` the states that were asked for.
    """

    def __init__(
        self,
        free: int,
        cells: Sequence[Array],
        seen: Sequence[Array],
        least: dict[tuple[int, int], Vector],
    ) -> None:
        super().__init__(np.zeros((0, len(cells)), np.int64))
        self.free = free
        self.cells = cells
        self.asked = least
        self._rows = seen

    def rows(self, tables: Tables, group: int) -> list[Numbers]:
        """What a group of terminal properties sees of them, each once: the numbers of views."""
        viewing = tables.viewing
        reader = viewing.terminal[group]
        for node in np.flatnonzero(reader.reads).tolist():
            for cell in self.cells[node].tolist():
                viewing.number(reader, viewing.aspect(node, cell))
        return list(map(tuple, self._rows[group].tolist()))

    def least(self, group: int, row: int) -> Vector:
        """The least state of which a group sees that. Raises CheckpointError if it was not asked for."""
        if (group, row) not in self.asked:
            raise CheckpointError("a property finds something in terminal states that it did not find then")
        return self.asked[group, row]


class Judged(NamedTuple):
    """What was judged at the end of a level, and the digests of all that had a number then."""

    shown: list[tuple[int, int]]
    ended: EndedAgain
    digests: Array


class Journal:
    """The records of a search under way that are yet to be written."""

    def __init__(self, tables: Tables, known: Known) -> None:
        self._tables = tables
        self._known = known
        self._steps: list[int] = []
        self.records: list[Array] = []
        tables.steps.watchers.append(self._computed)

    def _computed(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        self._steps.append(self._known.fingerprints.of_steps(node, local, taken, steps))

    def begin(self) -> None:
        """Nothing was asked yet."""
        self._add(Record(BEGIN, [self._known.fingerprints.words()]))

    def fill(self, noted: Array) -> None:
        """Entries that were missing have been filled in, as workers have noted them."""
        self._add(Record(FILL, [distinct(noted)]))

    def level(self, shown: Shown, ended: Ended) -> None:
        """A level has come to its end, and was judged."""
        viewing = self._tables.viewing
        by_group: list[list[int]] = [[] for _ in viewing.groups]
        for group, combination in sorted(shown):
            by_group[group].append(combination)
        least = [value for at, state in ended.asked.items() for value in (*at, *state)]
        combinations = [np.array(those, np.uint64).view(np.int64) for those in by_group]
        cells = self._known.new_cells(ended) if viewing.terminal else []
        rows = [ended.seen(group).reshape(-1) for group in range(len(viewing.terminal))] if cells else []
        head = [self._known.fingerprints.words(), np.array([ended.free, len(cells)], np.int64)]
        self._add(Record(LEVEL, [*head, *combinations, *cells, *rows, np.array(least, np.int64)]))

    def _add(self, record: Record) -> None:
        if self._steps:
            steps, self._steps = np.array(self._steps, np.uint64), []
            self.records.append(records.written(Record(STEPS, [steps.view(np.int64)])))
        self.records.append(records.written(record))


class Known:
    """What is known of a search beside its tables: fingerprints, and which cells terminal states had."""

    def __init__(self, tables: Tables) -> None:
        self.fingerprints = Fingerprints(tables)
        self._in_ends: list[Array] = [np.zeros(0, np.bool_) for _ in range(tables.numbering.nodes)]

    def new_cells(self, ended: Ended) -> list[Array]:
        """For each node those cells in terminal states that were in none before; none if there are none."""
        if not ended.free:
            return []
        found = []
        for node, column in enumerate(ended.states.T):
            cells = np.unique(column)
            self._make_room(node, int(cells[-1]))
            found.append(cells[~self._in_ends[node][cells]])
            self._in_ends[node][cells] = True
        return found

    def know_cells(self, ended: EndedAgain) -> None:
        """Note those that were found before."""
        for node, cells in enumerate(ended.cells):
            if cells.shape[0]:
                self._make_room(node, int(cells[-1]))
                self._in_ends[node][cells] = True

    def _make_room(self, node: int, cell: int) -> None:
        known = self._in_ends[node]
        if cell >= known.shape[0]:
            self._in_ends[node] = np.concatenate([known, np.zeros(cell + 1, np.bool_)])


def of_level(tables: Tables, record: Record) -> Judged:
    """What the record of a level's end says. Raises CheckpointError."""
    nodes, groups, terminal = tables.numbering.nodes, tables.viewing.groups, tables.viewing.terminal
    parts = iter(record.arrays)
    try:
        digests, (free, has_cells) = next(parts), next(parts).tolist()
        shown = [
            (group, int(combination))
            for group in range(len(groups))
            for combination in next(parts).view(np.uint64)
        ]
        cells = [next(parts) if has_cells else np.zeros(0, np.int64) for _ in range(nodes)]
        rows = [next(parts).reshape(-1, nodes) for _ in terminal] if has_cells else []
        least = {
            (int(found[0]), int(found[1])): tuple(found[2:].tolist())
            for found in next(parts).reshape(-1, nodes + 2)
        }
    except (StopIteration, ValueError) as error:
        raise CheckpointError(
            "a checkpoint tells of other nodes or properties than there are now"
        ) from error
    return Judged(shown, EndedAgain(free, cells, rows, least), digests)


class Comparison:
    """Whether what is computed anew is what was computed then, step by step and level by level."""

    def __init__(self, tables: Tables, steps: Sequence[Array]) -> None:
        self._tables = tables
        self.known = Known(tables)
        self._then = np.concatenate([np.zeros(0, np.int64), *steps]).view(np.uint64)
        self._at = 0
        tables.steps.watchers.append(self._computed)

    def end(self) -> None:
        """Compare no more: from here on there is nothing to compare with."""
        self._tables.steps.watchers.remove(self._computed)

    def _computed(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        """Raises CheckpointError if it is not the step that was computed then."""
        now = self.known.fingerprints.of_steps(node, local, taken, steps)
        then = int(self._then[self._at]) if self._at < self._then.shape[0] else 0
        self._at += 1
        if now == then:
            return
        what = self._situation(node, local, taken)
        if now >> 32 == then >> 32:
            why = f"{what} that was something else then"
        else:
            why = f"asked {what} then something else was asked"
        raise CheckpointError(f"the rules are not those of the checkpoint: {why}")

    def _situation(self, node: int, local: int, taken: int | None) -> str:
        numbering = self._tables.numbering
        name, state = show(numbering.system.members[node].name), show(numbering.locals[node][local])
        if taken is None:
            return f"what {name} does by itself in {state}:"
        message = numbering.messages[taken]
        return f"what {name} makes of {kind_of(message).__name__} {show(message)} in {state}:"

    def all_numbered(self, then: Array) -> None:
        """Compare the digests of all that has a number. Raises CheckpointError with what differs."""
        now = self.known.fingerprints.words()
        differing = [part for part, one, other in zip(PARTS, now, then, strict=True) if one != other]
        if differing:
            raise CheckpointError(
                "the model is not that of the checkpoint: the same rules, asked the same, come to other "
                f"{' and '.join(differing)}"
            )


def read(words: Array) -> tuple[list[Array], Iterator[Record]]:
    """The fingerprints of all local steps in their order, and the other records. Raises CheckpointError."""
    found = list(records.read(words))
    steps = [record.arrays[0] for record in found if record.kind == STEPS]
    return steps, (record for record in found if record.kind != STEPS)
