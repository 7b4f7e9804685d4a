"""From which states can what violates a claim still be reached: told of all states of a search at once.

The states are explored to the end, past what violates the claim; those that show it get a mark, which
spreads backwards (`search.ahead`), and then the marks of those that were asked about are looked up. What is
said of a state that others stand for is said of these: renamings keep all that can follow, and so does
settling, as far as claims see it. Fusion leaves out states, and is off.

A claim about states is taken for what must still be reached: then what says something of it is looked for
when all states are known, and what reductions claim of it is checked on all that is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from threading import Lock

import numpy as np

from checker.engines.contract import Limits, Progress, Raised, Reductions, Refused, Watch
from checker.engines.native.arrays import Array
from checker.engines.native.attempts import soundly
from checker.engines.native.engine import Run
from checker.engines.native.kernel import machine
from checker.engines.native.numbering import Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.paths.unfold import Walk
from checker.engines.native.search.ahead import Ahead, Spreading
from checker.engines.native.search.limits import LimitReached
from checker.engines.native.search.marks import Marks, Part, Saying, Shown
from checker.engines.native.search.search import Search
from checker.engines.native.states.words import Words
from checker.engines.reaching import Reaching
from checker.model.judging import Finding
from checker.model.properties import Kind, On, Property
from checker.model.semantics import State
from checker.model.system import System

#: The mark of states from which what violates the claim can be reached.
LEADS = 1
#: Of the states of a part whether they show a claim.
Shows = Callable[[Part, Words, Expansion], Array]
#: Why there is no fusion.
ALL_STATES = "all states are asked about, and it leaves out some"


def reaching(
    system: System,
    claim: Property,
    asked: Sequence[State],
    limits: Limits = Limits(),
    report: Callable[[Progress], None] | None = None,
    *,
    reductions: Reductions = Reductions(),
    workers: int = 1,
) -> Reaching:
    """As `checker.engines.reaching.reaching`, which see."""
    machine.ready(machine.SEARCH)
    watch = Watch(replace(limits, past_violations=True), report)
    still = replace(claim, kind=Kind.CAN_STILL) if claim.kind.on is On.STATE else claim

    def attempt(system: System, reductions: Reductions, refused: Refused) -> Reaching:
        run = _Reach(system, watch, reductions, refused, workers)
        return run.ask(claim, asked)

    # marks go back over all steps, so all are followed
    every_step = replace(reductions, ordering=False)
    found = soundly(replace(system, properties=(still,)), every_step, attempt, ALL_STATES)
    return replace(found, reductions=replace(found.reductions, asked=reductions))


class _Reach(Run):
    """A search that is judged when all states are known: nothing is told of single ones before."""

    def ask(self, claim: Property, asked: Sequence[State]) -> Reaching:
        """What is known of states, when all that can be reached was explored, or as far as limits allow."""
        self.claim, self.asked = claim, asked
        self.known: tuple[bool | None, ...] = tuple(None for _ in asked)
        self.showing = self.leading = 0
        found = self.run()
        raised = None if found.raised is None else f"the model raised: {found.raised.reason}"
        return Reaching(
            self.known,
            found.states,
            self.showing,
            self.leading,
            raised or found.stopped,
            found.seconds,
            found.engine,
            found.reductions,
            found.interrupted,
        )

    def _sight(self, finding: Finding, level: int, state: Vector, **_: object) -> None:
        pass

    def _judge_rows(self, search: Search, level: int) -> None:
        if error := next(iter(self.tables.rows.raised.values()), None):
            self.raised_at = level, ()
            self.result.raised = Raised(str(error), None, error.traceback)

    def _look_ahead(self, search: Search) -> None:
        pass

    def _explain(self, search: Search) -> None:
        complete = self.result.stopped is None and not self._decided()
        # of a search that was cut short the states of these levels have all their successors
        levels = None if complete else self.result.depth - 1
        try:
            if not complete:
                search.watch = _what_is_left(search.watch)
                self.tables.discharge()
            self._look_back(search, levels)
        except LimitReached as limit:
            self.result.stopped = self.result.stopped or str(limit)

    def _look_back(self, search: Search, levels: int | None) -> None:
        """Mark the states, and look up those that were asked about. Raises LimitReached and ValueError."""
        if levels is not None and self.claim.kind.on is On.FUTURE:
            return  # what is of no return is known when all is known
        self.tables.per_cell.flush()
        showing = _Showing(search, self.claim, levels)
        marks = Marks(search)
        Spreading(marks, showing.begin, LEADS, levels).run()
        self.showing = showing.count
        self.leading = sum(int(np.count_nonzero(found)) for found in marks.of)
        self.known = tuple(self._known(marks, is_all=levels is None))

    def _known(self, marks: Marks, *, is_all: bool) -> Iterable[bool | None]:
        """What the marks say of the states that were asked about; what has none may yet get one."""
        walk, action = Walk(self.tables), self.tables.action
        before = self.tables.cells()
        vectors = []
        for state in self.asked:
            self.tables.shifting.check_real(state)
            vectors.append(walk.stands_for(state))
        found = marks.known(_old(map(action.canonical, vectors), before))
        missing = [v for v in vectors if action.canonical(v) not in found]
        # of a large group the kernel need not have taken the same image
        orbits = {v: [*_old(action.images(v), before)] for v in (() if action.whole else missing)}
        found.update(marks.known(image for images in orbits.values() for image in images))
        for vector in vectors:
            stored = [found[v] for v in (action.canonical(vector), *orbits.get(vector, ())) if v in found]
            if is_all and not stored:
                raise ValueError("a state was asked about that cannot be reached within the bounds")
            leads = any(mark & LEADS for mark in stored)
            yield True if leads else False if is_all else None


def _old(vectors: Iterable[Vector], cells: Sequence[int]) -> Iterable[Vector]:
    """Those of some states whose cells were known when there were so many of each node."""
    return (v for v in vectors if all(cell < count for cell, count in zip(v, cells, strict=True)))


def _what_is_left(watch: Watch) -> Watch:
    """What looks at the clock when a search was cut short, and something can be told of it all the same."""
    timeout, memory = watch.limits.timeout, watch.limits.memory
    return Watch(Limits(timeout=None if timeout is None else timeout - watch.seconds, memory=memory))


class _Showing:
    """Which states show a claim, as marks. States without all their successors are told by a limit."""

    def __init__(self, search: Search, claim: Property, levels: int | None) -> None:
        self._search = search
        self._tables = search.tables
        self._claim = claim
        #: to before which number the states of each owner have all their successors
        self._expanded = [store.levels[-1 if levels is None else levels] for store in search.stores]
        self._lock = Lock()
        #: how many there are of those that were looked at
        self.count = 0
        prepare = {
            On.NODE: self._of_nodes,
            On.STATE: self._of_states,
            On.STEP: self._of_steps,
            On.END: self._of_ends,
            On.FUTURE: self._of_futures,
        }
        self._shows = prepare[claim.kind.on]()

    def begin(self, part: Part, words: Words, expansion: Expansion) -> Array:
        """Mark the states that show it."""
        shows = self._shows(part, words, expansion)
        with self._lock:
            self.count += int(np.count_nonzero(shows))
        return shows.astype(np.uint8) * np.uint8(LEADS)

    def _of_nodes(self) -> Shows:
        found, cells = self._tables.findings.at, self._tables.numbering.cells
        wrong = {key for key, said in found.items() if any(p.id == self._claim.id for p, _ in said)}
        bad = self._entries(
            (node, cell)
            for node, of in enumerate(cells)
            for cell, (local, _) in enumerate(of)
            if (node, local) in wrong
        )
        return lambda _part, words, _expansion: Shown(self._search, words).among(bad)

    def _of_states(self) -> Shows:
        saying = Saying(self._tables, self._claim.id)
        return lambda _part, words, _expansion: saying.of(Shown(self._search, words))

    def _of_steps(self) -> Shows:
        """It is shown where the row of a cell has such a step, or sends what makes a receiver take one."""
        rows = self._tables.rows
        alone = self._entries(rows.bad_at[self._claim.id])
        receivers: dict[int, list[tuple[int, int]]] = {}
        for bundle, to, cell in rows.bad_posts[self._claim.id]:
            receivers.setdefault(bundle, []).append((to, cell))
        sent = [
            (self._entries(rows.senders(bundle)), self._entries(cells))
            for bundle, cells in receivers.items()
        ]

        def shows(_part: Part, words: Words, _expansion: Expansion) -> Array:
            shown = Shown(self._search, words)
            found = shown.among(alone)
            for sender, receiver in sent:
                found |= shown.among(sender) & shown.among(receiver)
            return found & ~shown.left()

        return shows

    def _of_ends(self) -> Shows:
        groups = self._tables.viewing.terminal

        def shows(part: Part, words: Words, expansion: Expansion) -> Array:
            found: Array = np.zeros(words.size, np.bool_)
            expanded = part.first + np.arange(words.size) < self._expanded[part.owner]
            free = np.flatnonzero(expanded & ~Shown(self._search, words).cut())
            ends = free[expansion.ends(words.of(free))]
            cells = words.of(ends).cells()
            with self._lock:  # what the tables remember of views is for one thread at a time
                for group in groups if ends.size else ():
                    distinct, which = np.unique(
                        self._tables.views_of(group, cells), axis=0, return_inverse=True
                    )
                    says = [bool(group.findings(tuple(row))) for row in distinct.tolist()]
                    found[ends] |= np.array(says)[which.reshape(-1)]
            return found

        return shows

    def _of_futures(self) -> Shows:
        ahead = Ahead(self._search, [self._claim])
        tuple(ahead.run())
        return lambda part, _words, _expansion: ahead.marks.within(part) == 0

    def _entries(self, cells: Iterable[tuple[int, int]]) -> Array:
        """Which of all cells are among some, (node, cell)."""
        per_cell = self._tables.per_cell
        found: Array = np.zeros(per_cell.stretches.size, np.bool_)
        found[[per_cell.at(node, cell) for node, cell in cells]] = True
        return found
