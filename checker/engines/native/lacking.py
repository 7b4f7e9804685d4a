"""What is lacking: the entries of tables that a kernel has noted, by kind and place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from checker.engines.native.arrays import Array, distinct
from checker.engines.native.kernel import layout

#: A kind of entry, a node or a bundle, and cells (of an image, with the renaming above).
Missing = tuple[int, int, list[int]]


def missing_in(noted: Array, most: int = 1 << 30) -> Iterator[Missing]:
    """The missing entries that kernels have noted, each once and in order, at most so many at a time."""
    misses = distinct(noted)
    heads, last = misses >> layout.MISS_Y_BITS, misses & ((1 << layout.MISS_Y_BITS) - 1)
    ends = [*(np.flatnonzero(heads[1:] != heads[:-1]) + 1).tolist(), misses.shape[0]]
    for begin, end in pairwise([0, *ends] if misses.shape[0] else [0]):
        kind, x = divmod(int(heads[begin]), 1 << layout.MISS_X_BITS)
        for at in range(begin, end, most):
            yield kind - 1, x, last[at : min(at + most, end)].tolist()
