"""The grammar of the commands that only tell."""

from __future__ import annotations

from checker.cli.grammar.shared import Add, add_protocol

INIT = """A FILE (or a NAME) that ends in .py is a small protocol of your own in one file, written with a
model file beside it: rules, a property, a goal, and a mistake to be found. `pmmc check --load FILE`
checks its models."""


def add_lists(add: Add) -> None:
    """`pmmc models`, `properties`, `schema`, `init` and `ci`."""
    models = add("models", "list the shipped models")
    properties = add("properties", "list the properties and their sources")
    for command in (models, properties):
        command.add_argument("--json", action="store_true", help="as JSON")
        add_protocol(command)
    schema = add("schema", "print the JSON schema of model files, for editors")
    schema.add_argument(
        "model", nargs="?", metavar="MODEL", help="with --wire: of this model and its rules"
    )
    schema.add_argument(
        "--wire",
        action="store_true",
        help="instead of what implementations read and write: messages, local states, requests, answers",
    )
    schema.add_argument("--protocol", metavar="NAME", help="of this protocol; default: pmmc")
    init = add(
        "init",
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
    init.add_argument(
        "--kit",
        metavar="LANGUAGE",
        help="write the kit for nodes in python, javascript or java, with examples, into a folder FILE",
    )
    ci = add("ci", "print what continuous integration needs")
    ci.add_argument("action", choices=("init",), help="init: print a GitHub Actions workflow")
    ci.add_argument(
        "models", nargs="?", default="models", metavar="FOLDER", help="where your models are (models)"
    )
