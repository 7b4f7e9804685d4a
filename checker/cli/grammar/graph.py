"""The grammar of `pmmc graph`."""

from __future__ import annotations

from checker.cli.grammar.numbers import whole_number
from checker.cli.grammar.shared import Add, add_loop, add_network, add_property

KINDS = """kinds
  states          all states of a model, each with what its nodes know
  counterexample  the states of a trace, and where each other step would have led
  causal          what caused what in a trace
  slice           of that only what the violation needs
  spacetime       a line for each node, an arrow for each message
  lanes           a lane for each client, a bar for each call, and the order that explains most answers

formats, by the ending of FILE: .graphml and .json (node-link) for tools, .sqlite (tables of numbers) for
all states of a large model, .dot for Graphviz, .mmd for Mermaid; .svg of causal, slice, spacetime and
lanes."""


def add_graph(add: Add) -> None:
    """`pmmc graph`."""
    graph = add(
        "graph",
        "write a model or a trace as a graph",
        epilog=KINDS,
    )
    graph.add_argument("trace", metavar="MODEL|TRACE", help="a model, or a trace file (.json)")
    graph.add_argument("--path", metavar="0/3/1", help="the trace of a model that takes these steps")
    add_loop(graph)
    graph.add_argument(
        "--kind",
        choices=("states", "counterexample", "causal", "slice", "spacetime", "lanes"),
        help="default: states of a model, causal of a trace",
    )
    graph.add_argument("-o", "--output", metavar="FILE", required=True, help="the file to write")
    graph.add_argument(
        "--collapse", metavar="ID", help="states: one node for all that this property reads alike"
    )
    graph.add_argument("--depth", type=whole_number, metavar="N", help="states: only the first N levels")
    graph.add_argument(
        "--no-branches", action="store_true", help="counterexample: only the states of the trace"
    )
    graph.add_argument("--model", metavar="MODEL", help="of a trace: on this model instead of its own")
    add_network(graph)
    add_property(graph, "judge only this property")
