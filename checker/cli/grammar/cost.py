"""The grammar of `pmmc cost`."""

from __future__ import annotations

from checker.cli.grammar.numbers import seconds, size, whole_number
from checker.cli.grammar.shared import Add, add_color

CODES = """Of each call of a client, over all runs in which no message is lost or comes twice and no node
crashes: the fewest message delays on the longest chain of messages from the invocation to the answer;
the fewest writes to stable storage on it; the fewest messages that are sent until the answer in a run
that has these; and the fewest in any run until nothing of it is under way any more.

exit codes: 0 all is known; 10 a call that no run answers; 20 a limit was reached; 14 a model raised;
2 wrong usage, a faulty model file, or a model without calls; 130 interrupted"""


def add_cost(add: Add) -> None:
    """`pmmc cost`."""
    cost = add("cost", "work out what a call of a client costs", epilog=CODES)
    cost.add_argument("models", nargs="+", metavar="MODEL", help="files, folders, - for stdin, or shipped")
    asked = cost.add_argument_group("what is counted")
    asked.add_argument(
        "--call", metavar="TEXT", action="append", help="only this call; may be repeated; default: all"
    )
    asked.add_argument(
        "--from-start",
        action="store_true",
        help="from the start of the run on, not from the invocation: what was under way has to come first",
    )
    limits = cost.add_argument_group("limits, for each search")
    limits.add_argument(
        "--max-states", type=whole_number, metavar="N", help="give up after N distinct states"
    )
    limits.add_argument("--timeout", type=seconds, metavar="S", help="give up after S seconds")
    limits.add_argument("--memory", type=size, metavar="SIZE", help="give up when states take more")
    output = cost.add_argument_group("output")
    output.add_argument("--json", metavar="FILE", help="write the result as JSON; - for stdout")
    output.add_argument("--full", action="store_true", help="all runs, with whole states, uncut")
    output.add_argument("-q", "--quiet", action="store_true", help="only the table, no progress")
    add_color(output)
