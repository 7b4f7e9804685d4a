"""Who did what, in which order: what tells runs apart where the order of independent steps does not.

A *history* is what happened at one node, one *event* after the other. A *causal graph* is one history for
each node, and symmetries turn causal graphs into each other. Events, histories and situations (a history,
and the cell that the node has by now) are numbered, so that each is renamed once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from checker.engines.groups import Images, generated, same
from checker.engines.walk import Moves
from checker.explanation.shortest import Shortest
from checker.model.properties import On
from checker.model.semantics import Cell, Move, State, Transition, addressed, initial_state
from checker.model.system import System
from checker.model.values import Renaming
from checker.model.vocabulary import Sends, Symmetry, kind_of

#: One number for each node: of its history, or of its situation.
Numbers = tuple[int, ...]
#: What a step does to causal graphs: for each node that takes part the number of its event.
Events = tuple[tuple[int, int], ...]


class Untrue(Exception):  # noqa: N818 - what is untrue is a claim of the model's
    """A symmetry that is none where it was looked at."""

    def __init__(self, symmetry: Symmetry) -> None:
        super().__init__(f"symmetry {symmetry.name} does not hold")
        self.symmetry = symmetry


class _Numbered:
    """Values by number, in the order in which they came up."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        known = self._numbers.setdefault(value, len(self.values))
        if known == len(self.values):
            self.values.append(value)
        return known


class Histories:
    """The histories of the nodes of a system, and how a group of renamings acts on them. Remembers."""

    def __init__(self, system: System, symmetries: Sequence[Symmetry] = ()) -> None:
        self.system = system
        self.symmetries = symmetries
        self.group = generated([g for symmetry in symmetries for g in symmetry.generators])
        self.rename = [Renaming(images) for images in self.group]
        names = [member.name for member in system.members]
        #: renaming → node → the node that it becomes
        self.position = [[system.positions[g.get(name, name)] for name in names] for g in self.group]
        #: an event is an action, what is renamed of it, and whether a message is lost
        self._events = _Numbered()
        #: a history is the one before and an event; number 0 is that of a node to which nothing happened
        self._histories = _Numbered()
        self._histories.number(None)
        self._situations = _Numbered()
        renamings = range(len(self.group))
        self._event_images: list[dict[int, int]] = [{} for _ in renamings]
        self._history_images: list[dict[int, int]] = [{0: 0} for _ in renamings]
        self._situation_images: list[dict[int, int]] = [{} for _ in renamings]
        self._cell_images: list[dict[Cell, Cell]] = [{} for _ in renamings]

    def events(self, step: Transition) -> Events:
        """What happens in a step: at its own node, and at those that handle at once what it sends."""
        system, name = self.system, self.system.members[step.node].name
        own = step.action, (step.message, step.sender, by_receiver(system, step.sends)), step.lost
        events = [(step.node, self._events.number(own))]
        for to, sent in addressed(system, step.sends):
            immediate = system.members[to].role.immediate
            handled = tuple(message for message in sent if kind_of(message) in immediate)
            if handled and to != step.node:
                events.append((to, self._events.number(("", (name, handled), False))))
        return tuple(events)

    def nothing(self) -> Numbers:
        """The causal graph in which nothing has happened."""
        return (0,) * len(self.system.members)

    def longer(self, graph: Numbers, events: Events) -> Numbers:
        """The causal graph with one more step."""
        histories = list(graph)
        for node, event in events:
            histories[node] = self._histories.number((histories[node], event))
        return tuple(histories)

    def of(self, run: Sequence[Events]) -> Numbers:
        """The causal graph of a run."""
        graph = self.nothing()
        for events in run:
            graph = self.longer(graph, events)
        return graph

    def exchanged(self, run: Sequence[Events]) -> Iterator[Numbers]:
        """The causal graphs if two steps were exchanged that are neighbours wherever they meet."""
        at: list[list[tuple[int, int]]] = [[] for _ in self.system.members]
        for step, events in enumerate(run):
            for node, event in events:
                at[node].append((step, event))
        nexts = [[(one[0], two[0]) for one, two in pairwise(taken)] for taken in at]
        for one, two in dict.fromkeys(pair for pairs in nexts for pair in pairs):
            together = {node for node, _ in run[one]} & {node for node, _ in run[two]}
            if all((one, two) in nexts[node] for node in together):
                places = {one: two, two: one}
                yield tuple(
                    self._history(
                        sorted(taken, key=lambda e: places.get(e[0], e[0])) if node in together else taken
                    )
                    for node, taken in enumerate(at)
                )

    def _history(self, taken: Sequence[tuple[int, int]]) -> int:
        number = 0
        for _, event in taken:
            number = self._histories.number((number, event))
        return number

    def least(self, graph: Numbers) -> Numbers:
        """Of all images of a causal graph the least: the same for all that symmetries make of it."""
        return min(self._images(graph, self._image_of_history))

    def images(self, graph: Numbers) -> int:
        """How many causal graphs symmetries make of one, itself included."""
        return len(set(self._images(graph, self._image_of_history)))

    def least_situation(self, graph: Numbers, state: State) -> Numbers:
        """The same of where a causal graph has come to: its histories, with the cells of the nodes."""
        here = [self._situations.number(pair) for pair in zip(graph, state, strict=True)]
        return min(self._images(here, self._image_of_situation))

    def _images(self, numbers: Sequence[int], image_of: Callable[[int, int], int]) -> Iterator[Numbers]:
        yield tuple(numbers)
        for g in range(1, len(self.group)):
            image = [0] * len(numbers)
            for there, number in zip(self.position[g], numbers, strict=True):
                image[there] = image_of(g, number)
            yield tuple(image)

    def _image_of_event(self, g: int, number: int) -> int:
        known = self._event_images[g].get(number)
        if known is None:
            action, what, lost = self._events.values[number]
            image = action, self.rename[g](what), lost
            known = self._event_images[g][number] = self._events.number(image)
        return known

    def _image_of_history(self, g: int, number: int) -> int:
        images, todo = self._history_images[g], []
        while number not in images:
            todo.append(number)
            number = self._histories.values[number][0]
        for later in reversed(todo):
            before, event = self._histories.values[later]
            images[later] = self._histories.number((images[before], self._image_of_event(g, event)))
            number = later
        return images[number]

    def _image_of_situation(self, g: int, number: int) -> int:
        known = self._situation_images[g].get(number)
        if known is None:
            history, cell = self._situations.values[number]
            image = self._image_of_history(g, history), self.image_of_cell(g, cell)
            known = self._situation_images[g][number] = self._situations.number(image)
        return known

    def image_of_cell(self, g: int, cell: Cell) -> Cell:
        """A cell with all renamed."""
        known = self._cell_images[g].get(cell)
        if known is None:
            rename = self.rename[g]
            inbox = self.system.network.mapped(cell.inbox, rename, rename)
            known = self._cell_images[g][cell] = Cell(rename(cell.local), inbox)
        return known

    def image_of_state(self, g: int, state: State) -> State:
        """A state with all renamed."""
        image: list[Cell] = list(state)
        for cell, there in zip(state, self.position[g], strict=True):
            image[there] = self.image_of_cell(g, cell)
        return tuple(image)


