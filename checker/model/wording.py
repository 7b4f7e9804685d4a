"""What a step changed; of a set or a list what it gained and lost, shorter and plainer than `old → new`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from checker.model.behaviour import TraceStep
from checker.model.network import in_order
from checker.model.semantics import Transition, moved
from checker.model.system import System
from checker.model.values import has_text, show
from checker.model.vocabulary import NodeName


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
    """What a step changed of its own node, then of those that it sent immediate messages, each by name."""
    for node, old, new in sorted(
        moved(step.before, step.after), key=lambda m: m[0] != step.transition.node
    ):
        whose = "" if node == step.transition.node else f"{show(system.members[node].name)}: "
        for name, text in differences(old, new):
            yield f"{whose}{name} {text}".replace("  ", " ").strip()


def group(nodes: Iterable[NodeName]) -> str:
    """Names of nodes, the words they share said once: `acceptor 0, 1, 2`."""
    by_head: dict[str, list[str]] = {}
    for node in nodes:
        head, _, last = show(node).rpartition(" ")
        by_head.setdefault(head, []).append(last)
    return ", ".join(f"{head} {', '.join(lasts)}".strip() for head, lasts in by_head.items())


def action_of(transition: Transition) -> str:
    """What happens in a step: `action(values)`, a wake's name, or that a message is lost."""
    message = transition.message
    if message is None:
        return transition.action
    text = show(message)
    if not text.startswith(f"{transition.action}("):
        text = f"{transition.action}({text})"
    return f"lost {text}" if transition.lost else text
