"""Pair assertions: where a value changes its form, the new form says what the old one said.

A search that mixes up two forms would be wrong in silence. So wherever states are packed, packed anew,
numbered by halves, sent to their owner or written down, and wherever a level ends, both sides are
compared: in every run on some of the values, and on all of them with `PMMC_ASSERTIONS=all`, as the
test suite has it. What fails is a bug of the checker: `Mismatch`, never a verdict.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from checker.native import machine
from checker.native.arrays import Array

if TYPE_CHECKING:
    from checker.native.packing import Packing, Words
    from checker.native.search import Search
    from checker.native.store import Store

#: Whether all values are compared, and not only some.
THOROUGH = os.environ.get("PMMC_ASSERTIONS") == "all"


class Mismatch(AssertionError):  # noqa: N818 - the mismatch is what a reader must see
    """Two forms of one value differ: a bug of the checker."""


def some(count: int) -> Array:
    """The places of the values that are compared, of so many: the first, one amid, the last; or all."""
    if THOROUGH or count <= 3:
        return np.arange(count)
    return np.array([0, count // 2, count - 1])


def same_packing(words: Words, packing: Packing) -> None:
    """States are read in the packing in which they were written. Raises Mismatch."""
    if words.packing is not packing and words.packing != packing:
        raise Mismatch(f"states packed as {words.packing} were taken for {packing}")


def same_states(old: Words, new: Words) -> None:
    """States that were packed anew are those they were. Raises Mismatch."""
    chosen = some(old.size)
    if not np.array_equal(old.of(chosen).cells(), new.of(chosen).cells()):
        raise Mismatch("packed anew, a state became another one")


def same_number(old: Sequence[Store], new: Sequence[Store], ends: Sequence[int]) -> None:
    """Stores hold as many states as the ones before did up to `ends`. Raises Mismatch."""
    before, after = sum(ends), sum(store.states for store in new)
    if before != after:
        raise Mismatch(f"of {before:,} states in {len(old)} stores {after:,} came to the next ones")


def kept(store: Store, words: Words, fresh: Array) -> None:
    """What a store tells is new among some states is what it has written down last. Raises Mismatch."""
    count = fresh.shape[0]
    if not count:
        return
    chosen = some(count)
    first = store.states - count
    told = words.of(fresh[chosen])
    for place, a, b in zip((first + chosen).tolist(), told.first, told.second, strict=True):
        found = store.state(place)
        if found[0] != a or (store.packing.wide and found[1] != b):
            raise Mismatch(f"state {place:,} of a store is not the one that was put in")


def owned(words: Words, fresh: Array, owning: tuple[int, int, int], owner: int) -> None:
    """States are with their owner. Raises Mismatch."""
    if owning[2] == 1 or not fresh.shape[0]:
        return
    looked_at = words.of(fresh[some(fresh.shape[0])])
    found: Array = np.empty(looked_at.size, np.int64)
    machine.owners_of(looked_at.first, looked_at.second, looked_at.size, words.packing.wide, owning, found)
    if (found != owner).any():
        raise Mismatch(f"owner {owner} was given a state of another one")


def all_expanded(search: Search, depth: int) -> None:
    """After a level every state was expanded, once, and what was sent has come. Raises Mismatch."""
    states = sum(store.levels[depth + 1] for store in search.stores)
    expanded = sum(worker.expanded for worker in search.workers)
    if states != expanded:
        raise Mismatch(f"level {depth + 1} ended after {expanded:,} of {states:,} states were expanded")
    sent, received = (sum(getattr(w, name) for w in search.workers) for name in ("sent", "received"))
    left: Any = sum(int(worker.filled.sum()) + len(worker.incoming) for worker in search.workers)
    if sent != received or left:
        raise Mismatch(f"of {sent:,} states that were sent {received:,} came to their owner")
