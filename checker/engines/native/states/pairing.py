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

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import machine

if TYPE_CHECKING:
    from checker.engines.native.search.search import Search
    from checker.engines.native.search.worker import Worker
    from checker.engines.native.states.packing import Packing, Words
    from checker.engines.native.states.store import Store

#: States of a batch that are looked at in Python, where all is compared.
FEW = 8
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
    if fresh.shape[0] and store.newest() != (words.first[fresh[-1]], words.second[fresh[-1]]):
        raise Mismatch("a store does not hold the state that was put in last")
    if THOROUGH:
        for piece in store.between(store.states - fresh.shape[0], store.states, 1 << 20):
            told, fresh = fresh[: piece.size], fresh[piece.size :]
            pairs = zip(piece.words()[:2], words.of(told)[:2], strict=True)
            if not all(np.array_equal(found, wanted) for found, wanted in pairs):
                raise Mismatch("a store does not hold the states that were put in last")


def owned(words: Words, fresh: Array, owning: tuple[int, int, int], owner: int) -> None:
    """States are with their owner. Raises Mismatch. Only where all is compared, since batches are many."""
    if not THOROUGH or owning[2] == 1 or not fresh.shape[0]:
        return
    looked_at = words.of(fresh[some(fresh.shape[0])])
    found: Array = np.empty(looked_at.size, np.int64)
    machine.owners_of(looked_at.first, looked_at.second, looked_at.size, words.packing.wide, owning, found)
    if (found != owner).any():
        raise Mismatch(f"owner {owner} was given a state of another one")


def looked_at(worker: Worker, words: Words, fresh: Array) -> None:
    """New states are their own representatives, and what properties see of them is known. Raises Mismatch.

    Only where all is compared: these are looked up one by one.
    """
    if not THOROUGH:
        return
    tables, combinations = worker.tables, worker.combinations
    base, views = tables.per_cell.base, tables.per_cell["views"]
    for state in words.of(fresh[:FEW]).cells():
        if tables.symmetry is not None and tables.symmetry.whole:
            _least(state, base, tables.per_cell["image"], tables.symmetry.source)
        for number, group in enumerate(tables.viewing.groups):
            numbers = tuple(
                group.number(node, tables.locals[node][tables.cells[node][cell].local]) if reads else -1
                for node, (cell, reads) in enumerate(zip(state.tolist(), group.reads, strict=True))
            )
            combination = group.combination(numbers)
            if int(views[number][state + base].sum(dtype=np.uint64)) != combination:
                raise Mismatch(f"what a state shows to group {number} is not what its nodes show")
            if not combinations.has(number, combination):
                raise Mismatch(f"what a state shows to group {number} was not kept to be judged")


def _least(state: Array, base: Array, image: Array, source: Array) -> None:
    for g in range(1, source.shape[0]):
        for j, i in enumerate(source[g].tolist()):
            cell = image[g, base[i] + state[i]]
            if cell < 0 or cell > state[j]:
                break
            if cell < state[j]:
                raise Mismatch("a state that was kept is not the least of its images")


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
