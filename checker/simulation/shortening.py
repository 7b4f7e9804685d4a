"""Shortening: of a run that shows something fewer steps that show it too.

First steps are left out that are not needed: delta debugging (Zeller and Hildebrandt 2002, "Simplifying and
isolating failure-inducing input") over the events of the run, where of what remains all is taken that can
still be. In the end no single step can be left out. Then a breadth-first search around what is left, of so
many states from each of its states on, looks for shorter ways to what is shown, or to a later state of the
run. Both go on in turns until nothing is gained. What is done depends on the run alone, not on time.
"""

from __future__ import annotations

from collections.abc import Sequence

from checker.engines.simulating import Event
from checker.model.semantics import ModelError, State
from checker.simulation.replaying import Replayer, Shows, Taken

#: Events that are taken at most while one run is shortened, and states that are looked at around each
#: state.
WORK, AROUND = 400_000, 150


def shortened(replayer: Replayer, events: Sequence[Event], shows: Shows) -> list[Taken] | None:
    """Fewer steps that show the same; None if the run itself does not show it."""
    taken = replayer.until(events, shows)
    if taken is None:
        return None
    limit = replayer.work + WORK
    while True:
        before = len(taken)
        taken = _without_needless(replayer, taken, shows, limit)
        taken = _around(replayer, taken, shows, limit)
        if len(taken) == before or replayer.work >= limit:
            return _without_single(replayer, taken, shows)


def _without_needless(replayer: Replayer, taken: list[Taken], shows: Shows, limit: int) -> list[Taken]:
    """Leave out stretches of steps, long ones first."""
    size = max(1, len(taken) // 2)
    while replayer.work < limit:
        at, gained = 0, False
        while at < len(taken) and replayer.work < limit:
            rest = [one.event for k, one in enumerate(taken) if not at <= k < at + size]
            fewer = replayer.until(rest, shows)
            if fewer is not None and len(fewer) < len(taken):
                taken, gained = fewer, True
            else:
                at += size
        if size == 1 and not gained:
            break
        size = max(1, min(size // 2, len(taken) // 2))
    return taken


def _without_single(replayer: Replayer, taken: list[Taken], shows: Shows) -> list[Taken]:
    """Leave out single steps until none can be."""
    at = 0
    while at < len(taken):
        fewer = replayer.until([one.event for k, one in enumerate(taken) if k != at], shows)
        if fewer is not None and len(fewer) < len(taken):
            taken, at = fewer, 0
        else:
            at += 1
    return taken


def _around(replayer: Replayer, taken: list[Taken], shows: Shows, limit: int) -> list[Taken]:
    """Look around each state of the run for a shorter way on."""
    at = 0
    while at < len(taken) and replayer.work < limit:
        shorter = _shortcut(replayer, taken, at, shows)
        if shorter is None:
            at += 1
        else:
            taken = shorter
    return taken


def _shortcut(replayer: Replayer, taken: list[Taken], at: int, shows: Shows) -> list[Taken] | None:
    """From the state after `at` steps a way to what is shown, or to a later state, that is shorter."""
    places = {one.after: place for place, one in enumerate(taken, start=1) if place > at}
    begin = taken[at].before
    seen: set[State] = {begin}
    level: list[list[Taken]] = [[]]
    while level and len(seen) < AROUND:
        following = []
        for way in level:
            here = way[-1].after if way else begin
            if replayer.raises(here):
                continue
            try:
                steps = list(replayer.steps(here))
            except ModelError:
                continue
            replayer.work += len(steps)
            for index, event, after in steps:
                if after in seen:
                    continue
                seen.add(after)
                longer = [*way, Taken(event, index, here, after)]
                whole = [*taken[:at], *longer]
                if len(whole) < len(taken) and shows(whole, after):
                    return whole
                if (place := places.get(after, 0)) > at + len(longer):
                    return [*whole, *taken[place:]]
                if len(whole) + 1 < len(taken):
                    following.append(longer)
        level = following
    return None
