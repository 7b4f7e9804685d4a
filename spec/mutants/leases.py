"""Leases that are wrong on purpose: by the clock, in a crash, and about who may answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checker.model.environment.crashes import Restarted
from checker.model.vocabulary import Down
from checker.modelfiles.protocol import Mutant
from pmmc import leases
from pmmc.leases import Grant, GrantingAcceptor, LeaseGrant, LeasingReplica
from pmmc.roles import ACCEPTOR, REPLICA
from pmmc.values import NOBODY, Context, Step
from spec.crashes import ENVIRONMENT
from spec.mutants.configurations import Model, by_setting, elsewhere, natural
from spec.variants.leases import NOTHING, leasing

Steps = tuple[Step, ...]
SECTION = "paper, section 4.5"
LEASED: Model = {"rules": {"reads": "leased"}}


def alone(*, lease: int = 2, drift: int = 0, **others: Any) -> Model:
    """Two replicas that ask for leases, while nobody asks for anything else and no leader is there."""
    return {
        "nodes": {"acceptors": 1, "leaders": 1, "replicas": 2},
        "bounds": {"slots": 1, "rounds": 1},
        "network": "at-most-once",
        "initial": {"leader 0": {"scout": False}},
        "clocks": {"lease": lease, "drift": drift},
        **LEASED,
        **others,
    }


#: Writes and reads of one client, with one acceptor.
READING: Model = natural(replicas=2, clients=1, slots=2, clocks={"lease": 2}, **LEASED) | {
    "commands": ["put k A", "get k"]
}
#: The same with three acceptors. Links lose what would make it larger: acceptors 0 and 1 may grant a lease
#: to replica 1, acceptors 0 and 2 to replica 0, and acceptors 1 and 2 accept what is written.
CROSSING: Model = READING | {
    "nodes": {"acceptors": 3, "leaders": 1, "replicas": 2, "clients": 1},
    "bounds": {"slots": 1, "rounds": 1},
    "initial": {
        "leader 0": {"active": True},
        **{f"acceptor {i}": {"ballot": "0.0"} for i in range(3)},
    },
    "faults": {
        "links": [
            {"from": "client 0", "to": "replica 0", "messages": "request"},
            {"from": "client 0", "to": "replica 1", "messages": "read"},
            {"to": "acceptor 0", "messages": "p2a"},
            {"from": "replica 1", "to": "acceptor 2", "messages": "leaseRequest"},
            {"from": "replica 0", "to": "acceptor 1", "messages": "leaseRequest"},
        ]
    },
}


def on_lease_grant_counting_anew(context: Context, replica: LeasingReplica, message: LeaseGrant) -> Steps:
    """Count the time of the lease from when it is held."""
    steps = leases.on_lease_grant(context, replica, message)
    return tuple(
        _counting(leases.terms(context).held, step) if step.state.holds else step for step in steps
    )


def ask_allowing_once(context: Context, replica: LeasingReplica) -> Steps:
    """Take the drift off once."""
    once = leases.terms(context).length - leases.terms(context).allowed
    return tuple(_counting(once, step) for step in leases.ask_for_lease(context, replica))


def _counting(left: int, step: Step) -> Step:
    """The step, after which the lease is counted on for so many ticks."""
    return step._replace(state=replace(step.state, lease=replace(step.state.lease, left=left)))


def restart_waiting(context: Context, acceptor: object) -> Steps:
    """Begin again as if a lease had just been granted, to nobody: whatever was runs out meanwhile."""
    if not isinstance(acceptor, Down):
        return ()
    saved: GrantingAcceptor = acceptor.saved
    waiting = replace(saved, grants=frozenset({Grant(NOBODY, leases.terms(context).length)}))
    return (Step(waiting, ((ENVIRONMENT, Restarted(context.me)),)),)


def wrong(
    mutant_id: str,
    name: str,
    *,
    about: str,
    source: str,
    replica: Mapping[type, Any] = NOTHING,
    wakes: Mapping[str, Any] = NOTHING,
    **entry: Any,
) -> Mutant:
    """A mutant of leases: other rules of replicas."""
    variant = leasing(name, about=about, source=source, replica=replica, wakes=wakes)
    return Mutant(mutant_id, name, about, source, variants=(variant,), **entry)


ACCEPTOR_CRASH = {"crashes": 1, "nodes": ["acceptors"]}
REPLICA_CRASH = {"crashes": 1, "nodes": ["replicas"]}

LEASE_MUTANTS = (
    wrong(
        "G-06",
        "lease-counts-from-the-reply",
        replica={LeaseGrant: on_lease_grant_counting_anew},
        about="A replica counts the time of its lease from when it has got it, not from before it asked.",
        source=f"against the {SECTION}: a replica first notes its clock",
        model=alone(),
        property="LS-3",
        length=5,
        lesson="The reply took time, and the lease was running: whoever asks for something that ends "
        "counts from before it asked.",
    ),
    by_setting(
        "G-07",
        "drift-ignored",
        {"clocks": {"lease": 3, "drift": 1, "allowed": 0}},
        about="Clocks may be a tick apart, and the rule assumes that they are not.",
        source="tikv/tikv#964; etcd-io/etcd#6005; hashicorp/raft#108; basho/riak_ensemble#41",
        model=alone(lease=3, drift=1),
        property="LS-2",
        length=9,
        lesson="A lease is as good as what is known of the clocks.",
    ),
    wrong(
        "G-07a",
        "drift-allowed-for-once",
        wakes={"askForLease": ask_allowing_once},
        about="Who holds a lease counts on as many ticks less as two clocks may be apart, once.",
        source=f"{SECTION}: a known bound on drift is assumed",
        model=alone(lease=3, drift=1),
        property="LS-2",
        length=10,
        lesson="A clock that was behind may be ahead at the end: clocks that are at most ε apart measure "
        "one stretch of time as lengths that differ by 2ε.",
    ),
    by_setting(
        "G-08",
        "anybody-answers",
        {"rules": {"reads": "leased-as-printed"}},
        about="While one replica holds a lease another one answers a write that was proposed before.",
        source=f"{SECTION}, as printed; similar: ceph/ceph#1478",
        model=READING,
        property="linearizable",
        length=16,
        account=elsewhere(
            6,
            "there a lease is got, a command decided, a client answered and a read evaluated in a step "
            "each. Here the client invokes twice (2), the write takes a request, a proposal, two phases "
            "and the decision (7) and an answer (1), the lease its request and its grant (3), the read "
            "its request, its evaluation and the answer (3)",
        ),
        lesson="A lease on reads is one on answers: while it runs nobody else may let a client know of "
        "anything new.",
    ),
    by_setting(
        "G-08a",
        "slots-with-grants",
        {"rules": {"reads": "leased-slots-with-grants"}},
        about="Of three acceptors one grants a lease and names its last slot while another replica still "
        "holds one by the other two; then it accepts what that one answers.",
        source=f"{SECTION}, as printed",
        model=CROSSING,
        property="linearizable",
        length=25,
        lesson="What is read before the lease begins may be out of date when it does.",
    ),
    by_setting(
        "G-10",
        "grants-not-stable",
        {"stable": {"acceptor": list(ACCEPTOR.stable)}},
        about="What an acceptor has granted is not in stable storage.",
        source=f"{SECTION}, with section 4.6, exercise 7",
        model=alone(faults=ACCEPTOR_CRASH),
        property="LS-5",
        length=6,
        lesson="A grant is a promise, and must survive a crash as others do.",
    ),
    by_setting(
        "G-10a",
        "asks-not-stable",
        {"stable": {"replica": [*REPLICA.stable, "owed"]}},
        about="A replica forgets in a crash how often it has asked, and takes an old grant for a new one.",
        source=f"against the {SECTION}: a replica notes its clock, which a crash does not set back",
        model=alone(faults=REPLICA_CRASH),
        property="LS-3",
        length=8,
        lesson="What tells a request from those before must not come again.",
    ),
)

WAITING = leasing(
    "waits-after-restart",
    about="What an acceptor has granted is not in stable storage, but it grants nothing for as long as a "
    "lease runs after it has come up.",
    source="Gray and Cheriton, Leases, SOSP 1989: a server that recovers waits",
)
LEASE_CONTROLS = (
    Mutant(
        "N-65",
        "grants-not-stable-and-waits",
        WAITING.about,
        WAITING.source,
        model=alone(faults=ACCEPTOR_CRASH),
        variants=(replace(WAITING, wakes={"restart": restart_waiting}, stable=()),),
        lesson="Time that has passed is as good as what was written down.",
        unfired=(
            *("acceptor.p1a", "acceptor.p2a", "leader.propose", "leader.p1b", "leader.p2b"),
            *("replica.request", "replica.decision", "replica.read"),
            *("replica.fillForReads", "replica.evaluate"),
        ),
    ),
)
