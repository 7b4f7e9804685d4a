"""Symmetry: of all states that differ by the names of interchangeable things only, one is explored.

How a group of renamings acts, and which of a state's images is explored, is told by action.py.

That two things are interchangeable is claimed by the model (`System.symmetries`) and checked here, on
generators of the group, for all that occurs: the initial state is its own image; a rule does to the
image of a local state and message the image of what it does to these; settling likewise; a view of
an image is the image of the view; a property holds of an image if and only if it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from checker.engines.contract import Applied
from checker.engines.groups import GroupTooLargeError, Images, generated, same
from checker.engines.native.arrays import Memo
from checker.engines.native.counts import Counts
from checker.engines.native.facts import Facts
from checker.engines.native.findings import Findings
from checker.engines.native.numbering import Numbering, Vector
from checker.engines.native.reductions.action import Action
from checker.engines.native.reductions.none import NoSettling, NoSymmetry
from checker.engines.native.reductions.settling import DROPPED, ReductionError
from checker.engines.native.steps import LocalStep, Steps
from checker.engines.native.viewing import Aspect, Group, Numbers, Viewing
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import shown_images

#: What a local step is computed from: node, local state, message taken (None for a wake).
Entry = tuple[int, int, int | None]

#: Local steps that are compared with their images between two looks at the limits.
AT_A_TIME = 16


@dataclass(frozen=True, slots=True)
class Image:
    """The image of a local state under a renaming: what is known there, and how that maps what is here."""

    renaming: int
    node: int
    local: int
    #: message → steps there, and its representative there
    steps: Memo[int, tuple[LocalStep, ...]]
    choices: Memo[int, int]
    #: local state here, message here → its image
    locals: Memo[int, int]
    messages: Memo[int, int]


class SymmetryError(ReductionError):
    """A symmetry that is none; `names` are those of the claims that it may be about."""

    def __init__(self, names: tuple[str, ...], reason: str, where: str = "") -> None:
        fault = f"is none: {reason}  [{where}]" if where else f"cannot be used: {reason}"
        super().__init__(f"the declared symmetry ({', '.join(names)}) {fault}; --no-symmetry does without")
        self.names, self.reason = names, reason


def whole_group(system: System) -> list[Images]:
    """All renamings that a system's symmetries generate, the identity first. Raises SymmetryError."""
    generators: list[Images] = []
    group = generated(generators)
    for symmetry in system.symmetries:
        generators += symmetry.generators
        try:
            group = generated(generators)
        except GroupTooLargeError as error:
            why = f"{error}, together with those before it" if len(group) > 1 else str(error)
            raise SymmetryError((symmetry.name,), why) from None
    return group


