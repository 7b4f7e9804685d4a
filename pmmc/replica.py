"""The replica: turns decided commands into application state (paper, section 2.1, figure 1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pmmc import kv
from pmmc.messages import Decision, Propose, Request, Response
from pmmc.values import (
    Command,
    Configuration,
    Context,
    Node,
    Proposal,
    Rule,
    Sends,
    Step,
    filler,
    in_slot_order,
    slots_of,
    to_all,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A read-only command that a replica is to evaluate (`pmmc.reads`).

    `heard` are the acceptors that have said in which slot they have accepted something last, and `slot` is
    the highest of those; `heard` is None when they are enough. They are of the configuration that decides
    the slots from `since` on.
    """

    command: Command
    heard: frozenset[Node] | None = frozenset()
    slot: int = 0
    since: int = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class Replica:
    """What a replica knows.

    `store` is the application's state and `performed` the commands that made it, in order;
    `slot_in` is the next slot to propose for, `slot_out` the next to perform, both from 1.
    `configuration` is the number of the one whose leaders it proposes to: the paper's `leaders`.
    `requests` waits in order of arrival: the paper takes any request next, we take the first (the
    variant `replica: any-request` has the paper's choice). `reads` are read-only commands that do not go
    through the log; there are some only with the rules of `pmmc.reads`.
    """

    store: kv.Store = kv.EMPTY
    performed: tuple[Command, ...] = ()
    slot_in: int = 1
    slot_out: int = 1
    requests: tuple[Command, ...] = ()
    proposals: frozenset[Proposal] = frozenset()
    decisions: frozenset[Proposal] = frozenset()
    configuration: int = field(default=0, repr=False)
    reads: frozenset[Reading] = field(default=frozenset(), repr=False)


#: A way to perform a command: the replica after it, and what it sends.
Perform = Callable[[Context, Replica, Command], tuple[Replica, Sends]]


def holds(replica: Replica, command: Command) -> bool:
    """Whether the replica has this command already: requested, proposed or decided."""
    held = {p.command for p in replica.proposals | replica.decisions}
    return command in held or command in replica.requests


def on_request(context: Context, replica: Replica, message: Request) -> tuple[Step, ...]:
    """Keep a request that is new, and propose."""
    if holds(replica, message.command):
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


def decided_for(replica: Replica, slot: int) -> tuple[Command, ...]:
    """What is decided for a slot, if that is known: one command, unless agreement is broken already."""
    decided = [p.command for p in replica.decisions if p.slot == slot]
    return tuple(decided if len(decided) < 2 else sorted(decided, key=str))


def perform_all(
    context: Context, replica: Replica, how: Perform | None = None, responses: Sends = ()
) -> tuple[tuple[Replica, Sends], ...]:
    """Perform decisions in slot order until the next one is unknown; `how`, if not by `perform`.

    There is one way to do so, unless two commands are decided for one slot: then either may be taken.
    """
    commands = decided_for(replica, replica.slot_out)
    if not commands:
        return ((replica, responses),)
    ways = ((how or perform)(context, reclaim(replica, command), command) for command in commands)
    return tuple(end for done, sends in ways for end in perform_all(context, done, how, responses + sends))


def reclaim(replica: Replica, command: Command) -> Replica:
    """`command` is decided for slot_out: if we proposed another there, that is a request again.

    Not so a no-op that was to fill that slot: the slot is filled.
    """
    ours = sorted((p for p in replica.proposals if p.slot == replica.slot_out), key=str)
    displaced = tuple(p.command for p in ours if p.command not in (command, filler(p.slot)))
    return replace(
        replica,
        proposals=replica.proposals.difference(ours),
        requests=replica.requests + displaced,
    )


def perform(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Perform the command of slot_out, unless an earlier slot has had it already; answer its client.

    A reconfiguration is not performed: `reconfigured` sees to it.
    """
    if isinstance(command.op, kv.Reconfigure) or decided_below(replica, replica.slot_out, command):
        return replace(replica, slot_out=replica.slot_out + 1), ()
    return execute(context, replica, command)


def decided_below(replica: Replica, slot: int, command: Command) -> bool:
    """Whether a command is known to be decided for a slot below another."""
    return any(p.command == command and p.slot < slot for p in replica.decisions)


def execute(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Apply the command of slot_out to the store, and answer its client."""
    store, result = kv.apply(replica.store, command.op)
    performed = (*replica.performed, command)
    done = replace(replica, slot_out=replica.slot_out + 1, store=store, performed=performed)
    return done, respond(context, command, result)


def fold(
    decisions: frozenset[Proposal],
    slot_out: int,
    store: kv.Store = kv.EMPTY,
    performed: tuple[Command, ...] = (),
) -> tuple[kv.Store, tuple[Command, ...]]:
    """The store that decisions below slot_out make, and what was performed for it: each command once.

    `store` and `performed` are what there was before.
    """
    for p in in_slot_order(decisions):
        made = isinstance(p.command.op, kv.Reconfigure) or p.command in performed
        if p.slot < slot_out and not made:
            store, _ = kv.apply(store, p.command.op)
            performed = (*performed, p.command)
    return store, performed


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
        replica = reconfigured(context, replica)
        if replica.slot_in not in slots_of(replica.decisions):
            replica, proposed = propose_one(context, replica, replica.requests[0])
            sends += proposed
        replica = replace(replica, slot_in=replica.slot_in + 1)
    return Step(replica, sends)


def reconfigured(context: Context, replica: Replica) -> Replica:
    """The replica with the configuration that decides slot_in (paper, section 2.1, function propose).

    It is another one than that of the slot before if a reconfiguration is decided WINDOW slots below; that
    decision is known, because slot_in is inside the window. One that an earlier slot has had already
    changes nothing. The paper takes it once more, and so goes back to what another reconfiguration has
    replaced meanwhile; the variant `reconfiguration: applied-again` shows it.
    """
    slot = replica.slot_in - context.deployment.window
    for command in decided_for(replica, slot):
        if isinstance(command.op, kv.Reconfigure) and not decided_below(replica, slot, command):
            replica = replace(replica, configuration=command.op.configuration)
    return replica


def governing(context: Context, replica: Replica, slot: int) -> Configuration:
    """The configuration that decides a slot for which the replica has proposed, or passes it over."""
    if len(context.deployment.configurations) == 1:
        return context.deployment.configurations[0]
    return context.deployment.configurations[come_to(context, replica, slot).configuration]


def come_to(context: Context, replica: Replica, slot: int) -> Replica:
    """The replica with the configuration that it has when slot_in has come from 1 to this slot."""
    there = replace(replica, configuration=0)
    for below in range(1, slot + 1):
        there = reconfigured(context, replace(there, slot_in=below))
    return replace(replica, configuration=there.configuration)


def propose_one(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Propose one of the requests for slot_in, to the leaders of the configuration that decides it."""
    waiting = tuple(c for c in replica.requests if c != command)
    proposal = Proposal(replica.slot_in, command)
    proposed = replace(replica, requests=waiting, proposals=replica.proposals | {proposal})
    leaders = context.deployment.configurations[replica.configuration].leaders
    return proposed, to_all(leaders, Propose(replica.slot_in, command))


#: The replica's rules: message type → rule.
RULES: Mapping[type, Rule[Replica]] = MappingProxyType({Request: on_request, Decision: on_decision})
