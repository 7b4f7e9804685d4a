"""The grammar of the command line. Standard library only: `--help` must not wait for imports."""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from functools import partial

from checker.cli.grammar.compare import add_compare
from checker.cli.grammar.explore import add_explore
from checker.cli.grammar.numbers import at_a_time, seconds, size, whole_number
from checker.cli.grammar.traces import add_graph, add_replay
from checker.engines.choose import ENGINE_NAMES
from checker.model.plaintext import objection, printable
from checker.model.verdict import ExitCode

EXIT_CODES = f"""exit codes
  {ExitCode.OK.value:>3}  verified, or violated as the model file expects
  {ExitCode.USAGE.value:>3}  wrong usage, a faulty model file or protocol, a symmetry or settling
       that is none, a file that cannot be written
  {ExitCode.UNMET.value:>3}  an expectation unmet: a `sometimes` never reached, an action that never fired,
       nothing checked, an `expect` that does not hold
  {ExitCode.DEADLOCK.value:>3}  terminal property violated: the system got stuck
  {ExitCode.SAFETY.value:>3}  invariant or action property violated
  {ExitCode.LIVENESS.value:>3}  liveness violated
  {ExitCode.MODEL_RAISED.value:>3}  the model's own code raised while it was explored
  {ExitCode.INCONCLUSIVE.value:>3}  inconclusive: a limit was reached and nothing was found
  {ExitCode.INTERNAL.value:>3}  internal error of the checker
  {ExitCode.INTERRUPTED.value:>3}  interrupted: by Ctrl-C, SIGTERM or SIGHUP
With several findings the smallest of 11 to 14. Of several models the worst counts:
130, 11 to 14, 70, 10, 2, 20, 0."""

#: What `--protocol` of a command means that is about all protocols.
OF_PROTOCOL = "only of this protocol; default: those of --load, else all that are installed"
INIT = """A FILE (or a NAME) that ends in .py is a small protocol of your own in one file, written with a
model file beside it: rules, a property, a goal, and a mistake to be found. `pmmc check --load FILE`
checks its models."""


