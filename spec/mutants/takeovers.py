"""Old and new configuration: the new one never takes effect, or the old one goes too early."""

from spec.mutants.configurations import Model, by_setting

#: Two configurations of one leader and one acceptor each.
TWO: Model = {
    "nodes": {"replicas": 2},
    "configurations": [{"leaders": 1, "acceptors": 1}, {"leaders": 1, "acceptors": 1}],
    "network": "reliable",
    "rules": {"no-ops": "replica"},
}
#: Nobody asks for anything after the reconfiguration.
NOBODY_ASKS: Model = {
    **TWO,
    "commands": ["reconfigure 1"],
    "bounds": {"slots": 3, "rounds": 1, "window": 2},
    "fair": ["deliveries", "replica"],
}
#: The old configuration is shut down when it is needed no more.
SHUT_DOWN: Model = {
    **TWO,
    "commands": ["reconfigure 1", "put k A"],
    "bounds": {"slots": 4, "rounds": 1, "window": 2},
    "faults": {"shutdown": "known"},
}
TOO_EARLY: Model = {"faults": {"shutdown": "decided"}}

TAKEOVER_MUTANTS = (
    by_setting(
        "E-07",
        "no-no-ops",
        {"rules": {}},
        about="Nothing is proposed after a reconfiguration when nothing is submitted: slots that the old "
        "configuration decides stay open, and the new one never takes effect.",
        source="paper, section 2.1, which does not say what to do; the authors' program, env.py, submits "
        "no-ops",
        model=NOBODY_ASKS,
        property="RC-7",
        length=11,
        lesson="A change that waits for work to be done waits for ever when there is none.",
    ),
    by_setting(
        "E-11",
        "old-shut-down-when-replaced",
        TOO_EARLY,
        about="The old configuration is shut down when the reconfiguration is decided, while it has slots "
        "to decide before the new one begins.",
        source="against the paper, section 4.2",
        model=SHUT_DOWN,
        property="RC-8",
        length=8,
        lesson="That a successor is chosen does not say that it is in office.",
    ),
    by_setting(
        "E-11a",
        "old-shut-down-and-slot-lost",
        TOO_EARLY,
        about="As E-11; what was proposed for a slot of the old configuration is never decided.",
        source="against the paper, section 4.2",
        model=SHUT_DOWN,
        property="no-lost-command",
        length=16,
        lesson="What is shut down takes along what it has not finished, and everything waits behind that.",
    ),
)
