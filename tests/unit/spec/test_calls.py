"""The calls of clients: what of a step is one, who observes them, and what is said of wrong answers."""

from pathlib import Path
from typing import Any

import pytest

from checker import Options, verify
from checker.engines.choose import Means
from checker.model.environment.histories import LINEARIZABILITY, Consistency, Judged, Orders
from checker.model.environment.sequential_consistency import SEQUENTIAL_CONSISTENCY
from checker.model.linearizability import Event, Invocation, Response
from checker.model.values import show
from checker.model.verdict import Verdict
from checker.model.vocabulary import Seen
from checker.modelfiles.loading import Faults, load_text
from pmmc import client as proper
from pmmc import messages
from pmmc.client import Client
from pmmc.kv import Get, Put
from pmmc.values import Command, Node, Step
from spec import roles
from spec.calls import events_of
from spec.protocol import PMMC, derive
from tests.unit.support.histories import STORE

CLIENT = Node("client", 0)
PUT, READ = Command(CLIENT, 1, Put("k", "A")), Command(CLIENT, 2, Get("k"))
TEXT = """\
name: calls
nodes: {acceptors: 1, leaders: 1, replicas: 1, clients: 2}
commands: [put k A, get l, append k B, noop]
bounds: {slots: 2, rounds: 1}
network: at-most-once
"""


def system(more: str = "", text: str = TEXT) -> Any:
    return load_text(text + more, "m.yaml", protocols={"pmmc": PMMC}).system


def faults(more: str, text: str = TEXT) -> list[str]:
    with pytest.raises(Faults) as raised:
        system(more, text)
    return [str(fault).removeprefix("m.yaml:") for fault in raised.value.faults]


def seen(before: Client, after: Client) -> Seen:
    return Seen(CLIENT, "client.any", before, None, after, ())


def test_a_command_that_is_sent_is_an_invocation_and_its_answer_a_response() -> None:
    new = Client((PUT, READ))
    waits = Client((READ,), PUT)
    done = Client((READ,), None, ((PUT, ("A",)),))
    assert events_of(seen(new, waits)) == [Invocation(CLIENT, PUT, PUT.op)]
    assert events_of(seen(waits, done)) == [Response(CLIENT, PUT, PUT.op, ("A",))]
    assert events_of(seen(waits, waits)) == []
    assert events_of(seen(waits, Client((READ,)))) == []  # it has given up
    assert events_of(seen(done, Client((), READ, done.answers))) == [Invocation(CLIENT, READ, READ.op)]


def test_a_step_may_be_several_events_none_of_which_is_lost() -> None:
    waits, goes_on = Client((READ,), PUT), Client((), READ, ((PUT, ("A",)),))
    answered, asked = Response(CLIENT, PUT, PUT.op, ("A",)), Invocation(CLIENT, READ, READ.op)
    assert events_of(seen(waits, goes_on)) == [answered, asked]
    at_once = Client((), None, ((READ, ("A",)),))
    assert events_of(seen(Client((READ,)), at_once)) == [asked, Response(CLIENT, READ, READ.op, ("A",))]
    assert events_of(seen(waits, waits)) == []


def test_a_client_that_goes_on_when_it_is_answered_is_judged_all_the_same() -> None:
    """Rules of a client of others may take an answer and ask for the next command in one step."""

    def on_response(context: Any, client: Client, message: Any) -> tuple[Any, ...]:
        return tuple(
            Step(then, step.sends + sends)
            for step in proper.on_response(context, client, message)
            for then, sends in proper.invoke(context, step.state) or (Step(step.state),)
        )

    role = roles.CLIENT.with_rules({messages.Response: on_response})
    hasty = derive("hasty", about="clients that go on at once", models=Path(), roles=[role])
    text = """\
name: hasty
protocol: hasty
nodes: {acceptors: 1, leaders: 1, replicas: 2, clients: 1}
commands: [append k A, get k, put k B]
bounds: {slots: 3, rounds: 1}
rules: {replica: appends-twice}
properties: [linearizable]
"""
    judged = load_text(text, "m.yaml", protocols={"hasty": hasty}).system
    found = verify(judged, Options(Means("native")))
    assert [claim.id for claim in found.violated()] == ["linearizable"]


def test_who_had_asked_for_a_command_at_first_had_asked_for_those_before_it() -> None:
    """What is linearizable is sequentially consistent; so it is if the later of two is known at first."""
    text = TEXT.replace("clients: 2", "clients: 1").replace(
        "put k A, get l, append k B, noop", "put k A, append k B"
    )
    known = "initial: {acceptor 0: {accepted: [[0.0, 2, append k B]]}}\n"
    judged = system(f"{known}properties: [linearizable, sequentially-consistent]\n", text)
    waiting = {str(m.name): [str(e.operation) for e in m.local.waiting] for m in judged.observers}
    assert waiting["linearization 0"] == ["append k B"]
    assert sorted(waiting["program-order 0"]) == ["append k B", "put k A"]
    assert verify(judged, Options(Means("reference"))).verdict is Verdict.VERIFIED


