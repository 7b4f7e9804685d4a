"""The grammar of `pmmc compare`."""

from __future__ import annotations

from checker.cli.grammar.shared import Add, add_color, add_limits, add_property, add_reductions, add_workers
from checker.engines.choose import ENGINE_NAMES

CODES = """Compared are the sets of combinations of views that the states of each model show: by default
what a user of the protocol sees, with --property what that property reads. With --graph the whole graphs
of states are compared: states by nothing but their steps, steps by node and action.

exit codes: 0 equal; 10 different; 20 inconclusive, a limit was reached; 14 a model raised;
2 wrong usage, or a faulty model file; 130 interrupted"""


def add_compare(add: Add) -> None:
    """`pmmc compare`."""
    compare = add(
        "compare",
        "show whether two models reach the same",
        epilog=CODES,
    )
    compare.add_argument("models", nargs=2, metavar="MODEL", help="a file, - for stdin, or a shipped model")
    asked = compare.add_argument_group("what is compared")
    add_property(asked, "what this property reads; may be repeated")
    asked.add_argument(
        "--graph", action="store_true", help="the graphs of states: the same but for the states' names?"
    )
    means = compare.add_argument_group("means; not for --graph")
    means.add_argument("--engine", choices=ENGINE_NAMES, default="auto", help="default: auto")
    add_workers(means)
    add_reductions(means, "fusion", "settling", "ordering")
    limits = compare.add_argument_group("limits, for each model")
    add_limits(limits, "give up after S seconds", "give up when states take more")
    output = compare.add_argument_group("output")
    output.add_argument("--json", metavar="FILE", help="write the result as JSON; - for stdout")
    output.add_argument("--full", action="store_true", help="witnesses with whole states, uncut")
    output.add_argument("-q", "--quiet", action="store_true", help="only the first line, no progress")
    add_color(output)
