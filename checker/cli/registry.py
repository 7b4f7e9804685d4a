"""The commands by name, and where each is written: the one place that names their modules.

A command's module imports what the command needs, so it is imported when the command runs.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

#: Command → its module and its function, as entry points have it.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "check": "checker.cli.commands.check:check",
        "simulate": "checker.cli.commands.simulate:simulate",
        "replay": "checker.cli.commands.replay:replay",
        "why": "checker.cli.commands.why:why",
        "graph": "checker.cli.commands.graph:graph",
        "diff": "checker.cli.commands.diff:diff",
        "explore": "checker.cli.commands.explore:explore",
        "mutate": "checker.cli.commands.mutate:mutate",
        "compare": "checker.cli.commands.compare:compare",
        "cost": "checker.cli.commands.cost:cost",
        "vectors": "checker.cli.commands.conformance:vectors",
        "conform": "checker.cli.commands.conformance:conform_",
        "run": "checker.cli.commands.run:run",
        "client": "checker.cli.commands.run:client",
        "validate": "checker.cli.commands.validate:validate",
        "models": "checker.cli.commands.lists:models",
        "properties": "checker.cli.commands.lists:properties",
        "schema": "checker.cli.commands.lists:schema",
        "init": "checker.cli.commands.lists:init",
        "ci": "checker.cli.commands.lists:ci",
    }
)


def command_named(name: str) -> Callable[[Namespace], int]:
    """The function that carries a command out; its answer is the exit code."""
    module, _, function = COMMANDS[name].partition(":")
    command: Callable[[Namespace], int] = getattr(import_module(module), function)
    return command
