"""Garbage collection that is wrong on purpose: too early, in silence, or with more than garbage."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checker.modelfiles.protocol import Mutant
from pmmc import acceptor as voting
from pmmc import forgetting, transfer
from pmmc import leader as leading
from pmmc import replica as proper
from pmmc.acceptor import Acceptor
from pmmc.collection import (
    CollectingAcceptor,
    CollectingLeader,
    P1b,
    Policy,
    collect_pvalues,
    f_plus_one,
    performed_by,
    with_watermark,
)
from pmmc.forgetting import go_on
from pmmc.messages import Decision, P1a, P2a, Propose, Request
from pmmc.replica import Replica
from pmmc.transfer import Transfer
from pmmc.values import Context, Node, Proposal, Step
from spec.mutants.configurations import (
    Model,
    by_rule,
    by_setting,
    elsewhere,
    natural,
    reconfiguring,
    rivals,
)
from spec.mutants.controls import AGREEMENT
from spec.variants.collection import NOTHING, collecting
from spec.variants.replicas import FORGETFUL, learning

Steps = tuple[Step, ...]
SECTION = "paper, section 4.2"
#: Where slots are collected that f + 1 replicas have performed.
ON: Model = {"rules": {"collection": "f-plus-one"}}


def wrong(
    mutant_id: str,
    name: str,
    *,
    about: str,
    source: str,
    policy: Policy = f_plus_one,
    acceptor: Mapping[type, Any] = NOTHING,
    leader: Mapping[type, Any] = NOTHING,
    replica: Mapping[type, Any] = NOTHING,
    **entry: Any,
) -> Mutant:
    """A mutant of garbage collection: another policy, or other rules."""
    rules = {"acceptor": acceptor, "leader": leader, "replica": replica}
    variant = collecting(name, about=about, source=source, policy=policy, **rules)
    return Mutant(mutant_id, name, about, source, variants=(variant,), **entry)


def on_p1a_without_watermark(context: Context, acceptor: CollectingAcceptor, message: P1a) -> Steps:
    """Tell what is left, and not that there was more."""
    ((state, ((leader, promise),)),) = voting.on_p1a(context, acceptor, message)
    return (Step(state, ((leader, with_watermark(CollectingAcceptor(), promise)),)),)


def f_of_them(context: Context, slots: Mapping[Node, int]) -> int:
    """What f replicas have performed."""
    return performed_by(context.configuration.tolerated, slots.values())


def fastest(context: Context, slots: Mapping[Node, int]) -> int:
    """What the replica has performed that has come furthest."""
    return max(slots.values())


def on_p2a_below_accepted(context: Context, acceptor: CollectingAcceptor, message: P2a) -> Steps:
    """Forget all slots below one that is accepted."""
    if message.pvalue.slot < acceptor.watermark or message.pvalue.ballot != acceptor.ballot:
        return voting.answer_p2a(context, acceptor, message)
    return voting.on_p2a(context, collect_pvalues(acceptor, message.pvalue.slot), message)


def on_decision_without_memory(context: Context, replica: Any, message: Decision) -> Steps:
    """Forget what is performed, and tell duplicates by the decisions that are left."""
    decision = Proposal(message.slot, message.command)
    if message.slot < replica.slot_out or decision in replica.decisions:
        return ()
    informed = replace(replica, decisions=replica.decisions | {decision})
    return go_on(context, informed, proper.perform)


def on_transfer_without_performed(context: Context, replica: Any, message: Transfer) -> Steps:
    """Take the state of the application, and not the memory of what was performed."""
    return transfer.on_transfer(context, replica, replace(message, performed=()))


def on_transfer_without_reconfigurations(context: Context, replica: Any, message: Transfer) -> Steps:
    """Take all but the reconfigurations."""
    return transfer.on_transfer(context, replica, replace(message, reconfigurations=frozenset()))


def on_p1b_without_watermark(context: Context, leader: CollectingLeader, message: P1b) -> Steps:
    """Take all that is told, and no watermark."""
    return leading.on_p1b(context, leader, message)


def expire(context: Context, acceptor: Acceptor) -> Steps:
    """Forget all that was accepted."""
    return (Step(replace(acceptor, accepted=frozenset())),) if acceptor.accepted else ()


def on_decision_forgets_changes(context: Context, replica: Replica, message: Decision) -> Steps:
    """Forget all decisions that are performed, those of reconfigurations too."""
    return tuple(
        step._replace(state=replace(step.state, decisions=still_to_perform(step.state)))
        for step in forgetting.on_decision(context, replica, message)
    )


def still_to_perform(replica: Replica) -> frozenset[Proposal]:
    """The decisions that a replica has not performed."""
    return frozenset(p for p in replica.decisions if p.slot >= replica.slot_out)


COLLECTION_MUTANTS = (
    wrong(
        "F-01",
        "promise-without-watermark",
        acceptor={P1a: on_p1a_without_watermark},
        about="A promise tells what the acceptor still holds, and not that it has collected slots.",
        source=f"against the {SECTION}: the watermark in p1b",
        model=natural(leaders=2, replicas=2, commands=2, **ON),
        property="R1",
        length=16,
        account=elsewhere(
            7,
            "there a ballot is adopted, used and voted for in a step each, and to collect is one more; "
            "here two requests come first (+2), p1b and p2b are steps (+4), both decisions are delivered "
            "(+2), and a report is sent and received (+1)",
        ),
        lesson="A memory that was emptied must say so, or it is taken for one that was never used.",
    ),
    wrong(
        "F-02",
        "collected-slot-proposed",
        leader={Propose: leading.on_propose},
        about="A leader takes a proposal for a slot that it has collected for the first one.",
        source=f"against the {SECTION}: leaders ignore what is below",
        model=natural(replicas=2, commands=2, **ON),
        property="R1",
        length=14,
        lesson="A late proposal comes from a replica that has missed a decision: tell it, and do not obey.",
    ),
    wrong(
        "F-03",
        "learned-by-f",
        policy=f_of_them,
        about="Slots are collected that f replicas have performed.",
        source=f"against the {SECTION}: f + 1",
        model=natural(acceptors=3, replicas=2, **ON),
        property="GC-1",
        length=13,
        lesson="Of f + 1 that have performed a slot one is there, whichever f crash.",
    ),
    wrong(
        "F-03a",
        "learned-by-the-fastest",
        policy=fastest,
        about="The highest slot_out is taken, not the (f + 1)-th.",
        source=f"against the {SECTION}: f + 1",
        model=natural(
            acceptors=3, replicas=2, faults={"crashes": 1, "nodes": ["replicas"], "restarts": False}, **ON
        ),
        property="GC-6",
        length=14,
        lesson="The fastest replica is the first that may crash, and nobody else has what it has.",
    ),
    by_rule(
        "F-04",
        "accepted-expires",
        "acceptor",
        {},
        wakes={"expire": expire},
        about="An acceptor forgets what it has accepted after some time, decided or not.",
        source=f"against the {SECTION}: only what is decided, and learned by f + 1 replicas; "
        "scylladb/scylladb#6149",
        model=rivals(acceptors=1),
        property="R1",
        length=11,
        lesson="No time is long enough: what may be chosen is garbage only when it is decided and learned.",
    ),
    wrong(
        "F-04a",
        "collected-below-accepted",
        acceptor={P2a: on_p2a_below_accepted},
        about="An acceptor collects the slots below the one that it accepts.",
        source=f"against the {SECTION}: only what is decided, and learned by f + 1 replicas",
        model=natural(leaders=2, commands=2, slots=2, **ON),
        property="GC-5",
        length=6,
        lesson="Slots are decided in any order, so a higher one says nothing of those below.",
    ),
    wrong(
        "F-05",
        "memory-collected",
        replica={Request: proper.on_request, Decision: on_decision_without_memory},
        about="What tells duplicates is collected with the log.",
        source=f"against the {SECTION}: it is kept for a certain time",
        model=natural(replicas=2, slots=2, **ON),
        property="exactly-once",
        length=12,
        lesson="The memory of what was performed outlives the log: a command may come late.",
    ),
    wrong(
        "F-06",
        "transfer-without-memory",
        replica={Transfer: on_transfer_without_performed},
        about="A replica is given the state of another, but not what was performed to make it.",
        source="against Hawblitzel et al., IronFleet, SOSP 2015: the reply cache goes with the state",
        model=natural(replicas=2, commands=2, slots=1, **ON),
        property="GC-7",
        length=14,
        lesson="State and the memory of what made it belong together, in a transfer as on disk.",
    ),
    wrong(
        "F-06a",
        "transfer-without-reconfigurations",
        replica={Transfer: on_transfer_without_reconfigurations},
        about="A replica is given the state of another, but not the reconfigurations that were decided.",
        source=f"against the {SECTION} and section 2.1: who decides a slot follows from the slots below",
        model=reconfiguring(slots=2, **ON),
        property="RC-2",
        length=15,
        lesson="Who decides the next slots follows from slots that a late replica never sees.",
    ),
    by_setting(
        "F-08",
        "waits-for-all",
        {"rules": {"collection": "all"}},
        about="Slots are collected that all replicas have performed, and one has crashed for good.",
        source=f"against the {SECTION}: f + 1; section 4.6, exercise 8, and DSLabs, lab 3, ask for it",
        model={
            **natural(
                replicas=2,
                commands=2,
                slots=2,
                faults={"crashes": 1, "nodes": ["replicas"], "restarts": False},
                **ON,
            ),
            "bounds": {"slots": 2, "rounds": 1, "window": 1},
        },
        property="GC-9",
        length=16,
        lesson="To wait for all means that one crash fills every memory; only a reconfiguration ends that.",
    ),
    Mutant(
        "F-50",
        "forgetful-of-reconfigurations",
        "A replica that forgets what it has performed forgets reconfigurations as well.",
        "against the paper, section 2.1, propose; compare E-09",
        variants=(
            replace(
                FORGETFUL,
                name="forgetful-of-reconfigurations",
                about="A replica forgets all decisions of slots that are performed.",
                rules={**forgetting.RULES, Decision: learning(on_decision_forgets_changes)},
                settle=None,
            ),
        ),
        model=reconfiguring(rules={"replica": "forgetful"}),
        property="GC-8",
        length=7,
        lesson="Performed is not done with: a reconfiguration takes effect WINDOW slots later.",
    ),
    by_setting(
        "F-51",
        "watermark-not-stable",
        {"stable": {"acceptor": ["ballot", "accepted"]}},
        about="An acceptor forgets in a crash what it has collected.",
        source="compare A-13",
        model=natural(
            leaders=2, replicas=2, commands=2, faults={"crashes": 1, "nodes": ["acceptors"]}, **ON
        ),
        property="R1",
        length=18,
        lesson="The watermark says what the disk does not hold any more: they are written together.",
    ),
    wrong(
        "F-52",
        "watermark-not-heard",
        leader={P1b: on_p1b_without_watermark},
        about="A leader takes what acceptors tell, and not their watermark.",
        source=f"against the {SECTION}: leaders skip the slots below",
        model=natural(leaders=2, replicas=2, commands=2, **ON),
        property="C2",
        length=13,
        lesson="Another acceptor may still hold what this one has collected; it is decided all the same.",
    ),
)

COLLECTION_CONTROLS = (
    by_setting(
        "N-55",
        "waits-for-everybody",
        {"rules": {"collection": "all"}},
        about="Slots are collected that all replicas have performed.",
        source="paper, section 4.6, exercise 8; DSLabs, lab 3",
        model=natural(leaders=2, replicas=2, commands=2, **ON),
        unfired=("replica.collected", "replica.fetch", "replica.transfer"),
        lesson="To wait for more is safe, and costs memory: F-08.",
    ),
    by_setting(
        "N-56",
        "leader-forgets-watermark",
        {"stable": {"leader": ["ballot"]}},
        about="A leader forgets in a crash what it has collected.",
        source="compare F-51, where an acceptor does",
        model=natural(
            leaders=2,
            commands=2,
            slots=2,
            faults={"crashes": 1, "nodes": ["leaders"]},
            properties=[*AGREEMENT, "GC-1", "GC-2", "GC-4", "GC-5"],
            **ON,
        ),
        unfired=("replica.collected", "replica.fetch", "replica.transfer"),
        lesson="What a leader needs of the past it is told in phase 1.",
    ),
)
