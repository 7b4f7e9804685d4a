"""The graph of all states of a model.

Built on numbers: the situations of one node (local state and inbox) are few, so what a node can do in
one, and what a message makes of another, are worked out once by the reference semantics and looked up
from then on. The order of steps is that of `semantics.successors`, so indices are those of paths. Steps
that change nothing are left out. Where the system has a shift, states are kept up to it.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from checker.engines.contract import Progress
from checker.engines.kept import Kept
from checker.engines.walk import Reached
from checker.model.played import tested
from checker.model.semantics import Cell, State, Transition, addressed, deliver, initial_state, moves
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import Message
from checker.model.wording import Label, fields_of, label_of

#: States that are explored at most: some ten seconds, and 250 MB.
MOST_STATES = 500_000
#: States between two reports of progress.
STATES_PER_REPORT = 1 << 12


class TooManyStates(Exception):  # noqa: N818 - what is too much is the model
    """A model has more states than asked for; `limit` says how many that were."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit:,} states")
        self.limit = limit


class Known(NamedTuple):
    """What a node can do in one situation: its label, its next situation, and what it sends to whom."""

    label: int
    after: int
    sends: tuple[tuple[int, int], ...]


Vector = tuple[int, ...]


@dataclass(slots=True)
class StateGraph:
    """States by number, in the order of a breadth-first search, and the steps between them.

    A state is one number for each node; `cells` turns them back into local states and inboxes.
    `source`, `target`, `label` and `index` describe one step each.
    """

    system: System
    tables: _Tables
    walk: Reached[Vector]
    level: array[int] = field(default_factory=lambda: array("H"))
    source: array[int] = field(default_factory=lambda: array("I"))
    target: array[int] = field(default_factory=lambda: array("I"))
    label: array[int] = field(default_factory=lambda: array("I"))
    index: array[int] = field(default_factory=lambda: array("H"))
    labels: list[tuple[str, Label]] = field(default_factory=list)
    #: whether states beyond the last level were left out
    cut: bool = False

    @property
    def cells(self) -> list[list[Cell]]:
        """By node: its local states and inboxes, by number."""
        return self.tables.cells

    @property
    def states(self) -> list[Vector]:
        """The states, in the order of their numbers."""
        return self.walk.states

    def state(self, number: int) -> State:
        """A state, with what its numbers stand for."""
        return tuple(map(list.__getitem__, self.cells, self.states[number]))

    def afters(self) -> Iterator[Vector]:
        """Where each step leads, as it is before it is kept up to a shift, if there is one."""
        if self.tables.kept.proof is None:
            return (self.states[target] for target in self.target)
        sources = (self.states[source] for source in dict.fromkeys(self.source))
        return (following for state in sources for _, _, following in self.tables.steps(state))

    def path_to(self, state: int) -> tuple[int, ...]:
        """A shortest path to a state, as indices of steps."""
        return Kept(self.system).real(self.walk.path_to(state))

    def cell(self, state: int, node: int) -> Cell:
        """The cell of one node in a state."""
        return self.cells[node][self.states[state][node]]


