"""Leaders that are wrong on purpose: about their ballots, about being active, about what was proposed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc import acceptor as proper_acceptor
from pmmc import leader as proper
from pmmc.acceptor import Acceptor
from pmmc.leader import Leader, Scout
from pmmc.messages import P1a, P1b, P2a, P2b, Propose
from pmmc.values import Ballot, Context, Proposal, PValue, Step, slots_of
from spec.mutants.configurations import DUEL, DUEL_ACCOUNT, by_rule, elsewhere, natural

Steps = tuple[Step, ...]
Instead = Callable[[Context, Leader, Step, Ballot], Step]

#: One leader may crash, and stays down.
CRASH = {"crashes": 1, "nodes": ["leaders"], "restarts": False}


def when_preempted(instead: Instead) -> Mapping[type, Any]:
    """The rules for p1b and p2b with something else done about a higher ballot."""

    def on_p1b(context: Context, leader: Leader, message: P1b) -> Steps:
        steps = proper.on_p1b(context, leader, message)
        higher = message.current > leader.ballot
        return tuple(instead(context, leader, s, message.current) if higher else s for s in steps)

    def on_p2b(context: Context, leader: Leader, message: P2b) -> Steps:
        steps = proper.on_p2b(context, leader, message)
        higher = message.current > leader.ballot
        return tuple(instead(context, leader, s, message.current) if higher else s for s in steps)

    return MappingProxyType({P1b: on_p1b, P2b: on_p2b})


def no_scout(context: Context, leader: Leader, step: Step, ballot: Ballot) -> Step:
    """Become passive with a higher ballot, and leave it at that."""
    return Step(step.state)


def same_ballot(context: Context, leader: Leader, step: Step, ballot: Ballot) -> Step:
    """Try again with the ballot that was just exceeded."""
    again = replace(step.state, ballot=leader.ballot, active=False, scout=Scout())
    return Step(again, proper.probe(context, leader.ballot))


def stays_active(context: Context, leader: Leader, step: Step, ballot: Ballot) -> Step:
    """Take a higher ballot and go on commanding, without a scout."""
    if not leader.active or step.state.scout is None:
        return step
    return proper.begin(context, step.state, leader.proposals)


def others_ballot(context: Context, leader: Leader, step: Step, ballot: Ballot) -> Step:
    """Take the next round of the leader that was faster, under its name."""
    if step.state.scout is None:
        return step
    taken = Ballot(ballot.round + 1, ballot.leader)
    return Step(replace(step.state, ballot=taken), proper.probe(context, taken))


def on_propose_overwrites(context: Context, leader: Leader, message: Propose) -> Steps:
    """Put the latest proposal in the place of an earlier one, and command it too."""
    proposal = Proposal(message.slot, message.command)
    others = frozenset(p for p in leader.proposals if p.slot != message.slot)
    noted = replace(leader, proposals=others | {proposal})
    return (proper.spawn(context, noted, frozenset({proposal})) if noted.active else Step(noted),)


def on_propose_at_once(context: Context, leader: Leader, message: Propose) -> Steps:
    """Command a proposal at once, whether the ballot is adopted or not."""
    ((noted, _),) = proper.on_propose(context, leader, message) or ((leader, ()),)
    if message.slot in slots_of(leader.proposals):
        return ()
    return (proper.spawn(context, noted, frozenset({Proposal(message.slot, message.command)})),)


def on_propose_answers(context: Context, leader: Leader, message: Propose) -> Steps:
    """Answer a proposal for a slot that has one with that one, as if it were decided."""
    for proposal in leader.proposals:
        if proposal.slot == message.slot:
            return (
                Step(leader, proper.decide(context, PValue(leader.ballot, message.slot, proposal.command))),
            )
    return proper.on_propose(context, leader, message)


@dataclass(frozen=True, slots=True)
class Reminded(Leader):
    """A leader whose scout's `adopted` may reach it a second time."""

    duplicate: frozenset[PValue] | None = None


def on_p1b_remembered(context: Context, leader: Leader, message: P1b) -> Steps:
    """As it should be; but `adopted` stays in the network."""
    steps = proper.on_p1b(context, leader, message)
    if leader.scout is None or not steps or not steps[0].state.active:
        return steps
    pvalues = proper.gather(leader.scout, message).pvalues
    adopted = steps[0].state
    kept = Reminded(adopted.ballot, adopted.active, adopted.proposals, None, adopted.commanders, pvalues)
    return (Step(kept, steps[0].sends),)


def adopted_again(context: Context, leader: Leader) -> Steps:
    """`adopted` arrives a second time and counts, whatever the ballot it was for."""
    if not isinstance(leader, Reminded) or leader.duplicate is None or leader.active:
        return ()
    return (proper.adopted(context, replace(leader, duplicate=None), leader.duplicate),)


