"""Rows l to q: steps a state, bytes a state, states on disk, checkpoints, many machines, random walks.

Each figure is that of a whole process, `pmmc check MODEL … --json FILE`, and of what it tells; all ways of
a row are run in turn within one run of one command. What `pmmc` has no option for is said, and left out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from bench.measure import Figures, RunError, Task, in_turn
from bench.plan import MIB, MODELS, OWN_MODELS, Account, Plan, Table, explore, pmmc, rate, times
from bench.raw import cost_of


class Asked(NamedTuple):
    """A question: in words, its model, how it is reduced, and how many states it has."""

    name: str
    model: Path
    words: tuple[str, ...]
    states: int


LARGE = Asked(
    "3 acceptors, 2 leaders, 1 replica, 2 slots, 2 rounds",
    MODELS / "majorities-two-slots-two-rounds-duplicating.yaml",
    (),
    195_584_540,
)
MIDDLE = Asked(
    "3 acceptors, 2 leaders, 2 replicas, 2 slots, 1 round",
    MODELS / "majorities-two-slots-two-replicas-duplicating.yaml",
    (),
    6_094_049,
)
#: At-most-once and unreduced, where few steps lead to what is known: name → model, states.
ONCE: Mapping[str, tuple[Path, int]] = {
    "at-most-once, 2 acceptors, 1 slot, unreduced": (MODELS / "two-acceptors.yaml", 2_066),
    "at-most-once, 3 acceptors, 2 slots, unreduced": (MODELS / "three-acceptors-two-slots.yaml", 14_390),
    "at-most-once, 3 acceptors, 1 slot, unreduced": (MODELS / "majorities-two-commands.yaml", 1_572_457),
}
SMALL = Asked("rehearsal", MODELS / "majorities-two-slots-duplicating.yaml", (), 335_221)
#: How a row asks a model, by the name of the way.
Ways = Mapping[str, tuple[str, ...]]


@cache
def help_of(command: str) -> str:
    """What `pmmc COMMAND --help` prints; nothing if there is no such command."""
    try:
        return pmmc(command, "--help").output
    except RunError:
        return ""


def lacking(command: str, *options: str) -> str | None:
    """What of a command or its options is not there, in words."""
    told = help_of(command)
    missing = [option for option in options if option not in told]
    if not told:
        return f"there is no `pmmc {command}`"
    return f"`pmmc {command}` has no {' and no '.join(missing)}" if missing else None


def told_by(command: str, model: Path, *words: str) -> tuple[dict[str, float], dict[str, Any]]:
    """One run of a command: the cost of the process, and the first result of its JSON document."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "told.json"
        cost = pmmc(command, str(model), *words, "--quiet", "--json", str(file))
        return cost_of(cost), json.loads(file.read_text(encoding="utf-8"))["results"][0]


