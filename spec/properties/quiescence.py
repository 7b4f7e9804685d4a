"""What must be so when nothing more can happen.

Terminal properties stand in for liveness: they find that something was lost for good, not that
something goes on for ever.
"""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.values import Command, Node, Proposal, PValue
from spec import views
from spec.properties.replicas import Performed
from spec.setting import Setting


def _no_lost_command(setting: Setting, performed: Mapping[Node, Performed]) -> str | None:
    for node, done in performed.items():
        for command in setting.performable:
            if command not in done:
                return f"nothing more will happen, and {node} has not performed {command}"
    return None


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


QUIESCENCE = (
    Property(
        id="no-lost-command",
        kind=Kind.TERMINAL,
        meaning="When nothing more can happen, every replica has performed every command.",
        source="paper, section 3: each outstanding command is eventually decided",
        views=(views.PERFORMED,),
        judge=_no_lost_command,
        default=False,
    ),
    Property(
        id="no-idle-proposal",
        kind=Kind.TERMINAL,
        meaning="When nothing more can happen, every proposal that a leader holds was accepted by some "
        "acceptor.",
        source="paper, section 2.4: a commander for every proposal",
        views=(views.PROPOSED, views.ACCEPTED),
        judge=_no_idle_proposal,
        default=False,
    ),
    Property(
        id="every-command-answered",
        kind=Kind.TERMINAL,
        meaning="When nothing more can happen, no client waits for an answer.",
        source="paper, section 3: clients send again until they are answered",
        views=(views.WAITING,),
        judge=_every_command_answered,
        default=False,
    ),
)