def on_p1a_round_only(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Compare rounds; ballots of one round count as equal."""
    if message.ballot.round == acceptor.ballot.round:
        acceptor = replace(acceptor, ballot=message.ballot)
    return proper_acceptor.on_p1a(context, acceptor, message)


def on_p2a_round_only(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Compare rounds; ballots of one round count as equal."""
    if message.pvalue.ballot.round == acceptor.ballot.round:
        acceptor = replace(acceptor, ballot=message.pvalue.ballot)
    return proper_acceptor.on_p2a(context, acceptor, message)


def on_p1a_leader_first(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Compare leaders first, and rounds only between ballots of one leader."""
    mine, theirs = acceptor.ballot, message.ballot
    if (theirs.leader, theirs.round) > (mine.leader, mine.round):
        acceptor = replace(acceptor, ballot=theirs)
    return proper_acceptor.answer_p1a(context, acceptor, message)


LEADER_MUTANTS = (
    by_rule(
        "C-01",
        "proposal-overwritten",
        "leader",
        {Propose: on_propose_overwrites},
        about="A second proposal for a slot takes the place of the first and is commanded too.",
        source="against the paper, section 2.4, figure 7: a slot's first proposal stays",
        model=natural(replicas=2, commands=2, symmetry=["replicas"]),
        property="R1",
        length=12,
        account=elsewhere(
            9,
            "two requests come first (+2), both decisions are delivered (+2), and "
            "`adopted` is no step of its own (-1)",
        ),
        lesson="The smallest of all: one leader is enough to break agreement.",
    ),
    by_rule(
        "C-02",
        "rounds-compared-only",
        "acceptor",
        {P1a: on_p1a_round_only, P2a: on_p2a_round_only},
        about="Ballots are compared by their rounds: those of different leaders are not told apart.",
        source="CorfuDB/CorfuDB#183: the client's id was missing in a rank",
        model=DUEL,
        property="R1",
        length=14,
        account=elsewhere(12, DUEL_ACCOUNT),
        lesson="The leader's name is half of a ballot.",
    ),
    by_rule(
        "C-04",
        "old-adoption-counts",
        "leader",
        {P1b: on_p1b_remembered},
        wakes={"adopted": adopted_again},
        about="`adopted` arrives twice, and counts although the leader has another ballot by now.",
        source="against the paper, section 2.4: `adopted` for another ballot is ignored",
        model=natural(leaders=2, replicas=2, commands=2, rounds=2),
        property="R1",
        length=18,
        account=elsewhere(17, f"{DUEL_ACCOUNT}; nor is `preempted` (-1)"),
        lesson="Messages inside one machine may be late as well.",
        heavy=True,
    ),
    by_rule(
        "C-06",
        "no-new-scout",
        "leader",
        when_preempted(no_scout),
        about="A leader that was preempted does not try again.",
        source="against the paper, section 2.4, figure 7: preempted starts a scout",
        model=natural(leaders=2, rounds=2, faults=CRASH),
        property="no-lost-command",
        length=6,
        lesson="As long as nobody crashes the winner does all the work, and nothing shows.",
    ),
    by_rule(
        "C-08",
        "leader-before-round",
        "acceptor",
        {P1a: on_p1a_leader_first},
        about="Acceptors order ballots by leader first: a leader of low index never exceeds one of high "
        "index.",
        source="a common reading of 'ballot (leader, number)'; against the paper, section 2.3",
        model=natural(leaders=2, rounds=2, faults=CRASH),
        property="no-lost-command",
        length=7,
        lesson="Every leader must be able to exceed every other. Where leaders order ballots like that too "
        "(`ballots: leader-first`) they try for ever, and no finite number of rounds shows it.",
    ),
    by_rule(
        "C-15",
        "answers-with-own-proposal",
        "leader",
        {Propose: on_propose_answers},
        about="A leader answers a proposal for a slot that it has a proposal for as if that were decided.",
        source="design notes of cmsd2/recon",
        model=DUEL,
        property="R1",
        length=8,
        lesson="What a leader has proposed is not what was decided.",
    ),
    by_rule(
        "C-17",
        "same-ballot-again",
        "leader",
        when_preempted(same_ballot),
        about="A leader that was preempted tries again with the same ballot.",
        source="mwhittaker/frankenpaxos#38",
        model=natural(leaders=2, rounds=2, network="lossy-duplicating", faults=CRASH),
        property="no-lost-command",
        length=5,
        lesson="To be heard again a leader has to go higher.",
    ),
    by_rule(
        "C-51",
        "commands-while-passive",
        "leader",
        {Propose: on_propose_at_once},
        about="A leader commands a proposal before its ballot is adopted.",
        source="against the paper, section 2.4, figure 7: only an active leader spawns commanders",
        model={**DUEL, "symmetry": ["replicas"]},
        property="R1",
        length=12,
        lesson="Phase 2 without phase 1 does not know what may be chosen.",
    ),
    by_rule(
        "C-52",
        "active-in-new-ballot",
        "leader",
        when_preempted(stays_active),
        about="A preempted leader takes a higher ballot and goes on commanding in it.",
        source="against the paper, section 2.4, figure 7: preempted makes a leader passive",
        model=natural(leaders=2, replicas=2, commands=2, rounds=2),
        property="C2",
        length=11,
        lesson="Each ballot has to be adopted for itself. Agreement survives here, because an acceptor "
        "accepts only in a ballot it has adopted; C2 sees the mistake before it does harm.",
        heavy=True,
    ),
    by_rule(
        "C-53",
        "takes-others-ballot",
        "leader",
        when_preempted(others_ballot),
        about="A preempted leader takes the next ballot of the leader that was faster.",
        source="against the paper, section 2.3: leaders have disjoint sets of ballots",
        model=natural(leaders=3, rounds=2),
        property="unique-ballots",
        length=5,
        lesson="(round + 1, own name): the name must be one's own.",
    ),
)
