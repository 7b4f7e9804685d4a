"""What holds of messages under way: what an acceptor has said, and what leaders ask it to accept.

They read what waits in inboxes: a reply before anybody acts on it, and as long as it waits. They are not
checked by default, for a check that reads inboxes does without some reductions, and judges more.

Proofs carry such invariants: Chand, Liu and Stoller, Formal Verification of Multi-Paxos for Distributed
Consensus (FM 2016), call them MsgInv.
"""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.ballots import Ballot
from pmmc.messages import P1b
from pmmc.values import Node, PValue, highest_ballots
from spec import views
from spec.properties.acceptors import Accepted, chosen, contradicts, held_by, two_commands
from spec.setting import Setting
from spec.views import Told

MSG_INV = "Chand, Liu and Stoller, FM 2016"


def _told_is_kept(
    setting: Setting,
    told: Mapping[Node, frozenset[Told]],
    held: Mapping[Node, tuple[Ballot, frozenset[PValue]]],
) -> str | None:
    for leader, words in told.items():
        lost = [word for word in words if not _is_kept(word, *held[word.acceptor])]
        if lost:
            word = min(lost, key=show)
            return f"{word.acceptor} tells {leader} that {_said(word, *held[word.acceptor])}"
    return None


def _is_kept(word: Told, ballot: Ballot, kept: frozenset[PValue]) -> bool:
    known = ballot if word.slot is None else highest_ballots(kept).get(word.slot)
    return known is not None and known >= word.ballot


def _said(word: Told, ballot: Ballot, kept: frozenset[PValue]) -> str:
    if word.slot is None:
        return f"its ballot is {word.ballot}, and now its ballot is {ballot}"
    there = show(frozenset(p for p in kept if p.slot == word.slot))
    return f"it has accepted in slot {word.slot}, in ballot {word.ballot}, and now it holds {there}"


def _promise_tells_all(
    setting: Setting, promises: Mapping[Node, frozenset[P1b]], accepted: Accepted
) -> str | None:
    for leader, words in promises.items():
        for promise in sorted(words, key=show):
            fault = untold(promise, accepted.get(promise.acceptor, frozenset()))
            if fault is not None:
                return f"{promise.acceptor} tells {leader} for ballot {promise.ballot} {fault}"
    return None


def untold(promise: P1b, votes: frozenset[PValue]) -> str | None:
    """What a promise says that is not so, or leaves out of what was accepted in lower ballots."""
    invented = promise.accepted - votes
    if invented:
        return f"of {show(invented)}, which it has not accepted"
    told = highest_ballots(promise.accepted)
    for vote in sorted(votes, key=str):
        if vote.ballot < promise.ballot and not (vote.slot in told and vote.ballot <= told[vote.slot]):
            return f"of {show(promise.accepted)}, and not of {vote}, which it has accepted"
    return None


def _one_order(setting: Setting, orders: Accepted, accepted: Accepted) -> str | None:
    both = {node: orders[node] | accepted.get(node, frozenset()) for node in orders}
    return two_commands(both, "has accepted or is to accept")


def _order_is_safe(setting: Setting, orders: Accepted, accepted: Accepted) -> str | None:
    for p, quorum in chosen(setting, accepted):
        wrong = [(q, node) for q, node in held_by(orders) if contradicts(setting, q, p)]
        if wrong:
            q, node = wrong[0]
            return f"a quorum {show(quorum)} has accepted {p}, yet {node} is to accept {q}"
    return None


MESSAGE_PROPERTIES = (
    Property(
        id="told-is-kept",
        kind=Kind.STATE,
        meaning="While a reply is under way that says which ballot an acceptor has adopted, its ballot is "
        "not lower; while one is that says it has accepted a pvalue, it holds one of that slot, of that "
        "ballot or a higher one, or has collected it.",
        source=f"{MSG_INV} (MsgInv, 1b and 2b); what must be in stable storage, paper, exercise 7",
        views=(views.TOLD, views.HELD),
        judge=_told_is_kept,
        default=False,
    ),
    Property(
        id="promise-tells-all",
        kind=Kind.STATE,
        meaning="A promise under way tells, for each slot, what its acceptor has accepted in the highest "
        "ballot below the one promised, and nothing that it has not accepted.",
        source=f"{MSG_INV} (MsgInv, 1b)",
        views=(views.PROMISES, views.ACCEPTED),
        judge=_promise_tells_all,
        default=False,
    ),
    Property(
        id="one-order",
        kind=Kind.STATE,
        meaning="Pvalues that acceptors have accepted or are asked to accept for the same ballot and slot "
        "hold the same command.",
        source=f"{MSG_INV} (MsgInv, 2a); Hawblitzel et al., IronFleet, SOSP 2015",
        views=(views.ORDERS, views.ACCEPTED),
        judge=_one_order,
        default=False,
    ),
    Property(
        id="order-is-safe",
        kind=Kind.STATE,
        meaning="Once a quorum has accepted a command in a ballot and slot, every pvalue of a higher "
        "ballot for the slot that an acceptor is asked to accept holds that command.",
        source=f"{MSG_INV} (MsgInv, 2a: SafeAt)",
        views=(views.ORDERS, views.ACCEPTED),
        judge=_order_is_safe,
        default=False,
    ),
)
