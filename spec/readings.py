"""The history by which reads are judged: what was answered and decided before a replica asked.

No node knows all of that, so a node of its own keeps it, that is told of every step and takes none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, cast

from checker.model.vocabulary import Envelope, NodeName, Role, Seen, observer
from pmmc.client import Client
from pmmc.kv import Append, Get, Put, Value
from pmmc.messages import Decision, Response
from pmmc.reads import Read
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
    """A client has got the answer to a command."""

    command: Command
    result: Value = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A replica asks acceptors, for a read."""

    replica: Node
    command: Command


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A replica evaluates a read, when it had performed this; `result` is what it answers, if it does."""

    replica: Node
    reading: Reading
    slot_out: int
    performed: frozenset[Command]
    result: Value | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A read that was evaluated.

    `slot` is what acceptors had named and `decided` the highest slot that was decided before they were
    first asked; `missing` is what was answered before the client asked and was not performed.

    `seen` is what was performed that writes the key, and `result` what was answered; `lost` is what reads
    of the key had seen that were answered before the client asked, and this one has not.
    """

    replica: Node
    command: Command
    slot: int
    slot_out: int
    decided: int
    missing: frozenset[Command]
    seen: frozenset[Command] = frozenset()
    result: Value | None = None
    lost: frozenset[Command] = frozenset()


@dataclass(frozen=True, slots=True)
class Asking:
    """A read that a client has asked for; what was answered before, and what reads had seen that were."""

    command: Command
    answered: frozenset[Command]
    seen: frozenset[Command]


@dataclass(frozen=True, slots=True)
class History:
    """The highest slot that is decided, and what is answered and seen, now and when somebody asked.

    `answered` are commands that do not read only, and `seen` the writes that those reads saw which are
    answered. What counts is when a replica asks for the first time: where a network delivers twice it asks
    for one read more than once, and takes answers of before.
    """

    decided: int = 0
    answered: frozenset[Command] = frozenset()
    seen: frozenset[Command] = frozenset()
    invoked: frozenset[Asking] = frozenset()
    asked: frozenset[tuple[Node, Command, int]] = frozenset()
    evaluated: frozenset[Evaluation] = frozenset()


def observe(seen: Seen) -> Any:
    """What the history is told of a step."""
    before, after = seen.before, seen.after
    if isinstance(before, Client):
        return _of_client(before, after)
    if isinstance(before, Replica):
        return _of_replica(seen)
    slots = [message.slot for _, message in seen.sends if isinstance(message, Decision)]
    return Decided(max(slots)) if slots else None


def _of_client(before: Client, after: Client) -> list[Invoked | Answered]:
    """Answers, and reads that are asked for; where a step does both, in this order."""
    asked = before.todo[: len(before.todo) - len(after.todo)]
    answered = [Answered(*answer) for answer in after.answers[len(before.answers) :]]
    return [*answered, *(Invoked(command) for command in asked if isinstance(command.op, Get))]


def _of_replica(seen: Seen) -> Asked | Evaluated | None:
    """A read that is begun, or ended; one that is answered at once is ended without having begun."""
    old, new = ({reading.command: reading for reading in s.reads} for s in (seen.before, seen.after))
    for command in new.keys() - old.keys():
        return Asked(cast("Node", seen.node), command)
    for command in old.keys() - new.keys():
        return _evaluated(seen, old[command])
    message = seen.message.message if isinstance(seen.message, Envelope) else seen.message
    if isinstance(message, Read) and message.command not in new:
        at_once = _evaluated(seen, Reading(message.command, None))
        return None if at_once.result is None else at_once
    return None


def _evaluated(seen: Seen, reading: Reading) -> Evaluated:
    """What rules that are wrong evaluate beside what was performed stands in a field of its own."""
    command, before = reading.command, seen.before
    performed = frozenset(before.performed) | getattr(reading, "glimpsed", frozenset())
    answers = (
        message.result
        for to, message in seen.sends
        if isinstance(message, Response) and (to, message.cid) == (command.client, command.cid)
    )
    return Evaluated(cast("Node", seen.node), reading, before.slot_out, performed, next(answers, None))


def written(commands: frozenset[Command], read: Command) -> frozenset[Command]:
    """Those among some commands that write what another one reads."""
    key = getattr(read.op, "key", None)
    return frozenset(c for c in commands if isinstance(c.op, Put | Append) and c.op.key == key)


def on_decided(context: Context, history: History, message: Decided) -> tuple[Step, ...]:
    """Note the slot, if it is the highest."""
    return (Step(replace(history, decided=max(history.decided, message.slot))),)


def on_invoked(context: Context, history: History, message: Invoked) -> tuple[Step, ...]:
    """Note what is answered, and seen, by now."""
    asking = Asking(message.command, history.answered, history.seen)
    return (Step(replace(history, invoked=history.invoked | {asking})),)


def on_answered(context: Context, history: History, message: Answered) -> tuple[Step, ...]:
    """Note the command or, of a read, what all saw who may have answered so."""
    command = message.command
    if not isinstance(command.op, Get):
        return (Step(replace(history, answered=history.answered | {command})),)
    by = [e.seen for e in history.evaluated if (e.command, e.result) == (command, message.result)]
    seen = frozenset.intersection(*by) if by else frozenset()
    return (Step(replace(history, seen=history.seen | seen)),)


def on_asked(context: Context, history: History, message: Asked) -> tuple[Step, ...]:
    """Note what is decided by now, if it asks for the first time."""
    if (message.replica, message.command) in {(replica, command) for replica, command, _ in history.asked}:
        return ()
    asked = (message.replica, message.command, history.decided)
    return (Step(replace(history, asked=history.asked | {asked})),)


def on_evaluated(context: Context, history: History, message: Evaluated) -> tuple[Step, ...]:
    """Note how that compares with what there was when it was asked for."""
    reading, command = message.reading, message.reading.command
    asked = (d for r, c, d in history.asked if (r, c) == (message.replica, command))
    before = [asking for asking in history.invoked if asking.command == command]
    seen = written(message.performed, command)
    evaluation = Evaluation(
        message.replica,
        command,
        reading.slot,
        message.slot_out,
        max(asked, default=0),
        frozenset().union(*(asking.answered for asking in before)) - message.performed,
        seen,
        message.result,
        written(frozenset().union(*(asking.seen for asking in before)), command) - seen,
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


def keeping(name: str, watches: frozenset[NodeName]) -> Role:
    """The role of a node that keeps the history of some nodes."""
    return observer(name, observe, RULES, watches)
