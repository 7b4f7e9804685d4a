"""Leaders that are never active again, or never for long: what they make of preemption, pings and ballots.

All are judged by what fair runs must come to. Where a leader that crashes takes its ballot with it the
others have to get past it; where two leaders are up they have to let each other be.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from checker.modelfiles.protocol import Mutant, Variant
from pmmc import election
from pmmc import leader as proper
from pmmc.ballots import Ballot
from pmmc.election import Watcher
from pmmc.messages import P1b, P2b, Pong
from pmmc.values import Context, Step
from spec.mutants.configurations import Model, by_setting, natural
from spec.mutants.leaders import CRASH
from spec.mutants.scouts import deaf, unvoted_only, when_adopted

Steps = tuple[Step, ...]

#: What fair runs rest on here: what was sent arrives.
ARRIVES: Model = {"fair": ["deliveries"]}
#: Two leaders, one of which may crash for good: the other one gets to know.
TAKEOVER = {
    **natural(
        leaders=2,
        rounds=3,
        network="fifo",
        rules={"election": "by-ping", "detector": "accurate"},
        faults=CRASH,
    ),
    **ARRIVES,
}


def no_office(context: Context, leader: Watcher, step: Step, met: Ballot) -> Step:
    """Ping who was faster, and do nothing about the answer."""
    asked = election.watch(context, step.state, met)
    return Step(replace(asked.state, watching=None, scout=deaf(context)), asked.sends)


def old_ballot(context: Context, leader: Watcher, step: Step, met: Ballot) -> Step:
    """Watch as it should be, and keep the ballot that was too low."""
    watching = election.watch(context, step.state, met)
    return Step(replace(watching.state, ballot=leader.ballot), watching.sends)


def itself(context: Context, leader: Watcher, step: Step, met: Ballot) -> Step:
    """Watch and ping oneself."""
    return election.watch(context, step.state, leader.ballot)


def preempted_by(instead: Any, rules: Mapping[type, Any] = proper.RULES) -> Mapping[type, Any]:
    """The rules for p1b and p2b, with something else done instead of running against a higher ballot."""

    def changed(kind: type, context: Context, leader: Watcher, message: Any) -> Steps:
        steps = rules[kind](context, leader, message)
        return tuple(
            instead(context, leader, step, message.current) if election.runs(step) else step
            for step in steps
        )

    return MappingProxyType({kind: partial(changed, kind) for kind in (P1b, P2b)})


def watching(context: Context, leader: Watcher, step: Step, met: Ballot) -> Step:
    """As it should be."""
    return election.watch(context, step.state, met)


def on_p2b_lower_deactivates(context: Context, leader: Watcher, message: P2b) -> Steps:
    """A reply with a lower ballot makes the leader passive; nothing wakes it."""
    if proper.find_commander(leader, message.ballot, message.slot) and message.current < message.ballot:
        return (Step(replace(leader, active=False, scout=deaf(context))),)
    return proper.on_p2b(context, leader, message)


def on_pong_content(context: Context, leader: Watcher, message: Pong) -> Steps:
    """It is there, and that will do."""
    return (Step(replace(leader, pinged=leader.pinged - {message.leader})),)


def elected(
    mutant_id: str,
    name: str,
    rules: Mapping[type, Any],
    *,
    about: str,
    source: str,
    model: Model = TAKEOVER,
    **entry: Any,
) -> Mutant:
    """A mutant with another election by ping."""
    table = {**election.RULES, **rules}
    variant = Variant("election", name, "leader", about, source, table, begin=election.watcher)
    entry = {"property": "every-command-performed", **entry}
    return Mutant(mutant_id, name, about, source, model, (variant,), **entry)


#: Two leaders, nobody crashes, and rounds have no end.
PEACE: Model = {
    **natural(leaders=2, network="fifo", rules={"election": "by-ping"}),
    "bounds": {"slots": 1, "rounds": "endless", "spread": 2},
    **ARRIVES,
}
#: The same with time-outs that come too early now and then.
IMPATIENCE: Model = {
    **PEACE,
    "rules": {"election": "by-ping", "time-outs": "early"},
    "bounds": {"slots": 1, "rounds": "endless", "spread": 4},
    "finitely": ["suspect"],
}

ELECTION_MUTANTS = (
    by_setting(
        "C-10",
        "retries-at-once",
        {"rules": {}},
        about="A leader that was preempted runs again at once: the protocol of the paper's section 2.",
        source="paper, section 3, figure 9",
        model=PEACE,
        property="every-command-performed",
        length=6,
        account="then 8 steps for ever",
        lesson="If you get preempted, don't immediately try again.",
    ),
    by_setting(
        "C-18",
        "time-outs-never-grow",
        {"finitely": []},
        about="Time-outs are too short for ever: leaders that answer are suspected again and again.",
        source="paper, section 3: time-outs grow, because nobody knows how long is enough",
        model=IMPATIENCE,
        property="every-command-performed",
        length=6,
        account="then 14 steps for ever",
        lesson="Pings end no duel by themselves; patience does.",
    ),
    elected(
        "C-06a",
        "never-runs-again",
        preempted_by(no_office),
        about="A leader that was preempted never runs for office again, not even when the other is down.",
        source="against the paper, section 3",
        length=10,
        lesson="To wait is right as long as somebody is there to wait for.",
    ),
    elected(
        "C-16a",
        "leaves-voted-slots",
        preempted_by(watching, {**proper.RULES, P1b: when_adopted(unvoted_only)}),
        about="A new leader does not propose again where something was accepted in an earlier ballot.",
        source="DistAlgo, benchmarks/vrpaxos/spec.da: 'no 2a for this slot in any ballot'",
        length=10,
        lesson="Taking over an office is taking over what it has begun.",
    ),
    elected(
        "C-17a",
        "runs-with-same-ballot",
        preempted_by(old_ballot),
        about="A leader that was preempted runs again with the same ballot.",
        source="mwhittaker/frankenpaxos#38",
        length=6,
        account="then 4 steps for ever",
        lesson="It is refused for ever, and busy all the time.",
    ),
    elected(
        "C-20",
        "pings-itself",
        preempted_by(itself),
        about="A leader that was preempted pings itself, which answers.",
        source="paper, section 3: it pings the leader whose ballot was in its way",
        length=8,
        account="then 2 steps for ever",
        lesson="A failure detector that watches the wrong one detects nothing.",
    ),
    elected(
        "C-21",
        "pings-once",
        {Pong: on_pong_content},
        about="A leader that has got an answer to its ping does not ping again.",
        source="against the paper, section 3: it goes on pinging",
        length=10,
        lesson="That somebody was there does not say that he still is.",
    ),
    by_setting(
        "C-08a",
        "leader-before-round-for-ever",
        {"rules": {**TAKEOVER["rules"], "ballots": "leader-first"}},
        about="Ballots are ordered by leader first: whoever has a low index never gets past the ballot of "
        "one with a high index, dead or alive.",
        source="a common reading of 'ballot (leader, number)'; against the paper, section 2.3",
        model=TAKEOVER,
        property="every-command-performed",
        length=8,
        account="then 4 steps for ever",
        lesson="What no finite number of rounds shows: it tries for ever.",
    ),
    Mutant(
        "C-05a",
        "lower-ballot-deactivates",
        about="A reply with a ballot that is not higher makes the leader passive, and nothing wakes it.",
        source="denizalti/paxosmmc#7",
        model={**natural(acceptors=3, commands=2, slots=2, network="reliable"), **ARRIVES},
        variants=(
            Variant(
                "commander",
                "lower-ballot-deactivates",
                "leader",
                "A reply with a lower ballot makes the leader passive.",
                "denizalti/paxosmmc#7",
                {P2b: on_p2b_lower_deactivates},
            ),
        ),
        property="every-command-performed",
        length=17,
        lesson="What is old must change nothing.",
    ),
)
