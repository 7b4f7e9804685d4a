"""Clients that ask otherwise than the paper's, which asks all replicas and waits (section 2.1).

One asks a single replica, and if the answer does not come the next one, round and round; so is the load
spread over the replicas, and one of them is enough as long as all is well. What is asked for more than once
may be decided for more than one slot, and is performed once.

Another one does not wait for ever: it gives a call up, and goes on with its next command. What it has given
up may have taken effect already, or may do so at any time, or never; nobody will tell it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import client as proper
from pmmc.client import Client
from pmmc.messages import Request
from pmmc.sessions import without
from pmmc.values import Command, Context, Sends, Step, Wake, to_all


@dataclass(frozen=True, slots=True)
class Turning(Client):
    """A client that asks one replica: its own, or that many after it, in the order of all, in a circle."""

    turned: int = 0


def ask(context: Context, client: Turning, command: Command) -> Sends:
    """The request, to the replica whose turn it is; to nobody, if there is none."""
    replicas = context.deployment.replicas
    turn = (context.me.index + client.turned) % max(len(replicas), 1)
    return to_all(replicas[turn : turn + 1], Request(command))


def invoke(context: Context, client: Turning) -> tuple[Step, ...]:
    """As `pmmc.client.invoke`, but ask one replica."""
    return tuple(
        Step(busy, ask(context, client, busy.waiting)) for busy, _ in proper.invoke(context, client)
    )


def ask_next(context: Context, client: Turning) -> tuple[Step, ...]:
    """A client that waits for an answer asks the next replica for it, and stays with that one."""
    if client.waiting is None:
        return ()
    turned = replace(client, turned=(client.turned + 1) % max(len(context.deployment.replicas), 1))
    return (Step(turned, ask(context, turned, client.waiting)),)


def give_up(context: Context, client: Client) -> tuple[Step, ...]:
    """A client waits no longer for the answer to a command; it ignores it, should it come."""
    return () if client.waiting is None else (Step(without(client, client.waiting)),)


def invoke_all(context: Context, client: Client) -> tuple[Step, ...]:
    """Send the next command, and wait for the answer to this one only."""
    if not client.todo:
        return ()
    command, *rest = client.todo
    sent = replace(client, todo=tuple(rest), waiting=command)
    return (Step(sent, to_all(context.deployment.replicas, Request(command))),)


#: What clients do of their own accord: ask one after the other, give up, never wait.
IN_TURN: Mapping[str, Wake[Any]] = MappingProxyType({"invoke": invoke, "askNext": ask_next})
GIVING_UP: Mapping[str, Wake[Client]] = MappingProxyType({"giveUp": give_up})
WITHOUT_WAITING: Mapping[str, Wake[Client]] = MappingProxyType({"invoke": invoke_all})
