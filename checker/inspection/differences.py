"""What a step changed; of a set or a list what it gained and lost, shorter and plainer than `old → new`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from checker.network import in_order
from checker.semantics import moved
from checker.trace import TraceStep
from checker.values import has_text, show
from checker.vocabulary import System


def differences(before: Any, after: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(dotted field, what became of it) for all that differs, in the order of the fields."""
    if before == after:
        return
    if type(before) is type(after) and is_dataclass(before) and not has_text(before):
        for field in fields(before):
            name = f"{prefix}.{field.name}" if prefix else field.name
            yield from differences(getattr(before, field.name), getattr(after, field.name), name)
    else:
        yield prefix, _difference(before, after)


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, frozenset) and isinstance(after, frozenset) and before:
        gained = [f"+ {show(value)}" for value in in_order(after - before)]
        return "  ".join([*gained, *(f"− {show(value)}" for value in in_order(before - after))])
    if isinstance(before, tuple) and isinstance(after, tuple) and before and after[: len(before)] == before:
        return "  ".join(f"+ {show(value)}" for value in after[len(before) :])
    return f"{show(before)} → {show(after)}"


def step_differences(system: System, step: TraceStep) -> Iterator[str]:
    """What a step changed of its own node, then of those that handle something at once, each by name."""
    for node, old, new in sorted(
        moved(step.before, step.after), key=lambda m: m[0] != step.transition.node
    ):
        whose = "" if node == step.transition.node else f"{show(system.members[node].name)}: "
        for name, text in differences(old, new):
            yield f"{whose}{name} {text}".replace("  ", " ").strip()
