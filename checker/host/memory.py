"""Memory that is freed, and what the C library makes of that."""

from __future__ import annotations

import ctypes
from contextlib import suppress

#: glibc's number of the size from which on a piece of memory is the system's own, and a size that is large
#: for Python's objects and small for arrays.
_M_MMAP_THRESHOLD = -3
_LARGE = 1 << 19


def give_back_large_pieces() -> None:
    """Have large pieces of memory given back to the system when they are freed, where it can be asked.

    glibc gives back less and less: the larger the pieces that it has seen freed, the larger those that it
    keeps, for each thread by itself. Of a search that was a tenth of all that it held.
    """
    with suppress(OSError, TypeError, AttributeError):  # another system, or another library
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        library.malloc_trim(0)
