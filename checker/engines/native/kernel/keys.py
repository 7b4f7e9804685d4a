"""The kernels of the hash tables: the index of all states, and the halves of states of two words.

What holds for kernel.py holds here: plain integers and arrays, nothing allocated, nothing raised.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel.layout import AHEAD, EMPTY, I8, U4, U8
from checker.engines.native.kernel.normal import _jit, mix

U = np.uint64

_S32 = U(32)
_M32 = U(0xFFFFFFFF)
_ZERO = U(0)
_ONE = U(1)


@_jit
def home(key, size):
    """The slot where a key belongs in a hash table of `size` slots; it grows with the key's hash."""
    return ((mix(key) >> _S32) * U(size)) >> _S32


@_jit
def insert(keys: U8, count: int, table: U8, fresh: I8, slots: I8, touched: U8) -> int:
    """Put keys into a hash table that has room; how many were new, their positions going to `fresh`."""
    last = table.shape[0]
    found = 0
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        for k in range(width):
            slots[k] = home(keys[begin + k], last)
        for k in range(width):
            touched[k] = table[U(slots[k])]
        for k in range(width):
            key = keys[begin + k]
            if touched[k] == key:
                continue
            slot = U(slots[k])
            while True:
                entry = table[slot]
                if entry == key:
                    break
                if entry == EMPTY:
                    table[slot] = key
                    fresh[found] = begin + k
                    found += 1
                    break
                slot += _ONE
                if slot == U(last):
                    slot = _ZERO
    return found


@_jit
def reinsert(keys: U8, count: int, table: U8) -> None:
    """Put distinct keys, none of them in the table yet, into a table that has room."""
    last = table.shape[0]
    for k in range(count):
        slot = home(keys[k], last)
        while table[slot] != EMPTY:
            slot = slot + _ONE if slot + _ONE < U(last) else _ZERO
        table[slot] = keys[k]


@_jit
def spread(table: U8, old: int, later: U8) -> bool:
    """Let the keys of a hash table that has grown in place go where they belong; False if that fails.

    The table had `old` slots; those from there on are empty. Since homes follow the order of the
    hashes, every key's home moves up, and a walk from the last slot down moves all of them along two
    streams, with no random access. The few whose home is not above the walk wait in `later`; if they
    do not find room there, the answer is False and the table is to be built anew.
    """
    last = table.shape[0]
    waiting = 0
    for at in range(old - 1, -1, -1):
        key = table[at]
        if key == EMPTY:
            continue
        table[at] = EMPTY
        slot = np.int64(home(key, last))
        if slot > at:
            while slot < last and table[slot] != EMPTY:
                slot += 1
            if slot < last:
                table[slot] = key
                continue
        if waiting == later.shape[0]:
            return False
        later[waiting] = key
        waiting += 1
    reinsert(later, waiting, table)
    return True


@_jit
def intern_halves(
    halves: U8, count: int, table: U4, values: U8, known: int, result: U4, slots: I8, touched: U8
) -> int:
    """The number of each half, new ones numbered from `known` on; how many are known then.

    `values` is number → half; `table` is a hash table of numbers, each plus one, 0 where it is free.
    """
    last = table.shape[0]
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        for k in range(width):
            slots[k] = home(halves[begin + k], last)
        for k in range(width):
            number = np.int64(table[U(slots[k])])
            touched[k] = values[U(number - 1)] if number > 0 else EMPTY
        for k in range(width):
            half = halves[begin + k]
            slot = slots[k]
            number = np.int64(table[slot])
            if touched[k] != half:
                while number > 0 and values[number - 1] != half:
                    slot = slot + 1 if slot + 1 < last else np.int64(0)
                    number = np.int64(table[slot])
                if number == 0:
                    values[known] = half
                    known += 1
                    number = np.int64(known)
                    table[slot] = known
            result[begin + k] = number - 1
    return known


@_jit
def join(left: U4, right: U4, count: int, keys: U8) -> None:
    """Key of a state of two words from the numbers of its halves."""
    for k in range(count):
        keys[k] = U(left[k]) | (U(right[k]) << _S32)


@_jit
def split(keys: U8, lo: int, hi: int, left: U8, right: U8, w0: U8, w1: U8) -> None:
    """The two words of each state from its key."""
    for k in range(lo, hi):
        w0[k - lo] = left[keys[k] & _M32]
        w1[k - lo] = right[keys[k] >> _S32]
