"""Reads that do not go through the log: what is asked, what is waited for, and what is answered."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.client import Client
from pmmc.collection import CollectingAcceptor, CollectingLeader
from pmmc.kv import Get, Put, Reconfigure
from pmmc.leader import Leader
from pmmc.messages import Decision, Propose, Request, Response
from pmmc.readindex import (
    REPLICA_RULES,
    REPLICA_WAKES,
    IndexClaim,
    IndexQuery,
    on_index_claim,
    on_index_query,
)
from pmmc.reads import (
    Read,
    Reader,
    ReadQuery,
    ReadReply,
    evaluate,
    fill_for_reads,
    invoke,
    last_slot,
    on_read,
    on_read_query,
    on_read_reply,
)
from pmmc.replica import RULES, Reading, Replica
from pmmc.retransmission import resend_request
from pmmc.values import Command, Configuration, Context, Deployment, Node, Proposal, PValue, filler

ME, CLIENT = Node("replica", 0), Node("client", 0)
ACCEPTORS = tuple(Node("acceptor", i) for i in range(4))
LEADERS = (Node("leader", 0), Node("leader", 1))
OLD = Configuration(LEADERS[:1], ACCEPTORS[:3])
NEW = Configuration(LEADERS[1:], ACCEPTORS[3:])
HERE = Context(ME, Deployment(ACCEPTORS, LEADERS, (ME,), (CLIENT,), 2, None, configurations=(OLD, NEW)))
PUT, GET = Command(CLIENT, 1, Put("k", "a")), Command(CLIENT, 2, Get("k"))


def test_a_client_asks_for_what_only_reads_as_such() -> None:
    ((_, put),) = invoke(HERE, Reader((PUT,)))
    ((waits, get),) = invoke(HERE, Reader((GET,)))
    assert (put, get) == (((ME, Request(PUT)),), ((ME, Read(GET)),))
    assert waits == Reader((), GET)
    assert invoke(HERE, waits) == ()


def test_a_client_asks_again_as_it_has_asked() -> None:
    for command, message in ((PUT, Request(PUT)), (GET, Read(GET))):
        ((waits, sends),) = invoke(HERE, Reader((command,)))
        assert resend_request(HERE, waits) == ((waits, sends),)
        assert sends == ((ME, message),)
    assert resend_request(HERE, Client((), GET)) == ((Client((), GET), ((ME, Request(GET)),)),)


CHANGED = frozenset({Proposal(1, Command(Node("client", 1), 1, Reconfigure(1)))})


@pytest.mark.parametrize(
    ("replica", "configuration", "slot"),
    [
        (Replica(), OLD, 0),
        # decided, and not performed yet
        (Replica(decisions=frozenset({Proposal(2, c.command) for c in CHANGED})), OLD, 0),
        # slots 1 and 2 are for the old one, wherever slot_in is
        (Replica(decisions=CHANGED, slot_in=2, slot_out=2), NEW, 2),
        (Replica(decisions=CHANGED, slot_in=4, slot_out=2, configuration=1), NEW, 2),
    ],
)
def test_the_acceptors_of_the_last_configuration_are_asked_once(
    replica: Replica, configuration: Configuration, slot: int
) -> None:
    ((asking, sends),) = on_read(HERE, replica, Read(GET))
    assert sends == tuple((acceptor, ReadQuery(ME, GET)) for acceptor in configuration.acceptors)
    assert asking.reads == {Reading(GET, slot=slot, since=slot and slot + 1)}
    assert on_read(HERE, asking, Read(GET)) == ()


PVALUES = st.frozensets(st.builds(PValue, st.just(Ballot(0, 0)), st.integers(1, 5), st.just(PUT)))


@given(PVALUES, st.integers(1, 6))
def test_an_acceptor_counts_what_it_has_collected(accepted: frozenset[PValue], watermark: int) -> None:
    whole = Acceptor(Ballot(0, 0), accepted)
    collected = CollectingAcceptor(
        Ballot(0, 0), frozenset(p for p in accepted if p.slot >= watermark), watermark
    )
    highest = max((p.slot for p in accepted), default=0)
    assert last_slot(whole) == highest
    # all slots below the watermark are decided, so something was accepted in each
    assert last_slot(collected) == max(highest, watermark - 1)
    me = replace(HERE, me=ACCEPTORS[0])
    ((after, sends),) = on_read_query(me, collected, ReadQuery(ME, GET))
    assert (after, sends) == (collected, ((ME, ReadReply(ACCEPTORS[0], GET, last_slot(collected))),))


ANSWERS = st.lists(st.tuples(st.sampled_from(OLD.acceptors), st.integers(0, 3)), max_size=8)


@given(ANSWERS)
def test_the_highest_of_a_quorum_counts_and_nothing_after_that(answers: list[tuple[Node, int]]) -> None:
    replica = Replica(reads=frozenset({Reading(GET)}))
    heard: dict[Node, int] = {}
    for acceptor, slot in answers:
        if len(heard) < 2:
            heard.setdefault(acceptor, slot)
        for step in on_read_reply(HERE, replica, ReadReply(acceptor, GET, slot)):
            assert step.sends == ()
            replica = step.state
    (reading,) = replica.reads
    assert reading.slot == max(heard.values(), default=0)
    assert reading.heard == (None if len(heard) == 2 else frozenset(heard))
    assert on_read_reply(HERE, Replica(), ReadReply(ACCEPTORS[0], GET, 1)) == ()


def test_it_is_evaluated_when_slot_out_is_above_that_and_not_before() -> None:
    waiting = Replica(reads=frozenset({Reading(GET, None, 1)}))
    assert evaluate(HERE, waiting) == ()
    (told,) = RULES[Decision](HERE, waiting, Decision(1, PUT))
    ((done, sends),) = evaluate(HERE, told.state)
    assert (done.reads, sends) == (frozenset(), ((CLIENT, Response(2, ("a",))),))
    assert (done.performed, done.slot_out) == ((PUT,), 2)
    # not as long as too few acceptors have answered
    asking = replace(told.state, reads=frozenset({Reading(GET, frozenset({ACCEPTORS[0]}), 0)}))
    assert evaluate(HERE, asking) == ()


def test_slots_that_nobody_fills_are_filled_and_only_those() -> None:
    waiting = Replica(reads=frozenset({Reading(GET, None, 3)}))
    ((filled, sends),) = fill_for_reads(HERE, waiting)
    # the window is open for two slots
    assert [message for _, message in sends] == [Propose(1, filler(1)), Propose(2, filler(2))]
    assert filled.proposals == {Proposal(1, filler(1)), Proposal(2, filler(2))}
    assert (filled.requests, filled.slot_in) == ((), 3)
    assert fill_for_reads(HERE, filled) == ()
    (told,) = RULES[Decision](HERE, filled, Decision(1, PUT))
    ((_, more),) = fill_for_reads(HERE, told.state)
    assert [message for _, message in more] == [Propose(3, filler(3))]
    assert fill_for_reads(HERE, replace(waiting, requests=(PUT,))) == ()
    assert fill_for_reads(HERE, Replica(reads=frozenset({Reading(GET, frozenset(), 3)}))) == ()


def test_those_who_were_asked_are_enough_by_their_own_configuration() -> None:
    # slot_in has come to the other configuration meanwhile, of one acceptor
    asked = Replica(configuration=1, reads=frozenset({Reading(GET)}))
    ((one, _),) = on_read_reply(HERE, asked, ReadReply(ACCEPTORS[0], GET, 1))
    assert one.reads == {Reading(GET, frozenset({ACCEPTORS[0]}), 1)}
    ((two, _),) = on_read_reply(HERE, one, ReadReply(ACCEPTORS[2], GET, 0))
    assert two.reads == {Reading(GET, None, 1)}


def test_a_replica_that_comes_to_another_configuration_asks_again() -> None:
    for heard in (frozenset({ACCEPTORS[0]}), None):
        crossed = Replica(
            slot_in=2, slot_out=2, decisions=CHANGED, reads=frozenset({Reading(GET, heard, 1)})
        )
        ((again, sends),) = evaluate(HERE, crossed)
        assert sends == ((ACCEPTORS[3], ReadQuery(ME, GET)),)
        assert again.reads == {Reading(GET, slot=2, since=3)}
        assert evaluate(HERE, again) == ()
        # what those of before say is no answer to that
        assert on_read_reply(HERE, again, ReadReply(ACCEPTORS[0], GET, 1)) == ()
        ((told, _),) = on_read_reply(HERE, again, ReadReply(ACCEPTORS[3], GET, 0))
        assert told.reads == {Reading(GET, None, 2, 3)}
        assert evaluate(HERE, told) == ()
        ((done, _),) = evaluate(HERE, replace(told, slot_out=3))
        assert done.reads == frozenset()


def test_reads_are_taken_by_client_and_number() -> None:
    reads = [Reading(Command(Node("client", c), n, Get("k")), None) for c in (0, 1) for n in (1, 2)]
    steps = evaluate(HERE, Replica(reads=frozenset(reads)))
    assert [step.state.reads for step in steps] == [frozenset(reads) - {one} for one in reads]


def test_a_leader_claims_what_it_has_proposed_when_it_is_active() -> None:
    there, query = replace(HERE, me=LEADERS[0]), IndexQuery(ME, GET)
    waits = Leader(Ballot(0, 0), proposals=frozenset({Proposal(2, PUT)}))
    assert on_index_query(there, waits, query) == ()
    for leader, slot in (
        (Leader(Ballot(0, 0), active=True, scout=None), 0),
        (replace(waits, active=True, scout=None), 2),
        (CollectingLeader(Ballot(0, 0), active=True, scout=None, watermark=4), 3),
    ):
        ((after, sends),) = on_index_query(there, leader, query)
        assert after == leader
        assert sends == tuple((a, IndexClaim(Ballot(0, 0), ME, GET, slot)) for a in OLD.acceptors)


def test_an_acceptor_tells_the_replica_if_it_has_that_ballot() -> None:
    there = replace(HERE, me=ACCEPTORS[0])
    for ballot, sends in (
        (Ballot(0, 0), ()),
        (Ballot(1, 0), ((ME, ReadReply(ACCEPTORS[0], GET, 2)),)),
        (Ballot(1, 1), ()),
    ):
        steps = on_index_claim(there, Acceptor(ballot), IndexClaim(Ballot(1, 0), ME, GET, 2))
        assert steps == (((Acceptor(ballot), sends),) if sends else ())


def test_who_asks_leaders_asks_those_of_the_new_configuration_when_it_comes_to_it() -> None:
    on_read_by_leader, evaluate_by_leader = REPLICA_RULES[Read], REPLICA_WAKES["evaluate"]
    ((asking, sends),) = on_read_by_leader(HERE, Replica(), Read(GET))
    assert sends == ((LEADERS[0], IndexQuery(ME, GET)),)
    crossed = replace(asking, decisions=CHANGED, slot_in=2, slot_out=2)
    ((again, sends),) = evaluate_by_leader(HERE, crossed)
    assert sends == ((LEADERS[1], IndexQuery(ME, GET)),)
    assert again.reads == {Reading(GET, slot=2, since=3)}
