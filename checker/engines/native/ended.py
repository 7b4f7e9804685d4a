"""What the terminal states of a level show to the properties that are judged on such states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.numbering import Vector
from checker.engines.native.states.words import Words
from checker.engines.native.tables import Tables
from checker.engines.native.viewing import Numbers


class Ended:
    """The terminal states of a level in which no bound stops a node, `free` of them."""

    def __init__(self, states: Array) -> None:
        self.states = states
        self.free = int(states.shape[0])
        #: group → what it sees of them, each once, and of each state which of these that is
        self._seen: dict[int, tuple[Array, Array]] = {}
        #: of what was asked for: (group, number of what it sees) → the least state that shows it
        self.asked: dict[tuple[int, int], Vector] = {}

    @classmethod
    def of(cls, tables: Tables, ends: Sequence[Words]) -> Ended:
        """Those among the terminal states of a level."""
        nodes = tables.numbering.nodes
        if not ends:
            return cls(np.zeros((0, nodes), np.int64))
        cells = np.concatenate([words.cells() for words in ends])
        tables.per_cell.flush()
        cut, base = tables.per_cell["cut"], tables.per_cell.base
        free = cells[(cut[cells + base] == 0).all(axis=1)]
        if tables.rows.raised:  # where a rule raises nobody knows what may follow
            raising = map(tables.rows.raises, free.tolist())
            free = free[~np.fromiter(raising, np.bool_, free.shape[0])]
        return cls(free)

    def rows(self, tables: Tables, group: int) -> list[Numbers]:
        """What a group of terminal properties sees of them, each once: the numbers of views."""
        views = tables.views_of(tables.viewing.terminal[group], self.states)
        distinct, shown_by = np.unique(views, axis=0, return_inverse=True)
        self._seen[group] = distinct, shown_by.reshape(-1)
        return list(map(tuple, distinct.tolist()))

    def least(self, group: int, row: int) -> Vector:
        """The least state of which a group sees that."""
        showing = self.states[self._seen[group][1] == row]
        state = self.asked[group, row] = min(map(tuple, showing.tolist()))
        return state

    def seen(self, group: int) -> Array:
        """What `rows` has answered, a row for each."""
        return self._seen[group][0]
