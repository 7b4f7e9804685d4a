"""Ways to where a property waits: breadth first, through states that no bound stops.

A way has two parts: before the property begins to ask, and since then, when nothing shows what it asks for.
What is new on each level is kept, so that the way back can be found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.numbering import Vector
from checker.engines.native.runs.waiting import ASKED, BEFORE, BEGINS, CUT, FAIR, MAY_END, SHOWS, Waiting
from checker.engines.native.states.packing import joined
from checker.engines.native.states.words import Words
from checker.model.properties import Asks

#: States that are expanded at a time.
PIECE = 1 << 14


class Onward(NamedTuple):
    """A step of a way: the number of its move, and the state that it leads to."""

    move: int
    state: Vector


class Nearest(NamedTuple):
    """The nearest states where a run may end or, if there are none as near, where a fair run can stay."""

    depth: int
    states: Words
    may_end: bool


class Ways:
    """The levels of a search for the nearest state where a fair run can stay, or end."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._marks = waiting.marks
        self._asks = waiting.claim.kind.asks
        self._packing = waiting.search.packing
        #: on each level the states that are new before the property has begun to ask, and since then
        self._before: list[Words] = []
        self._asked: list[Words] = []
        #: whether some way comes to what is asked for
        self.answered = False

    def nearest(self, *, until_answered: bool = False) -> Nearest | None:
        """The nearest states, by how many steps lead there, that a run can stay in; None if there are none.

        With `until_answered` no more is looked for once something shows what is asked for. Raises
        LimitReached.
        """
        search = self._waiting.search
        first, second = self._packing.pack(search.initial)
        new = Words(np.array([first], np.uint64), np.array([second], np.uint64), self._packing)
        is_first = self._asks is Asks.FIRST
        before, asked = (self._nothing(), new) if is_first else (new, self._nothing())
        depth = 0
        while before.size or asked.size:
            before, asked = self._entered(before, asked)
            self._before.append(before)
            self._asked.append(asked)
            if until_answered and self.answered:
                return None
            marks = self._of(asked)
            for mark in (MAY_END, FAIR):
                if (marks & mark).any():
                    return Nearest(depth, asked.of(np.flatnonzero(marks & mark)), mark == MAY_END)
            before, asked = self._onward(before), self._onward(asked)
            depth += 1
        return None

    def _nothing(self) -> Words:
        return Words(np.zeros(0, np.uint64), np.zeros(0, np.uint64), self._packing)

    def _of(self, words: Words) -> Array:
        """The marks of some states."""
        marks: Array = np.zeros(words.size, np.uint8)
        self._marks.gather(words, np.arange(words.size), marks)
        return marks

    def _entered(self, before: Words, asked: Words) -> tuple[Words, Words]:
        """What is new of the states that steps lead to, in either part; some of the first are in both."""
        before = self._new(before, BEFORE)
        marks = self._of(before)
        begins = marks & BEGINS if self._asks is Asks.WHEN else np.full(before.size, BEGINS, np.uint8)
        asked = joined([asked, before.of(np.flatnonzero(begins))])
        self.answered |= bool((self._of(asked) & (SHOWS | CUT) == SHOWS).any())
        return before, self._new(asked, ASKED)

    def _new(self, words: Words, mark: int) -> Words:
        """The states, each once, that had not the mark, and have it now."""
        marks = self._of(words)
        out = mark | CUT | (SHOWS if mark == ASKED else 0)
        words = _distinct(words.of(np.flatnonzero((marks & out) == 0)))
        self._marks.add_by_slot(words, mark)
        return words

    def _onward(self, words: Words) -> Words:
        """The states that steps lead to from some states, each once in a piece."""
        expansion, found = self._waiting.expansions[0], [self._nothing()]
        for first in range(0, words.size, PIECE):
            self._marks.look(words.size - first)
            for _, _, after in expansion.steps(words.of(slice(first, first + PIECE))):
                found.append(_distinct(after))
        return joined(found)

    # The way back -----------------------------------------------------------------------------------------

    def back(self, depth: int, state: Vector) -> list[Onward]:
        """The steps of a way that came to a state, since the property began to ask, on this level."""
        way: list[Onward] = []
        asked = True
        while True:
            if asked and self._asks is not Asks.FIRST and self._has(self._before[depth], state):
                asked = False  # the property begins to ask there, or it did so earlier on another way
                continue
            if depth == 0:
                return way[::-1]
            depth -= 1
            before = self._asked[depth] if asked else self._before[depth]
            move, source = self._leading(before, state)
            way.append(Onward(move, state))
            state = source

    def _has(self, words: Words, state: Vector) -> bool:
        first, second = self._packed(state)
        there = (words.first == first) & (words.second == second)
        if not there.any():
            return False
        return self._asks is Asks.ALWAYS or bool((self._of(words.of(there)) & BEGINS).any())

    def _packed(self, state: Vector) -> tuple[np.uint64, np.uint64]:
        first, second = self._packing.pack(state)
        return np.uint64(first), np.uint64(second) if self._packing.wide else np.uint64(first)

    def _leading(self, words: Words, state: Vector) -> tuple[int, Vector]:
        """The least of some states with a step to a state, and the move by which."""
        first, second = self._packed(state)
        found: list[tuple[Vector, int]] = []
        for at in range(0, words.size, PIECE):
            piece = words.of(slice(at, at + PIECE))
            for places, moves, after in self._waiting.expansions[0].steps(piece):
                hits = np.flatnonzero((after.first == first) & (after.second == second))
                sources = piece.of(places[hits]).cells().tolist()
                found += zip(map(tuple, sources), moves[hits].tolist(), strict=True)
        source, move = min(found)
        return move, source


def _distinct(words: Words) -> Words:
    """Some states, each once, in the order of their words."""
    order = np.lexsort((words.second, words.first))
    first, second = words.first[order], words.second[order]
    other = np.ones(order.shape[0], np.bool_)
    other[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return Words(first[other], second[other], words.packing)
