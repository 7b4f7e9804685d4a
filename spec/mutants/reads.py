"""What goes wrong with reads that do not go through the log: too few are asked, or too little awaited."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from checker.modelfiles.protocol import Mutant
from pmmc import kv, readindex, reads
from pmmc.acceptor import Acceptor
from pmmc.leader import Leader
from pmmc.quorums import Count, Quorums
from pmmc.readindex import IndexQuery
from pmmc.reads import Read, ReadQuery, ReadReply
from pmmc.replica import Reading, Replica, respond
from pmmc.values import Command, Context, PValue, Step, in_slot_order, pmax, slots_of
from spec.mutants.configurations import Model, by_setting
from spec.variants.reads import reading

Steps = tuple[Step, ...]


def on_read_local(context: Context, replica: Replica, message: Read) -> Steps:
    """Answer at once, from what was performed here."""
    return (reads.answer(context, replica, Reading(message.command, None)),)


def of_one(context: Context) -> Context:
    """The context with quorums of one acceptor."""
    deployment = context.deployment
    one = Quorums(Count(1), Count(1))
    small = tuple(replace(configuration, quorums=one) for configuration in deployment.configurations)
    return replace(context, deployment=replace(deployment, configurations=small))


def on_read_reply_of_one(context: Context, replica: Replica, message: ReadReply) -> Steps:
    """Take what one acceptor says for what a quorum says."""
    return reads.on_read_reply(of_one(context), replica, message)


def evaluate_one_too_early(context: Context, replica: Replica) -> Steps:
    """Answer when slot_out has come to the slot that was named, which is not performed then."""
    return tuple(
        reads.answer(context, replica, reading)
        for reading in reads.in_order(replica.reads)
        if reading.heard is None and reading.slot <= replica.slot_out
    )


def fill_nothing(context: Context, replica: Replica) -> Steps:
    """Propose no no-ops."""
    return ()


@dataclass(frozen=True, slots=True)
class VotesReply(ReadReply):
    """As ReadReply, with all that the acceptor has accepted."""

    accepted: frozenset[PValue] = frozenset()


@dataclass(frozen=True, slots=True)
class Glimpse(Reading):
    """A read, and what acceptors have said that they have accepted."""

    accepted: frozenset[PValue] = frozenset()

    @property
    def glimpsed(self) -> frozenset[Command]:
        """The commands that it is evaluated with beside those that were performed."""
        return frozenset(p.command for p in pmax(self.accepted))


def on_read_query_votes(context: Context, acceptor: Acceptor, message: ReadQuery) -> Steps:
    """Say all that was accepted."""
    reply = VotesReply(context.me, message.command, reads.last_slot(acceptor), acceptor.accepted)
    return (Step(acceptor, ((message.replica, reply),)),)


def on_read_votes(context: Context, replica: Replica, message: Read) -> Steps:
    """Ask, and keep what will be said."""
    return tuple(
        step._replace(state=replace(step.state, reads=frozenset(map(glimpsing, step.state.reads))))
        for step in reads.on_read(context, replica, message)
    )


def glimpsing(reading: Reading) -> Glimpse:
    """The read, for which nothing is known to be accepted, unless something is."""
    return reading if isinstance(reading, Glimpse) else Glimpse(reading.command, reading.heard, reading.slot)


def on_read_reply_votes(context: Context, replica: Replica, message: VotesReply) -> Steps:
    """Note what was accepted as well."""
    return tuple(
        step._replace(state=replace(step.state, reads=frozenset(noted(r, message) for r in step.state.reads)))
        for step in reads.on_read_reply(context, replica, message)
    )


def noted(reading: Glimpse, message: VotesReply) -> Glimpse:
    """The read with what an acceptor has accepted, if it is asked for that one."""
    if reading.command != message.command:
        return reading
    return replace(reading, accepted=reading.accepted | message.accepted)


def evaluate_votes(context: Context, replica: Replica) -> Steps:
    """Answer when a quorum has answered, as if the highest that was accepted for each slot were decided."""
    return tuple(
        answer_from_votes(context, replica, reading)
        for reading in reads.in_order(replica.reads)
        if reading.heard is None
    )


def answer_from_votes(context: Context, replica: Replica, reading: Any) -> Step:
    """Evaluate a read after what is accepted beyond what was performed."""
    store = replica.store
    for p in in_slot_order(pmax(reading.accepted)):
        if p.slot >= replica.slot_out:
            store, _ = kv.apply(store, p.command.op)
    _, result = kv.apply(store, reading.command.op)
    done = replace(replica, reads=replica.reads - {reading})
    return Step(done, respond(context, reading.command, result))


def on_index_query_own(context: Context, leader: Leader, message: IndexQuery) -> Steps:
    """Claim the highest slot that is decided in the leader's own ballot: no commander is left for it."""
    if not leader.active:
        return ()
    under_way = {c.pvalue.slot for c in leader.commanders if c.pvalue.ballot == leader.ballot}
    decided = slots_of(leader.proposals) - under_way
    return readindex.claim(context, leader, message, max(decided, default=0))


