"""Simulation: block after block of random walks, judged, counted and told.

Of a block all runs are walked to their ends before anything is said of it, and of several runs that show
the same the first is told. So what is told does not depend on threads. A property of several nodes is
judged once for each combination of views; which run of the block was the first to show it is found by
walking the block once more, one run after the other (`firsts`).

A limit may cut a block short. What its runs have shown by then is told all the same.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from checker.engines.contract import Raised, out_of_time
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.choosing import MIX, PCT, SWARM, UNIFORM
from checker.engines.native.kernel.walking import (
    BARRED,
    LONG,
    MOVE,
    POST,
    RAISED,
    RUN,
    SHOWN,
    STANDS,
    STEP,
    TERMINAL,
    WAITING,
    Plan,
)
from checker.engines.native.kernel.walking import Walks as Rows
from checker.engines.native.numbering import CapacityError
from checker.engines.native.walks.firsts import At, Firsts, ids, said_in
from checker.engines.native.walks.parts import Outgrown, Part, numbers_of
from checker.engines.native.walks.states import States
from checker.engines.native.walks.tables import WalkTables
from checker.engines.native.walks.walker import Walker
from checker.engines.simulating import BLOCK, Report, Sighted, Walked, Walks
from checker.host.later import Later
from checker.model.modelcode import CodeError
from checker.model.properties import On
from checker.model.system import System

_NUMBERS = {"uniform": UNIFORM, "pct": PCT, "swarm": SWARM, "mix": MIX}
#: Runs of a block that ended by themselves and on which temporal properties are judged, by the caller.
ENDED_RUNS = 4


class _Over(Exception):  # noqa: N818 - a limit
    """A limit was reached, which is said."""


def walk_through(
    system: System, asked: Walks, report: Report | None = None, *, width: int = BLOCK
) -> Walked:
    """Walk. What goes wrong in the model's code is told in the answer; `width` runs go side by side."""
    machine.ready(machine.SEARCH, machine.WALKS)
    collecting = gc.isenabled()
    gc.disable()
    try:
        with Later() as wish:
            walked = Simulation(system, asked, report, width, wish).run()
    finally:
        if collecting:
            gc.enable()
    walked.interrupted |= wish.heard
    return walked