def asked_once(asked: Asked, *words: str, folders: tuple[str, ...] = ()) -> dict[str, float]:
    """One check, complete with the count that is known; `folders` are options that take one."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        placed = [word for n, option in enumerate(folders) for word in (option, f"{folder}/{n}")]
        for n in range(len(folders)):
            (Path(folder) / str(n)).mkdir()
        cost, told = told_by("check", asked.model, *asked.words, *words, *placed)
    if (told["states"], told["complete"]) != (asked.states, True):
        raise RunError(f"{asked.name}: {told['states']:,} states, not {asked.states:,}, or not complete")
    steps = told.get("followed") or told["generated"]
    return cost | {"search": told["seconds"], "states": told["states"], "steps": steps}


def explored_once(model: Path, states: int, *words: str) -> dict[str, float]:
    """One unreduced exploration, and that it has the states that are known."""
    cost, found = explore(model, "--unreduced", *words)
    if found["states"] != states:
        raise RunError(f"{model.stem}: {found['states']:,} states, not {states:,}")
    own = {"search": found["seconds"], "states": found["states"], "steps": found["followed"]}
    return cost_of(cost) | own


def measured(plan: Plan, account: Account, tasks: list[Task]) -> dict[str, Figures]:
    """Run the tasks in turn; keep all figures, and show them as a table."""
    figures = in_turn(tasks, plan.say)
    account.figures |= {name: dict(found.runs) for name, found in figures.items()}
    lines = [
        [
            name,
            f"{found['states']:,.0f}",
            f"{found['steps'] / found['states']:.2f}",
            f"{found['search']:.2f} ({found.spread('search')})",
            f"{found['wall']:.2f}",
            f"{found['cpu']:.2f}",
            f"{found['peak'] / MIB:,.0f}",
        ]
        for name, found in figures.items()
    ]
    head = ("", "states", "steps a state", "search s (range)", "wall s", "CPU s", "peak MiB")
    account.tables.append(Table(head, lines))
    return figures


def left_out(account: Account, question: str, why: str, target: str) -> None:
    """Say that something could not be measured, and why."""
    account.notes.append(f"{question}: not measured, {why}.")
    account.short.append((question, f"not measured: {why}", target))


# Each interleaving once -----------------------------------------------------------------------------------


def ordering(plan: Plan) -> Account:
    """Row l: steps a state and seconds with and without each interleaving once."""
    account = Account("Each interleaving once: with and without --no-ordering, one worker")
    why = lacking("check", "--no-ordering")
    if why is not None:
        left_out(account, "steps a state, each interleaving once", why, "10")
        return account
    questions = (SMALL,) if plan.quick else (MIDDLE, LARGE)
    ways: Ways = {"": (), ", without": ("--no-ordering",)}
    tasks = [
        Task(
            f"{asked.name}{way}",
            partial(asked_once, asked, "--workers", "1", *words),
            1 if asked is LARGE else plan.runs,
        )
        for asked in questions
        for way, words in ways.items()
    ]
    of_once: Ways = {"": ("--in-order",), ", without": ()}
    tasks += [
        Task(f"{name}{way}", partial(explored_once, model, states, *words), plan.runs)
        for name, (model, states) in [*ONCE.items()][: 2 if plan.quick else None]
        for way, words in of_once.items()
    ]
    figures = measured(plan, account, tasks)
    targets = {LARGE.name: "15, 2×", **dict.fromkeys(ONCE, "1.6")}
    for name in dict.fromkeys(task.name.removesuffix(", without") for task in tasks):
        once, all_ = figures.get(name), figures.get(f"{name}, without")
        if once is None or all_ is None:
            left_out(account, f"{name}: steps a state", "it failed", targets.get(name, "10, 1.8×"))
            continue
        steps = [found["steps"] / found["states"] for found in (once, all_)]
        faster = times(all_["search"] / once["search"])
        found = f"{steps[0]:.2f} steps a state instead of {steps[1]:.2f}, {faster} the speed"
        found += " (a check leaves it off there)" if name in ONCE else ""
        account.short.append(
            (f"{name}, {once['states']:,.0f} states", found, targets.get(name, "10, 1.8×"))
        )
    account.notes.append(
        "Unreduced at-most-once models are ordered from the first level on (bench.explore --in-order). A "
        "check begins with it later, and only where there are many steps a state: it costs time itself."
    )
    account.commands = [f"pmmc check {LARGE.model.stem} --workers 1 --json FILE", "… --no-ordering"]
    return account


# Memory ---------------------------------------------------------------------------------------------------

#: States of one word and of two → the model, explored unreduced up to a limit.
WIDTHS: Mapping[str, tuple[Path, int]] = {
    "one word": (OWN_MODELS / "four-acceptors-lossy.yaml", 64),
    "two words": (OWN_MODELS / "two-words.yaml", 128),
}
MOST, FEW = 55_000_000, 300_000


def resident(model: Path, bits: int, most: int, *words: str, disk: bool) -> dict[str, float]:
    """One exploration: resident bytes of the process at its end, less those before the search."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        where = ("--disk", folder) if disk else ()
        limits = ("--unreduced", "--max-states", str(most), "--samples", "50")
        cost, found = explore(model, *limits, *where, *words)
    if most > FEW and not bits // 2 < found["bits_per_state"] <= bits:
        raise RunError(f"{model.name}: states have {found['bits_per_state']} bits, wanted those of {bits}")
    held = (found["resident_after"] - found["resident_before"]) / found["states"]
    own = {"search": found["seconds"], "states": found["states"], "steps": found["generated"]}
    own |= {"held": held, "told": found["bytes_per_state"] or 0, "cells": found["cells"]}
    return cost_of(cost) | own


