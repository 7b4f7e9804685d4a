"""The grammar of `pmmc explore`."""

from __future__ import annotations

from argparse import ArgumentTypeError

from checker.cli.grammar.shared import Add, add_loop, add_network, add_property

EPILOG = """The page is served to this machine only, and needs no network. Its address names the path, so it
can be kept as a bookmark or sent along with the model.
exit codes: 0 ended by Ctrl-C; 2 a faulty model or trace, or a port that is taken."""


def add_explore(add: Add) -> None:
    """`pmmc explore`."""
    explore = add(
        "explore",
        "walk through a model or a trace, step by step, on a local page",
        epilog=EPILOG,
    )
    explore.add_argument(
        "model", metavar="MODEL|TRACE", help="a model, or a trace file (.json), which is opened at its end"
    )
    explore.add_argument("--path", metavar="0/3/1", help="begin after these steps: indices, joined by /")
    add_loop(explore)
    add_network(explore)
    add_property(explore, "judge only this property; may be repeated")
    explore.add_argument("--port", type=_port, default=0, metavar="N", help="default: one that is free")
    explore.add_argument("--no-browser", action="store_true", help="only print the address of the page")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65535):
        raise ArgumentTypeError(f"expected a port, 0 to 65535, not {text!r}")
    return int(text)
