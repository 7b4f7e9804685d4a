"""What is sent again, to whom, and what a leader answers that knows the decision."""

from dataclasses import replace

from pmmc import leader as proper
from pmmc.ballots import Ballot
from pmmc.client import Client
from pmmc.election import watcher
from pmmc.kv import Put
from pmmc.leader import Leader, Scout
from pmmc.messages import Decision, P1a, P2a, P2b, Ping, Propose, Request
from pmmc.replica import Replica
from pmmc.retransmission import (
    decided,
    on_propose,
    resend_p1a,
    resend_p2a,
    resend_ping,
    resend_propose,
    resend_request,
)
from pmmc.values import Command, Context, Deployment, Node, Proposal, PValue, Step, to_all

ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
LEADERS = tuple(Node("leader", i) for i in range(2))
REPLICAS = tuple(Node("replica", i) for i in range(2))
DEPLOYMENT = Deployment(ACCEPTORS, LEADERS, REPLICAS)
CONTEXT = Context(LEADERS[0], DEPLOYMENT)
A, B = (Command(Node("client", i), 1, Put("k", name)) for i, name in enumerate("AB"))
MINE, HIGHER = Ballot(0, 0), Ballot(0, 1)
SCOUTING = Leader(MINE)
PROPOSALS = frozenset({Proposal(1, A), Proposal(2, B)})
ACTIVE = proper.begin(CONTEXT, SCOUTING, PROPOSALS).state


def accepted(leader: Leader, slot: int, *acceptors: int) -> Leader:
    for i in acceptors:
        (step,) = proper.on_p2b(CONTEXT, leader, P2b(ACCEPTORS[i], MINE, slot, MINE))
        leader = step.state
    return leader


def test_a_scout_asks_those_again_that_have_not_answered() -> None:
    heard = replace(SCOUTING, scout=Scout(frozenset({ACCEPTORS[1]})))
    silent = (ACCEPTORS[0], ACCEPTORS[2])
    assert resend_p1a(CONTEXT, heard) == (Step(heard, to_all(silent, P1a(LEADERS[0], MINE))),)
    assert resend_p1a(CONTEXT, ACTIVE) == ()


def test_commanders_ask_those_again_that_have_not_answered() -> None:
    waiting = accepted(ACTIVE, 1, 2)
    first, second = (P2a(LEADERS[0], PValue(MINE, s, c)) for s, c in ((1, A), (2, B)))
    ((state, sends),) = resend_p2a(CONTEXT, waiting)
    assert state == waiting
    assert sends == (*to_all(ACCEPTORS[:2], first), *to_all(ACCEPTORS, second))
    assert resend_p2a(CONTEXT, SCOUTING) == ()


def test_who_watches_pings_again() -> None:
    watching = replace(watcher(SCOUTING), watching=LEADERS[1])
    assert resend_ping(CONTEXT, watching) == (Step(watching, ((LEADERS[1], Ping(LEADERS[0])),)),)
    assert resend_ping(CONTEXT, watcher(SCOUTING)) == ()


def test_a_replica_proposes_the_same_again_for_the_same_slots_unless_they_are_decided() -> None:
    replica = Replica(slot_in=3, proposals=PROPOSALS, decisions=frozenset({Proposal(2, A)}))
    assert resend_propose(CONTEXT, replica) == (Step(replica, to_all(LEADERS, Propose(1, A))),)
    assert resend_propose(CONTEXT, replace(replica, decisions=PROPOSALS)) == ()


def test_a_client_that_waits_asks_again() -> None:
    waiting = Client(waiting=A)
    assert resend_request(CONTEXT, waiting) == (Step(waiting, to_all(REPLICAS, Request(A))),)
    assert resend_request(CONTEXT, Client(todo=(A,))) == ()


def test_a_decided_slot_is_answered_with_the_decision_whoever_proposes_what() -> None:
    done = accepted(ACTIVE, 1, 0, 2)
    assert decided(done, 1) == PValue(MINE, 1, A)
    assert on_propose(CONTEXT, done, Propose(1, B)) == (Step(done, to_all(REPLICAS, Decision(1, A))),)


def test_of_a_slot_that_is_not_decided_it_answers_nothing() -> None:
    for leader, slot in ((ACTIVE, 1), (accepted(ACTIVE, 1, 0), 1), (accepted(ACTIVE, 1, 0, 2), 2)):
        assert decided(leader, slot) is None
        assert on_propose(CONTEXT, leader, Propose(slot, B)) == ()
    new = Propose(3, B)
    assert on_propose(CONTEXT, ACTIVE, new) == proper.on_propose(CONTEXT, ACTIVE, new)


def test_a_leader_that_was_preempted_knows_of_no_decision() -> None:
    done = accepted(ACTIVE, 1, 0, 2)
    passive = proper.preempted(CONTEXT, done, HIGHER).state
    assert decided(passive, 1) is None
    (ended,) = proper.on_p2b(CONTEXT, ACTIVE, P2b(ACCEPTORS[0], MINE, 1, HIGHER))
    assert decided(ended.state, 1) is None
