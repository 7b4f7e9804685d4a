"""What random walks find: ten mutants that need three acceptors, coverage of five models, steps a second.

`python -m bench.simulation` prints the tables of docs/simulation.md; `--write` puts them there. Runs are
counted, which is the same everywhere; seconds are processor time of one thread on this machine.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from checker.cli.models import installed, load_all
from checker.engines.choose import native_walks
from checker.engines.contract import UNREDUCED
from checker.engines.native.engine import explore
from checker.engines.native.kernel import machine
from checker.engines.native.walks.simulating import Simulation
from checker.engines.simulating import SCHEDULERS, Walks
from checker.model.system import System
from checker.mutation.examine import load_mutant
from spec.mutants import CATALOGUE

#: Mutants of configurations with three acceptors, each violating a safety property.
MUTANTS = ("A-03", "A-10", "A-12", "A-14", "B-03a", "B-03b", "B-04", "B-05", "B-06", "B-08")
#: Models that can be explored, small enough for an exhaustive count.
MODELS = ("two-acceptors", "duel", "two-replicas", "three-acceptors", "majorities")
RUNS = (1_000, 10_000, 100_000)
#: Models with five acceptors, of this folder, whose tables get warm.
WARM = ("five-acceptors-one-leader", "five-acceptors-two-leaders")
DOCUMENT = Path(__file__).parents[1] / "docs" / "simulation.md"


def mutants() -> Iterator[str]:
    """For each mutant the runs and seconds until it is found, by each scheduler."""
    from checker.modelfiles.protocol import protocols  # noqa: PLC0415 - finds what is installed

    pmmc = protocols()["pmmc"]
    yield "| mutant | violates | " + " | ".join(SCHEDULERS) + " |"
    yield "|---|---|" + "---:|" * len(SCHEDULERS)
    for mutant in CATALOGUE:
        if mutant.id not in MUTANTS:
            continue
        system = load_mutant(pmmc, mutant).system
        assert system.bounds["acceptors"] == 3
        cells, violates = [], ""
        for scheduler in SCHEDULERS:
            begun = time.process_time()
            found = native_walks()(system, Walks(runs=200_000, scheduler=scheduler))
            seconds = time.process_time() - begun
            first = next((s for s in found.sighted if s.property == mutant.property), None)
            first = first or next(iter(found.sighted), None)
            violates = violates or (mutant.property if first else "")
            cells.append(f"run {first.run + 1:,}, {seconds:.1f} s" if first else f"none in {found.runs:,}")
        yield f"| {mutant.id} {mutant.name} | {violates} | " + " | ".join(cells) + " |"


def coverage() -> Iterator[str]:
    """For each model how much of all its states so many runs have seen."""
    yield "| model | states | scheduler | " + " | ".join(f"{n:,} runs" for n in RUNS) + " |"
    yield "|---|---:|---|" + "---:|" * len(RUNS)
    for name in MODELS:
        system = load_all([name], installed())[0].system
        states = explore(replace(system, properties=()), reductions=UNREDUCED).states
        for scheduler in SCHEDULERS:
            walked = native_walks()(
                replace(system, properties=()), Walks(runs=RUNS[-1], scheduler=scheduler)
            )
            seen = [walked.counted[n // 1000 - 1] for n in RUNS]
            shares = " | ".join(f"{100 * n / states:.1f} %" for n in seen)
            yield f"| {name} | {states:,} | {scheduler} | {shares} |"


def speed() -> Iterator[str]:
    """Steps a second of one thread on a model with five acceptors, when its tables are warm."""
    yield "| model | scheduler | steps a second, tables warm | in the kernel alone |"
    yield "|---|---|---:|---:|"
    for name in WARM:
        path = str(Path(__file__).parent / "models" / f"{name}.yaml")
        system = load_all([path], installed())[0].system
        for scheduler in SCHEDULERS[1:]:
            yield f"| {name} | {scheduler} | {_rates(system, scheduler)} |"


def _rates(system: System, scheduler: str) -> str:
    """Walk the same runs twice with one set of tables: the second time nothing is missing.

    Of the blocks of a thousand runs the fastest counts: what else the machine does slows the others down.
    """
    simulation = Simulation(system, Walks(runs=20_000, scheduler=scheduler), None)
    simulation.run()
    kernel, walk = [0.0], machine.kernels()["walk"]

    def timed(*arguments: object) -> int:
        begun = time.process_time()
        try:
            return walk(*arguments)
        finally:
            kernel[0] += time.process_time() - begun

    machine.kernels()["walk"] = timed
    rates = []
    for at in range(0, 20_000, 1000):
        begun, before, kernel[0] = time.process_time(), simulation.result.steps, 0.0
        simulation._block(range(at, at + 1000))  # noqa: SLF001 - blocks without beginning tables anew
        steps = simulation.result.steps - before
        rates.append((steps / (time.process_time() - begun) / 1e6, steps / kernel[0] / 1e6))
    machine.kernels()["walk"] = walk
    return " | ".join(f"{max(column):.1f} M" for column in zip(*rates, strict=True))


TABLES = {"mutants": mutants, "coverage": coverage, "speed": speed}


def main() -> None:
    """Print the tables that are asked for, and write them if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", help=f"of {', '.join(TABLES)}; default: all")
    parser.add_argument("--write", action="store_true", help="write them into docs/simulation.md")
    args = parser.parse_args()
    machine.kernels()
    for name in args.tables or TABLES:
        lines = list(TABLES[name]())
        print("\n".join([f"## {name}", *lines, ""]), flush=True)
        if args.write:
            _write(name, "\n".join(lines))


def _write(name: str, body: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    DOCUMENT.write_text(place.sub(lambda m: f"{m[1]}\n{body}\n\n{m[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
