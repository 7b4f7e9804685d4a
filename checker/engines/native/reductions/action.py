"""How the symmetry group of a system acts on what has a number, and on states.

A group of renamings acts on cells through tables: each cell's image under each renaming is computed
once, in Python. The kernel takes the least of a state's images.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Generic, TypeVar

import numpy as np

from checker.engines.groups import Images, generated, same
from checker.engines.native.arrays import Array, Memo, PerCell, distinct
from checker.engines.native.kernel.layout import MAX_CELLS, MISSING, POST_CELL_BITS, Orbits
from checker.engines.native.numbering import Numbering, Parcel, Vector
from checker.engines.native.reductions.none import NoAction
from checker.model.values import Renaming

#: The kernel tries all renamings of a group up to this size on each state, and only swaps of a larger one.
ENUMERATED = 24

T = TypeVar("T", bound=Hashable)


class ByOrbit(Generic[T]):
    """Images of things that have numbers, by a function of renaming and thing, each of an orbit found once.

    What is first asked about begins an orbit. The image of an image of it is that under both renamings one
    after the other, so an orbit is a row with a place for each renaming, and not such a row for each thing.
    Whatever is asked about first is found first: nothing gets its number earlier than it would without.
    What symmetry is to prove, it proves of these images.
    """

    def __init__(self, after: Sequence[Sequence[int]], image: Callable[[int, T], T]) -> None:
        self._after = after
        self._image = image
        #: thing → its orbit's row, and the renaming under which it is the image of what that began with
        self._home: dict[T, tuple[list[T | None], int]] = {}

    def image(self, g: int, thing: T) -> T:
        """The image of a thing."""
        home = self._home.get(thing)
        if home is None:
            row: list[T | None] = [None] * len(self._after)
            row[0] = thing
            home = self._home[thing] = row, 0
        row, k = home
        at = self._after[g][k]
        found = row[at]
        if found is None:
            found = row[at] = self._image(g, thing)
            self._home.setdefault(found, (row, at))
        return found


def _products(group: Sequence[Images]) -> list[list[int]]:
    """For each two renamings the one that does what first the second does, then the first."""
    place = {name: k for k, name in enumerate(group[0])}
    moved = [tuple(place[g[name]] for name in place) for g in group]
    number = {places: g for g, places in enumerate(moved)}
    return [[number[tuple([then[k] for k in first])] for first in moved] for then in moved]


class Action(NoAction):
    """The action of a group of renamings, the identity first, on everything that has a number."""

    def __init__(self, numbering: Numbering, per_cell: PerCell, group: list[Images]) -> None:
        self._numbering = numbering
        self._per_cell = per_cell
        system = numbering.system
        self.group = group
        self.rename = [Renaming(g) for g in group]
        #: renaming → node → the node that it becomes
        self.position = [
            [system.positions[g.get(member.name, member.name)] for member in system.members] for g in group
        ]
        #: what the kernel tries on a state: the whole group or, if it is large, swaps that generate it
        self.whole = len(group) <= ENUMERATED
        self.tried = [*range(len(group))] if self.whole else [0, *self._swaps()]
        self.source = np.array([np.argsort(self.position[g]) for g in self.tried], np.int64)
        #: (renaming, node) → local state → its image, which is one of node `position[renaming][node]`
        self.locals: Memo[tuple[int, int], Memo[int, int]] = Memo(self._images_of_locals)
        #: renaming → message → its image
        self.messages: Memo[int, Memo[int, int]] = Memo(self._images_of_messages)
        #: (renaming, parcel) → its image
        self.parcels: Memo[tuple[int, Parcel], Parcel] = Memo(self._image_of_parcel)
        self._representatives: Memo[tuple[int, int], tuple[tuple[int, int], list[int]]] = Memo(
            self._representative
        )
        self._cells: Memo[tuple[int, int, int], int] = Memo(lambda what: self.cell(*what))
        #: of a group that is tried as a whole, two renamings → the one that does what they do, the second
        #: first; None where images are not to be had from others
        self._after = _products(group) if self.whole and self._is_action() else None
        self._image_of_local = self._of_orbits(self._renamed_local)
        self._image_of_message = self._of_orbits(self._renamed_message)
        self._image_of_cell = self._of_orbits(self._renamed_cell)
        per_cell.add("image", np.int32, MISSING, planes=len(self.tried))
        per_cell.add("front", np.uint64, 0)
        #: node → the renamings that bring it to the first position, where all are tried
        first = self.source[:, 0]
        self._to_front = {n: np.flatnonzero(first == n) for n in set(first.tolist()) if self.whole}

    def _is_action(self) -> bool:
        """Whether renaming twice is what both renamings do at once, whatever the value.

        That is so if no name is within another, or if one that has names within it becomes what it would if
        it were looked into.
        """
        generators = [g for symmetry in self._numbering.system.symmetries for g in symmetry.generators]
        for name in self.group[0]:
            within = [Renaming({a: b for a, b in g.items() if a != name})(name) for g in generators]
            whole = [g.get(name, name) for g in generators]
            if within not in (whole, [name] * len(whole)):
                return False
        return True

    def _of_orbits(self, image: Callable[[int, T], T]) -> Callable[[int, T], T]:
        return image if self._after is None else ByOrbit(self._after, image).image

    def _images_of_locals(self, place: tuple[int, int]) -> Memo[int, int]:
        g, node = place
        image = self._image_of_local
        return Memo(lambda local: image(g, (node, local))[1])

    def _renamed_local(self, g: int, place: tuple[int, int]) -> tuple[int, int]:
        node, local = place
        numbering, there = self._numbering, self.position[g][node]
        return there, numbering.local(there, self.rename[g](numbering.locals[node][local]))

    def _images_of_messages(self, g: int) -> Memo[int, int]:
        return Memo(partial(self._image_of_message, g))

    def _renamed_message(self, g: int, message: int) -> int:
        return self._numbering.message(self.rename[g](self._numbering.messages[message]))

    def _image_of_parcel(self, what: tuple[int, Parcel]) -> Parcel:
        g, parcel = what
        images = ((self.position[g][to], [self.messages[g][m] for m in sent]) for to, sent in parcel)
        return self._numbering.parcel(images)

    def cell(self, g: int, node: int, cell: int) -> int:
        """The image of a cell, which is one of node `position[g][node]`.

        It is in normal form if the cell is: settling commutes with renaming (`Symmetry`).
        """
        return self._image_of_cell(g, (node, cell))[1]

    def _renamed_cell(self, g: int, place: tuple[int, int]) -> tuple[int, int]:
        node, cell = place
        numbering, there = self._numbering, self.position[g][node]
        local, inbox = numbering.cells[node][cell]
        image = numbering.network.mapped(inbox, self.messages[g].__getitem__, self.rename[g])
        return there, numbering.cell(there, self.locals[g, node][local], image)

    def _swaps(self) -> list[int]:
        """Indices of the renamings of each symmetry that move the fewest names.

        For permutations these are all transpositions.
        """
        swaps: list[int] = []
        for symmetry in self._numbering.system.symmetries:
            subgroup = generated(list(symmetry.generators))
            moved = [sum(a != b for a, b in g.items()) for g in subgroup]
            fewest = min(count for count in moved if count)
            few = [g for g, count in zip(subgroup, moved, strict=True) if count == fewest]
            swaps += [k for k, g in enumerate(self.group) if any(same(g, other) for other in few)]
        return swaps

    def fill_images(self, node: int, where: list[int]) -> None:
        """Enter images of a node's cells under renamings that the kernel tries.

        `where` names both: the renaming's place above the cell's bits.
        """
        planes = [place >> POST_CELL_BITS for place in where]
        cells = [place & (MAX_CELLS - 1) for place in where]
        image, tried = self._image_of_cell, self.tried
        images = [image(tried[g], (node, cell))[1] for g, cell in zip(planes, cells, strict=True)]
        self._per_cell.flush()
        self._per_cell["image"][planes, np.array(cells) + self._per_cell.base[node]] = images
        if node in self._to_front:
            self._enter_front(node, distinct(np.array(cells)))

    def _enter_front(self, node: int, cells: Array) -> None:
        """Enter for some cells which renamings make them least in front, where it is known."""
        at, renamings = cells + self._per_cell.base[node], self._to_front[node]
        images = self._per_cell["image"][renamings[:, None], at].astype(np.int64)
        if renamings[0] == 0:
            images[0] = cells
        least = images.min(axis=0)
        bits = ((images == least) << renamings[:, None]).sum(axis=0)
        self._per_cell["front"][at] = np.where(least < 0, 0, bits << POST_CELL_BITS | least)

    def orbits(self) -> Orbits:
        """As the kernel takes it."""
        heads = np.array(sorted(self._to_front), np.int64)
        return Orbits(self._per_cell["image"], self.source, self.whole, self._per_cell["front"], heads)

    def canonical(self, state: Vector) -> Vector:
        """The orbit's representative as the kernel picks it.

        That is the least image or, if the group is large, a local minimum under swaps.
        """
        if self.whole:
            return min(self._image(g, state) for g in self.tried)
        improved = True
        while improved:
            improved = False
            for g in self.tried:
                image = self._image(g, state)
                if image < state:
                    state, improved = image, True
        return state

    def images(self, state: Vector) -> Iterable[Vector]:
        """All images of a state."""
        return (self._image(g, state) for g in range(len(self.group)))

    def same_orbit(self, one: Vector, other: Vector) -> bool:
        """Whether two states are images of each other.

        Of a group that the kernel does not try all of, what it takes for a state is no function of the
        orbit (`descend`): so two states that it keeps may be images of each other.
        """
        return one == other or any(
            all(
                self._cells[g, node, cell] == other[self.position[g][node]] for node, cell in enumerate(one)
            )
            for g in range(len(self.group))
        )

    def _image(self, g: int, state: Vector) -> Vector:
        image = [0] * len(state)
        for node, cell in enumerate(state):
            image[self.position[g][node]] = self.cell(g, node, cell)
        return tuple(image)

    def is_representative(self, node: int, local: int) -> bool:
        """Whether this local state of this node stands for all its images."""
        return self._representatives[node, local][0] == (node, local)

    def representative(self, node: int, local: int) -> tuple[tuple[int, int], Sequence[Memo[int, int]]]:
        """What stands for (node, local state), and what messages become under the renamings to it."""
        place, renamings = self._representatives[node, local]
        return place, [self.messages[g] for g in renamings]

    def at_representative(self, node: int, local: int, message: int) -> Iterator[tuple[int, int, int]]:
        """(node, local state, message) renamed so that the local state is the one that stands for it."""
        (there, image), renamings = self._representatives[node, local]
        for number in {self.messages[g][message] for g in renamings}:
            yield there, image, number

    def _representative(self, place: tuple[int, int]) -> tuple[tuple[int, int], list[int]]:
        """The least image of (node, local state), and all renamings that lead there."""
        node, local = place
        images = [
            ((self.position[g][node], self.locals[g, node][local]), g) for g in range(len(self.group))
        ]
        least = min(image for image, _ in images)
        return least, [g for image, g in images if image == least]
