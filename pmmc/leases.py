"""Leases: for a while one replica alone answers, and so it answers reads at once (paper, section 4.5).

A replica notes its clock c and asks the acceptors for a lease. Each of them grants it for a number of ticks
by its own clock, unless it has granted one to another replica that still runs. With a majority the replica
*holds* the lease, until as many ticks after c by its own clock, less what clocks may drift: of the time
between asking and holding, nothing is added. So at any time all grants of a majority are running that a
holder has, and there is one holder at most.

The paper has the acceptor name, with the grant, the highest slot in which it has accepted something; a
holder evaluates a read when slot_out is above all that are named. That is not enough, in two ways.

* What another replica has proposed, or a leader has under way, may be decided while the lease runs, and
  answered by others; the holder has not heard of it. So only who holds the lease answers clients, of writes
  as well. The others keep what they have to answer until they hold it.
* One acceptor may grant a lease while another replica still holds one, by other acceptors, and then accept
  what that one is the first to answer. The slot it named is too low when the lease is held. So a replica
  asks for slots *when it holds the lease*, and needs those of a quorum. What others have answered by then a
  quorum has accepted, and what is answered later it answers itself.

Nobody keeps a time of day: what is kept is for how many ticks a grant or a lease still runs. Whoever looks
at a clock is told so when it goes on (`Tick`). A number stands for c: how many times the replica had asked.
It must not be forgotten in a crash, nor must a grant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import reads
from pmmc import replica as proper
from pmmc.acceptor import Acceptor
from pmmc.messages import Decision, Request, Response
from pmmc.noops import fill_below
from pmmc.quorums import MAJORITIES
from pmmc.reads import Read, last_slot
from pmmc.replica import Reading, Replica
from pmmc.values import Context, LeaseTerms, Node, Rule, Sends, Step, Wake, to_all, with_more


@dataclass(frozen=True, slots=True)
class Tick:
    """To whoever looks at a clock: it has gone on by one."""


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Replica → all acceptors: grant me a lease; I ask for the `number`th time."""

    replica: Node
    number: int


@dataclass(frozen=True, slots=True)
class LeaseGrant:
    """Acceptor → replica that asked for the `number`th time: granted; in this slot I have accepted last."""

    acceptor: Node
    number: int
    slot: int


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """Replica that holds the lease → all acceptors: in which slot have you accepted something last?"""

    replica: Node
    number: int


@dataclass(frozen=True, slots=True)
class SlotReply:
    """Acceptor → replica that holds the lease: in this slot, and in none above it."""

    acceptor: Node
    number: int
    slot: int


@dataclass(frozen=True, slots=True)
class Grant:
    """For whom an acceptor has granted a lease, and for how many ticks of its clock it still runs."""

    replica: Node
    left: int


