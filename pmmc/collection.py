"""Garbage collection: leaders and acceptors forget what enough replicas have performed (section 4.2).

Replicas report `slot_out`: all slots below it they have performed. Of these reports a policy makes a
*watermark*, the lowest slot that must be kept; below it leaders keep no proposals and no commanders, and
acceptors no pvalues.

An acceptor that has forgotten what it accepted for a slot must not look like one that has accepted nothing
there: its watermark goes with each promise. A leader takes the highest one that it hears of for its own,
and commands nothing below it. A proposal for such a slot comes from a replica that lags behind, and may
never get the decision any more: the leader says so, the replica asks the others, and one that is far
enough transfers its state (`pmmc.transfer`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from pmmc import acceptor as voting
from pmmc import leader as leading
from pmmc import messages
from pmmc.acceptor import Acceptor
from pmmc.leader import Leader, Scout
from pmmc.messages import P1a, P2a, Propose
from pmmc.transfer import Collected, Report
from pmmc.values import Context, Node, Rule, Step, to_all, with_more


@dataclass(frozen=True, slots=True)
class P1b(messages.P1b):
    """As `pmmc.messages.P1b`; what it tells is all that was accepted for slots from `watermark` on."""

    watermark: int = 1


@dataclass(frozen=True, slots=True)
class CollectingAcceptor(Acceptor):
    """An acceptor that keeps nothing of slots below `watermark`, and no report that is not above it."""

    watermark: int = 1
    reports: frozenset[Report] = frozenset()


@dataclass(frozen=True, slots=True)
class CollectingLeader(Leader):
    """A leader that keeps nothing of slots below `watermark`, and no report that is not above it."""

    watermark: int = 1
    reports: frozenset[Report] = frozenset()


def collecting_leader(leader: Leader) -> CollectingLeader:
    """The same leader, having collected nothing."""
    return with_more(CollectingLeader, leader)


#: (context, replica → up to which slot it has performed all, as far as is known) → what may be collected:
#: all slots below the one that is returned.
Policy = Callable[[Context, Mapping[Node, int]], int]


def performed_by(count: int, slots: Iterable[int]) -> int:
    """The slot below which at least `count` replicas have performed all; 1 if there are not so many."""
    highest = sorted(slots, reverse=True)
    return highest[count - 1] if len(highest) >= count else 1


def f_plus_one(context: Context, slots: Mapping[Node, int]) -> int:
    """What f + 1 replicas have performed: one of them will be there, whichever f fail."""
    return performed_by(context.configuration.tolerated + 1, slots.values())


def everybody(context: Context, slots: Mapping[Node, int]) -> int:
    """What all replicas have performed, f + 1 of them at least (paper, section 4.6, exercise 8)."""
    return performed_by(max(context.configuration.tolerated + 1, len(slots)), slots.values())


def all_of_configuration(context: Context, slots: Mapping[Node, int]) -> int:
    """What all replicas of the keeper's configuration have performed, f + 1 of them at least.

    With so many replicas f that have crashed do not stop it for ever: a reconfiguration replaces them.
    """
    configuration = context.configuration
    named = [slots[node] for node in configuration.replicas or slots]
    return performed_by(max(configuration.tolerated + 1, len(named)), named)


Keeper = TypeVar("Keeper", CollectingAcceptor, CollectingLeader)


def heard(replicas: Iterable[Node], keeper: Keeper) -> Mapping[Node, int]:
    """Replica → up to which slot it has performed all, as far as an acceptor or leader still knows.

    Of one that has reported nothing above the watermark this is the watermark. No policy will notice.
    """
    reported = {report.replica: report.slot_out for report in keeper.reports}
    return {node: reported.get(node, keeper.watermark) for node in replicas}


def on_report(policy: Policy, collect: Callable[[Keeper, int], Keeper]) -> Rule[Keeper]:
    """The rule that notes what a replica has performed, if that is news, and collects by a policy."""

    def note(context: Context, keeper: Keeper, message: Report) -> tuple[Step, ...]:
        replicas = context.deployment.replicas
        if message.slot_out <= heard(replicas, keeper)[message.replica]:
            return ()
        others = frozenset(report for report in keeper.reports if report.replica != message.replica)
        noted = replace(keeper, reports=others | {message})
        return (Step(collect(noted, policy(context, heard(replicas, noted)))),)

    return note


def above(reports: frozenset[Report], watermark: int) -> frozenset[Report]:
    """The reports that still tell something."""
    return frozenset(report for report in reports if report.slot_out > watermark)


def collect_pvalues(acceptor: CollectingAcceptor, watermark: int) -> CollectingAcceptor:
    """The acceptor without anything of slots below a watermark, if that is higher than its own."""
    if watermark <= acceptor.watermark:
        return acceptor
    return replace(
        acceptor,
        watermark=watermark,
        reports=above(acceptor.reports, watermark),
        accepted=frozenset(p for p in acceptor.accepted if p.slot >= watermark),
    )


def on_p1a(context: Context, acceptor: CollectingAcceptor, message: P1a) -> tuple[Step, ...]:
    """As `pmmc.acceptor.on_p1a`; the answer tells the watermark."""
    return tuple(
        Step(step.state, tuple((to, with_watermark(acceptor, reply)) for to, reply in step.sends))
        for step in voting.on_p1a(context, acceptor, message)
    )


def with_watermark(acceptor: CollectingAcceptor, reply: Any) -> P1b:
    """A promise with the acceptor's watermark."""
    return P1b(reply.acceptor, reply.ballot, reply.current, reply.accepted, acceptor.watermark)


