"""The kernels for going backwards: marks of states, by their slots in the index, read and set.

As those in kernel.py, they know no protocol. A mark is a set of eight bits, in an array that has a place
for every slot of a hash table; the table is only read.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel.kernel import U
from checker.engines.native.kernel.keys import home
from checker.engines.native.kernel.layout import AHEAD, EMPTY, I8, U1, U8
from checker.engines.native.kernel.normal import _jit

_ZERO = U(0)
_ONE = U(1)


@_jit
def slot_of(key, slot, table):
    """The slot of a key, looked for from its home on; the number of slots if it has none."""
    last = U(table.shape[0])
    while table[slot] != key:
        if table[slot] == EMPTY:
            return last
        slot += _ONE
        if slot == last:
            slot = _ZERO
    return slot


@_jit
def find(keys: U8, count: int, table: U8, slots: I8, touched: U8) -> int:
    """The slot of each key in a table of whole keys; how many have none: -1."""
    last = table.shape[0]
    unknown = 0
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        for k in range(width):
            slots[begin + k] = home(keys[begin + k], last)
        for k in range(width):
            touched[k] = table[U(slots[begin + k])]
        for k in range(width):
            slot = slot_of(keys[begin + k], U(slots[begin + k]), table)
            slots[begin + k] = np.int64(slot)
            if slot == U(last):
                slots[begin + k] = -1
                unknown += 1
    return unknown


@_jit
def gather(slots: I8, count: int, places: I8, marks: U1, gathered: U1) -> None:
    """Add the marks of each slot to what is gathered at its place."""
    for k in range(count):
        gathered[places[k]] |= marks[slots[k]]


@_jit
def mark(slots: I8, count: int, bits: U1, marks: U1) -> None:
    """Set the marks of each slot."""
    for k in range(count):
        marks[slots[k]] = bits[k]
