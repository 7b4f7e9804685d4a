"""Clients of a replicated log: one command at a time, to servers, until one of them answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from checker.model.vocabulary import Role, Rule, Seen, Step
from pmmc import kv
from pmmc.values import Command, Node
from spec.replicated_log.values import Here, Request, Response

if TYPE_CHECKING:
    from checker.model.linearizability import Event

#: The name of the role.
ROLE = "client"
#: The wake by which a client asks for its next command.
INVOKE = "invoke"


@dataclass(frozen=True, slots=True)
class Client:
    """What a client has to do, the command that waits, the answers, and how often it has asked again."""

    todo: tuple[Command, ...] = ()
    waiting: Command | None = None
    answers: tuple[tuple[Command, str], ...] = ()
    resent: int = field(default=0, repr=False)
    stage: int = field(default=1, repr=False)


def role(asked: Sequence[Node], resends: int) -> Role:
    """The role of clients that ask these servers, and in all so many times once more."""
    wakes = {INVOKE: partial(_invoke, asked)}
    if resends:
        wakes["resend"] = partial(_resend, asked, resends)
    rules: Mapping[type, Rule] = MappingProxyType({Response: _on_response})
    return Role(ROLE, rules, MappingProxyType(wakes), cut=partial(_cut, resends))


def _invoke(asked: Sequence[Node], context: Here, client: Client) -> tuple[Step, ...]:
    """Ask for the next command, once the one before is answered."""
    if client.waiting is not None or not client.todo:
        return ()
    command, *rest = client.todo
    busy = replace(client, todo=tuple(rest), waiting=command)
    return (Step(busy, tuple((server, Request(command)) for server in asked)),)


def _resend(asked: Sequence[Node], most: int, context: Here, client: Client) -> tuple[Step, ...]:
    """Ask once more."""
    if client.waiting is None or client.resent >= most:
        return ()
    sends = tuple((server, Request(client.waiting)) for server in asked)
    return (Step(replace(client, resent=client.resent + 1), sends),)


def _cut(most: int, context: Here, client: Client) -> str | None:
    return "resends" if most and client.waiting is not None and client.resent >= most else None


def _on_response(context: Here, client: Client, message: Response) -> tuple[Step, ...]:
    """Take the first answer to the command that waits; ignore all others."""
    if client.waiting is None or client.waiting.cid != message.cid:
        return ()
    answered = (*client.answers, (client.waiting, message.result))
    return (Step(replace(client, waiting=None, answers=answered)),)


def events_of(seen: Seen) -> list[Event]:
    """What a step of a client is in the history of calls."""
    from checker.model.linearizability import Invocation  # noqa: PLC0415 - of few models
    from checker.model.linearizability import Response as Answer  # noqa: PLC0415

    before, after = seen.before, seen.after
    if not isinstance(before, Client) or not isinstance(after, Client):
        return []
    asked = before.todo[: len(before.todo) - len(after.todo)]
    answered = after.answers[len(before.answers) :]
    return [
        *(Answer(seen.node, command, command.op, result) for command, result in answered),
        *(Invocation(seen.node, command, command.op) for command in asked),
    ]


def key_of(op: kv.Op) -> str:
    """The key that an operation of a client touches."""
    assert isinstance(op, kv.Put | kv.Get | kv.Append)
    return op.key
