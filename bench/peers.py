"""Row i: other tools with their own reductions and abstractions, from the command to the answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.util import find_spec

from bench.measure import Figures, RunError, Task, in_turn, run
from bench.plan import MIB, MODELS, Account, Plan, Table, times
from bench.raw import MODEL, SMALL, checked, cost_of, ours
from bench.sizes import RAW
from bench.spin import Spin
from bench.tla import EXPERT, Tlc, expert_configuration

OURS, SIMPLE, NATIVE = "pmmc check, default reductions", "pmmc, reference engine", "pmmc, native engine"
TLC_EXPERT = "TLC, 2 workers, the expert's version, symmetry"
SPIN_REDUCED = "SPIN, partial-order reduction"
SPIN_FLAGS, SPIN_OPTIONS = ("-DSAFETY", "-DMEMLIM=8000"), ("-m1000", "-w22")
MINICHECK = "minicheck"
SMALL_STATES = 14_390
#: Those that answer the question of row a.
SAME = (OURS, TLC_EXPERT, SPIN_REDUCED)
REDUCED_STATES = "4,022"
STATERIGHT = "Stateright (its crates could not be had here)"


def expert(tlc: Tlc) -> dict[str, float]:
    """TLC on the expert's version of the question."""
    answer = tlc.explore(EXPERT, expert_configuration(RAW), workers=2)
    return cost_of(answer.cost) | {"states": answer.states}


def reduced(spin: Spin) -> dict[str, float]:
    """SPIN with the reduction that it has on by default; its compiler's time left out."""
    answer = spin.verify((), SPIN_FLAGS, SPIN_OPTIONS)
    return cost_of(answer.cost) | {"states": answer.states}


def minicheck() -> dict[str, float]:
    """minicheck, driving our reference semantics."""
    cost = run([sys.executable, "-m", "bench.minicheck_peer", str(MODELS / SMALL.name)])
    found = cost.json
    if found["states"] != SMALL_STATES:
        raise RunError(f"minicheck counted {found['states']:,} states, not {SMALL_STATES:,}")
    return cost_of(cost) | {"states": found["states"], "search": found["seconds"]}


def peers(plan: Plan) -> Account:
    """Row i: whole processes, each tool with what it has."""
    runs = plan.peer_runs
    tasks = [Task(OURS, partial(checked, MODEL.stem), plan.runs)]
    missing = []
    if plan.tlc is not None:
        tasks.append(Task(TLC_EXPERT, partial(expert, plan.tlc), runs))
    else:
        missing.append("TLC")
    if plan.spin is not None:
        tasks.append(Task(SPIN_REDUCED, partial(reduced, plan.spin), runs))
    else:
        missing.append("SPIN")
    tasks += [
        Task(NATIVE, partial(ours, SMALL.name, "--unreduced"), runs),
        Task(SIMPLE, partial(ours, SMALL.name, "--unreduced", "--engine", "reference"), runs),
    ]
    if find_spec("minicheck") is not None:
        tasks.append(Task(MINICHECK, minicheck, runs))
    else:
        missing.append("minicheck (pip install minicheck)")
    figures = in_turn(tasks, plan.say)
    account = Account("Other tools with their own reductions, process start to exit")
    account.tables.append(_table(figures))
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    account.notes = [*_notes(figures), f"Not run: {', '.join([*missing, STATERIGHT])}."]
    walls = [f"{name} {figures[name]['wall']:.2f} s" for name in SAME if name in figures]
    question = "the same question, each tool with its own reductions, process start to exit"
    account.short.append((question, "; ".join(walls), "ahead"))
    return account


def _table(figures: Mapping[str, Figures]) -> Table:
    lines = [
        [
            name,
            "3 acceptors, 2 leaders, 1 slot" if name in SAME else "3 acceptors, 1 leader, 2 slots",
            f"{found['states']:,.0f}" if "states" in found.runs else REDUCED_STATES,
            f"{found['wall']:.2f} ({found.spread('wall')})",
            f"{found['cpu']:.2f}",
            f"{found['peak'] / MIB:,.0f}",
        ]
        for name, found in figures.items()
    ]
    return Table(("tool", "question", "states", "wall s (range)", "CPU s", "peak MiB"), lines)


def _notes(figures: Mapping[str, Figures]) -> Iterator[str]:
    for name in SAME[1:]:
        if name in figures:
            yield f"{name}: {times(figures[name]['wall'] / figures[OURS]['wall'])} the time of `{OURS}`."
    yield (
        "The expert's version (Expert.tla) is another program than the one deployed: leaders "
        "are no processes, nothing is sent that nobody needs, any command may be proposed. It answers "
        "whether two commands can be chosen, and none of the questions about leaders and replicas."
    )
    yield (
        f"SPIN: compiled with {' '.join(SPIN_FLAGS)}, run with {' '.join(SPIN_OPTIONS)}; compiling the "
        "verifier is left out. The model is one process, so there is little to reduce; its assertions are "
        "A1, A4 and A5."
    )
    if MINICHECK in figures:
        ratios = [times(figures[MINICHECK]["search"] / figures[n]["search"]) for n in (NATIVE, SIMPLE)]
        yield (
            f"minicheck explores our reference semantics on {SMALL_STATES:,} states; its search takes "
            f"{ratios[0]} the time of our native engine's, {ratios[1]} that of our reference engine's."
        )
