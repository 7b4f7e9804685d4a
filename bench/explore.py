"""`python -m bench.explore MODEL`: one exploration in this process, its account as a line of JSON.

The compiled code is loaded, and a tiny model explored, before the clock starts; so `seconds` holds the
search alone: filling tables, exploring, judging. With `--samples` it also tells how the search grew.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.measure import RSS_UNIT
from bench.profile import Profile
from bench.sizes import TINY
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import UNREDUCED, Exploration, Limits, Progress, Reductions
from checker.engines.native import tuning
from checker.model.properties import On
from checker.modelfiles.loading import load, load_text
from checker.modelfiles.protocol import protocols

_STATM = Path("/proc/self/statm")


def resident() -> int:
    """Resident bytes of this process now (where that is not known: at most so far)."""
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT


class Sampler:
    """Notes states, generated steps, seconds and resident bytes at every so many states."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.taken: list[tuple[int, int, float, int]] = []

    def __call__(self, so_far: Progress) -> None:
        """Take a sample if it is time."""
        if not self.taken or so_far.states >= self.taken[-1][0] + self.every:
            self.taken.append((so_far.states, so_far.generated, so_far.seconds, resident()))


def account(found: Exploration) -> dict[str, Any]:
    """The figures of an exploration."""
    return {
        "seconds": found.seconds,
        "states": found.states,
        "generated": found.generated,
        "followed": found.followed,
        "depth": found.depth,
        "complete": found.complete,
        "bytes_per_state": found.bytes_per_state,
        "violated": [each.property for each in found.violations],
        "answered": all(waits.answered for waits in found.waits.values()),
        **found.statistics,
    }


def main() -> int:
    """Explore and print."""
    reader = argparse.ArgumentParser(prog="python -m bench.explore", description=__doc__)
    reader.add_argument("model", help="a model file")
    reader.add_argument("--engine", choices=("native", "reference"), default="native")
    reader.add_argument("--unreduced", action="store_true")
    reader.add_argument(
        "--in-order", action="store_true", help="follow each interleaving once, from the first level on"
    )
    reader.add_argument("--without-runs", action="store_true", help="leave out what is claimed of runs")
    reader.add_argument("--workers", type=int, default=1)
    reader.add_argument("--max-states", type=int)
    reader.add_argument("--disk", metavar="FOLDER", type=Path, help="keep the states in files there")
    reader.add_argument("--profile", action="store_true", help="tell in which kernels the seconds go")
    reader.add_argument("--samples", type=int, default=0, help="how many samples to take on the way")
    args = reader.parse_args()
    installed = protocols()
    begun = time.perf_counter()
    reductions = UNREDUCED if args.unreduced else Reductions()
    if args.in_order:
        reductions = replace(reductions, ordering=True)
        tuning.USUAL = replace(tuning.USUAL, ordered=0, steps=0, spared=0)
    means = Means(args.engine, reductions, args.workers)
    choose_engine(means)(load_text(TINY.yaml(), "tiny", protocols=installed).system, Limits(), None)
    engine = choose_engine(replace(means, disk=args.disk))
    loading = time.perf_counter() - begun
    system = load(args.model, protocols=installed).system
    if args.without_runs:
        of_states = tuple(claim for claim in system.properties if claim.kind.on is not On.RUN)
        system = replace(system, properties=of_states)
    profile = Profile()
    if args.profile:
        profile.begin()
    before = resident()
    most = args.max_states or 0
    sampler = Sampler(max(1, most // args.samples)) if args.samples else None
    processor = time.process_time()
    found = engine(system, Limits(max_states=args.max_states), sampler)
    told = account(found) | {
        "processor": time.process_time() - processor,
        "loading": loading,
        "resident_before": before,
        "resident_after": max(resident(), *(sample[3] for sample in sampler.taken))
        if sampler
        else resident(),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT,
        "samples": sampler.taken if sampler else [],
        **(profile.account() if args.profile else {}),
    }
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
