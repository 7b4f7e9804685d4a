"""Symmetry: of all states that differ by the names of interchangeable things only, one is explored.

A group of renamings acts on cells through tables: each cell's image under each renaming is computed
once, in Python. The kernel takes the least of a state's images.

That two things are interchangeable is claimed by the model (`System.symmetries`) and checked here, on
generators of the group, for all that occurs: the initial state is its own image; a rule does to the
image of a local state and message the image of what it does to these; settling likewise; a view of
an image is the image of the view; a property holds of an image if and only if it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from checker.engines.native.arrays import Memo
from checker.engines.native.kernel.layout import MAX_CELLS, POST_CELL_BITS
from checker.engines.native.local import LocalStep, Parcel
from checker.engines.native.reductions.groups import GroupTooLargeError, Images, generated, same
from checker.engines.native.reductions.settling import DROPPED, ReductionError
from checker.engines.native.viewing import Group, Numbers
from checker.model.values import Renaming, show
from checker.model.vocabulary import shown_images

if TYPE_CHECKING:
    from checker.engines.native.tables import Tables

#: What a local step is computed from: node, local state, message taken (None for a wake).
Entry = tuple[int, int, int | None]

#: The kernel tries all renamings of a group up to this size on each state, and only swaps of a larger one.
ENUMERATED = 24
#: Local steps that are compared with their images between two looks at the limits.
AT_A_TIME = 16


@dataclass(frozen=True, slots=True)
class Image:
    """The image of a local state under a renaming, and how that maps locals of the node and messages."""

    renaming: int
    node: int
    local: int
    locals: Memo[int, int]
    messages: Memo[int, int]


class SymmetryError(ReductionError):
    """A symmetry that is none; `names` are those of the claims that it may be about."""

    def __init__(self, names: tuple[str, ...], reason: str, where: str = "") -> None:
        fault = f"is none: {reason}  [{where}]" if where else f"cannot be used: {reason}"
        super().__init__(f"the declared symmetry ({', '.join(names)}) {fault}; --no-symmetry does without")
        self.names, self.reason = names, reason


class Symmetries:
    """The group of a system, and its action on everything that has a number."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        system = tables.system
        generators = [g for s in system.symmetries for g in s.generators]
        self.group = self._whole_group()
        self._rename = [Renaming(g) for g in self.group]
        self._generators = [
            k for k, g in enumerate(self.group) if any(same(g, generator) for generator in generators)
        ]
        self.position = [
            [system.positions[g.get(member.name, member.name)] for member in system.members]
            for g in self.group
        ]
        #: what the kernel tries on a state: the whole group or, if it is large, swaps that generate it
        self.whole = len(self.group) <= ENUMERATED
        self.tried = range(len(self.group)) if self.whole else [0, *self._swaps()]
        self.source = np.array([np.argsort(self.position[g]) for g in self.tried], np.int64)
        self._local_images: Memo[tuple[int, int], Memo[int, int]] = Memo(self._images_of_locals)
        self._message_images: Memo[int, Memo[int, int]] = Memo(self._images_of_messages)
        self._parcel_images: Memo[tuple[int, Parcel], Parcel] = Memo(self._parcel_image)
        self._representatives: Memo[tuple[int, int], tuple[tuple[int, int], list[int]]] = Memo(
            self._representative
        )
        self._cell_images: Memo[tuple[int, int, int], int] = Memo(lambda what: self.cell(*what))
        self._todo: list[Entry] = []
        self._orbits: Memo[tuple[int, int], list[Image]] = Memo(self._orbit)
        self._view_images: Memo[tuple[int, Group], Memo[tuple[int, int], int]] = Memo(self._images_of_views)
        self._covered: set[Entry] = set()
        #: steps of nodes that properties are yet to find the same in as in their images, and those they did
        self._steps_made: list[tuple[int, int, int]] = []
        self._made: set[tuple[int, int, int]] = set()

    def _whole_group(self) -> list[Images]:
        generators: list[Images] = []
        group = generated(generators)
        for symmetry in self.tables.system.symmetries:
            generators += symmetry.generators
            try:
                group = generated(generators)
            except GroupTooLargeError as error:
                why = f"{error}, together with those before it" if len(group) > 1 else str(error)
                raise SymmetryError((symmetry.name,), why) from None
        return group

    # The action of the group ----------------------------------------------------------------------------

    def local(self, g: int, node: int, local: int) -> int:
        """The image of a local state, which is one of node `position[g][node]`."""
        return self._local_images[g, node][local]

    def message(self, g: int, message: int) -> int:
        """The image of a message."""
        return self._message_images[g][message]

    def _images_of_locals(self, place: tuple[int, int]) -> Memo[int, int]:
        g, node = place
        tables, renaming, there = self.tables, self._rename[g], self.position[g][node]
        return Memo(lambda local: tables.local_number(there, renaming(tables.locals[node][local])))

    def _images_of_messages(self, g: int) -> Memo[int, int]:
        tables, renaming = self.tables, self._rename[g]
        return Memo(lambda message: tables.message_number(renaming(tables.messages[message])))

    def cell(self, g: int, node: int, cell: int) -> int:
        """The image of a cell, which is one of node `position[g][node]`.

        It is in normal form if the cell is: settling commutes with renaming (`_check_settling`).
        """
        tables = self.tables
        local, inbox = tables.cells[node][cell]
        messages = self._message_images[g].__getitem__
        image = tables.network.mapped(inbox, messages, self._rename[g])
        return tables.intern(self.position[g][node], self._local_images[g, node][local], image)

    def _swaps(self) -> list[int]:
        """Of each symmetry the renamings that move the fewest names: for permutations, all swaps of two."""
        swaps: list[int] = []
        for symmetry in self.tables.system.symmetries:
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
        images = [self.cell(self.tried[g], node, cell) for g, cell in zip(planes, cells, strict=True)]
        per_cell = self.tables.per_cell
        per_cell["image"][planes, np.array(cells) + per_cell.base[node]] = images

    def canonical(self, state: tuple[int, ...]) -> tuple[int, ...]:
        """The image of a state that the kernel takes for it: the least, or where swaps end."""
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

    def same_orbit(self, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        """Whether two states are images of each other.

        Of a group that the kernel does not try all of, what it takes for a state is no function of the
        orbit (`descend`): so two states that it keeps may be images of each other.
        """
        return one == other or any(
            all(
                self._cell_images[g, node, cell] == other[self.position[g][node]]
                for node, cell in enumerate(one)
            )
            for g in range(len(self.group))
        )

    def _image(self, g: int, state: tuple[int, ...]) -> tuple[int, ...]:
        image = [0] * len(state)
        for node, cell in enumerate(state):
            image[self.position[g][node]] = self.cell(g, node, cell)
        return tuple(image)

    def is_representative(self, node: int, local: int) -> bool:
        """Whether this local state of this node stands for all its images."""
        return self._representatives[node, local][0] == (node, local)

    def at_representative(self, node: int, local: int, message: int) -> Iterator[tuple[int, int, int]]:
        """(node, local state, message) renamed so that the local state is the one that stands for it."""
        (there, image), renamings = self._representatives[node, local]
        for number in {self._message_images[g][message] for g in renamings}:
            yield there, image, number

    def _representative(self, place: tuple[int, int]) -> tuple[tuple[int, int], list[int]]:
        """The least image of (node, local state), and all renamings that lead there."""
        node, local = place
        images = [
            ((self.position[g][node], self._local_images[g, node][local]), g)
            for g in range(len(self.group))
        ]
        least = min(image for image, _ in images)
        return least, [g for image, g in images if image == least]

    # The obligations ------------------------------------------------------------------------------------

    def check_initial(self, state: tuple[int, ...]) -> None:
        """Check that the initial state is its own image. Raises ReductionError."""
        for g in self._generators:
            self.tables.statistics.obligations += 1
            for node, cell in enumerate(state):
                there = self.position[g][node]
                self._check_roles(g, node, there)
                image = self.cell(g, node, cell)
                if image != state[there]:
                    name, other = (show(self.tables.system.members[k].name) for k in (node, there))
                    begins, expected = (self._shown_cell(there, c) for c in (state[there], image))
                    self._fail(
                        g,
                        f"{other} does not begin as the image of {name}: it begins as {begins}, and that "
                        f"image is {expected}",
                    )

    def _check_roles(self, g: int, node: int, there: int) -> None:
        """Check that nodes take the same at once; that they do the same with it is checked step by step."""
        one, other = (self.tables.system.members[k] for k in (node, there))
        if one.role.immediate != other.role.immediate:
            self._fail(
                g, f"{show(one.name)} handles at once what {show(other.name)} does not, or the reverse"
            )

    def _shown_cell(self, node: int, cell: int) -> str:
        tables = self.tables
        local, inbox = tables.cells[node][cell]
        held = [show(tables.messages[m]) for m in tables.network.held(inbox)]  # type: ignore[call-overload]
        return show(tables.locals[node][local]) + (f" with {', '.join(sorted(held))}" if held else "")

    def steps(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        """Note local steps whose images are to be checked."""
        del steps
        self._todo.append((node, local, taken))

    def made(self, node: int, before: int, after: int) -> None:
        """Note that a node goes from one local state to another: images are to be judged alike."""
        if (node, before, after) not in self._made:
            self._steps_made.append((node, before, after))

    def discharge(self, is_over: Callable[[], bool]) -> None:
        """Check every obligation that has come up, unless the search is over. Raises ReductionError.

        One of each orbit is compared with all its images; so they all agree with each other.
        """
        while self._steps_made and not is_over():
            self._check_made(*self._steps_made.pop())
        while self._todo and not is_over():
            for _ in range(min(AT_A_TIME, len(self._todo))):
                self._check_entry(self._todo.pop())

    def _check_entry(self, entry: Entry) -> None:
        if entry in self._covered:
            return
        node, local, taken = entry
        for image in self._orbits[node, local]:
            message = None if taken is None else image.messages[taken]
            self._covered.add((image.node, image.local, message))
            self._check_steps(entry, image, message)

    def _orbit(self, place: tuple[int, int]) -> list[Image]:
        """All images of a local state, each compared with it."""
        node, local = place
        orbit = []
        for g in range(len(self.group)):
            there, locals_ = self.position[g][node], self._local_images[g, node]
            self._check_local(g, node, local)
            orbit.append(Image(g, there, locals_[local], locals_, self._message_images[g]))
        return orbit

    def _check_local(self, g: int, node: int, local: int) -> None:
        there, image = self.position[g][node], self.local(g, node, local)
        tables = self.tables
        tables.statistics.obligations += 1
        for group in (*tables.viewing.groups, *tables.viewing.terminal):
            if not group.reads[node]:
                continue
            number = group.number(node, tables.locals[node][local])
            if self._view_number(g, group, node, number) != group.number(
                there, tables.locals[there][image]
            ):
                self._fail(g, f"a view of {show(tables.locals[node][local])} is not renamed with it")
        if _claims(tables.bad.get((node, local))) != _claims(tables.bad.get((there, image))):
            self._fail(g, f"a property tells {show(tables.locals[node][local])} from its image")
        if tables.bound(node, local) != tables.bound(there, image):
            self._fail(g, f"a bound tells {show(tables.locals[node][local])} from its image")

    def _check_steps(self, entry: Entry, image: Image, message: int | None) -> None:
        tables = self.tables
        tables.statistics.obligations += 1
        node, local, taken = entry
        if taken is None or message is None:
            here, other = tables.wake_steps(node, local), tables.wake_steps(image.node, image.local)
        else:
            other = tables.steps[image.node, image.local][message]
            here = tables.steps[node, local][taken]
            self._check_settling(node, local, taken, image, message)
        if not here and not other:
            return
        g = image.renaming
        expected = {(image.locals[s.local], self._parcel_images[g, s.parcel], s.action) for s in here}
        if expected != {(s.local, s.parcel, s.action) for s in other}:
            what = show(tables.messages[taken]) if taken is not None else "a wake"
            self._fail(g, f"a rule treats {what} in {show(tables.locals[node][local])} unlike its image")

    def _check_made(self, node: int, before: int, after: int) -> None:
        tables = self.tables
        found = _claims(tables.judged_step(node, before, after))
        for g in range(len(self.group)):
            there, images = self.position[g][node], self._local_images[g, node]
            image = there, images[before], images[after]
            if image in self._made:
                continue
            self._made.add(image)
            tables.statistics.obligations += 1
            if _claims(tables.judged_step(*image)) != found:
                shown = show(tables.locals[node][before])
                self._fail(g, f"a property tells a step from {shown} from its image")

    def _check_settling(self, node: int, local: int, taken: int, image: Image, message: int) -> None:
        settling = self.tables.settling
        if settling is None:
            return
        chosen = settling.choices[node, local][taken]
        expected = DROPPED if chosen == DROPPED else image.messages[chosen]
        if settling.choices[image.node, image.local][message] != expected:
            self._fail(
                image.renaming,
                f"settling treats {show(self.tables.messages[taken])} unlike its image",
            )

    def _parcel_image(self, what: tuple[int, Parcel]) -> Parcel:
        g, parcel = what
        images = ((self.position[g][to], [self.message(g, m) for m in numbers]) for to, numbers in parcel)
        return self.tables.parcel(images)

    def check_claims(self, group: Group, numbers: Numbers) -> None:
        """Check that properties find in views what they find in all their images. Raises ReductionError."""
        found = _claims(group.findings(numbers))
        for g in range(1, len(self.group)):
            image = [-1] * len(numbers)
            for node, number in enumerate(numbers):
                if number >= 0:
                    image[self.position[g][node]] = self._view_number(g, group, node, number)
            self.tables.statistics.obligations += 1
            told = found ^ _claims(group.findings(tuple(image)))
            if told:
                self._fail(g, f"property {', '.join(sorted(told))} tells a state from its image")

    def _view_number(self, g: int, group: Group, node: int, number: int) -> int:
        """The number of the image of what a group sees of a node."""
        return self._view_images[g, group][node, number]

    def _images_of_views(self, what: tuple[int, Group]) -> Memo[tuple[int, int], int]:
        g, group = what

        def image(place: tuple[int, int]) -> int:
            node, number = place
            value = self._rename[g](group.values[node][number])
            return group.value_number(self.position[g][node], value)

        return Memo(image)

    def _fail(self, g: int, why: str) -> None:
        moved = {a for a, b in self.group[g].items() if a != b}
        names = tuple(
            s.name
            for s in self.tables.system.symmetries
            if any(a in moved and a != b for generator in s.generators for a, b in generator.items())
        )
        raise SymmetryError(names, why, f"renaming {shown_images(self.group[g])}")


def _claims(findings: Any) -> frozenset[str]:
    return frozenset(claim.id for claim, _ in findings or ())
