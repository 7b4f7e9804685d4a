"""What goes wrong with reconfigurations: replicas that change too early, too late or not, mixed quorums."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from pmmc import leader as proper_leader
from pmmc import replica as proper
from pmmc.kv import Reconfigure
from pmmc.leader import Leader
from pmmc.messages import Decision, P1b, P2b, Propose, Request
from pmmc.replica import Replica
from pmmc.roles import REPLICA
from pmmc.values import Command, Configuration, Context, Deployment, Node, Rule, Sends, Step, to_all
from spec.mutants.configurations import by_rule, by_setting, elsewhere, reconfiguring
from spec.mutants.replicas import on_decision_forgets, performing
from spec.variants.reconfigurations import proposing, rules_with

Steps = tuple[Step, ...]
AGREEMENT = ["R1", "R2", "R3", "R4", "R5", "RC-1", "RC-2", "RC-3", "prefix-agreement"]


def wider(context: Context, slots: int) -> Context:
    """The context with a window that is so much wider."""
    deployment = context.deployment
    return replace(context, deployment=replace(deployment, window=deployment.window + slots))


def may_propose_one_more(context: Context, replica: Replica) -> bool:
    """Whether there is a request, and slot_in ≤ slot_out + WINDOW."""
    return proper.may_propose(wider(context, 1), replica)


def may_always_propose(context: Context, replica: Replica) -> bool:
    """Whether there is a request, and slot_in is inside the log."""
    return proper.may_propose(wider(context, replica.slot_in), replica)


def as_it_is(context: Context, replica: Replica) -> Replica:
    """Nothing changes when the window moves on."""
    return replica


def perform_and_change(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Take the new configuration when the reconfiguration is next in line."""
    done, sends = proper.perform(context, replica, command)
    if isinstance(command.op, Reconfigure):
        done = replace(done, configuration=command.op.configuration)
    return done, sends


