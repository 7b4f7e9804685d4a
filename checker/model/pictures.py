"""Pictures: tables in which a protocol shows, in its own terms, what has happened so far.

A protocol says what stands in them (`System.pictures`), from the states of a behaviour; how they look, as
text and on a page, is the checker's. They are only shown, never judged.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from checker.model.modelcode import CodeError, call, written_at
from checker.model.values import show

#: What an entry may be marked as: as it should be, in conflict with another, no longer so.
GOOD, BAD, GONE = "good", "bad", "gone"
MARKS = ("", GOOD, BAD, GONE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is told in a cell; `step` is the step in which it became so (0: so from the start).

    A `mark` is drawn as a sign and a colour; what it means the text or the table's note should say too.
    `colour` is a key of the system's `Colouring`, and has the colour that messages of that key have.
    No line ends at a no-break space, unless there is no other way. Raises ValueError for an unknown mark.
    """

    text: str
    mark: str = ""
    step: int | None = None
    colour: Hashable | None = None

    def __post_init__(self) -> None:
        if self.mark not in MARKS:
            known = ", ".join(mark for mark in MARKS if mark)
            raise ValueError(f"no entry is marked {show(self.mark)}; the marks are: {known}")


class Row(NamedTuple):
    """A row: its heading, and for each column after the first what stands there, from top to bottom."""

    heading: str
    cells: tuple[tuple[Entry, ...], ...]
    colour: Hashable | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What a picture shows at one moment: the headings of its columns, the first that of the rows' own.

    `note` says how to read it. Raises ValueError if a row has more cells, or fewer, than there are columns.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.cells) != len(self.columns) - 1:
                cells, columns = len(row.cells), len(self.columns) - 1
                raise ValueError(f"row {row.heading} has {cells} cells, for {columns} columns")


class Picture(NamedTuple):
    """A kind of table that a protocol supplies: `name` in one word, `title` in a few.

    `draw(system, states)` is what it shows when these are the states so far, the initial one first.
    """

    name: str
    title: str
    draw: Callable[[Any, Sequence[Any]], Table]


def drawn(system: Any, states: Sequence[Any]) -> Iterator[tuple[Picture, Table | CodeError]]:
    """Each picture of a system with its table, when these are the states so far.

    Where the protocol's code goes wrong, the error stands in place of the table, and the others are drawn.
    """
    for picture in system.pictures:
        try:
            table = _table(picture, system, states)
        except CodeError as error:
            yield picture, error
        else:
            yield picture, table


def _table(picture: Picture, system: Any, states: Sequence[Any]) -> Table:
    """What a picture makes of the states so far. Raises CodeError if it raises, or that is no table."""
    made = call(lambda: f"picture {picture.name}", picture.draw, system, states)
    if not isinstance(made, Table):
        place = written_at(picture.draw)
        raise CodeError(f"picture {picture.name} returned {show(made)}, not a Table ({place})")
    return made
