"""The hunt's command line. Ends with 1 if something failed, 130 if it was interrupted, else 0."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

from .comparing import Effort
from .hunting import Bag, Catch, hunt, say, told, tried
from .recipes import CLASSES, EVERY, GENERATORS, chosen, parsed

#: Seeds of one `--seed`, and failures of one kind that are made smaller.
SEEDS = 10**6
ENOUGH = 3


def main() -> int:
    """Hunt, or replay."""
    options = _options()
    if options.replay is not None:
        return _replay(options)
    bag = Bag()
    code = 0
    begun = time.monotonic()
    try:
        say(f"seeds from {options.seed * SEEDS:,} on, {options.workers_of_hunt} at a time")
        for catch in _catches(options, bag):
            bag.add(catch)
            if catch.failure:
                code = 1
                say(f"FAILED  {told(catch)}")
                options.report.parent.mkdir(parents=True, exist_ok=True)
                with options.report.open("a", encoding="utf-8") as file:
                    file.write(told(catch) + "\n")
            done = sum(bag.models.values())
            if done % 100 == 0:
                failed = sum(bag.failures.values())
                say(f"{done:,} models, {failed:,} failures, {time.monotonic() - begun:.0f} s")
    except KeyboardInterrupt:
        say("interrupted")
        code = 130
    say(f"\n{bag.table()}\n{time.monotonic() - begun:.0f} seconds")
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.differential.hunt", description=__doc__)
    parser.add_argument("--models", type=int, default=1000, help="how many models")
    parser.add_argument("--seed", type=int, default=0, help="which models")
    parser.add_argument("--minutes", type=float, help="end after so long")
    parser.add_argument("--workers-of-hunt", type=int, default=1, help="models compared at a time")
    sizes = [most for most, weight in CLASSES.items() if weight]
    parser.add_argument("--largest", type=int, choices=sizes, default=sizes[-1], help="the most states")
    parser.add_argument("--generator", choices=list(GENERATORS), action="append", help="only this one")
    parser.add_argument(
        "--report", type=Path, default=Path("out/hunt.txt"), help="where failures are noted"
    )
    parser.add_argument("--replay", metavar="SEED|RECIPE", help="compare one model again, and say more")
    return parser.parse_args()


def _replay(options: argparse.Namespace) -> int:
    name = options.replay
    recipe = parsed(name) if ":" in name else chosen(int(name), options.largest, options.generator or EVERY)
    say(f"{recipe}\n{recipe.shown()}")
    catch = tried(recipe.seed, recipe, Effort(most=options.largest))
    say(f"{catch.outcome}\n{dict(catch.seen)}\n{catch.failure or 'nothing fails'}")
    return int(bool(catch.failure))


def _catches(options: argparse.Namespace, bag: Bag) -> Iterator[Catch]:
    """What becomes of each seed, as it is known; a seed whose process dies is a catch too."""
    end = time.monotonic() + 60 * options.minutes if options.minutes else float("inf")
    seeds = iter(range(options.seed * SEEDS, options.seed * SEEDS + min(options.models, SEEDS)))
    pools = [_pool() for _ in range(options.workers_of_hunt)]
    under_way: dict[Future[Catch], tuple[int, int]] = {}

    def begin(number: int) -> None:
        known = tuple(cause for cause, count in bag.failures.items() if count >= ENOUGH)
        effort = Effort(most=options.largest)
        generators = options.generator or EVERY
        for seed in islice(seeds, 1):
            task = pools[number].submit(hunt, seed, options.largest, effort, generators, known)
            under_way[task] = seed, number

    try:
        for number in range(len(pools)):
            begin(number)
        while under_way and time.monotonic() < end:
            done, _ = wait(under_way, return_when=FIRST_COMPLETED, timeout=1)
            for task in done:
                seed, number = under_way.pop(task)
                try:
                    yield task.result()
                except BrokenProcessPool:
                    pools[number] = _pool()
                    yield Catch(seed, f"unknown:{seed}:", failure="the process that compared it died")
                begin(number)
    finally:
        for pool in pools:
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(cancel_futures=True)


def _pool() -> ProcessPoolExecutor:
    """One process, so that it is known of what it dies if it does. It leaves Ctrl-C to this one."""
    context = multiprocessing.get_context("spawn")
    ignored = (signal.SIGINT, signal.SIG_IGN)
    return ProcessPoolExecutor(1, mp_context=context, initializer=signal.signal, initargs=ignored)


if __name__ == "__main__":
    os.environ.setdefault("PMMC_ASSERTIONS", "all")  # compare all that changes its form
    raise SystemExit(main())
