"""Tables to walk on: nothing is left out, and the moves of a row are in the order of the reference
semantics.

So which move a random number chooses depends on the model alone, and not on what was numbered when: tables
may be dropped and begun anew, and every walk goes the same way. What else a walk needs of a move is kept
beside it: its strand (what PCT gives a priority to), its action, its local step, and whether properties of
one node or one step find something in it. The key of a cell, a hash of what it holds, does not depend on
numbers either; the key of a state is the sum of those of its cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from checker.engines.contract import UNREDUCED
from checker.engines.native.arrays import Array, Growing, Memo
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.choosing import MISS_TAKE
from checker.engines.native.kernel.layout import EMPTY, MAX_CELLS, MISS_X_BITS, POST_CELL_BITS
from checker.engines.native.kernel.walking import RAISES, Takes, Traits
from checker.engines.native.numbering import CapacityError, LocalCell, Vector
from checker.engines.native.posts import Posts
from checker.engines.native.rows import Rows
from checker.engines.native.steps import LocalStep
from checker.engines.native.tables import Tables
from checker.model.semantics import ModelError
from checker.model.system import System
from checker.model.values import canonical
from checker.model.vocabulary import action_name, kind_of

#: What there is of each row.
_ENTRIES = ("row_ptr", "row_len", "generated")
_ALL = (1 << 64) - 1
#: Messages that the kernel can name.
MOST_MESSAGES = 1 << MISS_X_BITS
#: Bytes that each of these takes, with what is kept beside it: a cell, a move, a post, what is made of a
#: message in a cell, and a local state or message.
CELL, MOVE, POST, TAKE, VALUE = 900, 300, 60, 400, 6_000


class Event(NamedTuple):
    """What a step is, whatever the state: its node, the message (or -1 - wake) by number, which of the
    steps that there are for it, whether it is a loss, and the sender where the network keeps senders
    apart.
    """

    node: int
    what: int
    which: int
    lost: bool
    sender: Any


#: A step in reference order: what is taken (the number of a message or, below 0, of a wake), the place of
#: the step among those of that, the step, the inbox after, whether it is a loss, and the sender.
Listed = tuple[int, int, LocalStep, Any, bool, Any]


def hashed(text: str) -> int:
    """64 bits that any two different texts share with a probability of 2⁻⁶⁴."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


