"""The grammar of `pmmc run` and `pmmc client`."""

from __future__ import annotations

from argparse import ArgumentTypeError

from checker.cli.grammar.numbers import from_zero, seconds, whole_number
from checker.cli.grammar.shared import Add, add_color

#: The folder of a cluster that nobody names.
FOLDER = "pmmc-run"
#: Servers and clients at most: each is a process, or a part of one, on this machine.
MOST = 50

RUN = """Three servers as processes on 127.0.0.1, over UDP, each with an acceptor, a leader and a
replica, which keep what must survive a crash in DIR/disk and log what they do in DIR/logs. Without
--commands they run until Ctrl-C, and from another terminal `pmmc client DIR put k v` asks them. With
--commands clients ask as fast as they are answered; then the run ends, and is examined: no acknowledged
command lost, replicas equal, answers linearizable.

exit codes: 0 all is well, or ended by hand; 12 something that was promised is not so; 20 not all was
answered in time; 2 wrong usage; 130 a load was interrupted; 70 a process has ended by itself"""

CLIENT = """Asks the cluster that runs in DIR: one command, or those that stand on stdin, one a line.

exit codes: 0 answered; 20 no answer in time, and the command may take effect all the same; 2 wrong usage"""


def share(text: str) -> float:
    """A share of messages, such as 5% or 0.05, for argparse."""
    number = text.removesuffix("%")
    try:
        found = float(number) / (100 if number != text else 1)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1:
        raise ArgumentTypeError(f"expected a share such as 5% or 0.05, less than all, not {text!r}")
    return found


def span_of_time(text: str) -> tuple[float, float]:
    """From how long to how long, in seconds: `1..10ms`, `5ms`, `0.01s`, for argparse."""
    unit = 0.001 if text.endswith("ms") else 1.0
    number = text.removesuffix("ms") if unit < 1 else text.removesuffix("s")
    least, dots, most = number.partition("..")
    try:
        found = (float(least) * unit, float(most if dots else least) * unit)
    except ValueError:
        found = (-1.0, -1.0)
    if not 0 <= found[0] <= found[1] < 60:
        raise ArgumentTypeError(f"expected a time such as 1..10ms or 5ms, not {text!r}")
    return found


def moment(text: str) -> float:
    """A time above 0, such as 1s or 500ms, for argparse."""
    if text.endswith("ms"):
        return seconds(text.removesuffix("ms")) / 1000
    return seconds(text.removesuffix("s"))


def few(text: str) -> int:
    """A small whole number, for argparse."""
    return whole_number(text, MOST)


def add_run(add: Add) -> None:
    """`pmmc run` and `pmmc client`."""
    run = add("run", "run the protocol as processes of this machine", epilog=RUN)
    run.add_argument(
        "folder", nargs="?", default=FOLDER, metavar="DIR", help=f"its files; default: {FOLDER}"
    )
    run.add_argument("--fresh", action="store_true", help="forget what an earlier run has left in DIR")
    who = run.add_argument_group("who")
    who.add_argument(
        "--model", metavar="MODEL", help="take sizes and rules of this model, without its bounds"
    )
    who.add_argument("--servers", type=few, metavar="N", help="how many servers; default: 3")
    who.add_argument(
        "--apart", action="store_true", help="each acceptor, leader and replica a process of its own"
    )
    network = run.add_argument_group("what goes wrong, by seed")
    network.add_argument(
        "--loss", type=share, default=0.0, metavar="P", help="share of datagrams lost: 5%%"
    )
    network.add_argument("--duplicate", type=share, default=0.0, metavar="P", help="share that comes twice")
    network.add_argument(
        "--delay", type=span_of_time, default=(0.0, 0.0), metavar="A..B", help="delay of each: 1..10ms"
    )
    network.add_argument(
        "--kill-every", type=moment, metavar="T", help="kill -9 a process each T, such as 1s; it restarts"
    )
    network.add_argument(
        "--no-sync",
        action="append",
        default=[],
        metavar="NODE",
        help="a node that does not sync its disk, wrong on purpose, such as 'acceptor 1'; may be repeated",
    )
    network.add_argument("--seed", type=from_zero, default=0, metavar="N", help="of all this; default: 0")
    load = run.add_argument_group("load")
    load.add_argument("--commands", type=whole_number, metavar="N", help="so many commands, then end")
    load.add_argument("--clients", type=few, default=8, metavar="N", help="by so many clients; default: 8")
    output = run.add_argument_group("output")
    output.add_argument("--no-log", action="store_true", help="no event logs: then less can be examined")
    output.add_argument("--json", metavar="FILE", help="write the result as JSON; - for stdout")
    output.add_argument("-q", "--quiet", action="store_true", help="no progress")
    add_color(output)
    client = add("client", "ask a cluster that runs", epilog=CLIENT)
    client.add_argument("folder", metavar="DIR", help="the folder that `pmmc run` was given")
    client.add_argument("words", nargs="*", metavar="WORD", help="put KEY VALUE, append KEY VALUE, get KEY")
    client.add_argument(
        "--timeout", type=seconds, default=10.0, metavar="S", help="seconds to wait; default: 10"
    )
