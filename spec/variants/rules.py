"""Variants: what may be other than the protocol's own, chosen in a model file by `rules: {part: name}`.

Each is a reading of the paper that is worth a model of its own. The rules in `pmmc` know nothing of them.
"""

from collections.abc import Iterator
from dataclasses import replace

from checker.modelfiles.protocol import Variant
from pmmc import leader, replica
from pmmc.leader import Leader
from pmmc.messages import Decision, P2b, Request
from pmmc.replica import Replica
from pmmc.values import Context, Proposal, Sends, Step, slots_of
from spec.variants.acceptors import ACCEPTOR_VARIANTS
from spec.variants.authors import AUTHORS_VARIANTS
from spec.variants.ballots import BALLOT_VARIANTS
from spec.variants.clients import CLIENT_VARIANTS
from spec.variants.collection import COLLECTION_VARIANTS
from spec.variants.elections import ELECTION_VARIANTS
from spec.variants.leases import LEASE_VARIANTS
from spec.variants.longrun import LONG_RUN_VARIANTS
from spec.variants.noops import NO_OP_VARIANTS
from spec.variants.reads import READ_VARIANTS
from spec.variants.reconfigurations import RECONFIGURATION_VARIANTS
from spec.variants.replicas import FORGETFUL
from spec.variants.retransmissions import RETRANSMISSION_VARIANTS


def on_p2b_as_printed(context: Context, state: Leader, message: P2b) -> tuple[Step, ...]:
    """As `pmmc.leader.on_p2b`, but any other ballot than its own, a lower one too, ends the commander.

    An acceptor that gets p2a before p1a answers with its lower ballot. The commander reports that as
    a preemption and is gone; its leader, whose ballot is not exceeded, does nothing about it.
    """
    if message.current == message.ballot:
        return leader.on_p2b(context, state, message)
    commanders = leader.commanders_for(state, message.ballot, message.slot)
    return tuple(leader.preempted(context, leader.without(state, c), message.current) for c in commanders)


def on_request_any(context: Context, state: Replica, message: Request) -> tuple[Step, ...]:
    """As `pmmc.replica.on_request`, with the paper's free choice of what to propose."""
    if replica.holds(state, message.command):
        return ()
    asked = replace(state, requests=(*state.requests, message.command))
    return _distinct(propose_any(context, asked))


def on_decision_any(context: Context, state: Replica, message: Decision) -> tuple[Step, ...]:
    """As `pmmc.replica.on_decision`, with the paper's free choice of what to propose."""
    decision = Proposal(message.slot, message.command)
    if decision in state.decisions:
        return ()
    informed = replace(state, decisions=state.decisions | {decision})
    return _distinct(
        Step(step.state, responses + step.sends)
        for performed, responses in replica.perform_all(context, informed)
        for step in propose_any(context, performed)
    )


def propose_any(context: Context, state: Replica, sent: Sends = ()) -> Iterator[Step]:
    """Every way to propose requests for the open slots of the window.

    Requests are kept sorted: here, as in the paper, they are a set, and the order of arrival means nothing.
    """
    if not replica.may_propose(context, state):
        yield Step(replace(state, requests=tuple(sorted(state.requests, key=str))), sent)
        return
    state = replica.reconfigured(context, state)
    if state.slot_in in slots_of(state.decisions):
        yield from propose_any(context, replace(state, slot_in=state.slot_in + 1), sent)
    else:
        for command in state.requests:
            proposed, sends = replica.propose_one(context, state, command)
            yield from propose_any(context, replace(proposed, slot_in=state.slot_in + 1), sent + sends)


def _distinct(steps: Iterator[Step]) -> tuple[Step, ...]:
    return tuple(dict.fromkeys(steps))


#: All variants.
VARIANTS = (
    *ACCEPTOR_VARIANTS,
    *AUTHORS_VARIANTS,
    *BALLOT_VARIANTS,
    *CLIENT_VARIANTS,
    *COLLECTION_VARIANTS,
    *ELECTION_VARIANTS,
    FORGETFUL,
    *RECONFIGURATION_VARIANTS,
    *RETRANSMISSION_VARIANTS,
    *NO_OP_VARIANTS,
    *READ_VARIANTS,
    *LEASE_VARIANTS,
    *LONG_RUN_VARIANTS,
    Variant(
        part="commander",
        name="as-printed",
        role="leader",
        about="A reply with a lower ballot ends the commander too, and the slot may stay undecided.",
        source="paper, section 2.3, figure 6",
        rules={P2b: on_p2b_as_printed},
    ),
    Variant(
        part="replica",
        name="any-request",
        role="replica",
        about="A replica proposes any of its requests, not the one that came first.",
        source="paper, section 2.1, function propose",
        rules={Request: on_request_any, Decision: on_decision_any},
    ),
)
