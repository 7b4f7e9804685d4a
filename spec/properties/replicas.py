"""The safety invariants of replicas, R1 to R5, and what clients rely on (paper, sections 2.1 and 2.2)."""

from collections.abc import Mapping
from itertools import combinations

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc import kv
from pmmc.replica import fold
from pmmc.values import Command, Context, Node, Proposal, filler, in_slot_order
from spec import views
from spec.checkpoints import Checkpoint
from spec.properties.acceptors import Accepted, chosen, held_by
from spec.setting import Setting

Decisions = frozenset[Proposal]
Performed = tuple[Command, ...]
#: slot_out, decisions, and the state that the replica began with or was given
Log = tuple[int, Decisions, Checkpoint]


def performed_since(log: Log) -> tuple[kv.Store, Performed]:
    """The store and the history that a replica's decisions give, from the state that it began with."""
    slot_out, decisions, begun = log
    later = frozenset(p for p in decisions if p.slot >= begun.slot)
    return fold(later, slot_out, begun.store, begun.performed)


def _r1(setting: Setting, decisions: Mapping[Node, Decisions]) -> str | None:
    known = [(p, node) for node, decided in decisions.items() for p in in_slot_order(decided)]
    for (p, a), (q, b) in combinations(known, 2):
        if p.slot == q.slot and p.command != q.command:
            return f"slot {p.slot} is decided as {p.command} at {a} and as {q.command} at {b}"
    return None


def _decided_is_chosen(
    setting: Setting, decisions: Mapping[Node, Decisions], accepted: Accepted
) -> str | None:
    known = {Proposal(p.slot, p.command) for p, _ in chosen(setting, accepted)}
    for node, decided in decisions.items():
        for p in in_slot_order(decided - known):
            votes = [
                (q, voter) for q, voter in held_by(accepted) if (q.slot, q.command) == (p.slot, p.command)
            ]
            held = ", ".join(f"{voter} {q}" for q, voter in votes) or "nobody"
            return f"{node} knows {p} as decided, which no quorum has accepted in one ballot: {held}"
    return None


def _r2(context: Context, log: Log) -> str | None:
    slot_out, decisions, begun = log
    missing = sorted(set(range(begun.slot, slot_out)) - {p.slot for p in decisions})
    if missing:
        return f"{context.me} has slot_out {slot_out} and no decision for slot {missing[0]}"
    return None


def _r3(context: Context, application: tuple[int, Decisions, Checkpoint, kv.Store]) -> str | None:
    slot_out, decisions, begun, store = application
    expected, _ = performed_since((slot_out, decisions, begun))
    if store != expected:
        return (
            f"{context.me} holds {show(store)}; its decisions below slot {slot_out} give {show(expected)}"
        )
    return None


def _r4(context: Context, before: int, after: int) -> str | None:
    return f"{context.me} goes back from slot_out {before} to {after}" if after < before else None


def _r5(
    context: Context,
    before: tuple[int, int, frozenset[Proposal]],
    after: tuple[int, int, frozenset[Proposal]],
) -> str | None:
    slot_in, slot_out, proposals = after
    window = context.deployment.window
    for p in in_slot_order(proposals - before[2]):
        if p.slot >= slot_out + window:
            return f"{context.me} proposes {p} while slot_out is {slot_out} and WINDOW {window}"
    if slot_in > slot_out + window:
        return f"{context.me} has slot_in {slot_in}, slot_out {slot_out} and WINDOW {window}"
    return None


def _validity(setting: Setting, decisions: Mapping[Node, Decisions]) -> str | None:
    for node, decided in decisions.items():
        for p in in_slot_order(decided):
            if p.command not in setting.commands and p.command != filler(p.slot):
                return f"{node} knows {p} as decided, which no client has submitted"
    return None


def _exactly_once(context: Context, performed: Performed) -> str | None:
    for i, command in enumerate(performed):
        if command in performed[:i]:
            return f"{context.me} has performed {command} of {command.client} twice"
    return None


def _session_order(context: Context, performed: Performed) -> str | None:
    for i, command in enumerate(performed):
        overtaken = [c for c in performed[i:] if c.client == command.client and c.cid < command.cid]
        if overtaken:
            return (
                f"{context.me} has performed {command} of {command.client} before {overtaken[0]}, which it "
                "had asked for first"
            )
    return None


def _prefix(setting: Setting, performed: Mapping[Node, Performed]) -> str | None:
    for (a, x), (b, y) in combinations(performed.items(), 2):
        shared = min(len(x), len(y))
        if x[:shared] != y[:shared]:
            return f"{a} has performed {show(x)} and {b} {show(y)}: neither is a prefix of the other"
    return None


def _response_integrity(
    setting: Setting,
    answers: Mapping[Node, tuple[tuple[Command, kv.Value], ...]],
    logs: Mapping[Node, Log],
) -> str | None:
    histories = [performed_since(log)[1] for log in logs.values()]
    longest = max(histories, key=len, default=())
    for client, got in answers.items():
        for command, result in got:
            if command not in longest:
                return f"{client} was answered on {command}, which no replica can have performed"
            store = kv.EMPTY
            for earlier in longest[: longest.index(command)]:
                store, _ = kv.apply(store, earlier.op)
            _, expected = kv.apply(store, command.op)
            if result != expected:
                return f"{client} got {show(result)} for {command}; the decided log gives {show(expected)}"
    return None


