"""The kernel of simulation, its first part: random numbers, where a move leads, and which one is chosen.

See walking.py, which says by what rules it is chosen.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel.kernel import post_slot
from checker.engines.native.kernel.layout import EMPTY, I4, MAX_CELLS, MISS_POST, POST_CELL_BITS, U8
from checker.engines.native.kernel.normal import _jit, _within, mix, note_miss

U = np.uint64

#: The schedulers; in a mix every third run is by each of them.
UNIFORM, PCT, SWARM, MIX = 0, 1, 2, 3
#: Missing: what a node in a cell makes of a message. It is noted by the message, and by node and cell.
MISS_TAKE = 4
#: Draws of a move that may change nothing, before all are counted.
DRAWS = 8

#: The rank of a message of which it was seen that its node makes nothing in its cell. That changes no
#: choice: what is drawn is drawn from all that waits, and this is passed over as it would be.
NOTHING = U(0)
#: The rank of all others, where priorities are not asked for.
SOMETHING = U(1)

_S23 = U(POST_CELL_BITS)
_M23 = U(MAX_CELLS - 1)
_S16 = U(16)
_S32 = U(32)
_M16 = U(0xFFFF)
_ZERO = U(0)
_ONE = U(1)
#: The golden ratio, as splitmix64 steps by it (Steele et al. 2014).
_GOLDEN = U(0x9E3779B97F4A7C15)
_TOP = U(1 << 63)


@_within
def draw(key, step, which):
    """A random number: the `which`-th (from 0, of 8) of a step (from 0) of the run with this key."""
    return mix(key + (U(step) * U(8) + U(which) + _ONE) * _GOLDEN)


@_jit
def run_key(seed, run):
    """What all random numbers of a run come from."""
    return mix(mix(U(seed) + _GOLDEN) + (U(run) + _ONE) * _GOLDEN)


@_within
def below(number, bound):
    """A random number from 0 to `bound` - 1."""
    return np.int64(((number >> _S32) * U(bound)) >> _S32)


@_jit
def scheduler_of(scheduler, run):
    """The scheduler of a run: in a mix they take turns."""
    return run % 3 if scheduler == MIX else scheduler


@_within
def is_left_out(key, node, action, actions):
    """Whether a walk by SWARM leaves out what a node does by an action."""
    share = (_ONE << _S32) >> U(1 + below(mix(key ^ _GOLDEN), 3))  # a half, a quarter or an eighth
    return mix(key + U(node * (actions + 1) + action + 1) * _GOLDEN) >> _S32 < share


@_within
def change_at(key, step, limit, depth):
    """Which of PCT's points of change a step is, from 0; -1 if it is none."""
    bits = 0
    while (1 << bits) < limit:
        bits += 1
    horizon = U(1) << U(1 + below(mix(key ^ _TOP), max(1, bits)))
    for k in range(depth - 1):
        if U(below(mix(key + U(k + 1) * _TOP + U(k) * _GOLDEN + _ONE), horizon)) == U(step):
            return k
    return -1


@_within
def priority(strand, key, fallen, w):
    """PCT's priority of a strand; of those that fell the one that fell by the first point is the lowest."""
    for k in range(fallen.shape[1]):
        if fallen[w, k] == strand:
            return U(k + 1) << _S16
    return (mix(key ^ strand) | _TOP) & ~_M16


@_within
def outranks(this, tie, index, other, other_tie, other_index):
    """Whether a move is before another: by priority, then at random, then by its place."""
    if this != other:
        return this > other
    return tie > other_tie or (tie == other_tie and index > other_index)


@_within
def message_key(key, node):
    """The share that a message which waits for a node has in the key of a state."""
    return mix(key + U(node + 1) * _GOLDEN)


@_within
def strand_of(key, node):
    """The strand of a message that waits for a node."""
    return key + U(node + 1) * _GOLDEN


@_jit
def take_slot(key, size):
    """Where the search for what is made of a message begins; `size` is a power of two."""
    return post_slot(key, size)


@_jit
def put_takes(keys: U8, moves: I4, steps: I4, table: U8, moves_of: I4, steps_of: I4) -> None:
    """Enter what is made of messages into an open table that has room."""
    size = table.shape[0]
    for k in range(keys.shape[0]):
        slot = take_slot(keys[k], size)
        while table[slot] != EMPTY:
            slot = (slot + _ONE) & (U(size) - _ONE)
        table[slot] = keys[k]
        moves_of[slot] = moves[k]
        steps_of[slot] = steps[k]


