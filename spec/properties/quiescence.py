"""What must be so when nothing more can happen, and what no replica may leave behind.

Terminal properties stand in for liveness: they find that something was lost for good, not that
something goes on for ever.
"""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.values import Command, Context, Node, Proposal, PValue
from spec import views
from spec.setting import Setting


def _no_idle_proposal(
    setting: Setting,
    proposed: Mapping[Node, frozenset[Proposal]],
    accepted: Mapping[Node, frozenset[PValue]],
) -> str | None:
    voted = {Proposal(p.slot, p.command) for pvalues in accepted.values() for p in pvalues}
    for leader, proposals in proposed.items():
        for proposal in sorted(proposals - voted, key=str):
            return f"nothing more will happen, {leader} holds {proposal}, and no acceptor has accepted it"
    return None


def _every_command_answered(
    setting: Setting, clients: Mapping[Node, tuple[tuple[Command, ...], Command | None]]
) -> str | None:
    for client, (_, waits) in clients.items():
        if waits is not None:
            return f"nothing more will happen, and {client} waits for the answer to {show(waits)}"
    return None


def _no_abandoned_slot(context: Context, log: tuple[int, int, frozenset[int]]) -> str | None:
    slot_in, slot_out, cared_for = log
    for slot in range(slot_out, slot_in):
        if slot not in cared_for:
            return f"{context.me} is past slot {slot} with neither a decision nor a proposal for it"
    return None


QUIESCENCE = (
    Property(
        "no-idle-proposal",
        Kind.TERMINAL,
        "When nothing more can happen, every proposal that a leader holds was accepted by some acceptor.",
        "paper, section 2.4: a commander for every proposal",
        (views.PROPOSED, views.ACCEPTED),
        _no_idle_proposal,
    ),
    Property(
        "every-command-answered",
        Kind.TERMINAL,
        "When nothing more can happen, no client waits for an answer.",
        "paper, section 3: clients send again until they are answered",
        (views.WAITING,),
        _every_command_answered,
    ),
    Property(
        "no-abandoned-slot",
        Kind.NODE,
        "For every slot that a replica has passed with slot_in and not yet with slot_out it knows a "
        "decision or has a proposal.",
        "paper, section 2.1, function propose",
        (views.CARED_FOR,),
        _no_abandoned_slot,
    ),
)
