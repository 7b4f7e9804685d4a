"""The grammar of `pmmc why`."""

from __future__ import annotations

from checker.cli.grammar.numbers import from_zero
from checker.cli.grammar.shared import (
    Add,
    add_color,
    add_limits,
    add_loop,
    add_network,
    add_property,
    add_reductions,
    add_workers,
)
from checker.engines.choose import ENGINE_NAMES

EPILOG = """The story of what a trace shows, by cause: which chains of messages lead to it and where they
meet. Which other step, at each moment, would have excluded it within the bounds, and from when on none
does. What of it does not matter, how many essentially different ones there are, and the first step that
the protocol's own rules would not have taken.

exit codes: 0 explained; 10 there is nothing to explain: nothing is violated, or the trace no longer shows
it; 20 a limit was reached, and it is not known what excludes it; 14 the model's own code raised; 2 wrong
usage, or a faulty file; 130 interrupted: what was known by then is told."""


def add_why(add: Add) -> None:
    """`pmmc why`."""
    why = add("why", "explain a counterexample: its story, and what would have excluded it", epilog=EPILOG)
    why.add_argument(
        "trace",
        metavar="TRACE|MODEL",
        help="a trace file (.json), or a model: with --path what that leads to, else what a check finds",
    )
    why.add_argument("--path", metavar="0/3/1", help="the steps to take: indices, joined by /")
    add_loop(why)
    why.add_argument("--model", metavar="MODEL", help="explain on this model, not the one in the trace")
    asked = why.add_argument_group("what is asked")
    add_network(asked)
    add_property(asked, "explain only this property, or how this goal is reached; may be repeated")
    asked.add_argument(
        "--most", type=from_zero, metavar="N", help="tell N different counterexamples at most; default: 3"
    )
    means = why.add_argument_group("means")
    means.add_argument("--engine", choices=ENGINE_NAMES, default="auto", help="as for `pmmc check`")
    add_workers(means, "; default: all cores")
    add_reductions(means, "fusion", "settling", "symmetry", "ordering")
    limits = why.add_argument_group("limits, for each search")
    add_limits(limits, "give up after S seconds", "give up when states take more, such as 500M or 8G")
    output = why.add_argument_group("output")
    output.add_argument("--json", metavar="FILE", help="write the result as JSON; - for stdout")
    output.add_argument("--full", action="store_true", help="all other steps that exclude it")
    output.add_argument("-q", "--quiet", action="store_true", help="no progress")
    add_color(output)