def on_p2a(context: Context, acceptor: CollectingAcceptor, message: P2a) -> tuple[Step, ...]:
    """As `pmmc.acceptor.on_p2a`; a pvalue for a slot that is collected is answered alike, and not kept."""
    if message.pvalue.slot < acceptor.watermark:
        return voting.answer_p2a(context, acceptor, message)
    return voting.on_p2a(context, acceptor, message)


def collect_proposals(leader: CollectingLeader, watermark: int) -> CollectingLeader:
    """The leader without anything of slots below a watermark, if that is higher than its own."""
    if watermark <= leader.watermark:
        return leader
    return replace(
        leader,
        watermark=watermark,
        reports=above(leader.reports, watermark),
        proposals=frozenset(p for p in leader.proposals if p.slot >= watermark),
        scout=without_collected(leader.scout, watermark),
        commanders=frozenset(c for c in leader.commanders if c.pvalue.slot >= watermark),
    )


def without_collected(scout: Scout | None, watermark: int) -> Scout | None:
    """The scout without the pvalues of slots below a watermark."""
    if scout is None:
        return None
    return replace(scout, pvalues=frozenset(p for p in scout.pvalues if p.slot >= watermark))


def on_p1b(context: Context, leader: CollectingLeader, message: P1b) -> tuple[Step, ...]:
    """As `pmmc.leader.on_p1b`, after the leader has taken the higher watermark for its own.

    So of all that acceptors tell only what is not below the highest of their watermarks is taken over.
    """
    known = collect_proposals(leader, message.watermark)
    told = frozenset(p for p in message.accepted if p.slot >= known.watermark)
    return leading.on_p1b(context, known, replace(message, accepted=told))


def on_propose(context: Context, leader: CollectingLeader, message: Propose) -> tuple[Step, ...]:
    """As `pmmc.leader.on_propose`; a proposal for a slot that is collected is answered to all replicas."""
    if message.slot >= leader.watermark:
        return leading.on_propose(context, leader, message)
    return (Step(leader, to_all(context.deployment.replicas, Collected(leader.watermark))),)


def acceptor_rules(policy: Policy) -> Mapping[type, Rule[Any]]:
    """The rules of acceptors that collect by a policy."""
    return MappingProxyType({P1a: on_p1a, P2a: on_p2a, Report: on_report(policy, collect_pvalues)})


def leader_rules(policy: Policy) -> Mapping[type, Rule[Any]]:
    """The rules of leaders that collect by a policy."""
    collecting = on_report(policy, collect_proposals)
    return MappingProxyType({Propose: on_propose, P1b: on_p1b, Report: collecting})
