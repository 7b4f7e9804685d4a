"""Garbage collection that is wrong on purpose: too early, in silence, or with more than garbage."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checker.modelfiles.protocol import Mutant
from pmmc import acceptor as voting
from pmmc import leader as leading
from pmmc import replica as proper
from pmmc import transfer
from pmmc.collection import (
    CollectingAcceptor,
    Policy,
    collect_pvalues,
    f_plus_one,
    performed_by,
    with_watermark,
)
from pmmc.forgetting import go_on
from pmmc.messages import Decision, P1a, P2a, Propose, Request
from pmmc.transfer import Transfer
from pmmc.values import Context, Node, Proposal, Step
from spec.mutants.configurations import Model, by_setting, natural
from spec.variants.collection import NOTHING, collecting

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


COLLECTION_MUTANTS = (
    wrong(
        "F-01",
        "promise-without-watermark",
        acceptor={P1a: on_p1a_without_watermark},
        about="A promise tells what the acceptor still holds, and not that it has collected slots.",
        source=f"against the {SECTION}: the watermark in p1b",
        model=natural(leaders=2, replicas=2, commands=2, **ON),
        property="R1",
    ),
    wrong(
        "F-02",
        "collected-slot-proposed",
        leader={Propose: leading.on_propose},
        about="A leader takes a proposal for a slot that it has collected for the first one.",
        source=f"against the {SECTION}: leaders ignore what is below",
        model=natural(replicas=2, commands=2, **ON),
        property="R1",
    ),
    wrong(
        "F-03",
        "learned-by-f",
        policy=f_of_them,
        about="Slots are collected that f replicas have performed.",
        source=f"against the {SECTION}: f + 1",
        model=natural(acceptors=3, replicas=2, **ON),
        property="GC-1",
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
    ),
    wrong(
        "F-04",
        "collected-below-accepted",
        acceptor={P2a: on_p2a_below_accepted},
        about="An acceptor forgets the slots below the one that it accepts.",
        source=f"against the {SECTION}: only what is decided, and learned by f + 1 replicas; "
        "scylladb/scylladb#6149",
        model=natural(leaders=2, replicas=2, commands=2, slots=2, **ON),
        property="GC-5",
    ),
    wrong(
        "F-05",
        "memory-collected",
        replica={Request: proper.on_request, Decision: on_decision_without_memory},
        about="What tells duplicates is collected with the log.",
        source=f"against the {SECTION}: it is kept for a certain time",
        model=natural(replicas=2, slots=2, **ON),
        property="exactly-once",
    ),
    wrong(
        "F-06",
        "transfer-without-memory",
        replica={Transfer: on_transfer_without_performed},
        about="A replica is given the state of another, but not what was performed to make it.",
        source="against Hawblitzel et al., IronFleet, SOSP 2015: the reply cache goes with the state",
        model=natural(replicas=2, commands=2, slots=1, **ON),
        property="GC-7",
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
    ),
)
