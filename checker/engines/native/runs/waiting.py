"""Where a property waits: states that no bound stops and that do not show what it asks for.

Each such state is expanded once more, from the last level to the first: is there a fair class that can be
taken, or may a run end there; and does a step that may be taken again and again lead to another such state
that has one in turn? What has none is on no cycle, and is trimmed. Most steps lead one level on, so in a
graph without cycles one sweep leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.runs.classes import Classes
from checker.engines.native.search.marks import Marks, Part, Shown, backwards
from checker.engines.native.search.search import Search
from checker.engines.native.states import pairing
from checker.engines.native.states.packing import joined
from checker.engines.native.states.words import Words
from checker.model.properties import Property

#: The marks: it waits there, and a run may go on with it waiting; a bound stops a node; it shows what is
#: asked for; it begins to ask; a run may end there; a way leads there before it has begun to ask, or since;
#: a fair run can stay there for ever.
ALIVE, CUT, SHOWS, BEGINS, MAY_END, BEFORE, ASKED, FAIR = (1 << k for k in range(8))
#: Another sweep is worth it if the last one left no more than this of what there was.
WORTH = 0.75


class Waiting:
    """What is known of each state for one property, as marks.

    With `levels` only the first ones are looked at, all of whose states have been expanded: a run that
    stays in them is one of the model, whatever lies beyond.
    """

    def __init__(
        self, search: Search, claim: Property, classes: Classes, levels: int | None = None
    ) -> None:
        self.search = search
        self.claim = claim
        self.classes = classes
        self.marks = Marks(search, levels)
        self.expansions = [search.expansion() for _ in search.workers]

    def begin(self) -> None:
        """Note of each state what it shows; those beyond are taken for cut. Raises LimitReached."""
        beyond = range(self.marks.levels, len(self.search.stores[0].levels) - 1)
        for part in (part for depth in beyond for part in self.marks.parts(depth)):
            words = self.marks.words(part)
            self.marks.put(part, words, np.arange(words.size), np.full(words.size, CUT, np.uint8))
        backwards(self.marks, [self._begin] * len(self.expansions))
        #: in how many states it waits
        self.states = self.count(ALIVE)

    def look(self) -> None:
        """Find out about all states. Raises LimitReached."""
        marks, expansions = self.marks, self.expansions
        self.begin()
        first, before, left = True, self.states, self.states
        while left and (first or left <= WORTH * before):
            before = left
            backwards(marks, [self._trimming(expansion, first=first) for expansion in expansions])
            first, left = False, self.count(ALIVE)

    def count(self, mark: int) -> int:
        """How many states have a mark."""
        return sum(int(np.count_nonzero(marks & mark)) for marks in self.marks.of)

    def any_end(self) -> bool:
        """Whether a run may end with the property waiting in some state, be there a way to it or not."""
        return self.count(MAY_END) > 0

    def _begin(self, part: Part) -> None:
        words = self.marks.words(part)
        shown = Shown(self.search, words)
        cut, shows = shown.cut(), shown.by(self.claim.id)
        trigger = self.claim.trigger()
        bits = (~cut & ~shows) * np.uint8(ALIVE) + cut * np.uint8(CUT) + shows * np.uint8(SHOWS)
        if trigger is not None:
            bits += shown.by(trigger.id) * np.uint8(BEGINS)
        self.marks.put(part, words, np.arange(words.size), bits.astype(np.uint8))

    def _trimming(self, expansion: Expansion, *, first: bool) -> Callable[[Part], None]:
        """What leaves a state alive only if it leads to one that is; at first, whether a run may end."""
        is_lasting, is_fair = self.classes.is_lasting, self.classes.is_fair
        all_lasting = bool(is_lasting.all())

        def trim(part: Part) -> None:
            marks = self.marks.within(part)
            alive = np.flatnonzero(marks & ALIVE)
            if not alive.size:
                return
            words = self.marks.words(part).of(alive)
            gathered: Array = np.zeros(alive.size, np.uint8)
            goes_on: Array = np.zeros(alive.size, np.bool_)
            for places, moves, after in expansion.steps(words):
                pairing.all_known(expansion.lacking)
                lasting = slice(None) if all_lasting else is_lasting[moves]
                self.marks.gather(after.of(lasting), places[lasting], gathered)
                if first:
                    goes_on[places[is_fair[moves]]] = True
                    self.classes.seen[moves] = True
            kept = (marks[alive] & np.uint8(0xFF ^ ALIVE)) | (gathered & np.uint8(ALIVE))
            if first:
                kept |= np.where(goes_on, np.uint8(0), np.uint8(MAY_END))
            self.marks.put(part, words, alive, kept)

        return trim

    def see_all(self) -> None:
        """Note which moves change something in some state, until all that is assumed is about such."""
        backwards(self.marks, [self._seeing(expansion) for expansion in self.expansions])

    def _seeing(self, expansion: Expansion) -> Callable[[Part], None]:
        def see(part: Part) -> None:
            if self.classes.idle():
                for _, moves, _ in expansion.steps(self.marks.words(part)):
                    self.classes.seen[moves] = True

        return see

    def having(self, mark: int) -> list[tuple[Words, Array]]:
        """The states that have a mark, by owner, each with its level."""
        search, found = self.search, []
        for owner in range(len(search.stores)):
            pieces = [Words(*(np.zeros(0, np.uint64),) * 2, search.packing)]
            levels = [np.zeros(0, np.int32)]
            for depth in range(self.marks.levels):
                for part in (part for part in self.marks.parts(depth) if part.owner == owner):
                    chosen = np.flatnonzero(self.marks.within(part) & mark)
                    if chosen.size:
                        pieces.append(self.marks.words(part).of(chosen))
                        levels.append(np.full(chosen.size, depth, np.int32))
            found.append((joined(pieces), np.concatenate(levels)))
        return found
