"""The pictures of a protocol as text: tables in columns, in as many parts as the width asks for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from checker.model.behaviour import Trace
from checker.model.modelcode import CodeError
from checker.model.pictures import BAD, GONE, GOOD, Entry, Picture, Row, Table, drawn
from checker.model.plaintext import printable
from checker.text.style import PLAIN, Style, clip, flow
from checker.traces.causality import Causality
from checker.traces.colours import colours_of

#: Mark → the sign before an entry, where there are lines to draw with and where there are none; its looks.
SIGNS = {GOOD: "✓", BAD: "✗", GONE: "−"}
LETTERS = {GOOD: "+", BAD: "!", GONE: "-"}
LOOKS = {GOOD: ("green",), BAD: ("bold", "red"), GONE: ("dim",)}
#: Columns before a table, and between two of its columns; how far the later lines of an entry are moved in.
MARGIN, GAP, HANGING = 2, 2, 2
#: What holds words together in one line.
NO_BREAK = "\N{NO-BREAK SPACE}"

#: A line of a cell, and how it looks.
Line = tuple[str, tuple[str, ...]]


def picture_lines(trace: Trace, at: int | None = None, style: Style = PLAIN) -> list[str]:
    """Each picture that the protocol supplies, as it is after `at` steps or at the end, in lines.

    None of them is longer than the style's width. No line at all if the protocol supplies no pictures.
    """
    states = trace.states[: len(trace.states) if at is None else at + 1]
    colours = colours_of(Causality(trace)) if style.colour and trace.system.pictures else {}
    lines: list[str] = []
    for picture, table in drawn(trace.system, states):
        lines += ["", *_picture(picture, table, colours, style)]
    return lines[1:]


def _picture(
    picture: Picture, table: Table | CodeError, colours: Mapping[Any, str], style: Style
) -> Iterator[str]:
    yield " " * MARGIN + style(printable(picture.title), "bold")
    if isinstance(table, Table) and table.rows:
        yield from _Layout(table, colours, style).lines()
    for line in flow(filter(None, ["; ".join(_below(table))]), style.prose - MARGIN):
        yield " " * MARGIN + style(line, "dim")


def _below(table: Table | CodeError) -> Iterator[str]:
    """What is said below a table, or in its place."""
    if isinstance(table, CodeError):
        yield printable(str(table))
    elif not table.rows:
        yield "nothing so far"
    else:
        steps = {entry.step for row in table.rows for cell in row.cells for entry in cell} - {None}
        yield from ["@0: from the start"] * (0 in steps) + ["@7: in step 7"] * bool(steps - {0})
        yield from [printable(table.note)] * bool(table.note)


class _Layout:
    """A table in columns that are as wide as there is room for, or as need be in several parts."""

    def __init__(self, table: Table, colours: Mapping[Any, str], style: Style) -> None:
        self.style, self.colours = style, colours
        self.rule = "─" if style.lines else "-"
        self.signs: Mapping[str, str] = SIGNS if style.lines else LETTERS
        self.cells = [self._headings(table), *map(self._row, table.rows)]
        self.room = style.width - MARGIN
        columns = range(len(table.columns))
        texts = [[text for row in self.cells for text, _ in row[column]] for column in columns]
        #: by column the width in which no entry is wrapped, and that in which nothing is parted that is one
        self.natural = [min(max(map(len, found)), self.room) for found in texts]
        self.least = [min(max(map(_longest_piece, found)), self.room) for found in texts]

    def _headings(self, table: Table) -> list[list[Line]]:
        return [[(printable(heading), ("bold",))] for heading in table.columns]

    def _row(self, row: Row) -> list[list[Line]]:
        heading: Line = printable(row.heading), ("bold", self.colours.get(row.colour, ""))
        return [[heading], *([self._entry(entry) for entry in cell] for cell in row.cells)]

    def _entry(self, entry: Entry) -> Line:
        sign = f"{self.signs[entry.mark]}{NO_BREAK}" if entry.mark else ""
        step = "" if entry.step is None else f" @{entry.step}"
        looks = LOOKS.get(entry.mark, (self.colours.get(entry.colour, ""),))
        return f"{sign}{printable(entry.text)}{step}", looks

    def lines(self) -> Iterator[str]:
        """All lines of the table; a later part without the rows that have nothing there."""
        for number, part in enumerate(self._parts()):
            widths = self._widths(part)
            yield from [""] * (number > 0)
            head, *rows = ([self._wrapped(row[c], widths[c]) for c in part] for row in self.cells)
            yield from self._side_by_side(head, part, widths)
            yield " " * MARGIN + self.style(
                (" " * GAP).join(self.rule * widths[c] for c in part).rstrip(), "dim"
            )
            rows = [row for row in rows if number == 0 or any(filter(None, row[1:]))]
            high = False
            for row in rows:
                yield from [""] * high  # what has several lines stands apart from what comes below it
                yield from self._side_by_side(row, part, widths)
                high = any(len(cell) > 1 for cell in row)

    def _side_by_side(
        self, row: Sequence[Sequence[Line]], part: Sequence[int], widths: Mapping[int, int]
    ) -> Iterator[str]:
        for pieces in zip_longest(*row, fillvalue=("", ())):
            shown = []
            for column, (text, looks) in zip(part, pieces, strict=True):
                shown.append(self.style(text, *looks) + " " * (widths[column] - len(text)))
            yield (" " * MARGIN + (" " * GAP).join(shown)).rstrip()

    # Widths ---------------------------------------------------------------------------------------------

    def _parts(self) -> list[list[int]]:
        """The columns of each part; the first of the table leads every one."""
        parts = [[0]]
        for column in range(1, len(self.cells[0])):
            wider = [*parts[-1], column]
            if len(parts[-1]) > 1 and _taken(self.least[c] for c in wider) > self.room:
                parts.append([0, column])
            else:
                parts[-1] = wider
        return parts

    def _widths(self, part: Sequence[int]) -> dict[int, int]:
        """What each column must have; what is left goes, bit by bit, to that in which most is wrapped."""
        widths = {column: self.least[column] for column in part}
        left = self.room - _taken(widths.values())
        if left >= 0:
            for _ in range(left):
                narrow = [column for column in part if widths[column] < self.natural[column]]
                if narrow:
                    neediest = max(narrow, key=lambda c: (self._wraps(c, widths[c]), -widths[c]))
                    widths[neediest] += 1
            return widths
        last = part[-1]  # two columns, each too wide: the first one has what it needs of one half
        first = min(self.least[part[0]], (self.room - GAP) // 2)
        return {part[0]: first, last: self.room - GAP - first}

    def _wraps(self, column: int, width: int) -> int:
        """How often the entries of one cell are wrapped at most, about, if a column has a width."""
        return max(sum((len(text) - 1) // width for text, _ in row[column]) for row in self.cells)

    def _wrapped(self, cell: Sequence[Line], width: int) -> list[Line]:
        return [(line, looks) for text, looks in cell for line in _broken(text, width)]


def _taken(widths: Iterable[int]) -> int:
    """The width of columns side by side."""
    known = [*widths]
    return sum(known) + GAP * (len(known) - 1)


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """What is not parted of a text, each with how far it is moved in if it begins a line."""
    for place, piece in enumerate(text.split(" ")):
        yield piece, HANGING if place else 0


def _longest_piece(text: str) -> int:
    return max(len(piece) + indent for piece, indent in _pieces(text))


def _broken(text: str, width: int) -> list[str]:
    """A text in lines of this width; a piece that is longer is parted, and a word that is longer is cut."""
    pieces = (
        piece if len(piece) + indent <= width else piece.replace(NO_BREAK, " ")
        for piece, indent in _pieces(text)
    )
    lines = textwrap.wrap(
        " ".join(pieces),
        width,
        subsequent_indent=" " * HANGING if width > 2 * HANGING else "",
        break_long_words=False,  # in the middle of a word anything may stand
        break_on_hyphens=False,
    )
    return [clip(line, width).replace(NO_BREAK, " ") for line in lines] or [""]
