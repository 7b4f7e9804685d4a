"""What would have excluded a violation: along a trace, the other steps after which it can come no more.

At each moment (so many steps of the trace have been taken) every other step that changes something is
looked at: whether what violates the claim is shown by it, or can be reached after it. If neither, that one
step in the place of the trace's excludes it, within the bounds of the model. The *point of no return* is
the first moment from which on no single step excludes it. That does not make it unavoidable: what must
happen for it may still not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from checker.engines.choose import Means, Reporter
from checker.engines.contract import Limits
from checker.engines.reaching import Reaching, reaching
from checker.model.behaviour import Trace
from checker.model.judging import judge_step
from checker.model.properties import On, Property
from checker.model.semantics import ModelError, State, Transition, moved, successors
from checker.model.system import System


@dataclass(frozen=True, slots=True)
class Other:
    """Another step that could be taken: its index, what it does, and whether it excludes the violation.

    None: not known.
    """

    index: int
    step: Transition
    excludes: bool | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a trace, after so many steps: the other steps there that change something."""

    number: int
    others: tuple[Other, ...]

    @property
    def excluding(self) -> tuple[Other, ...]:
        """The other steps that exclude the violation."""
        return tuple(other for other in self.others if other.excludes)


@dataclass(frozen=True, slots=True)
class Fates:
    """What could have come of each moment of a trace but the last, and the search that found that out."""

    moments: tuple[Moment, ...]
    reaching: Reaching

    @property
    def known(self) -> bool:
        """Whether of every other step it is known whether it excludes the violation."""
        return all(other.excludes is not None for moment in self.moments for other in moment.others)

    @property
    def last_chance(self) -> int | None:
        """The last moment at which another step excludes it; None if at none, or none that is known."""
        return max((moment.number for moment in self.moments if moment.excluding), default=None)

    @property
    def no_return(self) -> int | None:
        """The first moment from which on no single step excludes it; None if that is not known.

        0: no single step ever does.
        """
        last = self.last_chance
        first = 0 if last is None else last + 1
        later = (other for moment in self.moments[first:] for other in moment.others)
        return first if all(other.excludes is not None for other in later) else None


#: Answers for states whether a claim's violation is shown in them or can be reached from them.
Answer = Callable[[System, Property, Sequence[State]], Reaching]


def fates(
    trace: Trace,
    means: Means = Means(),
    limits: Limits = Limits(),
    report: Reporter | None = None,
) -> Fates:
    """What could have come of each moment of a trace that shows a property, be it a goal.

    Raises ValueError for a trace that shows nothing that a state can show: no property, or one of runs;
    else as `checker.engines.reaching`.
    """
    return fates_by(trace, partial(reaching, means=means, limits=limits, report=report))


def fates_by(trace: Trace, answer: Answer) -> Fates:
    """As `fates`, with another answer to what can be reached."""
    claim = trace.claim
    if claim is None or claim.kind.on is On.RUN:
        what = "shows no property" if claim is None else f"{claim.id} is about runs"
        raise ValueError(f"what would have excluded it is asked of states; {what}")
    pairs = zip(trace.states, trace.steps, strict=False)
    others = [tuple(_others(trace.system, state, step.index)) for state, step in pairs]
    after = [step.state for _, step in chain.from_iterable(others)]
    states = dict.fromkeys([*trace.states, *after])
    found = answer(trace.system, claim, tuple(states))
    known = dict(zip(states, found.known, strict=True))

    def excludes(before: State, step: Transition) -> bool | None:
        if _violates(trace.system, claim, before, step):
            return False
        leads = known[step.state]
        return None if leads is None else not leads

    moments = [
        Moment(number, tuple(Other(index, step, excludes(state, step)) for index, step in there))
        for number, (state, there) in enumerate(zip(trace.states[:-1], others, strict=True))
    ]
    return Fates(tuple(moments), found)


def _others(system: System, state: State, taken: int) -> Iterator[tuple[int, Transition]]:
    """The steps of a state but one that change something, up to one at which the model's code raises."""
    steps = successors(system, state)
    index = 0
    while True:
        try:
            step = next(steps)
        except (StopIteration, ModelError):
            return
        if index != taken and step.state != state:
            yield index, step
        index += 1


def _violates(system: System, claim: Property, before: State, step: Transition) -> bool:
    changes = moved(before, step.state)
    return any(judge_step(system, claim, node, old, new) is not None for node, old, new in changes)
