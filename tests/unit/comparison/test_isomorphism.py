"""Graphs are told apart if and only if they differ by more than names; checked against all permutations."""

from itertools import permutations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.comparison import isomorphism
from checker.comparison.isomorphism import Apart, GaveUp, Graph, Isomorphic, compare_graphs, preserves

SIZES = st.integers(1, 6)


@st.composite
def graphs(draw, size: int | None = None) -> Graph:
    n = draw(SIZES) if size is None else size
    states = st.integers(0, n - 1)
    edges = draw(st.frozensets(st.tuples(states, st.sampled_from("ab"), states), max_size=2 * n))
    return Graph([0] * n, edges)


def renamed(graph: Graph, images) -> Graph:
    edges = frozenset((images[s], label, images[t]) for s, label, t in graph.edges)
    return Graph([0] * graph.size, edges)


def isomorphic(one: Graph, other: Graph) -> bool:
    """By trying all correspondences."""
    return one.size == other.size and any(
        preserves(one, other, (0, *images)) for images in permutations(range(1, one.size))
    )


@st.composite
def pairs(draw) -> tuple[Graph, Graph]:
    """A graph, and an unrelated one of the same size, or the same with other names, perhaps changed."""
    one = draw(graphs())
    if draw(st.booleans()):
        return one, draw(graphs(one.size))
    other = renamed(one, (0, *draw(st.permutations(range(1, one.size)))))
    if draw(st.booleans()) and other.edges:
        states = st.integers(0, one.size - 1)
        gone = draw(st.sampled_from(sorted(other.edges)))
        new = draw(st.tuples(states, st.sampled_from("ab"), states))
        other = Graph(other.levels, other.edges - {gone} | {new})
    return one, other


@settings(max_examples=400)
@given(pairs())
def test_finds_what_trying_everything_finds(pair) -> None:
    one, other = pair
    found = compare_graphs(one, other)
    assert isinstance(found, Isomorphic) == isomorphic(one, other)
    if isinstance(found, Isomorphic):
        assert preserves(one, other, found.images)


@given(pairs())
def test_what_tells_them_apart_counts_differently(pair) -> None:
    found = compare_graphs(*pair)
    if isinstance(found, Apart) and any(found.states):
        assert len(found.states[0]) != len(found.states[1])


def test_other_sizes_are_told_apart() -> None:
    small, large = Graph([0], frozenset()), Graph([0, 0], frozenset())
    assert isinstance(compare_graphs(small, large), Apart)


def test_the_initial_states_correspond() -> None:
    edge = frozenset({(0, "a", 1)})
    assert isinstance(compare_graphs(Graph([0, 0], edge), Graph([0, 0], frozenset({(1, "a", 0)}))), Apart)


def regular(graph: nx.Graph, root: int) -> Graph:
    """An undirected graph as one that is entered everywhere from state 0."""
    edges = {(0, "enter", v + 1) for v in graph} | {
        (a + 1, "a", b + 1) for x, y in graph.edges for a, b in ((x, y), (y, x))
    }
    return Graph([root] * (len(graph) + 1), frozenset(edges))


def test_what_refinement_alone_cannot_tell_apart() -> None:
    """One ring of six, two rings of three: every state looks alike."""
    ring, rings = nx.cycle_graph(6), nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))
    found = compare_graphs(regular(ring, 0), regular(rings, 0))
    assert isinstance(found, Apart)
    assert found.states == ((), ())


@pytest.mark.parametrize("seed", range(5))
def test_regular_graphs_need_guesses(seed: int) -> None:
    graph = nx.random_regular_graph(3, 20, seed=seed)
    shuffled = nx.relabel_nodes(graph, {v: (7 * v + seed) % 20 for v in graph})
    found = compare_graphs(regular(graph, 0), regular(shuffled, 0))
    assert isinstance(found, Isomorphic)
    assert found.guesses > 0


def test_gives_up_rather_than_search_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isomorphism, "MOST_GUESSES", 0)
    graph = regular(nx.cycle_graph(4), 0)
    with pytest.raises(GaveUp, match="after 0 guesses"):
        compare_graphs(graph, graph)
