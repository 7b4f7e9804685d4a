"""Reads that do not go through the log, in model files, and the history that they are judged by."""

from dataclasses import replace
from typing import Any

import pytest

from checker.engines import reference
from checker.engines.contract import UNREDUCED, Limits, Reductions
from checker.engines.native import engine as native
from checker.model.system import System
from checker.model.vocabulary import Envelope, Seen
from checker.modelfiles.loading import Faults, load_text
from pmmc.ballots import Ballot
from pmmc.client import Client
from pmmc.kv import Get, Put
from pmmc.leader import Leader
from pmmc.messages import Decision, Response
from pmmc.readindex import IndexClaim, IndexQuery
from pmmc.reads import Read, ReadQuery, ReadReply
from pmmc.replica import Reading, Replica
from pmmc.values import Command, Context, Node
from spec.protocol import PMMC
from spec.readings import RULES, Answered, Asked, Decided, Evaluated, Evaluation, History, Invoked, observe

GOOD = """\
name: good
nodes: {acceptors: 1, leaders: 1, replicas: 2, clients: 1}
commands: [put k A, get k]
bounds: {slots: 1, rounds: 1}
network: at-most-once
rules: {reads: quorum}
"""
ONE = GOOD.replace("replicas: 2", "replicas: 1")
ME, CLIENT = Node("replica", 0), Node("client", 0)
PUT, GET = Command(CLIENT, 1, Put("k", "a")), Command(CLIENT, 2, Get("k"))
MORE = Command(CLIENT, 3, Put("k", "b"))


def read(text: str) -> System:
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


@pytest.mark.parametrize("rules", ["reads: quorum", "reads: quorum, collection: f-plus-one"])
@pytest.mark.parametrize("network", ["at-most-once", "reliable", "fifo", "lossy", "lossy-duplicating"])
def test_both_engines_find_the_same(network: str, rules: str) -> None:
    text = (ONE if "coll" in rules or "dup" in network else GOOD).replace("at-most-once", network)
    system = read(text.replace("reads: quorum", rules))
    assert {p.id for p in system.properties} >= {"R1", "RD-1", "RD-2", "RD-3"}
    assert "response-integrity" not in {p.id for p in system.properties}
    wanted, found = reference.explore(system), native.explore(system, reductions=UNREDUCED)
    assert (found.states, found.generated, found.depth) == (wanted.states, wanted.generated, wanted.depth)
    assert found.violations == wanted.violations == native.explore(system).violations == []


def test_what_is_forgotten_counts_only_where_acceptors_say_so() -> None:
    text = GOOD.replace("reads: quorum", "reads: as-printed, collection: f-plus-one")
    for search in (reference.explore, native.explore):
        found = search(read(f"{text}properties: [RD-1, RD-3]\n"), Limits(max_states=20_000))
        assert {d.property: len(d.path) for d in found.violations} == {"RD-1": 16, "RD-3": 16}
    assert not reference.explore(read(GOOD.replace("quorum", "as-printed"))).violations


def test_servers_are_asked_and_what_their_clients_are_answered_is_judged() -> None:
    servers = GOOD.replace("acceptors: 1, leaders: 1, replicas: 2", "servers: 2")
    for rules, verdict in (("quorum", []), ("by-leader", []), ("local-replica", ["linearizable"])):
        system = read(servers.replace("quorum", rules))
        assert {str(m.name) for m in system.observers} == {"linearization 0"}
        assert {p.id for p in system.properties} >= {"R1", "linearizable"}
        assert {system.not_judged[claim] for claim in ("RD-1", "RD-2", "RD-3")} == {"history"}
        found = native.explore(system, Limits(max_states=20_000))
        assert [d.property for d in found.violations] == verdict
    # what shares a machine may be what nobody watches
    beside = read(GOOD.replace("acceptors: 1", "acceptors: 2") + "machines: [[acceptor 0, acceptor 1]]\n")
    assert {str(m.name) for m in beside.observers} == {"linearization 0", "history 0"}
    assert native.explore(beside).violations == []


def test_who_claims_nothing_of_reads_keeps_no_history() -> None:
    for claims, there in (("R1", False), ("R1, linearizable", False), ("RD-2", True)):
        members = {str(m.name) for m in read(f"{GOOD}properties: [{claims}]\n").members}
        assert ("history 0" in members) is there


def test_what_is_read_may_be_read_again_and_is_not_spoken_of_then() -> None:
    text = GOOD.replace("get k]", "get k, get k]").replace("clients: 1", "clients: 2")
    commands = read(text).setting.commands
    assert [(str(c), c.client.index, c.cid) for c in commands[1:]] == [("get k", 1, 1), ("get k", 0, 2)]
    said = "initial: {replica 0: {requests: [get k]}}\n"
    with pytest.raises(Faults, match="'get k' is listed more than once: which one is meant cannot be said"):
        read(text + said)
    for other in (text.replace("rules: {reads: quorum}\n", ""), text.replace("get k, get k", "put k A")):
        with pytest.raises(Faults, match="is listed twice; commands are told apart by their text"):
            read(other)