class WalkRows(Rows):
    """Rows in reference order, with what schedulers must know of their moves."""

    def __init__(self, tables: WalkTables) -> None:
        super().__init__(
            tables.numbering,
            tables.fusion,
            tables.delivery,
            tables.findings,
            tables.per_cell,
            tables.counts,
        )
        self._steps = tables.steps
        self._system = tables.system
        self._text: Memo[int, str] = Memo(lambda number: canonical(self._numbering.messages[number]))
        self._strand_of: Memo[tuple[Any, ...], int] = Memo(self._strand)
        self.strand = Growing(np.uint64)
        self.action = Growing(np.int32)
        self.local = Growing(np.int32)
        self.flag = Growing(np.uint8)
        #: move → what it takes: node, message or wake by number, which of its steps, the sender
        self.events: list[Event] = []
        #: (node, local, what is taken, place) → the number of the local step
        self.local_steps: dict[tuple[int, int, int, int], int] = {}
        #: number of a local step → its action
        self.actions_of: list[int] = []
        #: (bundle, cell) → what a rule raises at what is handled at once
        self.faulty_posts: dict[tuple[int, int], ModelError] = {}
        #: whether messages wait apart from cells
        self.apart = tables.apart
        self._takes: tuple[Growing, Growing, Growing] = (
            Growing(np.uint64),
            Growing(np.int32),
            Growing(np.int32),
        )
        self._entered = 0
        self._take_table = self._empty(1 << 10)
        #: of each bundle the messages that are to wait, and whether others are handled at once
        self._sent_first, self._sent_last, self._sent_messages = (Growing(np.int32) for _ in range(3))
        self._at_once = Growing(np.uint8)
        self._message_keys = Growing(np.uint64)
        #: the most messages that one step may send
        self.most_sent = 0
        #: move → property → what it says; the same of posts
        self.shown: dict[int, dict[str, str]] = {}
        self.shown_posts: dict[tuple[int, int], dict[str, str]] = {}
        self.decided: frozenset[str] = frozenset()

    @property
    def moves(self) -> int:
        """How many moves there are."""
        return len(self.events)

    @property
    def takes_known(self) -> int:
        """Of how many messages in cells it is known what is made of them."""
        return self._takes[0].size

    def fill(self, node: int, cell: int) -> None:
        """Compute the row of a cell and enter it. Where a rule raises no walk goes on."""
        local, inbox = self._numbering.cells[node][cell]
        found: dict[tuple[int, int], Listed] = {}
        try:
            for listed in (
                self._wakes(node, local, inbox) if self.apart else self.in_order(node, local, inbox)
            ):
                found.setdefault(self.move(node, listed[2], listed[3]), listed)
        except ModelError:
            self._per_cell.put(_ENTRIES, node, cell, (RAISES, 0, 0))
            return
        self._counts.rows += 1
        self.widest[node] = max(self.widest[node], len(found))
        self._per_cell.put(_ENTRIES, node, cell, (self._next.size, len(found), 0))
        for move, listed in found.items():
            self._add(node, local, move, listed)

    def fill_takes(self, number: int, places: list[int]) -> None:
        """Compute what nodes make of a message that waits, in some cells, and enter it.

        A place is a node and its cell, as the kernel notes them. Raises CapacityError.
        """
        if len(self._numbering.messages) > MOST_MESSAGES:
            raise CapacityError(f"more than {MOST_MESSAGES:,} messages")
        keys, moves, steps = self._takes
        for place in places:
            node, cell = divmod(place, MAX_CELLS)
            which = number * self._numbering.nodes + node
            local, inbox = self._numbering.cells[node][cell]
            keys.append(which << POST_CELL_BITS | cell)
            moves.append(self._next.size)
            try:
                found = [(self.move(node, s, inbox), s) for s in self._steps.of[node, local][number]]
            except ModelError:
                steps.append(-1)
                continue
            steps.append(len(found))
            for k, (move, step) in enumerate(found):
                self._add(node, local, move, (number, k, step, inbox, False, None))

    def move(self, node: int, step: LocalStep, after: Any) -> tuple[int, int]:
        """The mover's next cell, and the number of what it sends; if messages are apart, to itself too."""
        if not self.apart:
            return super().move(node, step, after)
        numbering, local = self._numbering, step.local
        bundles = []
        for to, numbers in step.parcel:
            rest = numbers
            if to == node:
                rest = tuple(m for m in numbers if not numbering.is_immediate(node, m))
                for number in numbers:
                    if number not in rest:
                        local = self._steps.at_once(node, local, number)
            if rest:
                bundles.append(numbering.bundle(to, node, rest))
        self.most_sent = max(self.most_sent, sum(len(numbers) for _, numbers in step.parcel))
        return numbering.cell(node, local, numbering.network.empty), self._parcel(tuple(bundles))

    def _add(self, node: int, local: int, move: tuple[int, int], listed: Listed) -> None:
        what, k, step, _, lost, sender = listed
        keys = self._findings.between[node, local, self._numbering.cells[node][move[0]].local]
        shows = {p.id: reason for p, reason in self._findings.of_keys(keys)} if keys else {}
        if shows:
            self.shown[self.moves] = shows
        self._next.append(move[0])
        self._parcel_of.append(move[1])
        self.flag.append(int(not shows.keys() <= self.decided))
        self.events.append(Event(node, what, k, lost, sender))
        self.strand.append(self._strand_of[node, what, sender, lost])
        action = len(self._actions) if lost else self._actions[step.action]
        self.action.append(action)
        place = (node, local, what, -1 if lost else k)
        number = self.local_steps.setdefault(place, len(self.local_steps))
        if number == len(self.actions_of):
            self.actions_of.append(action)
        self.local.append(number)

    def _empty(self, size: int) -> tuple[Array, Array, Array]:
        return np.full(size, EMPTY, np.uint64), np.zeros(size, np.int32), np.zeros(size, np.int32)

    def takes(self, message_keys: Callable[[int], int]) -> Takes:
        """What the kernel must know of messages that wait."""
        numbering = self._numbering
        for bundle in numbering.bundles[self._at_once.size :]:
            at_once = [self.apart and numbering.is_immediate(bundle.to, m) for m in bundle.numbers]
            waits = [m for m, now in zip(bundle.numbers, at_once, strict=True) if not now and self.apart]
            self._sent_first.append(self._sent_messages.size)
            self._sent_messages.extend(sorted(waits, key=self._text.__getitem__))
            self._sent_last.append(self._sent_messages.size)
            self._at_once.append(int(not self.apart or any(at_once)))
        keys, moves, steps = self._takes
        if 2 * keys.size > self._take_table[0].shape[0]:
            self._take_table = self._empty(1 << (4 * keys.size).bit_length())
            self._entered = 0
        new = slice(self._entered, keys.size)
        machine.put_takes(keys.data[new], moves.data[new], steps.data[new], *self._take_table)
        self._entered = keys.size
        for number in range(self._message_keys.size, len(numbering.messages)):
            self._message_keys.append(message_keys(number))
        return Takes(
            *self._take_table,
            self._message_keys.data,
            self._sent_first.data,
            self._sent_last.data,
            self._sent_messages.data,
            self._at_once.data,
            int(numbering.network.keeps),
        )

    def _strand(self, of: tuple[int, int, Any, bool]) -> int:
        node, what, sender, lost = of
        name = f"wake {-1 - what}" if what < 0 else self._text[what]
        return hashed(f"{node} {canonical(sender)} {lost} {name}") >> 1

    def in_order(self, node: int, local: int, inbox: Any) -> Iterator[Listed]:
        """Every step a node may take, in the order of `semantics.moves`. Raises ModelError."""
        if self._numbering.network.unordered:
            steps_of, keeps = self._steps.of[node, local], self._numbering.network.keeps
            for number in sorted(inbox, key=self._text.__getitem__):
                for k, step in enumerate(steps_of[number]):
                    yield number, k, step, inbox if keeps else inbox - {number}, False, None
        else:
            yield from self._from_queues(node, local, inbox)
        yield from self._wakes(node, local, inbox)

    def _wakes(self, node: int, local: int, inbox: Any) -> Iterator[Listed]:
        for k, step in enumerate(self._steps.wakes[node, local]):
            yield -1 - k, 0, step, inbox, False, None

    def _from_queues(self, node: int, local: int, inbox: Any) -> Iterator[Listed]:
        numbering, network = self._numbering, self._numbering.network
        real = network.mapped(inbox, numbering.messages.__getitem__, lambda sender: sender)
        for message, rest, lost, sender in network.choices(real):
            number = numbering.message(message)
            after = network.mapped(rest, numbering.message, lambda sender: sender)
            if lost:
                yield number, 0, LocalStep(local, (), ""), after, True, sender
                continue
            steps = self._steps.of[node, local][number]
            if not steps and network.discards:
                role = self._system.members[node].role.name
                steps = (LocalStep(local, (), f"{role}.{action_name(kind_of(message))}"),)
            for k, step in enumerate(steps):
                yield number, k, step, after, False, sender

    def decide(self, claims: frozenset[str]) -> None:
        """Walks are not to end any more where only these properties find something."""
        self.decided = claims
        flags = self.flag.data
        for move, shows in self.shown.items():
            flags[move] = int(not shows.keys() <= claims)

    def posts_that(self, which: dict[tuple[int, int], Any]) -> list[tuple[int, int]]:
        """Posts in which something is to be told: not those that only show what is decided."""
        return [post for post, what in which.items() if not self._is_told(what)]

    def _is_told(self, what: Any) -> bool:
        return isinstance(what, dict) and what.keys() <= self.decided


