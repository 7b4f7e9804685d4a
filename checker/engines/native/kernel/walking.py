"""The kernel of simulation: many random walks through the product of local graphs, side by side.

It reads the tables that `expand` reads, and knows no protocol either. A walk is a row of cell numbers; a
step is one move out of one of its cells, with what it posts. Only moves that change the state are steps. A
walk that meets a missing entry is set aside where it stands, and nothing of the step is done: when the entry
is there it draws the same numbers again, for these are functions of (seed, run, step) and of nothing else.
So it does not matter how many walks are advanced at a time, by whom, and in which order.

How a move is chosen, by the scheduler of the walk:

* UNIFORM: each move that changes the state with the same probability. Moves are drawn until one does; after
  DRAWS in vain all of them are counted and one of those is drawn, which comes to the same.
* PCT (Burckhardt et al. 2010, "A randomized scheduler with probabilistic guarantees of finding bugs"): every
  *strand*, that is a message on its way to a node, or a wake of a node, has a random priority in this walk,
  and the highest goes first. At `depth` - 1 steps, drawn beforehand, the strand that would go next falls
  below all others. These steps are drawn below a horizon that is a random power of two, for nobody knows
  how long a walk will be.
* SWARM (Groce et al. 2012, "Swarm testing"): of all pairs (node, action) a random subset is left out of this
  walk, an eighth, a quarter or a half of them; what is left is chosen from as by UNIFORM.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from checker.engines.native.kernel import layout
from checker.engines.native.kernel.kernel import post_slot
from checker.engines.native.kernel.layout import (
    EMPTY,
    I4,
    I8,
    MAX_CELLS,
    MISS_POST,
    MISS_ROW,
    MISSED,
    POST_CELL_BITS,
    U1,
    U8,
)
from checker.engines.native.kernel.normal import _jit, mix, note_miss

U = np.uint64

UNIFORM, PCT, SWARM, MIX = 0, 1, 2, 3

#: What is known of a walk, by place in a row of `Walks.marks`: the number of its run, how many steps it has
#: taken, how it stands, its last move and the node of that, and which of the posts that show something that
#: made (-1: none).
RUN, STEP, STANDS, MOVE, NODE, POST = 0, 1, 2, 3, 4, 5
MARKS = 6
#: How a walk stands: on its way, set aside; at its end, by the limit of steps, where nothing leads on, where
#: its subset lets nothing happen, at a step that shows something, or where a rule raises.
GOING, WAITING, LONG, TERMINAL, BARRED, SHOWN, RAISED = 0, 1, 2, 3, 4, 5, 6
#: Row pointer of a cell in which a rule raises.
RAISES = -3
#: Draws of a move that may change nothing, before all are counted.
DRAWS = 8
#: Why a kernel came back before all walks were treated, in `Kept.counts`; and how many states it keeps.
KEPT, STOPPED_BY, STEPS = 0, 1, 2
NO_REASON, FOR_STATES, FOR_VIEWS, FOR_MISSES = 0, 1, 2, 3

_S23 = U(POST_CELL_BITS)
_M23 = U(MAX_CELLS - 1)
_S16 = U(16)
_S32 = U(32)
_S33 = U(33)
_S63 = U(63)
_M16 = U(0xFFFF)
_ZERO = U(0)
_ONE = U(1)
#: The golden ratio, as splitmix64 steps by it (Steele et al. 2014).
_GOLDEN = U(0x9E3779B97F4A7C15)
_TOP = U(1 << 63)


class Walks(NamedTuple):
    """Walks: their cells, what is known of each (`MARKS`), the key of its state, the strands that fell."""

    cells: I4
    marks: I8
    key: U8
    fallen: U8


class Traits(NamedTuple):
    """What is known of each move (strand, action, local step, whether it shows something), of each cell
    (its share of the key of a state), the posts that show something and those in which a rule raises.
    """

    strand: U8
    action: I4
    local: I4
    flag: U1
    key: U8
    posts: U8
    raising: U8


class Plan(NamedTuple):
    """What is asked: the seed, how long a walk is at most, by which scheduler, and PCT's depth."""

    seed: int
    limit: int
    scheduler: int
    depth: int
    actions: int


class Kept(NamedTuple):
    """What walks leave behind: the keys of states (a table, and in their order), steps by action, local
    steps that were taken.
    """

    table: U8
    log: U8
    counts: I8
    fired: I8
    taken: U1


