"""Symmetry: of all states that differ by the names of interchangeable things only, one is explored.

A group of renamings acts on cells through tables: each cell's image under each renaming is computed
once, in Python. The kernel takes the least of a state's images.

That two things are interchangeable is claimed by the model (`System.symmetries`) and checked here, on
generators of the group, for all that occurs: the initial state is its own image; a rule does to the
image of a local state and message the image of what it does to these; settling likewise; a view of
an image is the image of the view; a property holds of an image if and only if it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from checker.native.settling import DROPPED, ReductionError
from checker.native.viewing import Group
from checker.values import rename, show

if TYPE_CHECKING:
    from checker.native.tables import LocalStep, Parcel, Tables

import numpy as np

Renaming = Mapping[Any, Any]

#: A group of more renamings than this is not enumerated.
MOST = 5040


def compose(first: Renaming, second: Renaming) -> dict[Any, Any]:
    """First the one renaming, then the other."""
    names = {**first, **second}
    return {name: second.get(first.get(name, name), first.get(name, name)) for name in names}


def generated(generators: list[Renaming]) -> list[Renaming]:
    """All renamings that the generators make, the identity first. Raises ReductionError if too many."""
    names = {name for g in generators for name in (*g.keys(), *g.values())}
    identity = {name: name for name in names}
    group: list[Renaming] = [identity]
    known = {frozenset(identity.items())}
    for element in group:
        for generator in generators:
            product = compose(element, generator)
            key = frozenset(product.items())
            if key not in known:
                known.add(key)
                group.append(product)
        if len(group) > MOST:
            raise ReductionError(f"the declared symmetry has more than {MOST:,} renamings")
    return group


class Symmetries:
    """The group of a system, and its action on everything that has a number."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        system = tables.system
        self._names = ", ".join(s.name for s in system.symmetries)
        generators = [g for s in system.symmetries for g in s.generators]
        self.group = generated(generators)
        self._generators = [
            k for k, g in enumerate(self.group) if any(_same(g, generator) for generator in generators)
        ]
        self.position = [
            [system.positions[g.get(member.name, member.name)] for member in system.members]
            for g in self.group
        ]
        self.source = np.array([np.argsort(row) for row in self.position], np.int64)
        self._local_images: dict[tuple[int, int, int], int] = {}
        self._message_images: dict[tuple[int, int], int] = {}
        self._todo: list[tuple[int, int, int | None]] = []
        self._locals_checked: set[tuple[int, int]] = set()

    # The action of the group ----------------------------------------------------------------------------

    def local(self, g: int, node: int, local: int) -> int:
        """The image of a local state, which is one of node `position[g][node]`."""
        key = (g, node, local)
        number = self._local_images.get(key)
        if number is None:
            image = rename(self.tables.locals[node][local], self.group[g])
            number = self.tables.local_number(self.position[g][node], image)
            self._local_images[key] = number
        return number

    def message(self, g: int, message: int) -> int:
        """The image of a message."""
        key = (g, message)
        number = self._message_images.get(key)
        if number is None:
            image = rename(self.tables.messages[message], self.group[g])
            number = self._message_images[key] = self.tables.message_number(image)
        return number

    def cell(self, g: int, node: int, cell: int) -> int:
        """The image of a cell, which is one of node `position[g][node]`."""
        tables = self.tables
        local, inbox = tables.cells[node][cell]
        renaming = self.group[g]
        image = tables.network.mapped(inbox, lambda m: self.message(g, m), lambda s: rename(s, renaming))
        return tables.cell_number(self.position[g][node], self.local(g, node, local), image)

    def fill_image(self, node: int, cell: int) -> None:
        """Enter the images of a cell."""
        for g in range(len(self.group)):
            image = self.cell(g, node, cell)
            self.tables.per_cell["image"][g, self.tables.per_cell.at(node, cell)] = image

    def canonical(self, state: tuple[int, ...]) -> tuple[int, ...]:
        """The least image of a state."""
        images = []
        for g in range(len(self.group)):
            image = [0] * len(state)
            for node, cell in enumerate(state):
                image[self.position[g][node]] = self.cell(g, node, cell)
            images.append(tuple(image))
        return min(images)

    def images_of(self, node: int, local: int, message: int) -> Iterator[tuple[int, int, int]]:
        """The images of (node, local state, message) under the generators."""
        for g in self._generators:
            yield self.position[g][node], self.local(g, node, local), self.message(g, message)

    # The obligations ------------------------------------------------------------------------------------

    def check_initial(self, state: tuple[int, ...]) -> None:
        """Check that the initial state is its own image. Raises ReductionError."""
        for g in self._generators:
            self.tables.statistics.obligations += 1
            for node, cell in enumerate(state):
                there = self.position[g][node]
                if self.cell(g, node, cell) != state[there]:
                    names = self.tables.system.members
                    self._fail(
                        g, f"{show(names[node].name)} does not begin as {show(names[there].name)} does"
                    )

    def steps(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        """Note local steps whose images are to be checked."""
        del steps
        self._todo.append((node, local, taken))

    def discharge(self) -> None:
        """Check every obligation that has come up. Raises ReductionError."""
        while self._todo:
            node, local, taken = self._todo.pop()
            for g in self._generators:
                self._check_local(g, node, local)
                self._check_steps(g, node, local, taken)

    def _check_local(self, g: int, node: int, local: int) -> None:
        if (g, node, local) in self._locals_checked:  # type: ignore[comparison-overlap]
            return
        self._locals_checked.add((g, node, local))  # type: ignore[arg-type]
        tables = self.tables
        tables.statistics.obligations += 1
        there, image = self.position[g][node], self.local(g, node, local)
        for group in (*tables.viewing.groups, *tables.viewing.terminal):
            seen = rename(group.view(node, tables.locals[node][local]), self.group[g])
            if seen != group.view(there, tables.locals[there][image]):
                self._fail(g, f"a view of {show(tables.locals[node][local])} is not renamed with it")
        if _claims(tables.bad.get((node, local))) != _claims(tables.bad.get((there, image))):
            self._fail(g, f"a property tells {show(tables.locals[node][local])} from its image")

    def _check_steps(self, g: int, node: int, local: int, taken: int | None) -> None:
        tables = self.tables
        tables.statistics.obligations += 1
        there, image = self.position[g][node], self.local(g, node, local)
        if taken is None:
            here, other = tables.wake_steps(node, local), tables.wake_steps(there, image)
        else:
            other = tables.steps(there, image, self.message(g, taken))
            here = tables.steps(node, local, taken)
            self._check_settling(g, node, local, taken)
        expected = {(self.local(g, node, s.local), self._parcel(g, s.parcel), s.action) for s in here}
        if expected != {(s.local, self._unordered(s.parcel), s.action) for s in other}:
            what = show(tables.messages[taken]) if taken is not None else "a wake"
            self._fail(g, f"a rule treats {what} in {show(tables.locals[node][local])} unlike its image")
        for s in here:
            key, key_image = (node, local, s.local), (there, image, self.local(g, node, s.local))
            if _claims(tables.bad.get(key)) != _claims(tables.bad.get(key_image)):
                self._fail(g, f"a property tells a step from {show(tables.locals[node][local])} from its image")

    def _check_settling(self, g: int, node: int, local: int, message: int) -> None:
        settling = self.tables.settling
        if settling is None:
            return
        chosen = settling.chosen(node, local, message)
        expected = DROPPED if chosen == DROPPED else self.message(g, chosen)
        there, image = self.position[g][node], self.local(g, node, local)
        if settling.chosen(there, image, self.message(g, message)) != expected:
            self._fail(g, f"settling treats {show(self.tables.messages[message])} unlike its image")

    def _parcel(self, g: int, parcel: Parcel) -> Any:
        images = ((self.position[g][to], tuple(self.message(g, m) for m in numbers)) for to, numbers in parcel)
        return self._unordered(tuple(images))

    def _unordered(self, parcel: Parcel) -> Any:
        """A parcel up to what the network does not tell apart."""
        unordered = self.tables.network.unordered
        return frozenset((to, frozenset(numbers) if unordered else numbers) for to, numbers in parcel)

    def check_claims(self, group: Group, seen: list[tuple[Any, ...] | None]) -> None:
        """Check that properties hold of what they see if and only if they hold of its images."""
        before = _claims(group.judge(seen, group.claims))
        for g in self._generators:
            self.tables.statistics.obligations += 1
            image: list[tuple[Any, ...] | None] = [None] * len(seen)
            for node, value in enumerate(seen):
                image[self.position[g][node]] = None if value is None else rename(value, self.group[g])
            after = _claims(group.judge(image, group.claims))
            if before != after:
                self._fail(g, f"property {', '.join(sorted(before ^ after))} tells a state from its image")

    def _fail(self, g: int, why: str) -> None:
        moved = ", ".join(f"{show(a)} → {show(b)}" for a, b in self.group[g].items() if a != b)
        raise ReductionError(f"the declared symmetry ({self._names}) is none: {why}  [renaming {moved}]")


def _same(one: Renaming, other: Renaming) -> bool:
    names = {*one, *other}
    return all(one.get(name, name) == other.get(name, name) for name in names)


def _claims(findings: Any) -> frozenset[str]:
    return frozenset(claim.id for claim, _ in findings or ())
