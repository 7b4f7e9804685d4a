"""Judging: what each level of a search shows to the properties, on what is new only.

A property of one node, or of a step, is judged when tables are filled (`findings`); here it is looked up
whether a state of the level has what was found. One of several nodes is judged once for each combination of
the views that it reads, one of terminal states for each such combination there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from checker.engines.contract import Exploration, Watch
from checker.engines.native.ended import Ended
from checker.engines.native.kernel.layout import LEFT
from checker.engines.native.nocheckpoints import Shown
from checker.engines.native.numbering import Vector
from checker.engines.native.rows import Places
from checker.engines.native.search.search import Search
from checker.engines.native.sightings import Sighting
from checker.engines.native.tables import Tables
from checker.engines.native.viewing import Numbers
from checker.model.judging import Finding
from checker.model.properties import On


class Judging:
    """What a run judges level by level, and what it has sighted so far."""

    def __init__(self, tables: Tables, watch: Watch, result: Exploration) -> None:
        self.tables = tables
        self.watch = watch
        self.result = result
        self.active = {p.id: p for p in tables.system.properties}
        self.sightings: list[Sighting] = []
        self.raised_at: tuple[int, Vector] | None = None
        self.ran_out = False

    def _violations(self) -> list[Sighting]:
        return [s for s in self.sightings if not s.claim.kind.goal]

    def _runs_out(self, search: Search) -> bool:
        """Whether judging has reached a limit; what one that was reached before has left is judged."""
        if self.result.stopped is None and search.is_late():
            self.result.stopped = search.reached
            self.ran_out = True
        return self.ran_out

    def _judge_level(self, search: Search, level: int, shown: Shown, ended: Ended) -> None:
        """Judge what came up when a level was expanded."""
        with search.in_python():
            self._judge_rows(search, level)
            self._judge_ends(search, level, ended)
            self._judge_shown(search, level + 1, shown)

    def _judge_initial(self, search: Search) -> None:
        cells, found = self.tables.numbering.cells, self.tables.findings.at
        for node, cell in enumerate(self.tables.initial()):
            for finding in found.get((node, cells[node][cell].local), []):
                self._sight(finding, 0, search.initial)
        self._judge_shown(search, 0, search.take_shown())

    def _sight(
        self,
        finding: Finding,
        level: int,
        state: Vector,
        *,
        after: bool = False,
        others: Callable[[], Iterable[Vector]] = tuple,
    ) -> None:
        claim, reason = finding
        if self.active.pop(claim.id, None) is not None:
            self.sightings.append(Sighting(claim, reason, level, state, after, others))

    def _judge_shown(self, search: Search, level: int, shown: Shown) -> None:
        """Judge the combinations of views that came up with this level."""
        hits: dict[str, dict[int, set[Numbers]]] = {}
        reasons: dict[str, str] = {}
        for number, combination in sorted(shown):
            if self._runs_out(search):
                break
            group = self.tables.viewing.groups[number]
            numbers = group.numbers(combination)
            if not self.active.keys().isdisjoint(group.asked()) and not group.is_judged(numbers):
                self.tables.check_claims(group, numbers)
            for claim, reason in group.findings(numbers):
                # what is asked for of these is looked for when all states are known
                if claim.kind.on not in (On.FUTURE, On.RUN):
                    hits.setdefault(claim.id, {}).setdefault(number, set()).add(numbers)
                reasons.setdefault(claim.id, reason)
        for claim_id in [i for i in hits if i in self.active]:
            claim = self.active[claim_id]
            showing = partial(self._showing, search, level, hits[claim_id])
            self._sight((claim, reasons[claim_id]), level, min(showing()), others=showing)

    def _showing(self, search: Search, level: int, wanted: dict[int, set[Numbers]]) -> Iterable[Vector]:
        """The states of a level that show one of these combinations, by group."""
        groups = self.tables.viewing.groups
        self.tables.per_cell.flush()
        base = self.tables.per_cell.base
        for cells in search.states_of(level):
            chosen = np.zeros(cells.shape[0], np.bool_)
            for group, those in wanted.items():
                views = self.tables.per_cell["views"][group]
                shown = views[cells + base].sum(axis=1, dtype=np.uint64)
                chosen |= np.isin(shown, np.array(sorted(map(groups[group].combination, those)), np.uint64))
            yield from map(tuple, cells[chosen].tolist())

    def _judge_rows(self, search: Search, level: int) -> None:
        """Judge local states and steps: those that the rows and posts computed so far ran into."""
        for claim in list(self.active.values()):
            flagged = self.tables.rows.places_of(claim.id)
            if flagged:
                having = partial(self._having, search, level, flagged)
                state = min(having(), key=lambda s: (self.tables.rows.raises(s), s))
                reason = next(r for places, r in flagged.items() if all(state[n] == c for n, c in places))
                self._sight((claim, reason), level, state, after=True, others=having)
        if self.tables.rows.raised:
            self.raised_at = level, min(self._having(search, level, self.tables.rows.raised))

    @staticmethod
    def _having(search: Search, level: int, at: Iterable[Places]) -> Iterable[Vector]:
        """The states of a level that were expanded and have all cells of one of the tuples."""
        alternatives = list(at)
        search.tables.per_cell.flush()
        base, row_ptr = search.tables.per_cell.base, search.tables.per_cell["row_ptr"]
        for states in search.states_of(level):
            cells = states[(row_ptr[states + base] != LEFT).all(axis=1)]  # only these were expanded
            chosen = np.zeros(cells.shape[0], np.bool_)
            for places in alternatives:
                here = np.ones(cells.shape[0], np.bool_)
                for node, cell in places:
                    here &= cells[:, node] == cell
                chosen |= here
            yield from map(tuple, cells[chosen].tolist())

    def _judge_ends(self, search: Search, level: int, ended: Ended) -> None:
        """Judge terminal properties in the terminal states of a level in which no bound stops a node."""
        self.result.terminal_judged += ended.free
        worst: dict[str, tuple[Vector, str]] = {}
        for number, group in enumerate(self.tables.viewing.terminal if ended.free else ()):
            for row, numbers in enumerate(ended.rows(self.tables, number)):
                if self._runs_out(search):
                    break
                self.tables.check_claims(group, numbers)
                found = [f for f in group.findings(numbers) if f[0].id in self.active]
                state = ended.least(number, row) if found else ()
                for claim, reason in found:
                    worst[claim.id] = min(worst.get(claim.id, (state, reason)), (state, reason))
        for claim_id, (state, reason) in worst.items():
            self._sight((self.active[claim_id], reason), level, state)
