"""The grammar of `pmmc replay` and `pmmc graph`."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable

from checker.cli.grammar.numbers import whole_number
from checker.model.network import listed

#: Adds a command: name, (module, function), what it does, epilogue.
Add = Callable[..., ArgumentParser]

REPLAY_CODES = """exit codes: 0 nothing is violated, or the goal is reached; 10 the trace no longer fits
or no longer shows what it did; 11 to 14 as for `pmmc check`; 2 a faulty file."""
KINDS = """kinds
  states          all states of a model, each with what its nodes know
  counterexample  the states of a trace, and where each other step would have led
  causal          what caused what in a trace
  slice           of that only what the violation needs
  spacetime       a line for each node, an arrow for each message

formats, by the ending of FILE: .graphml and .json (node-link) for tools, .dot for Graphviz, .mmd for
Mermaid; .svg of causal, slice and spacetime."""


def add_replay(add: Add) -> None:
    """`pmmc replay`."""
    replay = add(
        "replay",
        ("checker.cli.commands.replay", "replay"),
        "take the steps of a trace again and judge the properties anew",
        epilog=REPLAY_CODES,
    )
    replay.add_argument("trace", metavar="TRACE", help="a trace file (.json), or with --path a model")
    replay.add_argument("--path", metavar="0/3/1", help="the steps to take: indices, joined by /")
    replay.add_argument("--at", type=_from_zero, metavar="N", help="show the whole state after step N")
    replay.add_argument("--full", action="store_true", help="whole states after each step, uncut")
    replay.add_argument(
        "--model", metavar="MODEL", help="replay on this model instead of the one in the trace"
    )
    _add_asked(replay)
    replay.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
    )


def add_graph(add: Add) -> None:
    """`pmmc graph`."""
    graph = add(
        "graph",
        ("checker.cli.commands.graph", "graph"),
        "write a model or a trace as a graph",
        epilog=KINDS,
    )
    graph.add_argument("trace", metavar="MODEL|TRACE", help="a model, or a trace file (.json)")
    graph.add_argument("--path", metavar="0/3/1", help="the trace of a model that takes these steps")
    graph.add_argument(
        "--kind",
        choices=("states", "counterexample", "causal", "slice", "spacetime"),
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
    _add_asked(graph)


def _add_asked(command: ArgumentParser) -> None:
    """The options that replace what a model file asks."""
    command.add_argument("--network", metavar="NAME", help=listed())
    command.add_argument("--property", metavar="ID", action="append", help="judge only this property")


def _from_zero(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"expected a whole number from 0, not {text!r}")
    return int(text)