def test_a_leader_knows_by_its_promises_how_far_the_log_has_come() -> None:
    duel = GOOD.replace("leaders: 1", "leaders: 2").replace("replicas: 2", "replicas: 1")
    system = read(duel.replace("quorum", "by-leader"))
    wanted, found = reference.explore(system), native.explore(system, reductions=UNREDUCED)
    assert (found.states, found.generated, found.depth) == (wanted.states, wanted.generated, wanted.depth)
    assert found.violations == wanted.violations == native.explore(system).violations == []


def test_what_is_asked_and_answered_stands_in_inboxes_as_it_is_shown() -> None:
    system = read(
        f"{ONE}initial:\n"
        "  replica 0: {inbox: ['read(get k)', 'readReply(acceptor 0, get k, 1)']}\n"
        "  acceptor 0: {inbox: ['readQuery(replica 0, get k)']}\n"
    )
    by_leader = read(
        f"{ONE.replace('quorum', 'by-leader')}initial:\n"
        "  leader 0: {inbox: ['indexQuery(replica 0, get k)']}\n"
        "  acceptor 0: {inbox: ['indexClaim(0.0, replica 0, get k, 1)']}\n"
    )
    inboxes = {member.name: [*member.inbox] for member in system.members}
    get = system.setting.commands[1]
    assert inboxes[ME] == [
        (CLIENT, Read(get)),
        (Node("acceptor", 0), ReadReply(Node("acceptor", 0), get, 1)),
    ]
    assert inboxes[Node("acceptor", 0)] == [(ME, ReadQuery(ME, get))]
    asked = {member.name: [*member.inbox] for member in by_leader.members}
    assert asked[Node("leader", 0)] == [(ME, IndexQuery(ME, get))]
    assert asked[Node("acceptor", 0)] == [(Node("leader", 0), IndexClaim(Ballot(0, 0), ME, get, 1))]


def test_models_without_reads_keep_no_history() -> None:
    with_reads, without = (
        {str(m.name) for m in read(text).members} for text in (GOOD, GOOD.replace("rules", "#"))
    )
    assert with_reads - without == {"history 0"}


def step(node: Node, before: Any, after: Any, *sends: Any, to: Any = None, took: Any = None) -> Seen:
    answered = ((to, Response(GET.cid, ("a",))),) if to else ()
    return Seen(node, "any", before, took, after, (*((ME, message) for message in sends), *answered))


LEADER = Leader(Ballot(0, 0))
ASKING, READY = (Replica(reads=frozenset({Reading(GET, heard)})) for heard in (frozenset(), None))
EVALUATED = Evaluated(ME, Reading(GET, None), 1, frozenset(), ("a",))


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (step(Node("leader", 0), LEADER, LEADER, Decision(2, PUT), Decision(1, PUT)), Decided(2)),
        (step(Node("leader", 0), LEADER, LEADER), None),
        (step(CLIENT, Client((GET,)), Client((), GET)), [Invoked(GET)]),
        (step(CLIENT, Client((PUT,)), Client((), PUT)), []),
        (step(CLIENT, Client((), PUT), Client((), None, ((PUT, ("a",)),))), [Answered(PUT, ("a",))]),
        (step(CLIENT, Client((), GET), Client((), None, ((GET, ()),))), [Answered(GET)]),
        (
            step(CLIENT, Client((GET,), PUT), Client((), GET, ((PUT, ("a",)),))),
            [Answered(PUT, ("a",)), Invoked(GET)],
        ),
        (step(ME, Replica(), ASKING), Asked(ME, GET)),
        (step(ME, ASKING, READY), None),
        (step(ME, READY, Replica()), Evaluated(ME, Reading(GET, None), 1, frozenset())),
        (step(ME, READY, Replica(), to=CLIENT), EVALUATED),
        (step(ME, Replica(), Replica(), to=CLIENT, took=Read(GET)), EVALUATED),
        (step(ME, Replica(), Replica(), to=CLIENT, took=Envelope(CLIENT, Read(GET))), EVALUATED),
        (step(ME, Replica(), Replica(), took=Read(GET)), None),
        (step(ME, Replica(), Replica(slot_out=2)), None),
    ],
)
def test_the_history_is_told_of_what_matters(seen: Seen, told: Any) -> None:
    assert observe(seen) == told