class Symmetry(NoSymmetry):
    """The obligations that make it sound to explore one state of each orbit."""

    def __init__(
        self,
        action: Action,
        numbering: Numbering,
        steps: Steps,
        settling: NoSettling,
        *,
        findings: Findings,
        viewing: Viewing,
        facts: Facts,
        counts: Counts,
    ) -> None:
        self._action = action
        self._numbering = numbering
        self._system = system = numbering.system
        self._steps = steps
        self._settling = settling
        self._findings = findings
        self._viewing = viewing
        self._facts = facts
        self._counts = counts
        self._group = range(len(action.group))
        generators = [g for s in system.symmetries for g in s.generators]
        self._generators = [
            k for k, g in enumerate(action.group) if any(same(g, generator) for generator in generators)
        ]
        #: local steps that are yet to be compared with their images
        self._todo: list[Entry] = []
        self._covered: set[Entry] = set()
        self._orbits: Memo[tuple[int, int], list[Image]] = Memo(self._orbit)
        self._view_images: Memo[tuple[int, Group], Memo[tuple[int, int], int]] = Memo(self._images_of_views)
        #: steps of nodes that properties are yet to find the same in as in their images, and those they did
        self._steps_made: list[tuple[int, int, int]] = []
        self._made: set[tuple[int, int, int]] = set()
        #: cells whose inboxes properties read and that are yet to be compared with their images, and those
        #: that were
        self._cells: list[tuple[int, int]] = []
        self._compared: set[tuple[int, int]] = set()
        if any(viewing.waits):
            numbering.of_cells.append(self.numbered)
        steps.watchers.append(self.computed)
        findings.watchers.append(self.made)

    # The obligations ------------------------------------------------------------------------------------

    def check_initial(self, state: Vector) -> None:
        """Check that the initial state is its own image. Raises ReductionError."""
        for g in self._generators:
            self._counts.obligations += 1
            for node, cell in enumerate(state):
                there = self._action.position[g][node]
                self._check_roles(g, node, there)
                image = self._action.cell(g, node, cell)
                if image != state[there]:
                    name, other = (show(self._system.members[k].name) for k in (node, there))
                    begins, expected = (self._shown_cell(there, c) for c in (state[there], image))
                    self._fail(
                        g,
                        f"{other} does not begin as the image of {name}: it begins as {begins}, and that "
                        f"image is {expected}",
                    )

    def _check_roles(self, g: int, node: int, there: int) -> None:
        """Check that nodes take the same at once; that they do the same with it is checked step by step."""
        one, other = (self._system.members[k] for k in (node, there))
        if one.role.immediate != other.role.immediate:
            self._fail(
                g, f"{show(one.name)} handles at once what {show(other.name)} does not, or the reverse"
            )

    def _shown_cell(self, node: int, cell: int) -> str:
        local, inbox = self._numbering.cells[node][cell]
        held = [show(self._numbering.messages[m]) for m in self._numbering.network.held(inbox)]  # type: ignore[call-overload]
        return show(self._numbering.locals[node][local]) + (
            f" with {', '.join(sorted(held))}" if held else ""
        )

    def computed(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        """Note local steps whose images are to be checked."""
        self._todo.append((node, local, taken))

    def made(self, node: int, before: int, after: int) -> None:
        """Note that a node goes from one local state to another: images are to be judged alike."""
        if (node, before, after) not in self._made:
            self._steps_made.append((node, before, after))

    def numbered(self, node: int, cell: int) -> None:
        """Note a cell whose inbox properties read: they are to see the like in its images."""
        if self._viewing.waits[node]:
            self._cells.append((node, cell))

    def discharge(self, is_over: Callable[[], bool]) -> None:
        """Check every obligation that has come up, unless the search is over. Raises ReductionError.

        One of each orbit is compared with all its images; so they all agree with each other.
        """
        while self._cells and not is_over():
            self._check_cell(*self._cells.pop())
        while self._steps_made and not is_over():
            self._check_made(*self._steps_made.pop())
        while self._todo and not is_over():
            for _ in range(min(AT_A_TIME, len(self._todo))):
                self._check_entry(self._todo.pop())

    def _check_entry(self, entry: Entry) -> None:
        if entry in self._covered:
            return
        node, local, taken = entry
        self._covered.add(entry)
        if taken is None:
            self._check_wakes(node, local)
            return
        here, chosen = self._steps.of[node, local][taken], self._settling.choices(node, local)[taken]
        for image in self._orbits[node, local]:
            message = image.messages[taken]
            self._covered.add((image.node, image.local, message))
            self._counts.obligations += 1
            there = image.steps[message]
            if here or there:
                self._check_steps(entry, here, image, there)
            self._check_settling(entry, chosen, image, image.choices[message])

    def _check_wakes(self, node: int, local: int) -> None:
        here = self._steps.wakes[node, local]
        for image in self._orbits[node, local]:
            self._covered.add((image.node, image.local, None))
            self._counts.obligations += 1
            there = self._steps.wakes[image.node, image.local]
            self._check_steps((node, local, None), here, image, there)

    def _orbit(self, place: tuple[int, int]) -> list[Image]:
        """All images of a local state but the one under the identity, each compared with it."""
        node, local = place
        orbit = []
        for g in self._group[1:]:
            there, locals_ = self._action.position[g][node], self._action.locals[g, node]
            self._check_local(g, node, local)
            image = locals_[local]
            steps, choices = self._steps.of[there, image], self._settling.choices(there, image)
            orbit.append(Image(g, there, image, steps, choices, locals_, self._action.messages[g]))
        return orbit

    def _check_local(self, g: int, node: int, local: int) -> None:
        there, image = self._action.position[g][node], self._action.locals[g, node][local]
        self._counts.obligations += 1
        if not self._viewing.waits[node]:
            self._check_views(g, (node, local, None), (there, image, None))
        if _claims(self._findings.at.get((node, local))) != _claims(self._findings.at.get((there, image))):
            self._fail(g, f"a property tells {show(self._numbering.locals[node][local])} from its image")
        if self._facts.bound(node, local) != self._facts.bound(there, image):
            self._fail(g, f"a bound tells {show(self._numbering.locals[node][local])} from its image")

    def _check_views(self, g: int, here: Aspect, there: Aspect) -> None:
        node, local, inbox = here
        groups = (*self._viewing.groups, *self._viewing.terminal)
        seen, renamed = self._viewing.seen(here), self._viewing.seen(there)
        for group, number, other in zip(groups, seen, renamed, strict=True):
            if group.reads[node] and self._view_number(g, group, node, number) != other:
                where = show(self._numbering.locals[node][local])
                where += "" if inbox is None else " or of what waits there"
                self._fail(g, f"a view of {where} is not renamed with it")

    def _check_cell(self, node: int, cell: int) -> None:
        """Check that the views of a cell, where inboxes are read, are renamed with it."""
        if (node, cell) in self._compared:
            return
        here = self._viewing.aspect(node, cell)
        for g in self._group:
            there, image = self._action.position[g][node], self._action.cell(g, node, cell)
            self._compared.add((there, image))
            self._counts.obligations += 1
            self._check_views(g, here, self._viewing.aspect(there, image))

    def _check_steps(
        self, entry: Entry, here: tuple[LocalStep, ...], image: Image, there: tuple[LocalStep, ...]
    ) -> None:
        g, parcels = image.renaming, self._action.parcels
        expected = {(image.locals[s.local], parcels[g, s.parcel], s.action) for s in here}
        if expected != {(s.local, s.parcel, s.action) for s in there}:
            node, local, taken = entry
            what = show(self._numbering.messages[taken]) if taken is not None else "a wake"
            self._fail(
                g, f"a rule treats {what} in {show(self._numbering.locals[node][local])} unlike its image"
            )

    def _check_settling(self, entry: Entry, chosen: int, image: Image, there: int) -> None:
        if there != (chosen if chosen == DROPPED else image.messages[chosen]):
            assert entry[2] is not None
            message = show(self._numbering.messages[entry[2]])
            self._fail(image.renaming, f"settling treats {message} unlike its image")

    def _check_made(self, node: int, before: int, after: int) -> None:
        found = _claims(self._findings.of_step(node, before, after))
        for g in self._group:
            there, images = self._action.position[g][node], self._action.locals[g, node]
            image = there, images[before], images[after]
            if image in self._made:
                continue
            self._made.add(image)
            self._counts.obligations += 1
            if _claims(self._findings.of_step(*image)) != found:
                shown = show(self._numbering.locals[node][before])
                self._fail(g, f"a property tells a step from {shown} from its image")

    def check_claims(self, group: Group, numbers: Numbers) -> None:
        """Check that properties find in views what they find in all their images. Raises ReductionError."""
        found = _claims(group.findings(numbers))
        for g in self._group[1:]:
            image = [-1] * len(numbers)
            for node, number in enumerate(numbers):
                if number >= 0:
                    image[self._action.position[g][node]] = self._view_number(g, group, node, number)
            self._counts.obligations += 1
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
            value = self._action.rename[g](group.values[node][number])
            return group.value_number(self._action.position[g][node], value)

        return Memo(image)

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        names = tuple(s.name for s in self._system.symmetries)
        return replace(so_far, symmetry=names, renamings=len(self._action.group))

    def _fail(self, g: int, why: str) -> None:
        moved = {a for a, b in self._action.group[g].items() if a != b}
        names = tuple(
            s.name
            for s in self._system.symmetries
            if any(a in moved and a != b for generator in s.generators for a, b in generator.items())
        )
        raise SymmetryError(names, why, f"renaming {shown_images(self._action.group[g])}")


def _claims(findings: Any) -> frozenset[str]:
    return frozenset(claim.id for claim, _ in findings or ())