class _Version(argparse.Action):
    """`--version`, looked up only when asked for."""

    def __init__(self, option_strings: list[str], dest: str, **_: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from checker.host.version import own_version  # noqa: PLC0415 - reads the installed metadata

        print(f"pmmc {own_version()}")
        parser.exit()


def parser() -> ArgumentParser:
    """The parser of the whole command line."""
    top = _Parser(
        prog="pmmc",
        description="A model checker for Paxos Made Moderately Complex.",
        epilog=f"{EXIT_CODES}\n\n`pmmc COMMAND --help` tells more about a command.",
    )
    top.add_argument("--version", action=_Version)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_check(commands)
    add = partial(_add, commands)
    add_replay(add)
    add_graph(add)
    add_explore(add)
    _add_mutate(commands)
    add_compare(add)
    _add_listings(add)
    for command in commands.choices.values():
        command.add_argument(
            "--load",
            metavar="FILE",
            action="append",
            help="take the protocols in this Python file as installed; may be repeated",
        )
    ci = _add(
        commands, "ci", ("checker.cli.commands.lists", "ci"), "print what continuous integration needs"
    )
    ci.add_argument("action", choices=("init",), help="init: print a GitHub Actions workflow")
    ci.add_argument(
        "models", nargs="?", default="models", metavar="FOLDER", help="where your models are (models)"
    )
    return top


class _Parser(ArgumentParser):
    """No abbreviations: an option that means something today may mean two things tomorrow."""

    def __init__(self, **settings: object) -> None:
        settings.setdefault("formatter_class", RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)  # type: ignore[arg-type]

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> Namespace:
        """The arguments; words that cannot be printed or written into a report are refused."""
        for word in sys.argv[1:] if args is None else args:
            wrong = objection(word)
            if wrong is not None:
                self.error(f"expected plain text, not '{printable(word)}', with {wrong}")
        return super().parse_args(args, namespace)


def _add(
    commands: argparse._SubParsersAction[_Parser],
    name: str,
    command: tuple[str, str],
    about: str,
    epilog: str | None = None,
) -> ArgumentParser:
    added = commands.add_parser(
        name, help=about, description=about[0].upper() + about[1:] + ".", epilog=epilog
    )
    added.set_defaults(command=command)
    return added


def _add_check(commands: argparse._SubParsersAction[_Parser]) -> None:
    check = _add(
        commands,
        "check",
        ("checker.cli.commands.check", "check"),
        "check models exhaustively",
        epilog=EXIT_CODES,
    )
    check.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help="a file, a folder of *.yaml, - for stdin, or a shipped model by the name of its file or its "
        "own; without any: all shipped models",
    )
    check.add_argument("--protocol", metavar="NAME", help=OF_PROTOCOL)
    check.add_argument("--slow", action="store_true", help="include the shipped models marked slow")
    check.add_argument(
        "--update",
        action="store_true",
        help="record what is found as `expect` in the model files, instead of comparing it",
    )
    asked = check.add_argument_group("what is asked")
    asked.add_argument("--network", metavar="NAME", help="lossy-duplicating, at-most-once or fifo")
    asked.add_argument(
        "--property", metavar="ID", action="append", help="check only this property; may be repeated"
    )
    means = check.add_argument_group("means")
    means.add_argument(
        "--engine",
        choices=ENGINE_NAMES,
        default="auto",
        help="auto (the default): reference for tiny models, else native",
    )
    means.add_argument(
        "--workers", type=at_a_time, metavar="N", help="threads of the native engine; default: all cores"
    )
    for name, about in (
        ("fusion", "list every silent step"),
        ("settling", "keep messages apart that a node cannot tell apart"),
        ("symmetry", "explore all permutations"),
    ):
        means.add_argument(f"--no-{name}", action="store_true", help=about)
    limits = check.add_argument_group("limits; one that is reached makes the check inconclusive")
    limits.add_argument(
        "--max-states", type=whole_number, metavar="N", help="give up after N distinct states"
    )
    limits.add_argument("--max-depth", type=whole_number, metavar="N", help="give up after N levels")
    limits.add_argument(
        "--timeout", type=seconds, metavar="S", help="give up after S seconds for each model"
    )
    limits.add_argument(
        "--memory",
        type=size,
        metavar="SIZE",
        help="give up when states, or all that the check holds, take more, such as 500M or 8G",
    )
    limits.add_argument("--allow-inconclusive", action="store_true", help="exit with 0 instead of 20")
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
    output.add_argument("--full", action="store_true", help="counterexamples with whole states, uncut")
    output.add_argument(
        "--as-found", action="store_true", help="counterexamples in the order of the search, not of causes"
    )
    output.add_argument(
        "--trace-dir",
        metavar="DIR",
        help="write each counterexample there: to be replayed, drawn, and read by other tools",
    )
    output.add_argument(
        "--witnesses", action="store_true", help="with --trace-dir: also how each goal is reached"
    )
    loudness = output.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="only the verdict, no progress")
    loudness.add_argument("-v", "--verbose", action="store_true", help="a full report for each model")
    output.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
    )


def _add_listings(add: Callable[..., ArgumentParser]) -> None:
    listing = "checker.cli.commands.lists"
    models = add("models", (listing, "models"), "list the shipped models")
    properties = add("properties", (listing, "properties"), "list the properties and their sources")
    for command in (models, properties):
        command.add_argument("--json", action="store_true", help="as JSON")
        command.add_argument("--protocol", metavar="NAME", help=OF_PROTOCOL)
    schema = add("schema", (listing, "schema"), "print the JSON schema of model files, for editors")
    schema.add_argument("--protocol", metavar="NAME", help="of this protocol; default: pmmc")
    init = add(
        "init",
        (listing, "init"),
        "print a commented model file, or write it; or write a protocol to begin with",
        epilog=INIT,
    )
    init.add_argument(
        "file", nargs="?", metavar="FILE", help="write it there; never over a file that exists"
    )
    init.add_argument(
        "--protocol",
        metavar="NAME",
        nargs="?",
        const="protocol.py",
        help="of this protocol; default: pmmc. Without NAME: write protocol.py",
    )


def _add_mutate(commands: argparse._SubParsersAction[_Parser]) -> None:
    mutate = _add(
        commands,
        "mutate",
        ("checker.cli.commands.mutate", "mutate"),
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
    mutate.add_argument("--protocol", metavar="NAME", help=OF_PROTOCOL)
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
    mutate.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
    )
