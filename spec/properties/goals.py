"""What a good model must be able to reach: `sometimes` properties, so that no pass is empty."""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from pmmc.ballots import Ballot
from pmmc.kv import Value
from pmmc.values import Command, Node, Proposal, in_slot_order
from spec import views
from spec.properties.replicas import Decisions, Performed
from spec.setting import Setting

Phase = tuple[Ballot, bool, bool]
#: Of a client: the commands still to be sent, and the one that waits for an answer.
Waiting = tuple[tuple[Command, ...], Command | None]
#: The answers that a client has got.
Answers = tuple[tuple[Command, Value], ...]


def _slot_decided(setting: Setting, decisions: Mapping[Node, Decisions]) -> str | None:
    for node, decided in decisions.items():
        for p in in_slot_order(decided):
            return f"{node} knows {p} as decided"
    return None


def _leader_preempted(setting: Setting, phases: Mapping[Node, Phase]) -> str | None:
    for node, (ballot, active, scouting) in phases.items():
        if not active and not scouting:
            return f"{node} was preempted and has retired with ballot {ballot}"
        if ballot > setting.deployment.ballots.first(node.index):
            return f"{node} was preempted and tries ballot {ballot}"
    return None


def active_leaders(active: Mapping[Node, bool]) -> list[Node]:
    """The leaders that are active."""
    return [node for node, is_active in active.items() if is_active]


def _two_active(setting: Setting, active: Mapping[Node, bool]) -> str | None:
    found = active_leaders(active)
    return f"{found[0]} and {found[1]} are active" if len(found) > 1 else None


def hole(decisions: frozenset[Proposal]) -> tuple[int, int] | None:
    """A decided slot and an undecided one below it, if there is such a pair."""
    slots = {p.slot for p in decisions}
    missing = sorted(set(range(1, max(slots, default=0))) - slots)
    return (max(slots), missing[0]) if missing else None


def _hole(setting: Setting, decisions: Mapping[Node, Decisions]) -> str | None:
    for node, decided in decisions.items():
        found = hole(decided)
        if found is not None:
            return f"{node} knows the decision of slot {found[0]} and none of slot {found[1]}"
    return None


def all_performed(setting: Setting, performed: Mapping[Node, Performed]) -> str | None:
    """A sentence if every replica has performed every command."""
    if performed and all(set(setting.performable) <= set(done) for done in performed.values()):
        return "every replica has performed every command"
    return None


def all_answered(setting: Setting, answers: Mapping[Node, Answers]) -> str | None:
    """A sentence if every client has the answers to all of its commands: it has given up none."""
    answered = {command for got in answers.values() for command, _ in got}
    if all(command in answered for command in setting.commands if command.client in answers):
        return "every client has the answers to all of its commands"
    return None


GOALS = (
    Property(
        id="slot-decided",
        kind=Kind.SOMETIMES,
        meaning="A replica learns a decision.",
        source="non-triviality: a model in which nothing is decided proves nothing",
        views=(views.DECISIONS,),
        judge=_slot_decided,
    ),
    Property(
        id="leader-preempted",
        kind=Kind.SOMETIMES,
        meaning="A leader meets a higher ballot than its own.",
        source="paper, section 2.4",
        views=(views.PHASE,),
        judge=_leader_preempted,
    ),
    Property(
        id="two-leaders-active",
        kind=Kind.SOMETIMES,
        meaning="Two leaders are active at the same time.",
        source="paper, section 2.3: ballots make that safe",
        views=(views.ACTIVE,),
        judge=_two_active,
    ),
    Property(
        id="hole-in-log",
        kind=Kind.SOMETIMES,
        meaning="A replica learns the decision of a slot before that of a slot below it.",
        source="paper, section 2.1",
        views=(views.DECISIONS,),
        judge=_hole,
    ),
    Property(
        id="all-performed",
        kind=Kind.SOMETIMES,
        meaning="Every replica has performed every command.",
        source="paper, section 2.1",
        views=(views.PERFORMED,),
        judge=all_performed,
    ),
    Property(
        id="all-answered",
        kind=Kind.SOMETIMES,
        meaning="Every client has the answers to all of its commands.",
        source="paper, section 2.1, invoke; DSLabs, lab 3, CLIENTS_DONE",
        views=(views.ANSWERS,),
        judge=all_answered,
    ),
)