def memory(plan: Plan) -> Account:
    """Row m: resident bytes a state, in memory and with the log on disk."""
    account = Account("Bytes a state beyond fifty million states, no reductions, one worker")
    most = FEW if plan.quick else MOST
    ways = {"in memory": False} | ({"log on disk": True} if lacking("check", "--disk") is None else {})
    tasks = [
        Task(f"{width}, {way}", partial(resident, model, bits, most, disk=disk), 1)
        for width, (model, bits) in WIDTHS.items()
        for way, disk in ways.items()
    ]
    figures = measured(plan, account, tasks)
    lines = [
        [name, f"{found['held']:.1f}", f"{found['told']:.1f}", f"{found['cells']:,.0f}"]
        for name, found in figures.items()
    ]
    head = ("bytes a state", "resident", "by the engine's own account", "cells")
    account.tables.append(Table(head, lines))
    account.notes.append(
        "What is resident beside the states are mostly the tables of local situations, 1 to 2 kB a cell. "
        "These models have few: with 292,000 cells (one-slot-duplicating) they took 10 bytes a state more."
    )
    if len(ways) == 1:
        account.notes.append("The log on disk: not measured, `pmmc check` has no --disk.")
    for width, target in (("one word", "8"), ("two words", "12")):
        found = [
            f"{f['held']:.1f} {name.partition(', ')[2]}, of these {f['told']:.1f} for states"
            for name, f in figures.items()
            if width in name
        ]
        question = f"resident bytes a state, {width}, beyond {most:,} states"
        account.short.append((question, "; ".join(found) or "failed", f"{target} with the log on disk"))
    return account


def on_disk(plan: Plan) -> Account:
    """Row n: the largest model within 2 GB, its states on disk."""
    asked, memory_ = (SMALL, "1G") if plan.quick else (LARGE, "2G")
    account = Account(f"{asked.states:,} states within {memory_}, states on disk where they do not fit")
    question, target = f"{asked.states:,} states with --memory {memory_}, on disk", "same count"
    if (why := lacking("check", "--disk", "--memory")) is not None:
        left_out(account, question, why, target)
        return account
    once = partial(asked_once, asked, "--memory", memory_, folders=("--disk",))
    tasks = [Task(f"{n} worker{'s' * (n > 1)}", partial(once, "--workers", str(n)), 1) for n in (1, 2)]
    figures = measured(plan, account, tasks)
    for task in tasks:
        if (found := figures.get(task.name)) is None:
            left_out(account, f"{question}, {task.name}", "it failed", target)
            continue
        text = f"same count, {found['wall']:.0f} s, {found['peak'] / MIB:,.0f} MiB at the peak"
        account.short.append((f"{question}, {task.name}", text, target))
    account.commands = [f"pmmc check {asked.model.stem} --workers 1|2 --memory {memory_} --disk FOLDER"]
    return account


# Checkpoints, many machines -------------------------------------------------------------------------------


def compared(
    plan: Plan, account: Account, asked: Asked, ways: Mapping[str, Callable[[], Mapping[str, float]]]
) -> dict[str, Figures]:
    """Ask the same in several ways, in turn; how much longer each takes than the first."""
    figures = measured(plan, account, [Task(name, once, plan.runs) for name, once in ways.items()])
    first = next(iter(ways))
    for name, found in figures.items():
        if name != first and first in figures:
            ratio = times(found["wall"] / figures[first]["wall"])
            account.notes.append(f"{name}: {ratio} the time of `{first}` as a whole process.")
            account.short.append((f"{asked.states:,} states, {name} against {first}", ratio, ""))
    return figures