def test_a_read_is_compared_with_what_there_was_when_it_was_asked_for() -> None:
    history, context = History(), Context(ME, read(GOOD).setting.deployment)
    other = Node("replica", 1)
    for event in (
        Answered(PUT),
        Invoked(GET),
        Decided(1),
        Asked(ME, GET),
        Decided(2),
        Asked(other, GET),
        Evaluated(ME, Reading(GET, None, 1), 3, frozenset({PUT})),
        Evaluated(other, Reading(GET, None, 1), 3, frozenset()),
    ):
        ((history, sends),) = RULES[type(event)](context, history, event)
        assert sends == ()
    assert history.evaluated == {
        Evaluation(ME, GET, 1, 3, 1, frozenset(), frozenset({PUT})),
        Evaluation(other, GET, 1, 3, 2, frozenset({PUT})),
    }
    assert history.decided == 2


def told(*events: Any) -> History:
    history, context = History(), Context(ME, read(GOOD).setting.deployment)
    for event in events:
        for step in RULES[type(event)](context, history, event):
            history = step.state
    return history


def test_a_read_is_compared_with_what_reads_before_it_have_seen() -> None:
    again, elsewhere = (Command(Node("client", 1), n, Get(k)) for n, k in enumerate(("k", "j"), start=1))
    saw = Evaluated(ME, Reading(GET, None), 1, frozenset({PUT, GET}), ("a",))
    # it asked before the other one was answered, or after that; what only one replica saw may be meant
    other = replace(saw, replica=Node("replica", 1), performed=frozenset({PUT, MORE}))
    for events, lost in (
        ((Invoked(again), saw, Answered(GET, ("a",))), frozenset()),
        ((saw, Answered(GET, ("a",)), Invoked(again)), frozenset({PUT})),
        ((saw, other, Answered(GET, ("a",)), Invoked(again)), frozenset({PUT})),
        ((saw, other, Answered(GET, ("b",)), Invoked(again)), frozenset()),
        ((saw, Invoked(again)), frozenset()),
    ):
        one = Evaluated(ME, Reading(again, None), 1, frozenset(), ())
        assert {e.lost for e in told(*events, one).evaluated if e.command == again} == {lost}
    one = Evaluated(ME, Reading(elsewhere, None), 1, frozenset(), ())
    history = told(saw, Answered(GET, ("a",)), Invoked(elsewhere), one)
    assert {e.lost for e in history.evaluated} == {frozenset()}


def test_what_counts_is_when_a_replica_asks_first() -> None:
    history, context = History(), Context(ME, read(GOOD).setting.deployment)
    for event in (Asked(ME, GET), Decided(1)):
        ((history, _),) = RULES[type(event)](context, history, event)
    assert RULES[Asked](context, history, Asked(ME, GET)) == ()
    # a read that comes twice is asked for twice, and an answer to the first question is one to the second
    twice = ONE.replace("clients: 1", "clients: 2").replace("at-most-once", "lossy-duplicating")
    found = reference.explore(read(twice))
    assert found.violations == []
    assert found.fired["replica.evaluate"] > 2


def test_what_a_configuration_decides_before_the_last_one_that_is_known_is_not_missed() -> None:
    # replica 1 has proposed for slot 3, which the new one decides, and not performed slot 2
    both = "slot_out: 2, decisions: {1: reconfigure 1}"
    text = f"""\
name: two
nodes: {{replicas: 2, clients: 2}}
configurations: [{{leaders: 1, acceptors: 1}}, {{leaders: 1, acceptors: 1}}]
commands: [reconfigure 1, put k A, get k]
bounds: {{slots: 3, rounds: 1, window: 2}}
network: at-most-once
rules: {{reads: quorum}}
properties: [RD-1, RD-3]
initial:
  acceptor 0: {{ballot: 0.0, accepted: [[0.0, 1, reconfigure 1]]}}
  leader 0: {{active: true, proposals: {{1: reconfigure 1}}}}
  replica 0: {{slot_in: 2, {both}, inbox: []}}
  replica 1: {{slot_in: 4, {both}, proposals: {{3: reconfigure 1}}, inbox: []}}
"""
    assert reference.explore(read(text)).violations == []


def test_what_is_shown_before_it_is_decided_is_not_missed_but_not_found_again_either() -> None:
    text = GOOD.replace("put k A, get k", "get k, put k A, get k").replace("clients: 1", "clients: 2")
    text = text.replace("acceptors: 1", "acceptors: 3").replace("replicas: 2", "replicas: 1")
    text += "symmetry: [acceptors]\n"
    rules = text.replace("quorum", "in-flight-accept-read")
    lengths = {"RD-1": [], "RD-2": [23], "linearizable": [24]}
    for claim, length in lengths.items():
        found = native.explore(read(f"{rules}properties: [{claim}]\n"), reductions=Reductions(fusion=False))
        assert [len(d.path) for d in found.violations] == length
        assert not native.explore(read(f"{text}properties: [{claim}]\n")).violations
