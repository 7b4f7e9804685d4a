"""Records: groups of arrays of integers, one after the other, and read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from checker.engines.checkpoint import CheckpointError
from checker.engines.native.arrays import Array


class Record(NamedTuple):
    """What it is, by a number, and its arrays."""

    kind: int
    arrays: Sequence[Array]


def written(record: Record) -> Array:
    """A record as one array: its kind, how many arrays it has, how long each is, and these."""
    sizes = [array.shape[0] for array in record.arrays]
    head = np.array([record.kind, len(sizes), *sizes], np.int64)
    return np.concatenate([head, *(array.astype(np.int64, copy=False) for array in record.arrays)])


def read(words: Array) -> Iterator[Record]:
    """The records that an array is made of. Raises CheckpointError if it is none of such."""
    at, last = 0, words.shape[0]
    while at < last:
        kind, count = (int(word) for word in words[at : at + 2]) if at + 2 <= last else (0, -1)
        if count < 0 or at + 2 + count > last:
            raise CheckpointError("the journal of a checkpoint does not end where it should")
        sizes = [int(size) for size in words[at + 2 : at + 2 + count]]
        at += 2 + count
        if min(sizes, default=0) < 0 or at + sum(sizes) > last:
            raise CheckpointError("the journal of a checkpoint does not end where it should")
        arrays = []
        for size in sizes:
            arrays.append(words[at : at + size])
            at += size
        yield Record(kind, arrays)
