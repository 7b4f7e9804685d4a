"""The client: one command at a time, to all replicas, until one of them answers (paper, section 2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pmmc.kv import Value
from pmmc.messages import Request, Response
from pmmc.values import Command, Context, Rule, Step, Wake, to_all


@dataclass(frozen=True, slots=True)
class Client:
    """What a client knows: the commands still to be sent, the one that waits, the answers so far."""

    todo: tuple[Command, ...] = ()
    waiting: Command | None = None
    answers: tuple[tuple[Command, Value], ...] = ()


def invoke(context: Context, client: Client) -> tuple[Step, ...]:
    """The client's own decision: send the next command, once the one before is answered."""
    if client.waiting is not None or not client.todo:
        return ()
    command, *rest = client.todo
    busy = replace(client, todo=tuple(rest), waiting=command)
    return (Step(busy, to_all(context.deployment.replicas, Request(command))),)


def on_response(context: Context, client: Client, message: Response) -> tuple[Step, ...]:
    """Take the first answer to the command that waits; ignore all others."""
    if client.waiting is None or client.waiting.cid != message.cid:
        return ()
    answered = (*client.answers, (client.waiting, message.result))
    return (Step(replace(client, waiting=None, answers=answered)),)


#: The client's rules: message type → rule.
RULES: Mapping[type, Rule[Client]] = MappingProxyType({Response: on_response})
#: What a client does of its own accord.
WAKES: Mapping[str, Wake[Client]] = MappingProxyType({"invoke": invoke})
