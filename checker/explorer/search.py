"""The nearest state where a goal holds, from any state on: asked of an engine, as `pmmc check` asks it.

Where a search is ended by a limit nothing is known of what lies beyond, and it says so. Only when all
states that can be reached were looked at does it say that the goal cannot be reached. A path that is found
is replayed in the reference semantics before anybody sees it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from checker.checking.confirm import confirm, confirm_raised
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import EVERY_STATE, Exploration, Limits, Progress, Reductions
from checker.explorer.asking import asked
from checker.explorer.goals import Goal
from checker.model.beginning import beginning_in
from checker.model.behaviour import Trace, replay
from checker.model.claims import ShiftError, UnsoundClaim
from checker.model.judging import cut_by, locals_of
from checker.model.semantics import State
from checker.model.system import System
from checker.model.values import show

#: Limits of a search: seconds that a reader may wait who can stop it, and bytes.
MOST_SECONDS, MOST_BYTES = 3_600.0, 4 << 30
#: Seconds to look for a path with fewer steps than one that was found with steps left out.
SECONDS_FOR_SHORTER = 10.0
#: What keeps all steps in, so that no path has fewer.
STEP_BY_STEP = Reductions(fusion=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a search gives up. `stop` is asked now and then whether it shall, `report` is told how far."""

    states: int | None = None
    seconds: float = MOST_SECONDS
    memory: int = MOST_BYTES
    stop: Callable[[], bool] = bool
    report: Callable[[Progress], object] = bool
    engine: str = "auto"


@dataclass(frozen=True, slots=True)
class Searched:
    """How a search ended: the steps to the goal and what it shows, or what kept it from an answer.

    Without steps and with `stopped` empty, every state that can be reached within the bounds was looked at;
    `cut`: of these how many each bound keeps from going on. `nearest`: no path to the goal is known to have
    fewer steps, nor can one have.
    """

    steps: tuple[int, ...] | None
    reason: str
    stopped: str
    states: int
    depth: int
    seconds: float
    engine: str
    nearest: bool = True
    cut: Mapping[str, int] = field(default_factory=dict)


def nearest(system: System, start: State, goal: Goal, bounds: Bounds = Bounds()) -> Searched:
    """Look for the goal from a state on, the state itself included.

    Raises confirm.InternalMismatch if what an engine finds is not so, and CodeError where the engine does.
    """
    return _Search(system, start, goal, bounds).run()


class _Search:
    def __init__(self, system: System, start: State, goal: Goal, bounds: Bounds) -> None:
        self.original, self.start, self.goal, self.bounds = system, start, goal, bounds
        self.system = asked(system, start, goal)
        self.begun = time.monotonic()

    def run(self) -> Searched:
        found = self.explored(Means(self.bounds.engine), self.left())
        best = self.trace(found)
        if best is None:
            return self.ended(found)
        if self.is_nearest(found, best):
            return self.found(found, best, nearest=True)
        limit = min(SECONDS_FOR_SHORTER, self.left())
        again = self.explored(Means("native", STEP_BY_STEP), limit, max_depth=max(len(best.steps), 1))
        shorter = self.trace(again)
        if shorter is not None and len(shorter.steps) <= len(best.steps):
            return self.found(found, shorter, nearest=self.is_nearest(again, shorter))
        return self.found(found, best, nearest=again.stopped is None or "levels" in again.stopped)

    def left(self) -> float:
        """The seconds that are left."""
        return max(self.bounds.seconds - (time.monotonic() - self.begun), 0.0)

    def explored(self, means: Means, seconds: float, max_depth: int | None = None) -> Exploration:
        """What an engine makes of the question, without what rests on a claim that does not hold for it."""
        todo = list(self.ways(means.reductions))
        while True:
            system, reductions = todo.pop(0)
            limits = Limits(self.bounds.states, max_depth, min(seconds, self.left()), self.bounds.memory)
            try:
                return choose_engine(replace(means, reductions=reductions))(system, limits, self.report)
            except UnsoundClaim as error:  # the goal tells apart what the model's own properties do not
                if isinstance(error, ShiftError):
                    todo = [way for way in todo if way[0].shift is None]
                if not todo:
                    raise

    def ways(self, usual: Reductions) -> Iterator[tuple[System, Reductions]]:
        """How the question may be asked, with less and less left out."""
        yield self.system, usual
        yield self.system, replace(usual, symmetry=False)
        yield self.system, EVERY_STATE
        if self.system.shift is not None:
            yield replace(self.system, shift=None), usual
            yield replace(self.system, shift=None), EVERY_STATE

    def report(self, progress: Progress) -> None:
        """Tell how far the search is; end it if it shall end, as Ctrl-C ends a check."""
        self.bounds.report(progress)
        if self.bounds.stop():
            raise KeyboardInterrupt

    def trace(self, found: Exploration) -> Trace | None:
        """The shortest way to the goal that was found, confirmed; None if there is none."""
        if self.goal.raised:
            known = found.raised is not None and found.raised.path is not None
            return confirm_raised(self.system, found.raised) if known and found.raised else None
        shown = [d for d in found.violations if d.path is not None]
        best = min(shown, key=lambda d: len(d.path or ()), default=None)
        return None if best is None else confirm(self.system, best)

    def is_nearest(self, found: Exploration, trace: Trace) -> bool:
        """Whether no way to the goal has fewer steps."""
        if not trace.steps or found.engine == "reference":
            return True
        if self.goal.raised:
            return found.reductions.none
        return any(d.shortest for d in found.violations if d.path == trace.path)

    def found(self, so_far: Exploration, trace: Trace, *, nearest: bool) -> Searched:
        """The answer that a trace of the question is; its path is one of the system itself."""
        own = replay(beginning_in(self.original, self.start), trace.path)
        reason = self.shown(own) or trace.reason
        return Searched(trace.path, reason, "", *self.account(so_far), nearest)

    def shown(self, own: Trace) -> str:
        """What the end of a path shows that was asked for by something else than a property."""
        if self.goal.action is not None:
            last = own.steps[-1].transition
            assert f"{own.system.members[last.node].role.name}.{last.action}" == self.goal.action
            return f"{show(own.system.members[last.node].name)} takes it"
        cut = cut_by(self.original, locals_of(own.final)) if self.goal.quiet else None
        return (
            "" if cut is None else f"nothing may follow: a node is kept from going on by the bound on {cut}"
        )

    def ended(self, found: Exploration) -> Searched:
        """That there is no answer, or that the goal is nowhere."""
        stopped = found.stopped or ""
        if found.interrupted:
            stopped = "the search was ended"
        elif found.failed is not None:
            stopped = found.failed.reason
        elif found.raised is not None:
            stopped = f"the model's code went wrong, and what follows is not known: {found.raised.reason}"
        elif found.violations:
            stopped = found.violations[0].reason
        return Searched(None, "", stopped, *self.account(found), cut=found.cut)

    def account(self, found: Exploration) -> tuple[int, int, float, str]:
        return found.states, max(found.depth - 1, 0), time.monotonic() - self.begun, found.engine
