"""Leases, chosen in a model file by `rules: {reads: leased}`; `clocks` says how long they are.

As with `reads: quorum` clients send their commands that only read as such. Properties are judged on history
variables, which rules write and never read or send: `given` of an acceptor, `strayed` of a replica.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from checker.modelfiles.protocol import Variant
from pmmc import leases, reads
from pmmc import replica as proper
from pmmc.acceptor import Acceptor
from pmmc.leases import Grant, GrantingAcceptor, LeaseGrant, LeaseRequest, LeasingReplica, Tick
from pmmc.messages import Decision, Response
from pmmc.replica import Replica
from pmmc.values import Context, Node, Rule, Step, Wake, with_more
from spec.claims.settling import settle_client
from spec.variants.reads import SECTION

#: What is claimed of leases that are right.
CLAIMED = ("RD-1", "LS-1", "LS-2", "LS-3", "LS-4", "LS-5")
NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Granter(GrantingAcceptor):
    """`given` are all grants that still run, whether or not the acceptor knows of them."""

    given: frozenset[Grant] = frozenset()


@dataclass(frozen=True, slots=True)
class Holder(LeasingReplica):
    """`strayed` are the commands, by client and number, that it has answered without holding the lease."""

    strayed: frozenset[tuple[Node, int]] = frozenset()


def granter(state: Acceptor) -> Granter:
    """The same acceptor, having granted nothing."""
    return with_more(Granter, leases.granting_acceptor(state))


def holder(state: Replica) -> Holder:
    """The same replica, having asked for nothing."""
    return with_more(Holder, leases.leasing_replica(state))


def granting(rule: Rule[Any]) -> Rule[Any]:
    """A rule for lease requests that notes in the history what is granted, in place of what was to it."""

    def on_lease_request(context: Context, state: Granter, message: LeaseRequest) -> tuple[Step, ...]:
        granted = Grant(message.replica, leases.terms(context).length)
        others = (grant for grant in state.given if grant.replica != message.replica)
        given = frozenset({granted, *others})
        return tuple(
            step._replace(state=replace(step.state, given=given)) for step in rule(context, state, message)
        )

    return on_lease_request


def passing(rule: Rule[Any]) -> Rule[Any]:
    """A rule for ticks by which time goes on in the history too."""

    def on_tick(context: Context, state: Granter, message: Tick) -> tuple[Step, ...]:
        given = leases.a_tick_later(state.given)
        return tuple(
            step._replace(state=replace(step.state, given=given)) for step in rule(context, state, message)
        )

    return on_tick


def answering(code: Any) -> Any:
    """A rule or wake that notes in the history what is answered without a lease."""

    def noted(*situation: Any) -> tuple[Step, ...]:
        return tuple(map(_noted, code(*situation)))

    return noted


def _noted(step: Step) -> Step:
    answers = {(to, message.cid) for to, message in step.sends if isinstance(message, Response)}
    if not answers or step.state.holds:
        return step
    return step._replace(state=replace(step.state, strayed=step.state.strayed | answers))


def leasing(
    name: str,
    *,
    about: str,
    source: str,
    acceptor: Mapping[type, Rule[Any]] = NOTHING,
    replica: Mapping[type, Rule[Any]] = NOTHING,
    wakes: Mapping[str, Wake[Any]] = NOTHING,
    claims: tuple[str, ...] = CLAIMED,
) -> Variant:
    """Leases, of acceptors, and with them of replicas and clients.

    `acceptor`, `replica` and `wakes` are rules, and wakes of replicas, in place of those of `pmmc.leases`.
    """
    grant = {**leases.ACCEPTOR_RULES, **acceptor}
    hold = {**leases.REPLICA_RULES, **replica}
    noted = {kind: rule if kind is Tick else answering(rule) for kind, rule in hold.items()}
    own = {wake: answering(code) for wake, code in {**leases.REPLICA_WAKES, **wakes}.items()}
    replicas = Variant(
        *("reads", name, "replica", about, source, noted, own),
        begin=holder,
        history=("strayed",),
        stable=("asked", "owed"),
    )
    clients = Variant(
        *("reads", name, "client", about, source),
        wakes=reads.CLIENT_WAKES,
        begin=reads.reader,
        settle=settle_client,
    )
    return Variant(
        *("reads", name, "acceptor", about, source),
        rules={**grant, LeaseRequest: granting(grant[LeaseRequest]), Tick: passing(grant[Tick])},
        begin=granter,
        history=("given",),
        stable=("grants",),
        gives_up=("response-integrity",),
        claims=claims,
        also=(replicas, clients),
    )


def on_lease_grant_with_slots(
    context: Context, replica: LeasingReplica, message: LeaseGrant
) -> tuple[Step, ...]:
    """As `pmmc.leases.on_lease_grant`; but the slots are those that were named with the grants."""
    granted = leases.granted_by(replica, message)
    if granted is None:
        return ()
    told = replace(granted, slot=max(granted.slot, message.slot))
    if not leases.is_majority(context, told.granted):
        return (Step(replace(replica, lease=told)),)
    held = replace(told, granted=None, heard=None)
    return (Step(replace(replica, lease=held, owed=()), replica.owed),)


LEASE_VARIANTS = (
    leasing(
        "leased",
        about="A replica that holds a lease evaluates reads at once, and it alone answers clients. It asks "
        "acceptors for slots when it holds the lease.",
        source=f"{SECTION}, with two corrections",
    ),
    leasing(
        "leased-slots-with-grants",
        about="As leased, but the slots that a holder goes by are those that acceptors have named with "
        "their grants. With several acceptors one of them may be out of date when the lease is held.",
        source=SECTION,
        replica={LeaseGrant: on_lease_grant_with_slots},
    ),
    leasing(
        "leased-as-printed",
        about="As leased-slots-with-grants, and any replica answers what it has performed: also a write "
        "that was proposed before another replica got the lease, and of which that one knows nothing.",
        source=SECTION,
        replica={LeaseGrant: on_lease_grant_with_slots, Decision: proper.on_decision},
        claims=tuple(claim for claim in CLAIMED if claim != "LS-4"),
    ),
)
