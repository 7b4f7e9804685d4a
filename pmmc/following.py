"""Leaders and acceptors for a run without end: they watch by heartbeat, collect garbage, and answer again.

Here meet three extensions that replace the same rules: election by ping (`pmmc.election`), garbage
collection (`pmmc.collection`), and answers to proposals that are decided (`pmmc.retransmission`).

A leader that follows another one does not answer a pong with the next ping, as in `pmmc.election`, which
would keep both busy all the time: it pings from time to time (`pmmc.retransmission.resend_ping`), and runs
for office when it has heard nothing for long enough (`pmmc.election.suspect`). A pong tells who keeps the
time that the other one is there; the leader need not note it.

An acceptor keeps of each slot the pvalue that it accepted last (section 4.1), from its watermark on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import acceptor as voting
from pmmc import collection, election, retransmission
from pmmc.collection import CollectingAcceptor, P1b, Policy
from pmmc.election import Watcher
from pmmc.leader import Leader
from pmmc.messages import P2a, P2b, Ping, Pong, Propose
from pmmc.transfer import Report
from pmmc.values import Context, Rule, Step, with_more


@dataclass(frozen=True, slots=True)
class Follower(Watcher):
    """A leader that may watch another one, and collects as a `pmmc.collection.CollectingLeader` does."""

    watermark: int = 1
    reports: frozenset[Report] = frozenset()


def follower(leader: Leader) -> Follower:
    """The same leader, watching nobody, having collected nothing."""
    return with_more(Follower, leader)


def on_propose(context: Context, leader: Any, message: Propose) -> tuple[Step, ...]:
    """As `pmmc.collection.on_propose`; for a slot that is decided the answer is the decision."""
    if message.slot < leader.watermark:
        return collection.on_propose(context, leader, message)
    return retransmission.on_propose(context, leader, message)


def on_p1b(context: Context, leader: Any, message: P1b) -> tuple[Step, ...]:
    """As `pmmc.collection.on_p1b`; but a higher ballot makes the leader watch its owner."""
    return election.patient(context, message.current, collection.on_p1b(context, leader, message))


def on_pong(context: Context, leader: Watcher, message: Pong) -> tuple[Step, ...]:
    """It is there; the next ping will take its time."""
    return (Step(replace(leader, pinged=leader.pinged - {message.leader})),)


def on_p2a(context: Context, acceptor: CollectingAcceptor, message: P2a) -> tuple[Step, ...]:
    """As `pmmc.collection.on_p2a`; of each slot only the pvalue that was accepted last is kept."""
    pvalue = message.pvalue
    if pvalue.slot >= acceptor.watermark and pvalue.ballot == acceptor.ballot:
        others = frozenset(p for p in acceptor.accepted if p.slot != pvalue.slot)
        acceptor = replace(acceptor, accepted=others | {pvalue})
    return voting.answer_p2a(context, acceptor, message)


def leader_rules(policy: Policy) -> Mapping[type, Rule[Any]]:
    """The rules of leaders that follow, and collect by a policy."""
    return MappingProxyType(
        {
            **collection.leader_rules(policy),
            Propose: on_propose,
            P1b: on_p1b,
            P2b: election.on_p2b,
            Ping: election.on_ping,
            Pong: on_pong,
        }
    )


def acceptor_rules(policy: Policy) -> Mapping[type, Rule[Any]]:
    """The rules of acceptors that keep one pvalue a slot, and collect by a policy."""
    return MappingProxyType({**collection.acceptor_rules(policy), P2a: on_p2a})
