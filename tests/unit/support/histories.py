"""Random histories of a store: linearizable ones, with answers changed, and with no regard to real time."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from checker.model.environment.histories import Consistency, Judged, Orders
from checker.model.linearizability import Event, Invocation, Response, SequentialObject
from pmmc import kv
from spec.calls import key_of

STORE = SequentialObject(kv.EMPTY, kv.apply)
STORE_BY_KEY = SequentialObject(kv.EMPTY, kv.apply, key_of)

#: What a run of the store does next: a client invokes, a call takes effect, a client is answered, goes on
#: without an answer.
INVOKES, EFFECT, ANSWER, GIVES_UP = range(4)
OPERATIONS = st.one_of(
    st.builds(kv.Put, st.sampled_from("xy"), st.sampled_from("AB")),
    st.builds(kv.Append, st.sampled_from("xy"), st.sampled_from("AB")),
    *(st.builds(kv.Get, st.sampled_from("xy")) for _ in range(2)),
)
RESULTS = st.sampled_from([kv.ABSENT, ("A",), ("B",), ("A", "B"), ("B", "A"), ("A", "A")])


@st.composite
def histories(draw: st.DrawFn, clients: int = 3, most: int = 30) -> tuple[Event, ...]:
    """A history of at most `most` events; a fifth of the answers are some result, or what an older store
    would give."""
    history: list[Event] = []
    store = kv.EMPTY
    stores = [store]
    waiting: dict[int, tuple[int, kv.Op]] = {}
    results: dict[int, kv.Value] = {}
    calls = 0
    for _ in range(draw(st.integers(1, most))):
        client, does = draw(st.integers(0, clients - 1)), draw(st.sampled_from((0, 0, 1, 1, 2, 2, 3)))
        if does == INVOKES and client not in waiting:
            op = draw(OPERATIONS)
            waiting[client] = (calls, op)
            history.append(Invocation(client, calls, op))
            calls += 1
        elif does == EFFECT and client in waiting and waiting[client][0] not in results:
            call, op = waiting[client]
            store, results[call] = kv.apply(store, op)
            stores.append(store)
        elif does == ANSWER and client in waiting:
            call, op = waiting.pop(client)
            if call not in results:
                store, results[call] = kv.apply(store, op)
            result = results[call]
            if draw(st.integers(0, 4)) == 0:
                old = kv.apply(draw(st.sampled_from(stores)), op)[1]
                result = draw(RESULTS) if draw(st.integers(0, 1)) == 0 else old
            history.append(Response(client, call, op, result))
        elif does == GIVES_UP and draw(st.integers(0, 3)) == 0:
            waiting.pop(client, None)
    return tuple(history)


@st.composite
def in_some_order(draw: st.DrawFn, clients: int = 3, most: int = 8) -> tuple[Event, ...]:
    """A sequentially consistent history: the answers of one order, and clients as far apart as can be."""
    store = kv.EMPTY
    programs: dict[int, list[Event]] = {client: [] for client in range(clients)}
    for call in range(draw(st.integers(1, most))):
        client, op = draw(st.integers(0, clients - 1)), draw(OPERATIONS)
        store, result = kv.apply(store, op)
        programs[client] += [Invocation(client, call, op), Response(client, call, op, result)]
    turns = draw(st.permutations([client for client in programs for _ in programs[client]]))
    return tuple(programs[client].pop(0) for client in turns)


def observed(consistency: Consistency, thing: SequentialObject, history: Sequence[Event]) -> bool:
    """Whether observers, one a key if the object has keys, find an order of the calls."""
    parts = ("x", "y") if thing.key is not None and consistency.local else (None,)
    return all(_by_one(consistency, Judged(thing, part), history).refuted is None for part in parts)


def _by_one(consistency: Consistency, judged: Judged, history: Sequence[Event]) -> Orders:
    orders = consistency.first(judged.object)
    for event in history:
        steps = (
            consistency.rules[type(event)](judged, orders, event)
            if judged.concerns(event.operation)
            else ()
        )
        orders = steps[0].state if steps else orders
    return orders
