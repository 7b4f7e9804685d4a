"""A worker: the buffers with which one thread expands states, and one owner takes them in."""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.native import layout, machine
from checker.native.arrays import Array, apart
from checker.native.store import Store
from checker.native.tables import Tables

#: Successors that an outbox holds before it is emptied.
OUTBOX = 1 << 17
#: States that are set aside, or terminal, or entries missing, before expansion pauses.
BUFFER = 1 << 14
#: What was seen of so many states lately is not looked at again; a power of two.
RECENT = 1 << 12
#: A state that went out so lately does not go out again; a power of two.
LATELY = 1 << 10

Words = tuple[Array, Array]
#: What a worker is told of the tables: packing, graph, symmetry group, as the kernel takes them.
Known = tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]


def room_for_misses(tables: Tables, most: int) -> int:
    """The size of a table that holds all that a state with up to `most` successors may lack.

    That is a row for each node and, for each successor, a post for each node and an image of each
    node's cell under each renaming. The table stays half empty, and its size is a power of two.
    """
    renamings = len(tables.symmetry.tried) if tables.symmetry is not None else 1
    lacking = tables.nodes + most * tables.nodes * (1 + renamings)
    return 1 << (4 * lacking).bit_length()


class Combinations:
    """The combinations of views that one owner's states have shown so far, for each group of properties."""

    def __init__(self, groups: int) -> None:
        self.sizes = np.full(groups, 64, np.int64)
        self.used = apart(groups, np.int64)
        self._lay_out()
        self.new = np.zeros((BUFFER, 2), np.uint64)
        self.count = apart(1, np.int64)

    def _lay_out(self) -> None:
        self.offsets = np.cumsum(self.sizes) - self.sizes
        self.table = np.full(int(self.sizes.sum()), layout.EMPTY, np.uint64)

    def grow(self) -> None:
        """Double every table that is half full."""
        old = [self.table[at : at + size].copy() for at, size in zip(self.offsets, self.sizes, strict=True)]
        self.sizes = np.where(self.used * 2 >= self.sizes, self.sizes * 4, self.sizes)
        self._lay_out()
        for at, size, entries in zip(self.offsets, self.sizes, old, strict=True):
            machine.enter(entries, self.table[at : at + size])

    def forget(self, group: int) -> None:
        """Drop what is known of a group: its combinations are now written otherwise."""
        at = int(self.offsets[group])
        self.table[at : at + int(self.sizes[group])] = layout.EMPTY
        self.used[group] = 0

    def take(self) -> list[tuple[int, int]]:
        """The new (group, combination) pairs, which are then no longer new."""
        pairs = [(int(g), int(c)) for g, c in self.new[: int(self.count[0])]]
        self.count[0] = 0
        return pairs


class Outboxes:
    """Successors on their way to their owners."""

    def __init__(self, owners: int) -> None:
        self.words0: Array = np.zeros((owners, OUTBOX), np.uint64)
        self.words1: Array = np.zeros((owners, 1), np.uint64)
        self.filled = apart(owners, np.int64)

    def fit(self, room: int, *, wide: bool) -> None:
        """Make room for so many states in each; they must be empty."""
        if self.words0.shape[1] < room:
            self.words0 = np.zeros((self.words0.shape[0], room), np.uint64)
        if wide and self.words1.shape != self.words0.shape:
            self.words1 = np.zeros_like(self.words0)

    def take(self, owner: int) -> tuple[Array, Array, int]:
        """What there is for an owner: words, second words if states have two, how many; gone then."""
        count = int(self.filled[owner])
        self.filled[owner] = 0
        return self.words0[owner], self.words1[owner], count


