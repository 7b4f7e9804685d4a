"""How nodes, states and steps are put into words: once for all texts and drawings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from checker.model.behaviour import TraceStep
from checker.model.linearizability import Invocation
from checker.model.network import in_order
from checker.model.semantics import Cell, Transition, moved
from checker.model.system import System
from checker.model.values import Field, differences, has_text, parts, show, shown_with
from checker.model.vocabulary import Down, Member, Message, NodeName, action_name, kind_of


def became(before: Any, after: Any) -> str:
    """What became of a value: what a set or list gained and lost, else `old → new`."""
    if isinstance(before, frozenset) and isinstance(after, frozenset) and before:
        return _exchanged(in_order(before - after), in_order(after - before))
    if isinstance(before, tuple) and isinstance(after, tuple) and before:
        if after[: len(before)] == before:
            return _exchanged((), after[len(before) :])
        taken = tuple(value for value in before if value not in after)
        if tuple(value for value in before if value in after) == after:
            return _exchanged(taken, ())
    return f"{show(before)} → {show(after)}"


def _exchanged(lost: Sequence[Any], gained: Sequence[Any]) -> str:
    """What is lost and gained; a value in place of one that differs in some fields is told by these."""
    if len(lost) == len(gained) == 1:
        changed = _changed_within(lost[0], gained[0])
        if changed is not None:
            return changed
    return "  ".join([*(f"+ {show(value)}" for value in gained), *(f"− {show(value)}" for value in lost)])


def _changed_within(before: Any, after: Any) -> str | None:
    """A dataclass with only some fields changed, these told in their place; None for any other value."""
    if type(before) is not type(after) or not is_dataclass(after) or has_text(after):
        return None
    differ = {f.name for f in fields(after) if getattr(before, f.name) != getattr(after, f.name)}
    if len(differ) == len(fields(after)):
        return None
    return shown_with(after, {name: became(getattr(before, name), getattr(after, name)) for name in differ})


def keeps_calls(member: Member) -> bool:
    """Whether a node observes what clients call and are answered."""
    return Invocation in member.role.rules


def differences_at(system: System, step: TraceStep) -> Iterator[tuple[int, str]]:
    """(node, what a step changed of it), its own node first, then those that it sent immediate messages.

    All but its own are told by name. What observers of calls keep is left out: what they are told says it,
    and of the ways in which calls may have taken effect there are more than anybody reads.
    """
    changed = (m for m in moved(step.before, step.after) if not keeps_calls(system.members[m[0]]))
    for node, old, new in sorted(changed, key=lambda m: m[0] != step.transition.node):
        name = "" if node == step.transition.node else show(system.members[node].name)
        happened, fields_changed = changed_at(old, new)
        if happened:
            yield node, f"{name} {happened}".strip()
        for field in fields_changed:
            text = f"{field.name} {became(field.before, field.after)}".strip()
            yield node, f"{name}: {text}" if name else text


def changed_at(before: Any, after: Any) -> tuple[str, Iterable[Field]]:
    """What happened to a node (empty: it neither went down nor came up), and its fields that changed."""
    happened = _fate(before, after)
    if happened and isinstance(after, Down):
        return happened, ()
    return happened, differences(before.saved if happened else before, after)


def _fate(before: Any, after: Any) -> str:
    """That a node went down, with what it will not know when it comes up; that it came up; or nothing."""
    if type(before) is type(after):
        return ""
    if not isinstance(after, Down):
        return "comes up" if isinstance(before, Down) else ""
    known = before.saved if isinstance(before, Down) else before
    forgotten = [field.name for field in differences(known, after.saved)]
    if forgotten == [""]:
        return f"{after.happens}; keeps {show(after.saved)}"
    return f"{after.happens}; forgets {', '.join(forgotten)}" if forgotten else after.happens


def step_differences(system: System, step: TraceStep) -> Iterator[str]:
    """The texts of `differences_at`."""
    return (text for _, text in differences_at(system, step))


def fields_of(system: System, cell: Cell) -> list[tuple[str, str]]:
    """(field, text) of all there is of one node, and of its inbox if it holds anything, which comes last.

    A local state that has no fields, or a text of its own, is one field without a name. Of a node that is
    down it is that, and then what the node will begin with.
    """
    local, kind, down = cell.local, kind_of(cell.local), []
    if isinstance(local, Down):
        local, down = local.saved, [("", action_name(kind))]
    known = parts(local)
    shown = [*down, *([("", show(local))] if known is None else known.items())]
    held = system.network.held(cell.inbox)
    return [*shown, ("inbox", ", ".join(map(show, held)))] if held else shown


def group(nodes: Iterable[NodeName]) -> str:
    """Names of nodes, the words they share said once: `acceptor 0, 1, 2`."""
    by_head: dict[str, list[str]] = {}
    for node in nodes:
        head, _, last = show(node).rpartition(" ")
        by_head.setdefault(head, []).append(last)
    return ", ".join(f"{head} {', '.join(lasts)}".strip() for head, lasts in by_head.items())


@dataclass(frozen=True, slots=True)
class Label:
    """What is shown of a step or of a message: all of it, and the name of what is alike in all its kind."""

    name: str
    text: str

    @property
    def inside(self) -> str:
        """What stands in the brackets behind the name."""
        return self.text.removeprefix(self.name).removeprefix("(").removesuffix(")")


def label_of(transition: Transition) -> Label:
    """What happens in a step: `action(values)`, a wake's name, or that a message is lost."""
    name, message = transition.action, transition.message
    if message is None:
        return Label(name, name)
    text = show(message)
    if not text.startswith(f"{name}("):
        text = f"{name}({text})"
    return Label(f"lost {name}", f"lost {text}") if transition.lost else Label(name, text)


def message_label(message: Message) -> Label:
    """What is shown of a message; messages of one type are of one kind."""
    return Label(action_name(kind_of(message)), show(message))


def action_of(transition: Transition) -> str:
    """The text of `label_of`."""
    return label_of(transition).text
