"""The safety invariants of leaders: C1 and C2 (paper, section 2.4; L1 and L2 in the authors' web version).

The paper states them over all commanders that were ever spawned. Here they are judged on the
commanders that are alive: a state that remembered all commanders would be another state space. What
a commander that has ended leaves behind are accepted pvalues, and A4 and A5 judge those.
"""

from collections.abc import Mapping
from itertools import combinations

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.values import Ballot, Node, PValue
from spec import views
from spec.properties.acceptors import Accepted, chosen, contradicts
from spec.setting import Setting

Commanded = Mapping[Node, frozenset[PValue]]


def _commanded(commanded: Commanded) -> list[tuple[PValue, Node]]:
    pairs = [(pvalue, node) for node, pvalues in commanded.items() for pvalue in pvalues]
    return sorted(pairs, key=lambda pair: (str(pair[0]), pair[1]))


def _c1(setting: Setting, commanded: Commanded) -> str | None:
    first: dict[tuple[Ballot, int], PValue] = {}
    for pvalues in commanded.values():
        for p in pvalues:
            if first.setdefault((p.ballot, p.slot), p) != p:
                return _two_commands(commanded)
    return None


def _two_commands(commanded: Commanded) -> str | None:
    for (p, a), (q, b) in combinations(_commanded(commanded), 2):
        if p.ballot == q.ballot and p.slot == q.slot and p.command != q.command:
            return f"{a} commands {p} and {b} commands {q}: one ballot and slot, two commands"
    return None


def _c2(setting: Setting, commanded: Commanded, accepted: Accepted) -> str | None:
    for p, majority in chosen(setting, accepted):
        if any(contradicts(q, p) for pvalues in commanded.values() for q in pvalues):
            q, leader = next(pair for pair in _commanded(commanded) if contradicts(pair[0], p))
            return f"a majority {show(majority)} has accepted {p}, yet {leader} commands {q}"
    return None


def _unique_ballots(setting: Setting, ballots: Mapping[Node, Ballot]) -> str | None:
    for (a, x), (b, y) in combinations(ballots.items(), 2):
        if x == y:
            return f"{a} and {b} both have ballot {x}"
    return None


LEADER_PROPERTIES = (
    Property(
        "C1",
        Kind.STATE,
        "For a ballot and slot at most one command is ever commanded.",
        "paper, section 2.4, invariant C1 (L1)",
        (views.COMMANDED,),
        _c1,
    ),
    Property(
        "C2",
        Kind.STATE,
        "Once a majority has accepted a command in a ballot and slot, a commander of a higher ballot "
        "for the slot has that command.",
        "paper, section 2.4, invariant C2 (L2)",
        (views.COMMANDED, views.ACCEPTED),
        _c2,
    ),
    Property(
        "unique-ballots",
        Kind.STATE,
        "No two leaders have the same ballot.",
        "paper, section 2.3: each leader has its own set of ballots",
        (views.BALLOT,),
        _unique_ballots,
    ),
)
