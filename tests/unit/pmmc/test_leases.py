"""Leases: who grants them and for how long, who holds one, and who answers."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.kv import Get, Put
from pmmc.leases import (
    ACCEPTOR_RULES,
    REPLICA_RULES,
    REPLICA_WAKES,
    Grant,
    Lease,
    LeaseGrant,
    LeaseRequest,
    LeasingReplica,
    SlotQuery,
    SlotReply,
    Tick,
    granting_acceptor,
    leasing_replica,
)
from pmmc.messages import Decision, Propose, Response
from pmmc.reads import Read
from pmmc.replica import Reading, Replica
from pmmc.values import Command, Context, Deployment, LeaseTerms, Node, Proposal, PValue, filler

ME, OTHER, CLIENT = Node("replica", 0), Node("replica", 1), Node("client", 0)
ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
LEADER = Node("leader", 0)
TERMS = LeaseTerms(5, allowed=1, asks=2)
DEPLOYMENT = Deployment(ACCEPTORS, (LEADER,), (ME, OTHER), (CLIENT,), leases=TERMS)
HERE, THERE = Context(ME, DEPLOYMENT), Context(ACCEPTORS[0], DEPLOYMENT)
PUT, GET = Command(CLIENT, 1, Put("k", "a")), Command(CLIENT, 2, Get("k"))
NEW, FRESH = leasing_replica(Replica()), granting_acceptor(Acceptor())
ANSWER = (CLIENT, Response(1, ("a",)))
HELD = replace(NEW, asked=1, lease=Lease(1, 2, None, frozenset()))
READY = replace(NEW, asked=1, lease=Lease(1, 2, None, None, 0))


def takes(state: Any, message: Any, context: Context = HERE) -> tuple[Any, ...]:
    rules = REPLICA_RULES if isinstance(state, LeasingReplica) else ACCEPTOR_RULES
    return tuple(tuple(step) for step in rules[type(message)](context, state, message))


def taken(state: Any, *messages: Any, context: Context = HERE) -> Any:
    for message in messages:
        ((state, _),) = takes(state, message, context)
    return state


def wakes(state: Any, name: str) -> tuple[Any, ...]:
    return tuple(tuple(step) for step in REPLICA_WAKES[name](HERE, state))


def test_a_lease_is_held_for_less_than_it_is_granted_by_twice_the_drift() -> None:
    assert TERMS.held == 3
    ((asking, sends),) = wakes(NEW, "askForLease")
    assert (asking.asked, asking.lease) == (1, Lease(1, 3))
    assert sends == tuple((a, LeaseRequest(ME, 1)) for a in ACCEPTORS)
    ((granted, reply),) = takes(FRESH, LeaseRequest(ME, 1), THERE)
    assert granted.grants == {Grant(ME, 5)}
    assert reply == ((ME, LeaseGrant(ACCEPTORS[0], 1, 0)),)


def test_the_time_counts_from_when_a_replica_asks() -> None:
    ((asking, _),) = wakes(NEW, "askForLease")
    late = taken(asking, Tick(), LeaseGrant(ACCEPTORS[2], 1, 0), Tick(), LeaseGrant(ACCEPTORS[0], 1, 0))
    assert late.holds
    assert late.lease.left == 1
    over = taken(late, Tick())
    assert over.lease is None
    assert not over.holds
    assert takes(over, Tick()) == ()


def test_a_majority_is_needed_of_those_that_are_asked_now() -> None:
    ((asking, _),) = wakes(NEW, "askForLease")
    one = taken(asking, LeaseGrant(ACCEPTORS[1], 1, 0))
    assert not one.holds
    assert takes(one, LeaseGrant(ACCEPTORS[1], 1, 0)) == ()
    ((again, _),) = wakes(taken(one, Tick(), Tick(), Tick()), "askForLease")
    assert again.lease == Lease(2, 3)
    assert takes(again, LeaseGrant(ACCEPTORS[0], 1, 0)) == ()  # an answer to what it asked before
    assert wakes(again, "askForLease") == ()
    assert wakes(taken(again, Tick(), Tick(), Tick()), "askForLease") == ()  # it may ask twice


def test_an_acceptor_grants_one_lease_at_a_time() -> None:
    granted = taken(FRESH, LeaseRequest(ME, 1), Tick(), context=THERE)
    assert granted.grants == {Grant(ME, 4)}
    assert takes(granted, LeaseRequest(OTHER, 1), THERE) == ()
    assert taken(granted, LeaseRequest(ME, 2), context=THERE).grants == {Grant(ME, 5)}
    over = taken(granted, *[Tick()] * 4, context=THERE)
    assert over.grants == frozenset()
    assert taken(over, LeaseRequest(OTHER, 1), context=THERE).grants == {Grant(OTHER, 5)}


def test_who_holds_a_lease_asks_for_slots_and_answers_what_is_owed() -> None:
    asking = replace(NEW, asked=1, lease=Lease(1, 3, frozenset({ACCEPTORS[0]})), owed=(ANSWER,))
    ((held, sends),) = takes(asking, LeaseGrant(ACCEPTORS[1], 1, 7))
    assert sends == (ANSWER, *((a, SlotQuery(ME, 1)) for a in ACCEPTORS))
    assert (held.owed, held.lease) == ((), Lease(1, 3, None))
    assert takes(held, SlotReply(ACCEPTORS[0], 2, 4)) == ()
    told = taken(held, SlotReply(ACCEPTORS[0], 1, 4))
    assert takes(told, SlotReply(ACCEPTORS[0], 1, 4)) == ()
    enough = taken(told, SlotReply(ACCEPTORS[2], 1, 1))
    assert enough.lease == Lease(1, 3, None, None, 4)
    assert takes(enough, SlotReply(ACCEPTORS[1], 1, 9)) == ()
    accepted = replace(FRESH, accepted=frozenset({PValue(Ballot(0, 0), 3, PUT)}))
    ((_, reply),) = takes(accepted, SlotQuery(ME, 1), THERE)
    assert reply == ((ME, SlotReply(ACCEPTORS[0], 1, 3)),)


def test_only_who_holds_a_lease_answers() -> None:
    proposed = {"slot_in": 2, "proposals": frozenset({Proposal(1, PUT)})}
    ((without, nothing),) = takes(replace(NEW, **proposed), Decision(1, PUT))
    assert (without.owed, nothing, without.slot_out) == ((ANSWER,), (), 2)
    ((holding, answer),) = takes(replace(HELD, **proposed), Decision(1, PUT))
    assert (holding.owed, answer, holding.slot_out) == ((), (ANSWER,), 2)
    # what is no answer is sent at once
    ((_, again),) = takes(replace(NEW, **proposed, requests=(GET,)), Decision(1, GET))
    assert again == ((LEADER, Propose(2, GET)), (LEADER, Propose(3, PUT)))


def test_a_read_waits_for_the_lease_the_slots_and_the_log() -> None:
    ((asked, nothing),) = takes(NEW, Read(GET))
    assert (asked.reads, nothing) == ({Reading(GET, heard=None)}, ())
    assert takes(asked, Read(GET)) == ()
    reads = {"reads": asked.reads}
    assert wakes(asked, "evaluate") == wakes(replace(HELD, **reads), "evaluate") == ()
    behind = replace(READY, lease=replace(READY.lease, slot=1), **reads)
    assert wakes(behind, "evaluate") == ()
    ((done, answer),) = wakes(replace(behind, slot_out=2, store=frozenset({("k", ("a",))})), "evaluate")
    assert (done.reads, answer) == (frozenset(), ((CLIENT, Response(2, ("a",))),))


def test_no_ops_fill_what_a_read_waits_for() -> None:
    reads = frozenset({Reading(GET, heard=None)})
    behind = replace(READY, lease=replace(READY.lease, slot=1), reads=reads)
    ((_, proposed),) = wakes(behind, "fillForReads")
    assert proposed == ((LEADER, Propose(1, filler(1))),)
    for other in (
        replace(behind, reads=frozenset()),
        replace(READY, reads=reads),
        replace(HELD, reads=reads),
    ):
        assert wakes(other, "fillForReads") == ()


@pytest.mark.parametrize(
    ("replica", "needs"),
    [
        (replace(NEW, asked=2, owed=(ANSWER,)), True),
        (replace(NEW, asked=2, reads=frozenset({Reading(GET, heard=None)})), True),
        (replace(NEW, asked=2), False),
        (replace(NEW, asked=1, owed=(ANSWER,)), False),
        (replace(HELD, asked=2, owed=(ANSWER,)), False),
    ],
)
def test_who_needs_to_ask_once_more(replica: LeasingReplica, needs: bool) -> None:
    assert replica.needs(TERMS) is needs


def test_terms_must_be_agreed_on() -> None:
    without = Context(ME, replace(DEPLOYMENT, leases=None))
    with pytest.raises(ValueError, match="a deployment without terms of them"):
        REPLICA_WAKES["askForLease"](without, NEW)


@given(st.integers(0, 3), st.integers(1, 4), st.data())
def test_who_holds_a_lease_has_one_that_is_granted(drift: int, held: int, data: Any) -> None:
    """Whatever two clocks do that are never further apart than the drift, and whenever the reply comes."""
    terms = LeaseTerms(held + 2 * drift, drift)
    here = Context(ME, Deployment(ACCEPTORS[:1], (LEADER,), (ME,), leases=terms))
    ahead = data.draw(st.integers(-drift, drift))  # how far the replica's clock is ahead of the acceptor's
    replica: Any = NEW
    acceptor: Any = FRESH
    reply = asked = False
    for _ in range(data.draw(st.integers(0, 30))):
        match data.draw(st.sampled_from(("replica", "acceptor", "both", "ask", "grant", "hold"))):
            case "ask" if not asked:
                ((replica, _),) = REPLICA_WAKES["askForLease"](here, replica)
                asked = True
            case "grant" if asked and not reply:
                ((acceptor, _),) = takes(acceptor, LeaseRequest(ME, 1), here)
                reply = True
            case "hold" if reply:
                for step in takes(replica, LeaseGrant(ACCEPTORS[0], 1, 0), here):
                    replica = step[0]
            case "replica" | "acceptor" | "both" as who:
                moved = ahead + (who != "acceptor") - (who != "replica")
                if abs(moved) <= drift:
                    ahead = moved
                    if who != "acceptor":
                        replica = next((s for s, _ in takes(replica, Tick(), here)), replica)
                    if who != "replica":
                        acceptor = taken(acceptor, Tick(), context=here)
        assert acceptor.grants or not replica.holds
