"""Rows c and d: from the command to the verdict, as people wait for it."""

from __future__ import annotations

from functools import partial

from bench.measure import Figures, Task, in_turn
from bench.plan import MIB, OWN_MODELS, Account, Plan, Table
from bench.raw import MODEL, checked

DUPLICATING = OWN_MODELS / "duplicating-two-slots.yaml"


def _verdict_times(plan: Plan, title: str, model: str, question: str, target: float) -> Account:
    tasks = [
        Task(f"{n} worker{'s' * (n > 1)}", partial(checked, model, "--workers", str(n)), plan.runs)
        for n in (1, 2)
    ]
    figures = in_turn(tasks, plan.say)
    account = Account(title, commands=[f"pmmc check {model}"])
    account.tables.append(_table(figures))
    account.figures = {name: dict(found.runs) for name, found in figures.items()}
    found = [f"{f['wall']:.2f} s" for f in figures.values()]
    account.short.append((question, " / ".join(found) + " (1 / 2 workers)", f"under {target:g} s"))
    return account


def _table(figures: dict[str, Figures]) -> Table:
    lines = [
        [
            name,
            f"{found['wall']:.2f} ({found.spread('wall')})",
            f"{found['cpu']:.2f}",
            f"{found['peak'] / MIB:,.0f}",
        ]
        for name, found in figures.items()
    ]
    return Table(("whole process", "wall s (range)", "CPU s", "peak MiB"), lines)


def same_question(plan: Plan) -> Account:
    """Row c: the question of row a with default reductions."""
    return _verdict_times(
        plan,
        "The same question with default reductions, process start to exit",
        MODEL.stem,
        "the same question with default reductions, process start to exit",
        1,
    )


def duplicating(plan: Plan) -> Account:
    """Row d: the duplicating network, three acceptors, two leaders, two slots, two commands."""
    return _verdict_times(
        plan,
        "Duplicating network, 3 acceptors, 2 leaders, 2 slots, 2 commands, default reductions",
        str(DUPLICATING.relative_to(OWN_MODELS.parent.parent)),
        "duplicating network, 3 acceptors, 2 leaders, 2 slots, 2 commands, process start to exit",
        2,
    )