def test_a_call_goes_by_the_number_under_which_it_was_sent() -> None:
    again = Command(CLIENT, 1, READ.op)
    done = Client((READ,), None, ((PUT, ("A",)),))
    waits = Client((), again, done.answers)
    assert events_of(seen(done, waits)) == [Invocation(CLIENT, again, READ.op)]
    answered = Client((), None, (*done.answers, (again, ())))
    assert events_of(seen(waits, answered)) == [Response(CLIENT, again, READ.op, ())]


def test_each_key_has_an_observer_and_the_clients_are_all_that_it_is_told_of() -> None:
    found = {
        str(m.name): m for m in system("properties: [linearizable, sequentially-consistent]\n").observers
    }
    assert list(found) == ["linearization 0", "linearization 1", "program-order 0"]
    assert [found[name].context.key for name in found] == ["k", "l", None]
    assert {member.role.watches for member in found.values()} == {frozenset({CLIENT, Node("client", 1)})}


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ("", 2),
        ("properties: [R1]\n", 0),
        ("properties: [linearizable]\n", 2),
        ("properties: [sequentially-consistent]\n", 1),
    ],
)
def test_observers_are_there_where_they_are_asked_for(more: str, count: int) -> None:
    assert len(system(more).observers) == count


def test_nobody_observes_where_no_client_can_be() -> None:
    alone = TEXT.replace(", clients: 2", "")
    hosted = TEXT + "machines: [[client 0, replica 0]]\n"
    claims = "properties: [sequentially-consistent, R1, linearizable]\n"
    none = "is about the answers to clients, and no client takes part"
    assert faults(claims, alone) == [
        f"6:14: 'sequentially-consistent' {none}",
        f"6:43: 'linearizable' {none}",
    ]
    there = "and client 0 is a process on machine 0: only nodes can be observed"
    assert [fault.partition(" clients, ")[2] for fault in faults(claims, hosted)] == [there, there]
    assert system(text=alone).observers == ()
    assert system(text=hosted).not_judged["linearizable"] == "linearization"


def test_a_command_that_a_node_has_from_the_start_may_have_taken_effect() -> None:
    more = (
        "properties: [R1, linearizable]\ninitial:\n"
        "  acceptor 0: {ballot: 0.0, accepted: [[0.0, 1, put k A]]}\n"
        "  replica 0: {slot_in: 2, slot_out: 2, decisions: {1: put k A}}\n"
    )
    held, other = (member.local for member in system(more).observers)
    assert held.waiting == {Invocation(CLIENT, PUT, PUT.op)}
    assert {c.state for c in held.configurations} == {frozenset(), frozenset({("k", ("A",))})}
    assert other == Orders(frozenset(), other.configurations)
    assert len(other.configurations) == 1
    assert verify(system(more), Options(Means("native"))).verdict is Verdict.VERIFIED


def told(consistency: Consistency, *events: Event) -> str | None:
    """What the property says of a history."""
    orders = consistency.first(STORE)
    for event in events:
        for step in consistency.rules[type(event)](Judged(STORE), orders, event):
            orders = step.state
    (view,) = consistency.judged_by.views
    return consistency.judged_by.says(None, view(orders))


OTHER = Command(Node("client", 1), 1, Get("k"))
WRITTEN = (Invocation(CLIENT, PUT, PUT.op), Response(CLIENT, PUT, PUT.op, ("A",)))
ASKED = Invocation(OTHER.client, OTHER, OTHER.op)


def answered(result: tuple[str, ...], call: Command = OTHER) -> Response:
    return Response(call.client, call, call.op, result)


def test_a_read_after_a_write_that_does_not_see_it_is_not_linearizable() -> None:
    says = "no order of the calls gives client 1 the answer ∅ to get k: in all of them it gets ⟨A⟩"
    assert told(LINEARIZABILITY, *WRITTEN, ASKED, answered(())) == says.replace("∅", show(())).replace(
        "⟨A⟩", show(("A",))
    )
    assert told(LINEARIZABILITY, *WRITTEN, ASKED, answered(("A",))) is None
    assert told(LINEARIZABILITY, WRITTEN[0], ASKED, WRITTEN[1], answered(())) is None


def test_and_it_is_sequentially_consistent_unless_it_is_the_own_write_that_is_not_seen() -> None:
    assert told(SEQUENTIAL_CONSISTENCY, *WRITTEN, ASKED, answered(())) is None
    own = Invocation(CLIENT, READ, READ.op), answered((), READ)
    assert "to get k: in all of them it gets" in str(told(SEQUENTIAL_CONSISTENCY, *WRITTEN, *own))


def test_an_answer_that_no_call_waits_for_is_an_error_of_the_model() -> None:
    for consistency in (LINEARIZABILITY, SEQUENTIAL_CONSISTENCY):
        with pytest.raises(ValueError, match="is answered on put k A, which does not wait for an answer"):
            told(consistency, WRITTEN[1])
        with pytest.raises(ValueError, match="client 0 calls put k A again before it is answered"):
            told(consistency, WRITTEN[0], WRITTEN[0])