def checkpoints(plan: Plan) -> Account:
    """Row o: what checkpoints cost."""
    asked = SMALL if plan.quick else MIDDLE
    account = Account("What checkpoints cost, one worker")
    if (why := lacking("check", "--checkpoint")) is not None:
        left_out(account, "what checkpoints cost", why, "a ratio")
        return account
    once = partial(asked_once, asked, "--workers", "1")
    often = (
        partial(once, "--checkpoint-every", "0.001")
        if lacking("check", "--checkpoint-every") is None
        else once
    )
    ways = {
        "without checkpoints": once,
        "checkpoints": partial(once, folders=("--checkpoint",)),
        "checkpoints at every level": partial(often, folders=("--checkpoint",)),
    }
    compared(plan, account, asked, ways)
    return account


def actors(plan: Plan) -> Account:
    """Row p: Ray on this machine, with one, two and four actors, against threads."""
    asked = SMALL if plan.quick else MIDDLE
    account = Account("Ray on this machine: owners of states as actors")
    why = lacking("check", "--cluster") or (None if find_spec("ray") else "ray is not installed")
    if why is not None:
        left_out(account, "Ray, 1, 2 and 4 actors", why, "same counts")
        return account
    counts = (2,) if plan.quick else (1, 2, 4)
    once = partial(asked_once, asked)
    ways = {"2 threads": partial(once, "--workers", "2")}
    ways |= {f"{n} actor{'s' * (n > 1)}": partial(once, "--cluster", "--workers", str(n)) for n in counts}
    figures = compared(plan, account, asked, ways)
    counted = ", ".join(name for name in figures if "actor" in name)
    account.short.append((f"Ray, {asked.states:,} states", f"same count: {counted}", "same counts"))
    return account


# Simulation -----------------------------------------------------------------------------------------------


def walked(model: Path, *words: str) -> dict[str, float]:
    """One simulation: steps, and seconds of walking."""
    cost, told = told_by("simulate", model, "--seed", "1", *words)
    return cost | {
        "search": told["seconds"],
        "steps": told["steps"],
        "states": max(1, told["states"] or 0),
        "runs": told["runs"],
    }


def simulation(plan: Plan) -> Account:
    """Row q: steps of random walks a second and core, with five acceptors."""
    model = MODELS / "five-acceptors.yaml"
    account = Account("Random walks: 5 acceptors, 3 leaders, 2 replicas, 6 slots, one worker")
    question, target = "steps of random walks a second and core, 5 acceptors", "2 M"
    if (why := lacking("simulate", "--scheduler", "--runs")) is not None:
        left_out(account, question, why, target)
        return account
    runs = "200" if plan.quick else "100000"
    schedulers = ("uniform",) if plan.quick else ("uniform", "pct", "swarm", "mix")
    words = ("--workers", "1", "--runs", runs, "--timeout", "120")
    tasks = [
        Task(name, partial(walked, model, *words, "--scheduler", name), plan.runs) for name in schedulers
    ]
    figures = in_turn(tasks, plan.say)
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    lines = [
        [
            name,
            f"{f['runs']:,.0f}",
            f"{f['steps']:,.0f}",
            f"{f['search']:.2f}",
            rate(f["steps"] / f["search"]),
        ]
        for name, f in figures.items()
    ]
    account.tables.append(Table(("scheduler", "runs", "steps", "seconds", "steps/s"), lines))
    found = ", ".join(f"{rate(f['steps'] / f['search'])} {name}" for name, f in figures.items())
    account.short.append((question, found or "failed", target))
    account.commands = [f"pmmc simulate {model.stem} {' '.join(words)} --scheduler …"]
    return account
