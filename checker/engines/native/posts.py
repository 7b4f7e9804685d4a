"""Posts: what messages make of their receiver's cell, as a table that the kernel can read.

A bundle is what one step sends to one node: the receiver, the sender where it matters, the messages.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from checker.engines.native.arrays import Array, Growing, Memo
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import EMPTY, MAX_BUNDLES, POST_CELL_BITS
from checker.model.semantics import ModelError

if TYPE_CHECKING:
    from checker.engines.native.tables import Tables


class CapacityError(Exception):
    """A table has outgrown what the kernel's integers can name."""


class Bundle(NamedTuple):
    """Messages by number for a node; the sender is None where the network forgets it."""

    to: int
    sender: Hashable
    numbers: tuple[int, ...]


class Posts:
    """The bundles of one system, and the table (bundle, cell) → cell."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.bundles: list[Bundle] = []
        self._number: dict[Bundle, int] = {}
        network = tables.network
        #: whether what arrives at a node just joins its inbox, fusion having nothing to check there
        free = tables.fusion is None or network.keeps or not network.unordered
        self._only_stores = [free and not member.role.immediate for member in tables.system.members]
        #: (bundle, local) → what the receiver stores of it
        self._settled: Memo[tuple[int, int], tuple[int, ...]] = Memo(self._settle)
        self._entries = Growing(np.uint64)
        self._entered = 0
        self._table = np.full(1 << 10, EMPTY, np.uint64)

    def bundle(self, to: int, sender: int, numbers: tuple[int, ...]) -> int:
        """The number of a bundle. Raises CapacityError."""
        name = None if self.tables.network.unordered else self.tables.system.members[sender].name
        key = Bundle(to, name, numbers)
        number = self._number.get(key)
        if number is None:
            number = self._number[key] = len(self.bundles)
            if number >= MAX_BUNDLES:
                raise CapacityError(f"more than {MAX_BUNDLES:,} bundles of messages")
            self.bundles.append(key)
        return number

    def fill(self, bundle: int, cells: Sequence[int]) -> None:
        """Compute what a bundle makes of some of its receiver's cells, and enter it."""
        self.tables.statistics.posts += len(cells)
        stores = self._only_stores[self.bundles[bundle].to]
        after = self._stored(bundle, cells) if stores else [self._handled(bundle, cell) for cell in cells]
        head = bundle << 2 * POST_CELL_BITS
        entries = zip(cells, after, strict=True)
        self._entries.extend([head | cell << POST_CELL_BITS | then for cell, then in entries])

    def _stored(self, bundle: int, cells: Sequence[int]) -> list[int]:
        """Each of some cells after a bundle that only joins the inbox.

        The inbox is in normal form for its local state, so only what arrives is to be settled.
        """
        to, sender, _ = self.bundles[bundle]
        known, intern, post = self.tables.cells[to], self.tables.intern, self.tables.network.post
        settled = self._settled
        found = []
        for cell in cells:
            local, inbox = known[cell]
            after = post(inbox, sender, settled[bundle, local])
            found.append(cell if after == inbox else intern(to, local, after))
        return found

    def _settle(self, what: tuple[int, int]) -> tuple[int, ...]:
        bundle, local = what
        to, _, numbers = self.bundles[bundle]
        settling = self.tables.settling
        if settling is None:
            return numbers
        settling.arrive(to, local, numbers)
        return settling.settled(to, local, numbers)

    def _handled(self, bundle: int, cell: int) -> int:
        """The cell after a bundle of which some messages may be handled at once.

        A rule that raises is noted, the cell left as it is.
        """
        tables = self.tables
        to, sender, numbers = self.bundles[bundle]
        local, inbox = tables.cells[to][cell]
        try:
            after = tables.post_to(to, local, inbox, sender, numbers)
            if tables.fusion is not None:
                tables.fusion.check_post(to, cell, after, sender, numbers)
        except ModelError as error:
            for sending in tables.rows.senders(bundle):
                tables.rows.raised[sending, (to, cell)] = error
            return cell
        bad = tables.findings_at[to, local, tables.cells[to][after].local]
        if bad:
            for sending in tables.rows.senders(bundle):
                tables.rows.bad_at[sending, (to, cell)] = bad
        return after

    def table(self) -> Array:
        """The table with all entries, never more than half full."""
        entries = self._entries
        if 2 * entries.size > self._table.shape[0]:
            self._table = np.full(1 << (4 * entries.size).bit_length(), EMPTY, np.uint64)
            self._entered = 0
        machine.put_posts(entries.data, self._entered, entries.size, self._table)
        self._entered = entries.size
        return self._table