def by_receiver(system: System, sends: Sends) -> frozenset[tuple[Any, tuple[Any, ...]]]:
    """What is sent to whom, the receivers in no order."""
    return frozenset((system.members[to].name, tuple(sent)) for to, sent in addressed(system, sends))


class Proof:
    """That symmetries hold, as far as they are relied on: proved of each situation that comes up.

    The first state is its own image, and a node may do in the image of a situation the images of what it
    may do there. Raises Untrue, with one that does not hold.
    """

    def __init__(self, histories: Histories, moves: Moves) -> None:
        self._histories = histories
        self._moves = moves
        self._proved: set[tuple[int, Cell]] = set()
        #: renamings that generate the others, and whose they are
        self._generators = [(self._at(g), s) for s in histories.symmetries for g in s.generators]
        first = initial_state(histories.system)
        for g, symmetry in self._generators:
            if histories.image_of_state(g, first) != first:
                raise Untrue(symmetry)

    def _at(self, images: Images) -> int:
        group: Sequence[Mapping[Any, Any]] = self._histories.group
        return next(i for i, g in enumerate(group) if same(g, images))

    def moves_of(self, state: State) -> None:
        """Check what all nodes may do in a state and in its images. Raises Untrue, ModelError."""
        todo = list(enumerate(state))
        while todo:
            node, cell = todo.pop()
            if (node, cell) in self._proved:
                continue
            self._proved.add((node, cell))
            for g, symmetry in self._generators:
                there, image = self._histories.position[g][node], self._histories.image_of_cell(g, cell)
                here = Counter(self._renamed(g, move) for move in self._known(node, cell))
                if here != Counter(self._renamed(0, move) for move in self._known(there, image)):
                    raise Untrue(symmetry)
                todo.append((there, image))

    def _known(self, node: int, cell: Cell) -> Iterator[Move]:
        found, raised = self._moves.of(node, cell)
        if raised is not None:
            raise raised
        yield from found

    def _renamed(self, g: int, move: Move) -> Hashable:
        rename = self._histories.rename[g]
        what = rename((move.message, move.sender, by_receiver(self._histories.system, move.sends)))
        return move.action, what, move.lost, self._histories.image_of_cell(g, move.after)

    def ends(self, ways: Shortest) -> None:
        """Check that what is looked for is shown in all images of where it is. As `moves_of`."""
        last = ways.levels[-1]
        for state in last:
            for g, symmetry in self._generators:
                image = self._histories.image_of_state(g, state)
                if ways.kept(image) not in last:
                    raise Untrue(symmetry)
                if ways.claim.kind.on is On.STEP:
                    shown = {
                        self._histories.image_of_state(g, after) for after in self._showing(ways, state)
                    }
                    if shown != set(self._showing(ways, image)):
                        raise Untrue(symmetry)

    def _showing(self, ways: Shortest, state: State) -> Iterator[State]:
        system = self._histories.system
        steps = self._moves.successors(state)
        return (step.state for step in steps if ways.leads(system, ways.length, state, step))
