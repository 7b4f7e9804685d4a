"""The native engine: searches, judges what the search shows, and brings back real paths.

It agrees with the reference engine state for state when no reduction is on (tests/differential), and
finds the same views with any of them.
"""

from __future__ import annotations

import gc
import mmap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import numpy as np

from checker.engines.contract import (
    UNREDUCED,
    Discovery,
    Exploration,
    Failed,
    Limits,
    Progress,
    Raised,
    Reductions,
    Refused,
    Watch,
)
from checker.engines.native import tuning
from checker.engines.native.account import account
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import LEFT
from checker.engines.native.numbering import CapacityError, Vector
from checker.engines.native.paths.unfold import UnfoldError
from checker.engines.native.reductions.claims import (
    about_runs,
    against_fusion,
    against_settling,
    against_symmetries,
    without_assumed,
)
from checker.engines.native.reductions.fusion import FusionRefused
from checker.engines.native.reductions.symmetry import SymmetryError
from checker.engines.native.rows import Places
from checker.engines.native.search.search import LimitReached, Search
from checker.engines.native.sightings import Guide, Sighting, without_path
from checker.engines.native.states.halves import HalvesOutgrown
from checker.engines.native.states.words import Words
from checker.engines.native.tables import Tables
from checker.model.claims import ShiftError
from checker.model.judging import Finding
from checker.model.modelcode import CodeError
from checker.model.properties import On
from checker.model.semantics import ModelError
from checker.model.system import System
from checker.model.verdict import ExitCode

#: A witness of a `sometimes` gets its path if no more than this many states come before it.
STATES_FOR_WITNESS = 1 << 13
#: States of a search when its first levels are looked at for runs, and how many times more the next time.
FIRST_LOOK, TIMES = 1 << 20, 4
#: Bytes that are kept for the account of a search that has run out of memory.
SPARE = 8 << 20


def explore(
    system: System,
    limits: Limits = Limits(),
    report: Callable[[Progress], None] | None = None,
    *,
    reductions: Reductions = Reductions(),
    workers: int = 1,
) -> Exploration:
    """Explore every reachable state, or as far as `limits` allow.

    Fusion is left off where it would not be sound, and so is a symmetry that was only assumed. Raises
    settling.ReductionError if a symmetry that was declared is none or an obligation of settling is not met.
    """
    machine.kernels()  # to compile them, should that be needed, is no part of the search and its limits
    watch = Watch(limits, report)
    against = against_fusion(system) if reductions.fusion else None
    refused = Refused(
        against,
        symmetries=against_symmetries(system) if reductions.symmetry else (),
        settling=against_settling(system) if reductions.settling else None,
    )
    if about_runs(system) is not None:
        system = replace(system, symmetries=())
    fitting = replace(reductions, fusion=reductions.fusion and against is None)
    while True:
        try:
            found = _Run(system, watch, fitting, refused, workers).run()
            break
        except ModelError as error:
            # it came of a message or local state that a reduction looks at, and that there may not be
            if fitting == UNREDUCED:
                raise
            fitting, refused = UNREDUCED, replace(refused, all=str(error))
        except FusionRefused as reason:
            fitting, refused = replace(fitting, fusion=False), replace(refused, fusion=str(reason))
        except SymmetryError as error:
            system = without_assumed(system, error)
            refused = replace(refused, symmetries=(*refused.symmetries, (error.names, error.reason)))
    found.reductions = replace(found.reductions, asked=reductions)
    return found


