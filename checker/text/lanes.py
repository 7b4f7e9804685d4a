"""Where the calls of a history stand in a chart: a lane for each client, time from left to right.

Time is that of the steps, stretched where a call's text needs more room than the call takes. Only steps in
which something is asked or answered have columns of their own, so what came before something else also
stands to the left of it. Calls of one client that overlap stand below each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from checker.model.consistency import LINEARIZABLE
from checker.model.linearizability import Called, Precedes
from checker.model.values import show
from checker.model.vocabulary import NodeName
from checker.text.style import clip
from checker.traces.calls import Explanation

#: Columns for the text of a call at most and, where there is no room for all, at least.
LONGEST, SHORTEST = 40, 4
#: Columns between the texts of two calls in a row, and for a step where there is room.
GAP, STEP = 2, 4
#: Marks a call whose answer fits nowhere.
NOWHERE = "✗"


@dataclass(frozen=True, slots=True)
class Bar:
    """A call in a chart: from column `begin` to column `end` or, if it is pending, on to the right edge.

    `number` is its place in the order and `effect` the column in which it takes effect, if it is in it.
    `fits` is whether its answer is explained.
    """

    call: Called
    label: str
    begin: int
    end: int | None
    number: int | None
    effect: int | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One client's calls, in rows; those of a row do not overlap."""

    client: NodeName
    rows: tuple[tuple[Bar, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """All lanes, and the columns of the steps in which something is asked or answered."""

    lanes: tuple[Lane, ...]
    columns: Mapping[int, int]
    width: int

    def column(self, step: int) -> float:
        """Where a step is; one in which nothing is asked or answered lies between those around it."""
        before = max((mark for mark in self.columns if mark <= step), default=None)
        after = min((mark for mark in self.columns if mark >= step), default=None)
        if before is None or after is None:
            return float(self.width - 1 if after is None else 0)
        left, right = self.columns[before], self.columns[after]
        return left + (right - left) * (step - before) / ((after - before) or 1)


def label_of(call: Called) -> str:
    """What is asked and, if it is, answered: `get k → [A]`."""
    answer = "" if call.answered is None else f" → {show(call.result)}"
    return f"{show(call.operation)}{answer}"


def chart(explained: Explanation, room: int) -> Chart:
    """The chart in so many columns, or in more if that many do not do for all the calls."""
    return _Layout(explained, room).chart()


class _Layout:
    def __init__(self, explained: Explanation, room: int) -> None:
        self.explained, self.room = explained, room
        history = explained.history
        #: the end of those that are pending
        self.open = history.end + 1
        told = {step for call in history.calls for step in (call.invoked, self._end(call))}
        self.marks = sorted(told)
        self.gap_of = {step: number for number, step in enumerate(self.marks)}
        self.rows = {
            name: _in_rows([c for c in history.calls if c.client == name], history.before(LINEARIZABLE.id))
            for name in history.clients
        }
        self.gaps = self._gaps_of_effects()

    def _end(self, call: Called) -> int:
        return self.open if call.answered is None else call.answered

    def chart(self) -> Chart:
        limit = LONGEST
        while self._needed(self._least(limit), limit) > self.room and limit > SHORTEST:
            limit -= 1
        columns = self._stretched(limit)
        width = max(self._needed(columns, limit), 1)
        placed = dict(zip(self.marks, columns, strict=True))
        effects = self._effects(columns)
        numbers = {call.call: number for number, call in enumerate(self.explained.order, start=1)}

        def bar(call: Called) -> Bar:
            end = None if call.answered is None else placed[call.answered]
            known = numbers.get(call.call), effects.get(call.call)
            fits = call not in self.explained.nowhere
            return Bar(call, self._label(call, limit), placed[call.invoked], end, *known, fits)

        lanes = (
            Lane(name, tuple(tuple(map(bar, row)) for row in rows)) for name, rows in self.rows.items()
        )
        shown = {step: column for step, column in placed.items() if step != self.open}
        return Chart(tuple(lanes), shown, width)

    def _label(self, call: Called, limit: int) -> str:
        mark = f"{NOWHERE} " if call in self.explained.nowhere else ""
        return clip(mark + label_of(call), limit)

    # Columns --------------------------------------------------------------------------------------------

    def _least(self, limit: int) -> list[int]:
        """A column for each mark, as far to the left as texts and numbers allow."""
        columns: list[int] = []
        for number, step in enumerate(self.marks):
            least = [columns[-1] + self._between(number - 1)] if columns else [0]
            for one, following in self._neighbours():
                if following.invoked == step:
                    begin = columns[self.gap_of[one.invoked]]
                    least.append(begin + len(self._label(one, limit)) + GAP)
            columns.append(max(least))
        return columns

    def _between(self, gap: int) -> int:
        """Columns from a mark to the next one: for its number, and for the calls that take effect there."""
        effects = sum(len(str(n)) for n, at in enumerate(self.gaps.values(), start=1) if at == gap)
        return max(len(str(self.marks[gap])) + 1, effects + 1, 2)

    def _neighbours(self) -> Iterator[tuple[Called, Called]]:
        for rows in self.rows.values():
            for row in rows:
                yield from pairwise(row)

    def _needed(self, columns: Sequence[int], limit: int) -> int:
        """The width of a chart with these columns."""
        ends = [columns[-1] + len(str(self.marks[-1]))] if columns else []
        calls = self.explained.history.calls
        ends += [columns[self.gap_of[call.invoked]] + len(self._label(call, limit)) for call in calls]
        return max(ends, default=0)

    def _stretched(self, limit: int) -> list[int]:
        """The columns spread over the room, as the steps are over time."""
        least = self._least(limit)
        if not least:
            return least
        room = min(self.room, max(self._needed(least, limit), STEP * self.open))
        time = (self.marks[-1] - self.marks[0]) or 1
        for more in range(room, 0, -1):
            columns = [
                column + more * (step - self.marks[0]) // time
                for column, step in zip(least, self.marks, strict=True)
            ]
            if self._needed(columns, limit) <= room:
                return columns
        return least

    # Where calls take effect ----------------------------------------------------------------------------

    def _gaps_of_effects(self) -> dict[object, int]:
        """For each call of the order the mark after which it takes effect: in the order, if time counts."""
        order = self.explained.order
        if self.explained.claim != LINEARIZABLE.id:
            return {call.call: self._middle(call, 0, len(self.marks)) for call in order}
        latest, highest = len(self.marks), []
        for call in reversed(order):
            latest = min(latest, self.gap_of[self._end(call)] - 1)
            highest.append(latest)
        found: dict[object, int] = {}
        earliest = 0
        for call, most in zip(order, reversed(highest), strict=True):
            earliest = self._middle(call, earliest, most)
            found[call.call] = earliest
        return found

    def _middle(self, call: Called, earliest: int, latest: int) -> int:
        """The gap in the middle of a call, or as near to it as may be."""
        begin, end = self.gap_of[call.invoked], max(self.gap_of[self._end(call)] - 1, 0)
        middle = min(max((begin + end) // 2, earliest), latest)
        return max(begin, min(middle, end))

    def _effects(self, columns: Sequence[int]) -> dict[object, int]:
        """For each call of the order the column in which it takes effect; those of one gap side by side."""
        found: dict[object, int] = {}
        numbers = {name: len(str(n)) for n, name in enumerate(self.gaps, start=1)}
        for gap in sorted(set(self.gaps.values())):
            names = [name for name, at in self.gaps.items() if at == gap]
            end = columns[gap + 1] if gap + 1 < len(columns) else columns[gap] + 1
            free = max(end - columns[gap] - 1 - sum(numbers[name] for name in names), 0)
            column = columns[gap] + 1
            for place, name in enumerate(names, start=1):
                found[name] = column + free * place // (len(names) + 1)
                column += numbers[name]
        return found


def _in_rows(calls: Sequence[Called], before: Precedes) -> list[list[Called]]:
    """The calls of one client in as few rows as there are calls at a time."""
    rows: list[list[Called]] = []
    for call in calls:
        free = (row for row in rows if before(row[-1], call))
        row = next(free, None)
        if row is None:
            rows.append([call])
        else:
            row.append(call)
    return rows