@_within
def find_take(cells, w, node, message, takes, miss, counters):
    """The slot of what a node makes of a message; -1 if it is missing."""
    entry = takes[0]
    size = U(entry.shape[0])
    which = message * cells.shape[1] + node
    key = (U(which) << _S23) | U(cells[w, node])
    slot = take_slot(key, entry.shape[0])
    while entry[slot] != key:
        if entry[slot] == EMPTY:
            note_miss(miss, counters, MISS_TAKE, message, (node << POST_CELL_BITS) | cells[w, node])
            return -1
        slot = (slot + _ONE) & (size - _ONE)
    return np.int64(slot)


@_within
def land(cells, held, waiting, w, node, m, place, graph, takes, miss, counters, room):
    """Where a move leads: the nodes whose cells it touches, and these cells, in room[0] and room[1].

    Of the message that is taken (`place` of those that wait for the node, -1: none) room[2, 3] is the
    place if it goes, and -1 if it stays; room[5] and room[6] are receivers and messages that arrive,
    room[2, 4] how many. How many nodes it touches; 0 if nothing changes, -1 if a post is missing.
    """
    _, _, move_next, move_parcel, parcel_ptr, send_to, send_bundle, post, _ = graph
    _, _, _, _, sent_first, sent_last, sent, at_once, keeps = takes
    to, then, chosen, add_to, add = room[0], room[1], room[2], room[5], room[6]
    size = post.shape[0]
    to[0] = node
    then[0] = move_next[m]
    changed = then[0] != cells[w, node]
    goes = place if keeps == 0 else np.int64(-1)
    count = 1
    added = 0
    known = True
    parcel = move_parcel[m]
    for t in range(parcel_ptr[parcel], parcel_ptr[parcel + 1]):
        j = np.int64(send_to[t])
        bundle = send_bundle[t]
        if at_once[bundle]:
            before = then[0] if j == node else np.int64(cells[w, j])
            key = (U(bundle) << _S23) | U(before)
            slot = post_slot(key, size)
            entry = post[slot]
            while entry >> _S23 != key and entry != EMPTY:
                slot = (slot + _ONE) & (U(size) - _ONE)
                entry = post[slot]
            after = np.int64(entry & _M23)
            if entry == EMPTY:
                known = False
                note_miss(miss, counters, MISS_POST, bundle, before)
            elif j == node:
                then[0] = after
                changed = after != cells[w, node]
            else:
                to[count] = j
                then[count] = after
                changed |= after != before
                count += 1
        for k in range(sent_first[bundle], sent_last[bundle]):
            message = sent[k]
            at = 0
            while at < waiting[w, j] and held[w, j, at] != message:
                at += 1
            if at == waiting[w, j]:
                add_to[added] = j
                add[added] = message
                added += 1
            elif j == node and at == goes:
                goes = -1
    if not known:
        return -1
    chosen[3] = goes
    chosen[4] = added
    return count if changed or goes >= 0 or added > 0 else 0


@_jit
def land_any(cells, held, waiting, w, node, m, offers, place, random, graph, takes, miss, counters, room):
    """`land` for one of several moves from m on, of those that change the state each as likely."""
    chosen = room[2]
    chosen[0] = node
    changing = 0
    known = True
    wanted = 0
    for k in range(offers if offers < 2 else 2 * offers):
        if k == offers:
            if not known:
                return -1
            if changing == 0:
                return 0
            wanted = below(mix(random ^ _TOP), changing)
            changing = 0
        chosen[1] = m + (k if k < offers else k - offers)
        landed = land(cells, held, waiting, w, node, chosen[1], place, graph, takes, miss, counters, room)
        if offers == 1 or (k >= offers and landed > 0 and changing == wanted):
            return landed
        known &= landed >= 0
        changing += landed > 0
    return 0


