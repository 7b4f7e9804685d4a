"""Where the moves of a row are afterwards, by their places: the maps that `ordered` goes by.

A move is known by what it does: the mover's next cell, and its parcel. It is found again in the row of
another cell if a move there does what it would have done, on top of what has happened: then both orders
lead to the same state. So a map is a proof, made of the tables; of networks only that is assumed which
`Commuting.lasting` says, and of rules nothing.

`moves_ptr` is where each row begins, of those too that no state has needed yet. A map that needs a row, a
post or an image that there is not yet is 0, and what it lacks is noted.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel import layout
from checker.engines.native.kernel.kernel import _M23, _S23, _ZERO, U
from checker.engines.native.kernel.layout import (
    EMPTY,
    I4,
    I8,
    MISS_IMAGE,
    MISS_PARCEL,
    MISS_POST,
    MISS_ROW,
    MOST_PLACES,
    NO_PLACE,
    POST_CELL_BITS,
    U8,
)
from checker.engines.native.kernel.normal import _jit, note_miss
from checker.engines.native.kernel.passing import slot_of

_FOUR = U(4)


@_jit
def place_of_move(at, to, parcel, moves_ptr, row_len, move_next, move_parcel):
    """The place of a move in a row, NO_PLACE if it is not there."""
    first = moves_ptr[at]
    for place in range(min(row_len[at], MOST_PLACES)):
        if move_next[first + place] == to and move_parcel[first + place] == parcel:
            return place
    return NO_PLACE


@_jit
def fill_own(
    asked: I8, count: int, base: I8, moves_ptr: I4, graph: layout.Graph, own: U8, miss: I8, counters: I8
) -> int:
    """Enter for each move of some rows where the others are after it; how many rows lack something.

    `asked` has node and cell of each; those that lack something come first in it afterwards.
    """
    _, row_len, move_next, _, _, _, _, _, _ = graph
    lacking = 0
    for r in range(count):
        node, cell = asked[r, 0], asked[r, 1]
        at = base[node] + cell
        first = moves_ptr[at]
        complete = 4 * counters[layout.MISSED] < miss.shape[0]
        for m in range(first, first + row_len[at] if complete else first):
            if moves_ptr[base[node] + move_next[m]] == layout.MISSING:
                note_miss(miss, counters, MISS_ROW, node, move_next[m])
                complete = False
        if not complete:
            asked[lacking, 0], asked[lacking, 1] = node, cell
            lacking += 1
            continue
        for m in range(first, first + row_len[at]):
            places = ~_ZERO
            for place in range(min(row_len[at], MOST_PLACES)):
                found = NO_PLACE
                if first + place != m:
                    found = place_after(m, first + place, base[node], moves_ptr, graph)
                places ^= U(NO_PLACE ^ found) << (U(place) * _FOUR)
            own[m] = places
    return lacking


@_jit
def place_after(m, other, base, moves_ptr, graph):
    """Where a move is after another one of its row, if both orders lead to the same; else NO_PLACE."""
    _, row_len, move_next, move_parcel, _, _, _, _, _ = graph
    then, there = base + move_next[m], base + move_next[other]
    if moves_ptr[then] < 0 or moves_ptr[there] < 0:
        return NO_PLACE
    for last in range(moves_ptr[there], moves_ptr[there] + row_len[there]):
        if move_parcel[last] == move_parcel[m]:
            found = place_of_move(
                then, move_next[last], move_parcel[other], moves_ptr, row_len, move_next, move_parcel
            )
            if found != NO_PLACE:
                return found
    return NO_PLACE


@_jit
def fill_carried(
    asked: I8,
    count: int,
    base: I8,
    moves_ptr: I4,
    graph: layout.Graph,
    carried: U8,
    miss: I8,
    counters: I8,
) -> int:
    """Enter where the moves of cells are when a bundle has arrived; how many posts lack something.

    `asked` has bundle, receiver and cell of each, and whether some of the bundle is handled at once: of
    that nothing is entered but that the moves are nowhere. Those that lack something come first afterwards.
    """
    _, row_len, move_next, move_parcel, _, _, _, post, _ = graph
    lacking = 0
    for r in range(count):
        bundle, node, cell, at_once = asked[r, 0], asked[r, 1], asked[r, 2], asked[r, 3]
        slot = slot_of(bundle, cell, post)
        at, then = base[node] + cell, base[node] + np.int64(post[slot] & _M23)
        complete = 4 * counters[layout.MISSED] < miss.shape[0]
        for row in (at, then):
            if complete and not at_once and moves_ptr[row] == layout.MISSING:
                note_miss(miss, counters, MISS_ROW, node, row - base[node])
                complete = False
        places = ~_ZERO
        first = moves_ptr[at]
        there = complete and not at_once and first >= 0 and moves_ptr[then] >= 0
        for place in range(min(row_len[at], MOST_PLACES) if there else 0):
            after = post[slot_of(bundle, move_next[first + place], post)]
            if after == EMPTY:
                note_miss(miss, counters, MISS_POST, bundle, move_next[first + place])
                complete = False
                continue
            found = place_of_move(
                then,
                np.int64(after & _M23),
                move_parcel[first + place],
                moves_ptr,
                row_len,
                move_next,
                move_parcel,
            )
            places ^= U(NO_PLACE ^ found) << (U(place) * _FOUR)
        if complete:
            carried[slot] = places
        else:
            asked[lacking, 0], asked[lacking, 1], asked[lacking, 2] = bundle, node, cell
            asked[lacking, 3] = at_once
            lacking += 1
    return lacking


@_jit
def fill_renamed(
    asked: I8,
    count: int,
    base: I8,
    moves_ptr: I4,
    graph: layout.Graph,
    image: I4,
    parcels: I4,
    renamed: U8,
    miss: I8,
    counters: I8,
) -> int:
    """Enter where the moves of cells are in the rows of their images; how many lack something.

    `asked` has renaming, node, cell, and the node that the image is of; those that lack something come
    first afterwards. `parcels` has the images of parcels under each renaming.
    """
    _, row_len, move_next, move_parcel, _, _, _, _, _ = graph
    lacking = 0
    for r in range(count):
        by, node, cell, there = asked[r, 0], asked[r, 1], asked[r, 2], asked[r, 3]
        at, then = base[node] + cell, base[there]
        complete = 4 * counters[layout.MISSED] < miss.shape[0]
        if complete and image[by, at] < 0:
            note_miss(miss, counters, MISS_IMAGE, node, (by << POST_CELL_BITS) | cell)
            complete = False
        elif complete:
            then += image[by, at]
            if moves_ptr[at] == layout.MISSING:
                note_miss(miss, counters, MISS_ROW, node, cell)
                complete = False
            if moves_ptr[then] == layout.MISSING:
                note_miss(miss, counters, MISS_ROW, there, then - base[there])
                complete = False
        places = ~_ZERO
        first = moves_ptr[at]
        for place in range(min(row_len[at], MOST_PLACES) if complete else 0):
            to = image[by, base[node] + move_next[first + place]]
            parcel = parcels[by, move_parcel[first + place]]
            if to < 0:
                note_miss(
                    miss, counters, MISS_IMAGE, node, (by << POST_CELL_BITS) | move_next[first + place]
                )
                complete = False
            if parcel < 0:
                note_miss(miss, counters, MISS_PARCEL, by, move_parcel[first + place])
                complete = False
            if complete:
                found = place_of_move(then, to, parcel, moves_ptr, row_len, move_next, move_parcel)
                places ^= U(NO_PLACE ^ found) << (U(place) * _FOUR)
        if complete:
            renamed[by, at] = places
        else:
            asked[lacking, 0], asked[lacking, 1] = by, node
            asked[lacking, 2], asked[lacking, 3] = cell, there
            lacking += 1
    return lacking


@_jit
def keep_carried(old: U8, old_carried: U8, post: U8, carried: U8) -> None:
    """Enter what was known beside an old post table beside the one that takes its place."""
    for slot in range(old.shape[0]):
        if old_carried[slot] != _ZERO:
            entry = old[slot]
            carried[slot_of(np.int64(entry >> (_S23 + _S23)), np.int64((entry >> _S23) & _M23), post)] = (
                old_carried[slot]
            )
