"""Which run of a block is the first to show something: runs walked once more, one after the other.

A combination of views says that some run shows it, and not which. The tables have what these runs need, or
are begun anew, which changes no run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from checker.engines.native.kernel.walking import MOVE
from checker.engines.native.walks.parts import Outgrown, Part
from checker.engines.native.walks.tables import WalkTables
from checker.engines.simulating import Event
from checker.model.judging import Finding

T = TypeVar("T")
#: Where something is shown: the number of a run, and its steps until then.
At = tuple[int, int]


class Firsts:
    """Walks runs alone. `alone` makes what walks one, `anew` begins the tables anew."""

    def __init__(self, alone: Callable[[], Part], anew: Callable[[], None]) -> None:
        self._alone, self._anew = alone, anew

    def of(self, runs: Iterable[int], wanted: Iterable[str]) -> dict[str, At]:
        """Which of these runs is the first to show each of these properties of states, and where.

        Raises Outgrown, CodeError, and what a pause raises.
        """
        found: dict[str, At] = {}
        left = set(wanted)
        for run in runs:
            if not left:
                break
            shown = self._twice(partial(self._shown_by, run)) & left
            if shown:
                found |= self._twice(partial(self._where, run, shown))
                left -= shown
        return found

    def events(self, run: int, steps: int) -> tuple[Event, ...]:
        """The first steps of a run. Raises as `of`."""
        return self._twice(lambda: tuple(self._events(run, steps)))

    def _twice(self, walk: Callable[[], T]) -> T:
        try:
            return walk()
        except Outgrown:
            self._anew()
            return walk()

    def _shown_by(self, run: int) -> set[str]:
        part = self._alone()
        groups = part.tables.viewing.groups
        shown: set[str] = set()

        def look(pairs: list[tuple[int, int]]) -> None:
            for group, combination in pairs:
                shown.update(ids(groups[group].findings(groups[group].numbers(combination))))

        part.walk(range(run, run + 1), look)
        return shown

    def _where(self, run: int, wanted: set[str]) -> dict[str, At]:
        part = self._alone()
        shown = ids(said_in(part.tables, list(part.tables.start()[0]))) & wanted
        found = dict.fromkeys(shown, (run, 0))
        for step, walks in enumerate(part.steps_of(run), start=1):
            if found.keys() >= wanted:
                break
            shown = ids(said_in(part.tables, walks.cells[0].tolist())) & wanted
            found |= dict.fromkeys(shown - found.keys(), (run, step))
        return found

    def _events(self, run: int, steps: int) -> Iterator[Event]:
        part = self._alone()
        rows, messages = part.tables.rows, part.tables.numbering.messages
        for walks in part.steps_of(run, steps):
            node, what, which, lost, sender = rows.events[int(walks.marks[0, MOVE])]
            message = None if what < 0 else messages[what]
            yield Event(node, message, which if what >= 0 else -1 - what, lost, sender)


def said_in(tables: WalkTables, state: list[int]) -> list[Finding]:
    """What the properties of several nodes say of a state, whatever is judged on it."""
    said: list[Finding] = []
    for number, group in enumerate(tables.viewing.groups):
        said += group.findings(group.numbers(tables.shown(number, state)))
    return said


def ids(findings: Iterable[Finding]) -> set[str]:
    """The properties of findings."""
    return {claim.id for claim, _ in findings}
