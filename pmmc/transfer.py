"""Replicas where leaders and acceptors collect garbage: reports, and state transfer (paper, section 4.2).

A replica reports how far it has come, at any time; the paper says periodically. One that lags behind may
wait for decisions that nobody knows any more. When it hears so it asks the other replicas, and takes what
one of them has that is far enough: the state of the application, the memory of what was performed, and
the reconfigurations that were decided, from which follows who decides the next slots.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import forgetting, kv
from pmmc.forgetting import catch_up, go_on
from pmmc.replica import Replica
from pmmc.values import Command, Context, Node, Proposal, Rule, Step, Wake, filler, in_slot_order, to_all


@dataclass(frozen=True, slots=True)
class Report:
    """Replica → all leaders and acceptors: I have performed all slots below `slot_out`."""

    replica: Node
    slot_out: int


@dataclass(frozen=True, slots=True)
class Collected:
    """Leader → all replicas: slots below `watermark` are decided, and I know no more about them."""

    watermark: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """Replica → the other replicas: give me your state, if you have performed all below `slot_out`."""

    replica: Node
    slot_out: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Replica → replica that has asked for it: what I have, having performed all below `slot_out`."""

    slot_out: int
    store: kv.Store
    performed: tuple[Command, ...]
    reconfigurations: frozenset[Proposal]


@dataclass(frozen=True, slots=True)
class Reporter(Replica):
    """A replica that has reported `reported`, the highest slot_out so far."""

    reported: int = 1


def report(context: Context, replica: Reporter) -> tuple[Step, ...]:
    """Report slot_out to all leaders and acceptors, of whatever configuration, if that is news."""
    if replica.slot_out <= replica.reported:
        return ()
    everybody = context.deployment.leaders + context.deployment.acceptors
    reported = replace(replica, reported=replica.slot_out)
    return (Step(reported, to_all(everybody, Report(context.me, replica.slot_out))),)


def on_collected(context: Context, replica: Reporter, message: Collected) -> tuple[Step, ...]:
    """Decisions that are missing here may be gone: ask the other replicas."""
    if message.watermark <= replica.slot_out:
        return ()
    others = [node for node in context.deployment.replicas if node != context.me]
    return (Step(replica, to_all(others, Fetch(context.me, message.watermark))),)


def on_fetch(context: Context, replica: Reporter, message: Fetch) -> tuple[Step, ...]:
    """Transfer the state, if it is what was asked for."""
    if replica.slot_out < message.slot_out:
        return ()
    return (Step(replica, ((message.replica, transfer(replica)),)),)


def transfer(replica: Replica) -> Transfer:
    """What another replica needs to go on from where this one is."""
    done = frozenset(p for p in replica.decisions if p.slot < replica.slot_out)
    changes = frozenset(p for p in done if isinstance(p.command.op, kv.Reconfigure))
    return Transfer(replica.slot_out, replica.store, replica.performed, changes)


def on_transfer(context: Context, replica: Reporter, message: Transfer) -> tuple[Step, ...]:
    """Go on from where another replica was, if that is further."""
    if message.slot_out <= replica.slot_out:
        return ()
    return go_on(context, catch_up(context, install(replica, message)))


def install(replica: Reporter, message: Transfer) -> Reporter:
    """The replica with the state of another one.

    What it has proposed for slots that it passes over is a request again, unless it is known to be decided
    for one slot or another: for which it will not learn. A no-op that was to fill one of them is none.
    """
    passed = [p for p in in_slot_order(replica.proposals) if p.slot < message.slot_out]
    done = {*message.performed, *(p.command for p in message.reconfigurations)}
    done |= {filler(p.slot) for p in passed}
    return replace(
        replica,
        store=message.store,
        performed=message.performed,
        slot_out=message.slot_out,
        decisions=replica.decisions | message.reconfigurations,
        proposals=replica.proposals.difference(passed),
        requests=(*replica.requests, *(p.command for p in passed if p.command not in done)),
    )


#: The rules and the wake of a replica that reports, and gives and takes its state.
RULES: Mapping[type, Rule[Any]] = MappingProxyType(
    {**forgetting.RULES, Collected: on_collected, Fetch: on_fetch, Transfer: on_transfer}
)
WAKES: Mapping[str, Wake[Any]] = MappingProxyType({"report": report})
