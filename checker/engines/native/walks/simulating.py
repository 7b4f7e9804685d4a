"""Simulation: block after block of random walks, judged, counted and told.

Of a block all runs are walked to their ends before anything is said of it, and of several runs that show
the same the first is told. So what is told does not depend on threads. A property of several nodes is
judged once for each combination of views; which run of the block was the first to show it is found by
walking the block once more, one run after the other.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from checker.engines.contract import Raised
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
    Plan,
)
from checker.engines.native.kernel.walking import Walks as Rows
from checker.engines.native.numbering import CapacityError
from checker.engines.native.walks.parts import Outgrown, Part, numbers_of
from checker.engines.native.walks.states import States
from checker.engines.native.walks.tables import WalkTables
from checker.engines.native.walks.walker import Walker
from checker.engines.simulating import BLOCK, Event, Report, Sighted, Walked, Walks
from checker.model.modelcode import CodeError
from checker.model.properties import On, Property
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
        return Simulation(system, asked, report, width).run()
    finally:
        if collecting:
            gc.enable()


class Simulation:
    """One simulation under way."""

    def __init__(self, system: System, asked: Walks, report: Report | None, width: int = BLOCK) -> None:
        self.system, self.asked, self.report = system, asked, report
        self.width = width
        self.result = Walked(asked)
        self.states = States(asked.memory // 2)
        self.actions = system.actions()
        number = _NUMBERS[asked.scheduler]
        seed = asked.seed & ((1 << 63) - 1)
        self.plan = Plan(seed, asked.steps, number, max(asked.depth, 1), len(self.actions))
        self.decided: set[str] = set()
        #: property → the first run of the block, and the steps after which it shows it, where that is known
        self.found: dict[str | None, tuple[int, int]] = {}
        #: properties that combinations of views of the block show
        self.wanted: dict[str, str] = {}
        #: runs that came to their ends, for temporal properties: number and steps
        self.ended: list[tuple[int, int]] = []
        self.offered: dict[int, int] = {}
        self.taken: set[int] = set()
        self.begun = time.monotonic()
        self.temporal = [p for p in system.properties if p.kind.on is On.RUN]
        self.pool = ThreadPoolExecutor(asked.workers) if asked.workers > 1 else None

    def run(self) -> Walked:
        """All runs, or as many as limits allow."""
        result = self.result
        try:
            self._begin_tables()
            while result.runs < self.asked.runs and not self._is_over():
                self._block(range(result.runs, min(result.runs + BLOCK, self.asked.runs)))
        except KeyboardInterrupt:
            result.interrupted, result.stopped = True, "interrupted"
        except _Over as limit:
            result.stopped = str(limit)
        except (CapacityError, Outgrown) as error:
            result.stopped = f"a limit of the engine was reached: {error}"
        except MemoryError:
            result.stopped = "the machine has no more memory to give"
        except CodeError as error:
            result.raised = result.raised or Raised(str(error), None, error.traceback)
        finally:
            if self.pool is not None:
                self.pool.shutdown()
        self._fold()
        self._account()
        return result

    def _is_over(self) -> bool:
        violated = any(s.property is None or not self._is_goal(s.property) for s in self.result.sighted)
        return (violated and not self.asked.past_violations) or self.result.raised is not None

    def _is_goal(self, claim: str) -> bool:
        return any(p.id == claim and p.kind.goal for p in self.system.properties)

    def _begin_tables(self) -> None:
        self.tables = WalkTables(self.system)
        self.tables.start()
        groups = len(self.tables.viewing.groups)
        self.walkers = [Walker(groups, len(self.actions), self.states) for _ in range(self.asked.workers)]
        self.tables.rows.decide(frozenset(self.decided))
        half = self.asked.memory // 2
        self.part = Part(self.tables, self.plan, self.walkers, self.pool, half)

    def _drop_tables(self) -> None:
        self._fold()
        self.result.tables_dropped += 1
        self._begin_tables()

    def _look(self, shown: list[tuple[int, int]]) -> None:
        for number, combination in shown:
            group = self.tables.viewing.groups[number]
            for claim, reason in group.findings(group.numbers(combination)):
                if claim.kind.on not in (On.FUTURE, On.RUN):
                    self.wanted[claim.id] = min(self.wanted.get(claim.id, reason), reason)
        if mistake := self.tables.viewing.mistake():
            raise mistake
        self.result.seconds = time.monotonic() - self.begun
        if self.report is not None:
            self.report(self.result)
        if self.asked.timeout is not None and self.result.seconds >= self.asked.timeout:
            raise _Over(f"the limit of {self.asked.timeout:g} seconds was reached")

    # One block ------------------------------------------------------------------------------------------

    def _block(self, runs: range) -> None:
        self.found, self.wanted, self.ended = {}, {}, []
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
                self._drop_tables()
                continue
            self._harvest(walks)
            at = part.stop
        for walker in self.walkers:
            walker.give()
        result.runs = runs.stop
        if not self.states.full:
            result.states = self.states.count
            result.counted.append(self.states.count)
            result.counted_runs = runs.stop
        self._tell(runs)

    def _harvest(self, walks: Rows) -> None:
        """Count and judge walks that are at their ends."""
        result = self.result
        for walker in self.walkers:
            for action, times in enumerate(walker.fired().tolist()):
                if action < len(self.actions):
                    name = self.actions[action]
                    result.fired[name] = result.fired.get(name, 0) + times
        result.steps += int(walks.marks[:, STEP].sum())
        result.longest = max(result.longest, int(walks.marks[:, STEP].max()))
        for stands, name in ((LONG, "length"), (BARRED, "left out"), (SHOWN, "shown"), (RAISED, "raised")):
            result.ends[name] += int((walks.marks[:, STANDS] == stands).sum())
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
        free = [w for w in ended if not cut[walks.cells[w] + base].any()]
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
            shows = {claim.id for claim in self._said(walks.cells[w].tolist())}
            for claim in futures:
                if claim.id not in shows:
                    self._find(claim.id, walks, w)
        for w in free[:ENDED_RUNS] if self.temporal else ():
            self.ended.append((int(walks.marks[w, RUN]), int(walks.marks[w, STEP])))

    def _said(self, state: list[int]) -> list[Property]:
        said: list[Property] = []
        for number, group in enumerate(self.tables.viewing.groups):
            findings = group.findings(group.numbers(self.tables.shown(number, state)))
            said += [claim for claim, _ in findings]
        return said

    # What is told -----------------------------------------------------------------------------------------

    def _tell(self, runs: range) -> None:
        goals = {claim for claim in self.wanted if self._is_goal(claim)}
        for claim in sorted(goals - self.result.reached.keys()):
            self.result.reached[claim] = self.wanted[claim]
        wanted = self.wanted.keys() - goals - self.decided
        if wanted:
            self._find_first(runs, set(wanted))
        for what, (run, steps) in sorted(self.found.items(), key=lambda item: (item[1], item[0] or "")):
            if what not in self.decided:
                self.result.sighted.append(Sighted(what, run, self.events(run, steps)))
                self.decided.add(what or "")
        for run, steps in sorted(self.ended)[:ENDED_RUNS]:
            self.result.ended_runs.append(Sighted("", run, self.events(run, steps)))
        self.tables.rows.decide(frozenset(self.decided))

    def _find_first(self, runs: range, wanted: set[str]) -> None:
        """Which run shows each of these first, and after how many steps: the block walked once more."""
        for run in runs:
            shown = self._claims_of_run(run) & wanted
            if shown:
                self._find_steps(run, shown)
                wanted -= shown
            if not wanted:
                return

    def _claims_of_run(self, run: int) -> set[str]:
        shown: set[str] = set()
        self._alone().walk(range(run, run + 1), lambda pairs: shown.update(self._claims_of(pairs)))
        return shown

    def _alone(self) -> Part:
        groups = len(self.tables.viewing.groups)
        walker = Walker(groups, len(self.actions), States(0))
        return Part(self.tables, self.plan, [walker], None, 1 << 62)

    def _claims_of(self, pairs: list[tuple[int, int]]) -> set[str]:
        groups = self.tables.viewing.groups
        found = (f for g, c in pairs for f in groups[g].findings(groups[g].numbers(c)))
        return {claim.id for claim, _ in found if claim.kind.on not in (On.FUTURE, On.RUN)}

    def _find_steps(self, run: int, wanted: set[str]) -> None:
        left = set(wanted)
        state = list(self.tables.start()[0])
        for step, walks in enumerate(self._each_step(run, self.asked.steps)):
            if step == 0:
                for claim in left & {c.id for c in self._said(state)}:
                    self.found[claim] = (run, 0)
                    left.discard(claim)
            said = {c.id for c in self._said(walks.cells[0].tolist())}
            for claim in left & said:
                self.found[claim] = min(self.found.get(claim, (run, step + 1)), (run, step + 1))
            left -= said
            if not left:
                return

    def _each_step(self, run: int, until: int) -> Iterator[Rows]:
        return self._alone().steps_of(run, until)

    def events(self, run: int, steps: int) -> tuple[Event, ...]:
        """The first steps of a run."""
        rows, messages = self.tables.rows, self.tables.numbering.messages
        found = []
        for walks in self._each_step(run, steps):
            node, what, which, lost, sender = rows.events[int(walks.marks[0, MOVE])]
            message = None if what < 0 else messages[what]
            found.append(Event(node, message, which if what >= 0 else -1 - what, lost, sender))
        return tuple(found)

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
