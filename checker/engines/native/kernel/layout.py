"""What the tables and the kernels share: constants, and the arrays that go to a kernel together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

I1 = np.ndarray[Any, np.dtype[np.int8]]
I4 = np.ndarray[Any, np.dtype[np.int32]]
I8 = np.ndarray[Any, np.dtype[np.int64]]
U1 = np.ndarray[Any, np.dtype[np.uint8]]
U4 = np.ndarray[Any, np.dtype[np.uint32]]
U8 = np.ndarray[Any, np.dtype[np.uint64]]

#: No packed state: every packing leaves the highest bit free.
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
#: Row pointer of a row that is not computed yet, image of a cell that has none yet.
MISSING = -1
#: Instead of a row pointer: the levels in the cell are too high, and a state with it is not explored.
LEFT = -2
#: Instead of the lowest level in a cell: there is none. No level that is told is so high.
NO_LEVEL = (1 << 31) - 1
#: Layout of an entry of the post table, from the highest bits down: bundle, cell before, cell after.
POST_CELL_BITS = 23
POST_BUNDLE_BITS = 18
MAX_CELLS = 1 << POST_CELL_BITS
LAST_CELL = MAX_CELLS - 1
MAX_BUNDLES = (1 << POST_BUNDLE_BITS) - 1
#: Bounds that are told apart in a byte, 0 being none.
MAX_BOUNDS = 127
#: Bits for the number of a move in `Outbox.moves`; above them is the place of the state it leads from.
MOVE_BITS = 32
#: How many hash slots are touched ahead of use.
AHEAD = 128

#: What may be missing when a state is expanded.
MISS_ROW = 0
MISS_POST = 1
MISS_IMAGE = 2
MISS_LOWERED = 3
#: What of the moves of a row commutes with its others, with a bundle, and with a renaming: see `Commuting`;
#: and the image of a parcel, which only those maps need.
MISS_OWN = 4
MISS_CARRIED = 5
MISS_RENAMED = 6
MISS_PARCEL = 7
#: Layout of a missing entry: kind + 1, node or bundle, cell (of an image, and the renaming above it; of
#: one that is lowered, and the amount).
MISS_Y_BITS = 36
MISS_X_BITS = POST_BUNDLE_BITS

#: What an expansion counts, by place in `Met.counters`: states set aside, misses noted, terminal states,
#: steps followed (where each interleaving is followed once).
ASIDE = 0
MISSED = 1
ENDED = 2
FOLLOWED = 3
COUNTERS = 4
#: Moves of a row that can be asleep: those of the first places. A map of places has four bits for each, and
#: NO_PLACE where a move has none; 0 is no map.
MOST_PLACES = 15
NO_PLACE = 15


class States(NamedTuple):
    """Packed states: their first words and, if they are `wide`, their second ones."""

    first: U8
    second: U8
    wide: bool


class Fields(NamedTuple):
    """Where each node's cell number lies in a state, and where the node's stretch of each table begins."""

    base: I8
    word: U1
    shift: U8
    mask: U8


class Graph(NamedTuple):
    """Rows, parcels and posts; `most` is how many moves a state has at most."""

    row_ptr: I4
    row_len: I4
    move_next: I4
    move_parcel: I4
    parcel_ptr: I4
    send_to: I4
    send_bundle: I4
    post: U8
    most: int


class Orbits(NamedTuple):
    """Renamings: images of cells, sources of positions, and whether these are the whole symmetry group.

    `front` has for each cell of the nodes `heads`, which come to the first position under some renaming,
    the least cell that it becomes there, and above it the renamings that make it that, as bits; 0 if that
    is not known yet. There is none of it if the renamings are not the whole group.
    """

    image: I4
    source: I8
    whole: bool
    front: U8
    heads: I8


class Commuting(NamedTuple):
    """What becomes of moves, by their places in a row, when something else happens first; see ordered.py.

    `own` has a map of places for each move: where its row's other moves are in the row of the cell that it
    leads to. `carried` has one for each entry of the post table: where the moves out of the receiver's cell
    are afterwards. `renamed` has one for each renaming and cell: where they are in the row of the image.
    `to` are the nodes that each move sends to, as bits (all of the 64th on are one), `reach` those that
    some move of a cell's row sends to. It may matter to `exacting` nodes in which order messages of two
    others arrive, and to `delicate` ones, of which nothing is to be found out before a state needs it. The
    moves of `lasting` nodes can be made all the same after anything has arrived.
    """

    own: U8
    carried: U8
    renamed: U8
    to: U8
    reach: U8
    delicate: int
    exacting: int
    lasting: int


class Shifts(NamedTuple):
    """The lowest level in each cell, and what the cell becomes when its levels are lowered; see `lower`.

    Without a shift `lowered` has no rows.
    """

    low: I4
    lowered: I4


class Owning(NamedTuple):
    """The bits of each of the two words that tell a state's owner, and the number of owners."""

    first: int
    second: int
    owners: int


class Outbox(NamedTuple):
    """Successors by owner, and how many there are for each.

    `moves` is for those who want to know, with one owner, which move leads to each, out of which of the
    states expanded; else it is of size 0.
    """

    first: U8
    second: U8
    filled: I8
    moves: I8


class Met(NamedTuple):
    """What an expansion notes: states set aside, terminal states, missing entries, and how many of each."""

    aside: I8
    terminals: I8
    miss: I8
    counters: I8


class Looks(NamedTuple):
    """What is to be seen of each cell: its bound, the first cell that shows the same, shares of views."""

    cut: I1
    seen: I4
    views: U8


class Shown(NamedTuple):
    """Combinations of views that came up: a table for each group, how full each is; and the new ones."""

    table: U8
    offsets: I8
    sizes: I8
    used: I8
    new: U8
    added: I8


class Remainders(NamedTuple):
    """A table of remainders: words, bits of a key, lines that are homes, lines a key may be in, rest."""

    words: U4
    bits: int
    lines: int
    reach: int
    rest: U8
