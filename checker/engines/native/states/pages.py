"""Memory straight from the system: zeros, of which only what is written to is taken.

An array of this kind goes back to the system as a whole when nobody holds it any more, and may be far
larger than what there is: so a table grows in place, and nothing is in memory twice while it does.
"""

from __future__ import annotations

import mmap
import sys

import numpy as np

from checker.engines.native.arrays import Array

#: For a table address space is taken for so many times what it needs at first, and for so much at least.
RESERVE = 64
FIRST_RESERVE = 32 << 20
#: Of larger arrays the system is asked for large pages: whoever looks here and there waits less.
LARGE = 4 << 20
#: What Python has no name for: address space that is not counted as memory before it is used.
_NO_RESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000 if sys.platform == "linux" else 0)


def pages(count: int, dtype: type) -> Array:
    """An array of zeros. Raises MemoryError."""
    if not hasattr(mmap, "MAP_PRIVATE"):  # another system, which takes all of it at once
        return np.zeros(count, dtype)
    size = max(1, count * np.dtype(dtype).itemsize)
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE
    try:
        room = mmap.mmap(-1, size, flags=flags)
        if size >= LARGE and hasattr(mmap, "MADV_HUGEPAGE"):
            room.madvise(mmap.MADV_HUGEPAGE)
    except (OSError, OverflowError):
        raise MemoryError(f"no address space for {size:,} bytes") from None
    return np.frombuffer(room, dtype, count)


def reserve(count: int, dtype: type = np.uint64) -> Array:
    """An array for `count` values and, if there is address space, many more. Raises MemoryError."""
    least = FIRST_RESERVE // np.dtype(dtype).itemsize
    for times in (RESERVE, RESERVE // 8):
        try:
            return pages(max(least, times * count), dtype)
        except MemoryError:
            continue
    return pages(count, dtype)


def longer(values: Array, used: int, needed: int) -> Array:
    """A copy of the first `used` values in an array with room for `needed` and more."""
    grown = reserve(needed, values.dtype.type)
    grown[:used] = values[:used]
    return grown
