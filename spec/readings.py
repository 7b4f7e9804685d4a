"""The history by which reads are judged: what was answered and decided before a replica asked.

No node knows all of that, so a node of its own keeps it, that is told of every step and takes none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from checker.model.vocabulary import Role, Seen, observer
from pmmc.client import Client
from pmmc.kv import Get
from pmmc.messages import Decision
from pmmc.replica import Reading, Replica
from pmmc.values import Command, Context, Node, Rule, Step


@dataclass(frozen=True, slots=True)
class Decided:
    """A slot is decided: its commander tells the replicas."""

    slot: int


@dataclass(frozen=True, slots=True)
class Invoked:
    """A client asks for a read."""

    command: Command


@dataclass(frozen=True, slots=True)
class Answered:
    """A client has got the answer to a command that is no read."""

    command: Command


@dataclass(frozen=True, slots=True)
class Asked:
    """A replica asks acceptors, for a read."""

    replica: Node
    command: Command


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A replica evaluates a read, when it had performed this."""

    replica: Node
    reading: Reading
    slot_out: int
    performed: frozenset[Command]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A read that was evaluated.

    `slot` is what acceptors had named and `decided` the highest slot that was decided before they were
    first asked; `missing` is what was answered before the client asked and was not performed.
    """

    replica: Node
    command: Command
    slot: int
    slot_out: int
    decided: int
    missing: frozenset[Command]


@dataclass(frozen=True, slots=True)
class History:
    """The highest slot that is decided, and the commands that are answered, now and when somebody asked.

    What counts is when a replica asks for the first time: where a network delivers twice it asks for one
    read more than once, and takes answers of before.
    """

    decided: int = 0
    answered: frozenset[Command] = frozenset()
    invoked: frozenset[tuple[Command, frozenset[Command]]] = frozenset()
    asked: frozenset[tuple[Node, Command, int]] = frozenset()
    evaluated: frozenset[Evaluation] = frozenset()


def observe(seen: Seen) -> Any:
    """What the history is told of a step."""
    before, after = seen.before, seen.after
    if isinstance(before, Client):
        return _of_client(before, after)
    if isinstance(before, Replica):
        return _of_replica(seen.node, before, after)
    slots = [message.slot for _, message in seen.sends if isinstance(message, Decision)]
    return Decided(max(slots)) if slots else None


def _of_client(before: Client, after: Client) -> Invoked | Answered | None:
    if before.waiting == after.waiting:
        return None
    if after.waiting is not None:
        return Invoked(after.waiting) if isinstance(after.waiting.op, Get) else None
    assert before.waiting is not None
    return None if isinstance(before.waiting.op, Get) else Answered(before.waiting)


def _of_replica(node: Any, before: Replica, after: Replica) -> Asked | Evaluated | None:
    if before.reads == after.reads:
        return None
    old, new = ({reading.command: reading for reading in state.reads} for state in (before, after))
    for command in new.keys() - old.keys():
        return Asked(node, command)
    for command in old.keys() - new.keys():
        return Evaluated(node, old[command], before.slot_out, frozenset(before.performed))
    return None


def on_decided(context: Context, history: History, message: Decided) -> tuple[Step, ...]:
    """Note the slot, if it is the highest."""
    return (Step(replace(history, decided=max(history.decided, message.slot))),)


def on_invoked(context: Context, history: History, message: Invoked) -> tuple[Step, ...]:
    """Note what is answered by now."""
    return (Step(replace(history, invoked=history.invoked | {(message.command, history.answered)})),)


def on_answered(context: Context, history: History, message: Answered) -> tuple[Step, ...]:
    """Note the command."""
    return (Step(replace(history, answered=history.answered | {message.command})),)


def on_asked(context: Context, history: History, message: Asked) -> tuple[Step, ...]:
    """Note what is decided by now, if it asks for the first time."""
    if (message.replica, message.command) in {(replica, command) for replica, command, _ in history.asked}:
        return ()
    asked = (message.replica, message.command, history.decided)
    return (Step(replace(history, asked=history.asked | {asked})),)


def on_evaluated(context: Context, history: History, message: Evaluated) -> tuple[Step, ...]:
    """Note how that compares with what there was when it was asked for."""
    reading = message.reading
    asked = (d for r, c, d in history.asked if (r, c) == (message.replica, reading.command))
    before = [answered for command, answered in history.invoked if command == reading.command]
    evaluation = Evaluation(
        message.replica,
        reading.command,
        reading.slot,
        message.slot_out,
        max(asked, default=0),
        frozenset().union(*before) - message.performed,
    )
    return (Step(replace(history, evaluated=history.evaluated | {evaluation})),)


RULES: Mapping[type, Rule[History]] = MappingProxyType(
    {
        Decided: on_decided,
        Invoked: on_invoked,
        Answered: on_answered,
        Asked: on_asked,
        Evaluated: on_evaluated,
    }
)


def keeping(name: str) -> Role:
    """The role of a node that keeps the history."""
    return observer(name, observe, RULES)
