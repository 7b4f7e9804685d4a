"""What sleeps in the states of the level that is being built: a table of these states, by their keys.

An entry of the table is the number of a state on its level, plus one, and above that as many bits of the
key's hash as there is room for: so a state is seldom compared with another one that it is not. What holds
for kernel.py holds here: plain integers and arrays, nothing allocated, nothing raised.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel.keys import _M32, _ONE, _S32, _ZERO, U
from checker.engines.native.kernel.layout import AHEAD, I8, U4, U8
from checker.engines.native.kernel.normal import _jit, mix


@_jit
def bits_of_number(size):
    """The bits that the number of a state may take in a table of so many slots."""
    bits = _ZERO
    while U(size) >> bits:
        bits += _ONE
    return bits


@_jit
def first_slot(hashed, size):
    """The slot where the search for a hash begins."""
    return ((hashed >> _S32) * U(size)) >> _S32


@_jit
def tag(hashed, bits):
    """What an entry has of a hash: lower bits than those that tell the slot."""
    return (hashed << bits) & _M32


@_jit
def enter_number(hashed, number, table, bits):
    """Put the number of a state, plus one, where its hash belongs; there is room."""
    size = U(table.shape[0])
    slot = first_slot(hashed, size)
    while table[slot] != 0:
        slot = slot + _ONE if slot + _ONE < size else _ZERO
    table[slot] = np.uint32(tag(hashed, bits) | U(number))


@_jit
def agree(
    keys: U8, asleep: U8, chosen: I8, count: int, table: U4, level: U8, rows: U8, slots: I8, touched: U4
) -> None:
    """Let those of some states that are on the level sleep for what was agreed on so far and is asked now.

    The states are those of `keys`, with what is `asleep`, whose places are `chosen`. `level` has the keys
    of the level's states in order, `rows` what sleeps in them. `slots` and `touched` are room.
    """
    size = U(table.shape[0])
    bits = bits_of_number(table.shape[0])
    low = (_ONE << bits) - _ONE
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        for k in range(width):
            slots[k] = np.int64(first_slot(mix(keys[chosen[begin + k]]), size))
        for k in range(width):
            touched[k] = table[U(slots[k])]
        for k in range(width):
            at = chosen[begin + k]
            key = keys[at]
            wanted = tag(mix(key), bits)
            slot = U(slots[k])
            entry = U(touched[k])
            while entry:
                if entry & ~low == wanted and level[(entry & low) - _ONE] == key:
                    rows[(entry & low) - _ONE] &= asleep[at]
                    break
                slot = slot + _ONE if slot + _ONE < size else _ZERO
                entry = U(table[slot])


@_jit
def join_level(
    keys: U8, asleep: U8, chosen: I8, count: int, table: U4, level: U8, rows: U8, known: int
) -> None:
    """Put states, none of which is on the level yet, on it; there is room."""
    bits = bits_of_number(table.shape[0])
    for k in range(count):
        at = chosen[k]
        level[known + k] = keys[at]
        rows[known + k] = asleep[at]
        enter_number(mix(keys[at]), known + k + 1, table, bits)


@_jit
def number_level(level: U8, known: int, table: U4) -> None:
    """Enter the numbers of the level's states into an empty table that has room."""
    bits = bits_of_number(table.shape[0])
    for k in range(known):
        enter_number(mix(level[k]), k + 1, table, bits)
