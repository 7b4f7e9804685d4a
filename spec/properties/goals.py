"""What a good model must be able to reach: `sometimes` properties, so that no pass is empty."""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from pmmc.values import Ballot, Node, Proposal
from spec import views
from spec.properties.replicas import Decisions, Performed, in_slot_order
from spec.setting import Setting

Phase = tuple[Ballot, bool, bool]


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


def _all_performed(setting: Setting, performed: Mapping[Node, Performed]) -> str | None:
    if performed and all(set(setting.commands) <= set(done) for done in performed.values()):
        return "every replica has performed every command"
    return None


GOALS = (
    Property(
        "slot-decided",
        Kind.SOMETIMES,
        "A replica learns a decision.",
        "non-triviality: a model in which nothing is decided proves nothing",
        (views.DECISIONS,),
        _slot_decided,
    ),
    Property(
        "leader-preempted",
        Kind.SOMETIMES,
        "A leader meets a higher ballot than its own.",
        "paper, section 2.4",
        (views.PHASE,),
        _leader_preempted,
    ),
    Property(
        "two-leaders-active",
        Kind.SOMETIMES,
        "Two leaders are active at the same time.",
        "paper, section 2.3: ballots make that safe",
        (views.ACTIVE,),
        _two_active,
    ),
    Property(
        "hole-in-log",
        Kind.SOMETIMES,
        "A replica learns the decision of a slot before that of a slot below it.",
        "paper, section 2.1",
        (views.DECISIONS,),
        _hole,
    ),
    Property(
        "all-performed",
        Kind.SOMETIMES,
        "Every replica has performed every command.",
        "paper, section 2.1",
        (views.PERFORMED,),
        _all_performed,
    ),
)
