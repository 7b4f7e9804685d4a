"""Rules for a run without end: what nodes keep and send does not grow with the log.

`bounded` is what `pmmc run` runs. In `recorded` nodes do the same, and keep the history by which properties
judge them: what `bounded` has forgotten nobody can judge.

    rules: {long-run: bounded, p1a: sent-again, p2a: sent-again, pings: sent-again, proposals: sent-again,
      requests: sent-again, time-outs: early}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from checker.modelfiles.protocol import Variant
from pmmc import collection, following, replica, snapshots
from pmmc.acceptor import Acceptor
from pmmc.collection import CollectingAcceptor
from pmmc.messages import Decision, P2a
from pmmc.replica import Replica
from pmmc.snapshots import Snapshot, Snapshotting
from pmmc.values import Proposal, Rule, with_more
from spec.checkpoints import BEGINNING, Checkpoint
from spec.variants.clients import caching
from spec.variants.collection import collecting_voter, taking, voting
from spec.variants.replicas import learning

SOURCE = "paper, sections 3, 4.1 and 4.2"
POLICY = collection.f_plus_one


@dataclass(frozen=True, slots=True)
class Recorded(Snapshotting):
    """`learned` are all decisions that it ever got, `checkpoint` is the last state that it was given."""

    learned: frozenset[Proposal] = frozenset()
    checkpoint: Checkpoint = BEGINNING


def collecting(state: Acceptor) -> CollectingAcceptor:
    """The same acceptor, having collected nothing."""
    return with_more(CollectingAcceptor, state)


def snapshotting(state: Replica) -> Snapshotting:
    """The same replica, with the last result of each client of whom it has performed something."""
    return with_more(Snapshotting, state, replies=caching(state).replies)


def recorded(state: Replica) -> Recorded:
    """The same replica, with its history."""
    return with_more(Recorded, snapshotting(state), learned=state.decisions)


def replica_rules() -> Mapping[type, Rule[Any]]:
    """The rules of replicas that keep what they have performed, learned and been given."""
    known = snapshots.rules(replica.execute)
    return {**known, Decision: learning(known[Decision]), Snapshot: taking(known[Snapshot])}


def long_run(
    name: str,
    about: str,
    voter: Callable[[Any], Any],
    accept: Rule[Any],
    keeper: Callable[[Any], Any],
    performing: Mapping[type, Rule[Any]],
    histories: Mapping[str, tuple[str, ...]],
    *,
    gives_up: tuple[str, ...],
    claims: tuple[str, ...] = (),
) -> Variant:
    """Acceptors, leaders and replicas for a run without end, with what these keep for who judges them."""
    forget = {**following.acceptor_rules(POLICY), P2a: accept}
    kept = {role: tuple(fields) for role, fields in histories.items()}
    parts = ("long-run", name)
    leaders = Variant(
        *(*parts, "leader", about, SOURCE),
        rules=following.leader_rules(POLICY),
        begin=following.follower,
        stable=("watermark",),
    )
    replicas = Variant(
        *(*parts, "replica", about, SOURCE),
        rules=performing,
        wakes=snapshots.WAKES,
        begin=keeper,
        history=kept["replica"],
        stable=("replies",),
    )
    return Variant(
        *(*parts, "acceptor", about, SOURCE),
        rules=forget,
        begin=voter,
        history=kept["acceptor"],
        stable=("watermark",),
        also=(leaders, replicas),
        gives_up=gives_up,
        claims=claims,
    )


_ABOUT = (
    "For a run without end: acceptors keep one pvalue a slot, leaders and acceptors collect garbage, "
    "leaders watch each other by heartbeat and answer again, replicas keep the last result of each client, "
    "and give each other snapshots."
)
#: What is judged on what was accepted, learned and performed: nobody keeps that.
_UNJUDGED = (
    *("A3", "A4", "A5", "C2", "decided-is-chosen", "RC-3", "R1", "R2", "R3", "exactly-once"),
    *("prefix-agreement", "validity", "response-integrity"),
)

LONG_RUN_VARIANTS = (
    long_run(
        "bounded",
        _ABOUT,
        collecting,
        following.on_p2a,
        snapshotting,
        snapshots.rules(),
        {"acceptor": (), "replica": ()},
        gives_up=_UNJUDGED,
    ),
    long_run(
        "recorded",
        f"{_ABOUT} And with the history of all that, for properties to judge.",
        collecting_voter,
        voting(following.on_p2a),
        recorded,
        replica_rules(),
        {"acceptor": ("votes",), "replica": ("learned", "checkpoint")},
        gives_up=("A3",),
        claims=("GC-2", "GC-2-leaders", "GC-4", "GC-5", "GC-6", "GC-8"),
    ),
)
