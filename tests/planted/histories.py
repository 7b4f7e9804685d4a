"""Faults in how histories of calls are judged, and small histories that show them.

The observers and the plain search are held to each other (see `tests/differential/test_histories.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations, product
from typing import Any

from checker.model import linearizability
from checker.model.environment import histories, sequential_consistency
from checker.model.linearizability import Event, Invocation, Response, linearization, sequential_order
from pmmc import kv
from tests.unit.support.histories import STORE, observed

from .planting import instead


@instead(histories, "closed", "an operation that took effect after another is taken for a wrong one")
def one_call_takes_effect(right: Any, thing: Any, waiting: Any, configurations: Any) -> Any:
    """only one of the calls that wait is seen to take effect"""
    return right(thing, sorted(waiting, key=str)[:1], configurations)


@instead(histories, "closed", "a stale read passes")
def effects_without_results(right: Any, thing: Any, waiting: Any, configurations: Any) -> Any:
    """configurations of before an effect are kept with its result"""
    found = right(thing, waiting, configurations)
    states = {one.state for one in (*found, histories.Configuration(thing.initial))}
    return frozenset(histories.Configuration(state, one.effects) for one in found for state in states)


@instead(
    sequential_consistency.Configuration,
    "with_program",
    "a client that reads what it has overwritten passes",
)
def programs_out_of_order(right: Any, one: Any, client: Any, calls: Any) -> Any:
    """a client's calls take effect in the order of their names"""
    return right(one, client, tuple(sorted(calls, key=lambda called: str(called.operation))))


@instead(linearizability, "precedes", "the search that judges a second time passes stale reads")
def no_order_of_time(right: Any, one: Any, other: Any) -> bool:
    """calls of two clients are in no order, whatever was answered before"""
    return right(one, other) and one.client == other.client


def detectors(demand: Callable[[str, Any, Any], None]) -> Iterator[tuple[str, Callable[[], None]]]:
    """Histories of two clients, one writes and reads, the other reads and writes: all there are."""
    for first, second in product((kv.ABSENT, ("A",), ("B",)), repeat=2):
        yield f"histories, {first} {second}", partial(_same, demand, first, second)


def _same(demand: Callable[[str, Any, Any], None], first: kv.Value, second: kv.Value) -> None:
    read = kv.Get("x")
    calls = (
        ((kv.Put("x", "A"), ("A",)), (read, first)),
        ((read, second), (kv.Put("x", "B"), ("B",))),
    )
    events = [
        [event for number, call in enumerate(program) for event in _call(client, number, *call)]
        for client, program in enumerate(calls)
    ]
    for places in combinations(range(8), 4):
        turns = [iter(program) for program in events]
        history = [next(turns[0 if place in places else 1]) for place in range(8)]
        found = observed(histories.LINEARIZABILITY, STORE, history)
        demand("comparison", found, linearization(STORE, history) is not None)
        prefixes = [history[:length] for length in range(9)]
        found = observed(sequential_consistency.SEQUENTIAL_CONSISTENCY, STORE, history)
        demand("comparison", found, all(sequential_order(STORE, one) is not None for one in prefixes))


def _call(client: int, number: int, op: kv.Op, result: kv.Value) -> tuple[Event, Event]:
    call = (client, number)
    return Invocation(client, call, op), Response(client, call, op, result)
