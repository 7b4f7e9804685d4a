"""What one call costs: two searches, and a run that is replayed and measured before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

from checker.checking.confirm import InternalMismatch
from checker.costs.clocks import Measured, measured
from checker.costs.search import FEWEST, SOONEST, cheapest
from checker.costs.timed import Act, Timed, careful
from checker.engines.contract import Limits, Progress
from checker.model.behaviour import Trace, TraceStep
from checker.model.calls import Calls
from checker.model.semantics import Transition, initial_state, successors
from checker.model.system import System
from checker.model.values import show


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of a system, and from when on it is counted: from its invocation, or the start of the run."""

    system: System
    calls: Calls
    call: Hashable
    from_start: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call costs, as far as it is known.

    `delays` are message delays on the longest chain of messages that leads to the answer, and `writes`
    those to stable storage on it: the least over all runs without faults, fewer delays coming before fewer
    writes. `messages` are the fewest that are sent until the answer in a run that has these; `trace` is
    one, `found` what was measured in it. `in_all` are the fewest in any run until none is under way that
    was sent since, and `run_in_all` such a run.

    What is None is not known if the search for it was `stopped`, else there is no such run. Then
    `at_least` are delays with which no run is over.
    """

    asked: Asked
    trace: Trace | None
    found: Measured | None
    run_in_all: Trace | None
    in_all: int | None
    states: int
    steps: int
    seconds: float = 0.0
    stopped: str | None = None
    at_least: int = 0

    @property
    def delays(self) -> int | None:
        """Message delays until the answer."""
        return None if self.found is None else self.found.time[0]

    @property
    def writes(self) -> int | None:
        """Writes to stable storage on the way."""
        return None if self.found is None else self.found.time[1]

    @property
    def messages(self) -> int | None:
        """Messages sent until the answer."""
        return None if self.found is None else self.found.messages


def cost_of(
    asked: Asked, limits: Limits = Limits(), report: Callable[[Progress], None] | None = None
) -> Cost:
    """What a call costs. Raises ModelError and CodeError where a rule goes wrong, and InternalMismatch."""
    first = Timed(asked.system, asked.calls, asked.call, from_start=asked.from_start)
    soonest = cheapest(first, SOONEST, limits, report)
    if soonest.run is None:
        return Cost(
            asked, None, None, None, None, soonest.states, soonest.steps,
            soonest.seconds, soonest.stopped, soonest.price[0],
        )  # fmt: skip
    trace = retraced(careful_system(asked.system), soonest.run)
    found = measured(trace, asked.calls, asked.call, from_start=asked.from_start)
    _require(asked, found and (*found.time, found.messages), soonest.price[:3])
    # writes are of no interest here, and fewer states are told apart without them
    unwritten = replace(asked.calls, stable=MappingProxyType({}))
    second = Timed(asked.system, unwritten, asked.call, from_start=asked.from_start)
    fewest = cheapest(second, FEWEST, limits, report)
    run_in_all, in_all = None, None
    if fewest.run is not None:
        run_in_all = retraced(trace.system, fewest.run)
        whole = measured(run_in_all, asked.calls, asked.call, from_start=asked.from_start)
        in_all = fewest.price[0]
        _require(asked, whole and (whole.messages + whole.afterwards,), (in_all,))
    return Cost(
        asked, trace, found, run_in_all, in_all, soonest.states + fewest.states,
        soonest.steps + fewest.steps, soonest.seconds + fewest.seconds, fewest.stopped,
    )  # fmt: skip


def _require(asked: Asked, found: tuple[int, ...] | None, wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise InternalMismatch(
            f"the run that was found for {show(asked.call)} costs {found}, and not {wanted}"
        )


def careful_system(system: System) -> System:
    """The system over a network that loses nothing and delivers nothing twice: its runs are shown."""
    return replace(system, network=careful(system.network))


def retraced(system: System, run: Iterable[Act]) -> Trace:
    """The steps of a run, taken by the reference semantics. Raises InternalMismatch if one cannot be."""
    state = initial = initial_state(system)
    steps: list[TraceStep] = []
    for act in run:
        found = (one for one in enumerate(successors(system, state)) if _is(system, one[1], act))
        index, step = next(found, (None, None))
        if index is None or step is None:
            raise InternalMismatch(f"step {len(steps) + 1} of the run that was found cannot be taken")
        steps.append(TraceStep(index, step, state))
        state = step.state
    return Trace(system, initial, tuple(steps))


def _is(system: System, step: Transition, act: Act) -> bool:
    """Whether a step is one that was found; what observers are told is none of the search's business."""
    watching = {observer.name for observer in system.observers}
    return (
        system.members[step.node].name == act.node
        and (step.action, step.message, step.sender) == (act.action, act.message, act.sender)
        and not step.lost
        and step.state[step.node].local == act.after
        and tuple(send for send in step.sends if send[0] not in watching) == act.sends
    )
