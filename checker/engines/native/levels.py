"""Levels of cells: what a shift sees of each, and what is not to be explored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from checker.engines.native.arrays import Memo, PerCell
from checker.engines.native.kernel.layout import LEFT, NO_LEVEL
from checker.engines.native.numbering import Numbering
from checker.model.shift import Levels, Range, Shift, joined


class NoLevels:
    """What is known of levels in a system without a shift."""

    #: whether levels may be above the spread
    rise = False

    def is_high(self, node: int, cell: int) -> bool:
        """Whether a level in a cell is above the spread."""
        return False


class CellLevels(NoLevels):
    """The levels in each cell, entered when the cell gets its number.

    States are explored with all levels lowered, so one with a level above the spread is cut: the row of a
    cell with such a level is LEFT, and no state that has it is expanded.
    """

    rise = True

    def __init__(self, numbering: Numbering, shift: Shift, per_cell: PerCell) -> None:
        self._numbering = numbering
        self._per_cell = per_cell
        self.shift = shift
        self.levels = Levels(shift)
        self._of_locals: Memo[tuple[int, int], Range | None] = Memo(self._of_local)
        self._of_messages: Memo[int, Range | None] = Memo(self._of_message)
        per_cell.add("low", np.int32, NO_LEVEL)
        numbering.of_cells.append(self._enter)

    def _of_local(self, place: tuple[int, int]) -> Range | None:
        node, local = place
        return self.levels.range(self._numbering.locals[node][local])

    def _of_message(self, message: int) -> Range | None:
        return self.levels.range(self._numbering.messages[message])

    def of_messages(self, numbers: Iterable[int]) -> Range | None:
        """The lowest and the highest level in some messages."""
        return joined(map(self._of_messages.__getitem__, numbers))

    def of(self, node: int, local: int, inbox: Any) -> Range | None:
        """The lowest and the highest level in a cell. Raises CodeError."""
        return joined((self._of_locals[node, local], self.of_messages(self._numbering.in_inbox(inbox))))

    def is_high(self, node: int, cell: int) -> bool:
        """Whether a level in a cell is above the spread."""
        known = self.of(node, *self._numbering.cells[node][cell])
        return known is not None and known.high > self.shift.spread

    def lowest(self, node: int, cell: int) -> int:
        """The lowest level in a cell, as the kernel takes it."""
        known = self.of(node, *self._numbering.cells[node][cell])
        return NO_LEVEL if known is None else min(known.low, NO_LEVEL - 1)

    def _enter(self, node: int, cell: int) -> None:
        self._per_cell.put(("low",), node, cell, (self.lowest(node, cell),))
        if self.is_high(node, cell):
            self._per_cell.put(("row_ptr",), node, cell, (LEFT,))
