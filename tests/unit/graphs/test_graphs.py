"""Graphs: what they hold is what the semantics says, and other readers read what we write."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import networkx as nx
import pytest
from sometraces import VIOLATED, WALKED, model, violation, walk

from checker import AtMostOnce, Member, Role, Step, System
from checker.comparison.graphs import graph_of
from checker.drawings.causal import causal_drawing
from checker.engines.collapse import collapse
from checker.engines.graph import StateGraph, TooManyStates, explore
from checker.engines.marks import Marks, marks
from checker.engines.reference import explore as search
from checker.graphs import kinds
from checker.graphs import oftraces as graphs
from checker.graphs.kinds import FORMATS, TooLarge, written
from checker.graphs.listing import Attributes, Listing, text_of
from checker.model.behaviour import replay
from checker.model.semantics import initial_state, successors
from checker.traces.causality import Causality
from checker.traces.slicing import slice_of

SMALL = ("duel", "one-client", "two-replicas", "commander-as-printed", "any-request")


@pytest.mark.parametrize("name", VIOLATED)
def test_causes_come_before_effects(name: str) -> None:
    trace = violation(name)
    graph = graphs.causal_graph(trace)
    assert nx.is_directed_acyclic_graph(graph)
    for before, after in graph.edges:
        assert graph.nodes[before]["step"] <= graph.nodes[after]["step"]
    known = Causality(trace)
    for number in range(1, len(trace.steps) + 1):
        past = {graph.nodes[event]["step"] for event in nx.ancestors(graph, str(number))}
        assert known.past({number}) == past | {number}


def test_what_happens_at_once_is_an_event_and_an_edge() -> None:
    trace = walk("crashes", 0)
    graph = graphs.causal_graph(trace)
    at_once = [(u, v) for u, v, why in graph.edges(data="why") if why == "at once"]
    crashes = [n for n, step in enumerate(trace.steps, start=1) if step.transition.action == "crash"]
    assert crashes
    assert {u for u, _ in at_once} >= set(map(str, crashes))
    assert all(v.startswith(f"{u} ") for u, v in at_once)


@pytest.mark.parametrize("name", VIOLATED)
def test_the_slice_is_the_part_that_is_needed(name: str) -> None:
    trace = violation(name)
    needed = {str(number) for number in slice_of(trace)}
    assert set(graphs.causal_graph(trace, needed_only=True)) == needed
    assert {n for n, it in graphs.causal_graph(trace).nodes.items() if it["needed"]} == needed


@pytest.mark.parametrize("name", VIOLATED)
def test_the_counterexample_and_what_else_there_was(name: str) -> None:
    trace = violation(name)
    graph = graphs.counterexample_graph(trace)
    states = [trace.initial, *(step.after for step in trace.steps)]
    assert [n for n, it in graph.nodes.items() if it["on_path"]] == list(range(len(states)))
    for number, state in enumerate(states):
        leading_on = [i for i, t in enumerate(successors(trace.system, state)) if t.state != state]
        assert sorted(key for *_, key in graph.out_edges(number, keys=True)) == leading_on
    path = [key for *_, key, it in graph.edges(keys=True, data=True) if it["on_path"]]
    assert tuple(path) == trace.path
    bare = graphs.counterexample_graph(trace, branches=False)
    assert bare.number_of_nodes() == len(states)
    assert bare.number_of_edges() == len(trace.steps)


# All states ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
def test_the_graph_of_states_is_that_of_the_semantics(name: str) -> None:
    system = model(name).system
    graph = explore(system)
    numbers = {initial_state(system): 0}
    order = list(numbers)
    edges = set()
    for state in order:
        for index, transition in enumerate(successors(system, state)):
            if transition.state != state:
                if transition.state not in numbers:
                    numbers[transition.state] = len(numbers)
                    order.append(transition.state)
                edges.add((numbers[state], numbers[transition.state], index))
    assert len(graph.states) == len(numbers)
    assert {tuple(map(int, e)) for e in zip(graph.source, graph.target, graph.index, strict=True)} == edges
    for number, state in enumerate(order):
        assert tuple(graph.cell(number, node) for node in range(len(system.members))) == state


def test_levels_and_indices_are_those_of_searches_and_paths() -> None:
    system = model("duel").system
    graph = explore(system)
    sizes = search(system).levels
    assert [list(graph.level).count(level) for level in range(len(sizes))] == sizes
    state, path = 0, []
    while state < len(graph.states) - 1:
        edge = max(
            (i for i, s in enumerate(graph.source) if s == state),
            default=None,
            key=graph.target.__getitem__,
        )
        if edge is None:
            break
        path.append(graph.index[edge])
        state = graph.target[edge]
    assert replay(system, tuple(path)).final == tuple(
        graph.cell(state, n) for n in range(len(system.members))
    )


def test_only_the_first_levels() -> None:
    graph = explore(model("duel").system, depth=3)
    assert graph.cut
    assert set(graph.level) == {0, 1, 2}
    assert not explore(model("duel").system, depth=99).cut


def test_refuses_more_states_than_asked_for() -> None:
    assert len(explore(model("duel").system, 142).states) == 142
    with pytest.raises(TooManyStates, match="more than 141 states"):
        explore(model("duel").system, 141)


def test_collapsed_by_what_a_property_sees() -> None:
    system = model("duel").system
    graph = explore(system)
    claim = next(p for p in system.properties if p.id == "A1")
    seen = collapse(graph, claim)
    assert sum(group.states for group in seen.groups) == 142
    assert [group.seen for group in seen.groups] == [
        (("acceptor 0", f"promised {ballot}"),) for ballot in ("⊥", "0.0", "0.1")
    ]
    assert {ends: set(between.actions) for ends, between in seen.steps.items()} == {
        (0, 1): {"p1a"}, (0, 2): {"p1a"}, (1, 2): {"p1a"},
    }  # fmt: skip


@dataclass(frozen=True)
class Note:
    """A message, or a state, that says what it likes."""

    text: str

    def __str__(self) -> str:
        return self.text


def writing(setting: str, state: Note) -> list[Step]:
    return [] if state.text else [Step(Note("[a; b]"))]


def graph_and_marks(system: System) -> tuple[StateGraph, Marks]:
    graph = explore(system)
    return graph, marks(graph)


def test_what_is_shown_is_never_torn_apart() -> None:
    """A value with what parts of a text are joined by, a wake with what begins the values of an action."""
    role = Role("writer", {}, {"write (twice)": writing})
    system = System("notes", (Member("writer", role, "", Note("")),), AtMostOnce(), ())
    trace = replay(system, (0,))
    for listing in (
        kinds.states(*graph_and_marks(system)),
        kinds.causal(trace),
        kinds.counterexample(trace),
    ):
        *_, (node, last) = listing.nodes()
        assert "[a; b]" in listing.looks.node(node, last).splitlines()[-1]
        assert "; " in "".join(listing_text for listing_text in written(listing, "json", ""))
    (edge,) = kinds.states(*graph_and_marks(system)).edges()
    assert kinds.states(*graph_and_marks(system)).looks.action(edge[2]) == "write (twice)"
    assert graph_of(explore(system)).edges == {(0, "writer write (twice)", 1)}
    assert ">write (twice)</text>" in causal_drawing(trace)


# Formats ------------------------------------------------------------------------------------------------


@cache
def states_of(name: str) -> StateGraph:
    return explore(model(name).system)


def collapsed(name: str, which: int) -> Listing:
    claim = model(name).system.properties[which]
    return kinds.collapsed(name, collapse(states_of(name), claim))


#: Name → a listing, made when a test wants it: all workers import this, and few run these tests.
LISTINGS: dict[str, Callable[[], Listing]] = {
    f"{kind}-{name}": partial(lambda make, name: make(violation(name)), make, name)
    for kind, make in kinds.OF_TRACES.items()
    for name in VIOLATED
}
LISTINGS |= {f"causal-{name}": partial(lambda name: kinds.causal(walk(name, 0)), name) for name in WALKED}
for small in SMALL:
    LISTINGS[f"states-{small}"] = partial(
        lambda name: kinds.states(states_of(name), marks(states_of(name))), small
    )
    LISTINGS |= {f"{small}-by-claim-{which}": partial(collapsed, small, which) for which in range(3)}
EVERY = pytest.mark.parametrize("listing", LISTINGS, indirect=True)


@pytest.fixture
def listing(request: pytest.FixtureRequest) -> Listing:
    return LISTINGS[request.param]()


def plain(attributes: Attributes) -> dict[str, str | int]:
    """As a file holds them."""
    return {n: v if isinstance(v, int) else text_of(v) for n, v in attributes.items()}


def same(read: nx.DiGraph, listing: Listing) -> None:
    """The graph that was read is the one that was written, attributes and their types included."""
    assert {n: dict(a) for n, a in read.nodes(data=True)} == {n: plain(a) for n, a in listing.nodes()}
    types = {type(value) for _, a in read.nodes(data=True) for value in a.values()}
    assert types <= {str, int, bool}
    edges = sorted((u, v, json.dumps(a, sort_keys=True)) for u, v, a in read.edges(data=True))
    assert edges == sorted((u, v, json.dumps(plain(a), sort_keys=True)) for u, v, a in listing.edges())


@EVERY
def test_graphml_is_read_by_networkx(listing: Listing, tmp_path: Path) -> None:
    file = tmp_path / "g.graphml"
    file.write_text("".join(written(listing, "graphml", "")), encoding="utf-8")
    same(nx.read_graphml(file), listing)
    assert not re.search(">(True|False|None)<", file.read_text(encoding="utf-8"))


@EVERY
def test_json_is_read_by_networkx(listing: Listing) -> None:
    document = json.loads("".join(written(listing, "json", "")))
    same(nx.node_link_graph(document, edges="edges"), listing)


#: The statements that we write, as the grammar of DOT has them.
QUOTED = r'"(?:[^"\\]|\\.)*"'
MARKS = rf"\[\w+=(?:{QUOTED}|[\w.]+)(?:, \w+=(?:{QUOTED}|[\w.]+))*\]"
DOT = [
    r"digraph pmmc \{",
    rf"(?:\w+=(?:{QUOTED}|[\w.]+);? ?)+",
    rf"(?:node|edge) {MARKS};",
    rf"{QUOTED} {MARKS};",
    rf"{QUOTED} -> {QUOTED} {MARKS};",
    rf"\{{rank=same; (?:{QUOTED}; ?)+\}}",
    rf"subgraph cluster_\w+ \{{label={QUOTED}; style=solid;",
    r"\}",
]


@EVERY
def test_dot_has_no_statement_that_its_grammar_lacks(listing: Listing) -> None:
    if listing.count > FORMATS["dot"][1]:
        pytest.skip("too large to be drawn")
    text = "".join(written(listing, "dot", ""))
    for line in text.splitlines():
        assert any(re.fullmatch(form, line) for form in DOT), line
    assert text.count("->") >= len(list(listing.edges()))


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("kind", kinds.OF_TRACES)
def test_graphviz_draws_it(kind: str) -> None:
    text = "".join(written(kinds.OF_TRACES[kind](violation("accept-any-ballot")), "dot", ""))
    drawn = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, encoding="utf-8", check=True)
    assert drawn.stderr == ""
    assert drawn.stdout.count('class="node"') >= 14


FLOW = [
    r"flowchart (TD|LR)",
    r'    n\d+\("(?:[^"`<>#;]|;(?= )|<br/>|#\w+;)*"\)',
    r'    n\d+ (?:-->|==>|-\.->)(?:\|"(?:[^"|`<>]|#\w+;)*"\|)? n\d+',
    r"    classDef \w+ [^;]+",
    r"    class n\d+(?:,n\d+)* \w+",
]


@EVERY
def test_mermaid_has_no_line_that_its_grammar_lacks(listing: Listing) -> None:
    if listing.count > FORMATS["mmd"][1]:
        with pytest.raises(TooLarge, match=r"too many for \.mmd, which is good for 60; do this instead"):
            written(listing, "mmd", "do this instead")
        return
    for line in "".join(written(listing, "mmd", "")).splitlines():
        assert any(re.fullmatch(form, line) for form in FLOW), line
