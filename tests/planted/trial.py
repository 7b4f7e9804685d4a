"""One fault against all detectors."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass

from . import (
    answers,
    clocks,
    elsewhere,
    histories,
    kept,
    meaning,
    ordering,
    reductions,
    runs,
    shifts,
    states,
)
from .detectors import detectors, early, noticed, pairing_set
from .planting import CATALOGUE, Fault

#: The modules that enter faults.
ENTERED = (states, reductions, shifts, runs, meaning, histories, clocks, ordering, kept, elsewhere, answers)
FAULTS = tuple(sorted(CATALOGUE, key=lambda fault: fault.room))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What noticed a fault first, and where; nothing if it survived."""

    by: str | None
    where: str = ""
    said: str = ""
    seconds: float = 0.0


def tried(fault: Fault | None, *, pairing: bool = True) -> Outcome:
    """Try the detectors one by one until one of them notices the fault; without one, none should."""
    begun = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(early())
        stack.enter_context(pairing_set(on=pairing))
        if fault is not None:
            stack.enter_context(fault.plant())
        for where, detector in detectors(None if fault is None else fault.kind):
            try:
                detector()
            except Exception as error:  # noqa: BLE001 - whatever the checker raises, it has noticed
                return Outcome(noticed(error), where, str(error), time.monotonic() - begun)
    return Outcome(None, seconds=time.monotonic() - begun)


def tried_twice(fault: Fault) -> tuple[Outcome, Outcome]:
    """What notices a fault, and what does so without pair assertions."""
    paired = tried(fault)
    return paired, tried(fault, pairing=False) if paired.by == "pair assertion" else paired
