"""The safety invariants of acceptors: A1 to A5 (paper, section 2.3)."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.values import Ballot, Context, Node, PValue, is_majority
from spec import views
from spec.setting import Setting

Accepted = Mapping[Node, frozenset[PValue]]


def _a1(context: Context, before: Ballot, after: Ballot) -> str | None:
    if after < before:
        return f"{context.me} goes back from ballot {before} to {after}"
    return None


def _a2(
    context: Context,
    before: tuple[Ballot, frozenset[PValue]],
    after: tuple[Ballot, frozenset[PValue]],
) -> str | None:
    ballot, accepted = after
    for pvalue in sorted(accepted - before[1], key=str):
        if pvalue.ballot != ballot:
            return f"{context.me} accepts {pvalue} while its ballot is {ballot}"
    return None


def _a3(context: Context, before: frozenset[PValue], after: frozenset[PValue]) -> str | None:
    gone = before - after
    return f"{context.me} no longer holds {show(gone)}, which it had accepted" if gone else None


def _pvalues(accepted: Accepted) -> list[tuple[PValue, Node]]:
    """Every accepted pvalue with the first acceptor that holds it, in order."""
    holders: dict[PValue, Node] = {}
    for node, pvalues in accepted.items():
        for pvalue in pvalues:
            holders.setdefault(pvalue, node)
    return sorted(holders.items(), key=lambda entry: str(entry[0]))


def _a4(setting: Setting, accepted: Accepted) -> str | None:
    first: dict[tuple[Ballot, int], PValue] = {}
    for pvalues in accepted.values():
        for p in pvalues:
            if first.setdefault((p.ballot, p.slot), p) != p:
                return _two_commands(accepted)
    return None


def _two_commands(accepted: Accepted) -> str | None:
    for (p, a), (q, b) in combinations(_pvalues(accepted), 2):
        if p.ballot == q.ballot and p.slot == q.slot:
            return f"{a} has accepted {p} and {b} has accepted {q}: one ballot and slot, two commands"
    return None


def chosen(setting: Setting, accepted: Accepted) -> tuple[tuple[PValue, tuple[Node, ...]], ...]:
    """The pvalues that a majority has accepted, each with that majority, in order."""
    return _chosen(len(setting.deployment.acceptors), tuple(accepted.items()))


@lru_cache(maxsize=1 << 14)  # what acceptors have accepted is seen again and again, with other things
def _chosen(
    acceptors: int, accepted: tuple[tuple[Node, frozenset[PValue]], ...]
) -> tuple[tuple[PValue, tuple[Node, ...]], ...]:
    holders: dict[PValue, list[Node]] = {}
    for node, pvalues in accepted:
        for pvalue in pvalues:
            holders.setdefault(pvalue, []).append(node)
    shared = [entry for entry in holders.items() if is_majority(len(entry[1]), acceptors)]
    return tuple(
        (pvalue, tuple(nodes)) for pvalue, nodes in sorted(shared, key=lambda entry: str(entry[0]))
    )


def contradicts(q: PValue, p: PValue) -> bool:
    """Whether a pvalue has a higher ballot than another for its slot, and another command."""
    return q.slot == p.slot and q.command != p.command and q.ballot > p.ballot


def _a5(setting: Setting, accepted: Accepted) -> str | None:
    for p, majority in chosen(setting, accepted):
        if any(contradicts(q, p) for pvalues in accepted.values() for q in pvalues):
            q, node = next(entry for entry in _pvalues(accepted) if contradicts(entry[0], p))
            return f"a majority {show(majority)} has accepted {p}, yet {node} has accepted {q}"
    return None


ACCEPTOR_PROPERTIES = (
    Property(
        "A1",
        Kind.ACTION,
        "The ballot of an acceptor never decreases.",
        "paper, section 2.3, invariant A1",
        (views.PROMISED,),
        _a1,
    ),
    Property(
        "A2",
        Kind.ACTION,
        "An acceptor accepts a pvalue only in the ballot it has adopted.",
        "paper, section 2.3, invariant A2",
        (views.VOTES,),
        _a2,
    ),
    Property(
        "A3",
        Kind.ACTION,
        "An acceptor never removes a pvalue it has accepted.",
        "paper, section 2.3, invariant A3",
        (views.KEPT,),
        _a3,
    ),
    Property(
        "A4",
        Kind.STATE,
        "Pvalues accepted for the same ballot and slot hold the same command.",
        "paper, section 2.3, invariant A4",
        (views.ACCEPTED,),
        _a4,
    ),
    Property(
        "A5",
        Kind.STATE,
        "Once a majority has accepted a command in a ballot and slot, every pvalue accepted for the "
        "slot in a higher ballot holds that command.",
        "paper, section 2.3, invariant A5",
        (views.ACCEPTED,),
        _a5,
    ),
)
