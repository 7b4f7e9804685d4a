"""Histories of calls: the order that explains most is one, what fits nowhere and what cannot be ordered."""

from dataclasses import replace
from itertools import combinations

import pytest
from callhistories import BACK, STALE, TWICE, call, fitting, histories, history, in_time, orderable
from hypothesis import given
from registers import (
    CLIENT,
    REGISTER,
    SERVER,
    STALE_READ,
    UNJUDGED,
    Ask,
    Client,
    Op,
    event,
    loaded,
    violation,
)
from sometraces import walk

from checker import LINEARIZABLE, AtMostOnce, Histories, Invocation, Member, System, show
from checker.model.behaviour import replay
from checker.model.linearizability import Called
from checker.text.lanes import chart
from checker.traces import calls
from checker.traces.calls import PRECEDES, Explanation, History, explain, history_of, without_answers

every_claim = pytest.mark.parametrize("claim", PRECEDES)


def explained(explanation: Explanation) -> list[Called]:
    return [one for one in explanation.history.answered if one not in explanation.nowhere]


# Laws ---------------------------------------------------------------------------------------------------


@every_claim
@given(known=histories())
def test_the_order_is_one_that_answers_and_time_allow(claim: str, known: History) -> None:
    found = explain(known, claim)
    shown = tuple(without_answers(found.order, found.nowhere))
    assert fitting(shown)
    assert in_time(shown, claim)
    assert set(explained(found)) <= set(found.order)
    assert len(set(found.order)) == len(found.order)


@every_claim
@given(known=histories())
def test_as_many_as_can_be_are_explained(claim: str, known: History) -> None:
    found = explain(known, claim)
    assert orderable(known, explained(found), claim)
    assert not any(orderable(known, [*explained(found), one], claim) for one in found.nowhere)
    assert (not found.nowhere) is orderable(known, known.answered, claim)
    more = combinations(known.answered, len(explained(found)) + 1)
    assert not any(orderable(known, answered, claim) for answered in more)


@every_claim
@given(known=histories())
def test_of_the_conflict_none_can_be_done_without(claim: str, known: History) -> None:
    conflict = explain(known, claim).conflict
    if not conflict:
        assert orderable(known, known.answered, claim)
        return
    assert not orderable(known, conflict, claim)
    for one in conflict:
        assert orderable(known, [other for other in conflict if other != one], claim)


@given(known=histories())
def test_who_is_pending_and_in_the_order_was_seen(known: History) -> None:
    order = explain(known).order
    for one in order:
        if one.answered is None:
            assert not fitting(other for other in order if other != one)


@given(known=histories())
def test_where_that_takes_too_long_some_are_explained(known: History) -> None:
    tries, calls.TRIES = calls.TRIES, 1
    try:
        found = explain(known)
    finally:
        calls.TRIES = tries
    assert fitting(without_answers(found.order, found.nowhere))
    assert orderable(known, explained(found))
    assert bool(found.nowhere) is bool(explain(known).nowhere)


@given(known=histories())
def test_why_an_answer_fits_nowhere_is_that_another_is_given_wherever_it_stands(known: History) -> None:
    found = explain(known)
    for one in found.nowhere:
        instead = found.instead(one)
        assert instead
        assert all(result != other.result for other, result in instead)
        assert all(other == one or other not in found.nowhere for other, _ in instead)


# Cases --------------------------------------------------------------------------------------------------


def test_a_stale_read_is_what_fits_nowhere() -> None:
    put, get = STALE.calls
    found = explain(STALE)
    assert (found.order, found.nowhere, found.conflict) == ((put,), (get,), (put, get))
    assert found.instead(get) == [(get, ("A",))]


def test_a_stale_read_is_in_the_order_of_each_client() -> None:
    put, get = STALE.calls
    found = explain(STALE, "sequentially-consistent")
    assert (found.order, found.nowhere, found.conflict) == ((get, put), (), ())


def test_what_goes_back_is_in_no_order_of_the_client() -> None:
    put, first, append, second = BACK.calls
    found = explain(BACK, "sequentially-consistent")
    assert (found.order, found.nowhere, found.conflict) == ((put, first), (second,), (first, second))
    assert append not in found.order


def test_a_call_with_a_wrong_answer_takes_effect_where_others_saw_it() -> None:
    append, get = TWICE.calls
    found = explain(TWICE)
    assert (found.order, found.nowhere, found.conflict) == ((append, get), (append,), (append,))
    assert found.instead(append) == [(append, ("A",))]


def test_an_answer_that_would_change_another_one() -> None:
    """Performed at all, the first append would be seen by the second."""
    first, second = call(0, "append k A", 1, 9, "A"), call(1, "append k B", 2, 7, "B")
    found = explain(history(9, first, second))
    assert found.nowhere == (first,)
    assert found.instead(first) == [(second, ("A", "B")), (first, ("B", "A"))]


