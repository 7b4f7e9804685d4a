"""The replica: turns decided commands into application state (paper, section 2.1, figure 1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import kv
from pmmc.messages import Decision, Propose, Request, Response
from pmmc.values import Command, Context, Proposal, Sends, Step, slots_of, to_all


@dataclass(frozen=True, slots=True)
class Replica:
    """What a replica knows.

    `store` is the application's state and `performed` the commands that made it, in order;
    `slot_in` is the next slot to propose for, `slot_out` the next to perform, both from 1.
    `requests` waits in order of arrival: the paper takes any request next, we take the first (the
    variant `replica: any-request` has the paper's choice).
    """

    store: kv.Store = kv.EMPTY
    performed: tuple[Command, ...] = ()
    slot_in: int = 1
    slot_out: int = 1
    requests: tuple[Command, ...] = ()
    proposals: frozenset[Proposal] = frozenset()
    decisions: frozenset[Proposal] = frozenset()


def on_request(context: Context, replica: Replica, message: Request) -> tuple[Step, ...]:
    """Keep a request that is new, and propose."""
    held = {p.command for p in replica.proposals | replica.decisions}
    if message.command in held or message.command in replica.requests:
        return ()
    return (propose(context, replace(replica, requests=(*replica.requests, message.command))),)


def on_decision(context: Context, replica: Replica, message: Decision) -> tuple[Step, ...]:
    """Note a decision that is new, perform what has become next in line, and propose."""
    decision = Proposal(message.slot, message.command)
    if decision in replica.decisions:
        return ()
    informed = replace(replica, decisions=replica.decisions | {decision})
    return tuple(
        Step(proposed.state, responses + proposed.sends)
        for performed, responses in perform_all(context, informed)
        for proposed in (propose(context, performed),)
    )


def next_decisions(replica: Replica) -> tuple[Command, ...]:
    """What is decided for slot_out, if that is known: one command, unless agreement is broken already."""
    decided = [p.command for p in replica.decisions if p.slot == replica.slot_out]
    return tuple(decided if len(decided) < 2 else sorted(decided, key=str))


def perform_all(
    context: Context, replica: Replica, responses: Sends = ()
) -> tuple[tuple[Replica, Sends], ...]:
    """Perform decisions in slot order until the next one is unknown.

    There is one way to do so, unless two commands are decided for one slot: then either may be taken.
    """
    commands = next_decisions(replica)
    if not commands:
        return ((replica, responses),)
    ways = (perform(context, reclaim(replica, command), command) for command in commands)
    return tuple(end for done, sends in ways for end in perform_all(context, done, responses + sends))


def reclaim(replica: Replica, command: Command) -> Replica:
    """`command` is decided for slot_out: if we proposed another there, that is a request again."""
    ours = sorted((p for p in replica.proposals if p.slot == replica.slot_out), key=str)
    displaced = tuple(p.command for p in ours if p.command != command)
    return replace(
        replica,
        proposals=replica.proposals.difference(ours),
        requests=replica.requests + displaced,
    )


def perform(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Perform the command of slot_out, unless an earlier slot has had it already; answer its client."""
    if any(p.command == command and p.slot < replica.slot_out for p in replica.decisions):
        return replace(replica, slot_out=replica.slot_out + 1), ()
    return execute(context, replica, command)


def execute(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Apply the command of slot_out to the store, and answer its client."""
    store, result = kv.apply(replica.store, command.op)
    performed = (*replica.performed, command)
    done = replace(replica, slot_out=replica.slot_out + 1, store=store, performed=performed)
    return done, respond(context, command, result)


def respond(context: Context, command: Command, result: kv.Value) -> Sends:
    """To the command's client, if it takes part: the result."""
    if command.client not in context.deployment.clients:
        return ()
    return ((command.client, Response(command.cid, result)),)


def may_propose(context: Context, replica: Replica) -> bool:
    """Whether there is a request, and slot_in is inside the window and the log."""
    deployment = context.deployment
    return (
        bool(replica.requests)
        and replica.slot_in < replica.slot_out + deployment.window
        and (deployment.slots is None or replica.slot_in <= deployment.slots)
    )


def propose(context: Context, replica: Replica) -> Step:
    """Propose requests, in order of arrival, for the open slots of the window.

    slot_in moves on in any case: a slot whose decision is known is passed over.
    """
    sends: Sends = ()
    while may_propose(context, replica):
        if replica.slot_in not in slots_of(replica.decisions):
            replica, proposed = propose_one(context, replica, replica.requests[0])
            sends += proposed
        replica = replace(replica, slot_in=replica.slot_in + 1)
    return Step(replica, sends)


def propose_one(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Propose one of the requests for slot_in, to all leaders."""
    waiting = tuple(c for c in replica.requests if c != command)
    proposal = Proposal(replica.slot_in, command)
    proposed = replace(replica, requests=waiting, proposals=replica.proposals | {proposal})
    return proposed, to_all(context.deployment.leaders, Propose(replica.slot_in, command))


#: The replica's rules: message type → rule.
RULES: Mapping[type, Callable[..., Any]] = MappingProxyType({Request: on_request, Decision: on_decision})
