"""A worker: the buffers with which one thread expands states, and one owner takes them in.

A worker's own successors stay with it; those of other owners are sent to them in batches, and taken in
between two pieces of work. Pieces are taken from one's own share first, then from those of the others:
who expands a state does not matter, only who keeps it. So nobody waits for anybody before the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from checker.engines.native.arrays import Array, apart
from checker.engines.native.kernel import layout, machine
from checker.engines.native.states import pairing
from checker.engines.native.states.owners import Owning
from checker.engines.native.states.packing import Words
from checker.engines.native.states.store import Piece, Store, held
from checker.engines.native.tables import Tables

#: Successors that an outbox holds before it is emptied, and that all outboxes of a worker hold at most.
OUTBOX = 1 << 17
OUTBOXES = 1 << 19
#: States that are set aside, or terminal, before expansion pauses.
BUFFER = 1 << 14
#: Places for entries that are missing; expansion pauses when half of them are taken. A power of two.
MISSES = 1 << 14
#: What was seen of so many states lately is not looked at again; a power of two.
RECENT = 1 << 12
#: A state that went out so lately does not go out again; a power of two.
LATELY = 1 << 13

#: What a worker is told of the tables: packing, graph, symmetry group, owners, as the kernel takes them.
Known = tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...], Owning]


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
        """Enlarge every table that is half full."""
        old = [self.table[at : at + size].copy() for at, size in zip(self.offsets, self.sizes, strict=True)]
        self.sizes = np.where(self.used * 2 >= self.sizes, self.sizes * 4, self.sizes)
        self._lay_out()
        for at, size, entries in zip(self.offsets, self.sizes, old, strict=True):
            machine.enter(entries, self.table[at : at + size])

    def has(self, group: int, combination: int) -> bool:
        """Whether a group was shown this combination."""
        at = int(self.offsets[group])
        return bool((self.table[at : at + int(self.sizes[group])] == np.uint64(combination)).any())

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


class Round:
    """What the workers do together: each one's pieces, what is known of the tables, whether to stop."""

    def __init__(self, pieces: list[list[Piece]], known: Known) -> None:
        self.pieces = [deque(share) for share in pieces]
        self.known = known
        self.stopped = False

    @property
    def size(self) -> int:
        """How many states there are to expand."""
        return sum(piece.size for share in self.pieces for piece in share)

    def take(self, number: int) -> Piece | None:
        """The next piece for a worker: one of its own if there are any, else the last of another's."""
        if self.stopped:
            return None
        with suppress(IndexError):
            return self.pieces[number].popleft()
        for others in self.pieces:
            with suppress(IndexError):
                return others.pop()
        return None


class Batch(NamedTuple):
    """States on their way to their owner: the first so many of these; and where to give back their room."""

    words: Words
    size: int
    back: list[Words]


