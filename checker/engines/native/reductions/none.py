"""No reductions: what a search asks of each reduction, answered as if there were none.

A reduction is derived from these and says what it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from checker.engines.contract import Applied
from checker.engines.native.arrays import Array, Memo
from checker.engines.native.kernel.layout import Commuting, Orbits, Shifts
from checker.engines.native.numbering import Vector
from checker.engines.native.steps import LocalStep, Steps
from checker.engines.native.viewing import Group, Numbers
from checker.model.semantics import State


class NoAction:
    """How a symmetry group acts on what has a number: nothing is anything else's image."""

    #: renamings that are tried on a state, and whether these are all
    tried: Sequence[int] = (0,)
    whole = True
    #: renaming → node → the node that it becomes; renaming → message → its image
    position: Sequence[Sequence[int]] = ()
    messages: Mapping[int, Mapping[int, int]] = MappingProxyType({})

    def __init__(self, nodes: int) -> None:
        self.source: Array = np.arange(nodes, dtype=np.int64).reshape(1, -1)

    def canonical(self, state: Vector) -> Vector:
        """The orbit's representative as the kernel picks it."""
        return state

    def images(self, state: Vector) -> Iterable[Vector]:
        """All images of a state."""
        return (state,)

    def same_orbit(self, one: Vector, other: Vector) -> bool:
        """Whether two states are images of each other."""
        return one == other

    def is_representative(self, node: int, local: int) -> bool:
        """Whether this local state of this node stands for all its images."""
        return True

    def representative(self, node: int, local: int) -> tuple[tuple[int, int], Sequence[Memo[int, int]]]:
        """What stands for (node, local state), and what messages become under the renamings to it."""
        return (node, local), (Memo(lambda message: message),)

    def at_representative(self, node: int, local: int, message: int) -> Iterable[tuple[int, int, int]]:
        """(node, local state, message) renamed so that the local state is the one that stands for it."""
        return ((node, local, message),)

    def fill_images(self, node: int, where: list[int]) -> None:
        """Enter images of a node's cells under renamings that the kernel tries."""

    def orbits(self) -> Orbits:
        """As the kernel takes it."""
        none = np.zeros(0, np.uint64), np.zeros(0, np.int64)
        return Orbits(np.zeros((1, 1), np.int32), self.source, self.whole, *none)


class NoSettling:
    """Every message is its own representative."""

    def normal(self, node: int, local: int, inbox: Any) -> Any:
        """The inbox with every message settled."""
        return inbox

    def settled(self, node: int, local: int, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """What is to be stored of messages that arrive, in their order."""
        return numbers

    def choices(self, node: int, local: int) -> Memo[int, int]:
        """Of a node in a local state: message → its representative's number, or DROPPED."""
        return Memo(lambda message: message)

    def settles(self, node: int) -> bool:
        """Whether the inbox of a node is settled."""
        return False

    def arrive(self, node: int, local: int, numbers: tuple[int, ...]) -> None:
        """Note that these messages may be in the inbox of a node in this local state."""

    def discharge(self, is_over: Callable[[], bool]) -> None:
        """Check every obligation that has come up, unless the search is over. Raises ReductionError."""

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return so_far


class NoSymmetry:
    """No claim that things are interchangeable, and so nothing to prove."""

    def check_initial(self, state: Vector) -> None:
        """Check that the initial state is its own image. Raises ReductionError."""

    def check_claims(self, group: Group, numbers: Numbers) -> None:
        """Check that properties find in views what they find in all their images. Raises ReductionError."""

    def discharge(self, is_over: Callable[[], bool]) -> None:
        """Check every obligation that has come up, unless the search is over. Raises ReductionError."""

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return so_far


class NoLowering:
    """No levels, and so nothing to lower."""

    def normal(self, state: Vector) -> Vector:
        """The state with all levels lowered by the lowest."""
        return state

    def fill_lowered(self, node: int, where: list[int]) -> None:
        """Enter what a node's cells become when levels are lowered."""

    def shifts(self) -> Shifts:
        """As the kernel takes it."""
        return Shifts(np.zeros(1, np.int32), np.zeros((0, 1), np.int32))


class NoShifting:
    """No claim that only differences between levels matter, and so nothing to prove."""

    def check_claims(self, group: Group, numbers: Numbers) -> None:
        """Check that properties find in views what they find where levels are larger. Raises ShiftError."""

    def check_real(self, state: State) -> None:
        """Check that steps of a real state are those of what is kept of it. Raises ShiftError."""

    def discharge(self, is_over: Callable[[], bool]) -> None:
        """Check every obligation that has come up, unless the search is over. Raises ShiftError."""

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return so_far


class NoOrdering:
    """Every step of every state is followed."""

    #: whether each interleaving is followed once
    on = False

    def __init__(self, why: str | None = None) -> None:
        self._why = why

    def fill(self, kind: int, x: int, missing: list[int]) -> None:
        """Note that it is asked for where moves are after something else."""

    def complete(self) -> None:
        """Make what is asked for."""

    def commuting(self) -> Commuting:
        """As the kernel takes it."""
        nothing = np.zeros(1, np.uint64)
        return Commuting(nothing, nothing, nothing.reshape(1, 1), nothing, nothing, 0, 0, 0)

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with why this was not if it was asked for."""
        return replace(so_far, refused=replace(so_far.refused, ordering=self._why))


class NoFusion:
    """Every step is listed by itself."""

    #: whether paths may have more steps than the search has levels
    shortens = False
    #: whether what arrives may be refused
    refuses = False

    def __init__(self, steps: Steps) -> None:
        self._choices = steps.choices

    def is_silent(self, node: int, before: int, after: int) -> bool:
        """Whether a step that sends nothing, between these local states, goes unseen."""
        return False

    def row_steps(self, node: int, local: int, inbox: Any) -> Iterator[tuple[int, LocalStep, Any, bool]]:
        """The steps a row is made of: (local before, step, inbox after, whether the row lists it)."""
        for step, after in self._choices(node, local, inbox):
            yield local, step, after, True

    def check_post(self, node: int, cell: int, after: int, sender: Any, numbers: tuple[int, ...]) -> None:
        """Check that messages may as well arrive after the silent steps as before them."""

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return so_far
