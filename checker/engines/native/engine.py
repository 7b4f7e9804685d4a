"""The native engine: searches, judges what the search shows, and brings back real paths.

It agrees with the reference engine state for state when no reduction is on (tests/differential), and
finds the same views with any of them.
"""

from __future__ import annotations

import gc
import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from checker.engines.checkpoint import Keeping
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
from checker.engines.native.ended import Ended
from checker.engines.native.judging import Judging
from checker.engines.native.kernel import machine
from checker.engines.native.nocheckpoints import NoKeeper, Shown
from checker.engines.native.numbering import CapacityError
from checker.engines.native.opened import opened
from checker.engines.native.paths.unfold import UnfoldError
from checker.engines.native.reductions.claims import is_assumed
from checker.engines.native.search.limits import LimitReached
from checker.engines.native.search.search import Search
from checker.engines.native.sightings import Guide, Sighting, without_path
from checker.engines.native.states.disk import DiskTrouble
from checker.engines.native.states.halves import HalvesOutgrown
from checker.engines.native.states.store import StatesLost
from checker.engines.native.states.words import Words
from checker.engines.native.tables import Tables
from checker.model.claims import ShiftError, UnsoundClaim
from checker.model.modelcode import CodeError
from checker.model.properties import On, Property
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
    keeping: Keeping | None = None,
    disk: Path | None = None,
) -> Exploration:
    """Explore every reachable state, or as far as `limits` allow.

    With `goal_paths` the path to every goal is told, else to those that are near. `keeping` says where
    checkpoints are kept, and whether to go on from one. States are kept in files in the folder `disk`;
    without one, in temporary files once memory comes near its limit; with a `transport` by owners elsewhere
    (`distributed`). Under the reductions that are sound for it, see `attempts`. Raises
    settling.ReductionError if a symmetry that was declared is none or an obligation of settling is not met,
    and CheckpointError.
    """
    # to compile them, should that be needed, is no part of the search and its limits
    late = (machine.ORDERING,) if limits.timeout is not None and reductions.ordering else ()
    machine.ready(machine.SEARCH, *late)
    watch = Watch(limits, report)

    with opened(keeping, system, reductions, limits) as checkpoints:

        def attempt(system: System, reductions: Reductions, refused: Refused) -> Exploration:
            keeper = checkpoints.keeper(refused)
            asked = system, watch, reductions, refused, workers
            return Run(*asked, goal_paths=goal_paths, transport=transport, keeper=keeper, disk=disk).run()

        found = soundly(system, reductions, attempt, known=checkpoints.refused)
    found.reductions = replace(found.reductions, asked=reductions)
    return found


class Run(Judging):
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
        keeper: NoKeeper | None = None,
        disk: Path | None = None,
    ) -> None:
        result = Exploration(engine="native", past_violations=watch.limits.past_violations)
        super().__init__(Tables(system, reductions), watch, result)
        self.system = system
        self.refused = refused
        self.workers = workers
        self.goal_paths = goal_paths
        self.transport = transport
        self.keeper = keeper or NoKeeper()
        self.disk = disk
        self.search: Search | None = None
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
            if self.search is not None:
                self.keeper.end(self.search)
        finally:
            if collecting:
                gc.enable()
            if self.search is not None:
                self.search.close()
        self.result.kept = self.keeper.kept
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
            self.keeper.begin(search, self._judge_again)
        while not self._decided() and self.result.stopped is None:
            if not search.size(self.result.depth):
                self._look_ahead(search)
                break
            self._level(search)
        self._explain(search)

    def _level(self, search: Search) -> None:
        """Explore and judge one level."""
        level = self.result.depth
        self.result.depth += 1
        stop = self.watch.depth_limit(self.result.depth)
        if stop is not None:
            self.result.stopped = stop
            return
        ends: list[Words] = []
        try:
            with self._noting():
                ends = search.expand_level(level)
        except LimitReached as limit:  # what this level has shown so far is judged all the same
            self.result.stopped, ends = str(limit), search.found_ends()
        except MemoryError:
            self._out_of_memory()
            ends = search.found_ends()
        search.close_level()
        self.result.terminal = sum(worker.terminal for worker in search.workers)
        with self._noting():
            shown, ended = search.take_shown(), Ended.of(self.tables, ends)
            self._judge_level(search, level, shown, ended)
            self._judge_runs(search, level + 1)
            if self.result.stopped is None and not self._decided():
                self.result.stopped = self.keeper.level(search, shown, ended)

    def _judge_again(self, search: Search, states: int, shown: Shown, ended: Ended) -> None:
        """Judge a level again that was judged before; so many states were known then."""
        level = self.result.depth
        self.result.depth += 1
        self._judge_level(search, level, shown, ended)
        if states >= self.next_look and self._temporal():
            self.next_look *= TIMES

    def _judge_runs(self, search: Search, levels: int | None = None) -> None:
        """Judge temporal properties on all states; before, if there are many, on those of some levels."""
        claims = self._temporal()
        due = levels is None or (self.result.states >= self.next_look and not self._is_told_later())
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

    def _temporal(self) -> list[Property]:
        return [p for p in self.active.values() if p.kind.on is On.RUN]

    def _is_told_later(self) -> bool:
        """Whether runs are told when all states are known only: ways to them would number more cells."""
        return self.keeper.keeps and self.result.past_violations

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

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note that a view, judge, settle or cut went wrong; what was sighted is told all the same."""
        try:
            yield
        except ModelError:  # a rule raised where a reduction looks: see `explore`
            raise
        except CodeError as error:
            self.result.raised = Raised(str(error), None, error.traceback)

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
