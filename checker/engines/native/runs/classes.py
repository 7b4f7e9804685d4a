"""Classes of steps by the numbers of moves: what fairness is assumed of, as bits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.tables import Tables
from checker.model.fairness import LOSS, StepClass

#: Classes in a word of bits.
WORD = 64


class Classes:
    """The classes of all steps that some move may be, and of each move which.

    Made when the search is over: then all rows are there that any state needs.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        fairness = tables.system.fairness
        #: the classes by number
        self.all: list[StepClass] = []
        self._number: dict[StepClass, int] = {}
        of_move: dict[int, set[int]] = {}
        tables.per_cell.flush()
        for node, cells in enumerate(tables.numbering.cells):
            for cell in range(len(cells)):
                for move, those in self._of_row(node, cell):
                    of_move.setdefault(move, set()).add(self._numbered(those))
        self.strong = frozenset(k for k, those in enumerate(self.all) if fairness.is_strong(those))
        self.fair = frozenset(k for k, those in enumerate(self.all) if fairness.is_fair(those))
        lasting = {k for k, those in enumerate(self.all) if not fairness.ends(those)}
        moves = 1 + max(of_move, default=-1)
        #: move → the classes that it may be, fair ones and such as are not taken finitely often
        self.of_move = of_move
        #: move → whether it is of a fair class, and whether it may be taken again and again
        self.is_fair, self.is_lasting = np.zeros(moves, np.bool_), np.zeros(moves, np.bool_)
        #: move → whether it was seen to change something
        self.seen = np.zeros(moves, np.bool_)
        self.words = max(1, -(-len(self.all) // WORD))
        #: move → its fair classes, and those classes as which it may be taken again and again, as bits
        self.can, self.takes = (np.zeros((moves, self.words), np.uint64) for _ in range(2))
        for move, classes in of_move.items():
            self.is_fair[move] = bool(classes & self.fair)
            self.is_lasting[move] = bool(classes & lasting)
            self.can[move] = self.bits(classes & self.fair)
            self.takes[move] = self.bits(classes & lasting)

    def as_which(self, move: int) -> frozenset[int]:
        """The classes as which a move may be taken again and again."""
        return self.listed(self.takes[move])

    def bits(self, classes: frozenset[int] | set[int]) -> Array:
        """Some classes as words of bits."""
        words = np.zeros(self.words, np.uint64)
        for those in classes:
            words[those // WORD] |= np.uint64(1 << those % WORD)
        return words

    def listed(self, words: Array) -> frozenset[int]:
        """The classes that are in words of bits."""
        each = ((k, int(word)) for k, word in enumerate(words.tolist()))
        return frozenset(k * WORD + b for k, word in each for b in range(WORD) if word >> b & 1)

    def idle(self) -> tuple[str, ...]:
        """The assumptions, as the model says them, about steps that were not seen to be taken anywhere."""
        seen = {k for move in np.flatnonzero(self.seen).tolist() for k in self.of_move[move]}
        classes = [self.all[k] for k in seen]
        assumptions = self._tables.system.fairness.assumptions()
        return tuple(a.text for _, a in assumptions if not any(map(a.covers, classes)))

    def _numbered(self, those: StepClass) -> int:
        number = self._number.setdefault(those, len(self.all))
        if number == len(self.all):
            self.all.append(those)
        return number

    def _of_row(self, node: int, cell: int) -> Iterator[tuple[int, StepClass]]:
        """The moves out of a cell by number, each with a class; those that change nothing too."""
        tables = self._tables
        at = tables.per_cell.at(node, cell)
        first, count = (int(tables.per_cell[name][at]) for name in ("row_ptr", "row_len"))
        if not count:
            return
        name = tables.system.members[node].name
        local, inbox = tables.numbering.cells[node][cell]
        places: dict[tuple[int, int], int] = {}
        steps = tables.steps.choices(node, local, inbox)
        for (step, after), sender in zip(steps, tables.steps.senders(node, local, inbox), strict=True):
            place = places.setdefault(tables.rows.move(node, step, after), len(places))
            yield first + place, StepClass(name, step.action.partition(".")[2] or LOSS, sender)
