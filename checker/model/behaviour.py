"""Traces: a path of step indices turned back into real steps, and findings confirmed on them.

A path is the identity of a behaviour: at each state the index of the step taken in the order of
`semantics.successors`. Replaying goes forwards from the initial state, in plain values, through no
table and no reduction, so what it confirms does not depend on how the engine came to its answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from checker.model.future import TooFarAhead, no_return
from checker.model.judging import cut_by, judge_state, judge_step, locals_of
from checker.model.properties import On, Property
from checker.model.runs import Run, same_up_to_shift, violates
from checker.model.semantics import ModelError, State, Transition, initial_state, moved, successors
from checker.model.shift import Shifting
from checker.model.system import System


class ReplayError(Exception):
    """A path asks for a step that the model does not have: another model, another version, or a bug.

    `step` counts from 1.
    """

    def __init__(self, step: int, reason: str) -> None:
        super().__init__(f"step {step}: {reason}")
        self.step, self.reason = step, reason


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a trace: its index among the steps possible there, and the states around it."""

    index: int
    transition: Transition
    before: State

    @property
    def after(self) -> State:
        """The state that the step leads to."""
        return self.transition.state


@dataclass(frozen=True, slots=True)
class Trace:
    """A behaviour of a system from its initial state on.

    `claim` and `reason` say what the last state or step shows: the property it decides and the
    property's own sentence. Both are empty for a trace that was only replayed, and `claim` is None
    for one that ends where the model's code raised.

    With a `loop` it is a lasso, a behaviour without end: its last step leads back to the state after
    `loop` steps (0: the initial one), up to a shift if the system has one, and the steps from there on
    repeat for ever. Raises ValueError if they do not.
    """

    system: System
    initial: State
    steps: tuple[TraceStep, ...]
    claim: Property | None = None
    reason: str = ""
    loop: int | None = None

    def __post_init__(self) -> None:
        if self.loop is None:
            return
        if not 0 <= self.loop < len(self.steps):
            raise ValueError(f"no step is left to repeat after {self.loop} of {len(self.steps)} steps")
        if not same_up_to_shift(self.system, self.states[self.loop], self.final):
            raise ValueError(f"the last step does not lead back to the state after {self.loop} steps")

    @property
    def states(self) -> tuple[State, ...]:
        """All states on the way, the initial one first."""
        return (self.initial, *(step.after for step in self.steps))

    @property
    def cycle(self) -> tuple[TraceStep, ...]:
        """The steps that repeat for ever; none if the behaviour ends."""
        return () if self.loop is None else self.steps[self.loop :]

    @property
    def run(self) -> Run:
        """The behaviour as a run, which temporal properties are about."""
        return Run(self.system, self.states, tuple(step.transition for step in self.steps), self.loop)

    @property
    def levels_more(self) -> int:
        """By how much the levels grow with each turn of the cycle, if the system has a shift."""
        if self.loop is None or self.system.shift is None:
            return 0
        shifting = Shifting(self.system.shift)
        return shifting.lowest(self.final) - shifting.lowest(self.states[self.loop])

    @property
    def path(self) -> tuple[int, ...]:
        """The indices that replay this trace."""
        return tuple(step.index for step in self.steps)

    @property
    def good(self) -> bool:
        """Whether what it shows is what was asked for, and not a violation."""
        return self.claim is not None and self.claim.kind.goal

    @property
    def final(self) -> State:
        """The state in which the trace ends."""
        return self.steps[-1].after if self.steps else self.initial


def replay(system: System, path: tuple[int, ...], loop: int | None = None) -> Trace:
    """Take the steps that `path` names, from the initial state; those after the first `loop` are a cycle.

    Raises ReplayError if there is no such step, a rule raises on the way, or the cycle is none.
    """
    trace, stopped = _as_far(system, path, loop)
    if stopped is not None:
        raise stopped
    return trace


def replay_as_far(system: System, path: tuple[int, ...], loop: int | None = None) -> tuple[Trace, str]:
    """Like `replay`, but stop where there is no such step: the trace so far, and why ("" at the end)."""
    trace, stopped = _as_far(system, path, loop)
    return trace, "" if stopped is None else str(stopped)


def _as_far(system: System, path: tuple[int, ...], loop: int | None) -> tuple[Trace, ReplayError | None]:
    state = initial = initial_state(system)
    steps: list[TraceStep] = []
    for number, index in enumerate(path, start=1):
        try:
            transition = _nth(system, state, number, index)
        except ReplayError as error:
            return Trace(system, initial, tuple(steps)), error
        steps.append(TraceStep(index, transition, state))
        state = transition.state
    trace = Trace(system, initial, tuple(steps))
    try:
        return replace(trace, loop=loop), None
    except ValueError as error:
        return trace, ReplayError(len(path), str(error))


def _nth(system: System, state: State, number: int, index: int) -> Transition:
    count = 0
    try:
        for transition in successors(system, state):
            if count == index:
                return transition
            count += 1
    except ModelError as error:
        raise ReplayError(number, f"there is no step {index}: after {count} steps {error}") from error
    raise ReplayError(number, f"there is no step {index}; the state before it has {count} steps, from 0")


def shown_by(trace: Trace) -> str | None:
    """What the end of a trace shows of its claim, judged anew; None if it shows nothing.

    For a trace without a claim: that the model's code raises when asked what may follow.
    """
    if trace.claim is not None:
        return judged(trace, trace.claim)
    try:
        for _ in successors(trace.system, trace.final):
            pass
    except ModelError as error:
        return str(error)
    return None


def judged(trace: Trace, claim: Property) -> str | None:
    """What a property says about the end of a trace, or all of a run; None if it finds nothing there.

    Of what can still be reached from there it says nothing if that is too much to be looked at.
    """
    if claim.kind.on is On.RUN:
        return violates(trace.run, claim)
    if claim.kind.on is On.STEP:
        return _judged_step(trace, claim)
    if claim.kind.on is On.FUTURE:
        try:
            return no_return(trace.system, claim, trace.final)
        except TooFarAhead:
            return None
    if claim.kind.on is On.END and not is_terminal(trace.system, trace.final):
        return None
    return next((reason for _, reason in judge_state(trace.system, claim, trace.final)), None)


def _judged_step(trace: Trace, claim: Property) -> str | None:
    if not trace.steps:
        return None
    last = trace.steps[-1]
    changes = moved(last.before, last.after)
    reasons = (judge_step(trace.system, claim, node, old, new) for node, old, new in changes)
    return next((reason for reason in reasons if reason is not None), None)


def is_terminal(system: System, state: State) -> bool:
    """Whether nothing leads on from a state, for a reason of the protocol and not of a bound."""
    return cut_by(system, locals_of(state)) is None and all(
        t.state == state for t in successors(system, state)
    )


def show_path(path: tuple[int, ...]) -> str:
    """A path as it is printed: indices joined by slashes, – for the empty path."""
    return _joined(path) or "–"


def path_word(path: tuple[int, ...]) -> str:
    """A path as a word of a command line: as it is printed, but - for the empty path."""
    return _joined(path) or "-"


def _joined(path: tuple[int, ...]) -> str:
    return "/".join(map(str, path))
