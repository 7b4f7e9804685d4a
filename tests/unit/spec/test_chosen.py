"""What a quorum has accepted is found, and is what the definition by all quorums of phase 2 says."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pmmc.ballots import Ballot
from pmmc.kv import Put
from pmmc.quorums import Count, Majority, Quorums, QuorumSystem, Sets, Weights
from pmmc.values import Command, Configuration, Deployment, Node, PValue
from spec.properties.acceptors import chosen
from spec.setting import Setting

C1, C2 = (Command(Node("client", i), 1, Put("k", f"v{i}")) for i in (1, 2))
PVALUES = [PValue(Ballot(number, 0), slot, c) for number in (0, 1) for slot in (1, 2) for c in (C1, C2)]
SETS = st.frozensets(st.sampled_from(PVALUES), max_size=4)


def nodes(count: int) -> tuple[Node, ...]:
    return tuple(Node("acceptor", i) for i in range(count))


SYSTEMS: list[QuorumSystem] = [
    Majority(),
    Count(1),
    Count(4),
    Weights(tuple(zip(nodes(5), (2, 1, 1, 0, 1), strict=True)), 3),
    Sets(frozenset({frozenset(nodes(2)), frozenset(nodes(5)[1:4])})),
]


def setting(acceptors: int, system: QuorumSystem = Majority()) -> Setting:  # noqa: B008 - it is a value
    # what a quorum of phase 1 is makes no difference to what is chosen
    quorums = Quorums(Sets(frozenset({frozenset(nodes(1))})), system)
    only = Configuration((), nodes(acceptors), quorums)
    return Setting(Deployment(nodes(acceptors), (), (), configurations=(only,)), (C1, C2))


def by_definition(acceptors: int, system: QuorumSystem, accepted):
    """The pvalues in the intersection of some quorum, and who has accepted each."""
    quorums = [
        group
        for size in range(len(accepted) + 1)
        for group in combinations(accepted, size)
        if system.is_quorum(group, nodes(acceptors))
    ]
    shared = {p for p in PVALUES if any(all(p in accepted[node] for node in group) for group in quorums)}
    return tuple((p, tuple(n for n in accepted if p in accepted[n])) for p in sorted(shared, key=str))


@given(st.integers(1, 5), st.sampled_from(SYSTEMS), st.lists(SETS, min_size=1, max_size=5))
def test_what_is_found_is_what_the_quorums_say(acceptors, system, sets):
    accepted = dict(zip(nodes(acceptors), sets, strict=False))
    assert chosen(setting(acceptors, system), accepted) == by_definition(acceptors, system, accepted)


def test_forty_acceptors_have_more_majorities_than_memory_holds():
    accepted = {node: frozenset({PVALUES[node.index < 20]}) for node in nodes(40)}
    assert chosen(setting(40), accepted) == ()
    accepted[nodes(40)[39]] = frozenset(PVALUES[:2])
    ((pvalue, majority),) = chosen(setting(40), accepted)
    assert (pvalue, len(majority)) == (PVALUES[1], 21)
