"""Rows: the moves out of a cell, as arrays that the kernel can read.

A row is computed once, when a state with its cell is first explored: every step that the node may take
there, its next cell and what it sends. Beside what the kernel needs, a row has what is told of it: how
many steps it stands for, which actions they are, and what properties find in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from checker.engines.native.arrays import Array, Growing, Memo, PerCell
from checker.engines.native.counts import Counts
from checker.engines.native.delivery import Delivery
from checker.engines.native.findings import Findings, Key
from checker.engines.native.kernel.layout import MISSING
from checker.engines.native.numbering import Numbering
from checker.engines.native.reductions.none import NoFusion
from checker.engines.native.steps import LocalStep
from checker.model.judging import Finding
from checker.model.semantics import ModelError

#: Nodes from this one on share a bit.
LAST_BIT = 63
#: Cells that a state has: (node, cell) for one or several nodes.
Places = tuple[tuple[int, int], ...]
#: What there is of each row: its first move, once a state needs it; how many steps it has, and which.
_ENTRIES = ("row_ptr", "generated", "pattern")
#: What is kept of each row from the time when it is made, which may be before a state needs it: where its
#: moves are, how many, and the nodes that some of them send to, as bits.
_KEPT = ("moves_ptr", "row_len", "reach")
_ROW = (*_ENTRIES, *_KEPT)
_Kept = tuple[int, int, int]


#: A row that is made, and what is noted when a state needs it: where its moves are, how many steps they
#: stand for, the number of their pattern of actions, what properties find in them, and what a rule raised
#: instead.
Row = tuple[int, int, int, tuple[Finding, ...], ModelError | None]


class Rows:
    """The rows of one system, and the parcels that their moves send."""

    def __init__(
        self,
        numbering: Numbering,
        fusion: NoFusion,
        delivery: Delivery,
        findings: Findings,
        per_cell: PerCell,
        counts: Counts,
    ) -> None:
        self._numbering = numbering
        self._fusion = fusion
        self._delivery = delivery
        self._findings = findings
        self._per_cell = per_cell
        self._counts = counts
        #: the actions of the system, by name
        self._actions = {action: k for k, action in enumerate(numbering.system.actions())}
        per_cell.add("row_ptr", np.int32, MISSING)
        per_cell.add("moves_ptr", np.int32, MISSING)
        per_cell.add("row_len", np.int32, 0)
        per_cell.add("reach", np.uint64, 0)
        per_cell.add("generated", np.int64, 0)
        per_cell.add("pattern", np.int32, 0)
        self._next = Growing(np.int32)
        self._parcel_of = Growing(np.int32)
        #: the nodes that each move sends to, as bits; of those of which somebody has asked
        self._receivers = Growing(np.uint64)
        #: node → cell → its row, if it is made; None when a state has needed it
        self._made: list[dict[int, Row | None]] = [{} for _ in range(numbering.nodes)]
        #: whether a node's inbox is in its normal form whatever is taken out of it
        self._plain = [not delivery.settles(node) for node in range(numbering.nodes)]
        self._row_steps = fusion.row_steps
        #: number of a move → its node and the actions that it may be; made when somebody asks
        self._moved: dict[int, tuple[int, tuple[str, ...]]] = {}
        self._parcel_ptr = Growing(np.int32)
        self._send_to = Growing(np.int32)
        self._send_bundle = Growing(np.int32)
        self._parcels: dict[tuple[int, ...], int] = {}
        self._parcel_ptr.append(0)
        #: the bundles of each parcel, and the nodes that it goes to, as bits
        self._bundles_of: list[tuple[int, ...]] = []
        self._sends_to: list[int] = []
        self._parcel(())
        #: the numbers of the actions of a row's steps → the number of that pattern
        self._patterns: dict[tuple[int, ...], int] = {(): 0}
        #: for each node the most moves in a row
        self.widest = [0] * numbering.nodes
        #: property → the (node, cell) that a state must have for its steps to show it → what it says
        self.bad_at: Memo[str, dict[tuple[int, int], str]] = Memo(lambda _: {})
        #: the same of what is handled at once: (bundle, its receiver, the receiver's cell)
        self.bad_posts: Memo[str, dict[tuple[int, int, int], str]] = Memo(lambda _: {})
        #: the (node, cell) that a state must have → what a rule raises there
        self.raised: dict[Places, ModelError] = {}

    def raises(self, state: Sequence[int]) -> bool:
        """Whether a rule raises in a state."""
        return any(all(state[node] == cell for node, cell in places) for places in self.raised)

    def asked(self, node: int, cells: Sequence[int]) -> Iterator[tuple[int, int, int | None]]:
        """The local situations that rows of a node will be made of: (node, local, message or None)."""
        network = self._numbering.network
        for cell in cells:
            local, inbox = self._numbering.cells[node][cell]
            held: Any = inbox if network.unordered else (taken for taken, *_ in network.choices(inbox))
            yield from ((node, local, number) for number in held)
            yield node, local, None

    # Filling --------------------------------------------------------------------------------------

    def fill(self, node: int, cell: int) -> None:
        """Enter the row of a cell that a state needs. A rule that raises is noted, its row left empty."""
        made = self._made[node]
        row = made.get(cell)
        assert row is not None or cell not in made, "a row is entered once"
        if row is None:
            row, kept = self._row(node, cell)
            self._per_cell.put(_ROW, node, cell, (*row[:3], *kept))
        else:
            self._per_cell.put(_ENTRIES, node, cell, row[:3])
        made[cell] = None
        _, _, _, found, raised = row
        if raised is not None:
            self.raised[(node, cell),] = raised
        for claim, reason in found:
            self.bad_at[claim.id][node, cell] = reason

    def make(self, node: int, cell: int) -> None:
        """Make the row of a cell, if it is not made yet, without anything being noted of it."""
        made = self._made[node]
        if cell not in made:
            row, kept = self._row(node, cell)
            self._per_cell.put(_KEPT, node, cell, kept)
            made[cell] = row

    def _row(self, node: int, cell: int) -> tuple[Row, _Kept]:
        """The row of a cell, and what is kept of it beside the cell."""
        cells, numbers, between = self._numbering.cells[node], self._actions, self._findings.between
        moves: dict[tuple[int, int], None] = {}
        actions: list[int] = []
        bad: list[Key] = []
        raised = None
        count = 0
        plain, number_of = self._plain[node], self._numbering.number_of[node]
        try:
            for before, step, after, listed in self._row_steps(node, *cells[cell]):
                if step.action:
                    actions.append(numbers[step.action])
                then = step.local
                if listed:
                    count += 1
                    if plain and (sent := step.sent) is not None and not sent[0]:
                        # what `move` would say, for most steps and in less time
                        moves[number_of[then, after], sent[1]] = None
                    else:
                        move = self.move(node, step, after)
                        moves[move] = None
                        then = cells[move[0]].local
                if then != before:
                    bad += between[node, before, then]
        except ModelError as error:
            raised = error
            count = 0
            moves = {}
        actions_ = tuple(actions)
        pattern = self._patterns.get(actions_)
        if pattern is None:
            pattern = self._patterns[actions_] = len(self._patterns)
        found = tuple(self._findings.of_keys(bad)) if bad else ()
        kept = self._enter(node, moves)
        return (kept[0], count, pattern, found, raised), kept

    def move(self, node: int, step: LocalStep, after: Any) -> tuple[int, int]:
        """The mover's next cell, and the number of what it sends to others."""
        own, parcel = step.sent or self._sent(node, step)
        if own:
            name = self._numbering.system.members[node].name
            return self._delivery.post(node, step.local, after, name, own), parcel
        return self._delivery.cell(node, step.local, after), parcel

    def _sent(self, node: int, step: LocalStep) -> tuple[tuple[int, ...], int]:
        own = [numbers for to, numbers in step.parcel if to == node]
        bundle = self._numbering.bundle
        others = [bundle(to, node, numbers) for to, numbers in step.parcel if to != node]
        step.sent = own[0] if own else (), self._parcel(tuple(others))
        return step.sent

    def _parcel(self, bundles: tuple[int, ...]) -> int:
        number = self._parcels.get(bundles)
        if number is None:
            number = self._parcels[bundles] = len(self._parcels)
            to = [self._numbering.bundles[b].to for b in bundles]
            self._send_to.extend(to)
            self._bundles_of.append(bundles)
            self._sends_to.append(sum({1 << min(node, LAST_BIT) for node in to}))
            self._send_bundle.extend(bundles)
            self._parcel_ptr.append(self._send_bundle.size)
        return number

    def _enter(self, node: int, moves: Collection[tuple[int, int]]) -> _Kept:
        """Enter the moves of a row: where they are, how many, and the nodes that they send to, as bits."""
        self._counts.rows += 1
        first, reach = self._next.size, 0
        if moves:
            to, parcels = zip(*moves, strict=True)
            for parcel in parcels:
                reach |= self._sends_to[parcel]
            self._next.extend(to)
            self._parcel_of.extend(parcels)
            self.widest[node] = max(self.widest[node], len(moves))
        return first, len(moves), reach

    # Reading --------------------------------------------------------------------------------------

    def arrays(self) -> tuple[Array, Array, Array, Array, Array]:
        """Moves (next cell, parcel) and parcels (ends, receivers, bundles), as the kernel takes them."""
        moves, parcels = (self._next.data, self._parcel_of.data), self._parcel_ptr.data
        return (*moves, parcels, self._send_to.data, self._send_bundle.data)

    def receivers(self) -> Array:
        """The nodes that each move sends to, as bits."""
        parcels, known = self._parcel_of, self._receivers
        if parcels.size > known.size:
            fresh = parcels.data[known.size : parcels.size]
            known.extend(np.array(self._sends_to, np.uint64)[fresh].tolist())
        return known.data

    @property
    def parcels(self) -> int:
        """How many parcels there are."""
        return len(self._bundles_of)

    def image(self, parcel: int, bundle: Callable[[int], int]) -> int:
        """The number of the parcel whose bundles are the images of those of another one."""
        bundles = self._numbering.bundles
        images = sorted(map(bundle, self._bundles_of[parcel]), key=lambda number: bundles[number].to)
        return self._parcel(tuple(images))

    def moved(self, move: int) -> tuple[int, tuple[str, ...]]:
        """The node that a move is of, and the actions that it may be, as role.action."""
        if move not in self._moved:
            self._name_moves()
        return self._moved[move]

    def _name_moves(self) -> None:
        """Go once more through the steps of the rows whose moves were not asked for yet."""
        self._per_cell.flush()
        for node, cells in enumerate(self._numbering.cells):
            for cell in range(len(cells)):
                at = self._per_cell.at(node, cell)
                first = int(self._per_cell["row_ptr"][at])
                if first in self._moved or not self._per_cell["row_len"][at]:
                    continue
                actions: dict[tuple[int, int], dict[str, None]] = {}
                for _, step, after, listed in self._fusion.row_steps(node, *cells[cell]):
                    if listed:
                        actions.setdefault(self.move(node, step, after), {})[step.action] = None
                for k, names in enumerate(actions.values()):
                    self._moved[first + k] = node, tuple(names)

    def generated(self, uses: Array) -> int:
        """How many steps were generated, when each cell's row was used that often."""
        return int(uses @ self._per_cell["generated"]) if uses.shape[0] > 1 else 0

    def fired(self, uses: Array) -> dict[str, int]:
        """How often each action fired, likewise."""
        counts = [0] * len(self._actions)
        if uses.shape[0] > 1:
            times = np.zeros(len(self._patterns), np.int64)
            np.add.at(times, self._per_cell["pattern"], uses)
            for actions, often in zip(self._patterns, times.tolist(), strict=True):
                for action, count in Counter(actions).items():
                    counts[action] += often * count
        return {action: counts[k] for action, k in self._actions.items()}

    def senders(self, bundle: int) -> list[tuple[int, int]]:
        """The (node, cell) whose rows send a bundle."""
        parcels = [number for bundles, number in self._parcels.items() if bundle in bundles]
        before = np.concatenate(([0], np.cumsum(np.isin(self._parcel_of.data, parcels))))
        self._per_cell.flush()
        found = []
        for node, cells in enumerate(self._numbering.cells):
            at = self._per_cell.at(node, 0) + np.arange(len(cells))
            first, count = (np.maximum(self._per_cell[name][at], 0) for name in ("row_ptr", "row_len"))
            sending = np.flatnonzero(before[first + count] > before[first])
            found += [(node, cell) for cell in sending.tolist()]
        return found

    def places_of(self, claim: str) -> dict[Places, str]:
        """Where a property of one node, or of one step, finds something: places → what it says.

        As far as is known: a row that is yet to be filled may send what makes the receiver show it.
        """
        found: dict[Places, str] = {(place,): reason for place, reason in self.bad_at[claim].items()}
        senders = Memo(self.senders)
        for (bundle, to, cell), reason in self.bad_posts[claim].items():
            found.update(((sending, (to, cell)), reason) for sending in senders[bundle])
        return found
