"""How levels are lowered in what has a number, and in states.

The kernel lowers all levels of a state by the lowest in it. What a cell becomes by that is computed once,
in Python, for the amounts that come up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checker.engines.native.arrays import Memo, PerCell
from checker.engines.native.kernel.layout import MAX_CELLS, MISSING, NO_LEVEL, POST_CELL_BITS, Shifts
from checker.engines.native.levels import CellLevels
from checker.engines.native.numbering import Numbering, Vector
from checker.engines.native.reductions.none import NoLowering

#: Levels are lowered by so much at most in one go.
MOST_AT_ONCE = 16

#: Told of a cell that was lowered: node, local state, inbox, by how much; local state and inbox after that.
Watcher = Callable[[int, int, Any, int, tuple[int, Any]], None]


class Lowering(NoLowering):
    """Cells and states with their levels lowered."""

    def __init__(self, numbering: Numbering, of_cells: CellLevels, per_cell: PerCell) -> None:
        self._numbering = numbering
        self._per_cell = per_cell
        self.of_cells = of_cells
        #: (amount, node) → local state → the one with levels lowered by that
        self.locals: Memo[tuple[int, int], Memo[int, int]] = Memo(self._locals)
        #: amount → message → the one with levels lowered by that
        self.messages: Memo[int, Memo[int, int]] = Memo(self._messages)
        self.watchers: list[Watcher] = []
        #: (node, cell, amount) → the cell with levels lowered by that
        self._cells: Memo[tuple[int, int, int], int] = Memo(self._cell)
        planes = min(of_cells.shift.spread + 1, MOST_AT_ONCE)
        per_cell.add("lowered", np.int32, MISSING, planes=planes)

    def _locals(self, what: tuple[int, int]) -> Memo[int, int]:
        by, node = what
        numbering, moved = self._numbering, self.of_cells.levels.moved
        return Memo(lambda local: numbering.local(node, moved(numbering.locals[node][local], -by)))

    def _messages(self, by: int) -> Memo[int, int]:
        numbering, moved = self._numbering, self.of_cells.levels.moved
        return Memo(lambda message: numbering.message(moved(numbering.messages[message], -by)))

    def _cell(self, what: tuple[int, int, int]) -> int:
        """It is in normal form if the cell is: settling commutes with lowering."""
        node, cell, by = what
        numbering = self._numbering
        local, inbox = numbering.cells[node][cell]
        image = numbering.network.mapped(inbox, self.messages[by].__getitem__, lambda sender: sender)
        after = self.locals[by, node][local], image
        for tell in self.watchers:
            tell(node, local, inbox, by, after)
        return numbering.cell(node, *after)

    def fill_lowered(self, node: int, where: list[int]) -> None:
        """Enter what a node's cells become when levels are lowered.

        `where` names both: the amount above the cell's bits.
        """
        amounts = [place >> POST_CELL_BITS for place in where]
        cells = [place & (MAX_CELLS - 1) for place in where]
        images = [self._cells[node, cell, by] for by, cell in zip(amounts, cells, strict=True)]
        self._per_cell.flush()
        at = np.array(cells) + self._per_cell.base[node]
        self._per_cell["lowered"][np.array(amounts) - 1, at] = images

    def shifts(self) -> Shifts:
        """As the kernel takes it."""
        return Shifts(self._per_cell["low"], self._per_cell["lowered"])

    def normal(self, state: Vector) -> Vector:
        """The state with all levels lowered by the lowest."""
        by = min(self.of_cells.lowest(node, cell) for node, cell in enumerate(state))
        if by in (0, NO_LEVEL):
            return state
        return tuple(self._cells[node, cell, by] for node, cell in enumerate(state))
