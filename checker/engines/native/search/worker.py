"""A worker: the buffers with which one thread expands states, and one owner takes them in.

A worker's own successors stay with it; those of other owners are sent to them in batches, and taken in
between two pieces of work. Pieces are taken from one's own share first, then from those of the others:
who expands a state does not matter, only who keeps it. So nobody waits for anybody before the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from checker.engines.native.arrays import Array, Stretches, apart, relaid
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import Met, Outbox, States
from checker.engines.native.lacking import Noted
from checker.engines.native.search.combinations import Combinations
from checker.engines.native.search.mailbox import Mailbox, Round
from checker.engines.native.snapshot import Snapshot
from checker.engines.native.states import pairing
from checker.engines.native.states.store import Store
from checker.engines.native.states.words import Packing, Piece, Words

#: Successors that all outboxes of a worker hold at most.
OUTBOXES = 1 << 19
#: States that are set aside, or terminal, before expansion pauses.
BUFFER = 1 << 14
#: Places for entries that are missing; expansion pauses when half of them are taken. A power of two.
MISSES = 1 << 14
#: What was seen of so many states lately is not looked at again; a power of two.
RECENT = 1 << 12
#: No moves that sleep, of no node.
NOTHING = Packing((), (), ())


class Worker:
    """One thread's share of the work: it expands states, and keeps those that it owns."""

    def __init__(self, number: int, store: Store, tables: Snapshot, mail: Mailbox, owners: int) -> None:
        self.number = number
        self.tables = tables
        #: for each cell how many states with it were expanded here
        self._uses: Array = np.zeros(tables.stretches.size, np.int64)
        self.met = Met(
            np.zeros(BUFFER, np.int64),
            np.zeros(BUFFER, np.int64),
            np.zeros(MISSES, np.int64),
            apart(layout.COUNTERS, np.int64),
        )
        self.combinations = Combinations(tables.groups)
        #: bound → states in which it stops some node
        self.cut = apart(128, np.int64)
        #: states that were set aside, to be expanded when nothing is missing any more
        self.later: list[Piece] = []
        #: terminal states found, and these states themselves if properties are judged on them
        self.terminal = 0
        self.ends: list[Words] = []
        #: table entries that are missing
        self.missing = Noted()
        #: how many states were expanded here so far, steps followed (if each interleaving is followed
        #: once), states sent to others, and taken in from others
        self.expanded = 0
        self.followed = 0
        self.sent = 0
        self.received = 0
        #: where all is compared, new states that are yet to be compared with what is known of them
        self.sampled: list[Words] = []
        #: where the words of what sleeps have each node's moves, of states that are expanded and of
        #: successors
        self.before = self.after = NOTHING
        self.keep(store, mail, owners)

    def keep(self, store: Store, mail: Mailbox, owners: int) -> None:
        """Adopt `store` (after sharing or repacking) as one of `owners`, and size the buffers for it."""
        self.store = store
        self.mail = mail
        self.owners = owners
        #: successors by owner, on their way out
        self.outbox = Outbox(
            np.zeros((owners, self._room), np.uint64),
            np.zeros((owners, 1), np.uint64),
            apart(owners, np.int64),
            np.zeros(0, np.int64),
        )
        self.scratch = apart((11, max(self.tables.nodes, owners)), np.int64)
        #: beside the outbox what sleeps in the successors
        self.sleeping: Array = np.zeros((owners, 1), np.uint64)
        #: what states looked like that were found lately, and what went out lately
        self.recent = np.full((RECENT, 3), layout.EMPTY, np.uint64)
        self.lately = np.full((store.tuning.lately, 2), layout.EMPTY, np.uint64)

    def have_counted(self, totals: Sequence[int], cut: Array, uses: Array) -> None:
        """Begin with what was counted before a search was gone on with: `totals` as it has them."""
        self.expanded, self.followed, self.terminal = totals
        self.cut[:], self._uses = cut, uses

    @property
    def totals(self) -> tuple[int, int, int]:
        """States expanded, steps followed and terminal states."""
        return self.expanded, self.followed, self.terminal

    def begin_level(self, before: Packing, after: Packing, level: int | None = None) -> None:
        """Begin a level, or see again what sleeps in one: laid out as `after`, before that as `before`."""
        self.before, self.after = before, after
        self.store.build(level)
        self._lay_out()

    def _lay_out(self) -> None:
        if self.tables.in_order and self.sleeping.shape != self.outbox.first.shape:
            self.sleeping = np.zeros_like(self.outbox.first)

    def forget(self, group: int) -> None:
        """Forget which combinations of views a group was shown: they are now written otherwise."""
        self.combinations.forget(group)
        self.recent[:] = layout.EMPTY

    @property
    def _room(self) -> int:
        return min(self.store.tuning.outbox, OUTBOXES // self.owners)

    def uses(self, stretches: Stretches) -> Array:
        """For each cell how many states with it were expanded here."""
        known = self.tables.stretches
        return self._uses if stretches is known else relaid(self._uses, 0, known, stretches)

    def adopt(self, tables: Snapshot) -> None:
        """Work with these tables from now on; what is on its way out must have gone."""
        self._uses = self.uses(tables.stretches)
        self.tables = tables
        first, second, filled, moves = self.outbox
        room = max(self._room, 4 * tables.graph.most)
        if first.shape[1] < room:
            first = np.zeros((self.owners, room), np.uint64)
        if tables.packing.wide and second.shape != first.shape:
            second = np.zeros_like(first)
        self.outbox = Outbox(first, second, filled, moves)
        self._lay_out()
        if self.met.miss.shape[0] < tables.room_for_misses:
            self.met = self.met._replace(miss=np.zeros(tables.room_for_misses, np.int64))

    def work(self, together: Round, look: Callable[[], None]) -> None:
        """Expand pieces until none is left, and send everything out; `look` is called between pieces."""
        room = self.outbox.first.shape[1] - self.tables.graph.most
        while (piece := together.take(self.number)) is not None:
            self._expand(piece, room)
            self.receive()
            look()
        self._send(0)

    def _expand(self, piece: Piece, room: int) -> None:
        words = piece.words()
        pairing.same_packing(words, self.tables.packing)
        states, at, last = words.arrays(), 0, words.size
        aside: list[Array] = []
        while at < last:
            before, count = at, self.met.counters
            at = self._expand_some(states, words.asleep, at, last)
            self.expanded += at - before - int(count[layout.ASIDE])
            if count[layout.ASIDE]:
                aside.append(self.met.aside[: count[layout.ASIDE]].copy())
            self._drain(words)
            self._send(room)
        if aside:
            self.later.append(piece.part(np.concatenate(aside)))

    def _expand_some(self, states: States, asleep: Array | None, at: int, last: int) -> int:
        tables, outbox, met = self.tables, self.outbox, self.met
        if not tables.in_order:
            return machine.expand(
                states, at, last, tables.fields, tables.graph, tables.orbits, tables.shifts, tables.owning,
                outbox, met, self._uses, self.lately, self.scratch,
            )  # fmt: skip
        if asleep is None:  # the states are of the level before the first that is in order
            asleep = np.zeros(states.first.shape[0], np.uint64)
        unbased = np.zeros(tables.nodes, np.int64)
        before, after = self.before.arrays(unbased), self.after.arrays(unbased)
        return machine.expand_in_order(
            states, asleep, at, last, tables.fields, before, after, tables.graph, tables.orbits,
            tables.commuting, tables.owning, outbox, self.sleeping, met, self._uses, self.scratch,
        )  # fmt: skip

    def _send(self, room: int) -> None:
        """Empty the outboxes that hold more than `room`."""
        packing, filled = self.tables.packing, self.outbox.filled
        for owner in np.flatnonzero(filled > room).tolist():
            first = self.outbox.first[owner]
            asleep = self.sleeping[owner] if self.tables.in_order else None
            words = Words(first, self.outbox.second[owner] if packing.wide else first, packing, asleep)
            count = int(filled[owner])
            if owner == self.number:
                self.take(words, count)
            else:
                self.mail.send(owner, words, count)
                self.sent += count
            filled[owner] = 0

    def receive(self) -> None:
        """Take in what others have sent so far."""
        for words, count in self.mail.arrived():
            self.take(words, count)
            self.received += count

    def _drain(self, words: Words) -> None:
        _, terminals, _, counters = self.met
        if counters[layout.ENDED]:
            self.terminal += int(counters[layout.ENDED])
            if self.tables.judges_ends:
                self.ends.append(words.of(terminals[: counters[layout.ENDED]]))
        self.missing.add_from(self.met)
        self.followed += int(counters[layout.FOLLOWED])
        counters[:] = 0

    def take(self, words: Words, count: int) -> None:
        """Store `count` states; read the views of the new ones."""
        tables = self.tables
        pairing.same_packing(words, tables.packing)
        fresh = self.store.absorb(words.first, words.second, count, words.asleep)
        self._compare(words, fresh)
        states, at, last = words.arrays(), 0, fresh.shape[0]
        while at < last:
            at = machine.look(
                states, fresh, at, last, tables.fields, tables.looks, self.cut, self.recent,
                self.combinations.arrays(), self.scratch[0],
            )  # fmt: skip
            if at < last:
                self.combinations.grow()

    def _compare(self, words: Words, fresh: Array) -> None:
        """Compare what is new among some states with what is kept of it. Raises Mismatch."""
        if not fresh.shape[0]:
            return
        last = fresh[-1]
        pairing.kept_last(self.store.newest(), (words.first[last], words.second[last]))
        if pairing.THOROUGH:
            pairing.owned(words, fresh, self.tables.owning, self.number)
            pairing.kept(self.store.last(fresh.shape[0]), words.of(fresh))
            self.sampled.append(words.of(fresh[: pairing.FEW]))

    def compare_sampled(self, shown: Callable[[int, Sequence[int]], int]) -> None:
        """Where all is compared, compare new states with what is known of them. Raises Mismatch.

        They are their own representatives, and what they show is what their nodes show, one by one.
        """
        sampled, self.sampled = self.sampled, []
        tables = self.tables
        for state in (state for words in sampled for state in words.cells()):
            pairing.lowered(state, tables.fields.base, tables.shifts)
            if tables.orbits.whole:
                pairing.least(state, tables.fields.base, tables.orbits)
            for group in range(tables.groups):
                wanted = shown(group, state.tolist())
                is_kept = self.combinations.has(group, wanted)
                pairing.shown(group, tables.shown(group, state), wanted, is_kept=is_kept)
