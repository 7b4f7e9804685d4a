"""What holds of acceptors with state reduction in place of A3 (paper, section 4.1), and what does not.

With the paper's own rules all of it holds but `one-kept`; with state reduction all but the last.
"""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.values import Context, Node, PValue, highest_ballots, pmax
from spec import views
from spec.properties.acceptors import Accepted, chosen, is_chosen
from spec.setting import Setting

Kept = frozenset[PValue]


def _kept_ballot_rises(context: Context, before: Kept, after: Kept) -> str | None:
    now = highest_ballots(after)
    for slot, ballot in sorted(highest_ballots(before).items()):
        if slot not in now:
            return f"{context.me} keeps no pvalue of slot {slot} any more; it had one of ballot {ballot}"
        if now[slot] < ballot:
            return f"{context.me} goes back from ballot {ballot} to {now[slot]} in slot {slot}"
    return None


def _one_kept(context: Context, kept: Kept) -> str | None:
    for slot in sorted({p.slot for p in kept}):
        alike = frozenset(p for p in kept if p.slot == slot)
        if len(alike) > 1:
            return f"{context.me} keeps {show(alike)}: {len(alike)} pvalues of slot {slot}"
    return None


def _kept_is_highest(context: Context, memory: tuple[Kept, Kept]) -> str | None:
    kept, votes = memory
    if pmax(kept) != pmax(votes):
        return f"{context.me} keeps {show(kept)}, and the highest that it accepted are {show(pmax(votes))}"
    return None


def _chosen_command_kept(setting: Setting, memories: Mapping[Node, tuple[Kept, Kept]]) -> str | None:
    votes: Accepted = {node: accepted for node, (_, accepted) in memories.items()}
    for p, quorum in chosen(setting, votes):
        holders = [
            node
            for node, (kept, _) in memories.items()
            if any(q.slot == p.slot and q.command == p.command and q.ballot >= p.ballot for q in kept)
        ]
        if not is_chosen(setting.deployment.configurations, p, holders):
            return f"{show(quorum)} have accepted {p}, and only {show(tuple(holders))} keep its command"
    return None


def _chosen_pvalue_kept(setting: Setting, memories: Mapping[Node, tuple[Kept, Kept]]) -> str | None:
    votes: Accepted = {node: accepted for node, (_, accepted) in memories.items()}
    for p, quorum in chosen(setting, votes):
        holders = [node for node, (kept, _) in memories.items() if p in kept]
        if not is_chosen(setting.deployment.configurations, p, holders):
            now = ", ".join(f"{node} {show(memories[node][0])}" for node in quorum)
            return f"a quorum has accepted {p}, and what they keep now is: {now}"
    return None


REDUCTION_PROPERTIES = (
    Property(
        id="kept-ballot-rises",
        kind=Kind.ACTION,
        meaning="The highest ballot of what an acceptor keeps for a slot never decreases.",
        source="what is left of A3 under state reduction; paper, section 4.1",
        views=(views.KEPT,),
        judge=_kept_ballot_rises,
        default=False,
    ),
    Property(
        id="one-kept",
        kind=Kind.NODE,
        meaning="An acceptor keeps one pvalue for each slot at most.",
        source="paper, section 4.1; without state reduction it keeps all",
        views=(views.KEPT,),
        judge=_one_kept,
        default=False,
    ),
    Property(
        id="kept-is-highest",
        kind=Kind.NODE,
        meaning="What an acceptor keeps for a slot is the highest that it ever accepted for it.",
        source="why state reduction is sound: leaders take of what is reported the highest; paper, "
        "section 4.1",
        views=(views.MEMORY,),
        judge=_kept_is_highest,
        default=False,
    ),
    Property(
        id="chosen-command-kept",
        kind=Kind.STATE,
        meaning="Once a quorum has accepted a command in a slot, a quorum keeps that command for the "
        "slot, in that ballot or a higher one.",
        source="paper, section 4.1, from C2",
        views=(views.MEMORY,),
        judge=_chosen_command_kept,
        default=False,
    ),
    Property(
        id="chosen-pvalue-kept",
        kind=Kind.STATE,
        meaning="Once a quorum has accepted a pvalue, a quorum keeps that pvalue.",
        source="false under state reduction; paper, section 4.1",
        views=(views.MEMORY,),
        judge=_chosen_pvalue_kept,
        default=False,
        note="A later leader makes some acceptors accept the same command in a higher ballot, which takes "
        "the place of the pvalue. A quorum still keeps the command, with one ballot or another.",
    ),
)
