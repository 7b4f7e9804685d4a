"""Commanders that are wrong on purpose: they count what does not count, or announce the wrong thing."""

from dataclasses import replace

from pmmc import leader as proper
from pmmc.leader import Leader
from pmmc.messages import Decision, P1b, P2b
from pmmc.values import Context, Node, Step
from spec.mutants.configurations import (
    DUEL,
    RIVALS_ACCOUNT,
    by_rule,
    by_setting,
    elsewhere,
    natural,
    rivals,
)
from spec.variants import rules as variants

Steps = tuple[Step, ...]


def on_p2b_one_is_enough(context: Context, leader: Leader, message: P2b) -> Steps:
    """Take the first acceptance for a majority."""
    commander = proper.find_commander(leader, message.ballot, message.slot)
    if commander is None or message.current != message.ballot:
        return proper.on_p2b(context, leader, message)
    return (Step(proper.without(leader, commander), proper.decide(context, commander.pvalue)),)


def on_p1b_half(context: Context, leader: Leader, message: P1b) -> Steps:
    """Take half of the acceptors for a majority of promises."""
    if leader.scout is None or message.current != message.ballot:
        return proper.on_p1b(context, leader, message)
    steps = proper.on_p1b(context, leader, message)
    scout = proper.gather(leader.scout, message)
    if steps and 2 * len(scout.heard) == len(context.configuration.acceptors):
        return (proper.adopted(context, leader, scout.pvalues),)
    return steps


def on_p2b_half(context: Context, leader: Leader, message: P2b) -> Steps:
    """Take half of the acceptors for a majority of acceptances."""
    commander = proper.find_commander(leader, message.ballot, message.slot)
    if commander is not None and message.current == message.ballot:
        heard = commander.heard | {message.acceptor}
        if 2 * len(heard) == len(context.configuration.acceptors):
            return on_p2b_one_is_enough(context, leader, message)
    return proper.on_p2b(context, leader, message)


def on_p2b_counting(context: Context, leader: Leader, message: P2b) -> Steps:
    """Count replies, whoever sends them."""
    commander = proper.find_commander(leader, message.ballot, message.slot)
    if commander is not None:
        message = replace(message, acceptor=Node("reply", len(commander.heard)))
    return proper.on_p2b(context, leader, message)


def on_p2b_lower_counts(context: Context, leader: Leader, message: P2b) -> Steps:
    """Take a reply with a lower ballot for an acceptance."""
    return proper.on_p2b(context, leader, replace(message, current=max(message.current, message.ballot)))


def on_p2b_all_count(context: Context, leader: Leader, message: P2b) -> Steps:
    """Take every reply for an acceptance."""
    return proper.on_p2b(context, leader, replace(message, current=message.ballot))


def on_p2b_any_slot(context: Context, leader: Leader, message: P2b) -> Steps:
    """Take a reply in the right ballot for one about any slot that is under way."""
    slots = sorted(c.pvalue.slot for c in leader.commanders if c.pvalue.ballot == message.ballot)
    steps = [s for slot in slots for s in proper.on_p2b(context, leader, replace(message, slot=slot))]
    return tuple(dict.fromkeys(steps))


def on_p2b_twice_preempts(context: Context, leader: Leader, message: P2b) -> Steps:
    """Take the second reply of an acceptor for a preemption, which the leader ignores."""
    commander = proper.find_commander(leader, message.ballot, message.slot)
    if commander is not None and message.acceptor in commander.heard:
        return (proper.preempted(context, proper.without(leader, commander), message.current),)
    return proper.on_p2b(context, leader, message)


def on_p2b_tells_one(context: Context, leader: Leader, message: P2b) -> Steps:
    """Tell one replica of a decision."""
    first = context.deployment.replicas[0]
    return tuple(
        Step(state, tuple(send for send in sends if send[0] == first or not isinstance(send[1], Decision)))
        for state, sends in proper.on_p2b(context, leader, message)
    )


def on_p2b_wrong_slot(context: Context, leader: Leader, message: P2b) -> Steps:
    """Announce a decision for the slot that the leader commanded last."""
    last = max((c.pvalue.slot for c in leader.commanders), default=1)
    return tuple(
        Step(state, tuple((to, replace(m, slot=last) if isinstance(m, Decision) else m) for to, m in sends))
        for state, sends in proper.on_p2b(context, leader, message)
    )


def on_p2b_stale_deactivates(context: Context, leader: Leader, message: P2b) -> Steps:
    """As printed in the paper; and a preemption by a ballot not higher makes the leader passive too."""
    commander = proper.find_commander(leader, message.ballot, message.slot)
    steps = variants.on_p2b_as_printed(context, leader, message)
    if commander is None or message.current == message.ballot or message.current > leader.ballot:
        return steps
    deaf = proper.Scout(frozenset(context.configuration.acceptors))
    return tuple(Step(replace(s.state, active=False, scout=deaf), s.sends) for s in steps)


