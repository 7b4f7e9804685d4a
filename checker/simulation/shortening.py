"""Shortening: of a run that shows something fewer steps that show it too.

First steps are left out that are not needed: delta debugging (Zeller and Hildebrandt 2002, "Simplifying and
isolating failure-inducing input") over the events of the run, where of what remains all is taken that can
still be. In the end no single step can be left out. Then a breadth-first search around what is left, of so
many states from each of its states on, looks for shorter ways to what is shown, or to a later state of the
run. Both go on in turns until nothing is gained. What is done depends on the run alone, not on time,
unless somebody does not want to wait for it: then what is left so far is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from checker.engines.simulating import Event
from checker.model.semantics import State
from checker.simulation.replaying import Replayer, Shows, Taken

#: Events that are taken at most while one run is shortened, but for the last look at single steps; and
#: states that are looked at around each state.
WORK, AROUND = 400_000, 150
#: Called now and then with how many steps are left. Raises KeyboardInterrupt if nobody waits any more.
Pause = Callable[[int], None]


def shortened(
    replayer: Replayer, events: Sequence[Event], shows: Shows, pause: Pause = lambda _: None
) -> list[Taken] | None:
    """Fewer steps that show the same; None if the run itself does not show it."""
    taken = replayer.until(events, shows)
    if taken is None:
        return None
    shortening = _Shortening(replayer, taken, shows, pause)
    with suppress(KeyboardInterrupt):
        shortening.go()
    return shortening.taken


class _Shortening:
    """One run that is made shorter."""

    def __init__(self, replayer: Replayer, taken: list[Taken], shows: Shows, pause: Pause) -> None:
        self.replayer, self.taken, self.shows, self.pause = replayer, taken, shows, pause
        self.limit = replayer.work + WORK

    def go(self) -> None:
        """Leave out and look around by turns until nothing is gained. Raises what `pause` raises."""
        before = len(self.taken) + 1
        while len(self.taken) < before and self._may_go_on():
            before = len(self.taken)
            self._leave_out_needless()
            self._look_around()
        self._leave_out_single()

    def _may_go_on(self) -> bool:
        self.pause(len(self.taken))
        return self.replayer.work < self.limit

    def _without(self, begin: int, end: int) -> bool:
        """Whether what shows it is shorter without some steps; then these are left out."""
        rest = [one.event for k, one in enumerate(self.taken) if not begin <= k < end]
        fewer = self.replayer.until(rest, self.shows)
        if fewer is None or len(fewer) >= len(self.taken):
            return False
        self.taken = fewer
        return True

    def _leave_out_needless(self) -> None:
        """Leave out stretches of steps, long ones first."""
        size = max(1, len(self.taken) // 2)
        while self._may_go_on():
            at, gained = 0, False
            while at < len(self.taken) and self._may_go_on():
                if self._without(at, at + size):
                    gained = True
                else:
                    at += size
            if size == 1 and not gained:
                break
            size = max(1, min(size // 2, len(self.taken) // 2))

    def _leave_out_single(self) -> None:
        """Leave out single steps until none can be."""
        at = since = 0
        while since < len(self.taken):
            self.pause(len(self.taken))
            if at >= len(self.taken):
                at = 0
            elif self._without(at, at + 1):
                since = 0
            else:
                at, since = at + 1, since + 1

    def _look_around(self) -> None:
        """Look around each state of the run for a shorter way on."""
        at = 0
        while at < len(self.taken) and self._may_go_on():
            shorter = self._shortcut(at)
            if shorter is None:
                at += 1
            else:
                self.taken = shorter

    def _shortcut(self, at: int) -> list[Taken] | None:
        """From the state after `at` steps a way to what is shown, or to a later state, that is shorter."""
        taken = self.taken
        places = {one.after: place for place, one in enumerate(taken, start=1) if place > at}
        begin = taken[at].before
        seen: set[State] = {begin}
        level: list[list[Taken]] = [[]]
        while level and len(seen) < AROUND:
            following = []
            for way in level:
                here = way[-1].after if way else begin
                steps = self.replayer.following(here) or ()
                self.replayer.work += len(steps)
                for index, event, after in steps:
                    if after in seen:
                        continue
                    seen.add(after)
                    longer = [*way, Taken(event, index, here, after)]
                    whole = [*taken[:at], *longer]
                    if len(whole) < len(taken) and self.shows(whole, after):
                        return whole
                    if (place := places.get(after, 0)) > at + len(longer):
                        return [*whole, *taken[place:]]
                    if len(whole) + 1 < len(taken):
                        following.append(longer)
            level = following
        return None
