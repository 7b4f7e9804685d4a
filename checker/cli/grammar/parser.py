"""The grammar of the command line. Standard library only: `--help` must not wait for imports."""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from functools import partial

from checker.cli.grammar.check import add_check
from checker.cli.grammar.compare import add_compare
from checker.cli.grammar.conformance import add_conformance
from checker.cli.grammar.cost import add_cost
from checker.cli.grammar.diff import add_diff
from checker.cli.grammar.explore import add_explore
from checker.cli.grammar.graph import add_graph
from checker.cli.grammar.lists import add_lists
from checker.cli.grammar.mutate import add_mutate
from checker.cli.grammar.replay import add_replay
from checker.cli.grammar.run import add_run
from checker.cli.grammar.shared import EXIT_CODES, add_load
from checker.cli.grammar.simulate import add_simulate
from checker.cli.grammar.validate import add_validate
from checker.cli.grammar.why import add_why
from checker.model.plaintext import objection, printable


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
    add = partial(_add, commands)
    for added in (
        *(add_check, add_simulate, add_replay, add_why, add_graph, add_diff),
        *(add_explore, add_mutate, add_compare, add_cost, add_conformance, add_run, add_validate),
    ):
        added(add)
    add_lists(add)
    for name, command in commands.choices.items():
        if name != "ci":
            add_load(command)
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
    about: str,
    epilog: str | None = None,
) -> ArgumentParser:
    added = commands.add_parser(
        name, help=about, description=about[0].upper() + about[1:] + ".", epilog=epilog
    )
    added.set_defaults(command=name)
    return added
