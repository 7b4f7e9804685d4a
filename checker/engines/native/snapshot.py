"""A snapshot: the tables as the kernel takes them, for those who expand states.

Who has one can read it and no more. It stays as it is as long as the tables are not filled, which happens
between rounds; a worker in another process would be sent a copy.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from checker.engines.native.arrays import Array, Stretches
from checker.engines.native.kernel.layout import (
    MOST_PLACES,
    Commuting,
    Fields,
    Graph,
    Looks,
    Orbits,
    Owning,
    Shifts,
)
from checker.engines.native.states.words import Packing

_Arrays = TypeVar("_Arrays", bound=tuple[Any, ...])


class Snapshot(NamedTuple):
    """The tables at one time, and how states are packed and shared then."""

    packing: Packing
    fields: Fields
    graph: Graph
    orbits: Orbits
    shifts: Shifts
    commuting: Commuting
    owning: Owning
    looks: Looks
    #: where each node's cells are in arrays with an entry for every cell
    stretches: Stretches
    #: whether properties are judged on terminal states
    judges_ends: bool
    #: whether each interleaving is followed once
    in_order: bool
    #: for each node the most moves out of a cell
    widest: tuple[int, ...]

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.stretches.room)

    @property
    def groups(self) -> int:
        """How many groups of properties read combinations of views."""
        return int(self.looks.views.shape[0])

    def shown(self, group: int, state: Array) -> int:
        """The combination of views that a state shows to a group, as the kernel adds it up."""
        return int(self.looks.views[group][state + self.fields.base].sum(dtype=np.uint64))

    @property
    def room_for_misses(self) -> int:
        """The size of a table that holds all that a state may lack.

        That is a row for each node and, for each successor, a post for each node, and an image of each
        node's cell under each renaming but one, which changes nothing, and with its levels lowered. The
        table stays half empty, and its size is a power of two. Maps of places (`Commuting`) are one for
        each node's cell, and one for each move that may be asleep.
        """
        renamings = int(self.orbits.source.shape[0])
        lacking = self.nodes + self.graph.most * self.nodes * (2 + renamings + MOST_PLACES * self.in_order)
        return 1 << (4 * lacking).bit_length()


def read_only(arrays: _Arrays) -> _Arrays:
    """A named tuple whose arrays may not be written to."""
    make: Any = type(arrays)
    return cast("_Arrays", make(*map(_view, arrays)))


def _view(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value