class Worker:
    """One thread's share of the work: it expands its own states and sends successors to their owners."""

    def __init__(self, number: int, owners: int, tables: Tables, store: Store) -> None:
        self.number = number
        self.tables = tables
        self.uses = f"uses{number}"
        tables.per_cell.add(self.uses, np.int64, 0)
        self.counters = apart(4, np.int64)
        self.aside = np.zeros(BUFFER, np.int64)
        self.terminals = np.zeros(BUFFER, np.int64)
        self.miss = np.zeros(MISSES, np.int64)
        self.combinations = Combinations(len(tables.viewing.groups))
        self.cut = apart(128, np.int64)
        #: states that others have sent
        self.incoming: deque[Batch] = deque()
        #: what states were sent in, given back by those who took them in
        self.spare: list[Words] = []
        self.later: list[Piece] = []
        #: terminal states found, and these states themselves if properties are judged on them
        self.terminal = 0
        self.ends: list[Words] = []
        #: table entries that are missing, as the kernel notes them
        self.misses: list[Array] = []
        #: how many states were expanded here so far, sent to others, and taken in from others
        self.expanded = 0
        self.sent = 0
        self.received = 0
        self.keep(store, owners)

    def keep(self, store: Store, owners: int) -> None:
        """Keep other states from now on, or the same ones packed otherwise, as one of so many owners."""
        self.store = store
        self.owners = owners
        #: successors by owner, on their way out
        self.words0: Array = np.zeros((owners, self._room), np.uint64)
        self.words1: Array = np.zeros((owners, 1), np.uint64)
        self.filled = apart(owners, np.int64)
        self.scratch = apart((5, max(self.tables.nodes, owners)), np.int64)
        #: what states looked like that were found lately, and what went out lately
        self.recent = np.full((RECENT, 3), layout.EMPTY, np.uint64)
        self.lately = np.full((LATELY, 2), layout.EMPTY, np.uint64)

    def forget(self, group: int) -> None:
        """Forget which combinations of views a group was shown: they are now written otherwise."""
        self.combinations.forget(group)
        self.recent[:] = layout.EMPTY

    @property
    def _room(self) -> int:
        return min(OUTBOX, OUTBOXES // self.owners)

    def fit(self, most: int) -> None:
        """Make the buffers large enough for states with up to `most` successors; outboxes must be empty."""
        room = max(self._room, 4 * most)
        if self.words0.shape[1] < room:
            self.words0 = np.zeros((self.owners, room), np.uint64)
        if self.store.packing.wide and self.words1.shape != self.words0.shape:
            self.words1 = np.zeros_like(self.words0)
        room = room_for_misses(self.tables, most)
        if self.miss.shape[0] < room:
            self.miss = np.zeros(room, np.int64)

    def work(self, together: Round, workers: list[Worker], look: Callable[[], None]) -> None:
        """Expand pieces until none is left, and send everything out; `look` is called between pieces."""
        room = self.words0.shape[1] - together.known[1][-1]
        while (piece := together.take(self.number)) is not None:
            self._expand(piece.words(), room, workers, together.known)
            self.receive(together.known)
            look()
        self._send(0, workers, together.known)

    def _expand(self, words: Words, room: int, workers: list[Worker], known: Known) -> None:
        packing, graph, group, owning = known
        pairing.same_packing(words, self.store.packing)
        at, last = 0, words.size
        while at < last:
            before = at
            at = machine.expand(
                words.first, words.second, at, last, self.store.packing.wide, packing, graph,
                (*group, self.terminals), self.words0, self.words1, self.filled, owning,
                self.tables.per_cell[self.uses], self.aside, self.miss, self.counters, self.lately,
                self.scratch,
            )  # fmt: skip
            self.expanded += at - before - int(self.counters[0])
            self._drain(words)
            self._send(room, workers, known)

    def _send(self, room: int, workers: list[Worker], known: Known) -> None:
        """Empty the outboxes that hold more than `room`."""
        for owner in np.flatnonzero(self.filled > room).tolist():
            first = self.words0[owner]
            second = self.words1[owner] if self.store.packing.wide else first
            words = Words(first, second, self.store.packing)
            count = int(self.filled[owner])
            if owner == self.number:
                self.take(words, count, known)
            else:
                workers[owner].incoming.append(Batch(self._copied(words, count), count, self.spare))
                self.sent += count
            self.filled[owner] = 0

    def _copied(self, words: Words, count: int) -> Words:
        wide = words.packing.wide
        copy = self.spare.pop() if self.spare else None
        if copy is None or copy.size != words.size or copy.packing.wide != wide:
            # there is none that came back, or it is of a time when less was sent at once
            first = np.empty_like(words.first)
            copy = Words(first, np.empty_like(first) if wide else first, words.packing)
        copy.first[:count] = words.first[:count]
        if wide:
            copy.second[:count] = words.second[:count]
        return copy._replace(packing=words.packing)

    def receive(self, known: Known) -> None:
        """Take in what others have sent so far."""
        while self.incoming:
            words, count, spare = self.incoming.popleft()
            self.take(words, count, known)
            self.received += count
            spare.append(words)

    def _drain(self, words: Words) -> None:
        if self.counters[0]:
            self.later.append(held(words.of(self.aside[: self.counters[0]])))
        if self.counters[3]:
            self.terminal += int(self.counters[3])
            if self.tables.viewing.terminal:
                self.ends.append(words.of(self.terminals[: self.counters[3]]))
        if self.counters[1]:
            self.misses.append(self.miss[self.miss != 0])
            self.miss[:] = 0
        self.counters[:] = 0

    def take(self, words: Words, count: int, known: Known) -> None:
        """Take in so many states, and read the views of those that are new."""
        pairing.same_packing(words, self.store.packing)
        packing, owning, (w0, w1, _) = known[0], known[3], words
        fresh = self.store.absorb(w0, w1, count)
        pairing.owned(words, fresh, owning, self.number)
        pairing.kept(self.store, words, fresh)
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
        pairing.looked_at(self, words, fresh)
