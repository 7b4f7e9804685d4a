"""Leaders and clients of public questions: what people have asked, as mutants and controls.

docs/questions.md has the questions themselves, with those that older mutants or models answer.
"""

from dataclasses import dataclass, replace

from pmmc import leader as proper
from pmmc.client import Client
from pmmc.leader import Leader, Scout
from pmmc.messages import P1b, P2b, Request
from pmmc.values import Context, Node, Proposal, Step, to_all
from spec.mutants.configurations import IDLE, by_rule, natural, rivals
from spec.mutants.leaders import CRASH

Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Patient(Scout):
    """A scout that was refused, by these acceptors."""

    refused: frozenset[Node] = frozenset()


def on_p1b_refusals_awaited(context: Context, leader: Leader, message: P1b) -> Steps:
    """Give up when a majority has refused; until then a refusal is noted, and promises are counted."""
    steps = proper.on_p1b(context, leader, message)
    scout = leader.scout
    refused = scout.refused if isinstance(scout, Patient) else frozenset()
    if not steps or scout is None or message.acceptor in refused:
        return ()
    if message.current > message.ballot:
        refused |= {message.acceptor}
        if context.configuration.promised_by(refused):
            return steps
        return (Step(replace(leader, scout=Patient(scout.heard, scout.pvalues, refused))),)
    return tuple(
        Step(replace(s.state, scout=Patient(s.state.scout.heard, s.state.scout.pvalues, refused)), s.sends)
        if s.state.scout is not None
        else s
        for s in steps
    )


def on_p1b_refusals_ignored(context: Context, leader: Leader, message: P1b) -> Steps:
    """Go on with phase 1 whoever refuses."""
    return () if message.current > message.ballot else proper.on_p1b(context, leader, message)


@dataclass(frozen=True, slots=True)
class Polling(Scout):
    """A scout that knows which acceptor has reported what."""

    reported: frozenset[tuple[Node, Proposal]] = frozenset()


def on_p1b_reports_count(context: Context, leader: Leader, message: P1b) -> Steps:
    """Count who has reported a command, in whatever ballot, among those that accept it in the new one."""
    steps = proper.on_p1b(context, leader, message)
    scout = leader.scout
    if not steps or scout is None or message.current != message.ballot:
        return steps
    known = scout.reported if isinstance(scout, Polling) else frozenset()
    known |= {(message.acceptor, Proposal(p.slot, p.command)) for p in message.accepted}
    ((after, sends),) = steps
    if after.scout is not None:
        return (Step(replace(after, scout=Polling(after.scout.heard, after.scout.pvalues, known))),)
    counted = (
        replace(c, heard=frozenset(a for a, p in known if p == Proposal(c.pvalue.slot, c.pvalue.command)))
        if c.pvalue.ballot == after.ballot
        else c
        for c in after.commanders
    )
    return (decide_all(context, Step(replace(after, commanders=frozenset(counted)), sends)),)


def decide_all(context: Context, step: Step) -> Step:
    """End the commanders that have heard from a majority."""
    leader: Leader = step.state
    complete = sorted((c for c in leader.commanders if context.configuration.chosen_by(c.heard)), key=str)
    decisions = (send for c in complete for send in proper.decide(context, c.pvalue))
    rest = replace(leader, commanders=leader.commanders.difference(complete))
    return Step(rest, step.sends + tuple(decisions))


@dataclass(frozen=True, slots=True)
class Tallying(Leader):
    """A leader that keeps who has ever accepted what, for it, in whatever ballot."""

    tally: frozenset[tuple[Node, Proposal]] = frozenset()


def on_p2b_tallied(context: Context, leader: Leader, message: P2b) -> Steps:
    """Count who has accepted the command in any of the leader's ballots."""
    commander = proper.find_commander(leader, message.ballot, message.slot)
    if commander is None or message.current != message.ballot:
        return proper.on_p2b(context, leader, message)
    proposal = Proposal(message.slot, commander.pvalue.command)
    known = leader.tally if isinstance(leader, Tallying) else frozenset()
    known |= {(message.acceptor, proposal)}
    heard = frozenset(acceptor for acceptor, voted in known if voted == proposal)
    kept = Tallying(leader.ballot, leader.active, leader.proposals, leader.scout, leader.commanders, known)
    return (decide_all(context, Step(proper.waiting(kept, commander, heard))),)


def on_p1b_exact(context: Context, leader: Leader, message: P1b) -> Steps:
    """Take exactly half of n + 1 acceptors for a quorum, of which there are none if n is even."""
    steps = proper.on_p1b(context, leader, message)
    if leader.scout is None or not steps or not steps[0].state.active:
        return steps
    scout = proper.gather(leader.scout, message)
    exact = 2 * len(scout.heard) == len(context.configuration.acceptors) + 1
    return steps if exact else (Step(replace(leader, scout=scout)),)


def give_up(context: Context, client: Client) -> Steps:
    """Drop the next command before it is sent; its number is gone."""
    return (Step(replace(client, todo=client.todo[1:])),) if client.todo and not client.waiting else ()


def invoke_anew(context: Context, client: Client) -> Steps:
    """Send the next command with number 1, as after a restart that has forgotten the numbers before."""
    if client.waiting is not None or not client.todo:
        return ()
    first = replace(client.todo[0], cid=1)
    sent = replace(client, todo=client.todo[1:], waiting=first)
    return (Step(sent, to_all(context.deployment.replicas, Request(first))),)


