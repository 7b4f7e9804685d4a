"""Laws of garbage collection: what is collected depends on what was reported, and not on its order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmmc import collection
from pmmc.ballots import Ballot
from pmmc.collection import (
    CollectingAcceptor,
    CollectingLeader,
    P1b,
    all_of_configuration,
    collect_proposals,
    collect_pvalues,
    everybody,
    f_plus_one,
    on_report,
)
from pmmc.kv import Put
from pmmc.leader import Commander, Scout
from pmmc.messages import P1a, P2a, P2b, Propose
from pmmc.transfer import Collected, Report
from pmmc.values import Command, Configuration, Context, Deployment, Node, Proposal, PValue

ACCEPTORS = tuple(Node("acceptor", i) for i in range(5))
LEADER = Node("leader", 0)
REPLICAS = tuple(Node("replica", i) for i in range(4))
A, B = (Command(Node("client", i), 1, Put("k", name)) for i, name in enumerate("AB"))
LOW, MINE, HIGHER = Ballot(0, 0), Ballot(1, 0), Ballot(2, 1)
REPORTS = st.lists(st.builds(Report, st.sampled_from(REPLICAS), st.integers(1, 5)), max_size=8)


def context(acceptors: int = 3, replicas: int = 3, *named: Node, me: Node = ACCEPTORS[0]) -> Context:
    voters = ACCEPTORS[:acceptors]
    one = Configuration((LEADER,), voters, replicas=named)
    return Context(me, Deployment(voters, (LEADER,), REPLICAS[:replicas], configurations=(one,)))


def highest(reports, replicas) -> list[int]:
    return sorted(
        (max([1, *(r.slot_out for r in reports if r.replica == n)]) for n in replicas), reverse=True
    )


def learned(context: Context, keeper, reports, policy, collect):
    rule = on_report(policy, collect)
    for report in reports:
        for step in rule(context, keeper, report):
            assert step.sends == ()
            assert step.state.watermark >= keeper.watermark
            keeper = step.state
    return keeper


@given(REPORTS, st.integers(1, 5), st.integers(1, 4), st.data())
def test_the_watermark_is_what_enough_have_performed(reports, acceptors, replicas, data) -> None:
    at = context(acceptors, replicas)
    reports = [r for r in reports if r.replica in at.deployment.replicas]
    enough = (acceptors - 1) // 2 + 1
    for policy, least in ((f_plus_one, enough), (everybody, max(enough, replicas))):
        keeper = learned(at, CollectingAcceptor(), reports, policy, collect_pvalues)
        slots = highest(reports, at.deployment.replicas)
        assert keeper.watermark == (slots[least - 1] if least <= len(slots) else 1)
        assert all(r.slot_out > keeper.watermark for r in keeper.reports)
        again = data.draw(st.permutations(reports))
        assert learned(at, CollectingAcceptor(), again, policy, collect_pvalues) == keeper


@given(REPORTS)
def test_leaders_and_acceptors_come_to_the_same(reports) -> None:
    at = context(replicas=4)
    acceptor = learned(at, CollectingAcceptor(), reports, f_plus_one, collect_pvalues)
    leader = learned(at, CollectingLeader(MINE), reports, f_plus_one, collect_proposals)
    assert (leader.watermark, leader.reports) == (acceptor.watermark, acceptor.reports)


@given(REPORTS)
def test_who_names_its_replicas_waits_for_them_and_for_nobody_else(reports) -> None:
    named = context(1, 4, REPLICAS[0], REPLICAS[2])
    keeper = learned(named, CollectingAcceptor(), reports, all_of_configuration, collect_pvalues)
    assert keeper.watermark == min(highest(reports, (REPLICAS[0], REPLICAS[2])))
    nobody = context(1, 4)
    keeper = learned(nobody, CollectingAcceptor(), reports, all_of_configuration, collect_pvalues)
    assert keeper == learned(nobody, CollectingAcceptor(), reports, everybody, collect_pvalues)


PVALUES = frozenset(PValue(LOW, slot, A) for slot in (1, 2, 3))


def test_an_acceptor_forgets_what_is_below_and_tells_so() -> None:
    acceptor = collect_pvalues(CollectingAcceptor(LOW, PVALUES), 3)
    assert acceptor == CollectingAcceptor(LOW, frozenset({PValue(LOW, 3, A)}), 3)
    assert collect_pvalues(acceptor, 2) is acceptor
    ((state, ((to, promise),)),) = collection.on_p1a(context(), acceptor, P1a(LEADER, MINE))
    assert state == replace(acceptor, ballot=MINE)
    assert (to, promise) == (LEADER, P1b(ACCEPTORS[0], MINE, MINE, acceptor.accepted, 3))


def test_what_comes_late_is_answered_and_not_kept() -> None:
    acceptor = CollectingAcceptor(LOW, watermark=2)
    late, next_ = (P2a(LEADER, PValue(LOW, slot, A)) for slot in (1, 2))
    ((state, sends),) = collection.on_p2a(context(), acceptor, late)
    assert state == acceptor
    assert sends == ((LEADER, P2b(ACCEPTORS[0], LOW, 1, LOW)),)
    ((state, _),) = collection.on_p2a(context(), acceptor, next_)
    assert state.accepted == {next_.pvalue}


def test_a_leader_forgets_what_is_below() -> None:
    leader = CollectingLeader(
        MINE,
        proposals=frozenset({Proposal(1, A), Proposal(2, B)}),
        scout=Scout(pvalues=PVALUES),
        commanders=frozenset(map(Commander, PVALUES)),
    )
    left = collect_proposals(leader, 2)
    assert left.proposals == {Proposal(2, B)}
    assert left.scout is not None
    assert {p.slot for p in left.scout.pvalues} == {2, 3}
    assert {c.pvalue.slot for c in left.commanders} == {2, 3}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_leader_takes_the_highest_watermark_and_nothing_below(order: tuple[int, int]) -> None:
    at = context(me=LEADER)
    told = [
        P1b(ACCEPTORS[0], MINE, MINE, frozenset({PValue(LOW, 3, A)}), 3),
        P1b(ACCEPTORS[1], MINE, MINE, PVALUES),
    ]
    leader = CollectingLeader(MINE, proposals=frozenset({Proposal(1, B), Proposal(4, B)}))
    for i in order:
        ((leader, sends),) = collection.on_p1b(at, leader, told[i])
    assert leader.active
    assert leader.watermark == 3
    assert leader.proposals == {Proposal(3, A), Proposal(4, B)}
    assert {message.pvalue.slot for _, message in sends} == {3, 4}


def test_what_a_leader_ignores_collects_nothing() -> None:
    leader = CollectingLeader(MINE, active=True, scout=None)
    assert collection.on_p1b(context(me=LEADER), leader, P1b(ACCEPTORS[0], LOW, LOW, PVALUES, 3)) == ()
    scouting = CollectingLeader(MINE)
    refusal = P1b(ACCEPTORS[0], MINE, HIGHER, frozenset(), 2)
    ((preempted, _),) = collection.on_p1b(context(me=LEADER), scouting, refusal)
    assert preempted.watermark == 2


@pytest.mark.parametrize("active", [True, False])
def test_a_proposal_for_what_is_collected_is_answered(active: bool) -> None:
    at = context(me=LEADER)
    leader = CollectingLeader(MINE, active=active, scout=None if active else Scout(), watermark=3)
    ((state, sends),) = collection.on_propose(at, leader, Propose(2, B))
    assert state == leader
    assert sends == tuple((node, Collected(3)) for node in REPLICAS[:3])
    ((state, _),) = collection.on_propose(at, leader, Propose(3, B))
    assert state.proposals == {Proposal(3, B)}
