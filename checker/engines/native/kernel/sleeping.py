"""What sleeps in the states of the level that is being built: a table of these states, by their keys.

What holds for kernel.py holds here: plain integers and arrays, nothing allocated, nothing raised.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel.layout import AHEAD, I8, U4, U8
from checker.engines.native.kernel.normal import _jit, mix

U = np.uint64

_S32 = U(32)


@_jit
def first_place(key, size):
    """Where the search for a key begins; `size` is a power of two."""
    return np.int64(mix(key) >> _S32) & (size - 1)


@_jit
def agree(
    keys: U8, asleep: U8, chosen: I8, count: int, table: U4, level: U8, sleeping: U8, slots: I8
) -> int:
    """Let states that are on the level sleep for what was agreed on so far and what is asked now.

    The states are those of `keys`, with what is `asleep`, whose places are `chosen`; how many of them are
    not on the level: these come first in `chosen` afterwards. `level` has the keys of the level's states in
    order, `sleeping` what sleeps in them, `table` their numbers, each plus one, 0 where it is free.
    """
    others = 0
    size = table.shape[0]
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        for k in range(width):
            slots[k] = first_place(keys[chosen[begin + k]], size)
        for k in range(width):
            place = chosen[begin + k]
            key = keys[place]
            slot = slots[k]
            number = np.int64(table[slot])
            while number > 0 and level[number - 1] != key:
                slot = (slot + 1) & (size - 1)
                number = np.int64(table[slot])
            if number == 0:
                chosen[others] = place
                others += 1
            else:
                for w in range(sleeping.shape[1]):
                    sleeping[number - 1, w] &= asleep[place, w]
    return others


@_jit
def join_level(
    keys: U8, asleep: U8, chosen: I8, count: int, table: U4, level: U8, sleeping: U8, known: int
) -> None:
    """Put states, none of which is on the level yet, on it; there is room."""
    size = table.shape[0]
    for k in range(count):
        place = chosen[k]
        level[known + k] = keys[place]
        for w in range(sleeping.shape[1]):
            sleeping[known + k, w] = asleep[place, w]
        slot = first_place(keys[place], size)
        while table[slot] != 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = known + k + 1


@_jit
def number_level(level: U8, known: int, table: U4) -> None:
    """Enter the numbers of the level's states into an empty table that has room."""
    size = table.shape[0]
    for k in range(known):
        slot = first_place(level[k], size)
        while table[slot] != 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = k + 1
