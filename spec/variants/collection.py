"""Garbage collection, chosen in a model file by its policy: `rules: {collection: f-plus-one}`.

What acceptors and replicas have forgotten is no longer in their state, and what properties say of that is
judged on history variables, which rules write and never read or send: `votes` of an acceptor, `learned`
and `checkpoint` of a replica.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from checker.modelfiles.protocol import Variant
from pmmc import collection, transfer
from pmmc.acceptor import Acceptor
from pmmc.collection import CollectingAcceptor, Policy
from pmmc.messages import Decision, P2a
from pmmc.replica import Replica
from pmmc.transfer import Reporter, Transfer
from pmmc.values import Context, Proposal, PValue, Rule, Step, with_more
from spec.checkpoints import BEGINNING, Checkpoint
from spec.claims.forgetting import settle_collecting_leader, settle_collecting_replica, settle_report
from spec.variants.replicas import learning

#: What is claimed of each policy; but for what reads inboxes, or terminal states, and so costs more.
CLAIMED = ("GC-1", "GC-2", "GC-2-leaders", "GC-4", "GC-5", "GC-6", "GC-7", "GC-8")


@dataclass(frozen=True, slots=True)
class CollectingVoter(CollectingAcceptor):
    """`votes` are all pvalues that it ever accepted."""

    votes: frozenset[PValue] = frozenset()


@dataclass(frozen=True, slots=True)
class CollectingReplica(Reporter):
    """`learned` are all decisions that it ever got, `checkpoint` is the last state that it was given."""

    learned: frozenset[Proposal] = frozenset()
    checkpoint: Checkpoint = BEGINNING


def collecting_voter(state: Acceptor) -> CollectingVoter:
    """The same acceptor, having collected nothing."""
    return with_more(CollectingVoter, state, votes=state.accepted)


def collecting_replica(state: Replica) -> CollectingReplica:
    """The same replica, having reported nothing."""
    return with_more(CollectingReplica, state, learned=state.decisions)


def voting(rule: Rule[Any]) -> Rule[Any]:
    """A rule for p2a that notes in the history what the acceptor accepts, kept or not."""

    def on_p2a(context: Context, state: CollectingVoter, message: P2a) -> tuple[Step, ...]:
        steps = rule(context, state, message)
        if message.pvalue.ballot != state.ballot:
            return steps
        votes = state.votes | {message.pvalue}
        return tuple(step._replace(state=replace(step.state, votes=votes)) for step in steps)

    return on_p2a


def taking(rule: Rule[Any]) -> Rule[Any]:
    """A rule for transfers that notes in the history what is transferred, if it is taken."""

    def on_transfer(context: Context, state: CollectingReplica, message: Transfer) -> tuple[Step, ...]:
        checkpoint = Checkpoint(message.slot_out, message.store, message.performed)
        learned = state.learned | message.reconfigurations
        steps = rule(context, state, message)
        return tuple(
            step._replace(state=replace(step.state, learned=learned, checkpoint=checkpoint))
            for step in steps
        )

    return on_transfer


NOTHING: Mapping[Any, Any] = MappingProxyType({})


def collecting(
    name: str,
    *,
    about: str,
    source: str,
    policy: Policy = collection.f_plus_one,
    acceptor: Mapping[type, Rule[Any]] = NOTHING,
    leader: Mapping[type, Rule[Any]] = NOTHING,
    replica: Mapping[type, Rule[Any]] = NOTHING,
) -> Variant:
    """Garbage collection by a policy: of acceptors, and with it of leaders and replicas.

    `acceptor`, `leader` and `replica` are rules in place of those of `pmmc.collection` and `pmmc.transfer`.
    """
    forget = {**collection.acceptor_rules(policy), **acceptor}
    learn = {**transfer.RULES, **replica}
    leaders = Variant(
        part="collection",
        name=name,
        role="leader",
        about=about,
        source=source,
        rules={**collection.leader_rules(policy), **leader},
        begin=collection.collecting_leader,
        stable=("watermark",),
        settle=None if leader else settle_collecting_leader,
    )
    replicas = Variant(
        part="collection",
        name=name,
        role="replica",
        about=about,
        source=source,
        rules={**learn, Decision: learning(learn[Decision]), Transfer: taking(learn[Transfer])},
        wakes=transfer.WAKES,
        begin=collecting_replica,
        history=("learned", "checkpoint"),
        settle=None if replica else settle_collecting_replica,
    )
    return Variant(
        part="collection",
        name=name,
        role="acceptor",
        about=about,
        source=source,
        rules={**forget, P2a: voting(forget[P2a])},
        begin=collecting_voter,
        history=("votes",),
        stable=("watermark",),
        settle=None if acceptor else settle_report,
        gives_up=("A3",),
        claims=CLAIMED,
        also=(leaders, replicas),
    )


COLLECTION_VARIANTS = (
    collecting(
        "f-plus-one",
        about="Leaders and acceptors forget the slots that f + 1 replicas have performed.",
        source="paper, section 4.2",
    ),
    collecting(
        "all",
        about="Leaders and acceptors forget the slots that all replicas have performed, f + 1 at least.",
        source="paper, section 4.6, exercise 8; DSLabs, lab 3",
        policy=collection.everybody,
    ),
    collecting(
        "all-of-configuration",
        about="Leaders and acceptors forget the slots that all replicas of their configuration have "
        "performed, f + 1 at least; `replicas` of a configuration names them.",
        source="paper, section 4.2: fewer replicas, in the configuration",
        policy=collection.all_of_configuration,
    ),
)
