"""The kernels for going backwards: marks of states, by their slots in the index, read and set.

As those in kernel.py, they know no protocol. A mark is a set of eight bits, in an array that has a place
for every slot of a hash table; the table is only read.
"""

from __future__ import annotations

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
def gather(
    keys: U8, places: I8, count: int, table: U8, marks: U1, gathered: U1, slots: I8, touched: U8
) -> int:
    """Add the marks of each key to what is gathered at its place; how many keys are not in the table."""
    last = table.shape[0]
    unknown = 0
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        for k in range(width):
            slots[k] = home(keys[begin + k], last)
        for k in range(width):
            touched[k] = table[U(slots[k])] ^ U(marks[U(slots[k])])
        for k in range(width):
            slot = slot_of(keys[begin + k], U(slots[k]), table)
            if slot == U(last):
                unknown += 1
            else:
                gathered[places[begin + k]] |= marks[slot]
    return unknown


@_jit
def mark(keys: U8, bits: U1, count: int, table: U8, marks: U1, slots: I8, touched: U8) -> int:
    """Set the marks of each key; how many keys are not in the table."""
    last = table.shape[0]
    unknown = 0
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        for k in range(width):
            slots[k] = home(keys[begin + k], last)
        for k in range(width):
            touched[k] = table[U(slots[k])] ^ U(marks[U(slots[k])])
        for k in range(width):
            slot = slot_of(keys[begin + k], U(slots[k]), table)
            if slot == U(last):
                unknown += 1
            else:
                marks[slot] = bits[begin + k]
    return unknown
