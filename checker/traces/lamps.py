"""What every property says along a trace: after each step, does it hold, is it broken, is it silent.

What a temporal property claims of runs is judged once, where the trace ends: of the run that goes on as the
trace says, or stays there for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    #: can still be reached, where nothing is said of it; about runs, before the end of the trace
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


def along(trace: Trace, claims: Sequence[Property] | None = None) -> list[Strip]:
    """What properties say along a trace, in their order; None: all of the system."""
    moments = [*beginnings(trace), trace]
    strips = []
    for claim in trace.system.properties if claims is None else claims:
        late = claim.kind.on is On.RUN
        reasons = tuple(None if late and m is not trace else judged(m, claim) for m in moments)
        lamps = tuple(_lamp(m, claim, reason) for m, reason in zip(moments, reasons, strict=True))
        strips.append(Strip(claim, lamps, reasons))
    return strips


def beginnings(trace: Trace) -> Iterator[Trace]:
    """The trace cut after each step but the last, the shortest first; each ends where it is cut."""
    return (cut(trace, length) for length in range(len(trace.steps)))


def cut(trace: Trace, length: int) -> Trace:
    """The first steps of a trace; it ends there, unless that is all of it."""
    return trace if length == len(trace.steps) else replace(trace, steps=trace.steps[:length], loop=None)


def _lamp(moment: Trace, claim: Property, reason: str | None) -> Lamp:
    if claim.kind.goal:
        return Lamp.OPEN if reason is None else Lamp.REACHED
    if reason is not None:
        return Lamp.BROKEN
    if claim.kind.on is On.STEP and not moment.steps:
        return Lamp.SILENT
    if claim.kind.on in (On.FUTURE, On.RUN):  # it holds there, or nothing is said of it
        return Lamp.SILENT
    if claim.kind.on is On.END and not is_terminal(moment.system, moment.final):
        return Lamp.SILENT
    return Lamp.HOLDS
