"""The nearest state where a goal holds, breadth first from a given one, by the reference semantics.

It is bounded, and says so when a bound ends it: then nothing is known of what lies beyond. Only when
all states that can be reached were looked at does it say that the goal cannot be reached.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

from checker.engines.walk import Moves, Reached
from checker.explorer.goals import Goal
from checker.model.judging import Judge, cut_by, locals_of
from checker.model.properties import On
from checker.model.semantics import ModelError, State, Transition, moved
from checker.model.system import System

#: Bounds of a search: what a reader will wait for, and what a small machine can hold.
MOST_STATES, MOST_SECONDS = 300_000, 30.0
#: States between two looks at the clock.
STATES_PER_LOOK = 64


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a search gives up; `stop` is asked now and then whether it shall."""

    states: int = MOST_STATES
    seconds: float = MOST_SECONDS
    stop: Callable[[], bool] = bool


@dataclass(frozen=True, slots=True)
class Searched:
    """How a search ended: the steps to the goal and what it shows, or what kept it from an answer.

    Without steps and with `stopped` empty, every state that can be reached was looked at.
    """

    steps: tuple[int, ...] | None
    reason: str
    stopped: str
    states: int
    depth: int
    seconds: float


def nearest(system: System, start: State, goal: Goal, bounds: Bounds = Bounds()) -> Searched:
    """Look for the goal from a state on, the state itself included."""
    return _Search(system, start, goal, bounds).run()


class _Search:
    def __init__(self, system: System, start: State, goal: Goal, bounds: Bounds) -> None:
        self.system, self.start, self.goal, self.bounds = system, start, goal, bounds
        self.judge = Judge(replace(system, properties=goal.claims))
        self.ends = any(p.kind.on is On.END for p in goal.claims)
        self.walk = Reached(start)
        self.moves = Moves(system)
        self.depth = 0
        self.raised = 0
        self.begun = time.monotonic()

    def run(self) -> Searched:
        shown = self.in_state(self.start)
        if shown is not None:
            return self.found((), shown)
        for level in self.walk.levels():
            best: Searched | None = None
            for count, here in enumerate(level):
                stopped = self.stopped() if count % STATES_PER_LOOK == 0 else ""
                if stopped:
                    return best or self.ended(stopped)
                best = self.better(best, self.expand(here))
                if best is not None and (not self.ends or len(best.steps or ()) == self.depth):
                    return best
            if best is not None:
                return best
            self.depth += 1
        if self.raised:
            return self.ended(
                f"the model's code raised in {self.raised:,} states, and what follows them is not known"
            )
        return self.ended("")

    def better(self, one: Searched | None, other: Searched | None) -> Searched | None:
        """The shorter of two findings; a claim about ends is noticed one level late."""
        found = [s for s in (one, other) if s is not None]
        return min(found, key=lambda s: len(s.steps or ()), default=None)

    def expand(self, here: int) -> Searched | None:
        """Take every step from a state; the finding, if there is one."""
        state = self.walk.states[here]
        leads_on, first = False, None
        try:
            for index, after in enumerate(self.moves.successors(state)):
                leads_on = leads_on or after.state != state
                shown = self.in_step(state, after)
                if self.walk.reach(after.state, here, index)[1]:
                    shown = shown or self.in_state(after.state)
                if shown is not None:
                    first = self.found((*self.walk.path_to(here), index), shown)
                    break
        except ModelError as error:
            self.raised += 1
            return self.found(self.walk.path_to(here), str(error)) if self.goal.raised else None
        if first is None and not leads_on:
            shown = self.at_end(state)
            return None if shown is None else self.found(self.walk.path_to(here), shown)
        return first

    def in_state(self, state: State) -> str | None:
        findings = self.judge.state(state) if self.goal.claims else iter(())
        return next((reason for _, reason in findings), None)

    def in_step(self, before: State, step: Transition) -> str | None:
        member = self.system.members[step.node]
        if self.goal.action == f"{member.role.name}.{step.action}" and not step.lost:
            return f"{member.name} takes it"
        if not self.goal.claims:
            return None
        findings = chain.from_iterable(self.judge.step(*change) for change in moved(before, step.state))
        return next((reason for _, reason in findings), None)

    def at_end(self, state: State) -> str | None:
        """The finding of a state from which nothing leads on, if there is one."""
        cut = cut_by(self.system, locals_of(state))
        if self.goal.quiet:
            return (
                f"nothing may follow: a node is kept from going on by the bound on {cut}"
                if cut
                else "nothing may follow"
            )
        findings = self.judge.terminal(state) if self.ends and cut is None else iter(())
        return next((reason for _, reason in findings), None)

    def stopped(self) -> str:
        """The bound that is reached; empty if none is."""
        if self.bounds.stop():
            return "another search took its place"
        if len(self.walk) >= self.bounds.states:
            return f"{self.bounds.states:,} states were looked at"
        if time.monotonic() - self.begun >= self.bounds.seconds:
            return f"{self.bounds.seconds:g} seconds had passed"
        return ""

    def found(self, steps: tuple[int, ...], shown: str) -> Searched:
        return Searched(steps, shown, "", *self.account())

    def ended(self, stopped: str) -> Searched:
        return Searched(None, "", stopped, *self.account())

    def account(self) -> tuple[int, int, float]:
        return len(self.walk), self.depth, time.monotonic() - self.begun
