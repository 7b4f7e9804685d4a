"""`python -m bench`: measure the rows that are asked for, one after another, and write what was found.

Every row is kept as soon as it is measured, so an interrupted run is taken up again with `--rows`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping

from bench.checks import duplicating, same_question
from bench.growth import growth
from bench.liveness import against_safety, against_tlc
from bench.machine import describe
from bench.measure import RunError
from bench.peers import peers
from bench.plan import Account, Plan, pmmc
from bench.raw import raw, reference
from bench.results import HERE, Store, write
from bench.scale import actors, checkpoints, memory, on_disk, ordering, simulation
from bench.spin import find_spin
from bench.startup import startup
from bench.throughput import throughput, workers
from bench.tla import VARIABLE, find_tlc

ROWS: Mapping[str, tuple[str, Callable[[Plan], Account]]] = {
    "a": ("raw exploration against TLC and SPIN", raw),
    "b": ("the reference engine", reference),
    "c": ("the same question with default reductions", same_question),
    "d": ("the duplicating network with default reductions", duplicating),
    "e": ("throughput beyond ten million states", throughput),
    "f": ("two workers against one", workers),
    "g": ("growth to more than fifty million states", growth),
    "h": ("start-up", startup),
    "i": ("other tools with their own reductions", peers),
    "j": ("fair runs against TLC", against_tlc),
    "k": ("fair runs against safety", against_safety),
    "l": ("each interleaving once", ordering),
    "m": ("bytes a state, the log in memory and on disk", memory),
    "n": ("195,584,540 states within 2 GB", on_disk),
    "o": ("what checkpoints cost", checkpoints),
    "p": ("Ray with 1, 2 and 4 actors", actors),
    "q": ("random walks", simulation),
}


def arguments() -> argparse.Namespace:
    """The command line."""
    listed = "; ".join(f"{row}: {about}" for row, (about, _) in ROWS.items())
    reader = argparse.ArgumentParser(prog="python -m bench", description=__doc__, epilog=f"rows: {listed}")
    reader.add_argument(
        "--rows", default=",".join(ROWS), help="which to measure, such as a,c; default: all"
    )
    reader.add_argument(
        "--tlc", metavar="COMMAND", help=f"how to run TLC; default: the variable {VARIABLE}"
    )
    reader.add_argument("--runs", type=int, default=5, help="runs of each short measurement")
    reader.add_argument(
        "--peer-runs", type=int, default=3, help="runs of each long one, and of other tools"
    )
    reader.add_argument(
        "--quick", action="store_true", help="one run of little, into quick.json and quick.md: a rehearsal"
    )
    args = reader.parse_args()
    unknown = sorted(set(args.rows.split(",")) - ROWS.keys())
    if unknown:
        reader.error(f"there is no row {', '.join(unknown)}; rows: {listed}")
    return args


def say(text: str) -> None:
    """Progress, at once."""
    print(text, flush=True)


def main() -> int:
    """Measure; exit code 1 if a row failed, 130 if interrupted."""
    args = arguments()
    quick = bool(args.quick)
    plan = Plan(
        runs=1 if quick else args.runs,
        peer_runs=1 if quick else args.peer_runs,
        quick=quick,
        tlc=find_tlc(args.tlc),
        spin=find_spin(),
        say=say,
    )
    machine = describe(plan)
    for name, value in machine.items():
        say(f"{name}: {value}")
    store = Store(HERE / ("quick.json" if quick else "results.json"))
    failed = False
    pmmc("check", "duel", "--engine", "native", "--quiet")  # compiled before anything is measured
    try:
        for row in args.rows.split(","):
            about, measure = ROWS[row]
            say(f"\n{row}. {about}")
            begun = time.monotonic()
            try:
                account = measure(plan)
            except RunError as error:
                failed = True
                say(f"  failed: {error}")
                continue
            store.keep(row, account.plain(), machine)
            say(f"  {time.monotonic() - begun:.0f} s")
    except KeyboardInterrupt:
        say("interrupted; the rows measured so far are kept")
        return 130
    finally:
        say("written: " + ", ".join(path.name for path in write(store, quick=quick)))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
