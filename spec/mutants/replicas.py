"""Replicas that are wrong on purpose: about slots, about what to perform, about commands that lost."""

from collections.abc import Callable
from dataclasses import replace

from pmmc import replica as proper
from pmmc.kv import Append, NoOp, Reconfigure
from pmmc.messages import Decision, Request
from pmmc.replica import Replica
from pmmc.values import Command, Context, Node, Proposal, Sends, Step
from spec.mutants.configurations import by_rule, elsewhere, natural

Steps = tuple[Step, ...]
Perform = Callable[[Context, Replica, Command], tuple[Replica, Sends]]
REPLICA_LEVEL = "an explorer of replicas alone has no leaders and acceptors between proposal and decision"


def performing(
    perform: Perform = proper.perform,
    reclaim: Callable[[Replica, Command], Replica] = proper.reclaim,
    propose: Callable[[Context, Replica], Step] = proper.propose,
) -> Callable[[Context, Replica, Decision], Steps]:
    """The rule for decisions with another way to perform, to take back, or to propose."""

    def on_decision(context: Context, replica: Replica, message: Decision) -> Steps:
        decision = Proposal(message.slot, message.command)
        if decision in replica.decisions:
            return ()
        informed = replace(replica, decisions=replica.decisions | {decision})
        return tuple(
            Step(proposed.state, responses + proposed.sends)
            for performed, responses in perform_all(context, informed, ())
            for proposed in (propose(context, performed),)
        )

    def perform_all(
        context: Context, replica: Replica, responses: Sends
    ) -> tuple[tuple[Replica, Sends], ...]:
        commands = proper.decided_for(replica, replica.slot_out)
        if not commands:
            return ((replica, responses),)
        ways = (perform(context, reclaim(replica, command), command) for command in commands)
        return tuple(end for done, sends in ways for end in perform_all(context, done, responses + sends))

    return on_decision


