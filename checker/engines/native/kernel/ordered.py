"""Expanding states so that each interleaving is followed once: sleep sets (Godefroid 1996), level by level.

What commutes is known of local situations (commuting.py): where the moves out of a cell are, by their
places in its row, after a bundle has arrived there, after another move of the node, and in the cell's image
under a renaming. A state comes with the moves that are *asleep* in it: another order of the same steps
leads where they lead. They are not followed. Out of a state moves are followed node by node and in the
order of rows; with a successor goes the set of those that were followed before or slept, and that commute
with its move. A state found several times on its level sleeps for what all agree on (sleeping.py). Why no
state is lost, and none has to be looked at again: docs/adr/0018.

What holds for kernel.py holds here: plain integers and arrays, nothing allocated, nothing raised.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel import layout
from checker.engines.native.kernel.kernel import (
    _M23,
    _ONE,
    _ZERO,
    U,
    owner_of,
)
from checker.engines.native.kernel.layout import (
    ASIDE,
    EMPTY,
    ENDED,
    FOLLOWED,
    I8,
    MISS_POST,
    MISS_RENAMED,
    MISS_ROW,
    MISSED,
    MOST_PLACES,
    POST_CELL_BITS,
    U8,
)
from checker.engines.native.kernel.normal import _jit, _within, canonical, note_miss
from checker.engines.native.kernel.passing import pass_on, placed, slot_of
from checker.engines.native.kernel.vectors import lowest


@_within
def next_awake(asleep, place):
    """The first place from this one on whose move is not asleep, as bits by place, however long the row."""
    if place >= MOST_PLACES:
        return place
    return place + np.int64(lowest(~U(asleep) >> U(place)))


@_within
def leads_on(moves, cur, row, graph, miss, counters):
    """Whether one of some moves, as bits by place for each node, changes the state; -1 if not known."""
    row_ptr, _, move_next, move_parcel, parcel_ptr, send_to, send_bundle, post, _ = graph
    n = cur.shape[0]
    for i in range(n):  # most change their own node, which is soon seen
        first = row_ptr[U(row[i])]
        place = 0
        while moves[i] >> place:
            if (moves[i] >> place) & 1 and move_next[U(first + place)] != cur[i]:
                return 1
            place += 1
    for i in range(n):
        first = row_ptr[U(row[i])]
        place = 0
        while moves[i] >> place:
            parcel = U(move_parcel[U(first + place)])
            some = (moves[i] >> place) & 1
            for t in range(parcel_ptr[parcel], parcel_ptr[parcel + _ONE] if some else parcel_ptr[parcel]):
                j = send_to[U(t)]
                entry = post[slot_of(send_bundle[U(t)], cur[j], post)]
                if entry == EMPTY:
                    note_miss(miss, counters, MISS_POST, send_bundle[U(t)], cur[j])
                    return -1
                if np.int64(entry & _M23) != cur[j]:
                    return 1
            place += 1
    return 0


@_jit
def expand_in_order(
    states: layout.States,
    asleep: U8,
    lo: int,
    hi: int,
    fields: layout.Fields,
    before: layout.Fields,
    after: layout.Fields,
    graph: layout.Graph,
    orbits: layout.Orbits,
    commuting: layout.Commuting,
    owning: layout.Owning,
    outbox: layout.Outbox,
    sleeping: U8,
    met: layout.Met,
    uses: I8,
    scratch: I8,
) -> int:
    """As `expand`, each interleaving once; the index of the first state not treated.

    `asleep` are the moves asleep in each state, `sleeping` those of each successor, beside `outbox`; where
    each node's are in these words is told by `before` and `after`. Renamings must be the whole group.
    """
    w0, w1, wide = states
    base, word, shift, mask = fields
    _, _, shift_before, mask_before = before
    _, _, shift_after, mask_after = after
    row_ptr, row_len, move_next, move_parcel, parcel_ptr, send_to, send_bundle, post, most = graph
    out0, out1, filled, _ = outbox
    aside, terminals, miss, counters = met
    n = base.shape[0]
    room = out0.shape[1] - most
    source = orbits[1]
    _, _, renamed, _, _, _, _, _ = commuting
    images = source.shape[0] * n
    owners = filled.shape[0]
    lacking = n + most * (2 * n + images + n * MOST_PLACES)
    cur, row, vector, best = scratch[0, :n], scratch[1, :n], scratch[2, :n], scratch[3, :n]
    marks, done, slots, left = scratch[4], scratch[5, :n], scratch[6, :n], scratch[7, :n]
    image_of, at_slots, receivers = scratch[8, :n], scratch[9, :n], scratch[10, :n]
    for s in range(lo, hi):
        if counters[ASIDE] >= aside.shape[0] or counters[ENDED] >= terminals.shape[0]:
            return s
        if 2 * (counters[MISSED] + lacking) > miss.shape[0]:
            return s
        for o in range(owners):
            marks[o] = filled[o]
            if filled[o] > room:
                return s
        a0 = w0[s]
        a1 = w1[s] if wide else _ZERO
        known = True
        for i in range(n):
            cur[i] = np.int64(((a1 if word[i] else a0) >> shift[i]) & mask[i])
            row[i] = base[i] + cur[i]
            if row_ptr[U(row[i])] < 0:  # none is LEFT: there is no shift
                known = False
                note_miss(miss, counters, MISS_ROW, i, cur[i])
        slept = False
        for i in range(n):
            done[i] = np.int64((asleep[s] >> shift_before[i]) & mask_before[i])
            slept |= done[i] != 0
        moved = False
        followed = 0
        for i in range(n):
            first = row_ptr[U(row[i])]
            if first < 0:
                continue
            length = np.int64(row_len[U(row[i])])
            sleeps = done[i]
            place = np.int64(-1)
            while True:
                place = next_awake(sleeps, place + 1)
                if place >= length:
                    break
                m = first + place
                b0 = a0
                b1 = a1
                step = U(cur[i] ^ move_next[U(m)]) << shift[i]
                if word[i]:
                    b1 ^= step
                else:
                    b0 ^= step
                arrived = True
                met_slots = 0
                parcel = U(move_parcel[U(m)])
                for t in range(parcel_ptr[parcel], parcel_ptr[parcel + _ONE]):
                    j = U(send_to[U(t)])
                    slot = slot_of(send_bundle[U(t)], cur[j], post)
                    entry = post[slot]
                    if entry == EMPTY:
                        arrived = False
                        note_miss(miss, counters, MISS_POST, send_bundle[U(t)], cur[j])
                    else:
                        at_slots[met_slots] = np.int64(slot)
                        receivers[met_slots] = np.int64(j)
                        met_slots += 1
                        step = (U(cur[j]) ^ (entry & _M23)) << shift[j]
                        if word[j]:
                            b1 ^= step
                        else:
                            b0 ^= step
                if arrived and b0 == a0 and b1 == a1:
                    # what leads nowhere here leads nowhere after steps with which it commutes
                    if place < MOST_PLACES:
                        done[i] |= 1 << place
                    continue
                moved = True
                for j in range(n):
                    vector[j] = cur[j]
                    slots[j] = -1
                vector[i] = move_next[U(m)]
                for k in range(met_slots):
                    slots[receivers[k]] = at_slots[k]
                    vector[receivers[k]] = np.int64(post[U(at_slots[k])] & _M23)
                # what the rest of the state lacks is noted as well, so that it is set aside once
                complete = arrived and pass_on(
                    i, m, place, cur, row, done, slots, graph, commuting, left, miss, counters
                )
                if place < MOST_PLACES:
                    done[i] |= 1 << place
                by = 0
                if arrived and source.shape[0] > 1:
                    by = canonical(vector, best, n, base, orbits, miss, counters)
                if not complete or by < 0:
                    known = False
                    continue
                if by:
                    b0 = _ZERO
                    b1 = _ZERO
                    for j in range(n):
                        if word[j]:
                            b1 |= U(best[j]) << shift[j]
                        else:
                            b0 |= U(best[j]) << shift[j]
                o = np.int64(0)
                if owners > 1:
                    o = owner_of(b0, b1, owning)
                at = filled[o]
                for j in range(n):
                    k = source[by, j] if by else j
                    if by and left[k] != 0:
                        places = renamed[by, base[k] + vector[k]]
                        if places == _ZERO:
                            known = False
                            note_miss(miss, counters, MISS_RENAMED, k, (by << POST_CELL_BITS) | vector[k])
                        image_of[j] = placed(left[k], places)
                    else:
                        image_of[j] = left[k]
                together = _ZERO
                for j in range(n):
                    together |= (U(image_of[j]) & mask_after[j]) << shift_after[j]
                sleeping[o, at] = together
                if known:
                    out0[o, at] = b0
                    if wide:
                        out1[o, at] = b1
                    filled[o] = at + 1
                    followed += 1
        if known and slept and not moved:
            on = leads_on(done, cur, row, graph, miss, counters)
            known = on >= 0
            moved = on > 0
        if known:
            counters[FOLLOWED] += followed
            for i in range(n):
                uses[U(row[i])] += 1
            if not moved:
                terminals[counters[ENDED]] = s
                counters[ENDED] += 1
        else:
            for o in range(owners):
                filled[o] = marks[o]
            aside[counters[ASIDE]] = s
            counters[ASIDE] += 1
    return hi
