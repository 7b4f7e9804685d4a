"""The native engine: searches, judges what the search shows, and brings back real paths.

It agrees with the reference engine state for state when no reduction is on (tests/differential), and
finds the same views with any of them.
"""

from __future__ import annotations

import gc
import mmap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from checker.engines.contract import (
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
from checker.engines.native.account import account
from checker.engines.native.attempts import soundly
from checker.engines.native.distributed.begun import begun
from checker.engines.native.distributed.transport import ClusterError, Transport
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import LEFT
from checker.engines.native.numbering import CapacityError, Vector
from checker.engines.native.paths.unfold import UnfoldError
from checker.engines.native.reductions.claims import is_assumed
from checker.engines.native.rows import Places
from checker.engines.native.search.search import LimitReached, Search
from checker.engines.native.sightings import Guide, Sighting, without_path
from checker.engines.native.states.disk import DiskTrouble
from checker.engines.native.states.halves import HalvesOutgrown
from checker.engines.native.states.store import StatesLost
from checker.engines.native.states.words import Words
from checker.engines.native.tables import Tables
from checker.engines.native.viewing import Numbers
from checker.model.claims import ShiftError, UnsoundClaim
from checker.model.judging import Finding
from checker.model.modelcode import CodeError
from checker.model.properties import On
from checker.model.semantics import ModelError
from checker.model.system import System
from checker.model.verdict import ExitCode

#: Unless all are asked for, a witness of a `sometimes` gets its path if no more states come before it.
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
    goal_paths: bool = False,
    transport: Transport | None = None,
    disk: Path | None = None,
) -> Exploration:
    """Explore every reachable state, or as far as `limits` allow.

    With `goal_paths` the path to every goal is told, else to those that are near. States are kept in files
    in the folder `disk`; without one, in temporary files once memory comes near its limit; with a
    `transport` owners elsewhere keep them (`distributed`). Under the reductions that are sound for it, see
    `attempts`. Raises settling.ReductionError if a symmetry that was declared is none or an obligation of
    settling is not met.
    """
    machine.kernels()  # to compile them, should that be needed, is no part of the search and its limits
    watch = Watch(limits, report)

    def attempt(system: System, reductions: Reductions, refused: Refused) -> Exploration:
        ways: dict[str, Any] = {"goal_paths": goal_paths, "transport": transport, "disk": disk}
        return Run(system, watch, reductions, refused, workers, **ways).run()

    found = soundly(system, reductions, attempt)
    found.reductions = replace(found.reductions, asked=reductions)
    return found