class Worker:
    """One thread's share of the work: it expands its own states and sends successors to their owners."""

    def __init__(self, number: int, owners: int, tables: Tables, store: Store) -> None:
        self.number = number
        self.owners = owners
        self.tables = tables
        self.store = store
        self.uses = f"uses{number}"
        tables.per_cell.add(self.uses, np.int64, 0)
        self.counters = apart(4, np.int64)
        self.aside = np.zeros(BUFFER, np.int64)
        self.terminals = np.zeros(BUFFER, np.int64)
        self.miss = np.zeros((2 * BUFFER, 3), np.int64)
        self.scratch = apart((5, max(tables.nodes, owners)), np.int64)
        self.combinations = Combinations(len(tables.viewing.groups))
        self.cut = apart(128, np.int64)
        self.forget_recent()
        #: one pair is filled while the other is emptied
        self.boxes = (Outboxes(owners), Outboxes(owners))
        self.todo: list[Words] = []
        self.at = 0
        self.later: list[Words] = []
        self.ends: list[Words] = []
        self.misses: set[tuple[int, int, int]] = set()

    def forget_recent(self) -> None:
        """Begin anew to remember what states looked like: they are packed otherwise from now on."""
        self.recent = np.full((RECENT, 3), layout.EMPTY, np.uint64)
        self.lately = np.full((LATELY, 2), layout.EMPTY, np.uint64)

    def fit(self, most: int) -> None:
        """Make the buffers large enough for states with up to `most` successors; outboxes must be empty."""
        for boxes in self.boxes:
            boxes.fit(max(OUTBOX, 4 * most), wide=self.store.packing.wide)
        room = room_for_misses(self.tables, most)
        if self.miss.shape[0] < room:
            self.miss = np.zeros((room, 3), np.int64)

    @property
    def waiting(self) -> int:
        """How many states wait to be expanded here, or to be taken in by somebody."""
        todo = sum(int(words[0].shape[0]) for words in self.todo)
        return todo + sum(int(boxes.filled.sum()) for boxes in self.boxes)

    def turn(self, senders: list[Worker], number: int, known: Known) -> int:
        """Take in what came in the turn before, then expand; how many states were new.

        In one turn nobody fills what another empties, so there is nothing else to wait for.
        """
        found = self.absorb(senders, number - 1, known)
        self._expand(self.boxes[number % 2], known)
        return found

    def _expand(self, boxes: Outboxes, known: Known) -> None:
        """Expand states until an outbox is full or nothing is left to do."""
        packing, graph, group = known
        wide = self.store.packing.wide
        while self.todo:
            w0, w1 = self.todo[-1]
            stop = machine.expand(
                w0, w1, self.at, w0.shape[0], wide, packing, graph, (*group, self.terminals),
                boxes.words0, boxes.words1, boxes.filled, self.owners, self.tables.per_cell[self.uses],
                self.aside, self.miss, self.counters, self.lately, self.scratch,
            )  # fmt: skip
            self.at = stop
            self._drain(w0, w1)
            if stop == w0.shape[0]:
                self.todo.pop()
                self.at = 0
            if boxes.filled.max() > boxes.words0.shape[1] - graph[-1]:
                return

    def _drain(self, w0: Array, w1: Array) -> None:
        if self.counters[0]:
            chosen = self.aside[: self.counters[0]]
            self.later.append((w0[chosen], w1[chosen]))
        if self.counters[3]:
            chosen = self.terminals[: self.counters[3]]
            self.ends.append((w0[chosen], w1[chosen]))
        if self.counters[1]:
            noted = self.miss[self.miss[:, 0] > 0]
            self.misses.update((kind - 1, x, y) for kind, x, y in noted.tolist())
            self.miss[:] = 0
        self.counters[:] = 0

    def absorb(self, senders: list[Worker], number: int, known: Known) -> int:
        """Take in what the senders put out for this worker in a turn; how many states were new."""
        found = 0
        for sender in senders:
            w0, w1, count = sender.boxes[number % 2].take(self.number)
            if count:
                found += self.take(w0, w1, count, known[0])
        return found

    def take(self, w0: Array, w1: Array, count: int, packing: tuple[Any, ...]) -> int:
        """Take in states and read the views of those that are new; how many are."""
        fresh = self.store.absorb(w0, w1, count)
        at, last = 0, fresh.shape[0]
        combos = self.combinations
        per_cell = self.tables.per_cell
        while at < last:
            at = machine.look(
                w0, w1, fresh, at, last, self.store.packing.wide, packing, per_cell["cut"], self.cut,
                per_cell["seen"], self.recent, per_cell["views"], combos.table, combos.offsets,
                combos.sizes, combos.used, combos.new, combos.count, self.scratch[0],
            )  # fmt: skip
            if at < last:
                if combos.count[0] + combos.sizes.shape[0] > combos.new.shape[0]:
                    combos.new = np.concatenate([combos.new, np.zeros_like(combos.new)])
                else:
                    combos.grow()
        return int(last)
