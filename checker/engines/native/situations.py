"""All local situations of a model with their shortest runs: see `checker.engines.situations`.

The search is a plain one: no reduction, no property. When it is through, its states are gone through once
more, level by level, and a situation is taken down where it is first met, in the least of the states of
that level that have it. Then all of these states are followed back at once, level by level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count

import numpy as np

from checker.engines.contract import UNREDUCED, Limits, Progress, Refused, Watch
from checker.engines.native.arrays import Array
from checker.engines.native.engine import Run as Search_
from checker.engines.native.kernel import machine
from checker.engines.native.numbering import Numbering, Vector
from checker.engines.native.paths.expansion import Expansion
from checker.engines.native.search.search import Search
from checker.engines.native.states.words import Words
from checker.engines.native.tables import Tables
from checker.engines.situations import Run, Situation, Situations
from checker.engines.walk import Moves
from checker.model.modelcode import CodeError
from checker.model.semantics import Cell, State
from checker.model.system import System
from checker.model.values import canonical

#: A situation in numbers: node, local state, and the message or, below zero, the place of the wake.
Key = tuple[int, int, int]


def situations(
    system: System,
    nodes: frozenset[int],
    limits: Limits = Limits(),
    report: Callable[[Progress], None] | None = None,
    *,
    workers: int = 1,
) -> Situations:
    """The situations of these nodes. Raises CodeError, and ValueError for states kept up to a shift."""
    if system.shift is not None:
        raise ValueError(
            f"{system.shift.name} have no end in this model, and neither have its local states"
        )
    machine.ready(machine.SEARCH)
    plain = replace(system, properties=(), symmetries=())
    return _Search(plain, Watch(limits, report), UNREDUCED, Refused(), workers).situations(nodes)


class _Search(Search_):
    """A search that tells, instead of what properties find, which situations it has met."""

    #: the situations, and of each state on the way to them the one before it and its level
    _told: tuple[list[tuple[Key, int, Vector]], dict[Vector, tuple[Vector, int]]] | None = None

    def situations(self, nodes: frozenset[int]) -> Situations:
        """Search, and go back."""
        self._nodes = nodes
        found = self.run()
        if found.raised is not None:
            raise CodeError(found.raised.reason)
        stopped = None if found.failed is None else found.failed.reason
        stopped = stopped or found.stopped
        told = Situations((), (), ())
        if stopped is None and self._told is not None:
            told = _Told(self.tables, *self._told).situations(nodes)
        return replace(
            told,
            states=found.states,
            generated=found.generated,
            depth=found.depth,
            seconds=self.watch.seconds,
            stopped=stopped,
            interrupted=found.interrupted,
        )

    def _explain(self, search: Search) -> None:
        if self.result.stopped is None and self.result.raised is None and self.raised_at is None:
            sweep = _Sweep(self.tables, self._nodes)
            for level in range(len(self.result.levels) or self.result.depth):
                if self._is_over():
                    return
                for states in search.states_of(level):
                    sweep.look(states)
                sweep.close(level)
            self._back(search, sweep.found)
        super()._explain(search)

    def _is_over(self) -> bool:
        self.result.stopped = self.watch.look(self.result)
        return self.result.stopped is not None

    def _back(self, search: Search, found: list[tuple[Key, int, Vector]]) -> None:
        """Of each state on the way to one of these the least state before it; with its level."""
        expansion = search.expansion()
        by_level: dict[int, set[Vector]] = {}
        for _, level, state in found:
            by_level.setdefault(level, set()).add(state)
        before: dict[Vector, tuple[Vector, int]] = {}
        wanted: set[Vector] = set()
        for level in range(max(by_level, default=0), 0, -1):
            if self._is_over():
                return
            wanted |= by_level.get(level, set())
            finder = _Parents(expansion, wanted)
            for piece in search.level(level - 1):
                finder.look(piece.words())
            before.update((state, (parent, level)) for state, parent in finder.least.items())
            wanted = set(finder.least.values())
        self._told = found, before


class _Sweep:
    """Takes down situations where they are first met, level by level."""

    def __init__(self, tables: Tables, nodes: Iterable[int]) -> None:
        self._tables = tables
        self._nodes = sorted(nodes)
        self._seen_cells = [np.zeros(len(cells), np.bool_) for cells in tables.numbering.cells]
        self._seen_keys: set[Key] = set()
        self._looked_at: set[tuple[int, int]] = set()
        self._pairs = _Pairs(tables, self._nodes)
        #: key → the least state of the level under way
        self._new: dict[Key, Vector] = {}
        #: (situation, level, state) in the order of levels, and on each of nodes and numbers
        self.found: list[tuple[Key, int, Vector]] = []

    def look(self, states: Array) -> None:
        """Look at some states of a level, as rows of cells."""
        for node in self._nodes:
            column = states[:, node]
            for cell, state in _least_by(states, column, ~self._seen_cells[node][column]):
                self._looked_at.add((node, cell))
                for key in self._keys(node, cell):
                    self._note(key, state)
        for keys, state in self._pairs.look(states):
            for key in keys:
                self._note(key, state)

    def _note(self, key: Key, state: Vector) -> None:
        if key not in self._seen_keys:
            self._new[key] = min(self._new.get(key, state), state)

    def _keys(self, node: int, cell: int) -> Iterator[Key]:
        """What a node may be asked in a cell."""
        numbering = self._tables.numbering
        local, inbox = numbering.cells[node][cell]
        for number in numbering.in_inbox(inbox):
            yield node, local, number
        for place in range(len(self._tables.system.members[node].role.wakes)):
            yield node, local, -1 - place

    def close(self, level: int) -> None:
        """All states of a level were looked at."""
        self._pairs.close()
        for key, state in sorted(self._new.items()):
            self.found.append((key, level, state))
        for node, cell in self._looked_at:
            self._seen_cells[node][cell] = True
        self._looked_at.clear()
        self._seen_keys.update(self._new)
        self._new.clear()


class _Pairs:
    """What nodes are told at once, by a step of another node: pairs of their cells."""

    def __init__(self, tables: Tables, nodes: list[int]) -> None:
        self._tables = tables
        self._nodes = nodes
        self._seen: set[tuple[int, int, int, int]] = set()
        self._new: set[tuple[int, int, int, int]] = set()
        #: sender → cell → receiver → messages
        self._at_once: dict[int, list[dict[int, set[int]]]] = {}
        immediate = [k for k in nodes if tables.system.members[k].role.immediate]
        for sender, cells in enumerate(tables.numbering.cells) if immediate else ():
            sent = [self._sent(sender, cell) for cell in range(len(cells))]
            if any(sent):
                self._at_once[sender] = sent

    def _sent(self, sender: int, cell: int) -> dict[int, set[int]]:
        """What a step out of a cell has nodes handle at once."""
        numbering = self._tables.numbering
        local, inbox = numbering.cells[sender][cell]
        sent: dict[int, set[int]] = {}
        for step, _ in self._tables.steps.choices(sender, local, inbox):
            for to, numbers in step.parcel:
                at_once = {number for number in numbers if numbering.is_immediate(to, number)}
                if at_once and to in self._nodes:
                    sent.setdefault(to, set()).update(at_once)
        return sent

    def look(self, states: Array) -> Iterator[tuple[list[Key], Vector]]:
        """The situations that some states of a level make possible for the first time."""
        numbering = self._tables.numbering
        for sender, sent in self._at_once.items():
            for to in sorted({to for one in sent for to in one}):
                local_of = np.array([cell.local for cell in numbering.cells[to]], np.int64)
                together = (
                    states[:, sender].astype(np.int64) * (local_of.size + 1) + local_of[states[:, to]]
                )
                for pair, state in _least_by(states, together, np.ones(together.size, np.bool_)):
                    cell, local = divmod(pair, local_of.size + 1)
                    place = (sender, cell, to, local)
                    if place not in self._seen:
                        self._new.add(place)
                        yield [(to, local, number) for number in sent[cell].get(to, ())], state

    def close(self) -> None:
        """All states of a level were looked at."""
        self._seen |= self._new
        self._new.clear()


def _least_by(states: Array, kinds: Array, chosen: Array) -> Iterator[tuple[int, Vector]]:
    """Of the states that are chosen the least of each kind."""
    rows, of = states[chosen], kinds[chosen]
    if not rows.shape[0]:
        return
    order = np.lexsort((*(rows[:, k] for k in range(rows.shape[1] - 1, -1, -1)), of))
    rows, of = rows[order], of[order]
    first = np.concatenate([[True], of[1:] != of[:-1]])
    yield from zip(of[first].tolist(), map(tuple, rows[first].tolist()), strict=True)


class _Parents:
    """Finds for each of some states the least state with a step into it."""

    def __init__(self, expansion: Expansion, targets: set[Vector]) -> None:
        self._expansion = expansion
        pack = expansion.packing.pack
        self._by_words = {self._of(*pack(target)): target for target in targets}
        self._firsts = np.array(sorted({first for first, _ in map(pack, targets)}), np.uint64)
        self.least: dict[Vector, Vector] = {}

    def _of(self, first: int, second: int) -> tuple[int, int]:
        return (first, second if self._expansion.packing.wide else first)

    def look(self, words: Words) -> None:
        """Look at some states."""
        for places, _, after in self._expansion.steps(words):
            hits = np.flatnonzero(np.isin(after.first, self._firsts))
            if not hits.size:
                continue
            parents = map(tuple, words.of(places[hits]).cells().tolist())
            reached = zip(after.first[hits].tolist(), after.second[hits].tolist(), strict=True)
            for parent, pair in zip(parents, reached, strict=True):
                target = self._by_words.get(self._of(*pair))
                if target is not None:
                    self.least[target] = min(parent, self.least.get(target, parent))


class _Told:
    """From numbers to values: the tree of runs in real steps, and the situations."""

    def __init__(
        self,
        tables: Tables,
        found: list[tuple[Key, int, Vector]],
        before: dict[Vector, tuple[Vector, int]],
    ) -> None:
        self._tables, self._found, self._before = tables, found, before
        self._numbering: Numbering = tables.numbering

    def situations(self, nodes: frozenset[int]) -> Situations:
        """All of them."""
        numbers, runs = self._runs()
        ordered = sorted(
            ((level, key[0], canonical(one.local), one.wake, canonical(one.message)), one, numbers[state])
            for key, level, state in self._found
            for one in (self._situation(key),)
        )
        placed = {key for key, _, _ in self._found}
        asked = (
            (node, local, number)
            for (node, local), known in self._tables.steps.of.items()
            for number in known
            if node in nodes
        )
        return Situations(
            found=tuple(one for _, one, _ in ordered),
            leading=tuple(run for _, _, run in ordered),
            runs=tuple(runs),
            unplaced=tuple(self._situation(key) for key in asked if key not in placed),
        )

    def _situation(self, key: Key) -> Situation:
        node, local, number = key
        value = self._numbering.locals[node][local]
        if number >= 0:
            return Situation(node, value, self._numbering.messages[number])
        wakes = [*self._tables.system.members[node].role.wakes]
        return Situation(node, value, None, wakes[-1 - number])

    def _runs(self) -> tuple[dict[Vector, int], list[Run]]:
        """The tree: the number of each state in it, and its runs in the order of their lengths."""
        initial = self._tables.initial()
        moves = Moves(self._tables.system)
        numbers, runs = {initial: 0}, [Run(0, -1)]
        children: dict[Vector, list[Vector]] = {}
        for state, (parent, _) in sorted(self._before.items(), key=lambda item: (item[1][1], item[0])):
            children.setdefault(parent, []).append(state)
        level = [initial]
        while level:
            following = []
            for parent in level:
                wanted = {self._real(child): child for child in children.get(parent, ())}
                for step, after in zip(count(), moves.successors(self._real(parent)) if wanted else ()):
                    child = wanted.pop(after.state, None)
                    if child is not None:
                        numbers[child] = len(runs)
                        told = (after.node, after.action, after.message, after.sender, after.lost)
                        runs.append(Run(numbers[parent], step, *told))
                        following.append(child)
            level = following
        return numbers, runs

    def _real(self, vector: Vector) -> State:
        """The state that these numbers are of."""
        numbering = self._numbering
        cells = []
        for node, number in enumerate(vector):
            local, inbox = numbering.cells[node][number]
            held = numbering.network.mapped(inbox, numbering.messages.__getitem__, lambda name: name)
            cells.append(Cell(numbering.locals[node][local], held))
        return tuple(cells)
