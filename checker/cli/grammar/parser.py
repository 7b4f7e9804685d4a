"""The grammar of the command line. Standard library only: `--help` must not wait for imports."""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from types import MappingProxyType

from checker.cli.grammar.shared import EXIT_CODES, add_load
from checker.model.plaintext import objection, printable

#: Grammars, modules beside this one, with their commands, in the order in which help lists these.
GRAMMARS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        **{name: (name,) for name in ("check", "simulate", "replay", "why", "graph", "diff")},
        **{name: (name,) for name in ("explore", "mutate", "compare", "cost")},
        "conformance": ("vectors", "conform"),
        "run": ("run", "client"),
        "validate": ("validate",),
        "lists": ("models", "properties", "schema", "init", "ci"),
    }
)


class _Version(argparse.Action):
    """`--version`, looked up only when asked for."""

    def __init__(self, option_strings: list[str], dest: str, **_: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from checker.host.version import own_version  # noqa: PLC0415 - reads the installed metadata

        print(f"pmmc {own_version()}")
        parser.exit()


def parser(arguments: Sequence[str] = ()) -> ArgumentParser:
    """The parser of the whole command line or, if `arguments` begin with a command, of that one alone.

    It reads and says of these arguments what the whole one does, and is there sooner.
    """
    top = _Parser(
        prog="pmmc",
        description="A model checker for Paxos Made Moderately Complex.",
        epilog=f"{EXIT_CODES}\n\n`pmmc COMMAND --help` tells more about a command.",
    )
    top.add_argument("--version", action=_Version)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    named = [module for module, names in GRAMMARS.items() if arguments and arguments[0] in names]
    for module in named or GRAMMARS:
        grammar = import_module(f"checker.cli.grammar.{module}")
        getattr(grammar, f"add_{module}")(partial(_add, commands))
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
