"""Histories of calls, judged as they go on by observers, and a second time by a plain search."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.model.environment.histories import LINEARIZABILITY
from checker.model.environment.sequential_consistency import SEQUENTIAL_CONSISTENCY
from checker.model.linearizability import (
    Called,
    Event,
    Precedes,
    SequentialObject,
    calls_of,
    linearization,
    ordered,
    precedes,
    precedes_at_client,
    sequential_order,
)
from tests.unit.support.histories import STORE, STORE_BY_KEY, histories, in_some_order, observed
from tests.unit.support.shares import share

MANY = settings(max_examples=share(2500), deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANY = st.one_of(histories(), in_some_order())


@MANY
@given(ANY)
def test_observers_agree_with_the_search_on_linearizability(history: tuple[Event, ...]) -> None:
    found = linearization(STORE, history) is not None
    assert observed(LINEARIZABILITY, STORE, history) is found
    assert observed(LINEARIZABILITY, STORE_BY_KEY, history) is found


@settings(MANY, max_examples=share(1000))
@given(st.one_of(histories(most=16), in_some_order(most=5)))
def test_observers_agree_with_the_search_on_sequential_consistency(history: tuple[Event, ...]) -> None:
    prefixes = (history[:length] for length in range(len(history) + 1))
    found = all(sequential_order(STORE, prefix) is not None for prefix in prefixes)
    assert observed(SEQUENTIAL_CONSISTENCY, STORE, history) is found


@settings(MANY, max_examples=share(300))
@given(st.one_of(histories(most=14), in_some_order(most=4)))
@pytest.mark.parametrize("before", [precedes, precedes_at_client])
def test_the_search_agrees_with_trying_all_orders(before: Precedes, history: tuple[Event, ...]) -> None:
    calls = calls_of(history)
    order = ordered(STORE, calls, before)
    legal = [one for one in _orders(calls) if _is_order(STORE, one, before)]
    assert (order is not None) is bool(legal)
    if order is not None:
        assert order in legal


def _orders(calls: Sequence[Called]) -> Sequence[tuple[Called, ...]]:
    """All orders of the answered calls and some of the others."""
    answered = [one for one in calls if one.answered is not None]
    others = [one for one in calls if one.answered is None]
    sets = [some for count in range(len(others) + 1) for some in combinations(others, count)]
    return [order for some in sets for order in permutations((*answered, *some))]


def _is_order(thing: SequentialObject, order: Sequence[Called], before: Precedes) -> bool:
    state = thing.initial
    for place, one in enumerate(order):
        if any(before(one, earlier) for earlier in order[:place]):
            return False
        state, result = thing.apply(state, one.operation)
        if one.answered is not None and result != one.result:
            return False
    return True


def test_histories_are_drawn_of_both_kinds_and_of_many_calls() -> None:
    """Otherwise the tests above agree on little."""
    found: list[tuple[bool, bool, int, bool]] = []

    @settings(MANY, max_examples=share(1000), derandomize=True)
    @given(ANY)
    def draw(history: tuple[Event, ...]) -> None:
        calls = calls_of(history)
        orders = linearization(STORE, history), sequential_order(STORE, history)
        pending = any(one.answered is None for one in calls)
        found.append((orders[0] is not None, orders[1] is not None, len(calls), pending))

    draw()
    several = [one for one in found if one[2] >= 4]
    assert min(sum(one[0] for one in several), sum(not one[0] for one in several)) > share(100)
    assert sum(one[1] and not one[0] for one in several) > share(10)
    assert sum(one[2] >= 7 for one in several) > share(20)
    assert sum(one[3] for one in several) > share(100)
