"""The grammar of `pmmc check`."""

from __future__ import annotations

from checker.cli.grammar.addresses import cluster_address
from checker.cli.grammar.numbers import seconds
from checker.cli.grammar.shared import (
    EXIT_CODES,
    Add,
    add_color,
    add_detail,
    add_limits,
    add_network,
    add_property,
    add_protocol,
    add_reductions,
    add_workers,
)
from checker.engines.checkpoint import EVERY
from checker.engines.choose import ENGINE_NAMES


def add_check(add: Add) -> None:
    """`pmmc check`."""
    check = add("check", "check models exhaustively", epilog=EXIT_CODES)
    check.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help="a file, a folder of *.yaml, - for stdin, or a shipped model by the name of its file or its "
        "own; without any: all shipped models",
    )
    add_protocol(check)
    check.add_argument("--slow", action="store_true", help="include the shipped models marked slow")
    check.add_argument(
        "--update",
        action="store_true",
        help="record what is found as `expect` in the model files, instead of comparing it",
    )
    asked = check.add_argument_group("what is asked")
    add_network(asked)
    add_property(asked, "check only this property; may be repeated")
    asked.add_argument(
        "--continue",
        action="store_true",
        help="go on past violations through the whole model, and find the shortest one of each property",
    )
    means = check.add_argument_group("means")
    means.add_argument(
        "--engine",
        choices=ENGINE_NAMES,
        default="auto",
        help="auto (the default): reference for tiny models, else native",
    )
    add_workers(means, ", or with --cluster its processes; default: all cores")
    means.add_argument(
        "--cluster",
        nargs="?",
        const="",
        type=cluster_address,
        metavar="ADDRESS",
        help="keep the states in processes of a Ray cluster, which is started on this machine unless the "
        "ADDRESS of one is given: auto, or HOST:PORT",
    )
    add_reductions(means, "fusion", "settling", "symmetry", "ordering")
    means.add_argument(
        "--disk",
        metavar="DIR",
        help="keep states in a file in DIR; without it in memory or, when they come near what --memory "
        "allows, in a temporary file",
    )
    limits = check.add_argument_group("limits; one that is reached makes the check inconclusive")
    add_limits(
        limits,
        "give up after S seconds for each model",
        "give up when states, or all that the check holds, take more, such as 500M or 8G",
    )
    limits.add_argument("--allow-inconclusive", action="store_true", help="exit with 0 instead of 20")
    kept = check.add_argument_group("checkpoints, of the native engine: a check that ends early can go on")
    one = kept.add_mutually_exclusive_group()
    one.add_argument(
        "--checkpoint",
        metavar="DIR",
        help="keep checkpoints there: at ends of levels, and when it is stopped",
    )
    one.add_argument(
        "--resume",
        metavar="DIR",
        help="go on from the checkpoints there, and keep more; MODEL and options are those of then",
    )
    kept.add_argument(
        "--checkpoint-every",
        type=seconds,
        metavar="S",
        default=EVERY,
        help=f"seconds of work between two of them at least; default: {EVERY:g}",
    )
    output = check.add_argument_group("output")
    output.add_argument("--json", metavar="FILE", help="write the results as JSON; - for stdout")
    output.add_argument(
        "--junit", metavar="FILE", help="write JUnit XML: a suite a model, a case a property"
    )
    output.add_argument("--sarif", metavar="FILE", help="write SARIF 2.1.0, for code scanning")
    output.add_argument(
        "--html", metavar="FILE", help="write the report as a page, with diagrams; it loads nothing"
    )
    output.add_argument(
        "--format",
        choices=("text", "github"),
        default="text",
        help="github: also annotations, and a summary of the job with the counterexamples drawn",
    )
    add_detail(output, "counterexamples ")
    output.add_argument(
        "--as-found", action="store_true", help="counterexamples in the order of the search, not of causes"
    )
    output.add_argument(
        "--trace-dir",
        metavar="DIR",
        help="write each counterexample there: to be replayed, drawn, and read by other tools",
    )
    output.add_argument(
        "--witnesses",
        action="store_true",
        help="find how each goal is reached, however deep in the search; --trace-dir writes it there too",
    )
    loudness = output.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="only the verdict, no progress")
    loudness.add_argument("-v", "--verbose", action="store_true", help="for each model all that is known")
    add_color(output)
