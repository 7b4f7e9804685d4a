"""Whether what clients are answered is consistent, for any protocol: observers of their calls.

An observer does not keep the history of calls, but what the future can still tell apart of it: all ways in
which the calls so far may have taken effect. A way is a *configuration*: the state of the sequential
object, and which calls have taken effect that are not answered, with which result. An invocation adds a
call that waits, and may take effect at any time from then on; of the configurations a response leaves those
in which its call has taken effect with its result. If none is left, there is no order of the calls. That is
exact: there is a configuration for every order of calls that may still be one, and histories with the same
set of configurations have the same futures. (Wing and Gong, Testing and verifying concurrent objects, JPDC
1993, searches through the same configurations one after the other; Lowe, Testing for linearizability, CCPE
2017, calls them so.)

Where operations touch one part of the object each, every part has an observer of its own. Sequential
consistency, which is no such thing of parts, is in `checker.model.environment.sequential_consistency`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from checker.model.consistency import LINEARIZABLE
from checker.model.environment.wrapping import in_place_of
from checker.model.linearizability import (
    Call,
    Event,
    Events,
    Invocation,
    Response,
    Result,
    SequentialObject,
)
from checker.model.properties import Property
from checker.model.values import canonical, show
from checker.model.vocabulary import Member, NodeName, Rule, Seen, Step, events_in, observer

#: A configuration, of linearizability or of sequential consistency.
Way = TypeVar("Way", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Refuted:
    """There is no order: the response that none has, and the results that its call might have had."""

    response: Response
    possible: frozenset[Result]

    def __str__(self) -> str:
        results = " or ".join(show(result) for result in sorted(self.possible, key=canonical))
        might = (
            f"in all of them it gets {results}" if self.possible else "the call cannot have taken effect"
        )
        got = f"{show(self.response.client)} the answer {show(self.response.result)}"
        return f"no order of the calls gives {got} to {show(self.response.operation)}: {might}"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way in which the calls so far may have taken effect.

    `effects` are those that have, and wait for their answers, with their results.
    """

    state: Hashable
    effects: frozenset[tuple[Call, Result]] = frozenset()

    def __str__(self) -> str:
        return f"{show(self.state)}{having(self.effects)}"


def having(effects: frozenset[tuple[Call, Result]]) -> str:
    """How it is said that calls have taken effect and wait for their answers; nothing if there are none."""
    told = (f"{show(call)} → {show(result)}" for call, result in sorted(effects, key=canonical))
    return f" after {' and '.join(told)}" if effects else ""


@dataclass(frozen=True, slots=True)
class Orders:
    """What is left of a history: the calls that wait for an answer, and all configurations.

    Once there is no order, that is all that is kept.
    """

    waiting: frozenset[Invocation]
    configurations: frozenset[Any]
    refuted: Refuted | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """The context of an observer: the object, and what part of it is looked at (None: all of it)."""

    object: SequentialObject
    key: Hashable = None

    def concerns(self, operation: Hashable) -> bool:
        """Whether an operation touches that part."""
        key = self.object.key
        return self.key is None or key is None or key(operation) == self.key


def on_invocation(judged: Judged, orders: Orders, event: Invocation) -> tuple[Step, ...]:
    """The call may take effect from now on: before, between and after others that wait."""
    if orders.refuted is not None:
        return ()
    waiting = now_waiting(orders, event)
    return (Step(Orders(waiting, closed(judged.object, waiting, orders.configurations))),)


def closed(
    thing: SequentialObject, waiting: Iterable[Invocation], configurations: frozenset[Configuration]
) -> frozenset[Configuration]:
    """All configurations that come of those that there are when calls that wait take effect."""
    return all_from(configurations, partial(_next, thing, waiting))


def _next(
    thing: SequentialObject, waiting: Iterable[Invocation], one: Configuration
) -> Iterator[Configuration]:
    """A configuration after one call more has taken effect."""
    effective = {call for call, _ in one.effects}
    for called in waiting:
        if called.call not in effective:
            state, result = thing.apply(one.state, called.operation)
            yield Configuration(state, one.effects | {(called.call, result)})


def all_from(configurations: Iterable[Way], following: Callable[[Way], Iterable[Way]]) -> frozenset[Way]:
    """Some configurations, and all that follow from them, however often."""
    found = set(configurations)
    new = list(found)
    while new:
        for then in following(new.pop()):
            if then not in found:
                found.add(then)
                new.append(then)
    return frozenset(found)


