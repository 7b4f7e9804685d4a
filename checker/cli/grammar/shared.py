"""What the grammars of several commands share: how a command is added, its exit codes, its options."""

from __future__ import annotations

import argparse
from typing import Protocol

from checker.cli.grammar.numbers import at_a_time, from_zero, seconds, size, whole_number
from checker.model.network import listed
from checker.model.verdict import ExitCode

EXIT_CODES = f"""exit codes
  {ExitCode.OK.value:>3}  verified, or violated as the model file expects
  {ExitCode.USAGE.value:>3}  wrong usage, a faulty model file or protocol, a symmetry or settling
       that is none, a file that cannot be written
  {ExitCode.UNMET.value:>3}  an expectation unmet: a `sometimes` never reached, an action that never fired,
       nothing checked, an `expect` that does not hold
  {ExitCode.DEADLOCK.value:>3}  terminal property or `can-still` violated: the system got stuck
  {ExitCode.SAFETY.value:>3}  invariant or action property violated
  {ExitCode.LIVENESS.value:>3}  liveness violated: a fair run never comes to what `eventually` and its like
       ask for
  {ExitCode.MODEL_RAISED.value:>3}  the model's own code raised while it was explored
  {ExitCode.INCONCLUSIVE.value:>3}  inconclusive: a limit was reached and nothing was found
  {ExitCode.INTERNAL.value:>3}  internal error of the checker
  {ExitCode.INTERRUPTED.value:>3}  interrupted: by Ctrl-C, SIGTERM or SIGHUP
With several findings the smallest of 11 to 14. Of several models the worst counts:
130, 11 to 14, 70, 10, 2, 20, 0."""

#: What `--protocol` of a command means that is about all protocols.
OF_PROTOCOL = "only of this protocol; default: those of --load, else all that are installed"


class Add(Protocol):
    """Adds a command to the grammar: its name, what it does, and what stands below its help."""

    def __call__(self, name: str, about: str, epilog: str | None = None) -> argparse.ArgumentParser:
        """The command's own parser."""


#: A parser, or a group of options of one.
Options = argparse._ActionsContainer  # noqa: SLF001 - there is no public name for what both are


def add_load(options: Options) -> None:
    """`--load`."""
    options.add_argument(
        "--load",
        metavar="FILE",
        action="append",
        help="take the protocols in this Python file as installed; may be repeated",
    )


def add_protocol(options: Options) -> None:
    """`--protocol` of a command that is about all protocols."""
    options.add_argument("--protocol", metavar="NAME", help=OF_PROTOCOL)


def add_loop(options: Options) -> None:
    """`--loop` beside `--path`, for a run without end."""
    about = "of --path the steps after the first N repeat for ever"
    options.add_argument("--loop", type=from_zero, metavar="N", help=about)


def add_network(options: Options) -> None:
    """`--network`, instead of the model's own."""
    options.add_argument("--network", metavar="NAME", help=listed())


def add_property(options: Options, about: str) -> None:
    """`--property`, instead of those that the model names."""
    options.add_argument("--property", metavar="ID", action="append", help=about)


def add_reductions(options: Options, *names: str) -> None:
    """An option for each reduction that can be switched off."""
    about = {
        "fusion": "list every silent step",
        "settling": "keep messages apart that a node cannot tell apart",
        "symmetry": "explore all permutations",
        "ordering": "follow steps that commute in every order; no count but that of steps followed changes",
    }
    for name in names:
        options.add_argument(f"--no-{name}", action="store_true", help=about[name])


def add_workers(options: Options, default: str = "") -> None:
    """`--workers`."""
    about = f"threads of the native engine{default}"
    options.add_argument("--workers", type=at_a_time, metavar="N", help=about)


def add_limits(options: Options, timeout: str, memory: str) -> None:
    """Where a search gives up; two of them are told in the command's own words."""
    options.add_argument(
        "--max-states", type=whole_number, metavar="N", help="give up after N distinct states"
    )
    options.add_argument("--max-depth", type=whole_number, metavar="N", help="give up after N levels")
    options.add_argument("--timeout", type=seconds, metavar="S", help=timeout)
    options.add_argument("--memory", type=size, metavar="SIZE", help=memory)


def add_detail(options: Options, what: str = "") -> None:
    """How much is shown of a trace: `--deltas` or `--full`."""
    detail = options.add_mutually_exclusive_group()
    detail.add_argument(
        "--deltas", action="store_true", help=f"{what}with all that each step changes, however long"
    )
    detail.add_argument("--full", action="store_true", help=f"{what}with whole states after each step")


def add_color(options: Options) -> None:
    """`--color`."""
    options.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
    )
