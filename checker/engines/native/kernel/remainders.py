"""The kernels of large hash tables, which keep of each key only what its place does not tell.

A key of `bits` bits is stirred into a *hash* of as many, and no two keys into the same one. Its home is a
line of the table, which tells the high bits of the hash; the line holds its low `LOW_BITS`. A line is what
the processor fetches at a time: twelve entries, 42 bits each, and how many there are. A key that finds
its home full goes to one of the next lines, at most `reach` of them counted with the home, and if these are
full as well to a small table of whole hashes, the *rest*.

Nothing is lost that way. Whatever is found in a line has one of `reach` lines for its home, so its hash is
in an interval of at most 2 ** LOW_BITS values, since a table has at least reach * 2 ** (bits - LOW_BITS)
lines: of those values one only has these low bits (`hash_in`). Nothing is taken out but when a table
is spread, so a line that was full once is full: a key that is not found before the first line with room is
not there.

Words of a line: the low 32 bits of twelve entries; in three words eight bits more of each; in the last
word two bits more of each, and above them the number of entries. A table has `reach` - 1 lines more than
are homes, so that no line is beyond its end.
"""

from __future__ import annotations

import numpy as np

from checker.engines.native.kernel import layout
from checker.engines.native.kernel.layout import AHEAD, EMPTY, I8, U8
from checker.engines.native.kernel.normal import _jit
from checker.engines.native.kernel.vectors import alike, lowest

U = np.uint64

#: Words of a line, entries of one, and the bits of each.
LINE = 16
ENTRIES = 12
LOW_BITS = 42
#: Bits of a hash that tell the home.
HOME_BITS = 32

_C1 = U(0xFF51AFD7ED558CCD)
_C2 = U(0xC4CEB9FE1A85EC53)
_S1, _S2, _S3, _S4, _S8, _S24, _S32 = U(1), U(2), U(3), U(4), U(8), U(24), U(32)
_M32 = U(0xFFFFFFFF)
_LOW = U((1 << LOW_BITS) - 1)
_FULL = U(ENTRIES)
_ZERO, _ONE = U(0), U(1)


@_jit
def stir(key, bits):
    """The hash of a key of so many bits: as many bits, another one for each key."""
    mask = (_ONE << bits) - _ONE
    half = (bits + _ONE) >> _S1
    h = key
    h ^= h >> half
    h = (h * _C1) & mask
    h ^= h >> half
    h = (h * _C2) & mask
    h ^= h >> half
    return h


@_jit
def home_line(h, bits, lines):
    """The line where a hash belongs; it grows with the hash."""
    return ((h >> (bits - _S32)) * lines) >> _S32


