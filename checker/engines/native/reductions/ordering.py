"""Ordering: steps that commute are followed in one order, so that each interleaving is followed once.

Sleep sets (Godefroid 1996), for a search level by level. No state is left out, and each is found on its
level; only steps are left out that lead where others lead (docs/adr/0018). What commutes is told by maps of
places, one for each move, post and image of a cell, which are made from the tables when a state asks
for them (kernel/commuting.py): a map says that both orders lead to the same cells and parcels, so it is a
proof, and nothing is claimed of rules and networks.

Rows are made for that before a state needs them, and posts entered: those of states that are found a level or
two later. Nothing is noted of them before that (`Rows.make`), and what is handled at once is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from checker.engines.contract import Applied
from checker.engines.native.arrays import Array, Growing, Memo, PerCell
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import MAX_CELLS, POST_CELL_BITS, Commuting, Graph
from checker.engines.native.lacking import Missing, missing_in
from checker.engines.native.numbering import Numbering
from checker.engines.native.posts import Posts
from checker.engines.native.reductions.action import Action
from checker.engines.native.reductions.none import NoAction, NoOrdering
from checker.engines.native.rows import LAST_BIT, Rows

#: Places for what is lacking while maps are made; a power of two.
ROOM = 1 << 14


class Ordering(NoOrdering):
    """Where moves are after something else has happened."""

    on = True

    def __init__(
        self,
        numbering: Numbering,
        action: NoAction,
        rows: Rows,
        posts: Posts,
        per_cell: PerCell,
        graph: Callable[[], Graph],
    ) -> None:
        self._numbering = numbering
        self._action = action
        self._rows = rows
        self._posts = posts
        self._per_cell = per_cell
        self._graph = graph
        self._own: Array = np.zeros(1 << 10, np.uint64)
        per_cell.add("renamed", np.uint64, 0, planes=len(action.tried))
        #: renaming → the images of parcels, by number
        self._parcels: Memo[int, Growing] = Memo(lambda _: Growing(np.int32))
        #: (renaming, bundle) → its image
        self._bundles: Memo[tuple[int, int], int] = Memo(self._image_of_bundle)
        system = numbering.system
        self._delicate = [bool(m.role.immediate) or not system.network.unordered for m in system.members]
        self._miss: Array = np.zeros(ROOM, np.int64)
        self._counters: Array = np.zeros(layout.COUNTERS, np.int64)

    def fill(self, kind: int, x: int, missing: list[int]) -> None:
        """Enter maps: of moves after others of their row, after a bundle, or in images of cells."""
        if kind == layout.MISS_OWN:
            self._make(missing, lambda cells, count: self._fill_own(x, cells, count))
        elif kind == layout.MISS_CARRIED:
            self._make(missing, lambda cells, count: self._fill_carried(x, cells, count))
        else:
            by = Memo[int, list[int]](lambda _: [])
            for place in missing:
                by[place >> POST_CELL_BITS].append(place & (MAX_CELLS - 1))
            for g, cells in by.items():
                self._make(cells, lambda those, count, g=g: self._fill_renamed(g, x, those, count))

    def _make(self, missing: list[int], enter: Callable[[Array, int], int]) -> None:
        """Enter maps of some cells, and before that whatever they need."""
        cells, count = np.array(missing, np.int64), len(missing)
        while count:
            count = enter(cells, count)
            noted = self._miss[self._miss != 0]
            self._miss[:] = 0
            self._counters[:] = 0
            for lacking in missing_in(noted):
                self._supply(lacking)

    def _supply(self, lacking: Missing) -> None:
        kind, x, those = lacking
        if kind == layout.MISS_ROW:
            for cell in those:
                self._rows.make(x, cell)
        elif kind == layout.MISS_POST:
            self._posts.fill(x, those)
        elif kind == layout.MISS_IMAGE:
            self._action.fill_images(x, those)

    def _arrays(self) -> tuple[Array, Array, Graph]:
        self._per_cell.flush()
        return self._per_cell.base, self._per_cell["moves_ptr"], self._graph()

    def _fill_own(self, node: int, cells: Array, count: int) -> int:
        arrays = self._arrays()
        own = self._own_of(arrays[-1])
        return machine.fill_own(node, cells, count, *arrays, own, self._miss, self._counters)

    def _fill_carried(self, bundle: int, cells: Array, count: int) -> int:
        arrays = self._arrays()
        to, at_once = self._numbering.bundles[bundle].to, self._posts.is_at_once(bundle)
        carried, noted = self._posts.carried, (self._miss, self._counters)
        return machine.fill_carried(bundle, int(at_once), to, cells, count, *arrays, carried, *noted)

    def _fill_renamed(self, g: int, node: int, cells: Array, count: int) -> int:
        assert isinstance(self._action, Action)
        there = self._action.position[g][node]
        arrays = self._arrays()
        image, renamed, noted = (
            self._per_cell["image"],
            self._per_cell["renamed"],
            (self._miss, self._counters),
        )
        parcels = self._images_of_parcels(g)
        return machine.fill_renamed(g, node, there, cells, count, *arrays, image, parcels, renamed, *noted)

    def _images_of_parcels(self, g: int) -> Array:
        known, rows = self._parcels[g], self._rows
        while known.size < rows.parcels:  # images are parcels themselves
            known.extend(
                [rows.image(parcel, self._bundles_under(g)) for parcel in range(known.size, rows.parcels)]
            )
        return known.data

    def _bundles_under(self, g: int) -> Callable[[int], int]:
        return lambda bundle: self._bundles[g, bundle]

    def _image_of_bundle(self, what: tuple[int, int]) -> int:
        g, bundle = what
        assert isinstance(self._action, Action)
        numbering, action = self._numbering, self._action
        to, sender, numbers = numbering.bundles[bundle]
        there = action.position[g][to]
        ((_, images),) = numbering.parcel([(there, [action.messages[g][m] for m in numbers])])
        positions = numbering.system.positions
        sends = 0 if sender is None else action.position[g][positions[sender]]
        return numbering.bundle(there, sends, images)

    def _own_of(self, graph: Graph) -> Array:
        """The map of each move, with room for all moves there are."""
        if self._own.shape[0] < graph.move_next.shape[0]:
            grown: Array = np.zeros(graph.move_next.shape[0], np.uint64)
            grown[: self._own.shape[0]] = self._own
            self._own = grown
        return self._own

    def commuting(self) -> Commuting:
        """As the kernel takes it; the tables are flushed."""
        own = self._own_of(self._graph())
        delicate = sum({1 << min(node, LAST_BIT) for node, is_ in enumerate(self._delicate) if is_})
        # as a signed number, which is what a kernel is given
        delicate -= (delicate >> LAST_BIT) << (LAST_BIT + 1)
        receivers = self._rows.receivers.data
        return Commuting(own, self._posts.carried, self._per_cell["renamed"], receivers, delicate)

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return replace(so_far, ordering=True)
