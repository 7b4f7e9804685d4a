"""Sequential consistency, for any protocol: `checker.model.environment.histories` without real time.

There is one order of all calls, in which each client's own are in the order of its program; a call may take
effect after its answer, as if the client had got that from the future. So a configuration has, beside the
state of the object and what has taken effect, the calls of each client that have not. (Lamport, How to make
a multiprocessor computer that correctly executes multiprocess programs, IEEE ToC 1979.)

It is judged of the history so far, in every state: a result that only a later call could explain is a
violation. And it is no property of parts of an object, so one observer keeps all of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from checker.model.consistency import SEQUENTIALLY_CONSISTENT
from checker.model.environment.histories import (
    Consistency,
    Judged,
    Orders,
    all_from,
    answered_by,
    having,
    now_waiting,
    refuted,
)
from checker.model.linearizability import Call, Invocation, Response, Result, SequentialObject
from checker.model.values import canonical, show
from checker.model.vocabulary import Step


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A call that has not taken effect; if it is `answered`, it must have this result when it does."""

    call: Call
    operation: Hashable
    answered: bool = False
    result: Result = None

    def __str__(self) -> str:
        return f"{show(self.operation)}{f' → {show(self.result)}' if self.answered else ''}"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way in which the calls so far may have taken effect.

    `effects` are those that have, and wait for their answers, with their results; `programs` has for each
    client, if there are any, its calls that have not, in the order of its program.
    """

    state: Hashable
    effects: frozenset[tuple[Call, Result]] = frozenset()
    programs: frozenset[tuple[Hashable, tuple[Unplaced, ...]]] = frozenset()

    def __str__(self) -> str:
        programs = sorted(self.programs, key=canonical)
        told = [f"{show(one)} of {show(client)}" for client, calls in programs for one in calls]
        waiting = f" before {' and '.join(told)}" if told else ""
        return f"{show(self.state)}{having(self.effects)}{waiting}"

    def program(self, client: Hashable) -> tuple[Unplaced, ...]:
        """The calls of a client that have taken no effect."""
        return dict(self.programs).get(client, ())

    def with_program(self, client: Hashable, calls: tuple[Unplaced, ...]) -> Configuration:
        """The same with other calls of a client."""
        others = frozenset(entry for entry in self.programs if entry[0] != client)
        return replace(self, programs=others | {(client, calls)} if calls else others)

    @property
    def settled(self) -> bool:
        """Whether all calls that are answered have taken effect."""
        return not any(one.answered for _, calls in self.programs for one in calls)


def on_invocation(judged: Judged, orders: Orders, event: Invocation) -> tuple[Step, ...]:
    """The call may take effect at any time, after those that its client has invoked before."""
    if orders.refuted is not None:
        return ()
    new = Unplaced(event.call, event.operation)
    with_it = (
        one.with_program(event.client, (*one.program(event.client), new)) for one in orders.configurations
    )
    return (Step(Orders(now_waiting(orders, event), closed(judged.object, with_it))),)


def on_response(judged: Judged, orders: Orders, event: Response) -> tuple[Step, ...]:
    """The call has taken effect with this result, or will have it when it does.

    If no configuration has all answered calls in effect there is no order of those so far.
    """
    if orders.refuted is not None:
        return ()
    answered = answered_by(orders, event)
    left = closed(judged.object, (then for one in orders.configurations for then in _answered(one, event)))
    if any(one.settled for one in left):
        return (Step(Orders(orders.waiting - {answered}, left)),)
    might = {result for one in orders.configurations for call, result in one.effects if call == event.call}
    return (Step(refuted(event, might)),)


def _answered(one: Configuration, event: Response) -> Iterator[Configuration]:
    """A configuration after an answer, if it agrees with it."""
    told = (event.call, event.result)
    program = one.program(event.client)
    if told in one.effects:
        yield replace(one, effects=one.effects - {told})
    elif any(u.call == event.call for u in program):
        known = (
            replace(u, answered=True, result=event.result) if u.call == event.call else u for u in program
        )
        yield one.with_program(event.client, tuple(known))


def closed(thing: SequentialObject, configurations: Iterable[Configuration]) -> frozenset[Configuration]:
    """All configurations that come of some when calls take effect that are next in their programs."""
    return all_from(configurations, partial(_next, thing))


def _next(thing: SequentialObject, one: Configuration) -> Iterator[Configuration]:
    """A configuration after one call more; one that is not answered may also never take effect.

    The latter is of interest only where its client has gone on without an answer.
    """
    for client, (first, *rest) in one.programs:
        done = one.with_program(client, tuple(rest))
        state, result = thing.apply(one.state, first.operation)
        if not first.answered:
            yield replace(done, state=state, effects=one.effects | {(first.call, result)})
            if rest:
                yield done
        elif result == first.result:
            yield replace(done, state=state)


SEQUENTIAL_CONSISTENCY = Consistency(
    first=lambda thing: Orders(frozenset(), frozenset({Configuration(thing.initial)})),
    rules=MappingProxyType({Invocation: on_invocation, Response: on_response}),
    judged_by=SEQUENTIALLY_CONSISTENT,
    local=False,
)