@_jit
def draw(key, step, which):
    """A random number: the `which`-th (from 0, of 8) of a step (from 0) of the run with this key."""
    return mix(key + (U(step) * U(8) + U(which) + _ONE) * _GOLDEN)


@_jit
def run_key(seed, run):
    """What all random numbers of a run come from."""
    return mix(mix(U(seed) + _GOLDEN) + (U(run) + _ONE) * _GOLDEN)


@_jit
def below(number, bound):
    """A random number from 0 to `bound` - 1."""
    return np.int64(((number >> _S32) * U(bound)) >> _S32)


@_jit
def scheduler_of(scheduler, run):
    """The scheduler of a run: in a mix they take turns."""
    return run % 3 if scheduler == MIX else scheduler


@_jit
def is_left_out(key, node, action, actions):
    """Whether a walk by SWARM leaves out what a node does by an action."""
    share = (_ONE << _S32) >> U(1 + below(mix(key ^ _GOLDEN), 3))  # a half, a quarter or an eighth
    return mix(key + U(node * (actions + 1) + action + 1) * _GOLDEN) >> _S32 < share


@_jit
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


@_jit
def priority(strand, key, fallen, w, extra, point):
    """PCT's priority of a strand, the lowest 16 bits free; `extra` falls at a point of change."""
    if strand == extra:
        return U(point + 1) << _S16
    for k in range(fallen.shape[1]):
        if fallen[w, k] == strand:
            return U(k + 1) << _S16
    return (mix(key ^ strand) | _TOP) & ~_M16


@_jit
def land(cells, w, node, m, graph, miss, counters, to, then):
    """Where a move leads: the nodes whose cells it touches, and these cells, in `to` and `then`.

    How many they are; 0 if nothing changes, -1 if a post is missing.
    """
    _, _, move_next, move_parcel, parcel_ptr, send_to, send_bundle, post, _ = graph
    size = post.shape[0]
    to[0] = node
    then[0] = move_next[m]
    changed = then[0] != cells[w, node]
    count = 1
    known = True
    parcel = move_parcel[m]
    for t in range(parcel_ptr[parcel], parcel_ptr[parcel + 1]):
        j = send_to[t]
        before = cells[w, j]
        key = (U(send_bundle[t]) << _S23) | U(before)
        slot = post_slot(key, size)
        entry = post[slot]
        while entry >> _S23 != key and entry != EMPTY:
            slot = (slot + _ONE) & (U(size) - _ONE)
            entry = post[slot]
        if entry == EMPTY:
            known = False
            note_miss(miss, counters, MISS_POST, send_bundle[t], before)
        else:
            to[count] = j
            then[count] = np.int64(entry & _M23)
            changed |= then[count] != before
            count += 1
    if not known:
        return -1
    return count if changed else 0


@_jit
def choose_evenly(cells, w, n, total, key, step, swarm, actions, action, graph, miss, counters, room):
    """Choose a move that changes the state: in room[2] the node and the move; how many cells it touches.

    0 if there is none, -1 if an entry is missing, -2 if there is one but all are left out.
    """
    to, then, chosen, first, count = room[0], room[1], room[2], room[3], room[4]
    move_next = graph[2]
    for k in range(DRAWS if total > 1 else 0):
        at = below(draw(key, step, k), total)
        node = 0
        while at >= count[node]:
            at -= count[node]
            node += 1
        m = first[node] + at
        if swarm and is_left_out(key, node, action[m], actions):
            continue
        landed = land(cells, w, node, m, graph, miss, counters, to, then)
        if landed != 0:
            chosen[0] = node
            chosen[1] = m
            return landed
    changing = 0
    wanted = 0
    barred = False
    known = True
    for turn in range(2):
        if turn == 1:
            if not known:
                return -1
            if changing == 0:
                return -2 if barred else 0
            wanted = below(mix(draw(key, step, 0) ^ _TOP), changing)
            changing = 0
        for node in range(n):
            for m in range(first[node], first[node] + count[node]):
                left_out = swarm and is_left_out(key, node, action[m], actions)
                if left_out and barred:
                    continue
                landed = 1
                if move_next[m] == cells[w, node]:  # else it changes the state, whatever it posts
                    landed = land(cells, w, node, m, graph, miss, counters, to, then)
                if landed < 0:
                    known = False
                elif landed > 0 and left_out:
                    barred = True
                elif landed > 0:
                    if turn == 1 and changing == wanted:
                        chosen[0] = node
                        chosen[1] = m
                        return land(cells, w, node, m, graph, miss, counters, to, then)
                    changing += 1
    return -1