def serving_reads(
    *,
    acceptors: int = 1,
    leaders: int = 1,
    replicas: int = 2,
    clients: int = 1,
    commands: tuple[str, ...] = ("put k A", "get k"),
    slots: int = 1,
    rules: Mapping[str, str] | None = None,
    **others: Any,
) -> Model:
    """Everything from the beginning, with clients that write and read."""
    return {
        "nodes": {"acceptors": acceptors, "leaders": leaders, "replicas": replicas, "clients": clients},
        "commands": [*commands],
        "bounds": {"slots": slots, "rounds": 1},
        "network": "at-most-once",
        "rules": rules or {"reads": "quorum"},
        **others,
    }


def by_reads(mutant_id: str, name: str, *, about: str, source: str, **given: Any) -> Mutant:
    """A mutant whose reads have these rules of replicas, wakes, or rules of acceptors and leaders."""
    rules = {key: given.pop(key) for key in ("replica", "wakes", "acceptor", "leader") if key in given}
    variant = reading(name, about=about, source=source, **rules)
    return Mutant(mutant_id, name, about, source, variants=(variant,), **given)


#: A read over a reconfiguration, as small as can be.
CROSSED: Model = {
    "nodes": {"replicas": 2, "clients": 1},
    "configurations": [{"leaders": 1, "acceptors": 1}, {"leaders": 1, "acceptors": 1}],
    "commands": ["reconfigure 1", "put k A", "get k"],
    "bounds": {"slots": 2, "rounds": 1, "window": 1},
    "network": "at-most-once",
    "rules": {"reads": "quorum"},
}

READ_MUTANTS: tuple[Mutant, ...] = (
    by_reads(
        "G-01",
        "local-replica",
        about="A replica answers a read from what it has performed.",
        source="a common question: can't one just read from a replica?",
        replica={Read: on_read_local},
        model=serving_reads(),
        property="linearizable",
    ),
    by_reads(
        "G-02",
        "one-is-a-quorum",
        about="x",
        source="x",
        replica={**reads.REPLICA_RULES, ReadReply: on_read_reply_of_one},
        model=serving_reads(acceptors=3, symmetry=["acceptors"]),
        property="RD-1",
    ),
    by_reads(
        "G-03",
        "evaluated-one-slot-early",
        about="x",
        source="x",
        wakes={**reads.REPLICA_WAKES, "evaluate": evaluate_one_too_early},
        model=serving_reads(),
        property="RD-1",
    ),
    by_reads(
        "G-04",
        "in-flight-accept-read",
        about="x",
        source="x",
        replica={Read: on_read_votes, VotesReply: on_read_reply_votes},
        acceptor={ReadQuery: on_read_query_votes},
        wakes={"evaluate": evaluate_votes},
        model=serving_reads(acceptors=3, replicas=1, clients=2, commands=("get k", "put k A", "get k")),
        property="RD-2",
    ),
    by_reads(
        "G-05",
        "decided-in-own-ballot",
        about="x",
        source="x",
        replica=readindex.REPLICA_RULES,
        wakes=readindex.REPLICA_WAKES,
        acceptor=readindex.ACCEPTOR_RULES,
        leader={IndexQuery: on_index_query_own},
        model=serving_reads(leaders=2, rules={"reads": "by-leader"}),
        property="RD-1",
    ),
    by_setting(
        "G-09",
        "asked-once",
        {"rules": {"reads": "asked-once"}},
        about="x",
        source="x",
        model=CROSSED,
        property="RD-1",
    ),
)
