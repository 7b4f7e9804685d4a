"""The grammar of `pmmc mutate`."""

from __future__ import annotations

from checker.cli.grammar.numbers import at_a_time
from checker.cli.grammar.shared import Add, add_color, add_protocol


def add_mutate(add: Add) -> None:
    """`pmmc mutate`."""
    mutate = add(
        "mutate",
        "run protocols that are wrong on purpose, and see which property raises the alarm",
        epilog="Exit code 0 if every mutant is killed by the property and after the steps that its entry "
        "says, and every control is green; else 10; 70 if one could not be examined; 130 if interrupted.",
    )
    mutate.add_argument(
        "ids",
        nargs="*",
        metavar="ID",
        help="a mutant's id or name, as in acme/A-01 if another protocol has it too; without any: all",
    )
    add_protocol(mutate)
    mutate.add_argument(
        "--jobs", type=at_a_time, metavar="N", help="processes at a time; default: all cores"
    )
    mutate.add_argument(
        "--reductions",
        choices=("on", "off"),
        default="off",
        help="off (the default): lengths are compared; on: only that each kill still happens",
    )
    mutate.add_argument("--print", action="store_true", help="print their model files, and run nothing")
    mutate.add_argument("--json", metavar="FILE", help="write the results as JSON; - for stdout")
    mutate.add_argument("-q", "--quiet", action="store_true", help="only the last lines, no progress")
    add_color(mutate)
