"""The grammar of the commands that only tell."""

from __future__ import annotations

from checker.cli.grammar.shared import Add


def add_lists(add: Add) -> None:
    """`pmmc models`, `properties`, `schema`, `init` and `ci`."""
    models = add("models", "list the shipped models")
    models.add_argument("--json", action="store_true", help="as JSON")
    properties = add("properties", "list the properties and their sources")
    properties.add_argument("--json", action="store_true", help="as JSON")
    schema = add("schema", "print the JSON schema of model files, for editors")
    init = add("init", "print a commented model file, or write it")
    init.add_argument(
        "file", nargs="?", metavar="FILE", help="write it there; never over a file that exists"
    )
    for command in (schema, init):
        command.add_argument("--protocol", metavar="NAME", help="of this protocol; default: pmmc")
    ci = add("ci", "print what continuous integration needs")
    ci.add_argument("action", choices=("init",), help="init: print a GitHub Actions workflow")
