"""Reads that ask leaders: etcd's ReadIndex (Ongaro, Consensus: Bridging Theory and Practice, 2014, 6.4).

A leader that is active knows all that was decided in ballots below its own, by what it was promised, and
what it has itself proposed. So the highest slot of its proposals is as far as the log can have come, unless
a leader with a higher ballot has decided something meanwhile. The replica asks leaders; each that is active
claims so much, in its ballot, to the acceptors, and each acceptor that has that ballot passes it on to the
replica. Those of a quorum who do so have accepted nothing in a higher ballot by then. The rest is as with
`pmmc.reads`, and so is who is asked where configurations change.

In etcd the leader itself hears whether it is one still. Here the replica does, and the leader need not
remember what it was asked. A read whose leader is preempted before a quorum has passed on what it claims
ends by another leader that has been asked, or not at all: clients would have to ask once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from pmmc import reads
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.collection import CollectingLeader
from pmmc.leader import Leader
from pmmc.reads import FILLING_FOR_READS, Read, ReadReply, on_read_reply
from pmmc.replica import Replica
from pmmc.values import Command, Configuration, Context, Node, Rule, Sends, Step, Wake, to_all


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """Replica → all leaders of a configuration: how far has the log come?"""

    replica: Node
    command: Command


@dataclass(frozen=True, slots=True)
class IndexClaim:
    """Leader → all acceptors: tell the replica that it has come to this slot, if this ballot is yours."""

    ballot: Ballot
    replica: Node
    command: Command
    slot: int


def of_leaders(context: Context, configuration: Configuration, command: Command) -> Sends:
    """To all leaders: how far has the log come?"""
    return to_all(configuration.leaders, IndexQuery(context.me, command))


def on_index_query(context: Context, leader: Leader, message: IndexQuery) -> tuple[Step, ...]:
    """Claim what is proposed, when active."""
    return claim(context, leader, message, last_proposed(leader)) if leader.active else ()


def claim(context: Context, leader: Leader, message: IndexQuery, slot: int) -> tuple[Step, ...]:
    """Ask all acceptors to tell the replica that the log has come to this slot."""
    claims = IndexClaim(leader.ballot, message.replica, message.command, slot)
    return (Step(leader, to_all(context.configuration.acceptors, claims)),)


def last_proposed(leader: Leader) -> int:
    """The highest slot that a leader has a proposal for, or had and has collected; 0 if there is none."""
    kept = max((p.slot for p in leader.proposals), default=0)
    return max(kept, leader.watermark - 1) if isinstance(leader, CollectingLeader) else kept


def on_index_claim(context: Context, acceptor: Acceptor, message: IndexClaim) -> tuple[Step, ...]:
    """Tell the replica, if the ballot is the one that was adopted."""
    if acceptor.ballot != message.ballot:
        return ()
    return (Step(acceptor, ((message.replica, ReadReply(context.me, message.command, message.slot)),)),)


#: The rules and wakes of replicas, leaders and acceptors.
REPLICA_RULES: Mapping[type, Rule[Replica]] = MappingProxyType(
    {Read: partial(reads.on_read, query=of_leaders), ReadReply: on_read_reply}
)
REPLICA_WAKES: Mapping[str, Wake[Replica]] = MappingProxyType(
    {**FILLING_FOR_READS, "evaluate": partial(reads.evaluate, query=of_leaders)}
)
LEADER_RULES: Mapping[type, Rule[Leader]] = MappingProxyType({IndexQuery: on_index_query})
ACCEPTOR_RULES: Mapping[type, Rule[Acceptor]] = MappingProxyType({IndexClaim: on_index_claim})
