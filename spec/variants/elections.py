"""When leaders run for office, chosen in a model file: at once, which is the protocol's own, or by ping.

    rules: {election: by-ping, detector: accurate, time-outs: early}
    rules: {election: by-ping-own-leader}

`by-ping` alone makes a preempted leader watch the other one and nothing more. It runs when a `detector`
says that the other one is down, which is never wrong, or, with `time-outs: early`, at any time: the failure
detector that may be wrong. That it is so finitely often is an assumption about runs: `finitely: [suspect]`.
"""

from checker.modelfiles.protocol import Variant
from pmmc import colocation, election

SECTION = "paper, section 3"

ELECTION_VARIANTS = (
    Variant(
        part="election",
        name="by-ping",
        role="leader",
        about="A preempted leader does not run again at once: it pings the one that was faster as long as "
        "that one answers.",
        source=SECTION,
        rules=election.RULES,
        begin=election.watcher,
    ),
    Variant(
        part="election",
        name="by-ping-own-leader",
        role="leader",
        about="As by-ping; and a leader hands on what it is asked for to the leader that it watches.",
        source="paper, section 4.4",
        rules=colocation.LEADER_RULES,
        begin=election.watcher,
        also=(
            Variant(
                part="election",
                name="by-ping-own-leader",
                role="replica",
                about="A replica proposes to the leader of its own server alone.",
                source="paper, section 4.4",
                rules=colocation.REPLICA_RULES,
            ),
        ),
    ),
    Variant(
        part="detector",
        name="accurate",
        role="leader",
        about="A ping to a leader that is down is answered for it, and who watches it runs: a failure "
        "detector that suspects only who is down.",
        source="Chandra and Toueg, Unreliable failure detectors for reliable distributed systems, JACM "
        "1996: strong accuracy, weak completeness",
        rules=election.DETECTING,
    ),
    Variant(
        part="time-outs",
        name="early",
        role="leader",
        about="A leader that watches another one may run at any time, as if it had waited too long.",
        source=f"{SECTION}: time-outs; how long is enough is not known",
        wakes=election.TIME_OUTS,
    ),
)
