"""The wire form of PMMC: what is written is read back as it was, and equal values are written alike."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschemas import faults

from checker.engines.situations import situations
from checker.implementations.schema import schema_of_lines
from checker.model.values import Hosted
from checker.model.vocabulary import Addressed, Down, Envelope
from checker.model.wire import Wire, WireFault, text
from checker.modelfiles.loading import LoadedModel, load_text
from pmmc import messages
from pmmc.acceptor import Acceptor
from pmmc.asking import Turning
from pmmc.ballots import BOTTOM, Ballot, IntegerBallot
from pmmc.client import Client
from pmmc.collection import CollectingAcceptor, CollectingLeader
from pmmc.election import Watcher
from pmmc.kv import Append, Get, NoOp, Put, Reconfigure
from pmmc.leader import Commander, Leader
from pmmc.leases import GrantingAcceptor
from pmmc.replica import Replica
from pmmc.replies import ReplyCache
from pmmc.roles import ROLES
from pmmc.sessions import Session, SessionReplica
from pmmc.values import NOBODY, Command, Node, Proposal, PValue
from spec.protocol import PMMC
from tests.unit.support.shippedmodels import loaded

THREE = """
name: three
nodes: {acceptors: 3, leaders: 3, replicas: 2, clients: 1}
commands: [put k1 v1, append k1 v2]
bounds: {slots: 2, rounds: 2}
"""
#: Models of more states than this are looked at with slow tests only.
MOST_STATES = 1_500


def wire_of(model: LoadedModel) -> Wire:
    return PMMC.wire(model.model, model.system)


@cache
def three() -> Wire:
    return wire_of(load_text(THREE, "three.yaml", protocols={"pmmc": PMMC}))


def small() -> Iterator[Any]:
    """The shipped models whose states can be counted soon."""
    for path in PMMC.model_files():
        model = loaded(path)
        states = model.model.expect.states if model.model.expect is not None else None
        if states is not None and states <= 6_000 and model.system.shift is None:
            marks = [pytest.mark.slow] if states > MOST_STATES else []
            yield pytest.param(path, id=path.stem, marks=marks)


def occurring(model: LoadedModel) -> Iterator[tuple[Any, Any, Any]]:
    """All that nodes are asked in a model: a local state such as a node has, and the message, bare."""
    members = model.system.members
    nodes = frozenset(at for at, m in enumerate(members) if m.role.name in ROLES or m.parts)
    for one in situations(model.system, nodes).found:
        message = one.message
        while isinstance(message, Envelope | Addressed):
            message = message.message
        ours = message is not None and not type(message).__module__.startswith("checker.")
        yield one.local, members[one.node].local, message if ours else None


def through_json(written: Any) -> Any:
    return json.loads(json.dumps(written))


@pytest.mark.parametrize("path", [*small()])
def test_all_that_occurs_in_a_model_is_read_as_it_was_and_fits_the_schema(path: Path) -> None:
    wire = wire_of(loaded(path))
    schema = schema_of_lines(wire.schema())
    texts: dict[str, Any] = {}
    for local, like, message in occurring(loaded(path)):
        written = through_json(wire.write_state(local))
        again = wire.read_state(written, like)
        assert (again, type(again)) == (local, type(local))
        assert text(wire.write_state(again)) == text(written)
        assert texts.setdefault(text(written), (type(local), local)) == (type(local), local)
        if not isinstance(local, Down | Hosted):
            assert not list(faults({"$ref": "#/$defs/state"}, written, schema))
            assert set(wire.read_fields(written, like)) == set(written)
        if message is not None:
            written = through_json(wire.write_message(message))
            assert wire.read_message(written) == message
            assert text(wire.write_message(wire.read_message(written))) == text(written)
            assert not list(faults({"$ref": "#/$defs/message"}, written, schema))
    assert texts
    assert not list(faults({"$ref": "#/$defs/config"}, through_json(wire.config()), schema))


#: Classes of local states with more fields than the protocol's own, and what begins as one.
STATES: dict[type, Any] = {
    Acceptor: Acceptor(),
    Leader: Leader(Ballot(0, 0)),
    Replica: Replica(),
    Client: Client(),
}
VARIED = (
    CollectingAcceptor,
    CollectingLeader,
    GrantingAcceptor,
    ReplyCache,
    Session,
    SessionReplica,
    Turning,
    Watcher,
)
MESSAGES = [
    getattr(messages, name)
    for name in ("Request", "Response", "Propose", "P1a", "P1b", "P2a", "P2b", "Decision", "Ping", "Pong")
]


@settings(max_examples=60)
@given(st.data())
def test_values_are_equal_if_and_only_if_what_is_written_of_them_is(data: st.DataObject) -> None:
    wire = three()
    kind = data.draw(st.sampled_from([*STATES, *VARIED]))
    one, other = data.draw(st.from_type(kind)), data.draw(st.from_type(kind))
    like = next(begun for base, begun in STATES.items() if issubclass(kind, base))
    written = [through_json(wire.write_state(value)) for value in (one, other)]
    assert (one == other) == (text(written[0]) == text(written[1]))
    assert wire.read_state(written[0], like) == one
    assert type(wire.read_state(written[0], like)) is kind


@given(st.data())
def test_messages_are_read_as_they_were(data: st.DataObject) -> None:
    wire = three()
    kind = data.draw(st.sampled_from(MESSAGES))
    one, other = data.draw(st.from_type(kind)), data.draw(st.from_type(kind))
    written = [through_json(wire.write_message(value)) for value in (one, other)]
    assert (one == other) == (text(written[0]) == text(written[1]))
    assert wire.read_message(written[0]) == one


@given(st.data())
def test_the_order_of_a_set_means_nothing_when_it_is_read(data: st.DataObject) -> None:
    wire = three()
    state = data.draw(st.from_type(Acceptor))
    written = wire.write_state(state)
    shuffled = {"ballot": written["ballot"], "accepted": data.draw(st.permutations(written["accepted"]))}
    assert wire.read_state(shuffled, Acceptor()) == state


OPERATIONS = [Put("k", "v"), Get("k"), Append("k", "v"), NoOp(), NoOp(3), Reconfigure(2)]


def test_the_form_is_the_one_that_others_rely_on() -> None:
    wire = three()
    command = Command(Node("client", 0), 1, Put("k", "v"))
    pvalue = PValue(Ballot(1, 2), 1, command)
    said = {"client": "client 0", "cid": 1, "op": "put k v"}
    told = {"ballot": [1, 2], "slot": 1, "command": said}
    reply = messages.P1b(Node("acceptor", 0), Ballot(1, 2), BOTTOM, frozenset({pvalue}))
    assert wire.write_message(reply) == {
        "type": "p1b",
        "acceptor": "acceptor 0",
        "ballot": [1, 2],
        "current": [-1, -1],
        "accepted": [told],
    }
    leader = Leader(
        Ballot(1, 2),
        active=True,
        proposals=frozenset({Proposal(1, command)}),
        scout=None,
        commanders=frozenset({Commander(pvalue, frozenset({Node("acceptor", 1)}))}),
    )
    assert wire.write_state(leader) == {
        "ballot": [1, 2],
        "active": True,
        "proposals": [{"slot": 1, "command": said}],
        "scout": None,
        "commanders": [{"pvalue": told, "heard": ["acceptor 1"]}],
    }
    assert wire.write_state(Down(Acceptor())) == {"down": {"ballot": [-1, -1], "accepted": []}}
    for op in OPERATIONS:
        request = messages.Request(replace(command, op=op, client=NOBODY))
        assert wire.read_message(through_json(wire.write_message(request))) == request


def test_the_config_tells_who_takes_part_and_the_bounds() -> None:
    config = three().config()
    assert config["acceptors"] == ["acceptor 0", "acceptor 1", "acceptor 2"]
    assert (config["window"], config["slots"], config["rounds"], config["ballots"]) == (2, 2, 2, "pairs")
    assert config["configurations"][0]["quorums"] == {"phase1": "majority", "phase2": "majority"}
    assert config["clients"] == ["client 0"]
    assert config["leases"] is None
    assert config["rules"] == {}


@pytest.mark.parametrize("name", ["duel-integers", "flexible-by-weight", "flexible-by-sets", "leases"])
def test_the_config_of_other_deployments_fits_the_schema(name: str) -> None:
    model = loaded(next(path for path in PMMC.model_files() if path.stem == name))
    wire = wire_of(model)
    assert not list(faults({"$ref": "#/$defs/config"}, wire.config(), schema_of_lines(wire.schema())))


def test_a_ballot_comes_back_as_one_of_the_models_own_system() -> None:
    model = loaded(next(path for path in PMMC.model_files() if path.stem == "duel-integers"))
    found = wire_of(model).read_message({"type": "p1a", "leader": "leader 1", "ballot": [2, 1]})
    assert found.ballot == IntegerBallot(2, 1, 2)
    assert str(found.ballot) == "5"


def said(read: Any, written: Any, *more: Any) -> str:
    with pytest.raises(WireFault) as caught:
        read(written, *more)
    return str(caught.value)


def test_all_faults_are_told_at_once_each_with_its_place() -> None:
    wrong = {
        "accepted": [{"ballot": [0], "slot": True, "command": {"client": "clent 0", "cid": 1}}],
        "x": 1,
    }
    told = said(three().read_state, wrong, Acceptor())
    for part in (
        "accepted[0].ballot: expected a ballot [round, leader], not [0]",
        "accepted[0].slot: expected a whole number, not true",
        "accepted[0].command.client: unknown node 'clent 0'; did you mean 'client 0'?",
        "accepted[0].command: expected an object with 'op' too",
        "x: unknown field 'x'",
        "expected an object with 'ballot' too",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"type": "p1", "ballot": [0, 0]}, "type: unknown message 'p1'; did you mean 'p1a'?"),
        ({"ballot": [0, 0]}, "type: unknown message nothing"),
        ({"type": [], "ballot": [0, 0]}, "type: unknown message a list"),
        ({"type": {"type": "p1a"}}, "type: unknown message a mapping"),
        ([], "expected a message, an object with a type, not []"),
        ({"type": "p1a", "leader": "leader 3", "ballot": [0, 0]}, "leader: unknown node 'leader 3'"),
        ({"type": "p1a", "leader": "leader 0", "ballot": [0, 3]}, "a leader from 0 to 2"),
        ({"type": "p1a", "leader": "leader 0", "ballot": [-1, 0]}, "[-1, -1] is ⊥"),
        ({"type": "response", "cid": 1.0, "result": []}, "cid: expected a whole number, not 1.0"),
        ({"type": "response", "cid": 1, "result": "v"}, 'result: expected an array, not "v"'),
    ],
)
def test_what_is_no_message_is_refused(written: Any, expected: str) -> None:
    assert expected in said(three().read_message, written)


def test_an_element_of_a_set_that_is_there_twice_is_a_fault() -> None:
    entry = {"ballot": [0, 0], "slot": 1, "command": {"client": "client 0", "cid": 1, "op": "put k v"}}
    told = said(three().read_state, {"ballot": [0, 0], "accepted": [entry, entry]}, Acceptor())
    assert "accepted[1]: expected each element of the set once" in told


@pytest.mark.parametrize("op", ["put k", "put  k v", "noop 03", "noop x", "reconfigure 01", "Put k v", ""])
def test_operations_have_one_text_each(op: str) -> None:
    request = {"type": "request", "command": {"client": "client 0", "cid": 1, "op": op}}
    assert "command.op: expected 'put KEY VALUE'" in said(three().read_message, request)


def test_some_fields_are_read_without_the_others() -> None:
    assert three().read_fields({"ballot": [1, 0]}, Acceptor()) == {"ballot": Ballot(1, 0)}
    assert "unknown field 'balot'; did you mean 'ballot'?" in said(
        three().read_fields, {"balot": [1, 0]}, Acceptor()
    )


def test_values_that_rules_make_of_another_class_are_marked_with_it() -> None:
    wire = three()
    written = wire.write_state(CollectingAcceptor())
    assert written["class"] == "CollectingAcceptor"
    assert wire.read_state(written, Acceptor()) == CollectingAcceptor()
    assert "class: unknown class 'Colecting'" in said(
        wire.read_state, {**written, "class": "Colecting"}, Acceptor()
    )


def test_a_message_that_the_model_has_not_is_not_written() -> None:
    with pytest.raises(TypeError, match="Acceptor is no message of this model"):
        three().write_message(Acceptor())


def test_the_schema_refuses_what_is_wrong() -> None:
    schema = schema_of_lines(three().schema())
    request = {"id": 1, "do": "step", "node": "acceptor 0", "state": {"ballot": [-1, -1], "accepted": []}}
    message = {"type": "p1a", "leader": "leader 0", "ballot": [0, 0]}
    assert not list(faults(schema, {**request, "message": message}))
    for wrong in (
        {**request, "message": {**message, "type": "p3a"}},
        {**request, "message": {**message, "ballot": [0]}},
        {**request, "message": message, "more": 1},
        {**request, "message": message, "state": {"ballot": [-1, -1]}},
        {"id": 1, "steps": {}},
    ):
        assert list(faults(schema, wrong))