class Simulation:
    """One simulation under way."""

    def __init__(
        self,
        system: System,
        asked: Walks,
        report: Report | None,
        width: int = BLOCK,
        wish: Later | None = None,
    ) -> None:
        self.system, self.asked, self.report = system, asked, report
        self.width = width
        self.wish = wish or Later()
        self.result = Walked(asked)
        self.states = States(asked.memory // 2)
        self.actions = system.actions()
        number = _NUMBERS[asked.scheduler]
        self.plan = Plan(asked.seed, asked.steps, number, asked.depth, len(self.actions))
        self.claims = {p.id: p for p in system.properties}
        self.temporal = any(p.kind.on is On.RUN for p in system.properties)
        #: properties of which something was told; None: that the model's code raises
        self.decided: set[str | None] = set()
        self.firsts = Firsts(self._alone, self._begin_anew)
        #: the block under way
        self.block: range | None = None
        #: property → the first run of the block, and the steps after which it shows it, where that is known
        self.found: dict[str | None, At] = {}
        #: properties that combinations of views of the block show
        self.wanted: dict[str, str] = {}
        #: runs that came to their ends, for temporal properties: number and steps
        self.ended: list[At] = []
        self.offered: dict[int, int] = {}
        self.taken: set[int] = set()
        self.begun = time.monotonic()
        self.pool = ThreadPoolExecutor(asked.workers) if asked.workers > 1 else None

    def run(self) -> Walked:
        """All runs, or as many as limits allow; what they have shown by then is told in any case."""
        has_tables = self._carried_out(self._begin_tables)
        is_whole = has_tables and self._carried_out(self._blocks)
        if self.pool is not None:
            self.pool.shutdown()
            self.pool = None
        if not is_whole and self.block is not None and not self._carried_out(self._cut_short):
            shown = (self.wanted.keys() | self.found.keys()) - self.decided - {None}
            self.result.untold = sorted(map(str, shown))
        if has_tables:
            self._fold()
        self._account()
        return self.result

    def _carried_out(self, what: Callable[[], None]) -> bool:
        """Do it. Whether nothing ended it; what did is noted."""
        result = self.result
        why = ""
        try:
            what()
        except KeyboardInterrupt:
            result.interrupted, why = True, "interrupted"
        except _Over as limit:
            why = str(limit)
        except (CapacityError, Outgrown) as error:
            why = f"a limit of the engine was reached: {error}"
        except MemoryError:
            why = "the machine has no more memory to give"
        except CodeError as error:
            result.raised = result.raised or Raised(str(error), None, error.traceback)
        else:
            return True
        result.stopped = result.stopped or why or None
        return False

    def _blocks(self) -> None:
        result = self.result
        while result.whole < self.asked.runs and not self._is_over():
            self._block(range(result.whole, min(result.whole + BLOCK, self.asked.runs)))

    def _is_over(self) -> bool:
        return bool(self.result.sighted) and not self.asked.past_violations

    def _begin_tables(self) -> None:
        self.tables = WalkTables(self.system)
        self.tables.start()
        groups = len(self.tables.viewing.groups)
        self.walkers = [Walker(groups, len(self.actions), self.states) for _ in range(self.asked.workers)]
        self.tables.rows.decide(self._ids_decided())
        half = self.asked.memory // 2
        self.part = Part(self.tables, self.plan, self.walkers, self.pool, half, self._pause)

    def _ids_decided(self) -> frozenset[str]:
        return frozenset(claim for claim in self.decided if claim is not None)

    def _begin_anew(self) -> None:
        for walker in self.walkers:
            walker.give()
        self._fold()
        self.result.tables_dropped += 1
        self._begin_tables()

    def _alone(self) -> Part:
        """What walks one run, and leaves no trace of that in what is counted."""
        walker = Walker(len(self.tables.viewing.groups), len(self.actions), States(0))
        return Part(self.tables, self.plan, [walker], None, self.asked.memory // 2, self.wish.due)

    def _look(self, shown: list[tuple[int, int]]) -> None:
        for number, combination in shown:
            group = self.tables.viewing.groups[number]
            for claim, reason in group.findings(group.numbers(combination)):
                # of one that leads to another there is a claim of the same group that says when it asks
                if claim.kind.on is On.STATE and claim.id in self.claims:
                    self.wanted[claim.id] = min(self.wanted.get(claim.id, reason), reason)
        if mistake := self.tables.viewing.mistake():
            raise mistake
        self.result.seconds = time.monotonic() - self.begun
        if self.report is not None:
            self.report(self.result)

    def _pause(self) -> None:
        """A moment at which all is in order, and walks may be ended."""
        self.wish.due()
        if self.asked.timeout is not None and time.monotonic() - self.begun >= self.asked.timeout:
            raise _Over(out_of_time(self.asked.timeout))

    # One block ------------------------------------------------------------------------------------------

    def _block(self, runs: range) -> None:
        self.found, self.wanted, self.ended = {}, {}, []
        self.block = runs
        if runs.start == 0:
            self._judge_initial()
        at, width = runs.start, self.width
        result = self.result
        while at < runs.stop:
            part = range(at, min(at + width, runs.stop))
            was_fresh = not self.tables.counts.local_steps
            try:
                walks = self.part.walk(part, self._look)
            except Outgrown:
                if was_fresh and width == 1:
                    raise
                width = max(1, width // 2) if was_fresh else width
                self._begin_anew()
                continue
            self._harvest(walks)
            at = part.stop
        self._count_states()
        result.whole = runs.stop
        if not self.states.full:
            result.counted.append(self.states.count)
            result.counted_runs = runs.stop
        self._tell(runs)
        self.block = None

    def _cut_short(self) -> None:
        """Of the block under way count what its runs have done, and tell what they have shown."""
        assert self.block is not None
        walks, self.part.under_way = self.part.under_way, None
        if walks is not None:
            self._harvest(walks)
        self._count_states()
        self._tell(self.block)

    def _judge_initial(self) -> None:
        """What properties of one node find before there is a step; every run shows it."""
        tables = self.tables
        for node, cell in enumerate(tables.start()[0]):
            found = tables.findings.at.get((node, tables.numbering.cells[node][cell].local), [])
            for claim in ids(found):
                self.found[claim] = (0, 0)

    def _count_states(self) -> None:
        for walker in self.walkers:
            walker.give()
        self.result.states = self.states.count

    def _harvest(self, walks: Rows) -> None:
        """Count and judge walks; those that are not at their ends, which a limit cut short, are counted."""
        result, stands = self.result, walks.marks[:, STANDS]
        for walker in self.walkers:
            for action, times in enumerate(walker.fired().tolist()):
                if action < len(self.actions):
                    name = self.actions[action]
                    result.fired[name] = result.fired.get(name, 0) + times
        result.unfinished += int((stands <= WAITING).sum())
        result.runs += int((stands > WAITING).sum())
        result.steps += int(walks.marks[:, STEP].sum())
        result.longest = max(result.longest, int(walks.marks[:, STEP].max()))
        for how, name in ((LONG, "length"), (BARRED, "left out"), (SHOWN, "shown"), (RAISED, "raised")):
            result.ends[name] += int((stands == how).sum())
        self._harvest_shown(walks)
        for w in numbers_of(walks, RAISED)[:1]:
            self._find(None, walks, w)
        self._harvest_ends(walks)

    def _find(self, claim: str | None, walks: Rows, w: int) -> None:
        at = int(walks.marks[w, RUN]), int(walks.marks[w, STEP])
        if claim not in self.decided:
            self.found[claim] = min(self.found.get(claim, at), at)

    def _harvest_shown(self, walks: Rows) -> None:
        rows = self.tables.rows
        posts = rows.posts_that(rows.shown_posts)
        for w in numbers_of(walks, SHOWN):
            shows = dict(rows.shown.get(int(walks.marks[w, MOVE]), {}))
            if walks.marks[w, POST] >= 0:
                shows |= rows.shown_posts[posts[int(walks.marks[w, POST])]]
            for claim in shows:
                self._find(claim, walks, w)

    def _harvest_ends(self, walks: Rows) -> None:
        """Judge where nothing leads on, unless a bound stops a node there."""
        ended = numbers_of(walks, TERMINAL)
        tables, result = self.tables, self.result
        tables.per_cell.flush()
        cut, base = tables.per_cell["cut"], tables.per_cell.base
        stopped: list[bool] = np.any(cut[walks.cells[ended] + base], axis=1).tolist()
        free = [w for w, by_bound in zip(ended, stopped, strict=True) if not by_bound]
        result.ends["terminal"] += len(free)
        result.ends["bound"] += len(ended) - len(free)
        result.ended_states_judged += len(free)
        if not free:
            return
        cells = walks.cells[free].astype(np.int64)
        for group in tables.viewing.terminal:
            shown = tables.views_of(group, cells)
            for w, numbers in zip(free, map(tuple, shown.tolist()), strict=True):
                for claim, _ in group.findings(numbers):
                    self._find(claim.id, walks, w)
        futures = [p for p in self.system.properties if p.kind.on is On.FUTURE]
        for w in free if futures else ():
            shows = ids(said_in(tables, walks.cells[w].tolist()))
            for claim in futures:
                if claim.id not in shows:
                    self._find(claim.id, walks, w)
        for w in free[:ENDED_RUNS] if self.temporal else ():
            self.ended.append((int(walks.marks[w, RUN]), int(walks.marks[w, STEP])))

    # What is told -----------------------------------------------------------------------------------------

    def _tell(self, runs: range) -> None:
        """Tell what the block shows that was not told before."""
        result = self.result
        wanted = self.wanted.keys() - self.decided
        for claim, at in self.firsts.of(runs, wanted).items():
            self.found[claim] = min(self.found.get(claim, at), at)
        for what, (run, steps) in sorted(self.found.items(), key=lambda item: (item[1], item[0] or "")):
            if what in self.decided:
                continue
            sighted = Sighted(what, run, self.firsts.events(run, steps))
            if what is not None and self.claims[what].kind.goal:
                result.reached[what] = self.wanted[what]
                result.witnesses.append(sighted)
            else:
                result.sighted.append(sighted)
            self.decided.add(what)
        self.ended = sorted(self.ended)[:ENDED_RUNS]
        while self.ended:
            run, steps = self.ended[0]
            result.ended_runs.append(Sighted("", run, self.firsts.events(run, steps)))
            del self.ended[0]
        self.tables.rows.decide(self._ids_decided())

    # The account
    # --------------------------------------------------------------------------------------------

    def _fold(self) -> None:
        """Take down which local steps could be taken and which were, by keys that outlast the tables."""
        taken = np.zeros(len(self.tables.rows.local_steps), np.uint8)
        for walker in self.walkers:
            size = min(taken.shape[0], walker.taken.shape[0])
            taken[:size] |= walker.taken[:size]
        offered, keys = self.tables.step_keys(taken)
        self.offered |= offered
        self.taken |= keys

    def _account(self) -> None:
        result, names = self.result, [*self.actions, "loss"]
        result.offered = Counter(names[action] for action in self.offered.values())
        result.taken = Counter(names[self.offered[key]] for key in self.taken)
        result.fired = {action: result.fired.get(action, 0) for action in self.actions}
        result.ends = +result.ends
        result.seconds = time.monotonic() - self.begun