@_jit
def choose_first(cells, w, n, key, step, fallen, extra, point, strand, graph, miss, counters, room):
    """Choose the move of the highest strand; the same answers as `choose_evenly`."""
    to, then, chosen, first, count = room[0], room[1], room[2], room[3], room[4]
    bound = EMPTY
    while True:
        best = _ZERO
        found = False
        index = 0
        for node in range(n):
            for m in range(first[node], first[node] + count[node]):
                index += 1
                tie = mix(draw(key, step, 0) + U(index) * _GOLDEN) & _M16
                this = priority(strand[m], key, fallen, w, extra, point) | tie
                if this < bound and (not found or this > best):
                    best = this
                    found = True
                    chosen[0] = node
                    chosen[1] = m
        if not found:
            return 0
        landed = land(cells, w, chosen[0], chosen[1], graph, miss, counters, to, then)
        if landed != 0:
            return landed
        bound = best


@_jit
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


@_jit
def begin(walks, w, first_cells, keys, base):
    """Put a walk at the initial state."""
    cells, _, key, _ = walks
    total = _ZERO
    for i in range(first_cells.shape[0]):
        cells[w, i] = first_cells[i]
        total += keys[base[i] + first_cells[i]]
    key[w] = total


@_jit
def keep(state, kept):
    """Keep the key of a state; whether it is new. There is room."""
    table, log, counts, _, _ = kept
    size = U(table.shape[0])
    slot = mix(state) & (size - _ONE)
    while table[slot] != EMPTY:
        if table[slot] == state:
            return False
        slot = (slot + _ONE) & (size - _ONE)
    table[slot] = state
    log[counts[KEPT]] = state
    counts[KEPT] += 1
    return True


@_jit
def show(cells, w, n, base, views, shown):
    """Note the combinations of views of a state that were not shown before. There is room."""
    combos, offsets, sizes, used, new, new_count = shown
    for g in range(views.shape[0]):
        combo = _ZERO
        for i in range(n):
            combo += views[g, base[i] + cells[w, i]]
        size = sizes[g]
        slot = np.int64(mix(combo) >> _S33) & (size - 1)
        at = offsets[g]
        while combos[at + slot] != combo:
            if combos[at + slot] == EMPTY:
                combos[at + slot] = combo
                used[g] += 1
                new[new_count[0], 0] = g
                new[new_count[0], 1] = combo
                new_count[0] += 1
                break
            slot = (slot + 1) & (size - 1)


@_jit
def is_full(shown):
    """Whether there is no room to note what a state shows."""
    _, _, sizes, used, new, new_count = shown
    full = new_count[0] + sizes.shape[0] > new.shape[0]
    for g in range(sizes.shape[0]):
        full |= used[g] * 2 >= sizes[g]
    return full


