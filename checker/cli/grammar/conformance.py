"""The grammar of `pmmc vectors` and `pmmc conform`."""

from __future__ import annotations

from checker.cli.grammar.numbers import from_zero, seconds, size, whole_number
from checker.cli.grammar.shared import Add, Options, add_color, add_workers

VECTORS = """Every (local state, message) and every wake that comes about in the model is a request of the
line protocol, and the answer of the model's own rules stands beside it, with the number of a shortest run
after which it comes up. All states are explored, with nothing left out; if a limit ends that, nothing is
written. FOLDER is written whole or not at all; vectors that were in it are replaced.

exit codes: 0 written; 20 a limit was reached; 14 the model raised; 2 wrong usage, a faulty model file, a
model that has no vectors, a folder that cannot be written; 130 interrupted"""

CONFORM = """The command plays each node that there are vectors of, as one does that a model file names
under `implementation`. It is asked every vector twice, the second time in another order and of another
process.

exit codes: 0 all passed; 10 some answers are others than those of the rules; 14 the implementation went
wrong: no answer, or none that can be read, or another one when asked again; 2 wrong usage, vectors that are
stale or not whole; 130 interrupted"""


def add_conformance(add: Add) -> None:
    """`pmmc vectors` and `pmmc conform`."""
    vectors = add("vectors", "write all that nodes of a model are asked, with the answers", epilog=VECTORS)
    vectors.add_argument("model", metavar="MODEL", help="a file, - for stdin, or a shipped one")
    vectors.add_argument("-o", "--output", metavar="FOLDER", required=True, help="write them there")
    _add_role(vectors, "of this role only; may be repeated; default: all")
    limits = vectors.add_argument_group("limits")
    limits.add_argument(
        "--max-states", type=whole_number, metavar="N", help="give up after N distinct states"
    )
    limits.add_argument("--timeout", type=seconds, metavar="S", help="give up after S seconds")
    limits.add_argument("--memory", type=size, metavar="SIZE", help="give up when states take more")
    add_workers(vectors, "; default: one for each core")
    vectors.add_argument("-q", "--quiet", action="store_true", help="no progress, and no account")
    conform = add("conform", "ask an implementation all vectors, and compare the answers", epilog=CONFORM)
    conform.add_argument("folder", metavar="FOLDER", help="what `pmmc vectors` wrote")
    conform.add_argument(
        "words", metavar="COMMAND", nargs="+", help="the implementation and its arguments, after --"
    )
    _add_role(conform, "only the vectors of this role; may be repeated; default: all")
    conform.add_argument(
        "--timeout", type=seconds, metavar="S", default=10.0, help="for each answer (10 seconds)"
    )
    output = conform.add_argument_group("output")
    output.add_argument(
        "--most", type=from_zero, metavar="N", default=10, help="tell of N vectors that fail (10)"
    )
    output.add_argument("--trace", metavar="FILE", help="write the run to the first that fails, for replay")
    output.add_argument("--json", metavar="FILE", help="write the result as JSON; - for stdout")
    output.add_argument("--junit", metavar="FILE", help="write the result as JUnit XML")
    output.add_argument("--full", action="store_true", help="show the run with whole states")
    output.add_argument("-q", "--quiet", action="store_true", help="no progress; only the outcome")
    add_color(output)


def _add_role(options: Options, about: str) -> None:
    options.add_argument("--role", metavar="ROLE", action="append", help=about)