class WalkPosts(Posts):
    """Posts that say where what is handled at once shows something, or raises."""

    def _handled(self, bundle: int, cell: int) -> int:
        to, sender, numbers = self._numbering.bundles[bundle]
        cells = self._numbering.cells[to]
        local, inbox = cells[cell]
        rows = self._rows
        assert isinstance(rows, WalkRows)
        try:
            if rows.apart:
                numbers = tuple(m for m in numbers if self._numbering.is_immediate(to, m))
            after = self._delivery.post(to, local, inbox, sender, numbers)
        except ModelError as error:
            rows.faulty_posts[bundle, cell] = error
            return cell
        keys = self._findings.between[to, local, cells[after].local]
        if keys:
            rows.shown_posts[bundle, cell] = {p.id: says for p, says in self._findings.of_keys(keys)}
        return after


class WalkTables(Tables):
    """The tables of a system as it is: no reduction is on, and levels are those of the real states."""

    rows: WalkRows

    def __init__(self, system: System) -> None:
        super().__init__(replace(system, symmetries=(), shift=None), UNREDUCED)
        self.per_cell.add("key", np.uint64, 0)
        #: whether messages wait apart from cells, which is for networks without order, if none is looked at
        self.apart = self.system.network.unordered and not any(self.viewing.waits)
        self._local_key: Memo[tuple[int, int], int] = Memo(self._key_of_local)
        self._message_key: Memo[int, int] = Memo(lambda number: hashed(self.rows._text[number]))  # noqa: SLF001
        self.rows = WalkRows(self)
        self.posts = WalkPosts(
            self.numbering,
            self.settling,
            self.fusion,
            delivery=self.delivery,
            findings=self.findings,
            rows=self.rows,
            counts=self.counts,
        )
        self.numbering.of_cells.append(self._enter_key)

    def fill(self, kind: int, x: int, missing: list[int]) -> None:
        """As `Tables.fill`, and what nodes make of messages that wait."""
        if kind == MISS_TAKE:
            self.rows.fill_takes(x, missing)
        else:
            super().fill(kind, x, missing)

    def takes(self) -> Takes:
        """What the kernel must know of messages that wait."""
        return self.rows.takes(self._message_key.__getitem__)

    def _enter_key(self, node: int, cell: int) -> None:
        self.per_cell.put(("key",), node, cell, (self._key(node, self.numbering.cells[node][cell]),))

    def _key(self, node: int, cell: LocalCell) -> int:
        """A hash of what a cell holds, the same whatever is numbered how."""
        network = self.numbering.network
        if network.unordered:
            inbox = sum(map(self._message_key.__getitem__, cell.inbox))
        else:
            keys = network.mapped(cell.inbox, self._message_key.__getitem__, lambda sender: sender)
            inbox = hashed(canonical(keys))
        key = (self._local_key[node, cell.local] + inbox * 0x9E3779B97F4A7C15) & _ALL
        for multiplier in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):  # as splitmix64 ends
            key = ((key ^ key >> 31) * multiplier) & _ALL
        return key ^ key >> 33

    def _key_of_local(self, place: tuple[int, int]) -> int:
        node, local = place
        return hashed(f"{node} {canonical(self.numbering.locals[node][local])}")

    def start(self) -> tuple[Vector, list[list[int]], int]:
        """The initial state: its cells, the messages that wait for each node, and its key."""
        state = list(self.initial())
        waiting: list[list[int]] = [[] for _ in state]
        if self.apart:
            for node, cell in enumerate(state):
                local, inbox = self.numbering.cells[node][cell]
                waiting[node] = sorted(inbox, key=self.rows._text.__getitem__)  # noqa: SLF001
                state[node] = self.numbering.cell(node, local, self.numbering.network.empty)
        key = sum(self._key(n, self.numbering.cells[n][c]) for n, c in enumerate(state))
        for node, messages in enumerate(waiting):
            key += sum(share(self._message_key[m], node) for m in messages)
        return tuple(state), waiting, key & _ALL

    def step_keys(self, taken: Array) -> tuple[dict[int, int], set[int]]:
        """Of every local step a key that does not depend on numbers, with its action; the keys of those
        taken.

        `taken` says which were, by number.
        """
        offered, keys = {}, set()
        strands = self.rows._strand_of  # noqa: SLF001
        for (node, local, what, k), number in self.rows.local_steps.items():
            strand = strands[node, what, None, k < 0]
            key = hashed(f"{self._local_key[node, local]} {strand} {k}")
            offered[key] = self.rows.actions_of[number]
            if taken[number]:
                keys.add(key)
        return offered, keys

    def traits(self) -> Traits:
        """What the kernel must know of moves, cells and posts."""
        rows = self.rows
        return Traits(
            rows.strand.data,
            rows.action.data,
            rows.local.data,
            rows.flag.data,
            self.per_cell["key"],
            packed_posts(rows.posts_that(rows.shown_posts)),
            packed_posts(rows.posts_that(rows.faulty_posts)),
        )

    @property
    def bytes(self) -> int:
        """About how much memory the tables take."""
        values = len(self.numbering.messages) + sum(map(len, self.numbering.locals))
        posts = self.counts.posts * POST + self.rows.takes_known * TAKE
        return sum(self.cells()) * CELL + self.rows.moves * MOVE + posts + values * VALUE


def share(key: int, node: int) -> int:
    """`choosing.message_key`, in Python."""
    mixed = (key + (node + 1) * 0x9E3779B97F4A7C15) & _ALL
    for multiplier in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed = ((mixed ^ mixed >> 33) * multiplier) & _ALL
    return mixed ^ mixed >> 33


def packed_posts(posts: list[tuple[int, int]]) -> Array:
    """Posts as the kernel compares them: bundle and cell in one word."""
    return np.array([bundle << POST_CELL_BITS | cell for bundle, cell in posts], np.uint64)
