"""Statements that look true and are false of the correct protocol: each is worth a counterexample."""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from pmmc.values import Context, Node, in_slot_order
from spec import views
from spec.properties.goals import active_leaders, hole
from spec.properties.replicas import Decisions
from spec.setting import Setting


def _one_active_leader(setting: Setting, active: Mapping[Node, bool]) -> str | None:
    found = active_leaders(active)
    return f"{found[0]} and {found[1]} are both active" if len(found) > 1 else None


def _slot_in_within_window(context: Context, slots: tuple[int, int]) -> str | None:
    slot_in, slot_out = slots
    window = context.deployment.window
    if slot_in >= slot_out + window:
        return f"{context.me} has slot_in {slot_in}, slot_out {slot_out} and WINDOW {window}"
    return None


def _log_without_holes(context: Context, decisions: Decisions) -> str | None:
    found = hole(decisions)
    if found is None:
        return None
    return f"{context.me} knows the decision of slot {found[0]} and none of slot {found[1]}"


def _one_command_one_slot(setting: Setting, decisions: Mapping[Node, Decisions]) -> str | None:
    slots: dict[object, int] = {}
    for decided in decisions.values():
        for p in in_slot_order(decided):
            if slots.setdefault(p.command, p.slot) != p.slot:
                return f"{p.command} is decided for slot {slots[p.command]} and for slot {p.slot}"
    return None


TEMPTING = (
    Property(
        id="one-active-leader",
        kind=Kind.STATE,
        meaning="At most one leader is active.",
        source="false; lecture notes claim it, the paper nowhere does",
        views=(views.ACTIVE,),
        judge=_one_active_leader,
        default=False,
        note="A leader does not know that it was overtaken until a reply tells it. Two active leaders "
        "are safe because they have different ballots, and acceptors accept in one ballot only.",
    ),
    Property(
        id="slot-in-within-window",
        kind=Kind.NODE,
        meaning="slot_in < slot_out + WINDOW.",
        source="false; paper, section 2.1, invariant R5 as printed",
        views=(views.SLOTS,),
        judge=_slot_in_within_window,
        default=False,
        note="After a replica has filled its window slot_in equals slot_out + WINDOW. The inequality "
        "holds at the moment of proposing, which is what R5 states here.",
    ),
    Property(
        id="log-without-holes",
        kind=Kind.NODE,
        meaning="A replica that knows the decision of a slot knows those of all slots below.",
        source="false; a common belief about replicated logs",
        views=(views.DECISIONS,),
        judge=_log_without_holes,
        default=False,
        note="Commanders of different slots run side by side and their decisions overtake each other. "
        "A replica performs in slot order, so it waits at the hole.",
    ),
    Property(
        id="one-command-one-slot",
        kind=Kind.STATE,
        meaning="A command is decided for one slot only.",
        source="false; a common belief about replicated logs",
        views=(views.DECISIONS,),
        judge=_one_command_one_slot,
        default=False,
        note="Two replicas may propose the same request for different slots, and both proposals may be "
        "decided. perform skips the second one, so the command still takes effect once.",
    ),
)
