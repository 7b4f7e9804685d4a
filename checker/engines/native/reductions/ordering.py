"""Ordering: steps that commute are followed in one order, so that each interleaving is followed once.

Sleep sets (Godefroid 1996), for a search level by level. No state is left out, and each is found on its
level; only steps are left out that lead where others lead (docs/adr/0018). What commutes is told by maps of
places, one for each move, post and image of a cell, which are made from the tables when a state asks
for them (kernel/commuting.py): a map says that both orders lead to the same cells and parcels, so it is a
proof, and nothing is claimed of rules. Of networks one thing is: where messages stay, whoever sent them,
whatever arrives takes no move away (`Commuting.lasting`), so that is not looked up.

Rows are made for that before a state needs them, and posts entered: those of states that are found a level
or two later. Nothing is noted of them before that (`Rows.make`), and what is handled at once is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from checker.engines.contract import Applied
from checker.engines.native.arrays import Array, Memo, PerCell
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import MAX_CELLS, POST_CELL_BITS, Commuting, Graph
from checker.engines.native.lacking import Missing, missing_in
from checker.engines.native.numbering import Numbering
from checker.engines.native.posts import Posts
from checker.engines.native.reductions.none import NoAction, NoFusion, NoOrdering
from checker.engines.native.rows import LAST_BIT, Rows

#: Places for what is lacking while maps are made; a power of two.
ROOM = 1 << 14


#: What a map is asked for: (node, cell), (bundle, receiver, cell, whether some of it is handled at once),
#: or (renaming, node, cell, node that the image is of).
Request = tuple[int, int, int, int]


class _Asked(NamedTuple):
    """The maps that are asked for."""

    own: list[Request]
    carried: list[Request]
    renamed: list[Request]


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
        fusion: NoFusion,
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
        #: the image of each parcel under each renaming, as far as it is known
        self._parcels: Array = np.full((len(action.tried), 1 << 10), layout.MISSING, np.int32)
        #: what is asked for and not made yet
        self._asked = _Asked([], [], [])
        #: (renaming, bundle) → its image
        self._bundles: Memo[tuple[int, int], int] = Memo(self._image_of_bundle)
        system = numbering.system
        network, at_once = system.network, [bool(m.role.immediate) for m in system.members]
        self._delicate = _bits(at_once, any)
        # where fusion looks at what arrives, it is to look at it in either order
        self._exacting = _bits([not network.unordered or fusion.refuses for _ in at_once], any)
        self._lasting = _bits([network.unordered and network.keeps and not is_ for is_ in at_once], all)
        self._miss: Array = np.zeros(ROOM, np.int64)
        self._counters: Array = np.zeros(layout.COUNTERS, np.int64)

    def fill(self, kind: int, x: int, missing: list[int]) -> None:
        """Note that maps are asked for: of moves after others of their row, after a bundle, in images."""
        if kind == layout.MISS_OWN:
            self._asked.own.extend((x, cell, 0, 0) for cell in missing)
        elif kind == layout.MISS_CARRIED:
            to, at_once = self._numbering.bundles[x].to, self._posts.is_at_once(x)
            self._asked.carried.extend((x, to, cell, at_once) for cell in missing)
        else:
            position = self._action.position
            pairs = ((place >> POST_CELL_BITS, place & (MAX_CELLS - 1)) for place in missing)
            self._asked.renamed.extend((g, x, cell, position[g][x]) for g, cell in pairs)

    def complete(self) -> None:
        """Make the maps that are asked for."""
        asked, self._asked = self._asked, _Asked([], [], [])
        self._make(asked.own, self._fill_own)
        self._make(asked.carried, self._fill_carried)
        self._make(asked.renamed, self._fill_renamed)

    def _make(self, asked: list[Request], enter: Callable[[Array, int], int]) -> None:
        """Enter maps, and before that whatever they need."""
        requests, count = np.array(asked, np.int64).reshape(-1, 4), len(asked)
        while count:
            count = enter(requests, count)
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
        else:
            assert kind == layout.MISS_PARCEL, "nothing else is lacking"
            self._parcels[x, those] = [self._rows.image(p, lambda b: self._bundles[x, b]) for p in those]

    def _arrays(self) -> tuple[Array, Array, Graph]:
        self._per_cell.flush()
        return self._per_cell.base, self._per_cell["moves_ptr"], self._graph()

    def _fill_own(self, asked: Array, count: int) -> int:
        arrays = self._arrays()
        return machine.fill_own(asked, count, *arrays, self._own_of(arrays[-1]), self._miss, self._counters)

    def _fill_carried(self, asked: Array, count: int) -> int:
        arrays = self._arrays()  # which may make the posts, and what is beside them, anew
        carried = self._posts.carried
        return machine.fill_carried(asked, count, *arrays, carried, self._miss, self._counters)

    def _fill_renamed(self, asked: Array, count: int) -> int:
        arrays = self._arrays()
        if self._rows.parcels > self._parcels.shape[1]:
            room = np.full((self._parcels.shape[0], 2 * self._rows.parcels), layout.MISSING, np.int32)
            room[:, : self._parcels.shape[1]] = self._parcels
            self._parcels = room
        image, renamed = self._per_cell["image"], self._per_cell["renamed"]
        return machine.fill_renamed(
            asked, count, *arrays, image, self._parcels, renamed, self._miss, self._counters
        )

    def _image_of_bundle(self, what: tuple[int, int]) -> int:
        g, bundle = what
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
        reach, receivers = self._per_cell["reach"], self._rows.receivers()
        renamed = self._per_cell["renamed"]
        nodes = self._delicate, self._exacting, self._lasting
        return Commuting(own, self._posts.carried, renamed, receivers, reach, *nodes)

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return replace(so_far, ordering=True)


def _bits(nodes: list[bool], together: Callable[[list[bool]], bool]) -> int:
    """Some nodes as bits, those that share one together; a signed number, as kernels are given."""
    bits = sum(1 << node for node, is_ in enumerate(nodes[:LAST_BIT]) if is_)
    return bits - (1 << LAST_BIT) * (len(nodes) > LAST_BIT and together(nodes[LAST_BIT:]))
