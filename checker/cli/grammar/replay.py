"""The grammar of `pmmc replay`."""

from __future__ import annotations

from checker.cli.grammar.numbers import from_zero
from checker.cli.grammar.shared import Add, add_color, add_detail, add_loop, add_network, add_property

CODES = """exit codes: 0 nothing is violated, or the goal is reached; 10 the trace no longer fits
or no longer shows what it did; 11 to 14 as for `pmmc check`; 2 a faulty file."""


def add_replay(add: Add) -> None:
    """`pmmc replay`."""
    replay = add(
        "replay",
        "take the steps of a trace again and judge the properties anew",
        epilog=CODES,
    )
    replay.add_argument("trace", metavar="TRACE", help="a trace file (.json), or with --path a model")
    replay.add_argument("--path", metavar="0/3/1", help="the steps to take: indices, joined by /")
    add_loop(replay)
    replay.add_argument("--at", type=from_zero, metavar="N", help="show the whole state after step N")
    add_detail(replay)
    replay.add_argument(
        "--lanes", action="store_true", help="draw the calls of clients, where a model keeps their history"
    )
    replay.add_argument(
        "--pictures",
        action="store_true",
        help="show the protocol's own pictures: at the end, or with --at after step N",
    )
    replay.add_argument(
        "--html", metavar="FILE", help="write the trace as a page to walk through; it loads nothing"
    )
    replay.add_argument(
        "--model", metavar="MODEL", help="replay on this model instead of the one in the trace"
    )
    add_network(replay)
    add_property(replay, "judge only this property")
    add_color(replay)