def propose_to_old_ones(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Propose to the leaders of the configurations before as well."""
    proposed, _ = proper.propose_one(context, replica, command)
    so_far = context.deployment.configurations[: replica.configuration + 1]
    leaders = [leader for configuration in so_far for leader in configuration.leaders]
    return proposed, to_all(leaders, Propose(replica.slot_in, command))


#: Rules of replicas that take the new configuration when they perform the reconfiguration.
AT_ONCE = {
    Request: rules_with(proposing(reconfigured=as_it_is))[Request],
    Decision: performing(perform_and_change, propose=proposing(reconfigured=as_it_is)),
}

#: How lengths compare with an explorer of replicas to which the consensus on a slot is one step.
ORACLE = (
    "there a decision is one step, and here propose, p2a and p2b are three, three times (+6); phase 1 of "
    "both configurations (+4); and both decisions of slot 2 are delivered (+2)"
)
#: The same where a replica of the paper would propose once more what it knows to be decided.
ORACLE_AND_HELD = f"{ORACLE}; and one more request, for ours takes none that it knows to be decided (+1)"

Acceptors = Callable[[Deployment], tuple[Node, ...]]


def commanding(acceptors: Acceptors) -> Mapping[type, Rule[Leader]]:
    """The rules of leaders whose commanders ask others than the acceptors of their configuration."""

    def there(context: Context) -> Context:
        deployment = context.deployment
        only = Configuration(deployment.leaders, acceptors(deployment))
        return replace(context, deployment=replace(deployment, configurations=(only,)))

    def on_propose(context: Context, leader: Leader, message: Propose) -> Steps:
        return proper_leader.on_propose(there(context), leader, message)

    def on_p1b(context: Context, leader: Leader, message: P1b) -> Steps:
        steps = proper_leader.on_p1b(context, leader, message)
        return tuple(
            proper_leader.begin(there(context), state, state.proposals)
            if state.active
            else Step(state, sends)
            for state, sends in steps
        )

    def on_p2b(context: Context, leader: Leader, message: P2b) -> Steps:
        return proper_leader.on_p2b(there(context), leader, message)

    return {Propose: on_propose, P1b: on_p1b, P2b: on_p2b}


def of_all(deployment: Deployment) -> tuple[Node, ...]:
    """The acceptors of all configurations."""
    return deployment.acceptors


def of_the_last(deployment: Deployment) -> tuple[Node, ...]:
    """The acceptors of the last configuration."""
    return deployment.configurations[-1].acceptors


RECONFIGURATION_MUTANTS = (
    by_rule(
        "E-01",
        "window-off-by-one",
        "replica",
        rules_with(proposing(may_propose_one_more)),
        about="A replica proposes one slot beyond its window: slot_in ≤ slot_out + WINDOW.",
        source="against the paper, section 2.1, propose: slot_in < slot_out + WINDOW",
        model=reconfiguring(),
        property="R1",
        length=20,
        account=elsewhere(7, ORACLE_AND_HELD),
        lesson="WINDOW is how far ahead the configuration of a slot is known, and not a slot farther.",
    ),
    by_rule(
        "E-02",
        "window-not-looked-at",
        "replica",
        rules_with(proposing(may_always_propose)),
        about="A replica proposes for every slot of the log at once.",
        source="against the paper, section 2.1, propose: slot_in < slot_out + WINDOW",
        model=reconfiguring(commands=2),
        property="R1",
        length=19,
        account=elsewhere(7, ORACLE),
        lesson="Without a window nobody knows who decides a slot. As long as nobody changes that, nothing "
        "breaks (D-51).",
    ),
    by_rule(
        "E-03",
        "changed-when-performed",
        "replica",
        AT_ONCE,
        about="A replica takes the new configuration when it performs the reconfiguration, and not only "
        "WINDOW slots later.",
        source="against the paper, section 2.1: slots from s + WINDOW on",
        model=reconfiguring(window=2),
        property="R1",
        length=20,
        account=elsewhere(7, ORACLE_AND_HELD),
        lesson="Replicas perform at different times; the number of a slot is the same for all of them.",
    ),
    by_rule(
        "B-13",
        "majority-of-all",
        "commander",
        commanding(of_all),
        about="A commander asks the acceptors of all configurations, and a majority of them all decides.",
        source="against the paper, section 2.1: a configuration is an instance of the Synod protocol",
        model=reconfiguring(acceptors=(1, 2), replicas=1, rules={"acceptor": "adopt-higher"}),
        property="RC-3",
        length=9,
        lesson="A majority of all need not hold one of the slot's own. With the equality of figure 4 those "
        "of another configuration refuse what they have not promised, and nothing is decided.",
    ),
    by_rule(
        "E-05",
        "quorum-of-the-newest",
        "commander",
        commanding(of_the_last),
        about="A commander asks the acceptors of the newest configuration, whichever its slot is for.",
        source="against the paper, section 2.1: a configuration is an instance of the Synod protocol",
        model=reconfiguring(replicas=1, rules={"acceptor": "adopt-higher"}),
        property="RC-3",
        length=7,
        lesson="What is in force now is not what decides a slot that was proposed before.",
    ),
    by_setting(
        "E-08",
        "applied-again",
        {"rules": {"reconfiguration": "applied-again"}},
        about="A reconfiguration that is decided for two slots is applied twice.",
        source="paper, section 2.1, function propose, as printed",
        model=reconfiguring(acceptors=(1, 1, 1), commands=0, slots=4),
        property="RC-4",
        length=23,
        lesson="Of commands perform tells duplicates; of reconfigurations propose must.",
    ),
    by_rule(
        "E-09",
        "reconfiguration-forgotten",
        "replica",
        {Decision: on_decision_forgets},
        about="A replica drops a decision once it is performed, and does not find the reconfiguration when "
        "its window comes to the slot.",
        source="against the paper, section 2.1, propose: it looks at the decision WINDOW slots below",
        model=reconfiguring(window=2, commands=2, slots=3),
        property="R1",
        length=22,
        lesson="What is performed may still be needed: to tell duplicates and, WINDOW slots later, who "
        "decides.",
        heavy=True,
    ),
    by_rule(
        "E-10",
        "old-leaders-too",
        "replica",
        rules_with(proposing(propose_one=propose_to_old_ones)),
        about="A replica proposes to the leaders of the old configuration too, and these go on.",
        source="against the paper, section 2.1, propose: to the leaders of the slot's configuration",
        model=reconfiguring(commands=2),
        property="R1",
        length=20,
        lesson="Old leaders do not know that they are old. Whoever proposes has to know.",
    ),
    by_setting(
        "E-51",
        "configuration-not-stable",
        {"stable": {"replica": [name for name in REPLICA.stable if name != "configuration"]}},
        about="A replica forgets its configuration in a crash, and keeps slot_in, which is past the "
        "reconfiguration.",
        source="paper, section 4.6, exercise 7: what is in stable storage",
        model=reconfiguring(slots=3, faults={"crashes": 1, "nodes": ["replicas"]}),
        property="RC-3",
        length=21,
        lesson="What was read off the log while slot_in passed is not read again: keep both or neither.",
    ),
)
RECONFIGURATION_CONTROLS = (
    by_rule(
        "N-08",
        "changed-at-once",
        "replica",
        AT_ONCE,
        about="A replica takes the new configuration when it performs the reconfiguration; WINDOW is 1.",
        source="paper, section 2.1, with WINDOW 1; compare E-03",
        model={**reconfiguring(commands=2, slots=3), "properties": AGREEMENT},
        lesson="With a window of one slot the next slot waits until the reconfiguration is performed: that "
        "is in time.",
    ),
)