def only_newest(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Perform unless the client has had a command with this number or a higher one."""
    newest = max((c.cid for c in replica.performed if c.client == command.client), default=0)
    if command.cid <= newest:
        return replace(replica, slot_out=replica.slot_out + 1), ()
    return proper.execute(context, replica, command)


def discard(replica: Replica, command: Command) -> Replica:
    """A proposal that lost its slot is forgotten."""
    kept = frozenset(p for p in replica.proposals if p.slot != replica.slot_out)
    return replace(replica, proposals=kept)


def with_own_name(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Perform an operation whose effect depends on who performs it; a no-op has none."""
    if isinstance(command.op, NoOp | Reconfigure):
        return proper.perform(context, replica, command)
    there = replace(command, op=Append(command.op.key, str(context.me)))
    done, sends = proper.perform(context, replica, command)
    if done.performed == replica.performed:
        return done, sends
    local, _ = proper.execute(context, done, there)
    return replace(done, store=local.store), sends


def own_proposal(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Perform what was proposed for the slot rather than what was decided."""
    ours = sorted((p.command for p in replica.proposals if p.slot == replica.slot_out), key=str)
    return proper.perform(context, replica, ours[0] if ours else command)


def on_decision_at_arrival(context: Context, replica: Replica, message: Decision) -> Steps:
    """Perform a decision when it arrives, and count it."""
    decision = Proposal(message.slot, message.command)
    if decision in replica.decisions:
        return ()
    known = replace(replica, decisions=replica.decisions | {decision})
    if message.command in replica.performed:
        return (proper.propose(context, replace(known, slot_out=known.slot_out + 1)),)
    known, responses = proper.execute(context, proper.reclaim(known, message.command), message.command)
    proposed = proper.propose(context, known)
    return (Step(proposed.state, responses + proposed.sends),)


def on_decision_jumps(context: Context, replica: Replica, message: Decision) -> Steps:
    """Go on with the slot of the latest decision."""
    if message.slot > replica.slot_out:
        replica = replace(replica, slot_out=message.slot)
    return proper.on_decision(context, replica, message)


def on_decision_goes_back(context: Context, replica: Replica, message: Decision) -> Steps:
    """Go to the slot of the latest decision, also when it was performed already."""
    known = Proposal(message.slot, message.command) in replica.decisions
    if known and message.slot + 1 < replica.slot_out:
        return (Step(replace(replica, slot_out=message.slot + 1)),)
    return proper.on_decision(context, replica, message)


def on_decision_forgets(context: Context, replica: Replica, message: Decision) -> Steps:
    """Drop a decision once it is performed."""
    return tuple(
        Step(replace(s, decisions=frozenset(p for p in s.decisions if p.slot >= s.slot_out)), sends)
        for s, sends in proper.on_decision(context, replica, message)
    )


def on_request_any_slot(context: Context, replica: Replica, message: Request) -> Steps:
    """Propose a request at once, for the next slot, however far that is ahead."""
    held = {p.command for p in replica.proposals | replica.decisions}
    slots = context.deployment.slots
    if message.command in held or (slots is not None and replica.slot_in > slots):
        return ()
    asked = replace(replica, requests=(*replica.requests, message.command))
    proposed, sends = proper.propose_one(context, asked, message.command)
    return (Step(replace(proposed, slot_in=replica.slot_in + 1), sends),)


def abandon(context: Context, replica: Replica) -> Steps:
    """Out of patience: propose a command of one's own for the next slot, and give the old slot up."""
    waiting = sorted((p for p in replica.proposals if p.slot >= replica.slot_out), key=str)
    if not waiting:
        return ()
    others = replace(
        replica,
        proposals=replica.proposals - {waiting[0]},
        requests=(waiting[0].command, *replica.requests),
    )
    step = proper.propose(context, others)
    return (step,) if step.state.slot_in > replica.slot_in else ()


def fill(context: Context, replica: Replica) -> Steps:
    """Fill an open slot with an operation that nobody asked for."""
    filler = Command(Node("client", 99), 1, Append("nothing", context.me.role))
    if replica.proposals or replica.decisions or replica.requests:
        return ()
    return (proper.propose(context, replace(replica, requests=(filler,))),)


REPLICA_MUTANTS = (
    by_rule(
        "D-01",
        "performs-duplicates",
        "replica",
        {Decision: performing(proper.execute)},
        about="A command that is decided for two slots is performed twice.",
        source="against the paper, section 2.1, perform; ahelwer/PaxosCluster#3; xline-kv/Xline#88",
        model=natural(replicas=2, commands=2, slots=2),
        property="exactly-once",
        length=13,
        account=elsewhere(6, REPLICA_LEVEL),
        lesson="Deciding twice is normal (P14); performing once is the replica's duty.",
    ),
    by_rule(
        "D-03",
        "displaced-proposal-forgotten",
        "replica",
        {Decision: performing(reclaim=discard)},
        about="A proposal that lost its slot to another command is not put back among the requests.",
        source="against the paper, section 2.1, figure 1: requests := requests ∪ {c''}",
        model=natural(replicas=2, commands=2, slots=2),
        property="no-lost-command",
        length=16,
        account="found in 2 terminal states by an explorer of replicas alone",
        lesson="To lose a slot is not to lose a command.",
        heavy=True,
    ),
    by_rule(
        "D-04",
        "order-of-arrival",
        "replica",
        {Decision: on_decision_at_arrival},
        about="Decisions are performed in the order in which they arrive.",
        source="against the paper, section 2.1: in the order of slots",
        model=natural(replicas=2, commands=2, slots=2),
        property="prefix-agreement",
        length=12,
        account=elsewhere(6, REPLICA_LEVEL),
        lesson="Consensus on slots is worth nothing if slots are not performed in order.",
    ),
    by_rule(
        "D-08",
        "slot-abandoned",
        "replica",
        {},
        wakes={"retry": abandon},
        about="A command that takes long is proposed for a new slot, and the old slot is given up.",
        source="against the paper, section 2.1: each slot that slot_in has passed is decided or proposed "
        "for",
        model=natural(slots=2),
        property="no-abandoned-slot",
        length=2,
        lesson="Send the same proposal for the same slot again; a new slot leaves a hole that nobody "
        "fills.",
    ),
    by_rule(
        "D-10",
        "operation-depends-on-replica",
        "replica",
        {Decision: performing(with_own_name)},
        about="An operation has another effect at each replica, as with a local clock or a random number.",
        source="against the paper, section 2.1: operations are deterministic",
        model=natural(replicas=2, symmetry=[]),
        property="R3",
        length=7,
        lesson="A replicated state machine must be a function of its log.",
    ),
    by_rule(
        "D-51",
        "window-ignored",
        "replica",
        {Request: on_request_any_slot},
        about="A replica proposes however far ahead of what it has performed.",
        source="against the paper, section 2.1, invariant R5",
        model=natural(commands=3, slots=3),
        property="R5",
        length=3,
        lesson="WINDOW is what makes the configuration of a slot known; without reconfiguration nothing "
        "else breaks.",
    ),
    by_rule(
        "D-52",
        "slot-out-jumps",
        "replica",
        {Decision: on_decision_jumps},
        about="slot_out follows the latest decision and passes over slots that are undecided.",
        source="against the paper, section 2.1, invariant R2",
        model=natural(commands=2, slots=2),
        property="R2",
        length=8,
        lesson="A hole in the log must be waited for.",
    ),
    by_rule(
        "D-53",
        "decision-forgotten",
        "replica",
        {Decision: on_decision_forgets},
        about="A decision is dropped once it is performed.",
        source="against the paper, section 2.1: decisions are kept, to tell duplicates",
        model=natural(replicas=2, commands=2, slots=2),
        property="exactly-once",
        length=13,
        lesson="The log is also the memory of what was performed.",
    ),
    by_rule(
        "D-54",
        "slot-out-goes-back",
        "replica",
        {Decision: on_decision_goes_back},
        about="A decision of an earlier slot takes slot_out back.",
        source="against the paper, section 2.1, invariant R4",
        model=natural(commands=2, slots=2, network="lossy-duplicating"),
        property="R4",
        length=13,
        lesson="Progress of a replica has one direction.",
    ),
    by_rule(
        "D-55",
        "performs-own-proposal",
        "replica",
        {Decision: performing(own_proposal, reclaim=lambda replica, command: replica)},
        about="A replica performs what it has proposed for a slot, not what was decided.",
        source="against the paper, section 2.1: decisions, not proposals, are performed",
        model=natural(replicas=2, commands=2),
        property="R3",
        length=8,
        lesson="A proposal is a wish.",
    ),
    by_rule(
        "D-56",
        "fills-slots",
        "replica",
        {},
        wakes={"fill": fill},
        about="A replica fills an open slot with an operation that no client has asked for.",
        source="against Chand, Liu and Stoller, Formal Verification of Multi-Paxos, FM 2016: validity",
        model=natural(),
        property="validity",
        length=7,
        lesson="A filler must be known as one, or it is a command that nobody sent.",
    ),
)
