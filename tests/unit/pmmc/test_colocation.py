"""Proposals to a server's own leader, and what a leader hands on to the one that it watches."""

from functools import partial

import pytest

from checker import verify
from checker.model.verdict import Verdict
from checker.modelfiles.loading import load_text
from pmmc import colocation
from pmmc.ballots import Ballot
from pmmc.election import Watcher
from pmmc.kv import Put
from pmmc.leader import Scout
from pmmc.messages import Decision, P1b, Ping, Propose, Request
from pmmc.replica import Replica
from pmmc.values import Command, Context, Deployment, Node, Proposal
from spec import roles
from spec.protocol import PMMC
from spec.system import build

LEADERS, ACCEPTORS, REPLICAS = (
    tuple(Node(role, i) for i in range(2)) for role in ("leader", "acceptor", "replica")
)
DEPLOYMENT = Deployment(ACCEPTORS, LEADERS, REPLICAS)
A, B = (Command(Node("client", i), 1, Put("k", name)) for i, name in enumerate("AB"))
FIRST = Context(LEADERS[0], DEPLOYMENT)


def test_a_replica_proposes_to_its_own_leader_alone() -> None:
    ((_, sends),) = colocation.REPLICA_RULES[Request](
        Context(REPLICAS[1], DEPLOYMENT), Replica(), Request(A)
    )
    assert sends == ((LEADERS[1], Propose(1, A)),)


def test_what_else_a_replica_does_is_as_ever() -> None:
    known = Replica(requests=(B,), slot_in=3)
    ((after, sends),) = colocation.REPLICA_RULES[Decision](
        Context(REPLICAS[0], DEPLOYMENT), known, Decision(1, A)
    )
    assert after.slot_out == 2
    assert after.decisions == {Proposal(1, A)}
    assert [to for to, message in sends if isinstance(message, Propose)] == [LEADERS[0]]


def test_who_watches_hands_on_what_it_is_asked_for() -> None:
    watching = Watcher(Ballot(1, 0), scout=None, watching=LEADERS[1], proposals=frozenset({Proposal(1, A)}))
    ((after, sends),) = colocation.LEADER_RULES[Propose](FIRST, watching, Propose(2, B))
    assert sends == ((LEADERS[1], Propose(2, B)),)
    assert after.proposals == {Proposal(1, A), Proposal(2, B)}
    assert colocation.LEADER_RULES[Propose](FIRST, after, Propose(2, A)) == ()


def test_who_is_preempted_hands_on_all_that_it_has() -> None:
    scouting = Watcher(Ballot(0, 0), scout=Scout(), proposals=frozenset({Proposal(2, B), Proposal(1, A)}))
    refused = P1b(ACCEPTORS[1], Ballot(0, 0), Ballot(0, 1), frozenset())
    ((after, sends),) = colocation.LEADER_RULES[P1b](FIRST, scouting, refused)
    assert after.watching == LEADERS[1]
    assert sends == tuple((LEADERS[1], m) for m in (Ping(LEADERS[0]), Propose(1, A), Propose(2, B)))


def test_who_runs_hands_on_nothing() -> None:
    scouting = Watcher(Ballot(0, 0), scout=Scout())
    ((_, sends),) = colocation.LEADER_RULES[Propose](FIRST, scouting, Propose(1, A))
    assert sends == ()


@pytest.mark.parametrize("hands_on", [True, False])
def test_a_proposal_that_nobody_hands_on_may_be_lost(hands_on: bool) -> None:
    """A request reaches server 0 alone, and its leader waits for the other one for ever."""
    text = (PMMC.models / "servers-own-leader.yaml").read_text(encoding="utf-8").partition("expect:")[0]
    played = roles.ALL
    if not hands_on:
        text = text.replace("by-ping-own-leader", "by-ping")
        own = roles.REPLICA.with_rules(colocation.REPLICA_RULES)
        played = tuple(own if role is roles.REPLICA else role for role in roles.ALL)
    protocol = PMMC.__class__(
        "pmmc", "", PMMC.schema, partial(build, played_by=played), PMMC.properties, variants=PMMC.variants
    )
    found = verify(load_text(text, "m.yaml", protocols={"pmmc": protocol}).system)
    assert found.verdict is (Verdict.VERIFIED if hands_on else Verdict.VIOLATED)
    assert [p.id for p in found.judged.properties if p.verdict is Verdict.VIOLATED] == (
        [] if hands_on else ["slot-decided", "eventually all-performed"]
    )
