"""What a run without end shows of a temporal property: the meaning of `eventually` and its like.

A run is a way in, and then a cycle that repeats for ever; or it ends in a state where nothing more need
happen. It violates a property if from some state on, the one where the property begins to ask, it never
shows what is asked for, and yet is fair (`checker.model.fairness`). A state in which a bound stops a node
is no part of it: behind a bound the protocol goes on, and the model does not say how.

Where states are kept up to a shift (`checker.model.shift`), a cycle may lead to a state whose levels are
all larger by the same than those of the state it began in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from checker.model.fairness import LOSS, StepClass
from checker.model.judging import cut_by, judge_state, locals_of
from checker.model.properties import Asks, Property
from checker.model.semantics import State, Transition, successors
from checker.model.shift import SPREAD, Shifting
from checker.model.system import System


def class_of(system: System, step: Transition) -> StepClass:
    """The class of a step."""
    name = system.members[step.node].name
    return StepClass(name, LOSS if step.lost else step.action, step.sender)


class Run(NamedTuple):
    """The states of a run, the initial one first, and the steps between them.

    `loop` is the number of steps of the way in; None if the run ends in its last state.
    """

    system: System
    states: tuple[State, ...]
    steps: tuple[Transition, ...]
    loop: int | None

    @property
    def cycle(self) -> range:
        """The steps that repeat for ever, by number from 0; each leads from the state of that number."""
        return range(len(self.steps) if self.loop is None else self.loop, len(self.steps))


def same_up_to_shift(system: System, one: State, other: State) -> bool:
    """Whether two states are equal but for a shift, if the system has one."""
    if one == other or system.shift is None:
        return one == other
    shifting = Shifting(system.shift)
    return shifting.normal(one) == shifting.normal(other)


def is_cut(system: System, state: State) -> str | None:
    """The bound that stops some node in a state, or the state itself; None if none does."""
    bound = cut_by(system, locals_of(state))
    if bound is None and system.shift is not None and Shifting(system.shift).is_cut(state):
        return SPREAD
    return bound


def violates(run: Run, claim: Property) -> str | None:
    """Why a run is a counterexample to a temporal property, in a sentence; None if it is none."""
    begins = begins_to_ask(run, claim)
    if begins is None or any(is_cut(run.system, state) is not None for state in run.states):
        return None
    if run.loop is None:
        if not may_end(run.system, run.states[-1]):
            return None
        ends = "nothing more need happen"
    else:
        cycle = run.cycle
        if not cycle or not same_up_to_shift(run.system, run.states[run.loop], run.states[-1]):
            return None
        if any(met.how is None for met in assumptions_met(run)):
            return None
        if any(run.system.fairness.ends(those) for those in taken_in_cycle(run)):
            return None
        ends = f"{repeating(cycle)} for ever"
    return f"{ends}, and it never comes: {_asked(run, claim, begins)}"


def repeating(cycle: range) -> str:
    """That these steps repeat, which are numbered from 0 here and from 1 in words."""
    first, last = cycle.start + 1, cycle.stop
    return f"step {last} repeats" if first == last else f"steps {first} to {last} repeat"


def _asked(run: Run, claim: Property, begins: int) -> str:
    when = claim.trigger()
    if when is None:
        return claim.meaning
    ((_, cause),) = judge_state(run.system, when, run.states[begins])
    return f"{claim.meaning.rstrip('.')}, after {cause}"


def begins_to_ask(run: Run, claim: Property) -> int | None:
    """The state, by number, from which on a property waits in vain; None if it does not.

    Of several that `when` begins at the first one since what is asked for was shown last.
    """
    shown = [bool(judge_state(run.system, claim, state)) for state in run.states]
    last = len(run.states) - 1
    first_of_end = last if run.loop is None else run.loop
    if claim.kind.asks is Asks.FIRST:
        return None if any(shown) else 0
    if any(shown[first_of_end:]):
        return None
    if claim.kind.asks is Asks.ALWAYS:
        return first_of_end
    when = claim.trigger()
    assert when is not None
    silent = max((k + 1 for k, it in enumerate(shown) if it), default=0)
    asking = (k for k in range(silent, last + 1) if judge_state(run.system, when, run.states[k]))
    return next(asking, None)


def may_end(system: System, state: State) -> bool:
    """Whether a run may stay in a state for ever: no step of a fair class can be taken there."""
    return not any(system.fairness.is_fair(those) for those in enabled(system, state))


def enabled(system: System, state: State) -> frozenset[StepClass]:
    """The classes of which a step can be taken in a state. Raises ModelError."""
    return frozenset(class_of(system, t) for t in successors(system, state) if t.state != state)


class Met(NamedTuple):
    """How a cycle meets an assumption of fairness about a class of steps.

    `how` is a sentence; None if it does not. `step` is the step of the trace, from 1, that takes it;
    `after` the number of steps after which it cannot be taken.
    """

    of: StepClass
    strong: bool
    how: str | None
    step: int | None = None
    after: int | None = None


def assumptions_met(run: Run) -> Sequence[Met]:
    """For every class of steps that is fair and can be taken in the cycle, how that is met."""
    system, fairness = run.system, run.system.fairness
    can = {k: enabled(system, run.states[k]) for k in run.cycle}
    taken = taken_in_cycle(run)
    classes = sorted(frozenset().union(*can.values()), key=str)
    return [
        _met(those, can, taken.get(those), strong=fairness.is_strong(those))
        for those in classes
        if fairness.is_fair(those)
    ]


def taken_in_cycle(run: Run) -> dict[StepClass, int]:
    """The classes of which a step is taken in the cycle, and the first such step of each, from 1.

    A step that changes nothing is none.
    """
    taken: dict[StepClass, int] = {}
    for k in run.cycle:
        if run.states[k + 1] != run.states[k]:
            taken.setdefault(class_of(run.system, run.steps[k]), k + 1)
    return taken


def _met(those: StepClass, can: dict[int, frozenset[StepClass]], step: int | None, *, strong: bool) -> Met:
    if step is not None:
        return Met(those, strong, f"taken in step {step}", step=step)
    without = next((k for k, classes in can.items() if those not in classes), None)
    if without is None or strong:
        return Met(those, strong, None)
    where = f"after step {without}" if without else "in the initial state"
    return Met(those, strong, f"cannot be taken {where}", after=without)
