"""The rules of scouts, commanders and leaders apart, made of those of the leader that has them folded in.

Nothing of the protocol is said a second time. A scout is a leader that has nothing but a scout, and a
commander one that has nothing but a commander: each reply is handed to the leader's own rule, and from what
becomes of such a leader follows whether the process goes on, or has ended, and what it tells then. So
variants of the leader's rules (`spec.variants`) hold here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pmmc import leader as proper
from pmmc.leader import Commander, Leader, Scout
from pmmc.messages import Decision, P1b, P2b, Propose
from pmmc.values import Context, Node, Rule, Sends, Step
from spec.separate.values import (
    Adopted,
    Commanding,
    Idle,
    Part,
    Preempted,
    StartCommander,
    StartScout,
    as_leader,
    commander_of,
    scout_of,
)

Rules = Mapping[type, Callable[..., Any]]


def alone(leader: Leader) -> Leader:
    """What a leader knows itself: not what its scout and its commanders do."""
    return replace(leader, scout=None, commanders=frozenset())


def spawned(leader: Leader) -> Sends:
    """What starts the scout and the commanders that a leader's own rule has made."""
    scouts: Sends = () if leader.scout is None else ((scout_of(leader.ballot), StartScout()),)
    ordered = sorted(
        (c.pvalue for c in leader.commanders), key=lambda p: (p.ballot, p.slot, str(p.command))
    )
    return scouts + tuple((commander_of(pvalue), StartCommander(pvalue)) for pvalue in ordered)


def apart(step: Step) -> Step:
    """The step of a leader of which scout and commanders stand apart: it starts those that are new."""
    return Step(alone(step.state), spawned(step.state))


def leader_rules(folded: Rules) -> Rules:
    """A leader's rules, by those of the leader that has scout and commanders folded in."""
    on_propose: Rule[Leader] = folded[Propose]

    def propose(context: Context, leader: Leader, message: Propose) -> Iterator[Step]:
        yield from map(apart, on_propose(context, leader, message))

    return {Propose: propose, Adopted: on_adopted, Preempted: on_preempted}


def on_adopted(context: Context, leader: Leader, message: Adopted) -> tuple[Step, ...]:
    """Its ballot is adopted, if that is the one it has (paper, figure 7)."""
    if message.ballot != leader.ballot:
        return ()
    return (apart(proper.adopted(context, leader, message.accepted)),)


def on_preempted(context: Context, leader: Leader, message: Preempted) -> tuple[Step, ...]:
    """An acceptor has another ballot: if that is higher, a scout of a higher one yet (paper, figure 7)."""
    return (apart(proper.preempted(context, leader, message.ballot)),)


def scout_rules(folded: Rules) -> Rules:
    """A scout's rules."""
    on_p1b: Rule[Leader] = folded[P1b]

    def answered(context: Context, scout: Scout | Idle, message: P1b) -> Iterator[Step]:
        if isinstance(scout, Idle) or not isinstance(context.me, Part):
            return
        before = Leader(context.me.ballot, scout=scout)
        for step in on_p1b(as_leader(context), before, message):
            yield after_p1b(context, scout, message, step.state)

    return {StartScout: on_start_scout, P1b: answered}


def on_start_scout(context: Context, scout: Scout | Idle, message: StartScout) -> tuple[Step, ...]:
    """It begins, once: p1a to all acceptors, to be answered to it."""
    if scout != Idle() or not isinstance(context.me, Part):
        return ()
    return (Step(Scout(), signed(context.me, proper.probe(as_leader(context), context.me.ballot))),)


def signed(part: Node, sends: Sends) -> Sends:
    """The same messages, of a scout or commander instead of its leader."""
    return tuple((to, replace(message, leader=part)) for to, message in sends)  # type: ignore[type-var]


def after_p1b(context: Context, scout: Scout, message: P1b, after: Leader) -> Step:
    """What becomes of a scout, by what became of a leader that had it.

    One that has heard a quorum and did not make its leader active waits for nobody: it has given up.
    """
    leader = Node("leader", context.me.index)
    if after.active:
        pvalues = proper.gather(scout, message).pvalues
        return Step(Idle(ended=True), ((leader, Adopted(message.ballot, pvalues)),))
    ended = after.scout is None or as_leader(context).configuration.promised_by(after.scout.heard)
    if after.ballot == message.ballot and not ended:
        return Step(after.scout)
    return Step(Idle(ended=True), ((leader, Preempted(message.current)),))


def commander_rules(folded: Rules) -> Rules:
    """A commander's rules."""
    on_p2b: Rule[Leader] = folded[P2b]

    def answered(context: Context, state: Commanding, message: P2b) -> Iterator[Step]:
        before = Leader(message.ballot, active=True, scout=None, commanders=state.commanders)
        for step in on_p2b(as_leader(context), before, message):
            yield after_p2b(context, state, message, step)

    return {StartCommander: on_start_commander, P2b: answered}


def on_start_commander(context: Context, state: Commanding, message: StartCommander) -> tuple[Step, ...]:
    """One begins: p2a to all acceptors, to be answered to it."""
    sends = proper.command(as_leader(context), message.pvalue)
    begun = Commanding(state.commanders | {Commander(message.pvalue)})
    return (Step(begun, signed(context.me, sends)),)


def after_p2b(context: Context, state: Commanding, message: P2b, step: Step) -> Step:
    """What becomes of a commander, by what became of a leader that had it: one that ends says why."""
    after = Commanding(step.state.commanders)
    told = tuple(send for send in step.sends if isinstance(send[1], Decision))
    if len(after.commanders) < len(state.commanders) and not told:
        told = ((Node("leader", context.me.index), Preempted(message.current)),)
    return Step(after, told)
