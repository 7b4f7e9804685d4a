"""Replicas for a run without end: what they keep, and what they send, does not grow with the log.

Here meet the reply cache (`pmmc.replies`) and the transfer of state (`pmmc.transfer`). What one replica
gives another is a *snapshot*: the state of the application and the last result of each client, which is all
that is needed of performed slots. Nobody but who judges a replica needs the list of what it has performed:
`execute` does not keep it, and a replica that is to be judged by it has another way to execute.

A replica that has missed decisions need not hear of it: if nobody submits anything more, nobody tells it.
So it asks the others from time to time whether they are further (`ask_others`).

What was performed is no request any more. With several replicas that propose the same commands for other
slots, most of what is displaced was performed by way of another proposal meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import kv, replies, transfer
from pmmc import replica as proper
from pmmc.forgetting import catch_up, forget
from pmmc.messages import Decision, Request
from pmmc.replica import Perform, Replica
from pmmc.replies import Answer, ReplyCache, answer_again, instead, last_number
from pmmc.transfer import Collected, Fetch, Transfer
from pmmc.values import Command, Context, Proposal, Rule, Sends, Step, Wake, to_all


@dataclass(frozen=True, slots=True)
class Snapshot(Transfer):
    """As `pmmc.transfer.Transfer`, with the last result of each client."""

    replies: frozenset[Answer] = frozenset()


@dataclass(frozen=True, slots=True)
class Snapshotting(ReplyCache):
    """A replica with a reply cache that has reported `reported`, the highest slot_out so far."""

    reported: int = 1


def execute(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """As `pmmc.replica.execute`, and `performed` stays as it is."""
    store, result = kv.apply(replica.store, command.op)
    done = replace(replica, slot_out=replica.slot_out + 1, store=store)
    return done, proper.respond(context, command, result)


def performing(execute: Perform) -> Perform:
    """As `pmmc.replies.perform`, with a way to execute."""

    def perform(context: Context, replica: Any, command: Command) -> tuple[Replica, Sends]:
        done = command.cid <= last_number(replica, command.client)
        if isinstance(command.op, kv.Reconfigure) or done:
            past = replace(replica, slot_out=replica.slot_out + 1)
            return past, answer_again(context, replica, command)
        _, result = kv.apply(replica.store, command.op)
        kept = replace(replica, replies=instead(replica.replies, command, result))
        return execute(context, kept, command)

    return perform


def on_decision(perform: Perform) -> Rule[Any]:
    """As `pmmc.replies.on_decision`, with a way to perform."""

    def decide(context: Context, replica: Snapshotting, message: Decision) -> tuple[Step, ...]:
        decision = Proposal(message.slot, message.command)
        if message.slot < replica.slot_out or decision in replica.decisions:
            return ()
        return go_on(context, replace(replica, decisions=replica.decisions | {decision}), perform)

    return decide


def go_on(context: Context, replica: Replica, perform: Perform) -> tuple[Step, ...]:
    """As `pmmc.forgetting.go_on`; what was performed is no request any more."""
    return tuple(
        Step(forget(catch_up(context, proposed.state)), responses + proposed.sends)
        for performed, responses in proper.perform_all(context, replica, perform)
        for proposed in (proper.propose(context, without_performed(performed)),)
    )


def without_performed(replica: Any) -> Any:
    """The replica without requests that were performed."""
    open_ = tuple(c for c in replica.requests if c.cid > last_number(replica, c.client))
    return replace(replica, requests=open_)


def ask_others(context: Context, replica: Snapshotting) -> tuple[Step, ...]:
    """Ask the other replicas for what they have, if they are further."""
    others = [node for node in context.deployment.replicas if node != context.me]
    sends = to_all(others, Fetch(context.me, replica.slot_out + 1))
    return (Step(replica, sends),) if sends else ()


def on_fetch(context: Context, replica: Snapshotting, message: Fetch) -> tuple[Step, ...]:
    """As `pmmc.transfer.on_fetch`: give a snapshot."""
    if replica.slot_out < message.slot_out:
        return ()
    given = transfer.transfer(replica)
    snapshot = Snapshot(
        given.slot_out, given.store, given.performed, given.reconfigurations, replica.replies
    )
    return (Step(replica, ((message.replica, snapshot),)),)


def on_snapshot(perform: Perform) -> Rule[Any]:
    """As `pmmc.transfer.on_transfer`, with last results, and a way to perform what comes next."""

    def take(context: Context, replica: Snapshotting, message: Snapshot) -> tuple[Step, ...]:
        if message.slot_out <= replica.slot_out:
            return ()
        installed: Any = transfer.install(replica, message)  # type: ignore[arg-type] # all that it reads is there
        given = replace(installed, replies=message.replies)
        return go_on(context, catch_up(context, given), perform)

    return take


def rules(execute: Perform = execute) -> Mapping[type, Rule[Any]]:
    """The rules of a replica that gives and takes snapshots, with a way to execute commands."""
    perform = performing(execute)
    return MappingProxyType(
        {
            Request: replies.on_request,
            Decision: on_decision(perform),
            Collected: transfer.on_collected,
            Fetch: on_fetch,
            Snapshot: on_snapshot(perform),
        }
    )


#: What it does of its own accord.
WAKES: Mapping[str, Wake[Any]] = MappingProxyType({"report": transfer.report, "askOthers": ask_others})
