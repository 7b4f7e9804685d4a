"""The part of a state graph that someone has looked at: moments, each with what may follow.

A moment knows the one before it, so asking for a path that is one step longer costs one step. Nothing
here is settled, fused or renamed: a reader sees every step that the reference semantics has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from checker.model.behaviour import Trace, TraceStep, judged
from checker.model.judging import cut_by, locals_of
from checker.model.properties import On, Property
from checker.model.semantics import ModelError, State, Transition, initial_state, successors
from checker.model.shift import Shifting
from checker.model.system import System
from checker.traces.lamps import Lamp, along

Path = tuple[int, ...]
#: Moments that are kept; with more, all are forgotten and made anew when asked for.
MOST_MOMENTS = 20_000
LOUD = (Lamp.BROKEN, Lamp.REACHED)


class NoStep(Exception):  # noqa: N818 - as `behaviour.ReplayError`, but with what is left of the path
    """A path asks for a step that there is not; its first `valid` steps there are."""

    def __init__(self, valid: int, reason: str) -> None:
        super().__init__(f"step {valid + 1}: {reason}")
        self.valid = valid


class Says:
    """What one property says of a moment: its lamp, and its own sentence if it has one."""

    __slots__ = ("claim", "lamp", "reason")

    def __init__(self, claim: Property, lamp: Lamp, reason: str | None) -> None:
        self.claim, self.lamp, self.reason = claim, lamp, reason


class Moment:
    """A state as the end of a path. What may follow and what properties say is found when asked for."""

    def __init__(self, system: System, state: State, before: Moment | None, step: TraceStep | None) -> None:
        self.system, self.state, self.before, self.step = system, state, before, step
        self._after: dict[int, Moment] = {}

    @cached_property
    def _following(self) -> tuple[tuple[Transition, ...], str | None]:
        found = []
        try:
            for transition in successors(self.system, self.state):
                found.append(transition)  # noqa: PERF402 - those before an exception count
        except ModelError as error:
            return tuple(found), str(error)
        return tuple(found), None

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """The steps that may be taken, in the order of the semantics."""
        return self._following[0]

    @property
    def raised(self) -> str | None:
        """What went wrong when the model was asked for its steps; those after that are not known."""
        return self._following[1]

    @property
    def cut(self) -> str | None:
        """The bound that keeps some node from going on."""
        return cut_by(self.system, locals_of(self.state))

    @property
    def quiet(self) -> bool:
        """Whether nothing that may follow changes anything."""
        return self.raised is None and all(t.state == self.state for t in self.transitions)

    @cached_property
    def kept(self) -> State:
        """The state as it is compared with others: up to a shift, if the system has one."""
        shift = self.system.shift
        return self.state if shift is None else Shifting(shift).normal(self.state)

    @cached_property
    def says(self) -> tuple[Says, ...]:
        """What every property of the system says here; of those about runs see `says_of_runs`."""
        return says(self.system, self.state if self.step is None else self.step)

    def after(self, index: int) -> Moment:
        """The moment after a step."""
        if index not in self._after:
            transition = self.transitions[index]
            self._after[index] = Moment(
                self.system, transition.state, self, TraceStep(index, transition, self.state)
            )
        return self._after[index]


def says(system: System, end: State | TraceStep) -> tuple[Says, ...]:
    """What every property says of a first state, or of a step and the state it leads to.

    Those about runs are silent: a step is none.
    """
    before, steps = (end.before, (end,)) if isinstance(end, TraceStep) else (end, ())
    trace = Trace(system, before, steps)
    try:
        strips = along(trace, _but(system, On.RUN))
    except ModelError:
        # whether the state is terminal cannot be known, nor what follows: claims about these are silent
        strips = along(trace, _but(system, On.RUN, On.END, On.FUTURE))
    known = {s.claim.id: Says(s.claim, s.lamps[-1], s.reasons[-1]) for s in strips}
    return tuple(known.get(p.id, Says(p, Lamp.SILENT, None)) for p in system.properties)


def _but(system: System, *those: On) -> tuple[Property, ...]:
    """The properties of a system but for those that are judged on these."""
    return tuple(p for p in system.properties if p.kind.on not in those)


class Walk:
    """All moments of a system that were asked for, from the initial one on."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._forget()

    def _forget(self) -> None:
        self._initial = Moment(self.system, initial_state(self.system), None, None)
        self._asked = 0

    def along(self, path: Sequence[int]) -> list[Moment]:
        """The moments of a path, the initial one first. Raises NoStep."""
        self._asked += len(path)
        if self._asked > MOST_MOMENTS:
            self._forget()
        moments = [self._initial]
        for number, index in enumerate(path):
            here = moments[-1]
            if index >= len(here.transitions):
                count = len(here.transitions)
                there = f"the state before it has {count} steps, from 0" if count else "nothing may follow"
                wrong = f"; then {here.raised}" if here.raised else ""
                raise NoStep(number, f"there is no step {index}; {there}{wrong}")
            moments.append(here.after(index))
        return moments


def loop_of(moments: Sequence[Moment]) -> int | None:
    """After how many steps a path was first in the state that it ends in, if it has left that since."""
    last = moments[-1]
    first = next(n for n, moment in enumerate(moments) if moment.kept == last.kept)
    return first if any(moment.state != last.state for moment in moments[first:]) else None


def trace_of(moments: Sequence[Moment], loop: int | None = None) -> Trace:
    """The moments of a path as a trace; it claims what its last moment shows to be broken, if anything.

    A path that comes back to one of its states is a run that repeats for ever what lies between: the steps
    after `loop` or, without that, after the first time it was there.
    """
    first, last = moments[0], moments[-1]
    trace = Trace(first.system, first.state, tuple(m.step for m in moments if m.step is not None))
    for said in last.says:
        if said.lamp is Lamp.BROKEN and said.reason:
            return replace(trace, claim=said.claim, reason=said.reason)
    if last.raised is not None:
        return replace(trace, reason=last.raised)
    run = replace(trace, loop=loop_of(moments) if loop is None else loop)
    broken = (said for said in says_of_runs(run) if said.reason is not None)
    return next((replace(run, claim=said.claim, reason=said.reason or "") for said in broken), run)


def says_of_runs(run: Trace) -> Iterator[Says]:
    """What properties about runs say of a path as a whole: of one that repeats or, for ever, stays."""
    for claim in run.system.properties:
        if claim.kind.on is On.RUN:
            try:
                reason = judged(run, claim)
            except ModelError:
                reason = None
            yield Says(claim, Lamp.SILENT if reason is None else Lamp.BROKEN, reason)


def new_in(moment: Moment) -> Iterator[Says]:
    """The properties that a moment shows broken or reached, and the moment before it does not."""
    yield from news(moment.says, None if moment.before is None else moment.before.says)


def news(now: Sequence[Says], then: Sequence[Says] | None) -> Iterator[Says]:
    """Lamps that are lit in `now` and not in `then`; all that are lit, if `then` is None."""
    for i, said in enumerate(now):
        if said.lamp in LOUD and (then is None or then[i].lamp not in LOUD):
            yield said
