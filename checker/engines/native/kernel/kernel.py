"""The kernel: breadth-first exploration of a product of local graphs, on integers alone.

It knows no protocol and no network. What it knows:

* a *state* is one cell number for each node, packed into one 64-bit word (`pack`) or, when the cell
  numbers need more bits than that, into two words that are interned by halves (see halves.py);
* a *row* (node, cell) lists the moves out of a cell: the mover's next cell and a *parcel*;
* a parcel lists bundles of messages, each for one receiver; (bundle, receiver's cell) → receiver's
  next cell is the *post* table.

All functions take arrays, alone or in named tuples (layout.py), and return integers. In plain Python
(NUMBA_DISABLE_JIT=1) they mean the same, only slowly. They allocate nothing and raise nothing, so that
their machine code can be kept and loaded by itself (machine.py). `scratch` arguments are room to work in.
Indices on the paths that every step takes are unsigned (`U`): numba asks of each signed one whether it
counts from the end.

Two things make it fast. Successors are generated with their hashes into *outboxes* in a first pass
and looked up in a second one that touches a batch of hash slots before it uses the first of them, so
that the waits for memory overlap. And a state is its own key: the hash table (keys.py) holds the packed
states themselves, so a probe touches one place and nothing else is compared.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel import layout
from checker.engines.native.kernel.layout import (
    ASIDE,
    EMPTY,
    ENDED,
    I8,
    LEFT,
    MAX_CELLS,
    MISS_POST,
    MISS_ROW,
    MISSED,
    POST_CELL_BITS,
    U8,
)
from checker.engines.native.kernel.normal import _jit, canonical, descend, lower, mix, note_miss

U = np.uint64

_C1 = U(0xFF51AFD7ED558CCD)
_C2 = U(0xC4CEB9FE1A85EC53)
_S33 = U(33)
_S32 = U(32)
_S23 = U(POST_CELL_BITS)
_S46 = U(2 * POST_CELL_BITS)
_M23 = U(MAX_CELLS - 1)
_S16 = U(16)
_S48 = U(48)
_ZERO = U(0)
_ONE = U(1)


@_jit
def post_slot(key, size):
    """Where the search for a post begins; `size` is a power of two."""
    return ((key * _C1) >> _S33) & (U(size) - _ONE)


@_jit
def put_posts(entries: U8, first: int, last: int, post: U8) -> None:
    """Enter entries first..last-1, none of them empty, into a post table that has room."""
    size = post.shape[0]
    for k in range(first, last):
        slot = post_slot(entries[k] >> _S23, size)
        while post[slot] != EMPTY:
            slot = (slot + _ONE) & (U(size) - _ONE)
        post[slot] = entries[k]


@_jit
def place_of(b0, b1, size):
    """Where a state of one or two words (then b1 is 0) is remembered; `size` is a power of two."""
    return (((b0 ^ (b1 * _C1)) * _C2) >> _S33) & (U(size) - _ONE)


@_jit
def owner_of(b0, b1, owning):
    """The owner of a state: a hash of some of its bits, which has nothing to do with its home.

    `owning` is the bits of each word that count, and how many owners there are.
    """
    mask0, mask1, owners = owning
    h = (b0 & U(mask0)) * _C2 + (b1 & U(mask1)) * _C1
    h = (h ^ (h >> _S32)) * _C2
    return np.int64(((h >> _S48) * U(owners)) >> _S16)


@_jit
def expand(
    states: layout.States,
    lo: int,
    hi: int,
    fields: layout.Fields,
    graph: layout.Graph,
    orbits: layout.Orbits,
    shifts: layout.Shifts,
    owning: layout.Owning,
    outbox: layout.Outbox,
    met: layout.Met,
    uses: I8,
    lately: U8,
    scratch: I8,
) -> int:
    """Generate the successors of states lo..hi-1; the index of the first state not treated.

    Successors go to the outbox of their owner. A state that meets a missing table entry is set aside: its
    index goes to `met.aside`, every entry it lacks to `met.miss`, and none of its successors out. A state
    is treated only while every outbox and all of `met` have room. One with a cell that is LEFT has no
    successors, and is not terminal. `uses` counts for each cell the states
    expanded. `lately` holds states that went out not long ago, a power of two or 0; they do not again.
    """
    w0, w1, wide = states
    base, word, shift, mask = fields
    row_ptr, row_len, move_next, move_parcel, parcel_ptr, send_to, send_bundle, post, most = graph
    out0, out1, filled, moves = outbox
    aside, terminals, miss, counters = met
    n = base.shape[0]
    post_size = post.shape[0]
    room = out0.shape[1] - most
    image, source, whole, _, _ = orbits
    low, lowered = shifts
    shifting = lowered.shape[0] > 0
    reduced = shifting or source.shape[0] > 1
    images = source.shape[0] * n
    remember = lately.shape[0]
    owners = filled.shape[0]
    cur, row, vector, best, before = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    for s in range(lo, hi):
        if counters[ASIDE] >= aside.shape[0] or counters[ENDED] >= terminals.shape[0]:
            return s
        if 2 * (counters[MISSED] + n + most * (n + images)) > miss.shape[0]:
            return s
        for o in range(owners):
            before[o] = filled[o]
            if filled[o] > room:
                return s
        a0 = w0[s]
        a1 = w1[s] if wide else _ZERO
        known = True
        for i in range(n):
            cur[i] = np.int64(((a1 if word[i] else a0) >> shift[i]) & mask[i])
            row[i] = base[i] + cur[i]
            if row_ptr[U(row[i])] < 0:
                known = False
        if not known:
            left = False
            for i in range(n):
                left |= row_ptr[U(row[i])] == LEFT
            if left:
                continue
            for i in range(n):
                if row_ptr[U(row[i])] < 0:
                    note_miss(miss, counters, MISS_ROW, i, cur[i])
        moved = False
        for i in range(n):
            first = row_ptr[U(row[i])]
            if first < 0:
                continue
            for m in range(first, first + row_len[U(row[i])]):
                b0 = a0
                b1 = a1
                step = U(cur[i] ^ move_next[U(m)]) << shift[i]
                if word[i]:
                    b1 ^= step
                else:
                    b0 ^= step
                parcel = U(move_parcel[U(m)])
                for t in range(parcel_ptr[parcel], parcel_ptr[parcel + _ONE]):
                    j = U(send_to[U(t)])
                    key = (U(send_bundle[U(t)]) << _S23) | U(cur[j])
                    slot = post_slot(key, post_size)
                    entry = post[slot]
                    while entry >> _S23 != key and entry != EMPTY:
                        slot = (slot + _ONE) & (U(post_size) - _ONE)
                        entry = post[slot]
                    if entry == EMPTY:
                        known = False
                        note_miss(miss, counters, MISS_POST, send_bundle[U(t)], cur[j])
                    else:
                        step = (U(cur[j]) ^ (entry & _M23)) << shift[j]
                        if word[j]:
                            b1 ^= step
                        else:
                            b0 ^= step
                if b0 == a0 and b1 == a1:
                    continue
                moved = True
                if not known:
                    continue
                if reduced:
                    for j in range(n):
                        vector[j] = np.int64(((b1 if word[j] else b0) >> shift[j]) & mask[j])
                    if shifting and not lower(vector, n, base, low, lowered, miss, counters):
                        known = False
                        continue
                    if whole:
                        complete = canonical(vector, best, n, base, orbits, miss, counters) >= 0
                    else:
                        complete = descend(vector, best, n, base, image, source, miss, counters)
                    if not complete:
                        known = False
                        continue
                    b0 = _ZERO
                    b1 = _ZERO
                    for j in range(n):
                        if word[j]:
                            b1 |= U(best[j]) << shift[j]
                        else:
                            b0 |= U(best[j]) << shift[j]
                if remember:
                    place = place_of(b0, b1, remember)
                    if lately[place, 0] == b0 and lately[place, 1] == b1:
                        continue
                    lately[place, 0] = b0
                    lately[place, 1] = b1
                o = np.int64(0)
                if owners > 1:
                    o = owner_of(b0, b1, owning)
                at = filled[o]
                out0[o, at] = b0
                if wide:
                    out1[o, at] = b1
                if moves.shape[0]:
                    moves[at] = (s << layout.MOVE_BITS) | m
                filled[o] = at + 1
        if known:
            for i in range(n):
                uses[U(row[i])] += 1
            if not moved:
                terminals[counters[ENDED]] = s
                counters[ENDED] += 1
        else:
            if remember:
                for o in range(owners):
                    for at in range(before[o], filled[o]):
                        b0 = out0[o, at]
                        b1 = out1[o, at] if wide else _ZERO
                        lately[place_of(b0, b1, remember), 0] = EMPTY
            for o in range(owners):
                filled[o] = before[o]
            aside[counters[ASIDE]] = s
            counters[ASIDE] += 1
    return hi


@_jit
def look(
    states: layout.States,
    fresh: I8,
    lo: int,
    hi: int,
    fields: layout.Fields,
    looks: layout.Looks,
    cut_counts: I8,
    recent: U8,
    shown: layout.Shown,
    cells: I8,
) -> int:
    """Read the views of new states; the position of the first state not treated.

    For each group of properties with the same views, a state's combination of views is one word,
    the sum of views[group, cell] over its cells. Combinations not seen before go to `new` as
    (group, combination). Stops when a table of combinations is half full or `new` has no room.
    Also counts the states in which a bound stops some node (cut[cell] > 0, first node counts).

    Most states look like one that came shortly before. seen[cell] is the first cell of the node that
    shows the same, so the packed state made of these is all that is seen of a state; `recent` holds
    such states, each with its bound, and what it holds need not be looked at again.
    """
    w0, w1, wide = states
    base, word, shift, mask = fields
    cut, seen, views = looks
    combos, offsets, sizes, used, new, new_count = shown
    n = base.shape[0]
    groups = views.shape[0]
    count = new_count[0]
    for f in range(lo, hi):
        s = U(fresh[f])
        a0 = w0[s]
        a1 = w1[s] if wide else _ZERO
        b0 = _ZERO
        b1 = _ZERO
        for i in range(n):
            if word[i]:
                b1 |= U(seen[U(base[i]) + ((a1 >> shift[i]) & mask[i])]) << shift[i]
            else:
                b0 |= U(seen[U(base[i]) + ((a0 >> shift[i]) & mask[i])]) << shift[i]
        place = place_of(b0, b1, recent.shape[0])
        if recent[place, 0] == b0 and recent[place, 1] == b1:
            cut_counts[recent[place, 2]] += 1
            continue
        full = count + groups > new.shape[0]
        for g in range(groups):
            full |= used[g] * 2 >= sizes[g]
        if full:
            new_count[0] = count
            return f
        bound = np.int64(0)
        for i in range(n):
            cells[i] = base[i] + np.int64(((a1 if word[i] else a0) >> shift[i]) & mask[i])
            if bound == 0:
                bound = np.int64(cut[cells[i]])
        cut_counts[bound] += 1
        recent[place, 0] = b0
        recent[place, 1] = b1
        recent[place, 2] = U(bound)
        for g in range(groups):
            combo = _ZERO
            for i in range(n):
                combo += views[g, cells[i]]
            size = sizes[g]
            slot = np.int64(mix(combo) >> _S33) & (size - 1)
            first = offsets[g]
            while combos[first + slot] != combo:
                if combos[first + slot] == EMPTY:
                    combos[first + slot] = combo
                    used[g] += 1
                    new[count, 0] = g
                    new[count, 1] = combo
                    count += 1
                    break
                slot = (slot + 1) & (size - 1)
    new_count[0] = count
    return hi


@_jit
def repack(
    old: layout.States, count: int, old_fields: layout.Fields, new: layout.States, new_fields: layout.Fields
) -> None:
    """Write the same states in another packing."""
    old0, old1, wide_old = old
    new0, new1, wide_new = new
    _, word_old, shift_old, mask_old = old_fields
    _, word_new, shift_new, _ = new_fields
    for k in range(count):
        a0 = old0[k]
        a1 = old1[k] if wide_old else _ZERO
        b0 = _ZERO
        b1 = _ZERO
        for i in range(word_old.shape[0]):
            cell = ((a1 if word_old[i] else a0) >> shift_old[i]) & mask_old[i]
            if word_new[i]:
                b1 |= cell << shift_new[i]
            else:
                b0 |= cell << shift_new[i]
        new0[k] = b0
        if wide_new:
            new1[k] = b1


@_jit
def owners_of(states: layout.States, count: int, owning: layout.Owning, result: I8) -> None:
    """The owner of each state, as `expand` computes it."""
    w0, w1, wide = states
    for k in range(count):
        result[k] = owner_of(w0[k], w1[k] if wide else _ZERO, owning)


@_jit
def enter(entries: U8, table: U8) -> None:
    """Put the entries of an open table into a larger, empty one; sizes are powers of two."""
    size = table.shape[0]
    for entry in entries:
        if entry != EMPTY:
            slot = np.int64(mix(entry) >> _S33) & (size - 1)
            while table[slot] != EMPTY:
                slot = (slot + 1) & (size - 1)
            table[slot] = entry
