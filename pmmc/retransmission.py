"""Sending again what may have been lost (paper, section 3: fair links, messages sent until acknowledged).

Section 2 assumes that no message is lost, and sends each once. Where messages may be lost, one is enough
to keep a command from being decided for ever: a p1a or its answer, a p2a or its answer, a proposal, a
decision, a request or its answer. Each wake here sends again what has not been answered, to those who
have not answered; none of them changes what its node knows. The answer to a proposal that was sent again is
the decision, if the leader knows it.

The paper lets the intervals grow. Here a wake may take place at any time, which is what a model must stand:
where the network merges equal messages there are finitely many states all the same, elsewhere not.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pmmc import leader as proper
from pmmc.client import Client
from pmmc.election import Watcher, ping
from pmmc.leader import Leader
from pmmc.messages import P1a, P2a, Propose, Request
from pmmc.reads import Reader, asked_for
from pmmc.replica import Replica, governing
from pmmc.values import Context, PValue, Rule, Sends, Step, Wake, in_slot_order, slots_of, to_all


def resend_p1a(context: Context, leader: Leader) -> tuple[Step, ...]:
    """A scout that waits asks those again from whom it has not heard."""
    if leader.scout is None:
        return ()
    silent = [node for node in context.configuration.acceptors if node not in leader.scout.heard]
    return (Step(leader, to_all(silent, P1a(context.me, leader.ballot))),)


def resend_p2a(context: Context, leader: Leader) -> tuple[Step, ...]:
    """Every commander that waits asks those again from whom it has not heard."""
    sends: Sends = ()
    for commander in sorted(leader.commanders, key=lambda c: (c.pvalue.ballot, c.pvalue.slot)):
        silent = [node for node in context.configuration.acceptors if node not in commander.heard]
        sends += to_all(silent, P2a(context.me, commander.pvalue))
    return (Step(leader, sends),) if sends else ()


def resend_ping(context: Context, leader: Leader) -> tuple[Step, ...]:
    """A leader that watches another one pings it again."""
    if not isinstance(leader, Watcher) or leader.watching is None:
        return ()
    return (Step(leader, ping(context, leader.watching)),)


def resend_propose(context: Context, replica: Replica) -> tuple[Step, ...]:
    """A replica proposes what it has proposed again, each for the *same* slot, if it knows no decision.

    For another slot it would leave a hole, and might have a command decided twice.
    """
    decided = slots_of(replica.decisions)
    waiting = [p for p in in_slot_order(replica.proposals) if p.slot not in decided]
    sends = tuple(
        send
        for p in waiting
        for send in to_all(governing(context, replica, p.slot).leaders, Propose(p.slot, p.command))
    )
    return (Step(replica, sends),) if sends else ()


def resend_request(context: Context, client: Client) -> tuple[Step, ...]:
    """A client that waits for an answer asks all replicas again; for a read, as it has asked before."""
    if client.waiting is None:
        return ()
    request = Request(client.waiting)
    message = asked_for(request) if isinstance(client, Reader) else request
    return (Step(client, to_all(context.deployment.replicas, message)),)


def on_propose(context: Context, leader: Leader, message: Propose) -> tuple[Step, ...]:
    """As `pmmc.leader.on_propose`; but for a slot that is decided the answer is the decision."""
    known = decided(leader, message.slot)
    if known is None:
        return proper.on_propose(context, leader, message)
    return (Step(leader, proper.decide(context, known)),)


def decided(leader: Leader, slot: int) -> PValue | None:
    """What a leader knows to be decided for a slot, in its own ballot; None if it knows nothing.

    An active leader has a commander for every proposal until a quorum has accepted it. So of one that has
    none any more it knows the end, and need not note it. It forgets that when it is preempted: then
    another leader has it decided once more, as the same command (invariant C2). With the commanders of the
    paper's figure 6, which may give up while their leader is active, it would not be so.
    """
    if not leader.active or proper.commanders_for(leader, leader.ballot, slot):
        return None
    return next((PValue(leader.ballot, slot, p.command) for p in leader.proposals if p.slot == slot), None)


#: The leader's rule that answers proposals for decided slots.
ANSWERING: Mapping[type, Rule[Any]] = MappingProxyType({Propose: on_propose})
#: What is sent again, by who sends it and of what it is part.
PHASE_1: Mapping[str, Wake[Any]] = MappingProxyType({"resendP1a": resend_p1a})
PHASE_2: Mapping[str, Wake[Any]] = MappingProxyType({"resendP2a": resend_p2a})
PINGS: Mapping[str, Wake[Any]] = MappingProxyType({"resendPing": resend_ping})
PROPOSALS: Mapping[str, Wake[Any]] = MappingProxyType({"resendPropose": resend_propose})
REQUESTS: Mapping[str, Wake[Any]] = MappingProxyType({"resendRequest": resend_request})
