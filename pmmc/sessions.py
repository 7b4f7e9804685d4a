"""Sessions: a client has several calls under way, and replicas perform its commands in that order.

The paper's client has one command under way at a time (section 2.1). One that does not wait for an answer
before it sends the next command may see its commands decided in another order than it has sent them: a
proposal that loses its slot is made again for a later one. All that the paper claims holds; but who writes,
and then reads without waiting, may not read what it wrote.

So replicas perform a command when all of lower numbers of the same client were performed, and hold it back
until then. Which these are follows from the decisions alone, so all replicas do the same. Then one number a
client is enough to tell duplicates: that of its last command. Without holding back it would not be: a
command that is overtaken by one of a higher number would be taken for a duplicate, and be lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import kv
from pmmc import replica as proper
from pmmc.client import Client
from pmmc.messages import Decision, Request, Response
from pmmc.replica import Replica
from pmmc.values import NOBODY, Command, Context, Node, Proposal, Rule, Sends, Step, Wake, to_all


@dataclass(frozen=True, slots=True)
class Session(Client):
    """A client with several calls under way: `waiting` is the first of them, `later` are those after it."""

    later: tuple[Command, ...] = ()


def under_way(client: Client) -> tuple[Command, ...]:
    """The commands for whose answers a client waits, in the order in which it has sent them."""
    first = () if client.waiting is None else (client.waiting,)
    return first + client.later if isinstance(client, Session) else first


def waiting_for(client: Client, commands: tuple[Command, ...]) -> Client:
    """The client, waiting for the answers to these; to one at most, if it is no session."""
    first = commands[0] if commands else None
    if isinstance(client, Session):
        return replace(client, waiting=first, later=commands[1:])
    return replace(client, waiting=first)


def without(client: Client, command: Command) -> Client:
    """The client, waiting no longer for the answer to a command."""
    return waiting_for(client, tuple(c for c in under_way(client) if c != command))


def invoke(context: Context, client: Session) -> tuple[Step, ...]:
    """Send the next command, whatever is under way."""
    if not client.todo:
        return ()
    command, *rest = client.todo
    sent = replace(waiting_for(client, (*under_way(client), command)), todo=tuple(rest))
    return (Step(sent, to_all(context.deployment.replicas, Request(command))),)


def on_response(context: Context, client: Session, message: Response) -> tuple[Step, ...]:
    """Take the first answer to any command that is under way; ignore all others."""
    return tuple(
        Step(replace(without(client, command), answers=(*client.answers, (command, message.result))))
        for command in under_way(client)
        if command.cid == message.cid
    )


def on_request_in_order(context: Context, replica: Replica, message: Request) -> tuple[Step, ...]:
    """As `pmmc.replica.on_request`, of a command only when the one before of the same client has come."""
    client, number = message.command.client, message.command.cid
    held = (*replica.requests, *(p.command for p in replica.proposals | replica.decisions))
    if number > 1 and not any((c.client, c.cid) == (client, number - 1) for c in held):
        return ()
    return proper.on_request(context, replica, message)


@dataclass(frozen=True, slots=True)
class SessionReplica(Replica):
    """`early` are the commands that were decided before others of lower numbers, and wait for them."""

    early: frozenset[Command] = frozenset()


def last_number(replica: Replica, client: Node) -> int:
    """The number of the last command of a client that was performed; 0 if none was."""
    return max((c.cid for c in replica.performed if c.client == client), default=0)


def on_decision(context: Context, replica: SessionReplica, message: Decision) -> tuple[Step, ...]:
    """As `pmmc.replica.on_decision`, with commands performed in the order of their numbers."""
    decision = Proposal(message.slot, message.command)
    if decision in replica.decisions:
        return ()
    informed = replace(replica, decisions=replica.decisions | {decision})
    return tuple(
        Step(proposed.state, responses + proposed.sends)
        for performed, responses in proper.perform_all(context, informed, perform)
        for proposed in (proper.propose(context, performed),)
    )


def perform(context: Context, replica: Any, command: Command) -> tuple[Replica, Sends]:
    """The command of slot_out is performed when its turn comes, unless it was already."""
    past = replace(replica, slot_out=replica.slot_out + 1)
    if isinstance(command.op, kv.Reconfigure) or command.cid <= last_number(replica, command.client):
        return past, ()
    return perform_in_turn(context, replace(past, early=past.early | {command}))


def perform_in_turn(context: Context, replica: Any, responses: Sends = ()) -> tuple[Replica, Sends]:
    """Perform what waits for nothing any more, one command after the other, and answer their clients."""
    command = next((c for c in replica.early if is_next(replica, c)), None)
    if command is None:
        return replica, responses
    store, result = kv.apply(replica.store, command.op)
    performed = (*replica.performed, command)
    done = replace(replica, store=store, performed=performed, early=replica.early - {command})
    return perform_in_turn(context, done, responses + proper.respond(context, command, result))


def is_next(replica: Replica, command: Command) -> bool:
    """Whether it is a command's turn: all of lower numbers were performed, or it is of no session."""
    return command.client == NOBODY or command.cid == last_number(replica, command.client) + 1


#: The rules of a client that has several calls under way.
CLIENT_RULES: Mapping[type, Rule[Any]] = MappingProxyType({Response: on_response})
CLIENT_WAKES: Mapping[str, Wake[Any]] = MappingProxyType({"invoke": invoke})
#: Of a replica that performs commands in the order of their numbers, or takes requests in that order.
REPLICA_RULES: Mapping[type, Rule[Any]] = MappingProxyType({Decision: on_decision})
TAKING_IN_ORDER: Mapping[type, Rule[Replica]] = MappingProxyType({Request: on_request_in_order})
