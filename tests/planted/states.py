"""Faults in how states are packed, kept, gone through, and shared among workers."""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.engines.native import arrays
from checker.engines.native.arrays import Stretches
from checker.engines.native.kernel import layout, machine
from checker.engines.native.kernel.layout import Fields
from checker.engines.native.search.ahead import Ahead
from checker.engines.native.search.limits import LimitReached
from checker.engines.native.search.marks import Marks
from checker.engines.native.search.search import Search
from checker.engines.native.search.worker import Worker
from checker.engines.native.states import store
from checker.engines.native.states.halves import Halves
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.words import Words

from .planting import in_kernel, instead

# Packing --------------------------------------------------------------------------------------------------


@instead(
    Search, "expand_level", "a violation in a terminal state is missed, or one is made up", kind="wide"
)
def ends_not_repacked(right: Any, search: Search, depth: int) -> list[Words]:
    """terminal states are read in the packing that the level ends with"""
    return [Words(words.first, words.second, search.packing) for words in right(search, depth)]


@instead(machine, "repack", "states become other states, or equal", kind="wide")
def field_read_one_bit_off(right: Any, states: Any, count: int, fields: Fields, *new: Any) -> int:
    """when states are packed anew, the first node's field is read one bit too high"""
    shift, mask = fields.shift.copy(), fields.mask.copy()
    shift[0] += np.uint64(1)
    mask[0] >>= np.uint64(1)
    return right(states, count, fields._replace(shift=shift, mask=mask), *new)


# The store ------------------------------------------------------------------------------------------------


@instead(store, "_route", "states that were found get lost when they are packed anew")
def last_state_not_moved(right: Any, words: Words, owners: Owners, stores: Any) -> None:
    """of the states that go to the next stores the last one of each piece is left behind"""
    right(words.of(slice(0, max(1, words.size - 1))), owners, stores)


@instead(Halves, "_rebuild", "states are counted twice, and not recognised")
def halves_numbered_twice(right: Any, halves: Halves, slots: int) -> None:
    """a table of halves that grows begins empty: what was numbered gets a second number"""
    halves.table = np.zeros(slots, np.uint32)


@instead(machine, "join", "different states are taken for one")
def halves_merged(right: Any, left: Any, second: Any, count: int, keys: Any) -> int:
    """of a half's number only four bits are kept: halves are merged"""
    return right(left & np.uint32(15), second, count, keys)


@instead(machine, "spread", "a state is forgotten, found again and counted twice")
def key_lost_when_table_grows(right: Any, table: Any, old: int, later: Any) -> int:
    """when a hash table of states has grown, one state is no longer in it"""
    done = right(table, old, later)
    table[np.flatnonzero(table != layout.EMPTY)[:1]] = layout.EMPTY
    return done


# The search -----------------------------------------------------------------------------------------------


@instead(Search, "_shares", "states are never expanded, and what follows from them is not seen")
def level_not_completed(right: Any, search: Search, depth: int) -> Any:
    """of a level in several pieces the last one is dropped"""
    return [pieces[:-1] if len(pieces) > 1 else pieces for pieces in right(search, depth)]


@instead(Search, "_fill", "states are never expanded, and what follows from them is not seen")
def miss_lost(right: Any, search: Search, todo: Any) -> Any:
    """of the states that were set aside only those of the first piece are tried again"""
    return [pieces[:1] for pieces in right(search, todo)]


@instead(Search, "expand_level", "a search that was cut short is told as a complete one")
def limit_swallowed(right: Any, search: Search, depth: int) -> Any:
    """that a limit was reached ends the level, and nothing else comes of it"""
    try:
        return right(search, depth)
    except LimitReached:
        search.reached = None
        return []


@instead(
    *(Search, "_widen_views", "a violation shown before the views were laid out anew is not judged"),
    kind="large",
)
def shown_forgotten_when_views_widen(right: Any, search: Search) -> None:
    """when a group's views are laid out anew, what the level has shown so far is dropped"""
    outgrown = search.tables.viewing.outgrown()
    right(search)
    search.shown = {pair for pair in search.shown if pair[0] not in outgrown}


in_kernel(
    "expand",
    "lately-remembers-what-was-taken-back",
    "what went out lately includes successors that were taken back, their state being set aside",
    "these successors never go out",
    old="            if remember:\n                for o in range(owners):",
    new="            if False:\n                for o in range(owners):",
)

# Looking ahead ------------------------------------------------------------------------------------------


@instead(machine, "gather", "states are said to be of no return that are not")
def marks_not_gathered(right: Any, keys: Any, places: Any, count: int, *others: Any) -> int:
    """of the states that steps lead to only half are asked for their marks"""
    return right(keys, places, count // 2, *others)


@instead(Marks, "put", "states are said to be of no return that are not")
def one_sweep_only(right: Any, marks: Marks, *arguments: Any) -> None:
    """states are gone over once, whatever changes with that"""
    right(marks, *arguments)
    marks.changed = False


@instead(Ahead, "_begin", "where the protocol goes on behind a bound it is said to get stuck")
def bounds_not_marked(right: Any, ahead: Ahead, *arguments: Any) -> Any:
    """that a bound stops a node counts for nothing when one looks ahead"""
    cut = ahead.search.tables.per_cell["cut"]
    kept = cut.copy()
    cut[:] = 0
    marks = right(ahead, *arguments)
    cut[:] = kept
    return marks


# Workers --------------------------------------------------------------------------------------------------


@instead(Worker, "receive", "states that others found are lost, depending on the number of workers")
def batch_dropped(right: Any, worker: Worker) -> None:
    """of the batches that wait for a worker the last one is dropped"""
    if worker.mail._incoming:
        worker.mail._incoming.pop()
    right(worker)


@instead(Owners, "of", "a state is kept twice, by its owner and by somebody else")
def given_to_the_wrong_owner(right: Any, owners: Owners, words: Words) -> Any:
    """states that are moved go to the owner after theirs"""
    return (right(owners, words) + 1) % owners.count


# Arrays with an entry for every cell ----------------------------------------------------------------------


@instead(arrays, "relaid", "entries of tables are those of other cells, or missing for ever")
def last_node_not_laid_out(right: Any, array: Any, fill: int, old: Stretches, new: Stretches) -> Any:
    """when arrays grow, the last node's entries are not taken along"""
    laid = right(array, fill, old, new)
    laid[..., int(new.base[-1]) :] = fill
    return laid


@instead(Worker, "uses", "nobody is told how many steps there were")
def uses_forgotten_when_tables_grow(right: Any, worker: Worker, stretches: Stretches) -> Any:
    """when tables grow, a worker forgets how many states it has expanded so far"""
    return right(worker, stretches) * (stretches is worker.tables.stretches)
