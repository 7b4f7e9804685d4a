"""Which messages nodes that forget can no longer tell apart, or no longer need; see `spec.claims.settling`.

These are claims about rules of `pmmc.forgetting`, `pmmc.transfer` and `pmmc.collection`.
"""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from pmmc.collection import CollectingLeader, P1b, heard
from pmmc.messages import Decision, P2b, Propose, Request
from pmmc.transfer import Collected, Report, Transfer
from pmmc.values import Context, Proposal
from spec.claims.settling import settle_leader, settle_replica


def settle_forgetful(context: Context, replica: Any, message: Hashable) -> Hashable | None:
    """A replica ignores what it has performed or, of decisions, what it has in its history."""
    match message:
        case Request(command) if command in replica.performed:
            return None
        case Decision(slot, command):
            return None if Proposal(slot, command) in replica.learned else message
    return settle_replica(context, replica, message)


def settle_collecting_replica(context: Context, replica: Any, message: Hashable) -> Hashable | None:
    """Nobody needs to ask, or to be given, what it has."""
    match message:
        case Collected(slot) | Transfer(slot):
            return None if slot <= replica.slot_out else message
    return settle_forgetful(context, replica, message)


def settle_report(context: Context, keeper: Any, message: Hashable) -> Hashable | None:
    """A report is void that tells nothing new."""
    match message:
        case Report(replica, slot_out):
            known = heard(context.deployment.replicas, keeper)
            return None if slot_out <= known[replica] else message
    return message


def settle_collecting_leader(
    context: Context, leader: CollectingLeader, message: Hashable
) -> Hashable | None:
    """Of a promise a leader takes what is not below its own watermark. A proposal may be answered later.

    There are no commanders below it.
    """
    match message:
        case Report():
            return settle_report(context, leader, message)
        case Propose():
            return message
        case P2b(slot=slot) if slot < leader.watermark:
            return None
        case P1b():
            told = frozenset(p for p in message.accepted if p.slot >= leader.watermark)
            message = replace(message, accepted=told, watermark=max(message.watermark, leader.watermark))
    return settle_leader(context, leader, message)
