"""Rows a and b: raw exploration, no reduction, default properties on, against TLC, SPIN and ourselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from bench.measure import Figures, Measured, RunError, Task, in_turn
from bench.plan import MIB, MODELS, Account, Plan, Table, explore, pmmc, rate, times
from bench.sizes import RAW, TINY
from bench.spin import Spin
from bench.tla import Tlc

MODEL = MODELS / "majorities-two-commands.yaml"
STATES = 1_572_457
SMALL = MODELS / "three-acceptors-two-slots.yaml"
OFF = ("--no-fusion", "--no-settling", "--no-symmetry")

#: How SPIN is compiled and run: name → (compiler flags, options of the verifier). SAFETY leaves out
#: what only liveness needs, MEMLIM is in MB, -w gives the hash table 2^22 slots at once, enough for all.
SPIN_WAYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "SPIN, exact, no reduction": (("-DSAFETY", "-DNOREDUCE", "-DMEMLIM=8000"), ("-m1000", "-w22")),
    "SPIN, exact, no reduction, breadth first": (
        ("-DSAFETY", "-DNOREDUCE", "-DBFS", "-DMEMLIM=8000"),
        ("-w22",),
    ),
    "SPIN, exact, no reduction, collapse": (
        ("-DSAFETY", "-DNOREDUCE", "-DCOLLAPSE", "-DMEMLIM=8000"),
        ("-m1000", "-w22"),
    ),
}


def cost_of(cost: Measured) -> dict[str, float]:
    """The figures of a whole process."""
    return {"wall": cost.wall, "cpu": cost.user + cost.system, "peak": cost.peak}


def ours(model: str, *words: str) -> dict[str, float]:
    """One exploration of ours, from inside and as a whole process."""
    cost, found = explore(MODELS / model, *words)
    return cost_of(cost) | {
        "search": found["seconds"],
        "busy": found["processor"],
        "states": found["states"],
        "steps": found["generated"],
        "bytes": found["bytes_per_state"] or 0,
    }


def checked(*words: str) -> dict[str, float]:
    """`pmmc check` as a whole process."""
    return cost_of(pmmc("check", "--quiet", *words))


def tlc_run(tlc: Tlc, quick: bool, properties: bool) -> dict[str, float]:
    """TLC with two workers on the twin."""
    answer = tlc.check(TINY if quick else RAW, workers=2, properties=properties)
    if not quick and answer.states != STATES:
        raise RunError(f"TLC counted {answer.states:,} states, not {STATES:,}")
    return cost_of(answer.cost) | {"states": answer.states, "steps": answer.generated}


def spin_run(spin: Spin, way: str) -> dict[str, float]:
    """One search of SPIN."""
    flags, options = SPIN_WAYS[way]
    answer = spin.verify((), flags, options)
    if answer.states != STATES:
        raise RunError(f"SPIN counted {answer.states:,} states, not {STATES:,}")
    return cost_of(answer.cost) | {"states": answer.states, "steps": answer.transitions}


ONE, TWO = "pmmc, 1 worker", "pmmc, 2 workers"
WHOLE = "pmmc check, 2 workers"
TLC_ALL, TLC_BARE = "TLC, 2 workers, same properties", "TLC, 2 workers, no properties"
TLC_START = "TLC, start-up (142 states)"


def raw(plan: Plan) -> Account:
    """Row a: the model of 1,572,457 states."""
    tasks = [
        Task(
            f"pmmc, {n} worker{'s' * (n > 1)}",
            partial(ours, MODEL.name, "--unreduced", "--workers", str(n)),
            plan.runs,
        )
        for n in (1, 2)
    ]
    tasks.append(Task(WHOLE, partial(checked, MODEL.stem, *OFF, "--workers", "2"), plan.runs))
    if plan.tlc is not None:
        tasks += [
            Task(TLC_START, partial(tlc_run, plan.tlc, True, True), plan.peer_runs),
            Task(TLC_ALL, partial(tlc_run, plan.tlc, plan.quick, True), plan.peer_runs),
            Task(TLC_BARE, partial(tlc_run, plan.tlc, plan.quick, False), plan.peer_runs),
        ]
    if plan.spin is not None:
        tasks += [Task(way, partial(spin_run, plan.spin, way), plan.peer_runs) for way in SPIN_WAYS]
    figures = in_turn(tasks, plan.say)
    account = Account("Raw exploration: no reductions, default properties on, 1,572,457 states")
    account.tables.append(_table(figures))
    account.commands = [f"pmmc check {MODEL.stem} {' '.join(OFF)} --workers 2", "python -m bench.explore …"]
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    _compare_tlc(plan, figures, account)
    _compare_spin(plan, figures, account)
    return account


def of_search(figures: Mapping[str, Figures], name: str, whole: str = "wall", own: str = "search") -> float:
    """Seconds of the search itself: as we account for ours; for TLC the process less its start-up.

    Wall time unless `whole` and `own` name other figures (`cpu` and `busy`: processor time).
    """
    found = figures[name]
    if own in found.runs:
        return found[own]
    if name in (TLC_ALL, TLC_BARE) and TLC_START in figures:
        return max(found[whole] - figures[TLC_START][whole], 1e-3)
    return found[whole]


def processor(figures: Mapping[str, Figures], name: str) -> float:
    """Processor seconds of the search itself, of all threads together."""
    return of_search(figures, name, "cpu", "busy")


def _table(figures: Mapping[str, Figures]) -> Table:
    lines = []
    for name, found in figures.items():
        seconds, busy = of_search(figures, name), processor(figures, name)
        known = "states" in found.runs and name != TLC_START
        lines.append(
            [
                name,
                f"{found['wall']:.2f} ({found.spread('wall')})",
                f"{found['cpu']:.2f}",
                f"{found['peak'] / MIB:,.0f}",
                f"{seconds:.2f}" if known else "",
                f"{busy:.2f}" if known else "",
                rate(found["states"] / seconds) if known else "",
                rate(found["steps"] / seconds) if known else "",
                rate(found["steps"] / busy) if known else "",
            ]
        )
    head = (
        "",
        "wall s (range)",
        "CPU s",
        "peak MiB",
        "search s",
        "search CPU s",
        "states/s",
        "steps/s",
        "steps/CPU s",
    )
    return Table(head, lines)


def _compare_tlc(plan: Plan, figures: Mapping[str, Figures], account: Account) -> None:
    question = "raw exploration, states per second against TLC with 2 workers"
    if plan.tlc is None or TLC_ALL not in figures or ONE not in figures:
        account.short.append((question, "TLC not run", "150×"))
        account.notes.append("TLC: not run (give its command by --tlc or PMMC_TLC).")
        return
    for name in (n for n in (TLC_ALL, TLC_BARE) if n in figures):
        slow = of_search(figures, name)
        ratios = [times(slow / of_search(figures, n)) for n in (ONE, TWO)]
        whole = times(figures[name]["wall"] / figures[WHOLE]["wall"])
        account.notes.append(
            f"Against {name}: {ratios[0]} the states per second with 1 worker, {ratios[1]} with 2, "
            f"start-up of both left out; whole processes {whole}. By processor time of the search, all "
            "threads: "
            f"{times(processor(figures, name) / processor(figures, ONE))} with 1 worker."
        )
        found = f"{ratios[0]} with 1 worker, {ratios[1]} with 2"
        account.short.append((f"{question} ({name.rpartition(', ')[2]})", found, "150×"))
    account.notes.append(
        "TLC's search is its wall time less that of the same TLC on 142 states. TLC explores the TLA+ twin "
        "(spec/twins/tla/PMMC.tla); the counts are equal, see TWIN.md."
    )


def _compare_spin(plan: Plan, figures: Mapping[str, Figures], account: Account) -> None:
    question = "raw exploration, transitions per second on one core against SPIN's exact search"
    found = [name for name in SPIN_WAYS if name in figures]
    if plan.spin is None or not found or ONE not in figures:
        account.short.append((question, "SPIN not run", "2×"))
        account.notes.append("SPIN: not run (needs spin, gcc and spec/twins/promela/pmmc.pml).")
        return

    def per_second(name: str) -> float:
        return figures[name]["steps"] / of_search(figures, name)

    best = max(found, key=per_second)
    ratio = times(per_second(ONE) / per_second(best))
    by_cpu = times(processor(figures, best) / processor(figures, ONE))
    account.short.append((question, f"{ratio} (by processor time {by_cpu}; its fastest: {best})", "2×"))
    account.notes.append(
        f"Against {best}: {ratio} its transitions per second, one core each; by processor time {by_cpu}. "
        "Both count the same states and, but for the first state, the same transitions. SPIN's time "
        "holds no compilation of the verifier; ours holds the filling of tables and the judging of all "
        "properties."
    )
    account.notes += [
        f"{name}: compiled with {' '.join(flags)}, run with {' '.join(options)}."
        for name, (flags, options) in SPIN_WAYS.items()
    ]


def reference(plan: Plan) -> Account:
    """Row b: the reference engine on a smaller model of the family, for the ratio native/reference."""
    small = SMALL.name
    calls: dict[str, tuple[Callable[[], Mapping[str, float]], int]] = {
        "reference, 14,390 states": (
            partial(ours, small, "--engine", "reference", "--unreduced"),
            plan.runs,
        ),
        "native, 14,390 states, 1 worker": (partial(ours, small, "--unreduced"), plan.runs),
        "native, 1,572,457 states, 1 worker": (partial(ours, MODEL.name, "--unreduced"), plan.runs),
    }
    figures = in_turn([Task(name, once, runs) for name, (once, runs) in calls.items()], plan.say)
    account = Account("The reference engine: plain Python, no tables, the same question")
    account.tables.append(_table(figures))
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    names = list(calls)
    if set(names) <= figures.keys():
        speed = [figures[n]["states"] / figures[n]["search"] for n in names]
        same, large = times(speed[1] / speed[0]), times(speed[2] / speed[0])
        account.notes.append(
            f"Native against reference: {same} on the same 14,390 states, where filling tables is most of "
            f"the work, {large} with the states per second of the large model."
        )
        account.short.append(
            ("native engine against the reference engine, states per second", large, "60×")
        )
    return account
