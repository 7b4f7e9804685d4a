"""Scouts that are wrong on purpose: they count too few promises, or draw the wrong conclusion from them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from pmmc import leader as proper
from pmmc.leader import Leader, Scout
from pmmc.messages import P1b
from pmmc.values import Context, Proposal, PValue, Step, override, pmax, slots_of
from spec.mutants.configurations import (
    CROSSED,
    DUEL,
    DUEL_ACCOUNT,
    RIVALS_ACCOUNT,
    by_rule,
    elsewhere,
    natural,
    rivals,
)

Steps = tuple[Step, ...]
Adopted = Callable[[Context, Leader, frozenset[PValue]], Steps]


def when_adopted(adopted: Adopted) -> Callable[[Context, Leader, P1b], Steps]:
    """The rule for p1b with another conclusion from a majority of promises."""

    def on_p1b(context: Context, leader: Leader, message: P1b) -> Steps:
        if leader.scout is None or message.current != message.ballot:
            return proper.on_p1b(context, leader, message)
        steps = proper.on_p1b(context, leader, message)
        if steps and steps[0].state.active:
            return adopted(context, leader, proper.gather(leader.scout, message).pvalues)
        return steps

    return on_p1b


def on_p1b_ignoring_pvalues(context: Context, leader: Leader, message: P1b) -> Steps:
    """Count the promise; do not look at what the acceptor has accepted."""
    return proper.on_p1b(context, leader, replace(message, accepted=frozenset()))


def own_first(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Steps:
    """Own proposals take precedence over what may be chosen."""
    return (proper.begin(context, leader, override(pmax(pvalues), leader.proposals)),)


def lowest(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Steps:
    """For each slot the command of the lowest ballot."""
    least = {p.slot: min(q.ballot for q in pvalues if q.slot == p.slot) for p in pvalues}
    chosen = frozenset(Proposal(p.slot, p.command) for p in pvalues if p.ballot == least[p.slot])
    return (proper.begin(context, leader, override(leader.proposals, chosen)),)


def any_reported(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Steps:
    """For slot 1 any command that was reported."""
    reported = sorted({Proposal(p.slot, p.command) for p in pvalues}, key=str)
    choices = [frozenset({p}) for p in reported] or [frozenset[Proposal]()]
    return tuple(proper.begin(context, leader, override(leader.proposals, chosen)) for chosen in choices)


def most_frequent(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Steps:
    """For each slot the command that was accepted in most ballots, of several the one accepted first."""
    chosen = set()
    for slot in sorted({p.slot for p in pvalues}):
        there = sorted((p for p in pvalues if p.slot == slot), key=lambda p: p.ballot)
        ((command, _),) = Counter(p.command for p in there).most_common(1)
        chosen.add(Proposal(slot, command))
    return (proper.begin(context, leader, override(leader.proposals, frozenset(chosen))),)


def on_p1b_last_only(context: Context, leader: Leader, message: P1b) -> Steps:
    """Count the promise; keep only what the last acceptor had accepted."""
    if leader.scout is not None:
        leader = replace(leader, scout=replace(leader.scout, pvalues=frozenset()))
    return proper.on_p1b(context, leader, message)


def on_p1b_one_is_enough(context: Context, leader: Leader, message: P1b) -> Steps:
    """Take the first promise for a majority."""
    steps = proper.on_p1b(context, leader, message)
    if steps and leader.scout is not None and message.current == message.ballot:
        return (proper.adopted(context, leader, message.accepted),)
    return steps


def on_p1b_gives_up(context: Context, leader: Leader, message: P1b) -> Steps:
    """End as if preempted when the promise completes no majority; the leader knows no higher ballot."""
    steps = proper.on_p1b(context, leader, message)
    if steps and steps[0].state.scout is not None and steps[0].state.ballot == leader.ballot:
        return (Step(replace(leader, scout=deaf(context))),)
    return steps


def deaf(context: Context) -> Scout:
    """A scout that waits for nobody: it has ended, and its leader does not know."""
    return Scout(frozenset(context.configuration.acceptors))


def known_only(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Steps:
    """Become active and command nothing of what is already proposed."""
    ((active, _),) = (proper.adopted(context, leader, pvalues),)
    return (Step(replace(active, commanders=leader.commanders)),)


def unvoted_only(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Steps:
    """Take over what may be chosen, and command only slots in which nothing was reported."""
    step = proper.adopted(context, leader, pvalues)
    voted = slots_of(pmax(pvalues))
    fresh = frozenset(p for p in step.state.proposals if p.slot not in voted)
    commanding = proper.begin(context, leader, fresh)
    return (Step(replace(commanding.state, proposals=step.state.proposals), commanding.sends),)


def decided_at_once(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Steps:
    """Take adoption for a decision: no second phase."""
    step = proper.adopted(context, leader, pvalues)
    decisions = [proper.decide(context, c.pvalue) for c in sorted(step.state.commanders, key=str)]
    done = replace(step.state, commanders=leader.commanders)
    return (Step(done, tuple(send for sends in decisions for send in sends)),)


SCOUT_MUTANTS = (
    by_rule(
        "B-01",
        "ignores-pvalues",
        "scout",
        {P1b: on_p1b_ignoring_pvalues},
        about="The leader proposes its own command whatever the acceptors report.",
        source="against the paper, section 2.4, figure 7: proposals := proposals ◁ pmax(pvals)",
        model=DUEL,
        property="R1",
        length=14,
        account=elsewhere(12, DUEL_ACCOUNT),
        lesson="A new leader is not free to propose what it likes.",
    ),
    by_rule(
        "B-02",
        "own-proposals-first",
        "scout",
        {P1b: when_adopted(own_first)},
        about="The leader's own proposals override what the acceptors report, not the other way round.",
        source="against the paper, section 2.4: ◁ prefers its right side",
        model=DUEL,
        property="R1",
        length=14,
        account=elsewhere(12, DUEL_ACCOUNT),
        lesson="The order of arguments of ◁ is the protocol.",
    ),
    by_rule(
        "B-03a",
        "lowest-ballot",
        "scout",
        {P1b: when_adopted(lowest)},
        about="Takes over the command of the lowest reported ballot instead of the highest.",
        source="against the paper, section 2.4, pmax",
        model=CROSSED,
        property="R1",
        length=15,
        account=elsewhere(
            "14", "an explorer of ballots and votes alone starts before any ballot is adopted"
        ),
        lesson="It takes three ballots to see which of two reports may have been chosen.",
        heavy=True,
    ),
    by_rule(
        "B-03b",
        "any-reported",
        "scout",
        {P1b: when_adopted(any_reported)},
        about="Takes over any reported command.",
        source="against the paper, section 2.4, pmax",
        model=CROSSED,
        property="R1",
        length=15,
        account=elsewhere(
            "14", "an explorer of ballots and votes alone starts before any ballot is adopted"
        ),
        lesson="That something was accepted does not mean that it may be chosen.",
        heavy=True,
    ),
    by_rule(
        "B-03c",
        "most-frequent",
        "scout",
        {P1b: when_adopted(most_frequent)},
        about="Takes over the command that was accepted in most ballots.",
        source="against the paper, section 2.4, pmax",
        model=CROSSED,
        property="R1",
        length=15,
        account=elsewhere(
            "14", "an explorer of ballots and votes alone starts before any ballot is adopted"
        ),
        lesson="Ballots are not votes to be counted: the highest one knows best.",
        heavy=True,
    ),
    by_rule(
        "B-04",
        "last-report-only",
        "scout",
        {P1b: on_p1b_last_only},
        about="Keeps only what the last acceptor reported.",
        source="against the paper, section 2.3, figure 6: pvalues := pvalues ∪ r",
        model=rivals(),
        property="R1",
        length=18,
        account=elsewhere(20, RIVALS_ACCOUNT),
        lesson="Any acceptor of the majority may be the one that knows.",
    ),
    by_rule(
        "B-05",
        "one-promise-is-enough",
        "scout",
        {P1b: on_p1b_one_is_enough},
        about="The scout takes the first promise for a majority.",
        source="denizalti/paxosmmc, code/state-reduction/scout.py compares the wrong way round; see #19 "
        "there",
        model=rivals(),
        property="R1",
        length=16,
        account=elsewhere(18, RIVALS_ACCOUNT),
        lesson="A majority is needed to meet every other majority.",
    ),
    by_rule(
        "B-16",
        "gives-up-early",
        "scout",
        {P1b: on_p1b_gives_up},
        about="The scout ends as if preempted when its majority is not complete yet.",
        source="denizalti/paxosmmc#19",
        model=natural(acceptors=2),
        property="no-lost-command",
        length=5,
        lesson="'Not yet' is not 'no'. With one acceptor it does not show.",
    ),
    by_rule(
        "B-17",
        "commands-new-proposals-only",
        "scout",
        {P1b: when_adopted(known_only)},
        about="A leader that becomes active commands only what is proposed from then on.",
        source="against the paper, section 2.4, figure 7: a commander for every proposal",
        model=natural(),
        property="no-lost-command",
        length=4,
        lesson="Proposals wait for their leader to become active.",
    ),
    by_rule(
        "B-51",
        "adoption-decides",
        "scout",
        {P1b: when_adopted(decided_at_once)},
        about="The leader announces its proposals as decided when its ballot is adopted, without phase 2.",
        source="against the paper, section 2.3: a command is chosen when a majority has accepted it",
        model=DUEL,
        property="R1",
        length=10,
        lesson="A promise of a majority is permission to ask, not an answer.",
    ),
    by_rule(
        "C-16",
        "voted-slots-left-alone",
        "scout",
        {P1b: when_adopted(unvoted_only)},
        about="A new leader does not propose again where something was accepted in an earlier ballot.",
        source="DistAlgo, benchmarks/vrpaxos/spec.da: 'no 2a for this slot in any ballot'",
        model=natural(leaders=2, faults={"crashes": 1, "nodes": ["leaders"], "restarts": False}),
        property="no-lost-command",
        length=8,
        lesson="What may be chosen must be finished: the leader that began it may be gone.",
    ),
)