def _no_abandoned_slot(context: Context, log: tuple[int, int, frozenset[int]]) -> str | None:
    slot_in, slot_out, covered = log
    for slot in range(slot_out, slot_in):
        if slot not in covered:
            return f"{context.me} is past slot {slot} with neither a decision nor a proposal for it"
    return None


def _nothing_decided(context: Context, decisions: Decisions) -> str | None:
    for p in in_slot_order(decisions):
        return f"{context.me} knows {p} as decided"
    return None


REPLICA_PROPERTIES = (
    Property(
        id="R1",
        kind=Kind.STATE,
        meaning="No two different commands are decided for one slot.",
        source="paper, section 2.1, invariant R1",
        views=(views.DECISIONS,),
        judge=_r1,
    ),
    Property(
        id="decided-is-chosen",
        kind=Kind.STATE,
        meaning="What a replica knows as decided, a quorum of acceptors has accepted in one ballot.",
        source="paper, section 2.3: decided is what a quorum has accepted; Padon et al., "
        "Paxos Made EPR, OOPSLA 2017 (a decision has a quorum of votes)",
        views=(views.DECISIONS, views.ACCEPTED),
        judge=_decided_is_chosen,
    ),
    Property(
        id="R2",
        kind=Kind.NODE,
        meaning="Every slot below slot_out has a decision, or is below the state that was transferred.",
        source="paper, section 2.1, invariant R2",
        views=(views.LOG,),
        judge=_r2,
    ),
    Property(
        id="R3",
        kind=Kind.NODE,
        meaning="The application state is the initial one, or the one that was transferred, with the "
        "decided commands of the slots below slot_out applied in slot order, each command once.",
        source="paper, section 2.1, invariant R3",
        views=(views.APPLICATION,),
        judge=_r3,
    ),
    Property(
        id="R4",
        kind=Kind.ACTION,
        meaning="slot_out never decreases.",
        source="paper, section 2.1, invariant R4",
        views=(views.SLOT_OUT,),
        judge=_r4,
    ),
    Property(
        id="R5",
        kind=Kind.ACTION,
        meaning="A replica proposes only for slots whose configuration it knows: below slot_out + WINDOW "
        "when it proposes, so that slot_in ≤ slot_out + WINDOW always.",
        source="paper, section 2.1, invariant R5 in its correct form (the printed one is "
        "slot-in-within-window)",
        views=(views.WINDOW,),
        judge=_r5,
    ),
    Property(
        id="validity",
        kind=Kind.STATE,
        meaning="Every decided command was submitted by a client, or is the no-op that replicas propose "
        "for its slot.",
        source="Chand, Liu and Stoller, Formal Verification of Multi-Paxos, FM 2016; of no-ops: paper, "
        "section 4.5",
        views=(views.DECISIONS,),
        judge=_validity,
    ),
    Property(
        id="exactly-once",
        kind=Kind.NODE,
        meaning="No replica performs a command twice.",
        source="paper, section 2.1, perform",
        views=(views.PERFORMED,),
        judge=_exactly_once,
    ),
    Property(
        id="prefix-agreement",
        kind=Kind.STATE,
        meaning="What one replica has performed is a prefix of what the other has, or the other way round.",
        source="paper, section 2.1: replicas perform the same commands in the same order",
        views=(views.PERFORMED,),
        judge=_prefix,
    ),
    Property(
        id="response-integrity",
        kind=Kind.STATE,
        meaning="A client's answer is the result of its command at its first place in the decided log.",
        source="paper, section 2.1, perform; Hawblitzel et al., IronFleet, SOSP 2015 (reply cache)",
        views=(views.ANSWERS, views.LOG),
        judge=_response_integrity,
    ),
    Property(
        id="session-order",
        kind=Kind.NODE,
        meaning="A replica performs the commands of each client in the order in which it has asked for "
        "them.",
        source="Terry et al., Session Guarantees for Weakly Consistent Replicated Data, PDIS 1994; of a "
        "client with one command at a time it follows from linearizability",
        views=(views.PERFORMED,),
        judge=_session_order,
        default=False,
    ),
    Property(
        id="no-abandoned-slot",
        kind=Kind.NODE,
        meaning="For every slot that a replica has passed with slot_in and not yet with slot_out it knows "
        "a decision or has a proposal.",
        source="paper, section 2.1, function propose",
        views=(views.COVERED,),
        judge=_no_abandoned_slot,
        default=False,
    ),
    Property(
        id="nothing-decided",
        kind=Kind.NODE,
        meaning="No replica knows a decision.",
        source="of those whom too few acceptors can hear, such as a minority in a partition; DSLabs, "
        "lab 3, NONE_DECIDED",
        views=(views.DECISIONS,),
        judge=_nothing_decided,
        default=False,
    ),
)
