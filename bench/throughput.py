"""Rows e and f: generated steps per second beyond ten million states, and two workers against one."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bench.measure import Figures, Task, in_turn
from bench.plan import MIB, OWN_MODELS, Account, Plan, Table, explore, rate, times

#: Name → model; all are explored unreduced and up to a limit. They differ in how many local
#: situations there are: Python computes these, and the kernel's tables hold them.
QUESTIONS: Mapping[str, str] = {
    "4 acceptors, 1 slot, at-most-once": "four-acceptors-two-commands.yaml",
    "3 acceptors, 2 slots, at-most-once": "two-slots-contest.yaml",
    "3 acceptors, 1 slot, lossy-duplicating": "one-slot-duplicating.yaml",
}
#: Those for which workers are compared.
COMPARED = tuple(QUESTIONS)[:2]
MOST = 12_000_000
FEW = 300_000


def explored(model: str, *words: str) -> dict[str, float]:
    """One exploration: its account, in figures."""
    cost, found = explore(OWN_MODELS / model, *words)
    return {
        "seconds": found["seconds"],
        "python": found["seconds_in_python"],
        "kernel": found["seconds_in_kernel"],
        "states": found["states"],
        "steps": found["generated"],
        "cells": found["cells"],
        "bits": found["bits_per_state"],
        "bytes": found["bytes_per_state"],
        "peak": cost.peak,
        "cpu": found["processor"],
    }


def twice_at_once(model: str, *words: str) -> dict[str, float]:
    """Two processes that know nothing of each other: what this machine gives to two at most."""
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: explored(model, *words), range(2)))
    both = {name: max(each[name] for each in found) for name in found[0]}
    return both | {name: sum(each[name] for each in found) for name in ("states", "steps", "peak", "cpu")}


def throughput(plan: Plan) -> Account:
    """Row e."""
    most = ("--unreduced", "--max-states", str(FEW if plan.quick else MOST))
    figures = in_turn(
        [Task(name, partial(explored, model, *most), plan.peer_runs) for name, model in QUESTIONS.items()],
        plan.say,
    )
    account = Account("Throughput on one core beyond ten million states, self-loops included")
    account.tables.append(Table(_HEAD, [_line(name, found) for name, found in figures.items()]))
    account.commands = [
        f"python -m bench.explore bench/models/{model} {' '.join(most)}" for model in QUESTIONS.values()
    ]
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    account.notes.append(
        "Generated steps are all steps out of explored states, those that lead to the same state or to a "
        "known one included. Python fills the tables and judges; all other seconds are the kernel's: "
        "exploring, storing, looking at the clock."
    )
    found = [
        f"{rate(f['steps'] / f['kernel'])}/s in kernel, {rate(f['steps'] / f['seconds'])}/s all ({name})"
        for name, f in figures.items()
    ]
    question = "generated steps per second and core at more than 10 million states"
    account.short.append((question, "; ".join(found), "8 M"))
    return account


_HEAD = (
    *("model", "states", "steps", "seconds (range)", "CPU s", "in Python", "in the kernel"),
    *("steps/s, kernel", "steps/s, all", "cells", "bytes/state", "peak MiB"),
)


def _line(name: str, found: Figures) -> list[str]:
    return [
        name,
        f"{found['states']:,.0f}",
        f"{found['steps']:,.0f}",
        f"{found['seconds']:.1f} ({found.spread('seconds')})",
        f"{found['cpu']:.1f}",
        f"{found['python']:.1f}",
        f"{found['kernel']:.1f}",
        rate(found["steps"] / max(found["kernel"], 1e-3)),
        rate(found["steps"] / found["seconds"]),
        f"{found['cells']:,.0f}",
        f"{found['bytes']:.1f}",
        f"{found['peak'] / MIB:,.0f}",
    ]


def profiled(model: str, *words: str) -> dict[str, float]:
    """One exploration with the seconds spent in each kernel, those of all threads added up."""
    _, found = explore(OWN_MODELS / model, *words, "--profile")
    told = ("expand", "insert", "look", "others", "together")
    seconds = {name: found[f"in_{name}"] for name in told}
    return seconds | {
        "seconds": found["seconds"],
        "python": found["seconds_in_python"],
        "steps": found["generated"],
        "keys": found["looked_up"],
    }


def _profile(plan: Plan, most: tuple[str, ...]) -> Table:
    """Where the seconds of one and of two workers go."""
    ways = [(name, count) for name in COMPARED for count in (1, 2)]
    figures = in_turn(
        [
            Task(f"{name}, profile, {n}", partial(profiled, QUESTIONS[name], *most, "--workers", str(n)), 1)
            for name, n in ways
        ],
        plan.say,
    )
    lines = []
    for name, n in ways:
        found = figures.get(f"{name}, profile, {n}")
        if found is None:
            continue
        kernels = [found[kernel] for kernel in ("expand", "insert", "look", "others")]
        lines.append(
            [
                f"{name}, {n} worker{'s' * (n > 1)}",
                f"{found['seconds']:.1f}",
                f"{found['python']:.1f}",
                *(f"{seconds:.2f}" for seconds in kernels),
                f"{max(0.0, n * found['together'] - sum(kernels)):.2f}",
                f"{found['steps']:,.0f}",
                f"{found['keys']:,.0f}",
            ]
        )
    head = (
        *("where the seconds go", "seconds", "in Python", "expand", "insert", "look", "other kernels"),
        *("between kernels, waiting", "steps", "states looked up"),
    )
    return Table(head, lines)


def workers(plan: Plan) -> Account:
    """Row f: questions of row e with one worker and with two."""
    most = ("--unreduced", "--max-states", str(FEW if plan.quick else MOST))
    ways = {
        "1 worker": (explored, "1"),
        "2 workers": (explored, "2"),
        "two processes at once": (twice_at_once, "1"),
    }
    figures = in_turn(
        [
            Task(
                f"{name}, {way}", partial(call, QUESTIONS[name], *most, "--workers", count), plan.peer_runs
            )
            for name in COMPARED
            for way, (call, count) in ways.items()
        ],
        plan.say,
    )
    account = Account("Two workers against one")
    account.tables.append(Table(_HEAD, [_line(name, found) for name, found in figures.items()]))
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    gains = []
    for name in COMPARED:
        one, two, apart = (figures.get(f"{name}, {way}") for way in ways)
        if one is None or two is None or apart is None:
            continue
        kernel = (two["steps"] / two["kernel"]) / (one["steps"] / one["kernel"])
        whole = (two["steps"] / two["seconds"]) / (one["steps"] / one["seconds"])
        most_of_all = (apart["steps"] / apart["seconds"]) / (one["steps"] / one["seconds"])
        serial = one["python"] / one["seconds"]
        gains.append(f"{times(whole)}, in the kernel {times(kernel)} ({name})")
        account.notes.append(
            f"{name}: {times(whole)} over all and {times(kernel)} in the kernel. One thread fills the "
            f"tables and judges, {serial:.0%} of the time of one worker. Two processes at once, which "
            f"share nothing but the machine, come to {times(most_of_all)} together."
        )
    account.tables.append(_profile(plan, most))
    account.notes.append(
        "In the second table the seconds in kernels are those of all threads together. What two workers "
        "add: states that neighbours lead to are found to be known at once if the same worker expands "
        "both, and are looked up twice if two do; and while one thread fills the tables, the other waits."
    )
    account.short.append(("two workers against one", "; ".join(gains), "1.6×"))
    return account
