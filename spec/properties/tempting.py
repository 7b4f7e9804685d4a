"""Statements that look true and are false of the correct protocol: each is worth a counterexample."""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from pmmc.values import Context, Node
from spec import views
from spec.properties.goals import active_leaders, hole
from spec.properties.replicas import Decisions, in_slot_order
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
        "one-active-leader",
        Kind.STATE,
        "At most one leader is active.",
        "false; lecture notes claim it, the paper nowhere does",
        (views.ACTIVE,),
        _one_active_leader,
        note="A leader does not know that it was overtaken until a reply tells it. Two active leaders "
        "are safe because they have different ballots, and acceptors accept in one ballot only.",
    ),
    Property(
        "slot-in-within-window",
        Kind.NODE,
        "slot_in < slot_out + WINDOW.",
        "false; paper, section 2.1, invariant R5 as printed",
        (views.SLOTS,),
        _slot_in_within_window,
        note="After a replica has filled its window slot_in equals slot_out + WINDOW. The inequality "
        "holds at the moment of proposing, which is what R5 states here.",
    ),
    Property(
        "log-without-holes",
        Kind.NODE,
        "A replica that knows the decision of a slot knows those of all slots below.",
        "false; a common belief about replicated logs",
        (views.DECISIONS,),
        _log_without_holes,
        note="Commanders of different slots run side by side and their decisions overtake each other. "
        "A replica performs in slot order, so it waits at the hole.",
    ),
    Property(
        "one-command-one-slot",
        Kind.STATE,
        "A command is decided for one slot only.",
        "false; a common belief about replicated logs",
        (views.DECISIONS,),
        _one_command_one_slot,
        note="Two replicas may propose the same request for different slots, and both proposals may be "
        "decided. perform skips the second one, so the command still takes effect once.",
    ),
)
