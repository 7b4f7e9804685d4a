"""The histories of shipped models, judged as they are explored and a second time by a plain search.

A recorder keeps the whole history beside what the observers keep, so there is a state for each history; in
every state, terminal ones among them, both must say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from checker import Kind, Member, Options, Property, View, verify
from checker.engines.choose import Means
from checker.model.environment.histories import LINEARIZABILITY, Consistency, Judged, Orders
from checker.model.environment.sequential_consistency import SEQUENTIAL_CONSISTENCY
from checker.model.linearizability import Event, Invocation, Response, linearization, sequential_order
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.model.vocabulary import Step, observer
from checker.modelfiles.loading import LoadedModel
from pmmc.client import Client
from pmmc.kv import Get
from pmmc.values import Command, Node
from spec.calls import events_of, key_of
from spec.protocol import PMMC
from tests.unit.support.histories import STORE, STORE_BY_KEY
from tests.unit.support.shippedmodels import loaded

#: Models of more states than these are left out: with all their histories they are too large.
MOST = 1_000_000
RECORDER = Node("recorder", 0)


@dataclass(frozen=True)
class Recorded:
    """The history, what observers of each key make of it, and what one of all makes of it."""

    history: tuple[Event, ...] = ()
    linear: tuple[tuple[Judged, Orders], ...] = ()
    sequential: tuple[tuple[Judged, Orders], ...] = ()


def on_event(context: object, recorded: Recorded, event: Event) -> tuple[Step, ...]:
    """Keep it, and tell those that observe."""
    history = (*recorded.history, event)
    linear = tuple(_told(LINEARIZABILITY, *one, event) for one in recorded.linear)
    sequential = tuple(_told(SEQUENTIAL_CONSISTENCY, *one, event) for one in recorded.sequential)
    return (Step(Recorded(history, linear, sequential)),)


def _told(consistency: Consistency, judged: Judged, orders: Orders, event: Event) -> tuple[Judged, Orders]:
    steps = (
        consistency.rules[type(event)](judged, orders, event) if judged.concerns(event.operation) else ()
    )
    return judged, next((step.state for step in steps), orders)


def disagrees(context: object, recorded: Recorded) -> str | None:
    """A history of which the two do not say the same."""
    linear = all(orders.refuted is None for _, orders in recorded.linear)
    sequential = all(orders.refuted is None for _, orders in recorded.sequential)
    history = recorded.history
    prefixes = (history[:length] for length in range(len(history) + 1))
    if linear is (linearization(STORE, history) is None):
        return f"linearizable {linear}: {history}"
    if sequential is not all(sequential_order(STORE, prefix) is not None for prefix in prefixes):
        return f"sequentially consistent {sequential}: {history}"
    return None


AGREES = Property(
    "agrees", Kind.NODE, "Both say the same.", "ours", (View("all", "recorder", lambda r: r),), disagrees
)


def with_recorder(system: System) -> System:
    """The system with a recorder, and the one property that all of it is right."""
    clients = frozenset(m.name for m in system.members if m.role.name == "client")
    waiting = {one for m in system.members if isinstance(m.local, Orders) for one in m.local.waiting}
    begun = sorted(waiting, key=str)
    first = Recorded(
        (),
        tuple((Judged(STORE_BY_KEY, key), LINEARIZABILITY.first(STORE)) for key in _keys(system)),
        ((Judged(STORE), SEQUENTIAL_CONSISTENCY.first(STORE)),),
    )
    for event in begun:
        ((first, _),) = on_event(None, first, event)
    known = {event.call for event in begun}
    role = observer(
        "recorder",
        lambda seen: [event for event in events_of(seen) if not _again(event, known)],
        {Invocation: on_event, Response: on_event},
        clients,
    )
    recorder = Member(RECORDER, role, None, first)
    return replace(system, members=(*system.members, recorder), properties=(AGREES,), symmetries=())


def _again(event: Event, known: set[object]) -> bool:
    return isinstance(event, Invocation) and event.call in known


def _keys(system: System) -> list[str]:
    """The keys that clients touch."""
    todo = [c for m in system.members if isinstance(m.local, Client) for c in m.local.todo]
    return sorted({key for command in todo if (key := key_of(command.op)) is not None})


def shipped() -> Iterator[LoadedModel]:
    """The models with clients that are small enough."""
    for path in sorted(PMMC.models.glob("*.yaml")):
        if "clients: " not in path.read_text(encoding="utf-8"):
            continue
        model = loaded(path)
        expect = model.model.expect
        clients = any(m.role.name == "client" for m in model.system.members)
        if clients and expect is not None and (expect.states or 0) <= MOST and not model.model.slow:
            yield model


MODELS = {model.model.name: model for model in shipped()}


@pytest.mark.parametrize("name", MODELS)
def test_every_history_is_judged_right(name: str) -> None:
    result = verify(with_recorder(MODELS[name].system), Options(Means("native")))
    assert result.verdict is Verdict.VERIFIED, result


def test_there_are_such_models() -> None:
    assert len(MODELS) >= 40


def test_it_is_noticed_when_the_two_do_not_agree() -> None:
    system = with_recorder(MODELS["one-client"].system)
    (recorder,) = (member.local for member in system.members if member.name == RECORDER)
    client = Node("client", 0)
    command = Command(client, 1, Get("k"))
    events = Invocation(client, command, command.op), Response(client, command, command.op, ("no",))
    assert disagrees(None, replace(recorder, history=events[:1])) is None
    assert disagrees(None, replace(recorder, history=events)) is not None
