"""The reference engine: breadth first over plain values.

No tables, no reductions, nothing compiled: it is `semantics.successors` applied until nothing new is
found, and so it is the meaning of a model. Every other engine is compared with it. It manages some
ten thousand states a second and needs about 1 KB for each.

Breadth first, level by level, so the first path to a violation is a shortest one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from checker.engines.backwards import Backwards, Stopped
from checker.engines.contract import Discovery, Exploration, Failed, Limits, Progress, Raised, Watch
from checker.engines.kept import Kept
from checker.engines.walk import Reached
from checker.model.claims import UnsoundClaim
from checker.model.judging import Finding, Judge
from checker.model.modelcode import CodeError
from checker.model.properties import On
from checker.model.semantics import Cell, ModelError, moved, successors
from checker.model.system import System
from checker.model.verdict import ExitCode

if TYPE_CHECKING:
    from checker.engines.fairruns import FairRuns

#: How many states are explored between two looks at the clock.
STATES_PER_LOOK = 32
#: What a state is taken to need of memory: about what was measured.
STATE_BYTES = 1 << 10


def never(levels: Sequence[int]) -> bool:
    """A search goes on, whatever its levels are."""
    return False


def explore(
    system: System,
    limits: Limits = Limits(),
    report: Callable[[Progress], None] | None = None,
    *,
    enough: Callable[[Sequence[int]], bool] = never,
) -> Exploration:
    """Explore every reachable state, or as far as `limits` allow.

    `enough` ends it before a level: it is given how many states each level has, that one included.
    """
    search = _Search(system, limits, report)
    try:
        search.run(enough)
    except KeyboardInterrupt:
        search.result.interrupted = True
        search.result.stopped = "interrupted"
    except MemoryError:
        search.result.stopped = "the machine has no more memory to give"
    except ModelError as error:
        search.result.raised = Raised(str(error), search.path_to(search.here), error.traceback)
    except CodeError as error:
        search.result.raised = Raised(str(error), None, error.traceback)
    except UnsoundClaim as error:
        if not search.result.violations:
            raise
        search.result.failed = Failed(str(error), ExitCode.USAGE)  # and what was found stands
    return search.finish()


def _fair_runs(system: System) -> FairRuns | None:
    """What looks for fair runs, if properties are about them."""
    if not any(p.kind.on is On.RUN for p in system.properties):
        return None
    from checker.engines.fairruns import FairRuns  # noqa: PLC0415 - few models need it

    return FairRuns(system)


class _Search:
    """A running exploration; states are numbered in order of discovery."""

    def __init__(self, system: System, limits: Limits, report: Callable[[Progress], None] | None) -> None:
        self.system = system
        self.judge = Judge(system)
        self.watch = Watch(limits, report)
        self.result = Exploration(engine="reference", past_violations=limits.past_violations)
        self.kept = Kept(system)
        self.walk = Reached(self.kept.first())
        self.here = 0
        self.fired: Counter[str] = Counter()
        self.cut: Counter[str] = Counter()
        self.backwards = Backwards(system)
        self.runs = _fair_runs(system)
        self.ends_judged = any(p.kind.on is On.END for p in system.properties)
        #: local situations in which the rules were looked at
        self.asked: set[tuple[int, Cell]] = set()

    def run(self, enough: Callable[[Sequence[int]], bool] = never) -> None:
        self.result.levels = [0]
        self.enter(0)
        for level in self.walk.levels():
            self.result.frontier = len(level)
            if self.is_over():
                return
            if enough(self.result.levels):
                self.result.stopped = "told that it is enough"
                return
            self.result.depth += 1
            self.result.levels.append(0)
            stop = self.watch.depth_limit(self.result.depth)
            for explored, self.here in enumerate(level):
                if explored % STATES_PER_LOOK == 0:
                    self.result.frontier = len(self.walk) - self.here
                    stop = stop or self.look()
                if stop:
                    self.result.stopped = stop
                    return
                self.expand(self.here)
        self.result.frontier = 0
        if not self.is_over():
            self.look_ahead()

    def is_over(self) -> bool:
        """Whether a violation ends the search."""
        return bool(self.result.violations) and not self.result.past_violations

    def look(self) -> str | None:
        """Look at the clock; the limit that was reached, or None."""
        steps = self.result.generated * self.backwards.bytes_per_step
        return self.watch.look(self.result, self.result.states * STATE_BYTES + steps)

    def look_ahead(self) -> None:
        """Now that all states are known, judge what can still be reached from them, and fair runs."""

        def look(unknown: int) -> str | None:
            self.result.frontier = unknown
            return self.watch.look(self.result)

        try:
            self.backwards.judge(len(self.walk), self.result, look, self.path_to)
            if self.runs is not None:
                self.runs.judge(self.result, look, self.kept.real)
        except Stopped as limit:
            self.result.stopped = str(limit)
        finally:
            self.result.frontier = 0

    def enter(self, number: int) -> None:
        """Count a new state, and judge it."""
        self.result.states += 1
        self.result.levels[-1] += 1
        state = self.walk.states[number]
        bound = self.kept.cut_by(state)
        if bound is not None:
            self.cut[bound] += 1
        self.backwards.enter(number, state, cut=bound is not None)
        if self.runs is not None:
            self.runs.enter(number, state, cut=bound is not None)
        self.note(self.judge.state(state), number)
        if self.kept.proof is not None:
            self.kept.proof.entered(state)

    def expand(self, here: int) -> None:
        """Take every step from a state."""
        state = self.walk.states[here]
        if self.kept.is_left(state):
            return
        if self.kept.proof is not None:
            self.kept.proof.expanded(state)
        leads_on = False
        for index, after in enumerate(successors(self.system, state, self.asked)):
            self.result.generated += 1
            self.fired[f"{self.system.members[after.node].role.name}.{after.action}"] += not after.lost
            for node, old, new in moved(state, after.state):
                self.note(self.judge.step(node, old, new), here, index)
            leads_on = leads_on or after.state != state
            number, is_new = self.walk.reach(self.kept.normal(after.state), here, index)
            if is_new:
                self.enter(number)
            self.backwards.step(here, number)
            if self.runs is not None and after.state != state:
                self.runs.step(here, number, index, after)
        if not leads_on:
            self.result.terminal += 1
            if self.ends_judged and self.kept.cut_by(state) is None:
                self.result.terminal_judged += 1
                self.note(self.judge.terminal(state), here)
                if self.kept.proof is not None:
                    self.kept.proof.ended(state)

    def note(self, findings: Iterable[Finding], state: int, *last: int) -> None:
        for claim, reason in findings:
            self.judge.retire(claim)
            decided = self.result.witnesses if claim.kind.goal else self.result.violations
            decided.append(Discovery(claim.id, reason, self.path_to(state, *last)))

    def path_to(self, state: int, *last: int) -> tuple[int, ...]:
        """The real steps to a state that is kept, and by steps out of it."""
        return self.kept.real((*self.walk.path_to(state), *last))

    def finish(self) -> Exploration:
        self.result.seconds = self.watch.seconds
        self.result.followed = self.result.generated
        self.result.levels = [found for found in self.result.levels if found]
        self.result.fired = {action: self.fired[action] for action in self.system.actions()}
        self.result.reductions = self.kept.applied()
        self.result.cut = dict(sorted(self.cut.items()))
        return self.result
