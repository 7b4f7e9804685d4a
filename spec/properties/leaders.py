"""The safety invariants of leaders: C1 and C2 (paper, section 2.4; L1 and L2 in the authors' web version).

The paper states them over all commanders that were ever spawned. Here they are judged on the
commanders that are alive: a state that remembered all commanders would be another state space. What
a commander that has ended leaves behind are accepted pvalues, and A4 and A5 judge those.
"""

from collections.abc import Mapping
from itertools import combinations

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.ballots import Ballot
from pmmc.values import Node, PValue
from spec import views
from spec.properties.acceptors import Accepted, chosen, contradicts, held_by, two_commands
from spec.setting import Setting

Commanded = Mapping[Node, frozenset[PValue]]


def _c1(setting: Setting, commanded: Commanded) -> str | None:
    return two_commands(commanded, "commands")


def _c2(setting: Setting, commanded: Commanded, accepted: Accepted) -> str | None:
    for p, quorum in chosen(setting, accepted):
        if any(contradicts(setting, q, p) for pvalues in commanded.values() for q in pvalues):
            q, leader = next(entry for entry in held_by(commanded) if contradicts(setting, entry[0], p))
            return f"a quorum {show(quorum)} has accepted {p}, yet {leader} commands {q}"
    return None


def _unique_ballots(setting: Setting, ballots: Mapping[Node, Ballot]) -> str | None:
    for (a, x), (b, y) in combinations(ballots.items(), 2):
        if x == y:
            return f"{a} and {b} both have ballot {x}"
    return None


LEADER_PROPERTIES = (
    Property(
        id="C1",
        kind=Kind.STATE,
        meaning="For a ballot and slot at most one command is ever commanded.",
        source="paper, section 2.4, invariant C1 (L1)",
        views=(views.COMMANDED,),
        judge=_c1,
    ),
    Property(
        id="C2",
        kind=Kind.STATE,
        meaning="Once a quorum has accepted a command in a ballot and slot, a commander of a higher "
        "ballot for the slot has that command.",
        source="paper, section 2.4, invariant C2 (L2)",
        views=(views.COMMANDED, views.ACCEPTED),
        judge=_c2,
    ),
    Property(
        id="unique-ballots",
        kind=Kind.STATE,
        meaning="No two leaders have the same ballot.",
        source="paper, section 2.3: each leader has its own set of ballots",
        views=(views.BALLOT,),
        judge=_unique_ballots,
    ),
)
