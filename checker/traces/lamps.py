"""What every property says along a trace: after each step, does it hold, is it broken, is it silent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from checker.model.behaviour import Trace, is_terminal, judged
from checker.model.properties import On, Property


class Lamp(Enum):
    """What a property says of one moment."""

    #: a claim that must hold, and does
    HOLDS = "holds"
    #: a claim that must hold, and does not
    BROKEN = "broken"
    #: a goal that this state shows
    REACHED = "reached"
    #: a goal that this state does not show
    OPEN = "open"
    #: a claim about ends, where something may still follow; about steps, before the first one; about what
    #: can still be reached, where nothing is said of it
    SILENT = "not judged here"


@dataclass(frozen=True, slots=True)
class Strip:
    """One property along a trace: a lamp and the property's own sentence for each moment, start first."""

    claim: Property
    lamps: tuple[Lamp, ...]
    reasons: tuple[str | None, ...]

    def first(self) -> int | None:
        """The first moment at which it is broken or reached."""
        loud = (Lamp.BROKEN, Lamp.REACHED)
        return next((n for n, lamp in enumerate(self.lamps) if lamp in loud), None)


def along(trace: Trace) -> list[Strip]:
    """All properties of the system along a trace, in the order of the system."""
    moments = [replace(trace, steps=trace.steps[:n]) for n in range(len(trace.steps) + 1)]
    strips = []
    for claim in trace.system.properties:
        reasons = tuple(judged(moment, claim) for moment in moments)
        lamps = tuple(_lamp(m, claim, reason) for m, reason in zip(moments, reasons, strict=True))
        strips.append(Strip(claim, lamps, reasons))
    return strips


def _lamp(moment: Trace, claim: Property, reason: str | None) -> Lamp:
    if claim.kind.goal:
        return Lamp.OPEN if reason is None else Lamp.REACHED
    if reason is not None:
        return Lamp.BROKEN
    if claim.kind.on is On.STEP and not moment.steps:
        return Lamp.SILENT
    if claim.kind.on is On.FUTURE:  # it holds there, or there is too much ahead to be looked at
        return Lamp.SILENT
    if claim.kind.on is On.END and not is_terminal(moment.system, moment.final):
        return Lamp.SILENT
    return Lamp.HOLDS
