"""Tables to walk on: nothing is left out, and the moves of a row are in the order of the reference semantics.

So which move a random number chooses depends on the model alone, and not on what was numbered when: tables
may be dropped and begun anew, and every walk goes the same way. What else a walk needs of a move is kept
beside it: its strand (what PCT gives a priority to), its action, its local step, and whether properties of
one node or one step find something in it. The key of a cell, a hash of what it holds, does not depend on
numbers either; the key of a state is the sum of those of its cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np

from checker.engines.contract import UNREDUCED
from checker.engines.native.arrays import Array, Growing, Memo
from checker.engines.native.kernel.layout import POST_CELL_BITS
from checker.engines.native.kernel.walking import RAISES, Traits
from checker.engines.native.numbering import LocalCell
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
#: Bytes that a cell, a move, a post, and a local state or message take, with what is kept beside them.
CELL, MOVE, POST, VALUE = 900, 110, 60, 3_000

#: A step in reference order: what is taken (the number of a message or, below 0, of a wake), the place of the
#: step among those of that, the step, the inbox after, whether it is a loss, and the sender.
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
        #: move → its place among all steps of its node, as paths count them
        self.place: list[int] = []
        #: (node, local, what is taken, place) → the number of the local step
        self.local_steps: dict[tuple[int, int, int, int], int] = {}
        #: number of a local step → its action
        self.actions_of: list[int] = []
        #: (node, cell) → what a rule raises there; (bundle, cell) the same of what is handled at once
        self.faults: dict[tuple[int, int], ModelError] = {}
        self.faulty_posts: dict[tuple[int, int], ModelError] = {}
        #: move → property → what it says; the same of posts
        self.shown: dict[int, dict[str, str]] = {}
        self.shown_posts: dict[tuple[int, int], dict[str, str]] = {}
        self.decided: frozenset[str] = frozenset()

    @property
    def moves(self) -> int:
        """How many moves there are."""
        return len(self.place)

    def fill(self, node: int, cell: int) -> None:
        """Compute the row of a cell and enter it. Where a rule raises no walk goes on."""
        cells, between = self._numbering.cells[node], self._findings.between
        local, _ = cells[cell]
        found: dict[tuple[int, int], tuple[int, Listed]] = {}
        count = 0
        try:
            for place, listed in enumerate(self.in_order(node, *cells[cell])):
                found.setdefault(self.move(node, listed[2], listed[3]), (place, listed))
                count = place + 1
        except ModelError as error:
            self.faults[node, cell] = error
            self._per_cell.put(_ENTRIES, node, cell, (RAISES, 0, 0))
            return
        self._counts.rows += 1
        first = self._next.extend([to for to, _ in found])
        self._parcel_of.extend([parcel for _, parcel in found])
        self.widest[node] = max(self.widest[node], len(found))
        self._per_cell.put(_ENTRIES, node, cell, (first, len(found), count))
        for (to, _), (place, (what, k, step, _, lost, sender)) in found.items():
            keys = between[node, local, cells[to].local]
            shows = {p.id: reason for p, reason in self._findings.of_keys(keys)} if keys else {}
            if shows:
                self.shown[self.moves] = shows
            self.flag.append(int(not shows.keys() <= self.decided))
            self.place.append(place)
            self.strand.append(self._strand_of[node, what, sender, lost])
            action = len(self._actions) if lost else self._actions[step.action]
            self.action.append(action)
            step_of = (node, local, what, -1 if lost else k)
            number = self.local_steps.setdefault(step_of, len(self.local_steps))
            if number == len(self.actions_of):
                self.actions_of.append(action)
            self.local.append(number)

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

    def step_keys(self, taken: Array) -> tuple[dict[int, int], set[int]]:
        """Of every local step a key that does not depend on numbers, with its action; the keys of those taken.

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
        posts = self.counts.posts * POST
        return sum(self.cells()) * CELL + self.rows.moves * MOVE + posts + values * VALUE


def packed_posts(posts: list[tuple[int, int]]) -> Array:
    """Posts as the kernel compares them: bundle and cell in one word."""
    return np.array([bundle << POST_CELL_BITS | cell for bundle, cell in posts], np.uint64)
