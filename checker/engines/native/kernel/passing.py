"""What sleeps in a successor: the moves that were followed before or slept, as far as they commute.

What holds for kernel.py holds here: plain integers and arrays, nothing allocated, nothing raised.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel.kernel import _M23, _ONE, _S23, _ZERO, U, post_slot
from checker.engines.native.kernel.layout import (
    EMPTY,
    MISS_CARRIED,
    MISS_OWN,
    MISS_POST,
    MOST_PLACES,
    NO_PLACE,
)
from checker.engines.native.kernel.normal import _within, note_miss
from checker.engines.native.kernel.vectors import lowest

_FOUR = U(4)
_LOW4 = U(15)


@_within
def slot_of(bundle, cell, post):
    """Where the post of a bundle to a cell is, or where it would be: then it is EMPTY there."""
    key = (U(bundle) << _S23) | U(cell)
    size = post.shape[0]
    slot = post_slot(key, size)
    while post[slot] >> _S23 != key and post[slot] != EMPTY:
        slot = (slot + _ONE) & (U(size) - _ONE)
    return slot


@_within
def place_in(places, place):
    """Where a map of places takes one; NO_PLACE for one that has none."""
    if place >= MOST_PLACES:
        return NO_PLACE
    return np.int64((places >> (U(place) * _FOUR)) & _LOW4)


@_within
def placed(moves, places):
    """A set of moves, as bits by place, where a map of places takes them."""
    found = np.int64(0)
    rest = U(moves)
    while rest:
        found |= 1 << np.int64((places >> (lowest(rest) * _FOUR)) & _LOW4)
        rest &= rest - _ONE
    return found & ~(1 << NO_PLACE)


@_within
def node_bit(node):
    """The bit of a node in `Commuting.to`."""
    return _ONE << U(min(node, 63))


@_within
def bundle_to(node, parcel, parcel_ptr, send_to, send_bundle):
    """The bundle of a parcel for a node, -1 if there is none."""
    for t in range(parcel_ptr[U(parcel)], parcel_ptr[U(parcel) + _ONE]):
        if send_to[U(t)] == node:
            return np.int64(send_bundle[U(t)])
    return np.int64(-1)


@_within
def stays(node, place, cell, bundle, post, carried, miss, counters):
    """Whether a move out of a cell can still be made when a bundle has arrived; -1 if that is not known."""
    slot = slot_of(bundle, cell, post)
    if post[slot] == EMPTY:
        note_miss(miss, counters, MISS_POST, bundle, cell)
        return -1
    if carried[slot] == _ZERO:
        note_miss(miss, counters, MISS_CARRIED, bundle, cell)
        return -1
    return 1 if place_in(carried[slot], place) != NO_PLACE else 0


@_within
def arrive_alike(one, other, i, j, cur, graph, delicate, exacting, miss, counters):
    """Whether what two parcels send to third nodes makes the same of them in either order; -1 if not known.

    `one` is of node i, `other` of node j. For a `delicate` node it is not, unless the posts are there.
    """
    _, _, _, _, parcel_ptr, send_to, send_bundle, post, _ = graph
    for t in range(parcel_ptr[U(one)], parcel_ptr[U(one) + _ONE]):
        k = np.int64(send_to[U(t)])
        if k in (i, j) or not node_bit(k) & (U(delicate) | U(exacting)):
            continue
        first = np.int64(send_bundle[U(t)])
        second = bundle_to(k, other, parcel_ptr, send_to, send_bundle)
        if second < 0:
            continue
        here = posted(first, cur[k], post)
        there = posted(second, cur[k], post)
        if here >= 0:
            here = posted(second, here, post)
        if there >= 0:
            there = posted(first, there, post)
        if here < 0 or there < 0:
            if node_bit(k) & U(delicate):
                return 0
            if posted(first, cur[k], post) < 0:
                note_miss(miss, counters, MISS_POST, first, cur[k])
            elif here < 0:
                note_miss(miss, counters, MISS_POST, second, posted(first, cur[k], post))
            if posted(second, cur[k], post) < 0:
                note_miss(miss, counters, MISS_POST, second, cur[k])
            elif there < 0:
                note_miss(miss, counters, MISS_POST, first, posted(second, cur[k], post))
            return -1
        if here != there:
            return 0
    return 1


@_within
def posted(bundle, cell, post):
    """The cell that a bundle makes of one, -1 if that is not known."""
    entry = post[slot_of(bundle, cell, post)]
    return np.int64(-1) if entry == EMPTY else np.int64(entry & _M23)


@_within
def apart(i, j, m, place, moves, cur, row, graph, commuting, miss, counters):
    """Those of some moves of node j that commute with move m of node i for all others; -1 if not known.

    That is, m can still be made after what they send to i, and what both send to third nodes arrives alike.
    """
    row_ptr, _, _, move_parcel, parcel_ptr, send_to, send_bundle, post, _ = graph
    _, carried, _, to, _, delicate, exacting, lasting = commuting
    minded = to[U(m)] & (U(delicate) | U(exacting))
    first = row_ptr[U(row[j])]
    minds = U(0) if j == i else node_bit(i) & ~U(lasting)
    known = True
    found = moves
    k = 0
    while moves >> k:
        if (moves >> k) & 1:
            sent = to[U(first + k)]
            other = move_parcel[U(first + k)]
            commutes = True
            if sent & minds:
                bundle = bundle_to(i, other, parcel_ptr, send_to, send_bundle)
                if bundle >= 0:
                    stay = stays(i, place, cur[i], bundle, post, carried, miss, counters)
                    known &= stay >= 0
                    commutes = stay > 0
            if commutes and sent & minded:
                alike = arrive_alike(
                    move_parcel[U(m)], other, i, j, cur, graph, delicate, exacting, miss, counters
                )
                known &= alike >= 0
                commutes = alike > 0
            if not commutes:
                found &= ~(1 << k)
        k += 1
    return found if known else -1


@_within
def pass_on(i, m, place, cur, row, done, slots, graph, commuting, left, miss, counters):
    """Write into `left`, for each node, what sleeps after move m of node i; False if a map is missing.

    `done` are those that were followed before or slept, `slots` where the posts of m's bundles are, by
    receiver, -1 for none.
    """
    row_ptr, _, _, _, _, _, _, post, _ = graph
    own, carried, _, to, reach, delicate, exacting, lasting = commuting
    complete = True
    minds = (node_bit(i) & ~U(lasting)) | (to[U(m)] & (U(delicate) | U(exacting)))
    for j in range(cur.shape[0]):
        left[j] = 0
        moves = done[j]
        if moves == 0:
            continue
        if row_ptr[U(row[j])] < 0:  # that its row is lacking has been noted
            complete = False
            continue
        if reach[U(row[j])] & minds:
            moves = apart(i, j, m, place, moves, cur, row, graph, commuting, miss, counters)
            if moves < 0:
                complete = False
                continue
        if j == i:
            places = own[U(m)]
            if places == _ZERO:
                note_miss(miss, counters, MISS_OWN, i, cur[i])
                complete = False
            left[j] = placed(moves, places)
        elif slots[j] >= 0:
            places = carried[U(slots[j])]
            if places == _ZERO:
                note_miss(
                    miss, counters, MISS_CARRIED, np.int64(post[U(slots[j])] >> (_S23 + _S23)), cur[j]
                )
                complete = False
            left[j] = placed(moves, places)
        else:
            left[j] = moves
    return complete
