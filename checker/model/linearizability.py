"""Histories of calls, and in which orders of its calls a sequential object gives the same answers.

A *history* is what clients see of a shared object: a sequence of invocations and responses. It is
linearizable if its calls can be put in one order, in which the object, used by one client at a time,
gives each call the answer that it got, and in which a call that was answered before another was invoked
comes before it (Herlihy and Wing, Linearizability, TOPLAS 1990). It is sequentially consistent if there
is such an order in which each client's own calls are in the order of their invocations, whatever those of
others were (Lamport, How to make a multiprocessor computer, IEEE ToC 1979). A call without an answer may
have taken effect or not.

What is here is a plain search through all orders, with a memory for what was seen to lead nowhere (Wing
and Gong, Testing and verifying concurrent objects, JPDC 1993). Exploration goes another way, see
`checker.model.environment.histories`, and the tests hold the two to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.model.values import show
from checker.model.vocabulary import Seen

Operation = Hashable
Result = Hashable
#: What tells one call of a history from all others.
Call = Hashable


@dataclass(frozen=True, slots=True)
class SequentialObject:
    """What clients share, as it is when one uses it at a time.

    `apply(state, operation)` is the state after an operation, and its result: a pure function. `key` says
    which part of the object an operation touches, if each touches one and none tells anything of another
    part; a history is linearizable if it is for each part (Herlihy and Wing, theorem 1: locality).
    """

    initial: Hashable
    apply: Callable[[Any, Any], tuple[Any, Any]]
    key: Callable[[Any], Hashable] | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A client calls the object."""

    client: Hashable
    call: Call
    operation: Operation

    def __str__(self) -> str:
        return f"{show(self.client)} calls {show(self.operation)}"


@dataclass(frozen=True, slots=True)
class Response:
    """A client gets the answer to a call."""

    client: Hashable
    call: Call
    operation: Operation
    result: Result

    def __str__(self) -> str:
        return f"{show(self.client)} is answered {show(self.result)} to {show(self.operation)}"


Event = Invocation | Response
History = Sequence[Event]
#: (step that a node has taken) → what its client calls or is answered in it, if anything; several in order.
Events = Callable[[Seen], Event | list[Event] | None]


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a history: when it was invoked and answered, as places in the history.

    `answered` is None, and `result` without meaning, if it was not.
    """

    client: Hashable
    call: Call
    operation: Operation
    invoked: int
    answered: int | None = None
    result: Result = None


def calls_of(history: History) -> tuple[Called, ...]:
    """The calls of a history, in the order of their invocations.

    Raises ValueError for a call that is invoked twice, and an answer to what is not waiting for one.
    """
    calls: dict[Call, Called] = {}
    for place, event in enumerate(history):
        known = calls.get(event.call)
        if isinstance(event, Invocation):
            if known is not None:
                raise ValueError(f"call {event.call} is invoked twice")
            calls[event.call] = Called(event.client, event.call, event.operation, place)
        elif known is None or known.answered is not None:
            raise ValueError(f"an answer to call {event.call}, which does not wait for one")
        else:
            calls[event.call] = replace(known, answered=place, result=event.result)
    return tuple(calls.values())


def linearization(thing: SequentialObject, history: History) -> tuple[Called, ...] | None:
    """An order of the calls that makes the history linearizable; None if there is none.

    All that are answered are in it, and of the others those that must have taken effect.
    """
    return ordered(thing, calls_of(history), precedes)


def sequential_order(thing: SequentialObject, history: History) -> tuple[Called, ...] | None:
    """An order of the calls that makes the history sequentially consistent; None if there is none."""
    return ordered(thing, calls_of(history), precedes_at_client)


#: (call, another call) → whether it must come before that one.
Precedes = Callable[[Called, Called], bool]


def precedes(one: Called, other: Called) -> bool:
    """Whether one was answered before the other was invoked: the order of real time."""
    return one.answered is not None and one.answered < other.invoked


def precedes_at_client(one: Called, other: Called) -> bool:
    """Whether both are of one client, who invoked one before the other: the order of its program."""
    return one.client == other.client and one.invoked < other.invoked


def ordered(
    thing: SequentialObject, calls: Sequence[Called], before: Precedes
) -> tuple[Called, ...] | None:
    """An order of calls that respects `before` and gives each that is answered its answer; None: none.

    Of those without an answer some may be left out, which is as if they never took effect.
    """
    follows = {
        i: frozenset(j for j, one in enumerate(calls) if before(one, other))
        for i, other in enumerate(calls)
    }
    answered = frozenset(i for i, one in enumerate(calls) if one.answered is not None)
    # where it was seen that the search leads nowhere
    dead: set[tuple[frozenset[int], Any]] = set()
    # the calls taken so far, the state after them, and what is left to be tried there
    path: list[tuple[frozenset[int], Any, Iterator[int]]] = [
        (frozenset(), thing.initial, iter(range(len(calls))))
    ]
    taken: list[int] = []
    while path:
        done, state, left = path[-1]
        if answered <= done:
            return tuple(calls[i] for i in taken)
        for i in left:
            too_late = any(i in follows[j] for j in done)
            if i in done or too_late or not follows[i] & answered <= done:
                continue
            after, result = thing.apply(state, calls[i].operation)
            now = (done | {i}, after)
            fits = i not in answered or result == calls[i].result
            if fits and now not in dead:
                path.append((*now, iter(range(len(calls)))))
                taken.append(i)
                break
        else:
            dead.add((done, state))
            path.pop()
            if taken:
                taken.pop()
    return None
