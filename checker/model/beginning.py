"""A system that begins in another state: what can happen from there, asked as of any other system.

Its states are those of the system that can be reached from that state, and their steps the same ones, in
the same order: so a path of one that begins there goes on a path of the other that leads there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checker.model.semantics import State
from checker.model.system import System
from checker.model.values import Renaming
from checker.model.vocabulary import Symmetry


def beginning_in(system: System, state: State) -> System:
    """The system, but runs begin in `state`, one of those that it can reach.

    What is interchangeable at first need not be so in that state: of its symmetries those renamings stay
    that leave the state as it is. Raises ValueError for what is no state of the system.
    """
    if len(state) != len(system.members):
        raise ValueError(f"a state of {system.name} has {len(system.members)} cells, and not {len(state)}")
    kept = (
        Symmetry(s.name, tuple(g for g in s.generators if _leaves(system, g, state)), s.assumed)
        for s in system.symmetries
    )
    return replace(system, first=state, symmetries=tuple(s for s in kept if s.generators))


def _leaves(system: System, images: Mapping[Any, Any], state: State) -> bool:
    """Whether a state is its own image under a renaming."""
    renaming, mapped = Renaming(images), system.network.mapped
    for member, cell in zip(system.members, state, strict=True):
        there = state[system.positions[images.get(member.name, member.name)]]
        if (renaming(cell.local), mapped(cell.inbox, renaming, renaming)) != (there.local, there.inbox):
            return False
    return True
