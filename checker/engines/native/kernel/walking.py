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
    PCT,
    SWARM,
    change_at,
    choose_evenly,
    choose_first,
    is_among,
    message_key,
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


class Walks(NamedTuple):
    """Walks: their cells, what is known of each (`MARKS`), the key of its state, the strands that fell; and
    for each node the messages that wait, in the order of their arrival, with their number.
    """

    cells: I4
    marks: I8
    key: U8
    fallen: U8
    held: I4
    waiting: I4


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
    """What walks leave behind: the keys of states (a table, and in their order), steps by action, local
    steps that were taken.
    """

    table: U8
    log: U8
    counts: I8
    fired: I8
    taken: U1


@_within
def change(walks, w, landed, keys, base, messages, room):
    """Change the state of a walk as `land` has found."""
    cells, _, key, _, held, waiting = walks
    to, then, chosen, add_to, add = room[0], room[1], room[2], room[5], room[6]
    state = key[w]
    goes = chosen[3]
    if goes >= 0:
        node = chosen[0]
        waiting[w, node] -= 1
        state -= message_key(messages[held[w, node, goes]], node)
        for k in range(goes, waiting[w, node]):
            held[w, node, k] = held[w, node, k + 1]
    for k in range(chosen[4]):
        j = add_to[k]
        held[w, j, waiting[w, j]] = add[k]
        waiting[w, j] += 1
        state += message_key(messages[add[k]], j)
    for k in range(landed):
        j = to[k]
        state -= keys[base[j] + cells[w, j]]
        state += keys[base[j] + then[k]]
        cells[w, j] = then[k]
    key[w] = state


@_within
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


@_within
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


@_within
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
    cells, marks, key, fallen, held, waiting = walks
    seed, limit, scheduler, depth, actions = plan
    row_ptr, row_len, most = graph[0], graph[1], graph[8]
    strand, action, local, flag, keys, flagged_posts, raising = traits
    messages = takes[3]
    table, counts, fired, taken = kept[0], kept[2], kept[3], kept[4]
    miss, counters = met[2], met[3]
    n = base.shape[0]
    chosen, first, count = room[2], room[3], room[4]
    arriving = room.shape[1]
    counts[STOPPED_BY] = NO_REASON
    for w in range(lo, hi):
        if marks[w, STANDS] > WAITING:
            continue
        marks[w, STANDS] = GOING
        run = marks[w, RUN]
        this_key = run_key(seed, run)
        by = scheduler_of(scheduler, run)
        for _ in range(budget):
            step = marks[w, STEP]
            if 2 * counts[KEPT] + 4 > table.shape[0]:
                counts[STOPPED_BY] = FOR_STATES
                return w
            if is_full(shown):
                counts[STOPPED_BY] = FOR_VIEWS
                return w
            if step == 0 and keep(key[w], kept):
                show(cells, w, n, base, views, shown)
            if step >= limit:
                marks[w, STANDS] = LONG
                break
            total = 0
            known = True
            crowded = False
            for i in range(n):
                at = base[i] + cells[w, i]
                first[i] = row_ptr[at]
                count[i] = 0
                if first[i] < 0:
                    if first[i] == RAISES:
                        marks[w, STANDS] = RAISED
                        marks[w, NODE] = i
                    else:
                        known = False
                        note_miss(miss, counters, MISS_ROW, i, cells[w, i])
                    continue
                count[i] = row_len[at]
                total += count[i] + waiting[w, i]
                crowded |= waiting[w, i] + arriving > held.shape[2]
            if not known:
                marks[w, STANDS] = WAITING
                break
            if marks[w, STANDS] == RAISED:
                break
            if crowded and takes[0].shape[0] > 1:
                counts[STOPPED_BY] = FOR_MESSAGES
                return w
            if 2 * (counters[MISSED] + (total + most) * (n + 1)) > miss.shape[0]:
                counts[STOPPED_BY] = FOR_MISSES
                return w
            extra = EMPTY
            point = -1
            if by == PCT:
                landed = choose_first(
                    cells, held, waiting, w, n, this_key, step, fallen, extra, point, strand, graph, takes,
                    miss, counters, room,
                )  # fmt: skip
                point = change_at(this_key, step, limit, depth) if landed > 0 else -1
                if point >= 0:
                    if chosen[5] >= 0:
                        extra = strand_of(messages[held[w, chosen[0], chosen[5]]], chosen[0])
                    else:
                        extra = strand[chosen[1]]
                    landed = choose_first(
                        cells, held, waiting, w, n, this_key, step, fallen, extra, point, strand, graph,
                        takes, miss, counters, room,
                    )  # fmt: skip
            else:
                landed = choose_evenly(
                    cells, held, waiting, w, n, total, this_key, step, by == SWARM, actions, action, graph,
                    takes, miss, counters, room,
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
            if extra != EMPTY:
                for k in range(fallen.shape[1]):
                    if fallen[w, k] == extra:
                        fallen[w, k] = EMPTY
                fallen[w, point] = extra
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
            change(walks, w, landed, keys, base, messages, room)
            if keep(key[w], kept):
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
