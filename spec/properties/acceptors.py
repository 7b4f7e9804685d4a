"""The safety invariants of acceptors: A1 to A5 (paper, section 2.3)."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.ballots import Ballot
from pmmc.values import Configuration, Context, Node, PValue, configuration_of
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


def held_by(held: Mapping[Node, frozenset[PValue]]) -> list[tuple[PValue, Node]]:
    """Every pvalue with the first node that holds it, in order."""
    holders: dict[PValue, Node] = {}
    for node, pvalues in held.items():
        for pvalue in pvalues:
            holders.setdefault(pvalue, node)
    return sorted(holders.items(), key=lambda entry: str(entry[0]))


def two_commands(held: Mapping[Node, frozenset[PValue]], does: str) -> str | None:
    """A sentence on two commands for one ballot and slot, if there are; `does` is what nodes do to them."""
    first: dict[tuple[Ballot, int], PValue] = {}
    if all(first.setdefault((p.ballot, p.slot), p) == p for pvalues in held.values() for p in pvalues):
        return None
    (p, a), (q, b) = next(
        (one, other)
        for one, other in combinations(held_by(held), 2)
        if one[0].ballot == other[0].ballot and one[0].slot == other[0].slot
    )
    return f"{a} {does} {p} and {b} {does} {q}: one ballot and slot, two commands"


def _a4(setting: Setting, accepted: Accepted) -> str | None:
    return two_commands(accepted, "has accepted")


def chosen(setting: Setting, accepted: Accepted) -> tuple[tuple[PValue, tuple[Node, ...]], ...]:
    """The pvalues that a quorum of phase 2 has accepted, each with that quorum, in order."""
    return _chosen(setting.deployment.configurations, tuple(accepted.items()))


@lru_cache(maxsize=1 << 14)  # what acceptors have accepted is seen again and again, with other things
def _chosen(
    configurations: tuple[Configuration, ...], accepted: tuple[tuple[Node, frozenset[PValue]], ...]
) -> tuple[tuple[PValue, tuple[Node, ...]], ...]:
    holders: dict[PValue, list[Node]] = {}
    for node, pvalues in accepted:
        for pvalue in pvalues:
            holders.setdefault(pvalue, []).append(node)
    shared = [entry for entry in holders.items() if is_chosen(configurations, *entry)]
    return tuple(
        (pvalue, tuple(nodes)) for pvalue, nodes in sorted(shared, key=lambda entry: str(entry[0]))
    )


def is_chosen(configurations: Sequence[Configuration], pvalue: PValue, holders: Collection[Node]) -> bool:
    """Whether those who have accepted a pvalue are a quorum of the configuration that its ballot is of."""
    deciding = configuration_of(configurations, pvalue.ballot)
    if len(configurations) > 1:
        holders = [node for node in holders if node in deciding.acceptors]
    return deciding.chosen_by(holders)


def contradicts(setting: Setting, q: PValue, p: PValue) -> bool:
    """Whether a pvalue has a higher ballot than another for its slot, and another command.

    Ballots of different configurations are not compared; that a slot is decided by one is RC-1.
    """
    if q.slot != p.slot or q.command == p.command or not q.ballot > p.ballot:
        return False
    configurations = setting.deployment.configurations
    return configuration_of(configurations, q.ballot) is configuration_of(configurations, p.ballot)


def _a5(setting: Setting, accepted: Accepted) -> str | None:
    for p, quorum in chosen(setting, accepted):
        if any(contradicts(setting, q, p) for pvalues in accepted.values() for q in pvalues):
            q, node = next(entry for entry in held_by(accepted) if contradicts(setting, entry[0], p))
            return f"a quorum {show(quorum)} has accepted {p}, yet {node} has accepted {q}"
    return None


ACCEPTOR_PROPERTIES = (
    Property(
        id="A1",
        kind=Kind.ACTION,
        meaning="The ballot of an acceptor never decreases.",
        source="paper, section 2.3, invariant A1",
        views=(views.PROMISED,),
        judge=_a1,
    ),
    Property(
        id="A2",
        kind=Kind.ACTION,
        meaning="An acceptor accepts a pvalue only in the ballot it has adopted.",
        source="paper, section 2.3, invariant A2",
        views=(views.VOTES,),
        judge=_a2,
    ),
    Property(
        id="A3",
        kind=Kind.ACTION,
        meaning="An acceptor never removes a pvalue it has accepted.",
        source="paper, section 2.3, invariant A3",
        views=(views.KEPT,),
        judge=_a3,
    ),
    Property(
        id="A4",
        kind=Kind.STATE,
        meaning="Pvalues accepted for the same ballot and slot hold the same command.",
        source="paper, section 2.3, invariant A4",
        views=(views.ACCEPTED,),
        judge=_a4,
    ),
    Property(
        id="A5",
        kind=Kind.STATE,
        meaning="Once a quorum has accepted a command in a ballot and slot, every pvalue accepted for "
        "the slot in a higher ballot holds that command.",
        source="paper, section 2.3, invariant A5",
        views=(views.ACCEPTED,),
        judge=_a5,
    ),
)
