"""Posts: what messages make of their receiver's cell, as a table that the kernel can read.

A bundle is what one step sends to one node: the receiver, the sender where it matters, the messages. A
post is computed once, when a state with the receiver's cell first meets the bundle.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np

from checker.engines.native.arrays import Array, Growing, Memo
from checker.engines.native.counts import Counts
from checker.engines.native.delivery import Delivery
from checker.engines.native.findings import Findings
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import EMPTY, POST_CELL_BITS
from checker.engines.native.numbering import Numbering
from checker.engines.native.reductions.none import NoFusion, NoSettling
from checker.engines.native.rows import Rows
from checker.model.semantics import ModelError


class Posts:
    """The table (bundle, cell) → cell of one system."""

    def __init__(
        self,
        numbering: Numbering,
        settling: NoSettling,
        fusion: NoFusion,
        *,
        delivery: Delivery,
        findings: Findings,
        rows: Rows,
        counts: Counts,
    ) -> None:
        self._numbering = numbering
        self._settling = settling
        self._fusion = fusion
        self._delivery = delivery
        self._findings = findings
        self._rows = rows
        self._counts = counts
        #: whether what arrives at a node just joins its inbox, fusion having nothing to check there
        self._only_stores = [not fusion.refuses and not m.role.immediate for m in numbering.system.members]
        #: bundle → local → inbox → the inbox with what the receiver stores of it
        self._after: Memo[int, Memo[int, Memo[Any, Any]]] = Memo(self._after_bundle)
        #: (sender, messages stored) → inbox → the inbox with them
        self._with: Memo[tuple[Hashable, tuple[int, ...]], Memo[Any, Any]] = Memo(self._with_these)
        self._entries = Growing(np.uint64)
        self._entered = 0
        self._table = np.full(1 << 10, EMPTY, np.uint64)
        #: beside each entry where the moves out of the receiver's cell are afterwards (commuting.py)
        self.carried: Array = np.zeros(self._table.shape[0], np.uint64)

    def is_at_once(self, bundle: int) -> bool:
        """Whether a bundle has something that its receiver handles at once."""
        to, _, numbers = self._numbering.bundles[bundle]
        return any(self._numbering.is_immediate(to, number) for number in numbers)

    def fill(self, bundle: int, cells: Sequence[int]) -> None:
        """Compute what a bundle makes of some of its receiver's cells, and enter it."""
        self._counts.posts += len(cells)
        stores = self._only_stores[self._numbering.bundles[bundle].to]
        after = self._stored(bundle, cells) if stores else [self._handled(bundle, cell) for cell in cells]
        head = bundle << 2 * POST_CELL_BITS
        entries = zip(cells, after, strict=True)
        self._entries.extend([head | cell << POST_CELL_BITS | then for cell, then in entries])

    def asked(self, bundle: int, cells: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """The local situations that posts will be made of, of what is handled at once."""
        to, _, numbers = self._numbering.bundles[bundle]
        at_once = [number for number in numbers if self._numbering.is_immediate(to, number)]
        for cell in cells if at_once else ():
            local, _ = self._numbering.cells[to][cell]
            yield from ((to, local, number) for number in at_once)

    def _stored(self, bundle: int, cells: Sequence[int]) -> list[int]:
        """Each of some cells after a bundle that only joins the inbox.

        The inbox is in normal form for its local state, so only what arrives is to be settled.
        """
        to = self._numbering.bundles[bundle].to
        known, number_of, after_at = (
            self._numbering.cells[to],
            self._numbering.number_of[to],
            self._after[bundle],
        )
        found = []
        for cell in cells:
            local, inbox = known[cell]
            after = after_at[local][inbox]
            found.append(cell if after is inbox else number_of[local, after])
        return found

    def _after_bundle(self, bundle: int) -> Memo[int, Memo[Any, Any]]:
        to, sender, numbers = self._numbering.bundles[bundle]

        def stored(local: int) -> Memo[Any, Any]:
            self._settling.arrive(to, local, numbers)
            return self._with[sender, self._settling.settled(to, local, numbers)]

        return Memo(stored)

    def _with_these(self, what: tuple[Hashable, tuple[int, ...]]) -> Memo[Any, Any]:
        sender, numbers = what
        post, one = self._numbering.network.post, self._numbering.inbox
        return Memo(lambda inbox: one(post(inbox, sender, numbers)))

    def _handled(self, bundle: int, cell: int) -> int:
        """The cell after a bundle of which some messages may be handled at once.

        A rule that raises is noted, the cell left as it is.
        """
        to, sender, numbers = self._numbering.bundles[bundle]
        cells = self._numbering.cells[to]
        local, inbox = cells[cell]
        try:
            after = self._delivery.post(to, local, inbox, sender, numbers)
            self._fusion.check_post(to, cell, after, sender, numbers)
        except ModelError as error:
            for sending in self._rows.senders(bundle):
                self._rows.raised[sending, (to, cell)] = error
            return cell
        bad = self._findings.between[to, local, cells[after].local]
        for claim, reason in self._findings.of_keys(bad):
            self._rows.bad_posts[claim.id][bundle, to, cell] = reason
        return after

    def table(self) -> Array:
        """The table with all entries, never more than half full."""
        entries, old = self._entries, self._table
        if 2 * entries.size > old.shape[0]:
            self._table = np.full(1 << (4 * entries.size).bit_length(), EMPTY, np.uint64)
            self._entered = 0
        machine.put_posts(entries.data, self._entered, entries.size, self._table)
        self._entered = entries.size
        if self._table is not old:
            known, self.carried = self.carried, np.zeros(self._table.shape[0], np.uint64)
            if known.any():  # the kernels of the ordering are there then
                machine.keep_carried(old, known, self._table, self.carried)
        return self._table
