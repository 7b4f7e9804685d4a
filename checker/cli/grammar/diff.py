"""The grammar of `pmmc diff`."""

from __future__ import annotations

from checker.cli.grammar.shared import Add, add_color

CODES = """Two traces are the same if they take the same steps for the same causes, in whatever order those
are listed that have nothing to do with each other. Their models may be others, if they have the same nodes.

formats, by the ending of FILE: .shiviz.log for ShiViz, which shows both side by side; .dot, .mmd, .graphml
and .json: one graph of what caused what, with the common past once.

exit codes: 0 the same; 10 different; 14 a model raised; 2 wrong usage, or a faulty file"""


def add_diff(add: Add) -> None:
    """`pmmc diff`."""
    diff = add("diff", "show where two traces part, and what they have in common", epilog=CODES)
    diff.add_argument("traces", nargs=2, metavar="TRACE", help="a trace file (.json)")
    diff.add_argument("-o", "--output", metavar="FILE", help="write both traces as one file")
    diff.add_argument("--json", metavar="FILE", help="write the result as JSON; - for stdout")
    diff.add_argument("-q", "--quiet", action="store_true", help="only the first line")
    add_color(diff)
