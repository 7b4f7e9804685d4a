"""The grammar of `pmmc simulate`."""

from __future__ import annotations

from functools import partial

from checker.cli.grammar.numbers import at_a_time, from_zero, seconds, size, whole_number
from checker.cli.grammar.shared import EXIT_CODES, Add, add_color, add_detail, add_network, add_property
from checker.engines.simulating import MOST_DEPTH, MOST_RUNS, MOST_SEED, MOST_STEPS, SCHEDULERS


def add_simulate(add: Add) -> None:
    """`pmmc simulate`."""
    simulate = add(
        "simulate",
        "walk through models at random, where there is too much to explore",
        epilog=f"Nothing is ever verified by this: what is found is replayed and exits as with check, else "
        f"the exit code is 20.\n\n{EXIT_CODES}",
    )
    simulate.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="a file, a folder of *.yaml, - for stdin, or a shipped model by the name of its file or its "
        "own",
    )
    asked = simulate.add_argument_group("what is asked")
    add_network(asked)
    add_property(asked, "judge only this property; may be repeated")
    asked.add_argument(
        "--continue", action="store_true", help="go on past violations, and find one of each property"
    )
    walks = simulate.add_argument_group("walks")
    walks.add_argument(
        "--runs",
        type=partial(whole_number, most=MOST_RUNS),
        default=10_000,
        metavar="N",
        help="so many runs; default: 10,000",
    )
    walks.add_argument(
        "--steps",
        type=partial(whole_number, most=MOST_STEPS),
        default=1_000,
        metavar="N",
        help="each of so many steps at most; default: 1,000",
    )
    walks.add_argument(
        "--seed",
        type=partial(from_zero, most=MOST_SEED),
        default=0,
        metavar="N",
        help="where random numbers come from: the same seed, the same runs; default: 0",
    )
    walks.add_argument(
        "--scheduler",
        choices=SCHEDULERS,
        default="mix",
        help="uniform: every step as likely as another; pct: by random priorities that change at "
        "--depth - 1 steps; swarm: without a random subset of what nodes do; mix (the default): by turns",
    )
    walks.add_argument(
        "--depth",
        type=partial(whole_number, most=MOST_DEPTH),
        default=3,
        metavar="N",
        help="for pct: how many events a violation is expected to need in order; default: 3",
    )
    walks.add_argument(
        "--workers",
        type=at_a_time,
        metavar="N",
        help="threads; default: all cores; no result depends on it",
    )
    limits = simulate.add_argument_group("limits")
    limits.add_argument("--timeout", type=seconds, metavar="S", help="end after S seconds for each model")
    limits.add_argument(
        "--memory",
        type=size,
        default=2 << 30,
        metavar="SIZE",
        help="for tables and states, such as 500M or 8G; tables that outgrow it begin anew; default: 2G",
    )
    limits.add_argument("--allow-inconclusive", action="store_true", help="exit with 0 instead of 20")
    output = simulate.add_argument_group("output")
    output.add_argument("--json", metavar="FILE", help="write the results as JSON; - for stdout")
    add_detail(output, "counterexamples ")
    output.add_argument(
        "--as-found", action="store_true", help="counterexamples in the order of the run, not of causes"
    )
    output.add_argument(
        "--trace-dir",
        metavar="DIR",
        help="write each counterexample there: to be replayed, drawn, and read by other tools",
    )
    output.add_argument("-q", "--quiet", action="store_true", help="only the verdict, no progress")
    add_color(output)