class _Tables:
    """What has been worked out so far of what nodes can do."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.initial = initial_state(system)
        self.kept = Kept(system)
        self.cells: list[list[Cell]] = [[] for _ in system.members]
        self.numbers: list[dict[Cell, int]] = [{} for _ in system.members]
        self.moves: list[list[list[Known] | None]] = [[] for _ in system.members]
        self.labels: dict[tuple[str, Label], int] = {}
        self.parcels: dict[tuple[int, Any], int] = {}
        self.contents: list[tuple[int, tuple[Message, ...]]] = []
        self.posted: dict[tuple[int, int, int], int] = {}

    def number(self, node: int, cell: Cell) -> int:
        known = self.numbers[node].get(cell)
        if known is None:
            known = self.numbers[node][cell] = len(self.cells[node])
            self.cells[node].append(cell)
            self.moves[node].append(None)
        return known

    def moves_of(self, node: int, cell: int) -> list[Known]:
        known = self.moves[node][cell]
        if known is None:
            known = self.moves[node][cell] = list(self._moves(node, self.cells[node][cell]))
        return known

    def _moves(self, node: int, cell: Cell) -> Iterator[Known]:
        system, name = self.system, show(self.system.members[node].name)
        for move in moves(system, node, cell):
            own = tuple(send for send in move.sends if system.positions[send[0]] == node)
            after = deliver(system, self.initial, node, move.after, own)[node]
            shown = label_of(Transition(node, move.action, move.message, move.sends, (), move.lost))
            label = self.labels.setdefault((name, shown), len(self.labels))
            sends = tuple(
                (to, self.parcel(node, tuple(messages)))
                for to, messages in addressed(system, move.sends)
                if to != node
            )
            yield Known(label, self.number(node, after), sends)

    def steps(self, state: Vector) -> Iterator[tuple[int, int, Vector]]:
        """The steps out of a state that change it: (index, label, where it leads)."""
        index = -1
        for node, cell in enumerate(state):
            for label, after, sends in self.moves_of(node, cell):
                index += 1
                vector = list(state)
                vector[node] = after
                for to, parcel in sends:
                    known = self.posted.get((to, vector[to], parcel))
                    vector[to] = self.post(to, vector[to], parcel) if known is None else known
                following = tuple(vector)
                if following != state:
                    yield index, label, following

    def state(self, cells: State) -> Vector:
        """What is kept of a state, in numbers."""
        return tuple(self.number(node, cell) for node, cell in enumerate(self.kept.normal(cells)))

    def leads_to(self, state: Vector) -> Iterator[tuple[int, int, Vector]]:
        """The steps out of a state that is kept, to states that are kept; none where it is left."""
        if self.kept.proof is None:
            yield from self.steps(state)
            return
        here = self._cells(state)
        if not self.kept.is_left(here):
            self.kept.proof.expanded(here)
            for index, label, following in self.steps(state):
                yield index, label, self.state(self._cells(following))

    def _cells(self, state: Vector) -> State:
        return tuple(self.cells[node][number] for node, number in enumerate(state))

    def parcel(self, node: int, messages: tuple[Message, ...]) -> int:
        number = self.parcels.setdefault((node, messages), len(self.contents))
        if number == len(self.contents):
            self.contents.append((node, messages))
        return number

    def post(self, to: int, cell: int, parcel: int) -> int:
        key = (to, cell, parcel)
        known = self.posted.get(key)
        if known is None:
            node, messages = self.contents[parcel]
            state = list(self.initial)
            state[to] = self.cells[to][cell]
            sends = tuple((self.system.members[to].name, message) for message in messages)
            after = deliver(self.system, tuple(state), node, state[node], sends)[to]
            known = self.posted[key] = self.number(to, after)
        return known


def explore(
    system: System,
    most: int = MOST_STATES,
    depth: int | None = None,
    report: Callable[[Progress], None] | None = None,
) -> StateGraph:
    """All states, or those of the first `depth` levels.

    Raises TooManyStates beyond `most`, ShiftError, CodeError, and what `report` raises.
    """
    tables = _Tables(system)
    walk = Reached(tables.state(tables.initial))
    graph = StateGraph(system, tables, walk)
    begun = time.monotonic()
    for level, numbers in enumerate(walk.levels()):
        graph.level.extend(level for _ in numbers)
        if level + 1 == depth:
            graph.cut = True
            break
        for here in numbers:
            if report is not None and here % STATES_PER_REPORT == 0:
                frontier, seconds = len(walk) - here, time.monotonic() - begun
                report(Progress(level, len(walk), len(graph.source), frontier, seconds))
            for index, label, there in tables.leads_to(walk.states[here]):
                number, is_new = walk.reach(there, here, index)
                if is_new and number == most:
                    raise TooManyStates(most)
                graph.source.append(here)
                graph.target.append(number)
                graph.label.append(label)
                graph.index.append(index)
    graph.labels = list(tables.labels)
    tested(system)
    return graph


class Situation(NamedTuple):
    """What is shown of one node in one situation: its fields, and what waits for it."""

    fields: tuple[str, ...]
    inbox: tuple[str, ...]


def situations(graph: StateGraph) -> list[list[Situation]]:
    """What is shown of every situation, by node and number."""
    return [[_situation(graph.system, cell) for cell in cells] for cells in graph.cells]


def _situation(system: System, cell: Cell) -> Situation:
    told = [f"{name} {text}".strip() for name, text in fields_of(system, cell)]
    waits = 1 if system.network.held(cell.inbox) else 0
    return Situation(tuple(told[: len(told) - waits]), tuple(told[len(told) - waits :]))
