"""Reads that do not go through the log, chosen in a model file by `rules: {reads: quorum}`.

Clients send their commands that only read as such; so a model without clients has no reads.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from checker.modelfiles.protocol import Variant
from pmmc import readindex, reads
from pmmc.acceptor import Acceptor
from pmmc.reads import ReadQuery, ReadReply
from pmmc.replica import Replica
from pmmc.values import Context, Step
from spec.claims.settling import settle_client, settle_leader, settle_replica

SECTION = "paper, section 4.5"
NOTHING: Mapping[Any, Any] = MappingProxyType({})


def on_read_query_as_printed(context: Context, acceptor: Acceptor, message: ReadQuery) -> tuple[Step, ...]:
    """As `pmmc.reads.on_read_query`; but what was collected is as if it had never been accepted."""
    last = max((p.slot for p in acceptor.accepted), default=0)
    return (Step(acceptor, ((message.replica, ReadReply(context.me, message.command, last)),)),)


def evaluate_asked_once(context: Context, replica: Replica) -> tuple[Step, ...]:
    """As `pmmc.reads.evaluate`; but nobody is asked again, whatever configuration there is by then."""
    return tuple(
        reads.answer(context, replica, reading)
        for reading in reads.in_order(replica.reads)
        if reads.is_ready(replica, reading)
    )


def reading(
    name: str,
    *,
    about: str,
    source: str,
    replica: Mapping[type, Any] = reads.REPLICA_RULES,
    wakes: Mapping[str, Any] = reads.REPLICA_WAKES,
    acceptor: Mapping[type, Any] = reads.ACCEPTOR_RULES,
    leader: Mapping[type, Any] = NOTHING,
) -> Variant:
    """Reads with these rules of replicas, acceptors and leaders; clients ask for them as such."""
    replicas = Variant("reads", name, "replica", about, source, replica, wakes, settle=settle_replica)
    clients = Variant(
        *("reads", name, "client", about, source),
        wakes=reads.CLIENT_WAKES,
        begin=reads.reader,
        settle=settle_client,
    )
    leaders = Variant("reads", name, "leader", about, source, leader, settle=settle_leader)
    return Variant(
        part="reads",
        name=name,
        role="acceptor",
        about=about,
        source=source,
        rules=acceptor,
        gives_up=("response-integrity",),
        claims=("RD-1", "RD-2", "RD-3"),
        also=(replicas, clients, *((leaders,) if leader else ())),
    )


READ_VARIANTS = (
    reading(
        "quorum",
        about="A replica evaluates a command that only reads when it has performed all slots in which some "
        "of a quorum of acceptors has accepted something. An acceptor counts slots that it has collected.",
        source=SECTION,
    ),
    reading(
        "as-printed",
        about="As quorum, but an acceptor that has collected all that it accepted answers as one that has "
        "accepted nothing: wrong on purpose where garbage is collected.",
        source=f"{SECTION}, which does not speak of garbage collection",
        acceptor={ReadQuery: on_read_query_as_printed},
    ),
    reading(
        "asked-once",
        about="As quorum, but a replica asks the acceptors of the configuration that it knows, and no "
        "others when it comes to another one: wrong on purpose where configurations change.",
        source=f"{SECTION}, which does not speak of reconfigurations",
        wakes={**reads.REPLICA_WAKES, "evaluate": evaluate_asked_once},
    ),
    reading(
        "by-leader",
        about="A replica evaluates a command that only reads when it has performed all slots for which a "
        "leader has a proposal whose ballot a quorum of acceptors has still.",
        source="etcd, ReadIndex; Ongaro, Consensus: Bridging Theory and Practice, 2014, section 6.4",
        replica=readindex.REPLICA_RULES,
        wakes=readindex.REPLICA_WAKES,
        acceptor=readindex.ACCEPTOR_RULES,
        leader=readindex.LEADER_RULES,
    ),
)
