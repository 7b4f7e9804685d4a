"""Numbering: every local situation a number, and back.

The number of *local* situations of a node is small, the number of global states is their product. So
local states, messages, cells and bundles are numbered as they are met: local states and cells for each
node, messages and bundles for all nodes together. These lists are all there is to it: put in again in
their order, the values get the numbers that they had.

Network semantics treat messages as opaque values, so inboxes here hold message numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import Any, NamedTuple

from checker.engines.native.arrays import Memo
from checker.engines.native.kernel.layout import MAX_BUNDLES, MAX_CELLS
from checker.model.system import System
from checker.model.vocabulary import kind_of

#: What a step sends: (receiver, message numbers) for each receiver, in order of receivers; the
#: messages in the order of sending, or in order of their numbers where the network has no order.
Parcel = tuple[tuple[int, tuple[int, ...]], ...]
#: A state, as a cell number for each node.
Vector = tuple[int, ...]
#: Told of what gets a number: (node, number).
Watcher = Callable[[int, int], object]


class CapacityError(Exception):
    """There is more of something than the kernel's integers can name."""


class LocalCell(NamedTuple):
    """A cell: the number of its local state, and an inbox of message numbers."""

    local: int
    inbox: Any


#: A cell of its two parts; the constructor of a named tuple takes three times as long.
_local_cell: Callable[[tuple[int, Any]], LocalCell] = partial(tuple.__new__, LocalCell)


class Bundle(NamedTuple):
    """What one step sends to one node, as numbers; the sender is None where the network forgets it."""

    to: int
    sender: Hashable
    numbers: tuple[int, ...]


class Numbering:
    """The numbers of one system's local states, messages, cells and bundles."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.network = system.network
        self.nodes = len(system.members)
        self.locals: list[list[Any]] = [[] for _ in range(self.nodes)]
        self.messages: list[Hashable] = []
        self.cells: list[list[LocalCell]] = [[] for _ in range(self.nodes)]
        self.bundles: list[Bundle] = []
        self._local_number: list[dict[Any, int]] = [{} for _ in range(self.nodes)]
        self._message_number: dict[Hashable, int] = {}
        #: for each node (local, inbox) → the number of the cell. Raises CapacityError.
        self.number_of: list[Memo[tuple[int, Any], int]] = [
            Memo(partial(self._new_cell, node)) for node in range(self.nodes)
        ]
        self._inboxes: dict[Any, Any] = {}
        self._bundle_number: dict[Bundle, int] = {}
        self._immediate = [member.role.immediate for member in system.members]
        #: who keeps something beside each local state, and beside each cell
        self.of_locals: list[Watcher] = []
        self.of_cells: list[Watcher] = []

    def local(self, node: int, value: Any) -> int:
        """The number of a local state."""
        number = self._local_number[node].get(value)
        if number is None:
            number = self._local_number[node][value] = len(self.locals[node])
            self.locals[node].append(value)
            for tell in self.of_locals:
                tell(node, number)
        return number

    def message(self, value: Hashable) -> int:
        """The number of a message."""
        number = self._message_number.get(value)
        if number is None:
            number = self._message_number[value] = len(self.messages)
            self.messages.append(value)
        return number

    def inbox(self, value: Any) -> Any:
        """The one object for all inboxes that are equal to this: what is the same is told at once to be."""
        return self._inboxes.setdefault(value, value)

    def cell(self, node: int, local: int, inbox: Any) -> int:
        """The number of a cell. Raises CapacityError."""
        return self.number_of[node][local, inbox]

    def _new_cell(self, node: int, cell: tuple[int, Any]) -> int:
        number = len(self.cells[node])
        if number >= MAX_CELLS:
            raise CapacityError(f"{self.system.members[node].name} has more than {MAX_CELLS:,} cells")
        local, inbox = cell
        self.number_of[node][cell] = number
        self.cells[node].append(_local_cell((local, self.inbox(inbox))))
        for tell in self.of_cells:
            tell(node, number)
        return number

    def bundle(self, to: int, sender: int, numbers: tuple[int, ...]) -> int:
        """The number of a bundle. Raises CapacityError."""
        name = None if self.network.unordered else self.system.members[sender].name
        key = Bundle(to, name, numbers)
        number = self._bundle_number.get(key)
        if number is None:
            number = self._bundle_number[key] = len(self.bundles)
            if number >= MAX_BUNDLES:
                raise CapacityError(f"more than {MAX_BUNDLES:,} bundles of messages")
            self.bundles.append(key)
        return number

    def parcel(self, sends: Iterable[tuple[int, Iterable[int]]]) -> Parcel:
        """What is sent, in the one form it has."""
        return tuple(sorted((to, self._bundled(to, tuple(numbers))) for to, numbers in sends))

    def _bundled(self, to: int, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """What one node is sent; first what it handles at once, all of it, in the order of sending."""
        if not self.network.unordered:
            return numbers
        if not self._immediate[to]:
            return tuple(sorted({*numbers}))
        at_once = [m for m in numbers if self.is_immediate(to, m)]
        return (*at_once, *sorted({*numbers}.difference(at_once)))

    def is_immediate(self, node: int, message: int) -> bool:
        """Whether a node handles a message at once."""
        return kind_of(self.messages[message]) in self._immediate[node]

    def value(self, node: int, cell: int) -> Any:
        """The local state of a cell."""
        return self.locals[node][self.cells[node][cell].local]

    def in_inbox(self, inbox: Any) -> Iterable[int]:
        """The numbers of the messages in an inbox."""
        return inbox if self.network.unordered else self.network.held(inbox)  # type: ignore[return-value]

    def waiting(self, inbox: Any) -> tuple[Hashable, ...]:
        """The messages in an inbox, as `Network.held` has them."""
        return self.network.held(self.network.mapped(inbox, self.messages.__getitem__, lambda name: name))
