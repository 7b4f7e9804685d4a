"""What a call costs in one run: Lamport's clocks along a trace, and the longest chain of messages.

It knows nothing of how the run was found, and is asked of every run that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checker.costs.timed import DELAY, NOW, Time
from checker.model.behaviour import Trace
from checker.model.calls import Calls
from checker.model.linearizability import Invocation, Response
from checker.model.semantics import Transition, first_messages
from checker.model.vocabulary import Message, NodeName, Seen, kind_of


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on a chain: who takes it, in answer to what (None: nothing), and whether it writes.

    `number` is that of the step in its trace, from 1.
    """

    number: int
    node: NodeName
    message: Message | None
    writes: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What a call costs in a run: the time of its answer, the messages until then, and a longest chain.

    The chain begins with the invocation or, if it is counted from the start, with what is earlier on it,
    and ends with the answer. `messages` are all that are sent since then, `afterwards` those of the rest of
    the run.
    """

    time: Time
    messages: int
    afterwards: int
    chain: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class _Stamp:
    """When something took place, and the step on which that rests; `time` None: before time is counted."""

    time: Time | None = None
    step: int = 0

    def later(self, by: Time) -> Time | None:
        return None if self.time is None else (self.time[0] + by[0], self.time[1] + by[1])


def _latest(stamps: list[_Stamp]) -> _Stamp:
    """The latest, and of those at one time the first."""
    return max(stamps, key=lambda stamp: (-1, 0) if stamp.time is None else stamp.time)


class _Clocks:
    """Lamport's clocks; mutable, moves along with a trace."""

    def __init__(self, trace: Trace, calls: Calls, *, from_start: bool) -> None:
        system = trace.system
        self.system, self.calls = system, calls
        begin = _Stamp(NOW if from_start else None)
        self.nodes = [begin for _ in system.members]
        self.waiting: dict[tuple[int, Message], list[tuple[NodeName, _Stamp]]] = {}
        self.sent, self.counting = 0, from_start
        for node, member in enumerate(system.members):
            for sender, message in first_messages(member):
                counted = from_start and sender != member.name
                stamp = _Stamp(begin.later(DELAY)) if counted else begin
                self.waiting.setdefault((node, message), []).append((sender, stamp))
                self.sent += counted

    def take(self, number: int, step: Transition, *, begins: bool, writes: bool) -> _Stamp:
        """Take a step: when it takes place, and the step on which that rests."""
        known = [self.nodes[step.node]]
        if step.message is not None:
            known.insert(0, self._taken(step))
        at = _latest(known)
        if begins and not self.counting:
            at, self.counting = _Stamp(NOW), True
        written = _Stamp(at.later((0, int(writes))), number)
        self.nodes[step.node] = written
        for to, message in step.sends:
            receiver = self.system.positions[to]
            if kind_of(message) in self.system.members[receiver].role.immediate:
                continue
            travels = DELAY if receiver != step.node else NOW
            arrives = _Stamp(written.later(travels), number)
            sender = self.system.members[step.node].name
            self.waiting.setdefault((receiver, message), []).append((sender, arrives))
            self.sent += self.counting and receiver != step.node
        return at

    def _taken(self, step: Transition) -> _Stamp:
        """When the message that a step takes arrived: of equal ones the first."""
        waiting = self.waiting[step.node, step.message]
        meant = [one for one in waiting if step.sender in (None, one[0])]
        found = min(meant, key=lambda one: (-1, 0) if one[1].time is None else one[1].time)
        waiting.remove(found)
        return found[1]


def measured(trace: Trace, calls: Calls, call: object, *, from_start: bool = False) -> Measured | None:
    """What a call costs in a run without faults; None if it is not answered there.

    Counted from the invocation on or, with `from_start`, from the start of the run. Each message of the run
    is taken once; one that is equal to another counts as that of them which arrived first.
    """
    clocks = _Clocks(trace, calls, from_start=from_start)
    rests: list[_Stamp] = []
    writing: list[bool] = []
    answer: tuple[int, Time, int] | None = None
    for number, taken in enumerate(trace.steps, start=1):
        step = taken.transition
        member = trace.system.members[step.node]
        before, after = taken.before[step.node].local, step.state[step.node].local
        seen = Seen(member.name, step.action, before, step.message, after, step.sends)
        told = {type(event) for event in calls.told(seen, call)}
        sent = clocks.sent
        writing.append(calls.writes(member, before, after))
        rests.append(clocks.take(number, step, begins=Invocation in told, writes=writing[-1]))
        time = rests[-1].time
        if Response in told and answer is None and time is not None:
            answer = (number, time, sent)
    if answer is None:
        return None
    number, time, sent = answer
    chain = tuple(reversed([*_chain(trace, rests, writing, number)]))
    return Measured(time, sent, clocks.sent - sent, chain)


def _chain(trace: Trace, rests: list[_Stamp], writing: list[bool], last: int) -> Iterator[Stage]:
    """A longest chain to a step, backwards: each step is followed by the one on which its time rests."""
    number = last
    while number:
        step = trace.steps[number - 1].transition
        yield Stage(number, trace.system.members[step.node].name, step.message, writing[number - 1])
        number = rests[number - 1].step