class Run:
    """One attempt: a search, what is judged on the way, and what is told of it."""

    def __init__(
        self,
        system: System,
        watch: Watch,
        reductions: Reductions,
        refused: Refused,
        workers: int,
        *,
        goal_paths: bool = False,
        transport: Transport | None = None,
        disk: Path | None = None,
    ) -> None:
        self.system = system
        self.result = Exploration(engine="native", past_violations=watch.limits.past_violations)
        self.watch = watch
        self.refused = refused
        self.tables = Tables(system, reductions)
        self.workers = workers
        self.goal_paths = goal_paths
        self.transport = transport
        self.disk = disk
        self.search: Search | None = None
        self.active = {p.id: p for p in system.properties}
        self.sightings: list[Sighting] = []
        self.raised_at: tuple[int, Vector] | None = None
        self.ran_out = False
        #: whether a run violates something, and with how many states the first levels are looked at for one
        self.ran, self.next_look = False, FIRST_LOOK
        #: memory to give back when there is no more, so that what was found can be told; never written to
        self.spare = mmap.mmap(-1, SPARE)

    def run(self) -> Exploration:
        """Search, and tell. Raises what asks for another attempt (`attempts`), and UnsoundClaim."""
        collecting = gc.isenabled()
        gc.disable()  # tables only grow, and hold no cycles: collecting would look at all of them in vain
        try:
            self._go()
        finally:
            if collecting:
                gc.enable()
            if self.search is not None:
                self.search.close()
        if self.result.stopped is not None or self.result.raised is not None:
            self._tell_goals()
        if self.search is not None:
            self.result.seconds = self.watch.seconds
            account(self.result, self.search, self.tables, self.refused, self.workers)
        return self.result

    def _go(self) -> None:
        try:
            with self._noting():
                self.search = begun(
                    self.transport, self.tables, self.watch, self.result, self.workers, self.disk
                )
                self._search(self.search)
                if mistake := self.tables.viewing.mistake():
                    raise mistake
        except ClusterError as error:
            self.result.stopped = str(error)
        except (CapacityError, HalvesOutgrown) as error:
            self.result.stopped = f"a limit of the engine was reached: {error}"
        except DiskTrouble as error:
            self.result.stopped = str(error)
        except (MemoryError, StatesLost):
            self._out_of_memory()
        except KeyboardInterrupt:
            self.result.interrupted = True
            self.result.stopped = "interrupted"
        except UnsoundClaim as error:
            # what was found before stands, unless all is to be found anew
            if self.search is None or is_assumed(self.system, error) or not self._is_told(self.search):
                raise
            self.result.failed = Failed(str(error), ExitCode.USAGE)

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
        told, self.result.violations = self.result.violations, []
        known = {d.property for d in told}
        from checker.engines.native.runs.judge import judge_runs  # noqa: PLC0415 - few models need it

        self.next_look *= TIMES
        # of a search that goes on what was told of its first levels is told again when all are known
        open_ = claims if levels is None else [p for p in claims if p.id not in known]
        try:
            with self._noting_false_shift():
                self.ran = judge_runs(search, open_, levels)
        finally:
            anew = {d.property for d in self.result.violations}
            self.result.violations += [d for d in told if d.property not in anew]

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
        violated = not self.result.past_violations and (self._violations() or self.ran)
        mistaken = self.result.raised or self.result.failed or self.tables.viewing.mistake()
        return bool(violated) or self.raised_at is not None or mistaken is not None

    def _violations(self) -> list[Sighting]:
        return [s for s in self.sightings if not s.claim.kind.goal]

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
        search.python_seconds += self.watch.seconds - begun

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

    def _judge_ends(self, search: Search, level: int, ends: list[Words]) -> None:
        """Count terminal states; judge terminal properties in those where no bound stops a node."""
        self.result.terminal = sum(worker.terminal for worker in search.workers)
        if not ends:
            return
        cells = np.concatenate([words.cells() for words in ends])
        self.tables.per_cell.flush()
        cut, base = self.tables.per_cell["cut"], self.tables.per_cell.base
        free = cells[(cut[cells + base] == 0).all(axis=1)]
        if self.tables.rows.raised:  # where a rule raises nobody knows what may follow
            raising = map(self.tables.rows.raises, free.tolist())
            free = free[~np.fromiter(raising, np.bool_, free.shape[0])]
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
        far = [s for s in self.sightings if self._is_far(search, s)]
        guide.go_back(s for s in self.sightings if s not in far)
        if self.goal_paths:
            with suppress(LimitReached):
                guide.go_back(far, within_limits=True)
                far = []
        for sighting in tuple(self.sightings):
            is_goal = sighting.claim.kind.goal
            told = without_path(sighting, self.tables) if sighting in far else None
            with self._noting_false_shift():
                told = told or self._discovery(guide, sighting)
            if told is None:  # it is behind what raises, where nobody knows what follows
                self.sightings.remove(sighting)
            else:
                (self.result.witnesses if is_goal else self.result.violations).append(told)
        if self.raised_at is not None:
            with self._noting_false_shift():
                self.result.raised = guide.to_what_raised(*self.raised_at)

    def _is_told(self, search: Search) -> bool:
        """Tell what was violated before a claim was found to be none, if real steps lead there."""
        guide = Guide(self.tables, search)
        for sighting in self._violations():
            with suppress(UnfoldError, UnsoundClaim):
                self.result.violations.append(guide.with_path(sighting))
        return bool(self.result.violations)

    def _is_far(self, search: Search, sighting: Sighting) -> bool:
        """Whether so much comes before a goal that the way to it is looked for only where asked for."""
        if not sighting.claim.kind.goal:
            return False
        return sum(store.levels[sighting.level] for store in search.stores) > STATES_FOR_WITNESS

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
