"""The safety invariants of replicas, R1 to R5, and what clients rely on (paper, sections 2.1 and 2.2)."""

from collections.abc import Mapping
from itertools import combinations

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc import kv
from pmmc.values import Command, Context, Node, Proposal
from spec import views
from spec.setting import Setting

Decisions = frozenset[Proposal]
Performed = tuple[Command, ...]


def in_slot_order(decisions: Decisions) -> list[Proposal]:
    """Decisions by slot, and within one slot by command."""
    return sorted(decisions, key=lambda p: (p.slot, str(p.command)))


def _r1(setting: Setting, decisions: Mapping[Node, Decisions]) -> str | None:
    known = [(p, node) for node, decided in decisions.items() for p in in_slot_order(decided)]
    for (p, a), (q, b) in combinations(known, 2):
        if p.slot == q.slot and p.command != q.command:
            return f"slot {p.slot} is decided as {p.command} at {a} and as {q.command} at {b}"
    return None


def _r2(context: Context, log: tuple[int, Decisions]) -> str | None:
    slot_out, decisions = log
    missing = sorted(set(range(1, slot_out)) - {p.slot for p in decisions})
    if missing:
        return f"{context.me} has slot_out {slot_out} and no decision for slot {missing[0]}"
    return None


def fold(decisions: Decisions, slot_out: int) -> tuple[kv.Store, Performed]:
    """What a replica must have performed, and its store: decisions below slot_out, each command once."""
    store = kv.EMPTY
    performed: Performed = ()
    for p in in_slot_order(decisions):
        if p.slot < slot_out and p.command not in performed:
            store, _ = kv.apply(store, p.command.op)
            performed = (*performed, p.command)
    return store, performed


def _r3(context: Context, application: tuple[int, Decisions, kv.Store]) -> str | None:
    slot_out, decisions, store = application
    expected, _ = fold(decisions, slot_out)
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
            if p.command not in setting.commands:
                return f"{node} knows {p} as decided, which no client has submitted"
    return None


def _exactly_once(context: Context, performed: Performed) -> str | None:
    for i, command in enumerate(performed):
        if command in performed[:i]:
            return f"{context.me} has performed {command} of {command.client} twice"
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
    logs: Mapping[Node, tuple[int, Decisions]],
) -> str | None:
    histories = [fold(decisions, slot_out)[1] for slot_out, decisions in logs.values()]
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


def _no_lost_command(setting: Setting, performed: Mapping[Node, Performed]) -> str | None:
    for node, done in performed.items():
        for command in setting.commands:
            if command not in done:
                return f"nothing more will happen, and {node} has not performed {command}"
    return None


REPLICA_PROPERTIES = (
    Property(
        "R1",
        Kind.STATE,
        "No two different commands are decided for one slot.",
        "paper, section 2.1, invariant R1",
        (views.DECISIONS,),
        _r1,
    ),
    Property(
        "R2",
        Kind.NODE,
        "Every slot below slot_out has a decision.",
        "paper, section 2.1, invariant R2",
        (views.LOG,),
        _r2,
    ),
    Property(
        "R3",
        Kind.NODE,
        "The application state is the initial one with the decided commands of the slots below "
        "slot_out applied in slot order, each command once.",
        "paper, section 2.1, invariant R3",
        (views.APPLICATION,),
        _r3,
    ),
    Property(
        "R4",
        Kind.ACTION,
        "slot_out never decreases.",
        "paper, section 2.1, invariant R4",
        (views.SLOT_OUT,),
        _r4,
    ),
    Property(
        "R5",
        Kind.ACTION,
        "A replica proposes only for slots whose configuration it knows: below slot_out + WINDOW when "
        "it proposes, so that slot_in ≤ slot_out + WINDOW always.",
        "paper, section 2.1, invariant R5 in its correct form (the printed one is slot-in-within-window)",
        (views.WINDOW,),
        _r5,
    ),
    Property(
        "validity",
        Kind.STATE,
        "Every decided command was submitted by a client.",
        "Chand, Liu and Stoller, Formal Verification of Multi-Paxos, FM 2016",
        (views.DECISIONS,),
        _validity,
    ),
    Property(
        "exactly-once",
        Kind.NODE,
        "No replica performs a command twice.",
        "paper, section 2.1, perform",
        (views.PERFORMED,),
        _exactly_once,
    ),
    Property(
        "prefix-agreement",
        Kind.STATE,
        "What one replica has performed is a prefix of what the other has, or the other way round.",
        "paper, section 2.1: replicas perform the same commands in the same order",
        (views.PERFORMED,),
        _prefix,
    ),
    Property(
        "response-integrity",
        Kind.STATE,
        "A client's answer is the result of its command at its first place in the decided log.",
        "paper, section 2.1, perform; Hawblitzel et al., IronFleet, SOSP 2015 (reply cache)",
        (views.ANSWERS, views.LOG),
        _response_integrity,
    ),
    Property(
        "no-lost-command",
        Kind.TERMINAL,
        "When nothing more can happen, every replica has performed every command.",
        "paper, section 3: each outstanding command is eventually decided",
        (views.PERFORMED,),
        _no_lost_command,
    ),
)