@_within
def choose_evenly(
    cells,
    held,
    rank,
    waiting,
    w,
    n,
    total,
    key,
    step,
    swarm,
    actions,
    action,
    graph,
    takes,
    miss,
    counters,
    room,
):
    """Choose a move that changes the state: in room[2] the node and the move; how many cells it touches.

    0 if there is none, -1 if an entry is missing, -2 if there is one but all are left out, -3 if a rule
    raises.
    """
    first, count = room[3], room[4]
    moves, steps = takes[1], takes[2]
    for k in range(DRAWS if total > 1 else 0):
        random = draw(key, step, k)
        at = below(random, total)
        node = 0
        while at >= count[node] + waiting[w, node]:
            at -= count[node] + waiting[w, node]
            node += 1
        place = np.int64(-1)
        m = np.int64(first[node] + at - waiting[w, node])
        offers = np.int64(1)
        if at < waiting[w, node]:
            if rank[w, node, at] == NOTHING:
                continue
            place = at
            slot = find_take(cells, w, node, held[w, node, at], takes, miss, counters)
            if slot < 0:
                return -1
            m = np.int64(moves[slot])
            offers = np.int64(steps[slot])
            if offers < 0:
                return -3
            if offers == 0:
                rank[w, node, at] = NOTHING
                continue
        if swarm and is_left_out(key, node, action[m], actions):
            continue
        landed = land_any(
            cells, held, waiting, w, node, m, offers, place, random, graph, takes, miss, counters, room
        )
        if landed != 0:
            return landed
    changing = 0
    wanted = 0
    barred = False
    known = True
    random = mix(draw(key, step, 0) ^ _TOP)
    for turn in range(2):
        if turn == 1:
            if not known:
                return -1
            if changing == 0:
                return -2 if barred else 0
            wanted = below(random, changing)
            changing = 0
        for node in range(n):
            for at in range(count[node] + waiting[w, node]):
                place = np.int64(-1)
                m = np.int64(first[node] + at - waiting[w, node])
                offers = np.int64(1)
                if at < waiting[w, node]:
                    if rank[w, node, at] == NOTHING:
                        continue
                    place = np.int64(at)
                    slot = find_take(cells, w, node, held[w, node, at], takes, miss, counters)
                    if slot < 0:
                        known = False
                        continue
                    m = np.int64(moves[slot])
                    offers = np.int64(steps[slot])
                    if offers < 0:
                        return -3
                    if offers == 0:
                        rank[w, node, at] = NOTHING
                        continue
                left_out = swarm and is_left_out(key, node, action[m], actions)
                landed = land_any(
                    cells,
                    held,
                    waiting,
                    w,
                    node,
                    m,
                    offers,
                    place,
                    random,
                    graph,
                    takes,
                    miss,
                    counters,
                    room,
                )
                if landed < 0:
                    known = False
                elif landed > 0 and left_out:
                    barred = True
                elif landed > 0:
                    if turn == 1 and changing == wanted:
                        return landed
                    changing += 1
    return -1


@_within
def choose_first(
    cells, held, rank, waiting, w, n, key, step, fallen, strand, graph, takes, miss, counters, room
):
    """Choose the move of the highest strand; the same answers as `choose_evenly`, and room[2, 5] is
    the place of the message, -1 for none.

    What changes nothing is passed over, and those behind it are looked at: all are, before it is said that
    nothing leads on.
    """
    first, count, chosen = room[3], room[4], room[2]
    moves, steps = takes[1], takes[2]
    random = draw(key, step, 0)
    bound = EMPTY
    bound_tie = _ZERO
    bound_index = np.int64(0)
    while True:
        best = _ZERO
        best_tie = _ZERO
        best_index = np.int64(0)
        index = np.int64(0)
        best_node = np.int64(0)
        best_at = np.int64(0)
        for node in range(n):
            waits = np.int64(waiting[w, node])
            for at in range(waits + count[node]):
                index += 1
                if at < waits:
                    this = rank[w, node, at]
                else:
                    this = priority(strand[first[node] + at - waits], key, fallen, w)
                if this < best or this > bound or this == NOTHING:
                    continue
                tie = mix(random + U(index) * _GOLDEN) & _M16
                if outranks(bound, bound_tie, bound_index, this, tie, index) and outranks(
                    this, tie, index, best, best_tie, best_index
                ):
                    best = this
                    best_tie = tie
                    best_index = index
                    best_node = np.int64(node)
                    best_at = np.int64(at)
        if best_index == 0:
            return 0
        bound = best
        bound_tie = best_tie
        bound_index = best_index
        place = np.int64(-1)
        m = np.int64(first[best_node] + best_at - waiting[w, best_node])
        offers = np.int64(1)
        if best_at < waiting[w, best_node]:
            place = best_at
            slot = find_take(cells, w, best_node, held[w, best_node, best_at], takes, miss, counters)
            if slot < 0:
                return -1
            m = np.int64(moves[slot])
            offers = np.int64(steps[slot])
            if offers < 0:
                return -3
            if offers == 0:
                rank[w, best_node, place] = NOTHING
                continue
        landed = land_any(
            cells, held, waiting, w, best_node, m, offers, place, random, graph, takes, miss, counters, room
        )
        if landed != 0:
            chosen[5] = place
            return landed


@_within
def is_among(cells, w, m, graph, posts):
    """Which of some posts, each a bundle and the cell it meets, a move makes; -1 if none."""
    _, _, _, move_parcel, parcel_ptr, send_to, send_bundle, _, _ = graph
    parcel = move_parcel[m]
    for t in range(parcel_ptr[parcel], parcel_ptr[parcel + 1]):
        posted = (U(send_bundle[t]) << _S23) | U(cells[w, send_to[t]])
        for k in range(posts.shape[0]):
            if posts[k] == posted:
                return k
    return -1
