"""Growing numpy arrays, and the layout that gives each node its stretch of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import numpy as np

K = TypeVar("K")
V = TypeVar("V")
Array = np.ndarray[Any, np.dtype[Any]]


class Memo(dict[K, V]):
    """A dictionary that computes what it lacks."""

    __slots__ = ("_compute",)

    def __init__(self, compute: Callable[[K], V]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, key: K) -> V:
        value = self[key] = self._compute(key)
        return value


def distinct(values: Array) -> Array:
    """The different ones of some values, in order; `numpy.unique` would import all of numpy.ma first."""
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if ordered.shape[0] else ordered


#: Bytes that processors move at once, with room for those that move two lines together.
LINES = 128


def apart(shape: int | tuple[int, ...], dtype: type) -> Array:
    """Zeros in a place where no other array has its values near.

    Two threads that write to one cache line, each to its own values, slow each other down.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.zeros(size + 2 * LINES, np.uint8)
    start = -room.__array_interface__["data"][0] % LINES
    return room[start : start + size].view(dtype).reshape(shape)


class Room:
    """Room to work in, kept from one use to the next: taking and giving back memory stops all threads."""

    def __init__(self, dtype: type) -> None:
        self._array: Array = np.empty(0, dtype)

    def of(self, size: int) -> Array:
        """An array of `size` elements with undefined contents."""
        if self._array.shape[0] < size:
            self._array = np.empty(max(size, 2 * self._array.shape[0]), self._array.dtype)
        return self._array[:size]


class Growing:
    """A numpy array that grows at its end, doubling its room. What is added waits until it is read."""

    def __init__(self, dtype: type, room: int = 1024) -> None:
        self._data: Array = np.zeros(room, dtype)
        self._entered = 0
        self._waiting: list[int] = []

    @property
    def size(self) -> int:
        """How many values there are."""
        return self._entered + len(self._waiting)

    def extend(self, values: Iterable[int]) -> int:
        """Add values; the position of the first."""
        at = self._entered + len(self._waiting)
        self._waiting.extend(values)
        return at

    def append(self, value: int) -> None:
        """Add a value."""
        self._waiting.append(value)

    @property
    def data(self) -> Array:
        """The array; what is behind the values is room."""
        if self._waiting:
            size = self.size
            if size > self._data.shape[0]:
                grown = np.zeros(max(size, 2 * self._data.shape[0]), self._data.dtype)
                grown[: self._entered] = self._data[: self._entered]
                self._data = grown
            self._data[self._entered : size] = self._waiting
            self._entered, self._waiting = size, []
        return self._data


class Stretches(NamedTuple):
    """Where each node's cells are in an array with an entry for each: from `base` on, with their `room`."""

    base: Array
    room: list[int]

    @property
    def size(self) -> int:
        """How many entries there are for all nodes together."""
        return sum(self.room)


def relaid(array: Array, fill: int, old: Stretches, new: Stretches) -> Array:
    """An array of `old` layout in the `new` one; entries that it had no room for are `fill`."""
    laid: Array = np.full((*array.shape[:-1], new.size), fill, array.dtype)
    for i, room in enumerate(old.room):
        at, to = int(old.base[i]), int(new.base[i])
        laid[..., to : to + room] = array[..., at : at + room]
    return laid


class PerCell:
    """Arrays indexed by node and cell: each node has a stretch, which grows when it is full.

    What is put in waits for `flush`: many values are entered at once in less time than each of them alone.
    """

    def __init__(self, nodes: int, room: int = 64) -> None:
        self.stretches = Stretches(np.arange(nodes, dtype=np.int64) * room, [room] * nodes)
        self._arrays: dict[str, tuple[Array, int]] = {}
        #: names of arrays → what waits for these, one after the other: node, cell, values
        self._waiting: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)

    def add(self, name: str, dtype: type, fill: int, *, planes: int | None = None) -> None:
        """Declare an array; `planes` gives it that many rows, each with an entry for every cell."""
        total = self.stretches.size
        shape = (total,) if planes is None else (planes, total)
        self._arrays[name] = (np.full(shape, fill, dtype), fill)

    def __getitem__(self, name: str) -> Array:
        """An array; nothing may wait to be entered."""
        assert not self._waiting, "flush before reading"
        return self._arrays[name][0]

    @property
    def base(self) -> Array:
        """Where each node's stretch begins, in every array; nothing may wait to be entered."""
        assert not self._waiting, "flush before reading"
        return self.stretches.base

    def at(self, node: int, cell: int) -> int:
        """The index of a node's cell in every array; nothing may wait to be entered."""
        return int(self.base[node]) + cell

    def put(self, names: tuple[str, ...], node: int, cell: int, values: tuple[int, ...]) -> None:
        """Set an entry of each of some arrays; where there are planes, there is a value for each.

        No value is negative if one of the arrays holds unsigned words.
        """
        self._waiting[names].extend((node, cell, *values))

    def flush(self) -> None:
        """Enter what waits."""
        if not self._waiting:
            return
        entries = {names: self._columns(names, waiting) for names, waiting in self._waiting.items()}
        most = np.zeros(len(self.stretches.room), np.int64)
        for nodes, cells, _ in entries.values():
            np.maximum.at(most, nodes, cells + 1)
        if (most > self.stretches.room).any():
            self._grow(most.tolist())
        for names, (nodes, cells, values) in entries.items():
            at, first = self.stretches.base[nodes] + cells, 0
            for name, count in zip(names, self._counts(names), strict=True):
                array, column = self._arrays[name][0], values[first : first + count]
                array[..., at] = column[0] if array.ndim == 1 else column
                first += count
        self._waiting.clear()  # last: an interrupted entering is begun again

    def _counts(self, names: tuple[str, ...]) -> list[int]:
        """How many values an entry has in each of some arrays."""
        shapes = (self._arrays[name][0].shape for name in names)
        return [1 if len(shape) == 1 else shape[0] for shape in shapes]

    def _columns(self, names: tuple[str, ...], waiting: list[int]) -> tuple[Array, Array, Array]:
        """What waits for some arrays: nodes, cells, and a row of values for each array and plane."""
        unsigned = any(self._arrays[name][0].dtype == np.uint64 for name in names)
        width = 2 + sum(self._counts(names))
        rows = np.array(waiting, np.uint64 if unsigned else np.int64).reshape(-1, width)
        nodes, cells = rows[:, :2].T.astype(np.int64)
        return nodes, cells, rows[:, 2:].T

    def _grow(self, most_of: list[int]) -> None:
        old = self.stretches
        wanted = zip(most_of, old.room, strict=True)
        room = [room if most <= room else max(most, 4 * room) for most, room in wanted]
        new = Stretches(np.array([sum(room[:i]) for i in range(len(room))], dtype=np.int64), room)
        named = self._arrays.items()
        arrays = {name: (relaid(array, fill, old, new), fill) for name, (array, fill) in named}
        self.stretches, self._arrays = new, arrays
