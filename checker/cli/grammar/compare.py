"""The grammar of `pmmc compare`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable

from checker.cli.grammar.numbers import at_a_time, seconds, size, whole_number
from checker.engines.choose import ENGINE_NAMES

#: Adds a command: name, (module, function), what it does, epilogue.
Add = Callable[..., ArgumentParser]

CODES = """Compared are the sets of combinations of views that the states of each model show: by default
what a user of the protocol sees, with --property what that property reads. With --graph the whole graphs
of states are compared: states by nothing but their steps, steps by node and action.

exit codes: 0 equal; 10 different; 20 inconclusive, a limit was reached; 14 a model raised;
2 wrong usage, or a faulty model file; 130 interrupted"""


def add_compare(add: Add) -> None:
    """`pmmc compare`."""
    compare = add(
        "compare",
        ("checker.cli.commands.compare", "compare"),
        "show whether two models reach the same",
        epilog=CODES,
    )
    compare.add_argument("models", nargs=2, metavar="MODEL", help="a file, - for stdin, or a shipped model")
    asked = compare.add_argument_group("what is compared")
    asked.add_argument(
        "--property", metavar="ID", action="append", help="what this property reads; may be repeated"
    )
    asked.add_argument(
        "--graph", action="store_true", help="the graphs of states: the same but for the states' names?"
    )
    means = compare.add_argument_group("means; not for --graph")
    means.add_argument("--engine", choices=ENGINE_NAMES, default="auto", help="default: auto")
    means.add_argument("--workers", type=at_a_time, metavar="N", help="threads of the native engine")
    means.add_argument("--no-fusion", action="store_true", help="list every silent step")
    means.add_argument(
        "--no-settling", action="store_true", help="keep messages apart that a node cannot tell apart"
    )
    limits = compare.add_argument_group("limits, for each model")
    limits.add_argument(
        "--max-states", type=whole_number, metavar="N", help="give up after N distinct states"
    )
    limits.add_argument("--max-depth", type=whole_number, metavar="N", help="give up after N levels")
    limits.add_argument("--timeout", type=seconds, metavar="S", help="give up after S seconds")
    limits.add_argument("--memory", type=size, metavar="SIZE", help="give up when states take more")
    output = compare.add_argument_group("output")
    output.add_argument("--json", metavar="FILE", help="write the result as JSON; - for stdout")
    output.add_argument("--full", action="store_true", help="witnesses with whole states, uncut")
    output.add_argument("-q", "--quiet", action="store_true", help="only the first line, no progress")
    output.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
    )
