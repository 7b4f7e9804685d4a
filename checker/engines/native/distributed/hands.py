"""What an owner counts, handed over: at the owner who counts it, and where it is added up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array, Stretches, relaid
from checker.engines.native.distributed.reports import Report
from checker.engines.native.lacking import Noted
from checker.engines.native.search.worker import Worker
from checker.engines.native.states import pairing
from checker.engines.native.states.words import Piece, Words


class Counted(NamedTuple):
    """What a worker has counted since it was asked last; of cells those that were used, and how often."""

    followed: int
    terminal: int
    cut: Array
    cells: Array
    uses: Array


class Hand(Worker):
    """A worker whose counts are handed over after each round."""

    def counted(self) -> Counted:
        """What was counted since the last time."""
        cells = np.flatnonzero(self._uses)
        found = Counted(self.followed, self.terminal, self.cut.copy(), cells, self._uses[cells])
        self.followed = self.terminal = 0
        self.cut[:] = 0
        self._uses[:] = 0
        return found

    def told(self) -> list[tuple[Array, list[tuple[int, bool]]]]:
        """Where all is compared, some new states with what they show, and whether that is kept.

        Raises Mismatch if they are not their own representatives.
        """
        sampled, self.sampled = self.sampled, []
        tables, found = self.tables, []
        for state in (state for words in sampled for state in words.cells()):
            pairing.lowered(state, tables.fields.base, tables.shifts)
            if tables.orbits.whole:
                pairing.least(state, tables.fields.base, tables.orbits)
            shown = [tables.shown(group, state) for group in range(tables.groups)]
            kept = [self.combinations.has(group, one) for group, one in enumerate(shown)]
            found.append((state, list(zip(shown, kept, strict=True))))
        return found


class Mark(NamedTuple):
    """What was counted when a level was closed."""

    expanded: int
    followed: int
    terminal: int
    cut: Array
    uses: Array
    stretches: Stretches


class Home(Worker):
    """Instead of all owners, where they are added up: to a search they are one worker, who is elsewhere."""

    def begin_with(self, uses: Array) -> None:
        """Add what was counted before there were owners elsewhere, for each cell."""
        self._uses += uses

    def add(self, report: Report) -> None:
        """Add what came of a round for one owner."""
        self.expanded += report.expanded
        self.followed += report.followed
        self.terminal += report.terminal
        self.cut += report.cut
        self._uses[report.cells] += report.uses
        self.missing.add(report.misses)
        self.ends += report.ends
        if report.aside:
            self.later.append(Piece(report.aside, _unknown))

    def mark(self) -> Mark:
        """What is counted now."""
        return Mark(
            self.expanded,
            self.followed,
            self.terminal,
            self.cut.copy(),
            self._uses.copy(),
            self.tables.stretches,
        )

    def back(self, mark: Mark) -> None:
        """Forget what was counted since then, and what was found."""
        self.expanded, self.followed, self.terminal = mark.expanded, mark.followed, mark.terminal
        self.cut[:] = mark.cut
        self._uses = relaid(mark.uses, 0, mark.stretches, self.tables.stretches)
        self.missing = Noted()
        self.ends, self.later = [], []


def _unknown() -> Words:
    raise NotImplementedError("states that were set aside stay with their owners")
