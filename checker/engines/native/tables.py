"""Tables: every local situation a number, every local step computed once, and the reductions that are on.

* locals, messages, cells, bundles: numbered as they are met (numbering.py);
* local steps: computed once (steps.py), and brought to their normal form where they arrive (delivery.py);
* row (node, cell) → moves (next cell, parcel); computed when a state with the cell is first explored
  (rows.py);
* post (bundle, cell) → cell, likewise (posts.py).

A bundle is what one step sends to one node; a parcel is all the bundles of a step. What a node
sends to itself is posted within its own move.

Here they are put together, each on top of those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from checker.engines.contract import Reductions
from checker.engines.native.arrays import Array, PerCell
from checker.engines.native.counts import Counts
from checker.engines.native.delivery import Delivery
from checker.engines.native.facts import Facts
from checker.engines.native.findings import Findings
from checker.engines.native.kernel import layout
from checker.engines.native.kernel.layout import Graph, Owning
from checker.engines.native.lacking import Missing
from checker.engines.native.levels import CellLevels, NoLevels
from checker.engines.native.numbering import Numbering, Vector
from checker.engines.native.posts import Posts
from checker.engines.native.reductions.action import Action
from checker.engines.native.reductions.claims import against_ordering, settled_nodes
from checker.engines.native.reductions.fusion import Fusion
from checker.engines.native.reductions.none import (
    NoAction,
    NoFusion,
    NoLowering,
    NoOrdering,
    NoSettling,
    NoShifting,
    NoSymmetry,
)
from checker.engines.native.reductions.ordering import Ordering
from checker.engines.native.reductions.settling import Settling
from checker.engines.native.reductions.symmetry import Symmetry, whole_group
from checker.engines.native.rows import Rows
from checker.engines.native.snapshot import Snapshot, read_only
from checker.engines.native.states.words import Packing
from checker.engines.native.steps import Steps
from checker.engines.native.viewing import Group, Numbers, Viewing
from checker.model.system import System


class Tables:
    """The tables of one system, under those of the reductions that apply to it.

    Raises SymmetryError if a group is too large.
    """

    def __init__(self, system: System, reductions: Reductions) -> None:
        self.system = system
        self.counts = Counts()
        self.numbering = Numbering(system)
        self.per_cell = PerCell(self.numbering.nodes)
        self.steps = Steps(self.numbering, self.counts)
        self.viewing = Viewing(self.numbering)
        self.findings = Findings(self.numbering)
        shift = system.shift
        self.levels = NoLevels() if shift is None else CellLevels(self.numbering, shift, self.per_cell)
        self.facts = Facts(self.numbering, self.viewing, self.per_cell, self.levels)
        self._reduce(reductions)
        self.rows = Rows(
            self.numbering, self.fusion, self.delivery, self.findings, self.per_cell, self.counts
        )
        self.posts = Posts(
            self.numbering,
            self.settling,
            self.fusion,
            delivery=self.delivery,
            findings=self.findings,
            rows=self.rows,
            counts=self.counts,
        )
        against = against_ordering(system, whole=self.action.whole) if reductions.ordering else None
        self.ordering = NoOrdering(against)
        if reductions.ordering and against is None:
            self.ordering = Ordering(
                self.numbering,
                self.action,
                self.rows,
                self.posts,
                self.per_cell,
                self.fusion,
                self.graph,
            )

    def _reduce(self, reductions: Reductions) -> None:
        """Make the reductions that are asked for and apply; what the others would change stays as it is."""
        system, numbering, steps, counts = self.system, self.numbering, self.steps, self.counts
        self.action, self.symmetry = NoAction(numbering.nodes), NoSymmetry()
        self.settling, self.fusion = NoSettling(), NoFusion(steps)
        if renames := reductions.symmetry and any(s.generators for s in system.symmetries):
            self.action = action = Action(numbering, self.per_cell, whole_group(system))
        if reductions.settling and any(settled := settled_nodes(system)):
            self.settling = Settling(numbering, steps, self.action, settled, counts)
        self.delivery = Delivery(numbering, steps, self.settling)
        if renames:
            self.symmetry = Symmetry(
                action,
                numbering,
                steps,
                self.settling,
                findings=self.findings,
                viewing=self.viewing,
                facts=self.facts,
                counts=counts,
            )
        self._lower()
        if reductions.fusion:
            self.fusion = Fusion(
                numbering,
                steps,
                self.delivery,
                viewing=self.viewing,
                findings=self.findings,
                counts=counts,
            )

    def _lower(self) -> None:
        """Make what keeps states up to a shift, if the system has one; it is no option."""
        self.lowering, self.shifting = NoLowering(), NoShifting()
        if isinstance(self.levels, CellLevels):
            from checker.engines.native.reductions.lowering import Lowering  # noqa: PLC0415 - few systems
            from checker.engines.native.reductions.shifting import Shifting  # noqa: PLC0415

            self.lowering = lowering = Lowering(self.numbering, self.levels, self.per_cell)
            self.shifting = Shifting(
                lowering,
                self.numbering,
                self.steps,
                self.settling,
                self.action,
                findings=self.findings,
                viewing=self.viewing,
                counts=self.counts,
            )

    def _foresee(self, missing: Iterable[Missing]) -> None:
        """Have ready what is played outside of this process and about to be asked, as `fill` will be."""
        asked: list[tuple[int, int, int | None]] = []
        for kind, x, those in missing:
            if kind == layout.MISS_POST:
                asked += self.posts.asked(x, those)
            elif kind == layout.MISS_ROW:
                asked += self.rows.asked(x, those)
        self.steps.foresee(asked)

    def fill_in(self, missing: Iterable[Missing], is_over: Callable[[], bool] = lambda: False) -> None:
        """Compute all that is missing, and check what has to be of it, unless the search is over by then.

        What is played outside of this process is asked first, all of it at once. Raises ReductionError.
        """
        missing = list(missing)
        if self.system.outside:
            self._foresee(missing)
        for kind, x, those in missing:
            if not is_over():
                self.fill(kind, x, those)
        self.discharge(is_over)

    def fill(self, kind: int, x: int, missing: list[int]) -> None:
        """Compute missing entries, as the kernel names them: `x` is a node or a bundle."""
        if kind == layout.MISS_POST:
            self.posts.fill(x, missing)
        elif kind == layout.MISS_ROW:
            for cell in missing:
                self.rows.fill(x, cell)
        elif kind == layout.MISS_IMAGE:
            self.action.fill_images(x, missing)
        elif kind == layout.MISS_LOWERED:
            self.lowering.fill_lowered(x, missing)
        else:
            self.ordering.fill(kind, x, missing)

    def discharge(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Make what is asked for of the ordering, then check every obligation that has come up.

        That is, unless the search is over. Raises ReductionError.
        """
        self.ordering.complete()
        checked = -1
        while checked != self.counts.obligations and not is_over():
            checked = self.counts.obligations
            self.symmetry.discharge(is_over)
            self.settling.discharge(is_over)
            self.shifting.discharge(is_over)

    def check_claims(self, group: Group, numbers: Numbers) -> None:
        """Check what reductions claim of properties, on what a group sees. Raises UnsoundClaim."""
        self.symmetry.check_claims(group, numbers)
        self.shifting.check_claims(group, numbers)

    def cells(self) -> list[int]:
        """How many cells each node has."""
        return [len(cells) for cells in self.numbering.cells]

    def initial(self) -> Vector:
        """The initial state, as a cell number for each node. Raises CodeError and CapacityError."""
        return self.lowering.normal(self.delivery.initial())

    def views_of(self, group: Group, cells: Array) -> Array:
        """What a group sees of some states: for each the numbers of the views of its nodes."""
        numbers = np.full_like(cells, -1)
        for node in np.flatnonzero(group.reads).tolist():
            known, of = np.unique(cells[:, node], return_inverse=True)
            aspects = (self.viewing.aspect(node, cell) for cell in known.tolist())
            seen = np.array([self.viewing.number(group, aspect) for aspect in aspects])
            numbers[:, node] = seen[of]
        return numbers

    def shown(self, group: int, state: Sequence[int]) -> int:
        """The combination of views that a state shows to a group, node by node."""
        reader = self.viewing.groups[group]
        numbers = (
            self.viewing.number(reader, self.viewing.aspect(node, cell)) if reader.reads[node] else -1
            for node, cell in enumerate(state)
        )
        return reader.combination(tuple(numbers))

    def graph(self) -> Graph:
        """Rows and posts, as the kernel takes them."""
        row_ptr, row_len = self.per_cell["row_ptr"], self.per_cell["row_len"]
        return Graph(row_ptr, row_len, *self.rows.arrays(), self.posts.table(), sum(self.rows.widest))

    def snapshot(self, packing: Packing, owning: Owning, *, in_order: bool) -> Snapshot:
        """The tables as they are, to expand states with."""
        self.per_cell.flush()
        graph = self.graph()
        return Snapshot(
            packing,
            read_only(packing.arrays(self.per_cell.base)),
            read_only(graph),
            read_only(self.action.orbits()),
            read_only(self.lowering.shifts()),
            read_only(self.ordering.commuting()),
            owning,
            read_only(self.facts.looks()),
            self.per_cell.stretches,
            bool(self.viewing.terminal),
            in_order,
            tuple(self.rows.widest),
        )
