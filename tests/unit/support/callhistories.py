"""Histories of calls: some made by hand, others drawn at random, and all their orders tried."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import combinations, permutations

from hypothesis import strategies as st

from checker.model.consistency import LINEARIZABLE
from checker.model.linearizability import Called, SequentialObject
from checker.traces.calls import History, without_answers
from pmmc.kv import EMPTY, Append, Get, Put, Value, apply, parse

STORE = SequentialObject(EMPTY, apply)


def call(client: int, text: str, invoked: int, answered: int | None = None, result: str = "") -> Called:
    """A call of the store; the result is written as the parts of a value, with blanks between."""
    value = None if answered is None else tuple(result.split())
    return Called(f"client {client}", (client, invoked), parse(text), invoked, answered, value)


def history(end: int, *calls: Called) -> History:
    ordered = tuple(sorted(calls, key=lambda one: one.invoked))
    clients = tuple(sorted({str(one.client) for one in calls}))
    return History(STORE, ordered, clients, end)


#: A read that misses what had been answered before it was asked.
STALE = history(17, call(0, "put k A", 3, 9, "A"), call(1, "get k", 10, 17))
#: The same, after another read that saw it, while an append is pending.
BACK = history(
    30,
    call(0, "put k A", 3, 19, "A"),
    call(1, "get k", 10, 17, "A"),
    call(1, "get k", 20, 30),
    call(2, "append k B", 11),
)
#: An append that was performed twice, and a read between.
TWICE = history(19, call(0, "append k A", 3, 19, "A A"), call(1, "get k", 10, 17, "A"))


@st.composite
def histories(draw: st.DrawFn, most: int = 4) -> History:
    """Calls of up to three clients that follow each other in any way, with any answers.

    A client may go on without waiting for its answer.
    """
    operations = st.sampled_from([Get("k"), Put("k", "A"), Put("k", "B"), Append("k", "C")])
    results: st.SearchStrategy[Value] = st.sampled_from(
        [(), ("A",), ("B",), ("C",), ("A", "C"), ("B", "C")]
    )
    calls: list[Called] = []
    step = 0
    for _ in range(draw(st.integers(0, 2 * most))):
        step += draw(st.integers(1, 3))
        pending = [n for n, one in enumerate(calls) if one.answered is None]
        if pending and (len(calls) == most or draw(st.booleans())):
            n = draw(st.sampled_from(pending))
            operation = calls[n].operation
            answer = (operation.value,) if isinstance(operation, Put) else draw(results)
            calls[n] = replace(calls[n], answered=step, result=answer)
        elif len(calls) < most:
            client = draw(st.integers(0, 2))
            calls.append(Called(f"client {client}", len(calls), draw(operations), step))
    return history(step, *calls)


def orderable(known: History, answered: Collection[Called], claim: str = LINEARIZABLE.id) -> bool:
    """Whether some order gives these calls their answers, others taking effect or not: all are tried."""
    left = [one for one in known.calls if one not in answered]
    others = without_answers(left, left)
    for count in range(len(others) + 1):
        for more in combinations(others, count):
            if any(allowed(order, claim) for order in permutations([*answered, *more])):
                return True
    return False


def allowed(order: Iterable[Called], claim: str = LINEARIZABLE.id) -> bool:
    """Whether calls may take effect in an order, with the answers that they got."""
    return fitting(order) and in_time(tuple(order), claim)


def fitting(order: Iterable[Called]) -> bool:
    return all(one.answered is None or one.result == result for one, result in performed(order))


def performed(order: Iterable[Called]) -> Iterator[tuple[Called, Value]]:
    store = EMPTY
    for one in order:
        store, result = apply(store, one.operation)
        yield one, result


def in_time(order: tuple[Called, ...], claim: str = LINEARIZABLE.id) -> bool:
    """Whether none takes effect before one that it came after: of all or, of that client, its own."""
    return not any(
        (later.answered is not None and later.answered < earlier.invoked)
        if claim == LINEARIZABLE.id
        else (later.client == earlier.client and later.invoked < earlier.invoked)
        for n, earlier in enumerate(order)
        for later in order[n + 1 :]
    )
