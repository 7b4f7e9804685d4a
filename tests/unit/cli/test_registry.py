"""Modules that are named by texts exist, and there are few such places: no tool sees into a text."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import checker
from checker.cli.grammar.parser import parser
from checker.cli.registry import COMMANDS, command_named
from checker.engines.choose import ENGINES

ROOT = Path(__file__).parents[3]
#: Files that name modules in texts: the public names, the commands, the engines, what is loaded when rarely
#: needed; each is tested to name what there is.
NAMING = {
    "checker/__init__.py",
    "checker/checking/result.py",
    "checker/cli/registry.py",
    "checker/engines/choose.py",
    "checker/engines/native/kernel/machine.py",
}
PACKAGES = {"checker.drawings.html"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name: str) -> None:
    assert callable(command_named(name))


def test_the_grammar_has_the_commands_and_no_others() -> None:
    choices = parser()._subparsers._group_actions[0].choices
    assert list(choices) == list(COMMANDS)
    assert all(command.get_default("command") == name for name, command in choices.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_read_of_a_command_alone_is_what_the_whole_grammar_reads(name: str) -> None:
    whole, alone = parser(), parser([name, "--whatever"])
    subparsers = [one._subparsers._group_actions[0].choices for one in (whole, alone)]
    assert len(subparsers[1]) <= 5
    assert subparsers[0][name].format_help() == subparsers[1][name].format_help()
    assert whole.format_usage() == alone.format_usage()


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_is_there(name: str) -> None:
    assert callable(import_module(ENGINES[name]).explore)


@pytest.mark.parametrize("name", checker.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(checker, name) is not None


def test_modules_are_named_by_texts_in_few_places() -> None:
    path = re.compile(r"checker(\.\w+)+(:\w+)?")
    found = {}
    for file in sorted((ROOT / "checker").rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        modules = {
            node.value
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and path.fullmatch(node.value)
        }
        if modules - PACKAGES and name not in NAMING:
            found[name] = modules - PACKAGES
    assert found == {"checker/modelfiles/protocol.py": {"checker.protocols"}}, "that is an entry point"
