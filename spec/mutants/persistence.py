"""Crashes, and stable storage that holds too little, too late, or what does not belong together."""

from dataclasses import dataclass

from checker.model.environment.crashes import Crash
from checker.model.vocabulary import Down
from pmmc import acceptor as proper
from pmmc.acceptor import Acceptor
from pmmc.messages import P1a, P2a
from pmmc.roles import REPLICA
from pmmc.values import Context, Step
from spec.mutants.configurations import (
    DUEL_ACCOUNT,
    RIVALS_ACCOUNT,
    by_rule,
    by_setting,
    elsewhere,
    natural,
    rivals,
)

Steps = tuple[Step, ...]
RESTART = "a crash and a restart are two steps (+1)"
ACCEPTOR_CRASH = {"crashes": 1, "nodes": ["acceptors"]}
LEADER_CRASH = {"crashes": 1, "nodes": ["leaders"]}
REPLICA_CRASH = {"crashes": 1, "nodes": ["replicas"]}


@dataclass(frozen=True, slots=True)
class Unsynced(Acceptor):
    """An acceptor that knows more than its disk."""

    disk: Acceptor = Acceptor()


def unsynced(before: Acceptor, after: Acceptor) -> Acceptor:
    """What was on disk stays there; the rest is in memory alone."""
    disk = before.disk if isinstance(before, Unsynced) else before
    return Unsynced(after.ballot, after.accepted, disk)


def on_p1a_unsynced(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Answer before the write."""
    return tuple(
        Step(unsynced(acceptor, s), sends) for s, sends in proper.on_p1a(context, acceptor, message)
    )


def on_p2a_unsynced(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Answer before the write."""
    return tuple(
        Step(unsynced(acceptor, s), sends) for s, sends in proper.on_p2a(context, acceptor, message)
    )


def sync(context: Context, acceptor: Acceptor) -> Steps:
    """Write to disk what is in memory."""
    if not isinstance(acceptor, Unsynced):
        return ()
    return (Step(Acceptor(acceptor.ballot, acceptor.accepted)),)


def on_crash_unsynced(context: Context, acceptor: Acceptor, message: Crash) -> Steps:
    """Only the disk survives."""
    return (Step(Down(acceptor.disk if isinstance(acceptor, Unsynced) else acceptor)),)


PERSISTENCE_MUTANTS = (
    by_setting(
        "A-12",
        "ballot-not-stable",
        {"stable": {"acceptor": ["accepted"]}},
        about="An acceptor's ballot is not in stable storage: after a restart it accepts what it had "
        "promised to refuse.",
        source="paper, section 4.6, exercise 7",
        model=rivals(faults=ACCEPTOR_CRASH),
        property="R1",
        length=21,
        account=elsewhere(22, f"{RIVALS_ACCOUNT}; {RESTART}"),
        lesson="A promise must survive a crash, or it is none.",
        heavy=True,
    ),
    by_setting(
        "A-13",
        "accepted-not-stable",
        {"stable": {"acceptor": ["ballot_num"]}},
        about="What an acceptor has accepted is not in stable storage.",
        source="paper, section 4.6, exercise 7",
        model=rivals(acceptors=1, faults=ACCEPTOR_CRASH),
        property="R1",
        length=12,
        account=elsewhere(13, f"{RIVALS_ACCOUNT}; {RESTART}"),
        lesson="A chosen command lives in the acceptors' memory and nowhere else.",
    ),
    by_setting(
        "A-14",
        "nothing-stable",
        {"stable": {"acceptor": []}},
        about="An acceptor comes back with nothing, under its old name.",
        source="palantir/atlasdb#1508; rethinkdb/rethinkdb#5289; tigerbeetle/tigerbeetle#2767; "
        "Michael et al., DISC 2017",
        model=rivals(faults=ACCEPTOR_CRASH),
        property="R1",
        length=20,
        account=elsewhere(21, f"{RIVALS_ACCOUNT}; {RESTART}"),
        lesson="A wiped disk makes a new acceptor, and a new acceptor needs a new name.",
        heavy=True,
    ),
    by_rule(
        "A-15",
        "answers-before-writing",
        "acceptor",
        {P1a: on_p1a_unsynced, P2a: on_p2a_unsynced, Crash: on_crash_unsynced},
        wakes={"sync": sync},
        about="An acceptor answers before what it answers is in stable storage, and crashes in between.",
        source="paper, section 4.6, exercise 7: crashes in the middle of a save",
        model=rivals(acceptors=1, faults=ACCEPTOR_CRASH),
        property="R1",
        length=12,
        lesson="Write, then answer.",
    ),
    by_setting(
        "C-09",
        "leader-restarts-at-old-ballot",
        {"stable": {"leader": []}},
        about="A leader restarts with its first ballot, and uses it for another command.",
        source="Tencent/phxpaxos#145; imzhenyu/rDSN#522",
        model=natural(replicas=2, commands=2, faults=LEADER_CRASH),
        property="A4",
        length=12,
        account=elsewhere(
            11, f"two requests come first (+2), `adopted` is no step of its own (-2); {RESTART}"
        ),
        lesson="A ballot is used once. For the rest a leader needs no stable storage.",
    ),
    by_setting(
        "C-09a",
        "leader-restarts-and-decides",
        {"stable": {"leader": []}},
        about="The same with three acceptors: the stale promise of one that had not accepted yet completes "
        "the majority of the second life, and two commands are decided.",
        source="Tencent/phxpaxos#145; imzhenyu/rDSN#522",
        model=natural(acceptors=3, replicas=2, commands=2, faults=LEADER_CRASH),
        property="R1",
        length=24,
        account=elsewhere(21, f"{DUEL_ACCOUNT}; {RESTART}"),
        lesson="Messages of the first life are still under way in the second.",
        heavy=True,
    ),
    by_setting(
        "D-57",
        "slot-out-not-stable",
        {"stable": {"replica": ["store", "performed", "decisions"]}},
        about="A replica's store is stable and slot_out is not: after a restart it performs again what the "
        "store has already.",
        source="stable storage must hold state and position of the same instant; compare Hawblitzel et "
        "al., IronFleet, SOSP 2015, state transfer",
        model=natural(commands=2, slots=2, faults=REPLICA_CRASH),
        property="R4",
        length=8,
        lesson="State and position belong together.",
    ),
    by_setting(
        "D-58",
        "decisions-not-stable",
        {"stable": {"replica": ["store", "performed", "slot_in", "slot_out"]}},
        about="A replica forgets its decisions in a crash and keeps slot_out: it no longer knows "
        "duplicates.",
        source="against the paper, section 2.1, invariant R2",
        model=natural(replicas=2, commands=2, slots=2, faults=REPLICA_CRASH),
        property="exactly-once",
        length=15,
        lesson="What was performed must be remembered as long as it may come again.",
        heavy=True,
    ),
    by_setting(
        "D-61",
        "reply-cache-not-stable",
        {"stable": {"replica": list(REPLICA.stable)}},
        about="A replica's store is stable and its reply cache is not: what its client sends again after a "
        "restart is performed again.",
        source="stable storage must hold state, position and reply cache of the same instant; Hawblitzel "
        "et al., IronFleet, SOSP 2015, state transfer",
        model=natural(
            clients=1,
            slots=2,
            rules={"replica": "reply-cache", "requests": "sent-again"},
            faults=REPLICA_CRASH,
        ),
        property="exactly-once",
        length=16,
        lesson="A cache that tells duplicates is no cache: it is state.",
    ),
)
