"""Pair assertions: where a value changes its form, the new form says what the old one said.

A search that mixes up two forms would be wrong in silence. So wherever states are packed, packed anew,
numbered by halves, sent to their owner or written down, and wherever a level ends, both sides are
compared: in every run on some of the values, and on all of them with `PMMC_ASSERTIONS=all`, as the
test suite has it. What fails is a bug of the checker: `Mismatch`, never a verdict.
"""

from __future__ import annotations

import os

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.kernel import machine
from checker.engines.native.kernel.layout import NO_LEVEL, Orbits, Owning, Shifts
from checker.engines.native.states.words import Packing, Words

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


def same_number(before: int, after: int) -> None:
    """As many states come to the next stores as there were. Raises Mismatch."""
    if before != after:
        raise Mismatch(f"of {before:,} states {after:,} came to the next stores")


def kept_last(found: tuple[int, int], wanted: tuple[int, int]) -> None:
    """The state that was written down last is the last new one. Raises Mismatch."""
    if found != wanted:
        raise Mismatch("a store does not hold the state that was put in last")


def kept(found: Words, wanted: Words) -> None:
    """The states that were written down last are the new ones. Raises Mismatch."""
    if not all(map(np.array_equal, found[:2], wanted[:2])):
        raise Mismatch("a store does not hold the states that were put in last")


def owned(words: Words, fresh: Array, owning: Owning, owner: int) -> None:
    """States are with their owner. Raises Mismatch. Only where all is compared, since batches are many."""
    if not THOROUGH or owning.owners == 1 or not fresh.shape[0]:
        return
    looked_at = words.of(fresh[some(fresh.shape[0])])
    found: Array = np.empty(looked_at.size, np.int64)
    machine.owners_of(looked_at.arrays(), looked_at.size, owning, found)
    if (found != owner).any():
        raise Mismatch(f"owner {owner} was given a state of another one")


def least(state: Array, base: Array, orbits: Orbits) -> None:
    """A state is the least of its images. Raises Mismatch."""
    for g in range(1, orbits.source.shape[0]):
        for j, i in enumerate(orbits.source[g].tolist()):
            cell = orbits.image[g, base[i] + state[i]]
            if cell < 0 or cell > state[j]:
                break
            if cell < state[j]:
                raise Mismatch("a state that was kept is not the least of its images")


def lowered(state: Array, base: Array, shifts: Shifts) -> None:
    """The lowest level in a state is 0, if there is one. Raises Mismatch."""
    if shifts.lowered.shape[0] and shifts.low[base + state].min() not in {0, NO_LEVEL}:
        raise Mismatch("a state that was kept has levels that were not lowered")


def shown(number: int, told: int, wanted: int, *, is_kept: bool) -> None:
    """What the arrays tell that a state shows is what its nodes show, and is kept. Raises Mismatch."""
    if told != wanted:
        raise Mismatch(f"what a state shows to group {number} is not what its nodes show")
    if not is_kept:
        raise Mismatch(f"what a state shows to group {number} was not kept to be judged")


def all_asleep(rows: int, states: int) -> None:
    """Of every state of a level it is known what sleeps in it. Raises Mismatch."""
    if rows != states:
        raise Mismatch(f"of {states:,} states of a level it is known of {rows:,} what sleeps in them")


def all_reached(rows: Array, everything: np.uint64) -> None:
    """Something is awake in each state, as there is a way to it that is followed. Raises Mismatch.

    Only where all is compared: of very many moves that are all asleep the word would be the same.
    """
    if THOROUGH and (rows == everything).any():
        raise Mismatch("no step that was followed leads to a state that is known")


def same_cells(before: list[int], after: list[int]) -> None:
    """Steps out of states that are known lead to known states. Raises Mismatch."""
    if before != after:
        raise Mismatch("steps out of states that were explored lead to a cell that no state has")


def all_known(unknown: int) -> None:
    """All successors of a search that has come to its end are among its states. Raises Mismatch."""
    if unknown:
        raise Mismatch("a state that can be reached is not among those that were found")


def all_expanded(level: int, states: int, expanded: int) -> None:
    """At the end of a level every state was expanded, once. Raises Mismatch."""
    if states != expanded:
        raise Mismatch(f"level {level} ended after {expanded:,} of {states:,} states were expanded")


def all_received(sent: int, received: int, left: int) -> None:
    """What was sent has come, and nothing is left on its way. Raises Mismatch."""
    if sent != received or left:
        raise Mismatch(f"of {sent:,} states that were sent {received:,} came to their owner")


def all_new(keys: int, entered: int) -> None:
    """What is entered again is in the log once. Raises Mismatch."""
    if keys != entered:
        raise Mismatch(f"of {keys:,} keys of a log {entered:,} were entered into a new index")