def test_where_one_answer_is_the_odd_one_it_is_left_out() -> None:
    """Those that were answered before do not count for more than what is answered later."""
    known = history(
        9, call(0, "put k A", 1), *(call(1, "get k", n, n + 1, "A" if n == 2 else "") for n in (2, 4, 6))
    )
    assert [one.invoked for one in explain(known).nowhere] == [2]


def test_an_answer_may_stand_only_where_time_allows_it() -> None:
    first, second, get = (
        call(0, "put k A", 1, 2, "A"),
        call(0, "put k B", 3, 4, "B"),
        call(1, "get k", 5, 6),
    )
    assert explain(history(6, first, second, get)).instead(get) == [(get, ("B",))]


def test_wrong_answers_of_others_are_no_reason() -> None:
    odd, second = call(2, "append k C", 2, 3, "Z"), call(1, "append k B", 4, 7, "C B")
    known = history(9, call(0, "append k A", 1, 9, "A"), odd, second)
    found = explain(known)
    first = known.calls[0]
    assert (found.order, found.nowhere) == ((odd, second), (odd, first))
    assert found.instead(first) == [
        (second, ("A", "C", "B")),
        (first, ("C", "A")),
        (first, ("C", "B", "A")),
    ]


def test_without_calls_all_is_explained() -> None:
    found = explain(history(3))
    assert (found.order, found.nowhere, found.conflict) == ((), (), ())


# Histories of traces ------------------------------------------------------------------------------------


def test_the_history_of_a_trace_is_what_its_clients_asked_and_were_answered() -> None:
    known = history_of(violation(STALE_READ))
    assert known is not None
    assert known.clients == ("client 0", "client 1")
    assert known.end == 6
    assert [(show(c.operation), c.invoked, c.answered, c.result) for c in known.calls] == [
        ("write A", 1, 3, "A"),
        ("read", 4, 6, "0"),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_histories_of_walks_agree_with_what_clients_know(seed: int) -> None:
    """Of commands on several keys, each with an observer of its own."""
    trace = walk("two-keys", seed, 80)
    known = history_of(trace)
    assert known is not None
    assert len(trace.system.observers) == 2
    clients = {
        m.name: cell.local
        for m, cell in zip(trace.system.members, trace.final, strict=True)
        if m.role.name == "client"
    }
    answers = {(c.client, c.operation, c.result) for c in known.answered}
    assert answers == {(n, c.op, result) for n, local in clients.items() for c, result in local.answers}
    waiting = {(c.client, c.operation) for c in known.calls if c.answered is None}
    assert waiting == {(n, local.waiting.op) for n, local in clients.items() if local.waiting}
    assert not explain(known).nowhere


def test_who_judges_the_same_history_is_told_the_same() -> None:
    both = loaded(STALE_READ.replace("[linearizable]", "[linearizable, sequentially-consistent]"))
    trace = replay(both.system, violation(STALE_READ).path)
    assert len(trace.system.observers) == 2
    found, alone = history_of(trace), history_of(violation(STALE_READ))
    assert found is not None
    assert alone is not None
    assert (found.calls, found.clients) == (alone.calls, alone.clients)


def test_what_has_been_asked_before_the_first_step_is_in_the_history() -> None:
    op = Op(0, "A")
    asked = Invocation("client 0", ("client 0", 0), op)
    server = Member("primary", SERVER, "primary", "0", inbox=(("client 0", Ask("client 0", op)),))
    backup = Member("backup", SERVER, "backup", "0")
    client = Member("client 0", CLIENT, ("client 0", ("primary",)), Client((), op))
    members = Histories(REGISTER, event, ("client 0",), wait=(asked,)).join([server, backup, client])
    system = System("begun", members, AtMostOnce(), (LINEARIZABLE,))
    first = history_of(replay(system, ()))
    assert first is not None
    assert [(c.invoked, c.answered) for c in first.calls] == [(0, None)]
    last = history_of(replay(system, (0, 1)))
    assert last is not None
    assert [(c.invoked, c.answered, c.result) for c in last.calls] == [(0, 2, "A")]


def test_without_an_observer_there_is_no_history() -> None:
    assert history_of(replay(loaded(UNJUDGED).system, violation(STALE_READ).path)) is None


def test_within_a_step_it_is_told_what_came_first() -> None:
    put, get = call(0, "put k A", 1, 2, "A"), call(1, "get k", 2, 3)
    known = history(3, put, get)
    answered_first = replace(known, places={put.call: (0, 1), get.call: (2, 3)})
    asked_first = replace(known, places={put.call: (0, 2), get.call: (1, 3)})
    assert explain(answered_first).conflict == (put, get)
    assert explain(asked_first).conflict == ()
    own = replace(answered_first, calls=(replace(put, client=get.client), get), clients=(get.client,))
    (lane,) = chart(explain(own), 80).lanes
    assert len(lane.rows) == 1
