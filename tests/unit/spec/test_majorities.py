"""What a majority has accepted is counted, and is what the definition by all majorities says."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pmmc.ballots import Ballot
from pmmc.kv import Put
from pmmc.quorums import is_majority
from pmmc.values import Command, Deployment, Node, PValue
from spec.properties.acceptors import chosen
from spec.setting import Setting

C1, C2 = (Command(Node("client", i), 1, Put("k", f"v{i}")) for i in (1, 2))
PVALUES = [PValue(Ballot(number, 0), slot, c) for number in (0, 1) for slot in (1, 2) for c in (C1, C2)]
SETS = st.frozensets(st.sampled_from(PVALUES), max_size=4)


def nodes(count: int) -> tuple[Node, ...]:
    return tuple(Node("acceptor", i) for i in range(count))


def setting(acceptors: int) -> Setting:
    return Setting(Deployment(nodes(acceptors), (), ()), (C1, C2))


def by_definition(acceptors: int, accepted):
    """The pvalues in the intersection of some majority, and who has accepted each."""
    majorities = [
        group
        for size in range(len(accepted) + 1)
        if is_majority(size, acceptors)
        for group in combinations(accepted, size)
    ]
    shared = {p for p in PVALUES if any(all(p in accepted[node] for node in group) for group in majorities)}
    return tuple((p, tuple(n for n in accepted if p in accepted[n])) for p in sorted(shared, key=str))


@given(st.integers(1, 5), st.lists(SETS, min_size=1, max_size=5))
def test_counting_says_what_the_majorities_say(acceptors, sets):
    accepted = dict(zip(nodes(acceptors), sets, strict=False))
    assert chosen(setting(acceptors), accepted) == by_definition(acceptors, accepted)


def test_forty_acceptors_have_more_majorities_than_memory_holds():
    accepted = {node: frozenset({PVALUES[node.index < 20]}) for node in nodes(40)}
    assert chosen(setting(40), accepted) == ()
    accepted[nodes(40)[39]] = frozenset(PVALUES[:2])
    ((pvalue, majority),) = chosen(setting(40), accepted)
    assert (pvalue, len(majority)) == (PVALUES[1], 21)
