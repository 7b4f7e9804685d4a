"""Reads that do not go through the log, chosen in a model file by `rules: {reads: quorum}`.

Clients send their commands that only read as such; so a model without clients has no reads.
"""

from collections.abc import Mapping
from typing import Any

from checker.modelfiles.protocol import Variant
from pmmc import reads
from pmmc.acceptor import Acceptor
from pmmc.reads import ReadQuery, ReadReply
from pmmc.values import Context, Step
from spec.claims.settling import settle_client, settle_replica

SECTION = "paper, section 4.5"


def on_read_query_as_printed(context: Context, acceptor: Acceptor, message: ReadQuery) -> tuple[Step, ...]:
    """As `pmmc.reads.on_read_query`; but what was collected is as if it had never been accepted."""
    last = max((p.slot for p in acceptor.accepted), default=0)
    return (Step(acceptor, ((message.replica, ReadReply(context.me, message.command, last)),)),)


def by_acceptors(name: str, rules: Mapping[type, Any], about: str, source: str) -> Variant:
    """Reads with these rules of acceptors."""
    replicas = Variant(
        *("reads", name, "replica", about, source),
        *(reads.REPLICA_RULES, reads.REPLICA_WAKES),
        settle=settle_replica,
    )
    clients = Variant(
        *("reads", name, "client", about, source), wakes=reads.CLIENT_WAKES, settle=settle_client
    )
    return Variant(
        part="reads",
        name=name,
        role="acceptor",
        about=about,
        source=source,
        rules=rules,
        gives_up=("response-integrity",),
        claims=("RD-1", "RD-3"),
        also=(replicas, clients),
    )


READ_VARIANTS = (
    by_acceptors(
        "quorum",
        reads.ACCEPTOR_RULES,
        "A replica evaluates a command that only reads when it has performed all slots in which some of a "
        "quorum of acceptors has accepted something. An acceptor counts slots that it has collected.",
        SECTION,
    ),
    by_acceptors(
        "as-printed",
        {ReadQuery: on_read_query_as_printed},
        "As quorum, but an acceptor that has collected all that it accepted answers as one that has "
        "accepted nothing: wrong on purpose where garbage is collected.",
        f"{SECTION}, which does not speak of garbage collection",
    ),
)
