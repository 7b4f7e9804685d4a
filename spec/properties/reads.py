"""Reads that do not go through the log: RD-1, RD-2 and RD-3 (paper, section 4.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.values import Context
from spec import views

if TYPE_CHECKING:
    from spec.readings import Evaluation

SECTION = "paper, section 4.5"


def in_order(evaluated: frozenset[Evaluation]) -> list[Evaluation]:
    """Evaluations in an order that is the same in every process."""
    return sorted(
        evaluated, key=lambda e: (e.replica, e.command.client, e.command.cid, e.slot, e.slot_out, e.decided)
    )


def _rd1(context: Context, evaluated: frozenset[Evaluation]) -> str | None:
    for one in in_order(evaluated):
        if one.missing:
            without = show(tuple(sorted(one.missing, key=str)))
            return (
                f"{one.replica} has evaluated {one.command} without {without}, answered before it was asked"
            )
    return None


def _rd2(context: Context, evaluated: frozenset[Evaluation]) -> str | None:
    for one in in_order(evaluated):
        if one.lost:
            without = show(tuple(sorted(one.lost, key=str)))
            return (
                f"{one.replica} has evaluated {one.command} of {one.command.client} without {without}, "
                "which a read had seen that was answered before it was asked"
            )
    return None


def _rd3(context: Context, evaluated: frozenset[Evaluation]) -> str | None:
    for one in in_order(evaluated):
        when = f"{one.replica} has evaluated {one.command} with s = {one.slot}"
        if one.slot < one.decided:
            return f"{when}; slot {one.decided} was decided before it asked"
        if one.slot_out <= one.slot:
            return f"{when} while slot_out was {one.slot_out}"
    return None


READ_PROPERTIES = (
    Property(
        id="RD-1",
        kind=Kind.NODE,
        meaning="A read sees every command that was answered before the read was asked for.",
        source=f"{SECTION}; Herlihy and Wing, Linearizability, TOPLAS 1990 (of reads)",
        views=(views.EVALUATED,),
        judge=_rd1,
        default=False,
    ),
    Property(
        id="RD-2",
        kind=Kind.NODE,
        meaning="A read sees every write of its key that another read saw which was answered before it was "
        "asked for: reads do not go back in time.",
        source=f"{SECTION}; Herlihy and Wing, Linearizability, TOPLAS 1990 (of reads)",
        views=(views.EVALUATED,),
        judge=_rd2,
        default=False,
    ),
    Property(
        id="RD-3",
        kind=Kind.NODE,
        meaning="When a replica evaluates a read slot_out is above s, the slot that acceptors have named, "
        "and no slot above s was decided before it asked them.",
        source=SECTION,
        views=(views.EVALUATED,),
        judge=_rd3,
        default=False,
    ),
)
