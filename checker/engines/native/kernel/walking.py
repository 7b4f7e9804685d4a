"""The kernel of simulation: many random walks through the product of local graphs, side by side.

It reads the tables that `expand` reads, and knows no protocol either. A walk is a row of cell numbers
and, where messages are kept apart from cells (so that there are few of these), of the messages that wait
for each node. A step is one move out of one of its cells, or by one of its messages, with what it posts.
Only moves that change the state are steps. A walk that meets a missing entry is set aside where it
stands, and nothing of the step is done: when the entry is there it draws the same numbers again, for
these are functions of (seed, run, step) and of nothing else. So it does not matter how many walks are
advanced at a time, by whom, and in which order.

How a move is chosen, by the scheduler of the walk:

* UNIFORM: all that may be taken, messages that wait and moves, and that changes the state, with the same
  probability; then of the moves that a message offers one of those that do. It is drawn until one does;
  after DRAWS in vain all are counted and one of those is drawn, which comes to the same.
* PCT (Burckhardt et al. 2010, "A randomized scheduler with probabilistic guarantees of finding bugs"):
every
  *strand*, that is a message on its way to a node, or a wake of a node, has a random priority in this walk,
  and the highest goes first. At `depth` - 1 steps, drawn beforehand, the strand that would go next falls
  below all others. These steps are drawn below a horizon that is a random power of two, for nobody knows
  how long a walk will be.
* SWARM (Groce et al. 2012, "Swarm testing"): of all pairs (node, action) a random subset is left out of
this
  walk, an eighth, a quarter or a half of them; what is left is chosen from as by UNIFORM.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from checker.engines.native.kernel import layout
from checker.engines.native.kernel.choosing import (
    NOTHING,
    PCT,
    SOMETHING,
    SWARM,
    change_at,
    choose_evenly,
    choose_first,
    is_among,
    message_key,
    priority,
    run_key,
    scheduler_of,
    strand_of,
)
from checker.engines.native.kernel.layout import EMPTY, I4, I8, MISS_ROW, MISSED, U1, U8
from checker.engines.native.kernel.normal import _jit, _within, mix, note_miss

U = np.uint64

#: What is known of a walk, by place in a row of `Walks.marks`: the number of its run, how many steps it has
#: taken, how it stands, its last move and the node of that, and which of the posts that show something that
#: made (-1: none).
RUN, STEP, STANDS, MOVE, NODE, POST = 0, 1, 2, 3, 4, 5
MARKS = 6
#: How a walk stands: on its way, set aside; at its end, by the limit of steps, where nothing leads on,
#: where its subset lets nothing happen, at a step that shows something, or where a rule raises.
GOING, WAITING, LONG, TERMINAL, BARRED, SHOWN, RAISED = 0, 1, 2, 3, 4, 5, 6
#: Row pointer of a cell in which a rule raises.
RAISES = -3
#: Why a kernel came back before all walks were treated, in `Kept.counts`; and how many states it keeps.
KEPT, STOPPED_BY, STEPS = 0, 1, 2
NO_REASON, FOR_STATES, FOR_VIEWS, FOR_MISSES, FOR_MESSAGES = 0, 1, 2, 3, 4

_S33 = U(33)
_ZERO = U(0)
_ONE = U(1)
_S16 = U(16)


class Walks(NamedTuple):
    """Walks: their cells, what is known of each (`MARKS`), the key of its state, the strands that fell; and
    for each node the messages that wait, in the order of their arrival, with their number and their ranks:
    by PCT their priorities, else whether it is known that nothing is made of them.
    """

    cells: I4
    marks: I8
    key: U8
    fallen: U8
    held: I4
    waiting: I4
    rank: U8


class Takes(NamedTuple):
    """What nodes make of messages that wait: an open table of (message × nodes + node, cell) with the
    moves.

    `message` has the key of each message, `first` and `last` the messages of each bundle that are to
    wait, and `at_once` whether one of it is handled at once. A network that `keeps` messages does not
    lose one that is taken. Where cells hold the messages themselves, no message waits, and every bundle
    is a post.
    """

    entry: U8
    moves: I4
    steps: I4
    message: U8
    first: I4
    last: I4
    sent: I4
    at_once: U1
    keeps: int


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
    """What walks leave behind: the keys of states in their order, steps by action, local steps that were
    taken. `combos` has room for what a state shows each group of properties.
    """

    log: U8
    counts: I8
    fired: I8
    taken: U1
    combos: U8


@_within
def change(walks, w, landed, keys, base, views, messages, combos, this_key, ranked, room):
    """Change the state of a walk as `land` has found; whether it shows something else."""
    cells, _, key, fallen, held, waiting, rank = walks
    to, then, chosen, add_to, add = room[0], room[1], room[2], room[5], room[6]
    state = key[w]
    goes = chosen[3]
    if goes >= 0:
        node = chosen[0]
        waiting[w, node] -= 1
        state -= message_key(messages[held[w, node, goes]], node)
        for k in range(goes, waiting[w, node]):
            held[w, node, k] = held[w, node, k + 1]
            rank[w, node, k] = rank[w, node, k + 1]
    for k in range(chosen[4]):
        j = add_to[k]
        at = waiting[w, j]
        held[w, j, at] = add[k]
        waiting[w, j] += 1
        state += message_key(messages[add[k]], j)
        rank[w, j, at] = SOMETHING
        if ranked:
            rank[w, j, at] = priority(strand_of(messages[add[k]], j), this_key, fallen, w)
    differs = False
    for k in range(landed):
        j = to[k]
        for at in range(waiting[w, j] if cells[w, j] != then[k] else 0):
            if rank[w, j, at] == NOTHING:
                rank[w, j, at] = SOMETHING
                if ranked:
                    rank[w, j, at] = priority(strand_of(messages[held[w, j, at]], j), this_key, fallen, w)
        old = base[j] + cells[w, j]
        new = base[j] + then[k]
        state += keys[new] - keys[old]
        cells[w, j] = then[k]
        for g in range(views.shape[0]):
            if views[g, new] != views[g, old]:
                combos[g] += views[g, new] - views[g, old]
                differs = True
    key[w] = state
    return differs


@_within
def begin(walks, w, n, base, views, messages, combos, this_key, ranked, room):
    """Make ready to advance a walk: what its state shows, and every node is to be looked at."""
    cells, marks, _, fallen, held, waiting, rank = walks
    to = room[0]
    for g in range(views.shape[0]):
        combo = _ZERO
        for i in range(n):
            combo += views[g, base[i] + cells[w, i]]
        combos[g] = combo
    for i in range(n):
        to[i] = i
        for k in range(waiting[w, i] if marks[w, STEP] == 0 else 0):
            rank[w, i, k] = SOMETHING
            if ranked:
                rank[w, i, k] = priority(strand_of(messages[held[w, i, k]], i), this_key, fallen, w)


@_within
def show(combos, shown):
    """Note the combinations of views of a state that were not shown before. There is room."""
    table, offsets, sizes, used, new, new_count = shown
    for g in range(sizes.shape[0]):
        combo = combos[g]
        size = sizes[g]
        slot = np.int64(mix(combo) >> _S33) & (size - 1)
        at = offsets[g]
        while table[at + slot] != combo:
            if table[at + slot] == EMPTY:
                table[at + slot] = combo
                used[g] += 1
                new[new_count[0], 0] = g
                new[new_count[0], 1] = combo
                new_count[0] += 1
                break
            slot = (slot + 1) & (size - 1)


@_within
def is_full(shown):
    """Whether there is no room to note what a state shows."""
    _, _, sizes, used, new, new_count = shown
    full = new_count[0] + sizes.shape[0] > new.shape[0]
    for g in range(sizes.shape[0]):
        full |= used[g] * 2 >= sizes[g]
    return full


@_within
def choose_ranked(walks, w, n, key, step, limit, depth, strand, graph, takes, miss, counters, room):
    """Choose by PCT; the same answers as `choose_evenly`. At a point of change what would go next falls.

    Where nothing is chosen then, because an entry is missing, nothing has fallen.
    """
    cells, _, _, fallen, held, waiting, rank = walks
    chosen = room[2]
    landed = choose_first(
        cells, held, rank, waiting, w, n, key, step, fallen, strand, graph, takes, miss, counters, room
    )
    point = change_at(key, step, limit, depth) if landed > 0 else -1
    if point < 0:
        return landed
    node, place = chosen[0], chosen[5]
    low = U(point + 1) << _S16
    before = _ZERO
    if place >= 0:
        falls = strand_of(takes[3][held[w, node, place]], node)
        before = rank[w, node, place]
        rank[w, node, place] = low
    else:
        falls = strand[chosen[1]]
    fell = -1
    for k in range(fallen.shape[1]):
        if fallen[w, k] == falls:
            fell = k
            fallen[w, k] = EMPTY
    fallen[w, point] = falls
    landed = choose_first(
        cells, held, rank, waiting, w, n, key, step, fallen, strand, graph, takes, miss, counters, room
    )
    if landed <= 0:
        fallen[w, point] = EMPTY
        if fell >= 0:
            fallen[w, fell] = falls
        if place >= 0:
            rank[w, node, place] = before
    return landed


@_jit
def walk(
    walks: Walks,
    lo: int,
    hi: int,
    budget: int,
    base: I8,
    graph: layout.Graph,
    takes: Takes,
    views: U8,
    traits: Traits,
    plan: Plan,
    met: layout.Met,
    shown: layout.Shown,
    kept: Kept,
    room: I8,
) -> int:
    """Advance walks lo..hi-1, each by at most so many steps or until it ends; the first one not treated.

    One that meets a missing entry is WAITING, and what it lacks is in `met.miss`. It stops, and says why
    in `kept.counts`, when there is no room for what may come of one more step. `room` has seven rows,
    each with an entry for every node and for six things of a move, and for every message that a move may
    send.
    """
    cells, marks, key, _, held, waiting, rank = walks
    seed, limit, scheduler, depth, actions = plan
    row_ptr, row_len, most = graph[0], graph[1], graph[8]
    strand, action, local, flag, keys, flagged_posts, raising = traits
    messages = takes[3]
    log, counts, fired, taken, combos = kept
    miss, counters = met[2], met[3]
    n = base.shape[0]
    to, chosen, first, count = room[0], room[2], room[3], room[4]
    most_waiting = held.shape[2] - room.shape[1]
    counts[STOPPED_BY] = NO_REASON
    for w in range(lo, hi):
        if marks[w, STANDS] > WAITING:
            continue
        marks[w, STANDS] = GOING
        run = marks[w, RUN]
        this_key = run_key(seed, run)
        by = scheduler_of(scheduler, run)
        begin(walks, w, n, base, views, messages, combos, this_key, by == PCT, room)
        landed = n
        full = is_full(shown)
        for _ in range(budget):
            step = marks[w, STEP]
            if counts[KEPT] + 2 > log.shape[0]:
                counts[STOPPED_BY] = FOR_STATES
                return w
            if full:
                counts[STOPPED_BY] = FOR_VIEWS
                return w
            if step == 0:
                log[counts[KEPT]] = key[w]
                counts[KEPT] += 1
                show(combos, shown)
                full = is_full(shown)
            if step >= limit:
                marks[w, STANDS] = LONG
                break
            known = True
            for k in range(landed):
                i = to[k]
                at = base[i] + cells[w, i]
                first[i] = row_ptr[at]
                count[i] = row_len[at]
                if first[i] == RAISES:
                    marks[w, STANDS] = RAISED
                    marks[w, NODE] = i
                elif first[i] < 0:
                    known = False
                    note_miss(miss, counters, MISS_ROW, i, cells[w, i])
            if not known:
                marks[w, STANDS] = WAITING
                break
            if marks[w, STANDS] == RAISED:
                break
            total = 0
            crowded = False
            for i in range(n):
                total += count[i] + waiting[w, i]
                crowded |= waiting[w, i] > most_waiting
            landed = 0
            if crowded and takes[0].shape[0] > 1:
                counts[STOPPED_BY] = FOR_MESSAGES
                return w
            if 2 * (counters[MISSED] + (total + most) * (n + 1)) > miss.shape[0]:
                counts[STOPPED_BY] = FOR_MISSES
                return w
            if by == PCT:
                landed = choose_ranked(
                    walks, w, n, this_key, step, limit, depth, strand, graph, takes, miss, counters, room
                )
            else:
                landed = choose_evenly(
                    cells, held, rank, waiting, w, n, total, this_key, step, by == SWARM, actions, action,
                    graph, takes, miss, counters, room,
                )  # fmt: skip
            if landed <= 0:
                marks[w, STANDS] = WAITING if landed == -1 else TERMINAL if landed == 0 else BARRED
                if landed == -3:
                    marks[w, STANDS] = RAISED
                break
            m = chosen[1]
            if raising.shape[0] and is_among(cells, w, m, graph, raising) >= 0:
                marks[w, STANDS] = RAISED
                break
            marks[w, MOVE] = m
            marks[w, NODE] = chosen[0]
            marks[w, STEP] = step + 1
            fired[action[m]] += 1
            taken[local[m]] = 1
            marks[w, POST] = -1
            if flag[m]:
                marks[w, STANDS] = SHOWN
            if flagged_posts.shape[0]:
                marks[w, POST] = is_among(cells, w, m, graph, flagged_posts)
                if marks[w, POST] >= 0:
                    marks[w, STANDS] = SHOWN
            differs = change(
                walks, w, landed, keys, base, views, messages, combos, this_key, by == PCT, room
            )
            log[counts[KEPT]] = key[w]
            counts[KEPT] += 1
            if differs:
                show(combos, shown)
                full = is_full(shown)
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
