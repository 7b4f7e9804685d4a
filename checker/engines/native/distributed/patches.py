"""Patches: a snapshot of the tables sent as what has changed since the one before.

Tables grow by a few entries a round, and are large. What is the same is not sent again, and of an array
that changed only the entries that are others. The sender keeps what it sent, since the arrays of a snapshot
are those of the tables themselves, which go on to change.
"""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.states import pairing

#: Arrays of so few entries are sent as they are; an old one of these, such as where stretches begin, stays
#: as it is for those who still read by it.
SMALL = 1 << 10


class Whole(NamedTuple):
    """A value that is sent as it is."""

    value: Any


class Entries(NamedTuple):
    """The entries of an array that have changed, by their places in it."""

    places: Array
    values: Array


class Parts(NamedTuple):
    """What has changed of each part of a named tuple, which is made anew; None: nothing."""

    make: Any
    parts: tuple[Any, ...]


class Patch(NamedTuple):
    """What makes a snapshot of the one before, and the sum of all its arrays."""

    change: Whole | Entries | Parts | None
    total: int

    @property
    def bytes(self) -> int:
        """Bytes of its arrays."""
        return weight(self.change)


def patch(old: Any, new: Any) -> Patch:
    """What makes `new` of `old`; without an old one all of it."""
    return Patch(_change(old, new), total(new))


def patched(old: Any, found: Patch) -> Any:
    """The new one; arrays of `old` are changed in place. Raises Mismatch."""
    new = _changed(old, found.change)
    if total(new) != found.total:
        raise pairing.Mismatch("tables that were sent are not what they were")
    return new


def _change(old: Any, new: Any) -> Whole | Entries | Parts | None:
    if isinstance(new, tuple) and hasattr(new, "_fields"):
        parts = tuple(map(_change, old if type(old) is type(new) else (None,) * len(new), new))
        return Parts(type(new), parts) if any(part is not None for part in parts) else None
    if not isinstance(new, np.ndarray):
        return None if type(old) is type(new) and old == new else Whole(new)
    if not isinstance(old, np.ndarray) or old.shape != new.shape or old.dtype != new.dtype:
        return Whole(new)
    places = np.flatnonzero(old.reshape(-1) != new.reshape(-1))
    if not places.shape[0]:
        return None
    few = new.size > SMALL and places.shape[0] * (4 + new.itemsize) < new.nbytes and new.size < 1 << 32
    return Entries(places.astype(np.uint32), new.reshape(-1)[places]) if few else Whole(new)


def _changed(old: Any, change: Any) -> Any:
    if change is None:
        return old
    if isinstance(change, Whole):
        value = change.value
        return value.copy() if isinstance(value, np.ndarray) else value
    if isinstance(change, Entries):
        old.reshape(-1)[change.places] = change.values
        return old
    before = (None,) * len(change.parts) if old is None else old
    return change.make(*map(_changed, before, change.parts))


def weight(value: Any) -> int:
    """Bytes of all arrays in a value."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    return sum(map(weight, value)) if isinstance(value, tuple) else 0


def total(value: Any) -> int:
    """The sum of all arrays in a value and their sizes; where all is compared, of hashes of their bytes."""
    if isinstance(value, np.ndarray):
        if pairing.THOROUGH:
            return zlib.crc32(np.ascontiguousarray(value).view(np.uint8).reshape(-1).data) + value.size
        added = int(value.sum(dtype=np.int64)) if value.dtype != np.uint64 else int(value.sum())
        return (added + value.size) % (1 << 64)
    return sum(map(total, value)) % (1 << 64) if isinstance(value, tuple) else 0