@_jit
def walk(
    walks: Walks,
    lo: int,
    hi: int,
    steps: int,
    initial: I8,
    base: I8,
    graph: layout.Graph,
    views: U8,
    traits: Traits,
    plan: Plan,
    met: layout.Met,
    shown: layout.Shown,
    kept: Kept,
    room: I8,
) -> int:
    """Advance walks lo..hi-1, each by at most so many steps or until it ends; the first one not treated.

    One that meets a missing entry is WAITING, and what it lacks is in `met.miss`. It stops, and says why in
    `kept.counts`, when there is no room for what may come of one more step. A walk that stands at step 0
    begins at the initial state. `room` has five rows, each with an entry for every node and for a move.
    """
    cells, marks, key, fallen = walks
    seed, limit, scheduler, depth, actions = plan
    row_ptr, row_len, most = graph[0], graph[1], graph[8]
    strand, action, local, flag, keys, flagged_posts, raising = traits
    table, counts, fired, taken = kept[0], kept[2], kept[3], kept[4]
    miss, counters = met[2], met[3]
    n = base.shape[0]
    to, then, chosen, first, count = room[0], room[1], room[2], room[3], room[4]
    lacking = n + most * n
    counts[STOPPED_BY] = NO_REASON
    for w in range(lo, hi):
        if marks[w, STANDS] > WAITING:
            continue
        marks[w, STANDS] = GOING
        run = marks[w, RUN]
        this_key = run_key(seed, run)
        by = scheduler_of(scheduler, run)
        if marks[w, STEP] == 0:
            begin(walks, w, initial, keys, base)
        for _ in range(steps):
            step = marks[w, STEP]
            if 2 * counts[KEPT] + 4 > table.shape[0]:
                counts[STOPPED_BY] = FOR_STATES
                return w
            if is_full(shown):
                counts[STOPPED_BY] = FOR_VIEWS
                return w
            if 2 * (counters[MISSED] + lacking) > miss.shape[0]:
                counts[STOPPED_BY] = FOR_MISSES
                return w
            if step == 0 and keep(key[w], kept):
                show(cells, w, n, base, views, shown)
            if step >= limit:
                marks[w, STANDS] = LONG
                break
            total = 0
            known = True
            for i in range(n):
                at = base[i] + cells[w, i]
                first[i] = row_ptr[at]
                if first[i] < 0:
                    if first[i] == RAISES:
                        marks[w, STANDS] = RAISED
                        marks[w, NODE] = i
                    else:
                        known = False
                        note_miss(miss, counters, MISS_ROW, i, cells[w, i])
                    continue
                count[i] = row_len[at]
                total += count[i]
            if not known:
                marks[w, STANDS] = WAITING
                break
            if marks[w, STANDS] == RAISED:
                break
            extra = EMPTY
            point = -1
            if by == PCT:
                landed = choose_first(
                    cells, w, n, this_key, step, fallen, extra, point, strand, graph, miss, counters, room
                )
                point = change_at(this_key, step, limit, depth) if landed > 0 else -1
                if point >= 0:
                    extra = strand[chosen[1]]
                    landed = choose_first(
                        cells, w, n, this_key, step, fallen, extra, point, strand, graph, miss, counters, room
                    )
            else:
                landed = choose_evenly(
                    cells, w, n, total, this_key, step, by == SWARM, actions, action, graph, miss, counters, room
                )
            if landed <= 0:
                marks[w, STANDS] = WAITING if landed == -1 else TERMINAL if landed == 0 else BARRED
                break
            node = chosen[0]
            m = chosen[1]
            if raising.shape[0] and is_among(cells, w, m, graph, raising) >= 0:
                marks[w, STANDS] = RAISED
                break
            if extra != EMPTY:
                for k in range(fallen.shape[1]):
                    if fallen[w, k] == extra:
                        fallen[w, k] = EMPTY
                fallen[w, point] = extra
            marks[w, MOVE] = m
            marks[w, NODE] = node
            marks[w, STEP] = step + 1
            fired[action[m]] += 1
            taken[local[m]] = 1
            counts[STEPS] += 1
            marks[w, POST] = -1
            if flag[m]:
                marks[w, STANDS] = SHOWN
            if flagged_posts.shape[0]:
                marks[w, POST] = is_among(cells, w, m, graph, flagged_posts)
                if marks[w, POST] >= 0:
                    marks[w, STANDS] = SHOWN
            state = key[w]
            for k in range(landed):
                j = to[k]
                state -= keys[base[j] + cells[w, j]]
                state += keys[base[j] + then[k]]
                cells[w, j] = then[k]
            key[w] = state
            if keep(state, kept):
                show(cells, w, n, base, views, shown)
            if marks[w, STANDS] == SHOWN:
                break
    return hi


@_jit
def merge(keys: U8, count: int, table: U8, slots: I8, touched: U8) -> int:
    """Put the keys of states into a table that has room; how many were new."""
    last = U(table.shape[0]) - _ONE
    ahead = slots.shape[0]
    found = 0
    for at in range(0, count, ahead):
        width = min(ahead, count - at)
        for k in range(width):
            slots[k] = np.int64(mix(keys[at + k]) & last)
        for k in range(width):
            touched[k] = table[slots[k]]
        for k in range(width):
            slot = U(slots[k])
            key = keys[at + k]
            if touched[k] == key:
                continue
            while table[slot] != EMPTY and table[slot] != key:
                slot = (slot + _ONE) & last
            if table[slot] == EMPTY:
                table[slot] = key
                found += 1
    return found
