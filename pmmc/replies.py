"""Answering what was performed already: the paper does not say how a lost answer is made good.

A replica answers a command when it performs it (section 2.1, function perform), once. If that answer is
lost the client asks again, and no replica answers: for them the command is nothing new.

A replica that remembers all that it has performed can find the result again. One that does not has to keep
the result. Of a client that waits for each answer before it sends its next command the last one is enough:
it will not ask for an earlier one any more. With its number this is also the memory of what was performed,
and nothing else is needed of performed slots: the reply cache.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import forgetting, kv
from pmmc import replica as proper
from pmmc.messages import Decision, Request
from pmmc.replica import Replica
from pmmc.values import Command, Context, Node, Proposal, Rule, Sends, Step


def on_request_again(context: Context, replica: Replica, message: Request) -> tuple[Step, ...]:
    """As `pmmc.replica.on_request`; a command that was performed already is answered as it was then."""
    if message.command not in replica.performed:
        return proper.on_request(context, replica, message)
    store = kv.EMPTY
    for command in replica.performed[: replica.performed.index(message.command) + 1]:
        store, result = kv.apply(store, command.op)
    return (Step(replica, proper.respond(context, message.command, result)),)


#: A command and its result.
Answer = tuple[Command, kv.Value]


@dataclass(frozen=True, slots=True)
class ReplyCache(Replica):
    """A replica that keeps the last result of each client, and no decision of a performed slot.

    No rule reads `performed`: it is there for who judges the replica.
    """

    replies: frozenset[Answer] = frozenset()


def last_number(replica: ReplyCache, client: Node) -> int:
    """The number of the command of a client whose result is kept; 0 if none is."""
    return next((command.cid for command, _ in replica.replies if command.client == client), 0)


def answer_again(context: Context, replica: ReplyCache, command: Command) -> Sends:
    """The result that is kept of a command, to its client; nothing, if none is."""
    kept = (result for known, result in replica.replies if known == command)
    return tuple(send for result in kept for send in proper.respond(context, command, result))


def on_request(context: Context, replica: ReplyCache, message: Request) -> tuple[Step, ...]:
    """As `pmmc.replica.on_request`; the client's last command is answered again, an earlier one ignored."""
    if message.command.cid > last_number(replica, message.command.client):
        return proper.on_request(context, replica, message)
    answer = answer_again(context, replica, message.command)
    return (Step(replica, answer),) if answer else ()


def on_decision(context: Context, replica: ReplyCache, message: Decision) -> tuple[Step, ...]:
    """As `pmmc.forgetting.on_decision`."""
    decision = Proposal(message.slot, message.command)
    if message.slot < replica.slot_out or decision in replica.decisions:
        return ()
    informed = replace(replica, decisions=replica.decisions | {decision})
    return forgetting.go_on(context, informed, perform)


def perform(context: Context, replica: Any, command: Command) -> tuple[Replica, Sends]:
    """Perform the command of slot_out and keep its result, unless its client has had it, or a later one."""
    done = command.cid <= last_number(replica, command.client)
    if isinstance(command.op, kv.Reconfigure) or done:
        return replace(replica, slot_out=replica.slot_out + 1), answer_again(context, replica, command)
    _, result = kv.apply(replica.store, command.op)
    kept = replace(replica, replies=instead(replica.replies, command, result))
    return proper.execute(context, kept, command)


def instead(replies: frozenset[Answer], command: Command, result: kv.Value) -> frozenset[Answer]:
    """Last results, with a new one in the place of the one before of the same client."""
    return frozenset(reply for reply in replies if reply[0].client != command.client) | {(command, result)}


#: The rule of a replica that finds results again.
AGAIN: Mapping[type, Rule[Replica]] = MappingProxyType({Request: on_request_again})
#: The rules of a replica that keeps last results.
RULES: Mapping[type, Rule[Any]] = MappingProxyType({Request: on_request, Decision: on_decision})
