"""What one call costs: two searches, and a run that is replayed and measured before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from checker.checking.confirm import InternalMismatch
from checker.costs.clocks import Measured, measured
from checker.costs.search import FEWEST, SOONEST, cheapest
from checker.costs.timed import Act, Shared, Timed, careful
from checker.engines.contract import Limits, Progress
from checker.model.behaviour import Trace, TraceStep, replay
from checker.model.calls import Calls
from checker.model.linearizability import Call
from checker.model.network import Network
from checker.model.semantics import Transition, initial_state, successors
from checker.model.system import System
from checker.model.values import show


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of a system, and from when on it is counted: from its invocation, or the start of the run."""

    system: System
    calls: Calls
    call: Call
    from_start: bool = False

    def timed(self, **how: bool) -> Timed:
        """Its runs in the order of time or, with `timeless`, in any order; see Timed."""
        return Timed(self.system, self.calls, self.call, from_start=self.from_start, **how)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call costs, as far as it is known.

    `found` has what it costs until it is answered, and was measured in the run `trace`: message delays on
    the longest chain of messages that leads to the answer, and of writes to stable storage on it, the
    fewest in any run without faults, and messages, the fewest of those in runs that have these. `in_all`
    are the fewest messages in any run until none is under way that has come of it, `run_in_all` is one.

    What is None is not known if the search for it was `stopped`, else there is no such run. Without an
    answer `at_least` are delays than which none has fewer, and `bounds` what has stopped nodes.
    """

    asked: Asked
    states: int
    steps: int
    seconds: float
    stopped: str | None = None
    found: Measured | None = None
    trace: Trace | None = None
    in_all: int | None = None
    run_in_all: Trace | None = None
    at_least: int = 0
    bounds: tuple[str, ...] = ()

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

    def unobserved(self) -> Trace | None:
        """The run `trace`, without those who only look on: they are told of steps, and take none."""
        if self.trace is None:
            return None
        members = tuple(m for m in self.trace.system.members if m.role.observe is None)
        return replay(replace(self.trace.system, members=members, properties=()), self.trace.path)

    @property
    def network(self) -> Network:
        """The network of the runs, which loses nothing and delivers nothing twice."""
        return careful(self.asked.system.network)


def cost_of(
    asked: Asked, limits: Limits = Limits(), report: Callable[[Progress], None] | None = None
) -> Cost:
    """What a call costs.

    Raises ModelError and CodeError where a rule goes wrong, Untimed for a system of which this cannot be
    known, and InternalMismatch where the two ways to it do not agree.
    """
    timed = asked.timed()
    try:
        soonest = cheapest(timed, SOONEST, limits, report)
    except Shared:  # few models have it, and the search takes longer
        timed = asked.timed(ordered=False)
        soonest = cheapest(timed, SOONEST, limits, report)
    cost = Cost(asked, soonest.states, soonest.steps, soonest.seconds, soonest.stopped)
    if soonest.run is None:
        bounds = () if soonest.stopped else timed.bounds()
        return replace(cost, at_least=soonest.price[0], bounds=bounds)
    trace, found = _shown(asked, soonest.run)
    _require_same(asked, (*found.time, found.messages), soonest.price[:3])
    # times are of no interest any more, and fewer states are told apart without them
    fewest = cheapest(asked.timed(timeless=True), FEWEST, limits, report)
    cost = replace(
        cost,
        states=cost.states + fewest.states,
        steps=cost.steps + fewest.steps,
        seconds=cost.seconds + fewest.seconds,
        stopped=fewest.stopped,
        found=found,
        trace=trace,
    )
    if fewest.run is None:
        return cost
    run_in_all, of_all = _shown(asked, fewest.run)
    _require_same(asked, (of_all.messages + of_all.afterwards,), fewest.price[:1])
    return replace(cost, in_all=fewest.price[0], run_in_all=run_in_all)


def _shown(asked: Asked, run: Iterable[Act]) -> tuple[Trace, Measured]:
    """A run that was found, taken by the reference semantics and measured. Raises InternalMismatch."""
    trace = retraced(replace(asked.system, network=careful(asked.system.network)), run)
    found = measured(trace, asked.calls, asked.call, from_start=asked.from_start)
    if found is None:
        raise InternalMismatch(f"in the run that was found for {show(asked.call)} is no answer to it")
    return trace, found


def _require_same(asked: Asked, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise InternalMismatch(
            f"the run that was found for {show(asked.call)} costs {show(found)}, not {show(wanted)}"
        )


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