COMMANDER_MUTANTS = (
    by_rule(
        "B-06",
        "one-acceptance-is-enough",
        "commander",
        {P2b: on_p2b_one_is_enough},
        about="The commander takes the first acceptance for a majority.",
        source="denizalti/paxosmmc#11 corrects a comparison the wrong way round; fpaxos/fpaxos-lib#2 "
        "has it, as quorums of 2 and 1",
        model=rivals(),
        property="R1",
        length=14,
        account=elsewhere(16, RIVALS_ACCOUNT),
        lesson="What one acceptor of three has accepted the next leader need not hear of.",
    ),
    by_rule(
        "B-07",
        "half-is-enough",
        "leader",
        {P1b: on_p1b_half, P2b: on_p2b_half},
        about="Half of the acceptors count as a majority.",
        source="against the paper, section 2.3: |waitfor| < |acceptors|/2",
        model=rivals(acceptors=2),
        property="R1",
        length=10,
        account=elsewhere(12, RIVALS_ACCOUNT),
        lesson="An odd number of acceptors hides this error. Check an even number too.",
    ),
    by_rule(
        "B-08",
        "replies-counted",
        "commander",
        {P2b: on_p2b_counting},
        about="The commander counts replies instead of acceptors: a duplicate counts twice.",
        source="against the paper, section 2.3: waitfor is a set",
        model=rivals(
            leaders=2,
            network="lossy-duplicating",
            initial={
                "leader 0": {
                    "active": True,
                    "proposals": {1: "put k A"},
                    "commanders": [["0.0", 1, "put k A"]],
                },
                "acceptor 0": {"ballot": "0.0"},
                "acceptor 1": {"ballot": "0.0"},
            },
            symmetry=[],
        ),
        property="R1",
        length=12,
        account=elsewhere(18, "here leader 0 is active from the start"),
        lesson="Networks deliver twice; sets make that harmless.",
        heavy=True,
    ),
    by_rule(
        "B-10",
        "lower-ballot-counts",
        "commander",
        {P2b: on_p2b_lower_counts},
        about="A reply with a lower ballot counts as an acceptance.",
        source="against the paper, section 2.3, figure 6: b' = b",
        model=rivals(),
        property="R1",
        length=18,
        account=elsewhere(20, RIVALS_ACCOUNT),
        lesson="An acceptor that has not heard of the ballot has not accepted in it.",
    ),
    by_rule(
        "B-12",
        "any-slot-counts",
        "commander",
        {P2b: on_p2b_any_slot},
        about="A reply is matched with a commander by its ballot, not by its slot.",
        source="the paper's p2b names no slot because it is sent to one commander; a mistake when "
        "commanders are folded into the leader",
        model=natural(leaders=2, replicas=2, commands=2, slots=2),
        property="R1",
        length=16,
        account=elsewhere(
            15,
            "a third request, otherwise as in A-01; in return a reply may go to any "
            "commander of its ballot",
        ),
        lesson="Replies must name what they answer.",
        heavy=True,
    ),
    by_rule(
        "B-14",
        "second-reply-preempts",
        "commander",
        {P2b: on_p2b_twice_preempts},
        about="The second reply of an acceptor falls into the branch for preemption and ends the "
        "commander.",
        source="denizalti/paxosmmc, the first and the backoff version test 'ballot equal and sender still "
        "awaited', else preempted",
        model=natural(acceptors=2, network="lossy-duplicating"),
        property="no-lost-command",
        length=12,
        lesson="A test with two conditions has more than one way to fail.",
    ),
    by_setting(
        "B-15",
        "as-printed",
        {"rules": {"commander": "as-printed"}},
        about="A reply with a lower ballot ends the commander, as in the paper's figure 6.",
        source="paper, section 2.3, figures 4 and 6 together",
        model=natural(acceptors=3),
        property="no-lost-command",
        length=11,
        account=elsewhere(
            15,
            "a request comes first (+1), `adopted` and `preempted` are no steps of their own (-2), "
            "and three replies that nobody waits for need not arrive (-3)",
        ),
        lesson="Section 2.3 says that every p2b has b' ≥ b. With figure 4 it has not.",
    ),
    by_rule(
        "B-18",
        "tells-one-replica",
        "commander",
        {P2b: on_p2b_tells_one},
        about="A decision is sent to one replica only.",
        source="against the paper, section 2.3, figure 6: decision to all replicas",
        model=natural(replicas=2, symmetry=[]),
        property="no-lost-command",
        length=7,
        lesson="A replica learns from commanders, not from other replicas.",
    ),
    by_rule(
        "B-52",
        "higher-ballot-counts",
        "commander",
        {P2b: on_p2b_all_count},
        about="Every reply counts as an acceptance, a refusal too.",
        source="against the paper, section 2.3, figure 6: b' = b",
        model=DUEL,
        property="R1",
        length=14,
        lesson="Paxos has no flag for refusal: the ballot is the answer.",
    ),
    by_rule(
        "B-53",
        "decision-for-last-slot",
        "commander",
        {P2b: on_p2b_wrong_slot},
        about="A decision is announced for the slot commanded last instead of the commander's own.",
        source="a shared variable where the paper has one for each commander, section 2.3",
        model=natural(commands=2, slots=2),
        property="R1",
        length=12,
        lesson="Each commander is a process with variables of its own.",
    ),
    by_rule(
        "C-05",
        "stale-preemption",
        "commander",
        {P2b: on_p2b_stale_deactivates},
        about="A preemption by a ballot that is not higher makes the leader passive, and nothing wakes it.",
        source="denizalti/paxosmmc#7",
        model=natural(acceptors=3, commands=2, slots=2, rules={"commander": "as-printed"}),
        property="no-idle-proposal",
        length=13,
        account=elsewhere(
            16,
            "two requests come first (+2), `adopted` and `preempted` are no steps of their "
            "own (-2), and three replies that nobody waits for need not arrive (-3)",
        ),
        lesson="What is old must change nothing.",
        heavy=True,
    ),
)
