"""Facts: what a cell tells: the bound that stops the node, or with it the state, and what is seen of it."""

from __future__ import annotations

import numpy as np

from checker.engines.native.arrays import Memo, PerCell
from checker.engines.native.kernel.layout import MAX_BOUNDS, Looks
from checker.engines.native.levels import NoLevels
from checker.engines.native.numbering import CapacityError, Numbering
from checker.engines.native.viewing import Aspect, Viewing
from checker.model.judging import bound_of
from checker.model.shift import SPREAD

#: What all cells of one aspect have in common: the bound that stops the node there (0 for none), the
#: number of what is to be seen (node, bound, views), the share of each combination of views.
Fact = tuple[int, int, tuple[int, ...]]


class Facts:
    """What is known of each cell, entered when the cell gets its number."""

    def __init__(self, numbering: Numbering, viewing: Viewing, per_cell: PerCell, levels: NoLevels) -> None:
        self._numbering = numbering
        self._viewing = viewing
        self._per_cell = per_cell
        self._levels = levels
        per_cell.add("cut", np.int8, 0)
        per_cell.add("seen", np.int32, 0)
        per_cell.add("views", np.uint64, 0, planes=len(viewing.groups))
        #: the bounds that were met, in the order of their numbers, which begin with 1
        self.bounds: list[str] = []
        self._bound: Memo[tuple[int, int], int] = Memo(self._bound_of)
        #: (aspect, whether a level is above the spread) → what cells with it have in common
        self._of: Memo[tuple[Aspect, bool], Fact] = Memo(self._fact_of)
        #: (node, local) → the same, where a node's inbox is not read and there are no levels
        self._of_local: Memo[tuple[int, int], Fact] = Memo(lambda at: self._of[(*at, None), False])
        self._simple = [not waits and not levels.rise for waits in viewing.waits]
        #: (node, bound, views) → its number; and that → the first cell that shows it
        self._shown: dict[tuple[int, int, tuple[int, ...]], int] = {}
        self._first_seen: dict[int, int] = {}
        numbering.of_cells.append(self._enter)

    def _enter(self, node: int, cell: int) -> None:
        bound, shown, column = self._fact(node, cell)
        first = self._first_seen.setdefault(shown, cell)
        self._per_cell.put(("cut", "seen", "views"), node, cell, (bound, first, *column))

    def _fact(self, node: int, cell: int) -> Fact:
        if self._simple[node]:
            return self._of_local[node, self._numbering.cells[node][cell].local]
        return self._of[self._viewing.aspect(node, cell), self._levels.is_high(node, cell)]

    def _fact_of(self, what_of: tuple[Aspect, bool]) -> Fact:
        aspect, is_high = what_of
        node, local, _ = aspect
        bound = self._bound[node, local] or (self._number(SPREAD) if is_high else 0)
        what = (node, bound, self._viewing.visible(aspect))
        shown = self._shown.setdefault(what, len(self._shown))
        return bound, shown, self._viewing.column(aspect)

    def _bound_of(self, what: tuple[int, int]) -> int:
        node, local = what
        cut = bound_of(self._numbering.system.members[node], self._numbering.locals[node][local])
        return 0 if cut is None else self._number(cut)

    def _number(self, cut: str) -> int:
        if cut not in self.bounds:
            if len(self.bounds) == MAX_BOUNDS:
                raise CapacityError(f"more than {MAX_BOUNDS} bounds stop nodes")
            self.bounds.append(cut)
        return self.bounds.index(cut) + 1

    def bound(self, node: int, local: int) -> int:
        """The number of the bound that stops a node in a local state, 0 for none. Raises CapacityError."""
        return self._bound[node, local]

    def widen(self, group: int) -> None:
        """Lay a group of views out anew, and enter every cell's share again. Raises CapacityError."""
        if not self._viewing.groups[group].widen():
            raise CapacityError("the views that a property reads need more than 63 bits")
        self._of.clear()
        self._of_local.clear()
        self._per_cell.flush()  # what waits to be entered is as it was
        for node, cells in enumerate(self._numbering.cells):
            for cell in range(len(cells)):
                column = self._fact(node, cell)[2]
                self._per_cell.put(("views",), node, cell, column)

    def looks(self) -> Looks:
        """As the kernel takes them."""
        return Looks(*(self._per_cell[name] for name in ("cut", "seen", "views")))
