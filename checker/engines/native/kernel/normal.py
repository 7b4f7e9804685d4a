"""The form in which a state is kept: its levels lowered, and of its images the least.

As the kernel, of which it is a part, it knows no protocol: a cell's image under a renaming, and a cell with
its levels lowered, are looked up.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

from checker.engines.native.kernel.layout import (
    LAST_CELL,
    MISS_IMAGE,
    MISS_LOWERED,
    MISS_X_BITS,
    MISS_Y_BITS,
    MISSED,
    NO_LEVEL,
    POST_CELL_BITS,
)
from checker.engines.native.kernel.vectors import lowest

U = np.uint64

_C1 = U(0xFF51AFD7ED558CCD)
_C2 = U(0xC4CEB9FE1A85EC53)
_S33 = U(33)
_ZERO = U(0)
_ONE = U(1)

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def _jit(function: _Kernel) -> _Kernel:
    """As numba compiles it for us: it may run beside others, raises nothing, and counts no references.

    What allocates nothing needs no counting. With it every array that is passed or taken out of a tuple is
    a call or two, which is half of the time of a kernel.
    """
    return cast("_Kernel", njit(**_options())(function))


def _within(function: _Kernel) -> _Kernel:
    """As `_jit`, put in line where it is called: a call passes every array as many words."""
    return cast("_Kernel", njit(forceinline=True, **_options())(function))


def _options() -> dict[str, Any]:
    checked = bool(os.environ.get("NUMBA_BOUNDSCHECK"))
    return {"nogil": True, "error_model": "numpy", "boundscheck": checked, "_nrt": False}


@_jit
def mix(key):
    """Spread the bits of a packed state; equal keys, equal hashes."""
    h = key
    h ^= h >> _S33
    h *= _C1
    h ^= h >> _S33
    h *= _C2
    h ^= h >> _S33
    return h


@_jit
def note_miss(miss, counters, kind, x, y):
    """Remember, and count, once, that a table entry is missing.

    `miss` is an open hash set with room left, 0 where it is free.
    """
    size = miss.shape[0]
    key = ((kind + 1) << (MISS_X_BITS + MISS_Y_BITS)) | (np.int64(x) << MISS_Y_BITS) | np.int64(y)
    slot = np.int64(mix(U(key)) >> _S33) & (size - 1)
    while miss[slot] != 0:
        if miss[slot] == key:
            return
        slot = (slot + 1) & (size - 1)
    miss[slot] = key
    counters[MISSED] += 1


@_jit
def lower(cells, n, base, low, lowered, miss, counters):
    """Lower all levels in `cells` by the lowest; False if an image is missing.

    low[base[i] + c] is the lowest level in cell c of node i, NO_LEVEL if there is none;
    lowered[k - 1, base[i] + c] is what the cell becomes when all are lowered by k. What is lower than the
    lowest level by more than can be looked up is lowered in several goes.
    """
    while True:
        by = np.int64(NO_LEVEL)
        for i in range(n):
            by = min(by, np.int64(low[base[i] + cells[i]]))
        if by < 1 or by >= NO_LEVEL:
            return True
        by = min(by, np.int64(lowered.shape[0]))
        complete = True
        for i in range(n):
            at = base[i] + cells[i]
            if low[at] == NO_LEVEL:
                continue
            c = lowered[by - 1, at]
            if c < 0:
                complete = False
                note_miss(miss, counters, MISS_LOWERED, i, (by << POST_CELL_BITS) | cells[i])
            else:
                cells[i] = c
        if not complete:
            return False


@_within
def canonical(cells, best, n, base, orbits, miss, counters):
    """Write into `best` the least image of `cells` under the group; by which of them, -1 if one is missing.

    image[g, base[i] + c] is what cell c of node i becomes under g; under g position j receives the
    image of position source[g, j]. Element 0 is the identity. Only those renamings are tried that give the
    first position its least cell, as `front` tells; an image is looked up only if the positions before it
    leave the comparison open. All that are missing are noted.
    """
    image, source, _, front, heads = orbits
    if heads.shape[0] == 0:  # there is the identity only
        for j in range(n):
            best[j] = cells[j]
        return 0
    complete = True
    least = np.int64(LAST_CELL)
    tried = _ZERO
    for k in range(heads.shape[0]):
        i = heads[k]
        entry = front[base[i] + cells[i]]
        if entry == _ZERO:
            complete = False
            for g in range(source.shape[0]):
                if source[g, 0] == i and image[g, base[i] + cells[i]] < 0:
                    note_miss(miss, counters, MISS_IMAGE, i, (g << POST_CELL_BITS) | cells[i])
            continue
        cell = np.int64(entry & U(LAST_CELL))
        if cell < least:
            least = cell
            tried = _ZERO
        if cell == least:
            tried |= entry >> U(POST_CELL_BITS)
    if not complete:
        return -1
    by = -1
    while tried:
        g = np.int64(lowest(tried))
        tried &= tried - _ONE
        smaller = by < 0
        if smaller:
            by = g
            best[0] = least
        for j in range(1, n):
            i = source[g, j]
            c = np.int64(image[g, base[i] + cells[i]]) if g else cells[i]
            if c < 0:
                complete = False
                note_miss(miss, counters, MISS_IMAGE, i, (g << POST_CELL_BITS) | cells[i])
                break
            if not smaller:
                if c > best[j]:
                    break
                if c < best[j]:
                    smaller = True
                    by = g
            if smaller:
                best[j] = c
    return by if complete else -1


@_jit
def descend(cells, best, n, base, image, source, miss, counters):
    """As `canonical`, for a group that is too large to try all of it: swap as long as that makes it less.

    `image` and `source` are those of swaps that generate the group. The result is an image of the
    state, though perhaps not the least one: two images of one state may both be kept, which costs
    states and is sound.
    """
    for j in range(n):
        best[j] = cells[j]
    improved = True
    while improved:
        improved = False
        for g in range(1, source.shape[0]):
            smaller = False
            for j in range(n):
                i = source[g, j]
                c = image[g, base[i] + cells[i]]
                if c < 0:
                    note_miss(miss, counters, MISS_IMAGE, i, (g << POST_CELL_BITS) | cells[i])
                    return False
                best[j] = c
                if not smaller:
                    if c > cells[j]:
                        break
                    smaller = c < cells[j]
            if smaller:
                improved = True
                for j in range(n):
                    cells[j] = best[j]
    for j in range(n):
        best[j] = cells[j]
    return True