@_jit
def first_hash(line, bits, lines, reach):
    """The least hash whose home is a line or one of the `reach` - 1 before it."""
    first = line - reach + _ONE if line >= reach else _ZERO
    # the first of the values that `home_line` sees which it takes to that line
    return (((first << _S32) + lines - _ONE) // lines) << (bits - _S32)


@_jit
def hash_in(low, begin):
    """The hash that has these low bits, among the 2 ** LOW_BITS from `begin` on."""
    return begin + ((low - begin) & _LOW)


@_jit
def entry_at(table, at, k):
    """The low bits that entry k holds of the line that begins at word `at`."""
    byte = (U(table[at + _FULL + (k >> _S2)]) >> ((k & _S3) << _S3)) & U(0xFF)
    two = (U(table[at + U(15)]) >> (k << _S1)) & _S3
    return U(table[at + k]) | (byte << _S32) | (two << U(40))


@_jit
def find_in(table, at, low):
    """Which entry of a line has these low bits; if none, `ENTRIES` + how many there are."""
    count = U(table[at + U(15)]) >> _S24
    like = U(alike(table, at, np.uint32(low & _M32))) & ((_ONE << count) - _ONE)
    while like != _ZERO:
        k = U(lowest(like))
        if entry_at(table, at, k) == low:
            return k
        like &= like - _ONE
    return _FULL + count


@_jit
def put_in(table, at, count, low):
    """Put an entry into a line that has so many, and room."""
    high = low >> _S32
    table[at + count] = np.uint32(low & _M32)
    table[at + _FULL + (count >> _S2)] |= np.uint32((high & U(0xFF)) << ((count & _S3) << _S3))
    table[at + U(15)] = np.uint32(
        (U(table[at + U(15)]) | ((high >> _S8) << (count << _S1))) + (_ONE << _S24)
    )


@_jit
def in_rest(h, rest):
    """The slot of a hash in the rest, or the empty one where it would be; there is one."""
    last = U(rest.shape[0])
    slot = ((h & _M32) * last) >> _S32
    while rest[slot] != h and rest[slot] != EMPTY:
        slot = slot + _ONE if slot + _ONE < last else _ZERO
    return slot


@_jit
def insert_remainders(
    keys: U8, count: int, remainders: layout.Remainders, fresh: I8, slots: I8, touched: U8
) -> int:
    """Put keys into a table; how many were new, their positions going to `fresh`.

    The rest has room for all of them; how many went there is left in slots[0].
    """
    table, bits, lines, reach, rest = remainders
    found = 0
    resting = 0
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        seen = _ZERO
        for k in range(width):
            touched[k] = stir(keys[begin + k], U(bits))
            slots[k] = np.int64(home_line(touched[k], U(bits), U(lines)))
        for k in range(width):
            seen |= U(table[(U(slots[k]) << _S4) + U(15)])
        for k in range(width):
            low = touched[k] & _LOW
            at = U(slots[k]) << _S4
            left = reach
            while left > 0:
                entry = find_in(table, at, low)
                if entry < _FULL:
                    break
                if entry < _FULL + _FULL:
                    put_in(table, at, entry - _FULL, low)
                    fresh[found] = begin + k
                    found += 1
                    break
                left -= 1
                at += U(LINE)
            if left == 0:
                slot = in_rest(touched[k], rest)
                if rest[slot] == EMPTY:
                    rest[slot] = touched[k]
                    fresh[found] = begin + k
                    found += 1
                    resting += 1
        touched[0] = seen  # so that nobody thinks the lines were looked at in vain
    slots[0] = resting
    return found


@_jit
def find_remainders(keys: U8, count: int, remainders: layout.Remainders, slots: I8, touched: U8) -> int:
    """The slot of each key, by line and entry, those of the rest behind; how many have none: -1."""
    table, bits, lines, reach, rest = remainders
    unknown = 0
    behind = (lines + reach - 1) * ENTRIES
    for begin in range(0, count, AHEAD):
        width = min(AHEAD, count - begin)
        seen = _ZERO
        for k in range(width):
            touched[k] = stir(keys[begin + k], U(bits))
            slots[begin + k] = np.int64(home_line(touched[k], U(bits), U(lines)))
        for k in range(width):
            seen |= U(table[(U(slots[begin + k]) << _S4) + U(15)])
        for k in range(width):
            low = touched[k] & _LOW
            line = U(slots[begin + k])
            left = reach
            while left > 0:
                entry = find_in(table, line << _S4, low)
                if entry < _FULL:
                    slots[begin + k] = np.int64(line * _FULL + entry)
                    break
                if entry < _FULL + _FULL:
                    slots[begin + k] = -1
                    unknown += 1
                    break
                left -= 1
                line += _ONE
            if left == 0:
                slot = in_rest(touched[k], rest)
                slots[begin + k] = behind + np.int64(slot)
                if rest[slot] == EMPTY:
                    slots[begin + k] = -1
                    unknown += 1
        touched[0] = seen
    return unknown


@_jit
def place_hash(h, table, bits, lines, reach, least):
    """Put a hash that is not there where it belongs; False if there is no room, or its home is too low."""
    line = home_line(h, bits, lines)
    if line < least:
        return False
    for further in range(reach):
        at = (line + U(further)) << _S4
        count = U(table[at + U(15)]) >> _S24
        if count < _FULL:
            put_in(table, at, count, h & _LOW)
            return True
    return False


@_jit
def place_hashes(hashes: U8, count: int, remainders: layout.Remainders) -> int:
    """Put hashes that are not there where they belong; how many went to the rest, which has room."""
    table, bits, lines, reach, rest = remainders
    resting = 0
    for k in range(count):
        if not place_hash(hashes[k], table, U(bits), U(lines), reach, _ZERO):
            rest[in_rest(hashes[k], rest)] = hashes[k]
            resting += 1
    return resting


@_jit
def spread_remainders(remainders: layout.Remainders, old: int, old_reach: int, later: U8) -> int:
    """Let the entries of a table that has grown in place go where they belong; how many are left over.

    The table had `old` homes; what is behind its lines is empty. Homes follow the order of the hashes, so
    all homes move up, and a walk from the last line down moves all entries along two streams. Those whose
    home is not above the walk, and those whose lines are full, go to `later`; if they do not find room
    there, the answer is -1, and the table is to be made anew.
    """
    table, bits, lines, reach, _ = remainders
    waiting = 0
    lows = later[later.shape[0] - ENTRIES :]
    room = later.shape[0] - ENTRIES
    for line in range(old + old_reach - 2, -1, -1):
        at = U(line) << _S4
        count = np.int64(table[at + U(15)] >> np.uint32(24))
        if count == 0:
            continue
        if waiting + count > room:
            return -1
        for k in range(count):
            lows[k] = entry_at(table, at, U(k))
        for k in range(LINE):
            table[at + U(k)] = 0
        begin = first_hash(U(line), U(bits), U(old), U(old_reach))
        for k in range(count):
            h = hash_in(lows[k], begin)
            if not place_hash(h, table, U(bits), U(lines), reach, U(line + 1)):
                later[waiting] = h
                waiting += 1
    return waiting
