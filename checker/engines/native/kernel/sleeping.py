"""What sleeps in the states of the level that is being built: a table of these states, by their keys.

An entry of the table is the number of a state on its level, plus one, and above that as many bits of the
key's hash as there is room for: so a state is seldom compared with another one that it is not. What holds
for kernel.py holds here: plain integers and arrays, nothing allocated, nothing raised.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel.keys import _M32, _ONE, _S32, _ZERO, U
from checker.engines.native.kernel.layout import AHEAD, I8, U4, U8
from checker.engines.native.kernel.normal import _jit, _within, mix


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


@_within
def enter_numbers(level, first, last, table, slots, touched):
    """Put the numbers of some states of a level, plus one, where their hashes belong; there is room."""
    size = U(table.shape[0])
    bits = bits_of_number(table.shape[0])
    for begin in range(first, last, AHEAD):
        width = min(AHEAD, last - begin)
        for k in range(width):
            slots[k] = np.int64(first_slot(mix(level[begin + k]), size))
        for k in range(width):
            touched[k] = table[U(slots[k])]
        for k in range(width):
            slot = U(slots[k])
            while table[slot] != 0:
                slot = slot + _ONE if slot + _ONE < size else _ZERO
            table[slot] = np.uint32(tag(mix(level[begin + k]), bits) | U(begin + k + 1))


@_jit
def agree(
    keys: U8,
    asleep: U8,
    chosen: I8,
    count: int,
    table: U4,
    level: U8,
    rows: U8,
    slots: I8,
    touched: U4,
    seen: U8,
) -> None:
    """Let those of some states that are on the level sleep for what was agreed on so far and is asked now.

    The states are those of `keys`, with what is `asleep`, whose places are `chosen`. `level` has the keys
    of the level's states in order, `rows` what sleeps in them. `slots`, `touched` and `seen` are room for
    what is touched ahead of use.
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
            entry = U(touched[k])
            seen[k] = level[(entry & low) - _ONE] ^ rows[(entry & low) - _ONE] if entry else _ZERO
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
    keys: U8,
    asleep: U8,
    chosen: I8,
    count: int,
    table: U4,
    level: U8,
    rows: U8,
    known: int,
    slots: I8,
    touched: U4,
) -> None:
    """Put states, none of which is on the level yet, on it; there is room."""
    for k in range(count):
        level[known + k] = keys[chosen[k]]
        rows[known + k] = asleep[chosen[k]]
    enter_numbers(level, known, known + count, table, slots, touched)


@_jit
def number_level(level: U8, known: int, table: U4, slots: I8, touched: U4) -> None:
    """Enter the numbers of the level's states into an empty table that has room."""
    enter_numbers(level, 0, known, table, slots, touched)