@dataclass(frozen=True, slots=True)
class GrantingAcceptor(Acceptor):
    """`grants` are those that still run; there is one at most."""

    grants: frozenset[Grant] = frozenset()


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that a replica has asked for, for the `number`th time: it may count on it for `left` ticks.

    `granted` are the acceptors that have granted it, and None when it is held. From then on `heard` are
    those that have named a slot, and None when they are enough; `slot` is the highest of those.
    """

    number: int
    left: int
    granted: frozenset[Node] | None = frozenset()
    heard: frozenset[Node] | None = frozenset()
    slot: int = 0


@dataclass(frozen=True, slots=True)
class LeasingReplica(Replica):
    """`asked` is how many times it has asked for a lease, `owed` what it will answer when it holds one."""

    asked: int = 0
    lease: Lease | None = None
    owed: Sends = ()

    @property
    def holds(self) -> bool:
        """Whether it holds the lease, as far as it knows."""
        return self.lease is not None and self.lease.granted is None

    def needs(self, terms: LeaseTerms) -> bool:
        """Whether it has something to answer, and neither a lease nor any more to ask for."""
        return self.lease is None and self.asked >= terms.asks and bool(self.reads or self.owed)


def granting_acceptor(acceptor: Acceptor) -> GrantingAcceptor:
    """The same acceptor, having granted nothing."""
    return with_more(GrantingAcceptor, acceptor)


def leasing_replica(replica: Replica) -> LeasingReplica:
    """The same replica, having asked for nothing."""
    return with_more(LeasingReplica, replica)


def terms(context: Context) -> LeaseTerms:
    """The terms of leases. Raises ValueError if none are agreed on."""
    if context.deployment.leases is None:
        raise ValueError("there are leases, and a deployment without terms of them")
    return context.deployment.leases


# Acceptors ------------------------------------------------------------------------------------------------


def on_lease_request(
    context: Context, acceptor: GrantingAcceptor, message: LeaseRequest
) -> tuple[Step, ...]:
    """Grant a lease, or grant it anew, unless one of another replica still runs."""
    if any(grant.replica != message.replica for grant in acceptor.grants):
        return ()
    granted = frozenset({Grant(message.replica, terms(context).length)})
    reply = LeaseGrant(context.me, message.number, last_slot(acceptor))
    return (Step(replace(acceptor, grants=granted), ((message.replica, reply),)),)


def on_slot_query(context: Context, acceptor: Acceptor, message: SlotQuery) -> tuple[Step, ...]:
    """Say in which slot something was accepted last."""
    reply = SlotReply(context.me, message.number, last_slot(acceptor))
    return (Step(acceptor, ((message.replica, reply),)),)


def on_acceptors_tick(context: Context, acceptor: GrantingAcceptor, message: Tick) -> tuple[Step, ...]:
    """A tick less for each grant; one that has no more has run out."""
    return (Step(replace(acceptor, grants=a_tick_later(acceptor.grants))),)


def a_tick_later(grants: frozenset[Grant]) -> frozenset[Grant]:
    """The grants that still run then."""
    return frozenset(Grant(grant.replica, grant.left - 1) for grant in grants if grant.left > 1)


# Replicas -------------------------------------------------------------------------------------------------


def ask_for_lease(context: Context, replica: LeasingReplica) -> tuple[Step, ...]:
    """Without a lease, and without having asked for one: ask all acceptors. The time counts from now on."""
    if replica.lease is not None or replica.asked >= terms(context).asks:
        return ()
    number = replica.asked + 1
    asking = replace(replica, asked=number, lease=Lease(number, terms(context).held))
    return (Step(asking, to_all(context.deployment.acceptors, LeaseRequest(context.me, number))),)


def on_lease_grant(context: Context, replica: LeasingReplica, message: LeaseGrant) -> tuple[Step, ...]:
    """Note who has granted the lease that the replica asked for last. With a majority it is held.

    Then ask for slots, and answer what is owed.
    """
    granted = granted_by(replica, message)
    if granted is None:
        return ()
    if not is_majority(context, granted.granted):
        return (Step(replace(replica, lease=granted)),)
    held = replace(granted, granted=None)
    query = to_all(context.deployment.acceptors, SlotQuery(context.me, held.number))
    return (Step(replace(replica, lease=held, owed=()), replica.owed + query),)


def granted_by(replica: LeasingReplica, message: LeaseGrant) -> Lease | None:
    """The lease, with the acceptor among those that grant it; None if that is no news."""
    lease = replica.lease
    if lease is None or lease.number != message.number or lease.granted is None:
        return None
    if message.acceptor in lease.granted:
        return None
    return replace(lease, granted=lease.granted | {message.acceptor})


def is_majority(context: Context, granted: frozenset[Node] | None) -> bool:
    """Whether these acceptors are a majority: any two must meet, whatever quorums for commands are."""
    return granted is not None and MAJORITIES.phase1.is_quorum(granted, context.deployment.acceptors)


def on_slot_reply(context: Context, replica: LeasingReplica, message: SlotReply) -> tuple[Step, ...]:
    """Note the slot that an acceptor names, until a quorum has named one."""
    lease = replica.lease
    if lease is None or lease.number != message.number or lease.heard is None:
        return ()
    if message.acceptor in lease.heard:
        return ()
    heard = lease.heard | {message.acceptor}
    (configuration,) = context.deployment.configurations
    enough = configuration.promised_by(heard)
    told = replace(lease, heard=None if enough else heard, slot=max(lease.slot, message.slot))
    return (Step(replace(replica, lease=told)),)


def on_replicas_tick(context: Context, replica: LeasingReplica, message: Tick) -> tuple[Step, ...]:
    """A tick less for the lease, held or asked for; if it has no more it has run out."""
    lease = replica.lease
    if lease is None:
        return ()
    left = replace(lease, left=lease.left - 1) if lease.left > 1 else None
    return (Step(replace(replica, lease=left)),)


def on_read(context: Context, replica: LeasingReplica, message: Read) -> tuple[Step, ...]:
    """Keep a read until it can be evaluated."""
    reading = Reading(message.command, heard=None)
    if reading in replica.reads:
        return ()
    return (Step(replace(replica, reads=replica.reads | {reading})),)


def on_decision(context: Context, replica: LeasingReplica, message: Decision) -> tuple[Step, ...]:
    """As `pmmc.replica.on_decision`; but clients are answered by who holds the lease only."""
    return tuple(
        step if replica.holds else held_back(step) for step in proper.on_decision(context, replica, message)
    )


def held_back(step: Step) -> Step:
    """The step without its answers, which are owed."""
    answers = tuple((to, message) for to, message in step.sends if isinstance(message, Response))
    others = tuple((to, message) for to, message in step.sends if not isinstance(message, Response))
    return Step(replace(step.state, owed=step.state.owed + answers), others)


def fill_for_reads(context: Context, replica: LeasingReplica) -> tuple[Step, ...]:
    """With reads, no requests: a no-op for each slot that must be performed before they are evaluated."""
    last = named_slot(replica)
    return fill_below(context, replica, last + 1) if replica.reads and last is not None else ()


def evaluate(context: Context, replica: LeasingReplica) -> tuple[Step, ...]:
    """Answer a read while the lease is held, if slot_out is above the slot that a quorum has named."""
    last = named_slot(replica)
    return reads.evaluate(context, replica) if last is not None and last < replica.slot_out else ()


def named_slot(replica: LeasingReplica) -> int | None:
    """The highest slot that a quorum has named to who holds the lease; None if it has not."""
    lease = replica.lease
    return lease.slot if lease is not None and replica.holds and lease.heard is None else None


#: The rules and wakes of acceptors and replicas for leases; clients are as in `pmmc.reads`.
ACCEPTOR_RULES: Mapping[type, Rule[Any]] = MappingProxyType(
    {LeaseRequest: on_lease_request, SlotQuery: on_slot_query, Tick: on_acceptors_tick}
)
REPLICA_RULES: Mapping[type, Rule[Any]] = MappingProxyType(
    {
        Read: on_read,
        Decision: on_decision,
        LeaseGrant: on_lease_grant,
        SlotReply: on_slot_reply,
        Tick: on_replicas_tick,
        # it answers nobody, and none may take its place that answers whom it has answered already
        Request: proper.on_request,
    }
)
REPLICA_WAKES: Mapping[str, Wake[Any]] = MappingProxyType(
    {"askForLease": ask_for_lease, "fillForReads": fill_for_reads, "evaluate": evaluate}
)
