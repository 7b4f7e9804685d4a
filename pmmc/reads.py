"""Reads that do not go through the log (paper, section 4.5, without leases).

A command that only reads need not be decided, but a replica that answered from what it has performed might
be behind what others have answered already. So it asks the acceptors of the configuration for the highest
slot in which each has accepted a pvalue (0 if in none). Let s be the highest that a quorum of them names.
What was decided before the replica asked, a quorum had accepted; one acceptor of that quorum is among those
who have answered, so the slot is s or lower. The replica waits until slot_out is above s, and evaluates.
If it has nothing else to propose it proposes no-ops for slots up to s: what was accepted there may never be
decided otherwise. No leader is asked.

Where acceptors collect garbage, one that has accepted something may hold nothing any more. What it has
forgotten are slots that are decided, so it answers with the last of them. The paper does not say so.

Of a configuration that replaces another one the paper does not speak. Acceptors know nothing of slots that
others decide, so the replica asks those of the last configuration that it knows of, and waits for all slots
that those before it decide. That one may have been replaced without its knowledge, and the new one may have
decided something before the replica asked. The reconfiguration was decided before that, by those who were
asked or by those before them, so the replica performs it before it evaluates: then it asks again, those of
the new one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import client as proper
from pmmc import kv
from pmmc.acceptor import Acceptor
from pmmc.client import Client
from pmmc.collection import CollectingAcceptor
from pmmc.messages import Request
from pmmc.noops import fill_below, takes_effect
from pmmc.replica import Reading, Replica, governing, respond
from pmmc.values import Command, Configuration, Context, Node, Rule, Sends, Step, Wake, to_all, with_more


@dataclass(frozen=True, slots=True)
class Read:
    """Client → all replicas: please evaluate this command, which only reads."""

    command: Command


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """Replica → all acceptors of a configuration: in which slot have you accepted something last?"""

    replica: Node
    command: Command


@dataclass(frozen=True, slots=True)
class ReadReply:
    """Acceptor → replica that wants to evaluate the command: in this slot, and in none above it."""

    acceptor: Node
    command: Command
    slot: int


@dataclass(frozen=True, slots=True)
class Reader(Client):
    """A client that asks for a command that only reads as such, and if it asks again, too."""


def reader(client: Client) -> Reader:
    """The same client; what only reads it will ask for as such."""
    return with_more(Reader, client)


def invoke(context: Context, client: Reader) -> tuple[Step, ...]:
    """As `pmmc.client.invoke`; a command that only reads is asked for as such."""
    return tuple(
        Step(busy, tuple((to, asked_for(message)) for to, message in sends))
        for busy, sends in proper.invoke(context, client)
    )


def asked_for(message: Any) -> Any:
    """A request, or the same as a read."""
    reads = isinstance(message, Request) and isinstance(message.command.op, kv.Get)
    return Read(message.command) if reads else message


#: Whom a replica asks, of a configuration, to evaluate a command, and what.
Query = Callable[[Context, Configuration, Command], Sends]


def of_acceptors(context: Context, configuration: Configuration, command: Command) -> Sends:
    """To all acceptors: in which slot have you accepted something last?"""
    return to_all(configuration.acceptors, ReadQuery(context.me, command))


def on_read(
    context: Context, replica: Replica, message: Read, query: Query = of_acceptors
) -> tuple[Step, ...]:
    """Ask, unless that is under way already."""
    if any(reading.command == message.command for reading in replica.reads):
        return ()
    return (ask(context, replica, message.command, query),)


def ask(context: Context, replica: Replica, command: Command, query: Query = of_acceptors) -> Step:
    """Ask those of the last configuration that the replica knows of, and wait for all before it."""
    since = takes_effect(context, replica)
    reading = Reading(command, slot=max(since - 1, 0), since=since)
    others = frozenset(other for other in replica.reads if other.command != command)
    asking = replace(replica, reads=others | {reading})
    return Step(asking, query(context, governing(context, replica, since), command))


def on_read_query(context: Context, acceptor: Acceptor, message: ReadQuery) -> tuple[Step, ...]:
    """Say in which slot something was accepted last."""
    reply = ReadReply(context.me, message.command, last_slot(acceptor))
    return (Step(acceptor, ((message.replica, reply),)),)


def last_slot(acceptor: Acceptor) -> int:
    """The highest slot in which an acceptor may have accepted a pvalue; 0 if there is none."""
    kept = max((p.slot for p in acceptor.accepted), default=0)
    return max(kept, acceptor.watermark - 1) if isinstance(acceptor, CollectingAcceptor) else kept


def on_read_reply(context: Context, replica: Replica, message: ReadReply) -> tuple[Step, ...]:
    """Note what an acceptor answers, until a quorum has answered.

    A quorum of those who were asked last: the replica may have come to another configuration meanwhile.
    """
    asking = next((reading for reading in replica.reads if reading.command == message.command), None)
    if asking is None or asking.heard is None or message.acceptor in asking.heard:
        return ()
    asked = governing(context, replica, asking.since)
    if message.acceptor not in asked.acceptors:
        return ()
    heard = asking.heard | {message.acceptor}
    told = replace(
        asking,
        heard=None if asked.promised_by(heard) else heard,
        slot=max(asking.slot, message.slot),
    )
    return (Step(replace(replica, reads=replica.reads - {asking} | {told})),)


def fill_for_reads(context: Context, replica: Replica) -> tuple[Step, ...]:
    """Without requests: a no-op for each slot that must be performed before the replica may evaluate."""
    last = max((reading.slot for reading in replica.reads if reading.heard is None), default=0)
    return fill_below(context, replica, last + 1)


def evaluate(context: Context, replica: Replica, query: Query = of_acceptors) -> tuple[Step, ...]:
    """Answer a read when slot_out is above the slot that a quorum has named.

    Ask again if the replica has come to another configuration than that of those who were asked.
    """
    since = takes_effect(context, replica) if replica.reads else 0
    return tuple(
        answer(context, replica, reading)
        if reading.since == since
        else ask(context, replica, reading.command, query)
        for reading in in_order(replica.reads)
        if reading.since != since or is_ready(replica, reading)
    )


def is_ready(replica: Replica, reading: Reading) -> bool:
    """Whether a quorum has answered, and the replica has performed all slots that it has named."""
    return reading.heard is None and reading.slot < replica.slot_out


def answer(context: Context, replica: Replica, reading: Reading) -> Step:
    """Evaluate a read, and be done with it."""
    _, result = kv.apply(replica.store, reading.command.op)
    done = replace(replica, reads=replica.reads - {reading})
    return Step(done, respond(context, reading.command, result))


def in_order(reads: frozenset[Reading]) -> list[Reading]:
    """Reads in an order that is the same in every process."""
    return sorted(reads, key=lambda reading: (reading.command.client, reading.command.cid))


#: The rules and wakes of replicas, acceptors and clients for reads.
REPLICA_RULES: Mapping[type, Rule[Replica]] = MappingProxyType({Read: on_read, ReadReply: on_read_reply})
FILLING_FOR_READS: Mapping[str, Wake[Replica]] = MappingProxyType({"fillForReads": fill_for_reads})
REPLICA_WAKES: Mapping[str, Wake[Replica]] = MappingProxyType({**FILLING_FOR_READS, "evaluate": evaluate})
ACCEPTOR_RULES: Mapping[type, Rule[Acceptor]] = MappingProxyType({ReadQuery: on_read_query})
CLIENT_WAKES: Mapping[str, Wake[Reader]] = MappingProxyType({"invoke": invoke})
