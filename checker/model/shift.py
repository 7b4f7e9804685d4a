"""Shifts: numbers of which only the differences matter, such as the rounds of ballots.

A rule that compares such numbers, and takes the next one, does to numbers that are all larger by one what
it does to these, all larger by one. Then a state may be kept with all of them lowered, by the lowest that
occurs anywhere in it, and numbers that rise for ever give finitely many states (a quotient by a
bisimulation). That it is so is claimed by the model, and checked.

How far apart the numbers in one state may be is bounded, by the *spread*: a state with a larger one is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from checker.model.modelcode import CodeError, written_at
from checker.model.values import field_names, show

#: One cell for each node, see `checker.model.semantics`.
State = tuple[Any, ...]

#: The bound that stops a state in which the numbers are too far apart.
SPREAD = "spread"


class Shift(NamedTuple):
    """A claim that of some numbers only the differences matter.

    They are in values of class `kind`: `level(value)` is the number of one, from 0, or None if it has none;
    `moved(value, by)` is the value whose number is that much larger. `spread` is how far apart the numbers
    in one state may be; `name` is what they are called (rounds).
    """

    name: str
    kind: type
    level: Callable[[Any], int | None]
    moved: Callable[[Any, int], Any]
    spread: int


class Range(NamedTuple):
    """The lowest and the highest level in some values."""

    low: int
    high: int


def joined(ranges: Iterable[Range | None]) -> Range | None:
    """The range of several together; None if no level occurs in any."""
    known = [r for r in ranges if r is not None]
    return Range(min(r.low for r in known), max(r.high for r in known)) if known else None


class Levels:
    """What a shift makes of values: the levels in them, at any depth, and the values moved.

    Not pure: it remembers, for the parts of values, what it has found out. Raises CodeError for a level
    that is no whole number from 0.
    """

    def __init__(self, shift: Shift) -> None:
        self.shift = shift
        # by identity, and kept alive so that it stays one: values share parts
        self._ranges: dict[int, tuple[Any, Range | None]] = {}
        self._moved: dict[tuple[int, int], tuple[Any, Any]] = {}

    def range(self, value: Any) -> Range | None:
        """The lowest and the highest level that occur in a value."""
        if type(value) in _PLAIN:
            return None
        known = self._ranges.get(id(value))
        if known is None:
            known = self._ranges[id(value)] = value, self._range(value)
        return known[1]

    def _range(self, value: Any) -> Range | None:
        if isinstance(value, self.shift.kind):
            level: object = self.shift.level(value)
            if level is None:
                return None
            if not isinstance(level, int) or level < 0:
                said = f"the level of {show(value)} is {level!r}; it is a whole number from 0, or None"
                raise CodeError(f"shift {self.shift.name}: {said} ({written_at(self.shift.level)})")
            return Range(level, level)
        return joined(map(self.range, _parts(value)))

    def moved(self, value: Any, by: int) -> Any:
        """The value with every level in it larger by so much."""
        if not by or type(value) in _PLAIN:
            return value
        known = self._moved.get((id(value), by))
        if known is None:
            known = self._moved[id(value), by] = value, self._image(value, by)
        return known[1]

    def _image(self, value: Any, by: int) -> Any:
        kind: Any = type(value)
        if isinstance(value, self.shift.kind):
            return value if self.shift.level(value) is None else self.shift.moved(value, by)
        if kind is frozenset or kind is tuple:
            return kind(self.moved(part, by) for part in value)
        names, by_name = field_names(kind)
        if not names:
            return value
        images = {name: self.moved(getattr(value, name), by) for name in names}
        return kind(**images) if by_name else kind(*images.values())


class Shifting:
    """States kept up to a shift. Not pure: it remembers what it has found out about cells."""

    def __init__(self, shift: Shift) -> None:
        self.shift = shift
        self.levels = Levels(shift)
        self._ranges: dict[Any, Range | None] = {}
        self._moved: dict[tuple[Any, int], Any] = {}

    def normal(self, state: State) -> State:
        """The state with all levels lowered, so that the lowest is 0."""
        known = self._range(state)
        return state if known is None or not known.low else self.moved(state, -known.low)

    def moved(self, state: State, by: int) -> State:
        """The state with all levels larger by so much."""
        cells = []
        for cell in state:
            image = self._moved.get((cell, by))
            if image is None:
                local, inbox = (self.levels.moved(part, by) for part in (cell.local, cell.inbox))
                image = self._moved[cell, by] = type(cell)(local, inbox)
            cells.append(image)
        return tuple(cells)

    def is_cut(self, state: State) -> bool:
        """Whether the levels in a state are further apart than the spread."""
        known = self._range(state)
        return known is not None and known.high - known.low > self.shift.spread

    def is_high(self, cell: Any) -> bool:
        """Whether a level in a cell is above the spread; of a normal state, whether that is cut by it."""
        known = self._range((cell,))
        return known is not None and known.high > self.shift.spread

    def lowest(self, state: State) -> int:
        """The lowest level in a state, 0 if there is none."""
        known = self._range(state)
        return 0 if known is None else known.low

    def _range(self, state: State) -> Range | None:
        ranges = []
        for cell in state:
            if cell not in self._ranges:
                parts = (self.levels.range(part) for part in (cell.local, cell.inbox))
                self._ranges[cell] = joined(parts)
            ranges.append(self._ranges[cell])
        return joined(ranges)


#: Types of values that have no parts.
_PLAIN = frozenset({int, str, bool, float, bytes, type(None), type})


def _parts(value: Any) -> Iterable[Any]:
    kind: Any = type(value)
    if kind is frozenset or kind is tuple:
        return value  # type: ignore[no-any-return]
    return [getattr(value, name) for name in field_names(kind)[0]]
