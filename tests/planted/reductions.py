"""Faults in the reductions: obligations that are not looked at, and states wrongly taken for alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from checker.engines.native import attempts, tables
from checker.engines.native.paths.unfold import Walk
from checker.engines.native.reductions.action import Action
from checker.engines.native.reductions.fusion import Fusion
from checker.engines.native.reductions.settling import Settling
from checker.engines.native.reductions.symmetry import Symmetry, SymmetryError
from checker.model.system import System

from .planting import in_kernel, instead, skipped

# Settling -------------------------------------------------------------------------------------------------

UNSOUND = "a settle that is unsound is taken for sound, and behaviour is lost"
skipped(
    Settling,
    "_check_here",
    "settling_here_not_looked_at",
    "that a message and its representative do the same here is not looked at",
    UNSOUND,
)
skipped(
    Settling,
    "_check_step",
    "settling_steps_not_looked_at",
    "that a choice is inherited by the next states is not looked at",
    UNSOUND,
)
skipped(
    Settling,
    "check_dropped",
    "settling_twins_not_looked_at",
    "that twins are dropped when one of them is taken is not looked at",
    UNSOUND,
)


@instead(tables, "settled_nodes", "what a property would see under way is dropped before it looks")
def settled_although_it_is_read(right: Any, system: System) -> list[bool]:
    """inboxes are settled that a property reads"""
    return right(replace(system, properties=()))


# Symmetry -------------------------------------------------------------------------------------------------

NONE = "a symmetry that is none is taken for one, and states are lost"
skipped(
    Symmetry,
    "check_initial",
    "symmetry_of_the_initial_state_not_looked_at",
    "that the initial state is its own image is not looked at",
    NONE,
)
skipped(
    Symmetry,
    "_check_local",
    "symmetry_of_local_states_not_looked_at",
    "that views and claims see of an image the image is not looked at",
    NONE,
)
skipped(
    Symmetry,
    "_check_steps",
    "symmetry_of_rules_not_looked_at",
    "that a rule treats an image as what it is the image of is not looked at",
    NONE,
)
skipped(
    Symmetry,
    "_check_made",
    "symmetry_of_step_claims_not_looked_at",
    "that a claim about a step holds of its images is not looked at",
    NONE,
)
skipped(
    Symmetry,
    "_check_settling",
    "symmetry_of_settling_not_looked_at",
    "that settling treats images alike is not looked at",
    NONE,
)
skipped(
    Symmetry,
    "_check_cell",
    "symmetry_of_inboxes_not_looked_at",
    "that views of what waits see of an image the image is not looked at",
    NONE,
)
skipped(
    Symmetry,
    "check_claims",
    "symmetry_of_claims_not_looked_at",
    "that a claim about several nodes holds of images is not looked at",
    NONE,
)


@instead(Symmetry, "_fail", "a violation by one of several nodes that are not alike is missed")
def assumed_symmetry_kept(right: Any, symmetry: Symmetry, *why: Any) -> None:
    """a symmetry that was only assumed is kept though it does not hold"""
    try:
        right(symmetry, *why)
    except SymmetryError as error:
        declared = {s.name for s in symmetry._system.symmetries if not s.assumed}
        if declared.intersection(error.names):
            raise


in_kernel(
    "expand",
    "image-not-the-least",
    "of all renamings that make the first cell least one is tried: not always the least image is kept",
    "states that are alike are explored twice, and the figures are wrong",
    old="        tried &= tried - _ONE\n",
    new="        tried = _ZERO\n",
)


@instead(Walk, "is_image", "a counterexample that symmetry helped to find cannot be told")
def images_not_recognised(right: Any, walk: Walk, state: Any, other: Any) -> bool:
    """on the way back a state stands for itself only, and not for its images"""
    return walk.stands_for(state) == other


@instead(Action, "same_orbit", "a counterexample among many alike cannot be told")
def orbits_of_large_groups_compared_by_one_image(right: Any, group: Action, one: Any, other: Any) -> bool:
    """of a large group too, two states are taken for images if what the kernel makes of them is equal"""
    return bool(group.canonical(one) == group.canonical(other))


# Fusion ---------------------------------------------------------------------------------------------------


@instead(Fusion, "is_silent", "what properties see in between is not judged")
def visible_step_fused(right: Any, fusion: Fusion, *step: Any) -> bool:
    """every step that sends nothing is silent, whether properties see it or not"""
    return True


@instead(Fusion, "row_steps", "a claim about a step is judged on a step that nobody takes")
def step_judged_from_where_it_began(
    right: Any, fusion: Fusion, node: int, local: int, inbox: Any
) -> Iterator:
    """after silent steps, the next one is judged from the local state before them"""
    for _, step, after, listed in right(fusion, node, local, inbox):
        yield local, step, after, listed


@instead(attempts, "against_fusion", "what properties see under way in between is not judged")
def fused_although_inboxes_are_read(right: Any, system: System) -> str | None:
    """steps that change an inbox only are silent, though a property reads it"""
    why = right(system)
    return None if why is not None and "under way" in why else why


skipped(
    Fusion,
    "check_post",
    "fusion_not_refused",
    "that a message may as well arrive after silent steps is not looked at",
    "steps are fused where they cannot be moved, and behaviour is lost",
)