def on_response(judged: Judged, orders: Orders, event: Response) -> tuple[Step, ...]:
    """Those configurations remain in which the call has taken effect, with this result."""
    if orders.refuted is not None:
        return ()
    answered = answered_by(orders, event)
    told = (event.call, event.result)
    left = frozenset(
        replace(one, effects=one.effects - {told}) for one in orders.configurations if told in one.effects
    )
    if left:
        return (Step(Orders(orders.waiting - {answered}, left)),)
    might = {result for one in orders.configurations for call, result in one.effects if call == event.call}
    return (Step(refuted(event, might)),)


def now_waiting(orders: Orders, event: Invocation) -> frozenset[Invocation]:
    """The calls that wait, with one more. Raises ValueError if it waits already."""
    if any(one.call == event.call for one in orders.waiting):
        raise ValueError(f"{show(event.client)} calls {show(event.call)} again before it is answered")
    return orders.waiting | {event}


def answered_by(orders: Orders, event: Response) -> Invocation:
    """The call that gets an answer. Raises ValueError if it does not wait for one."""
    found = next((one for one in orders.waiting if one.call == event.call), None)
    if found is None:
        fault = f"{show(event.client)} is answered on {show(event.call)}, which does not wait for an answer"
        raise ValueError(fault)
    return found


def refuted(event: Response, possible: Iterable[Result]) -> Orders:
    """That there is no order with this response, and what the call might have got instead."""
    return Orders(frozenset(), frozenset(), Refuted(event, frozenset(possible)))


@dataclass(frozen=True, slots=True)
class Consistency:
    """A way to judge histories: how its observers begin, their rules, and the property that reads them.

    `local`: whether parts of an object may be judged by themselves.
    """

    first: Callable[[SequentialObject], Orders]
    rules: Mapping[type, Rule]
    judged_by: Property
    local: bool

    @property
    def role(self) -> str:
        """The role of its observers."""
        return self.judged_by.views[0].role


LINEARIZABILITY = Consistency(
    first=lambda thing: Orders(frozenset(), frozenset({Configuration(thing.initial)})),
    rules=MappingProxyType({Invocation: on_invocation, Response: on_response}),
    judged_by=LINEARIZABLE,
    local=True,
)


@dataclass(frozen=True, slots=True)
class Histories:
    """An environment: observers of the calls to an object, which judge them by a consistency.

    `events(seen)` says what the step of a node in `watched` is in the history: the invocation or the
    response of a call, a list of them, or None. With `keys` there is an observer for each of these parts of
    the object, where the consistency is one of parts; they are all that operations touch.
    `named(role, i)` is the name of observer i. Calls that `wait` have been invoked before the first state:
    they may have taken effect there, and are not invoked again if a step says so.
    """

    object: SequentialObject
    events: Events
    watched: tuple[NodeName, ...]
    keys: tuple[Hashable, ...] = ()
    consistency: Consistency = LINEARIZABILITY
    named: Callable[[str, int], NodeName] = "{} {}".format
    wait: tuple[Invocation, ...] = ()

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, and the observers."""
        return (*members, *self._observers())

    def _observers(self) -> Iterator[Member]:
        parts = self.keys if self.consistency.local and self.keys else (None,)
        for i, key in enumerate(parts):
            judged = Judged(self.object, key)
            told = partial(_told, self, judged)
            watching = observer(
                self.consistency.role,
                in_place_of(self.events, told),
                self.consistency.rules,
                frozenset(self.watched),
            )
            yield Member(self.named(self.consistency.role, i), watching, judged, self._first(judged))

    def _first(self, judged: Judged) -> Orders:
        orders = self.consistency.first(self.object)
        for event in self.wait:
            if judged.concerns(event.operation):
                ((orders, _),) = self.consistency.rules[Invocation](judged, orders, event)
        return orders


def _told(histories: Histories, judged: Judged, seen: Seen) -> list[Event]:
    """What an observer is told of a step: its events that are of the part that is looked at."""
    known = {event.call for event in histories.wait}
    events: list[Event] = events_in(histories.events(seen))
    return [
        event
        for event in events
        if judged.concerns(event.operation) and not (isinstance(event, Invocation) and event.call in known)
    ]
