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
from pmmc.values import Command, Context, PValue, Step, in_slot_order, pmax, slots_of, with_more
from spec.mutants.configurations import Model, by_setting, elsewhere
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
    return reading if isinstance(reading, Glimpse) else with_more(Glimpse, reading)


def on_read_reply_votes(context: Context, replica: Replica, message: VotesReply) -> Steps:
    """Note what was accepted as well."""
    steps = reads.on_read_reply(context, replica, message)
    return tuple(
        step._replace(state=replace(step.state, reads=frozenset(noted(one, message) for one in of)))
        for step in steps
        for of in (step.state.reads,)
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
    """A mutant or a control whose reads have these rules of replicas, acceptors or leaders, or wakes."""
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

#: A replica has lost what it had proposed for slot 1 when it crashed; for slot 2 it was in time.
HOLE: Model = serving_reads(
    clients=2,
    slots=2,
    faults={"down": "replica 1", "restarts": False},
    initial={
        "acceptor 0": {"ballot": "0.0", "accepted": [["0.0", 2, "put k A"]]},
        "leader 0": {"active": True, "proposals": {2: "put k A"}},
        "replica 0": {"decisions": {2: "put k A"}},
    },
)

#: Acceptors have no part in reads, and replicas none but to answer.
NOBODY_ELSE: Mapping[str, Any] = {"acceptor": {}, "wakes": {}}

READ_MUTANTS: tuple[Mutant, ...] = (
    by_reads(
        "G-01",
        "local-replica",
        about="A replica answers a read from what it has performed.",
        source="a common question: can one not just read from a replica?",
        replica={Read: on_read_local},
        **NOBODY_ELSE,
        model=serving_reads(),
        property="RD-1",
        length=11,
        account=elsewhere(
            6,
            "phase 1 comes first here (+2), and requests and answers are delivered in steps of their own "
            "(+3); the client can tell one step later, when the answer has come (`pmmc check stale-read`)",
        ),
        lesson="That a replica has performed something does not tell the others. One that answers alone "
        "may be behind one that has answered.",
    ),
    by_reads(
        "G-02",
        "one-is-a-quorum",
        about="A replica asks acceptors how far the log has come, and is content with one answer of three.",
        source="against the paper, section 4.5: a majority of them",
        replica={**reads.REPLICA_RULES, ReadReply: on_read_reply_of_one},
        model=serving_reads(acceptors=3, symmetry=["acceptors"]),
        property="RD-1",
        length=18,
        account=elsewhere(
            8,
            "phase 1 with two acceptors (+4), requests and answers of the client (+3), the question to the "
            "acceptor and its answer (+2), a second acceptance that is counted in a step of its own (+1)",
        ),
        lesson="Two sets of acceptors know of each other only if they have one in common.",
    ),
    by_reads(
        "G-03",
        "evaluated-one-slot-early",
        about="A replica evaluates a read when slot_out has come to the slot that acceptors have named, "
        "which is the next to be performed then.",
        source="paper, section 4.5, which takes s for no less than every slot_out; it is no less than "
        "slot_out - 1",
        wakes={**reads.REPLICA_WAKES, "evaluate": evaluate_one_too_early},
        model=serving_reads(),
        property="RD-1",
        length=14,
        lesson="slot_out is the next slot, not the last one that was performed.",
    ),
    by_reads(
        "G-04",
        "in-flight-accept-read",
        about="A read is evaluated with what any of a quorum of acceptors has accepted, without waiting "
        "for it to be decided.",
        source="near to scylladb/scylladb#6299 and CASSANDRA-12126: reads that leave unfinished what some "
        "acceptor has accepted",
        replica={Read: on_read_votes, VotesReply: on_read_reply_votes},
        acceptor={ReadQuery: on_read_query_votes},
        wakes={"evaluate": evaluate_votes},
        model=serving_reads(
            acceptors=3,
            replicas=1,
            clients=2,
            commands=("get k", "put k A", "get k"),
            symmetry=["acceptors"],
        ),
        property="RD-2",
        length=23,
        lesson="No write that was answered is missed, and yet reads go back in time: the next one may ask "
        "a quorum that has not heard of what one has accepted. A read has to finish what it shows.",
    ),
    by_reads(
        "G-05",
        "decided-in-own-ballot",
        about="A leader names the highest slot that it has decided itself; one that is just elected has "
        "decided nothing, and does not wait until it has.",
        source="etcd-io/etcd#7331; RedisLabs/redisraft#22",
        replica=readindex.REPLICA_RULES,
        wakes=readindex.REPLICA_WAKES,
        acceptor=readindex.ACCEPTOR_RULES,
        leader={IndexQuery: on_index_query_own},
        model=serving_reads(leaders=2, rules={"reads": "by-leader"}),
        property="RD-1",
        length=17,
        lesson="That it is still the leader does not say that it knows what was decided before it. Its "
        "promises do: with all that it took over from them it may serve reads at once.",
    ),
    by_setting(
        "G-09",
        "asked-once",
        {"rules": {"reads": "asked-once"}},
        about="A replica asks the acceptors of the configuration that it knows, and evaluates although it "
        "has come to another one.",
        source="paper, section 4.5, which does not speak of reconfigurations",
        model=CROSSED,
        property="RD-1",
        length=22,
        account=elsewhere(
            11,
            "phase 1 of both configurations (+4), requests and answers of the client (+5), the question to "
            "the acceptor and its answer (+2)",
        ),
        lesson="Who has been replaced does not know it. Ask again after every change that you meet.",
    ),
    by_reads(
        "G-11",
        "nothing-is-filled",
        about="A replica that is to evaluate a read waits for slots for which nobody proposes anything any "
        "more, and proposes no no-ops.",
        source="against the paper, section 4.5",
        wakes={**reads.REPLICA_WAKES, "fillForReads": fill_nothing},
        model=HOLE,
        property="every-command-answered",
        length=5,
        lesson="What was accepted in a slot says that the log has come so far, not that it will be filled "
        "up to there.",
    ),
)

READ_CONTROLS: tuple[Mutant, ...] = (
    by_reads(
        "N-57",
        "local-only-replica",
        about="A replica answers a read from what it has performed, and there is no other replica.",
        source="compare G-01; it is what a lease makes of one replica (paper, section 4.5)",
        replica={Read: on_read_local},
        **NOBODY_ELSE,
        model=serving_reads(
            replicas=1,
            clients=2,
            commands=("put k A", "get k", "get k"),
            properties=["RD-1", "RD-2", "linearizable"],
        ),
        lesson="One that gives all answers knows of all that was answered.",
    ),
    by_reads(
        "N-58",
        "one-of-three-where-all-accept",
        about="A replica asks one of three acceptors, and nothing is decided unless all three have "
        "accepted it.",
        source="compare G-02; Howard, Malkhi and Spiegelman, Flexible Paxos, OPODIS 2016",
        replica={**reads.REPLICA_RULES, ReadReply: on_read_reply_of_one},
        model=serving_reads(
            acceptors=3,
            quorums={"phase1": 2, "phase2": 3},
            properties=["RD-1", "RD-3"],
            symmetry=["acceptors"],
        ),
        lesson="Reads need acceptors that meet every quorum which decides. How many these are is a choice: "
        "cheap reads make dear writes.",
    ),
)