class _Run:
    def __init__(
        self, system: System, watch: Watch, reductions: Reductions, refused: Refused, workers: int
    ) -> None:
        self.system = system
        self.result = Exploration(engine="native")
        self.watch = watch
        self.refused = refused
        self.tables = Tables(system, reductions)
        self.workers = workers
        self.active = {p.id: p for p in system.properties}
        self.sightings: list[Sighting] = []
        self.raised_at: tuple[int, Vector] | None = None
        self.ran_out = False
        #: whether a run violates something, and with how many states the first levels are looked at for one
        self.ran, self.next_look = False, FIRST_LOOK
        #: memory to give back when there is no more, so that what was found can be told; never written to
        self.spare = mmap.mmap(-1, SPARE)

    def run(self) -> Exploration:
        search: Search | None = None
        collecting = gc.isenabled()
        gc.disable()  # tables only grow, and hold no cycles: collecting would look at all of them in vain
        try:
            with self._noting():
                search = Search(self.tables, self.watch, self.result, self.workers, tuning.USUAL)
                self._search(search)
                if mistake := self.tables.viewing.mistake():
                    raise mistake
        except (CapacityError, HalvesOutgrown) as error:
            self.result.stopped = f"a limit of the engine was reached: {error}"
        except MemoryError:
            self._out_of_memory()
        except KeyboardInterrupt:
            self.result.interrupted = True
            self.result.stopped = "interrupted"
        finally:
            if collecting:
                gc.enable()
            if search is not None:
                search.close()
        if self.result.stopped is not None or self.result.raised is not None:
            self._tell_goals()
        if search is not None:
            self.result.seconds = self.watch.seconds
            account(self.result, search, self.tables, self.refused, self.workers)
        return self.result

    def _out_of_memory(self) -> None:
        self.result.stopped = "the machine has no more memory to give"
        self.spare.close()

    # Level by level -----------------------------------------------------------------------------------

    def _search(self, search: Search) -> None:
        with self._noting():
            self._judge_initial(search)
        while not self._decided() and self.result.stopped is None:
            level = self.result.depth
            self.result.depth += 1
            stop = self.watch.depth_limit(self.result.depth)
            if stop is not None:
                self.result.stopped = stop
                break
            ends: list[Words] = []
            try:
                with self._noting():
                    ends = search.expand_level(level)
            except LimitReached as limit:  # what this level has shown so far is judged all the same
                self.result.stopped, ends = str(limit), search.found_ends()
            except MemoryError:
                self._out_of_memory()
                ends = search.found_ends()
            found = search.close_level()
            with self._noting():
                self._judge_rows(search, level)
                self._judge_ends(search, level, ends)
                self._judge_shown(search, level + 1)
                self._judge_runs(search, level + 1)
            if not found:
                self._look_ahead(search)
                break
        self._explain(search)

    def _judge_runs(self, search: Search, levels: int | None = None) -> None:
        """Judge temporal properties on all states; before, if there are many, on those of some levels."""
        claims = [p for p in self.active.values() if p.kind.on is On.RUN]
        due = levels is None or self.result.states >= self.next_look
        if not claims or not due or self._decided() or self.result.stopped is not None:
            return
        from checker.engines.native.runs.judge import judge_runs  # noqa: PLC0415 - few models need it

        self.next_look *= TIMES
        with self._noting_false_shift():
            self.ran = judge_runs(search, claims, levels)

    def _look_ahead(self, search: Search) -> None:
        """Now that all states are known, judge what can still be reached from them."""
        ended = self._decided() or self.result.stopped is not None
        claims = [p for p in self.active.values() if p.kind.on is On.FUTURE and not ended]
        if claims:
            from checker.engines.native.search.ahead import look_ahead  # noqa: PLC0415 - few models need it

            for claim, future, level, state in look_ahead(search, claims):
                self.result.futures[claim.id] = future
                if state is not None:
                    self._sight((claim, "a state of no return"), level, state)
        self._judge_runs(search)

    def _decided(self) -> bool:
        violated = any(not s.claim.kind.goal for s in self.sightings) or self.ran
        mistaken = self.result.raised or self.result.failed or self.tables.viewing.mistake()
        return violated or self.raised_at is not None or mistaken is not None

    def _runs_out(self, search: Search) -> bool:
        """Whether judging has reached a limit; what one that was reached before has left is judged."""
        if self.result.stopped is None and search.is_late():
            self.result.stopped = search.reached
            self.ran_out = True
        return self.ran_out

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note that a view, judge, settle or cut went wrong; what was sighted is told all the same."""
        try:
            yield
        except ModelError:  # a rule raised where a reduction looks: see `explore`
            raise
        except CodeError as error:
            self.result.raised = Raised(str(error), None, error.traceback)

    def _judge_initial(self, search: Search) -> None:
        cells, found = self.tables.numbering.cells, self.tables.findings.at
        for node, cell in enumerate(self.tables.initial()):
            for finding in found.get((node, cells[node][cell].local), []):
                self._sight(finding, 0, search.initial)
        self._judge_shown(search, 0)

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

    def _judge_shown(self, search: Search, level: int) -> None:
        """Judge the combinations of views that came up with this level."""
        begun = self.watch.seconds
        shown, search.shown = search.shown, set()
        hits: dict[str, dict[int, set[int]]] = {}
        reasons: dict[str, str] = {}
        for number, combination in sorted(shown):
            if self._runs_out(search):
                break
            group = self.tables.viewing.groups[number]
            numbers = group.numbers(combination)
            if not self.active.keys().isdisjoint(group.asked()) and not group.is_judged(numbers):
                self.tables.check_claims(group, numbers)
            for claim, reason in group.findings(numbers):
                if claim.kind.on in (
                    On.FUTURE,
                    On.RUN,
                ):  # what is asked for is looked for when all states are known
                    continue
                hits.setdefault(claim.id, {}).setdefault(number, set()).add(combination)
                reasons.setdefault(claim.id, reason)
        for claim_id in [i for i in hits if i in self.active]:
            claim = self.active[claim_id]
            showing = partial(self._showing, search, level, hits[claim_id])
            # of a goal the search may go on, and then the numbers of combinations may come to mean others
            others = tuple if claim.kind.goal else showing
            self._sight((claim, reasons[claim_id]), level, min(showing()), others=others)
        search.python_seconds += self.watch.seconds - begun

    def _showing(self, search: Search, level: int, wanted: dict[int, set[int]]) -> Iterable[Vector]:
        """The states of a level that show one of these combinations, by group."""
        self.tables.per_cell.flush()
        base = self.tables.per_cell.base
        for cells in search.states_of(level):
            chosen = np.zeros(cells.shape[0], np.bool_)
            for group, combinations in wanted.items():
                views = self.tables.per_cell["views"][group]
                shown = views[cells + base].sum(axis=1, dtype=np.uint64)
                chosen |= np.isin(shown, np.array(sorted(combinations), np.uint64))
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

    def _judge_ends(self, search: Search, level: int, ends: list[Words]) -> None:
        """Count terminal states; judge terminal properties in those where no bound stops a node."""
        self.result.terminal = sum(worker.terminal for worker in search.workers)
        if not ends:
            return
        cells = np.concatenate([words.cells() for words in ends])
        self.tables.per_cell.flush()
        cut, base = self.tables.per_cell["cut"], self.tables.per_cell.base
        free = cells[(cut[cells + base] == 0).all(axis=1)]
        self.result.terminal_judged += free.shape[0]
        worst: dict[str, tuple[Vector, str]] = {}
        for group in self.tables.viewing.terminal if free.shape[0] else ():
            distinct, shown_by = np.unique(self.tables.views_of(group, free), axis=0, return_inverse=True)
            for row, numbers in enumerate(map(tuple, distinct.tolist())):
                if self._runs_out(search):
                    break
                self.tables.check_claims(group, numbers)
                found = [f for f in group.findings(numbers) if f[0].id in self.active]
                state = min(map(tuple, free[shown_by.reshape(-1) == row].tolist())) if found else ()
                for claim, reason in found:
                    worst[claim.id] = min(worst.get(claim.id, (state, reason)), (state, reason))
        for claim_id, (state, reason) in worst.items():
            self._sight((self.active[claim_id], reason), level, state)

    # Bringing back paths --------------------------------------------------------------------------------

    def _explain(self, search: Search) -> None:
        guide = Guide(self.tables, search)
        for sighting in tuple(self.sightings):
            is_goal = sighting.claim.kind.goal
            before = sum(store.levels[sighting.level] for store in search.stores)
            is_far = is_goal and before > STATES_FOR_WITNESS
            told = without_path(sighting, self.tables) if is_far else None
            with self._noting_false_shift():
                told = told or self._discovery(guide, sighting)
            if told is None:  # it is behind what raises, where nobody knows what follows
                self.sightings.remove(sighting)
            else:
                (self.result.witnesses if is_goal else self.result.violations).append(told)
        if self.raised_at is not None:
            with self._noting_false_shift():
                self.result.raised = guide.to_what_raised(*self.raised_at)

    @contextmanager
    def _noting_false_shift(self) -> Iterator[None]:
        """Note that what was found is not there at the levels of the real states; the rest is told."""
        try:
            yield
        except ShiftError as error:
            self.result.failed = Failed(str(error), ExitCode.USAGE)

    def _discovery(self, guide: Guide, sighting: Sighting) -> Discovery | None:
        """What is told of a sighting, with a path; None if it is behind what raises."""
        try:
            return guide.with_path(sighting)
        except UnfoldError as error:
            if self.raised_at is not None:
                return guide.beside_what_raises(sighting)
            # a bug of ours; what else was sighted is told all the same
            if sighting.claim.kind.goal:  # no path would mean that it is too far away to be shown
                raise
            return Discovery(sighting.claim.id, f"{sighting.reason}; {error}", None)

    def _tell_goals(self) -> None:
        """Report the goals that were reached before a search was cut short, with or without a path."""
        told = {d.property for d in self.result.witnesses}
        for sighting in self.sightings:
            if sighting.claim.kind.goal and sighting.claim.id not in told:
                self.result.witnesses.append(without_path(sighting, self.tables))
