"""The grammar of `pmmc validate`."""

from __future__ import annotations

from checker.cli.grammar.numbers import seconds
from checker.cli.grammar.shared import Add, add_color

CODES = """Of each node its log is replayed by the rules of its role; between nodes, what was taken must
have been sent; and along one order in which everything comes after its causes properties are judged.

exit codes: 0 the logs fit; 10 they do not, or there is nothing in them; 12 they fit and a property is
violated; 2 wrong usage, a faulty log or model; 14 a rule raised; 20 a limit was reached; 130 interrupted"""


def add_validate(add: Add) -> None:
    """`pmmc validate`."""
    validate = add("validate", "hold logs of a running system against the model", epilog=CODES)
    validate.add_argument("logs", nargs="+", metavar="LOG", help="files, or folders of *.jsonl")
    against = validate.add_argument_group("what they are held against")
    against.add_argument(
        "--model", metavar="MODEL", help="this model; default: what the logs' own start events say"
    )
    against.add_argument(
        "--mapping", metavar="NAME", help="the logs are in other words: a mapping file, or a shipped one"
    )
    against.add_argument(
        "--rule", metavar="PART=VARIANT", action="append", help="a rule instead of the usual one"
    )
    against.add_argument("--protocol", metavar="NAME", default="pmmc", help="whose logs; default: pmmc")
    limits = validate.add_argument_group("limits")
    limits.add_argument("--timeout", type=seconds, metavar="S", help="give up after S seconds")
    limits.add_argument(
        "--coverage",
        type=seconds,
        metavar="S",
        help="explore the model, for S seconds at most, and tell which local situations were visited",
    )
    output = validate.add_argument_group("output")
    output.add_argument("--json", metavar="FILE", help="write the result as JSON; - for stdout")
    output.add_argument("--junit", metavar="FILE", help="write it as JUnit XML; - for stdout")
    output.add_argument(
        "--trace-dir", metavar="DIR", help="write the run, and a shortest way to what it has not visited"
    )
    output.add_argument("--full", action="store_true", help="whole states, uncut")
    output.add_argument("-q", "--quiet", action="store_true", help="only the verdict, no progress")
    add_color(output)