#: Two leaders, of which one may crash for good; whoever is left must see to the command.
LEFT_ALONE = natural(acceptors=2, leaders=2, rounds=2, faults=CRASH)

#: Raft's figure 8 at its point (b), as Paxos has it: acceptor 0 has accepted A in ballot 0.0, acceptor 1
#: has accepted B in ballot 0.1, and their leaders are in the next round.
FIGURE_8 = rivals(
    rounds=2,
    initial={
        "leader 0": {"ballot": "1.0", "proposals": {1: "put k A"}},
        "leader 1": {"ballot": "1.1", "proposals": {1: "put k B"}},
        "acceptor 0": {"ballot": "0.0", "accepted": [["0.0", 1, "put k A"]]},
        "acceptor 1": {"ballot": "0.1", "accepted": [["0.1", 1, "put k B"]]},
        "acceptor 2": {"ballot": "0.1"},
    },
    symmetry=[],
)

#: The same, but leader 1 is still at work in ballot 0.1, and nobody has heard yet that acceptor 0 accepted
#: its command; acceptor 2 has accepted A in ballot 1.0, and leader 0 is in ballot 3.0 by now.
FOUR_ROUNDS = rivals(
    rounds=4,
    initial={
        "leader 0": {"ballot": "3.0", "proposals": {1: "put k A"}},
        "leader 1": {"active": True, "proposals": {1: "put k B"}, "commanders": [["0.1", 1, "put k B"]]},
        "acceptor 0": {"ballot": "0.1", "accepted": [["0.1", 1, "put k B"]]},
        "acceptor 1": {"ballot": "1.0"},
        "acceptor 2": {"ballot": "3.0", "accepted": [["1.0", 1, "put k A"]]},
    },
    symmetry=[],
)

LEADER_QUESTIONS = (
    by_rule(
        "Q-05",
        "refusals-awaited",
        "scout",
        {P1b: on_p1b_refusals_awaited},
        about="A leader goes on to a higher ballot when a majority of acceptors has refused the one "
        "it has.",
        source="cocagne/multi-paxos-example#4",
        model=LEFT_ALONE,
        property="no-lost-command",
        length=9,
        lesson="Promises and refusals may split evenly, and then nobody has a majority. The first refusal "
        "is reason enough.",
    ),
    by_rule(
        "Q-06",
        "refusals-ignored",
        "scout",
        {P1b: on_p1b_refusals_ignored},
        about="A leader goes on with phase 1 after a refusal, and still needs a majority of promises.",
        source="openacid/paxoskv#26",
        model=rivals(),
        unfired=IDLE,
        lesson="A majority of promises is a majority, whatever the others say.",
    ),
    by_rule(
        "Q-06a",
        "refusals-ignored-for-ever",
        "scout",
        {P1b: on_p1b_refusals_ignored},
        about="The same, where a leader may crash: the other one never hears that its ballot is too low.",
        source="openacid/paxoskv#26",
        model=LEFT_ALONE,
        property="no-lost-command",
        length=7,
        lesson="A refusal is not about safety; it is what makes a leader go on.",
    ),
    by_rule(
        "Q-07",
        "earlier-ballots-count",
        "leader",
        {P1b: on_p1b_reports_count},
        about="Acceptances of earlier ballots count for a command that a new leader takes over.",
        source="hashicorp/raft#440, and Ongaro and Ousterhout, USENIX ATC 2014, figure 8: entries of "
        "earlier terms are not committed by counting",
        model=FIGURE_8,
        property="R1",
        length=14,
        lesson="A command is chosen in one ballot; acceptances in several are not of one thing.",
    ),
    by_rule(
        "Q-08",
        "ballots-accumulate",
        "commander",
        {P2b: on_p2b_tallied},
        about="Acceptances accumulate over the ballots of a leader.",
        source="jjzhang/booth#47",
        model=FOUR_ROUNDS,
        property="R1",
        length=20,
        lesson="Whoever accepted in an old ballot may since have promised to another leader. It takes four "
        "rounds to see.",
        heavy=True,
    ),
    by_rule(
        "Q-09",
        "exactly-half-of-one-more",
        "scout",
        {P1b: on_p1b_exact},
        about="A quorum has exactly (n + 1) / 2 of n acceptors: with an even number there is none.",
        source="Starydark/PaxosStore-tla#5",
        model=natural(acceptors=2),
        property="no-lost-command",
        length=6,
        lesson="Where nothing happens no invariant is violated. Ask what has happened.",
    ),
    by_rule(
        "Q-10",
        "number-skipped",
        "client",
        {},
        wakes={"give-up": give_up},
        about="A client gives up a command that it has not sent, and goes on with the next number; "
        "replicas wait for the one that is missing.",
        source="atomix/copycat#102; atomix/atomix#466",
        model=natural(clients=1, commands=2, slots=2, rules={"replica": "in-number-order"}),
        property="every-command-answered",
        length=4,
        lesson="A number that is used must be heard of, if only as a command that does nothing.",
    ),
    by_rule(
        "Q-11",
        "numbers-begin-anew",
        "client",
        {},
        wakes={"invoke": invoke_anew},
        about="A client begins anew with number 1 for its second command, and takes a late answer to its "
        "first one for the answer.",
        source="prisma-risk/tsoracle#224: a counter begins anew after a restart, what it is compared with "
        "is durable",
        model=natural(replicas=2, clients=1, commands=2, slots=2),
        property="response-integrity",
        length=12,
        lesson="Who forgets which numbers were used must not use numbers.",
    ),
)
