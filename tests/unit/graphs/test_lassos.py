"""Graphs of runs that repeat: an edge leads back, and what repeats is marked."""

import re

import networkx as nx
import pytest
from lassos import ending, lasso

from checker.graphs import kinds
from checker.graphs import oftraces as graphs
from checker.model.semantics import successors


@pytest.mark.parametrize("rising", [False, True])
def test_the_last_step_leads_back(rising: bool) -> None:
    trace = lasso(rising=rising)
    graph = graphs.counterexample_graph(trace)
    on_path = [node for node, it in graph.nodes.items() if it["on_path"]]
    assert on_path == [0, 1, 2, 3, 4]
    assert [node for node in on_path if graph.nodes[node]["cycle"]] == [1, 2, 3, 4]
    assert not any(it["last"] for it in graph.nodes.values())
    steps = [(u, v, it["moment"], it["cycle"]) for u, v, it in graph.edges(data=True) if it["on_path"]]
    assert steps == [(0, 1, 1, False), (1, 2, 2, True), (2, 3, 3, True), (3, 4, 4, True), (4, 1, 5, True)]
    assert graph.graph["loop"].startswith("steps 2 to 5 repeat for ever")
    # every step of every state on the way, once
    for number, state in enumerate(trace.states[:-1]):
        leading_on = [i for i, t in enumerate(successors(trace.system, state)) if t.state != state]
        assert sorted(key for *_, key in graph.out_edges(number, keys=True)) == leading_on
    bare = graphs.counterexample_graph(trace, branches=False)
    assert (bare.number_of_nodes(), bare.number_of_edges()) == (5, 5)


def test_causes_of_one_turn_are_a_graph_without_cycle() -> None:
    graph = graphs.causal_graph(lasso())
    assert nx.is_directed_acyclic_graph(graph)
    assert {event for event, it in graph.nodes.items() if it["cycle"]} == {"2", "3", "4", "5"}
    assert not any(it["last"] for it in graph.nodes.values())
    assert all(it["needed"] for it in graph.nodes.values())


def test_what_ends_has_a_last_state_and_no_loop() -> None:
    for graph in (graphs.causal_graph(ending()), graphs.counterexample_graph(ending())):
        assert "loop" not in graph.graph
        assert [it["last"] for it in graph.nodes.values()].count(True) == 1
        assert not any(it["cycle"] for it in graph.nodes.values())


@pytest.mark.parametrize("kind", ["counterexample", "causal"])
def test_every_format_marks_what_repeats(kind: str) -> None:
    listing = kinds.OF_TRACES[kind](lasso())
    text = {ending: "".join(write(listing)) for ending, (write, _) in kinds.FORMATS.items()}
    read = nx.parse_graphml(text["graphml"])
    assert sum(bool(marked) for _, marked in read.nodes(data="cycle")) == 4
    assert read.graph["loop"] == "steps 2 to 5 repeat for ever"
    assert len(re.findall(r'fillcolor="#fdd9d9"', text["dot"])) == 4
    (bad,) = re.findall(r"class (\S+) bad", text["mmd"])
    assert len(bad.split(",")) == 4
