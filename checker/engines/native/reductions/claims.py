"""Which reductions are on: what is known beforehand, what was refused, and what is told of that."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from checker.engines.contract import Applied, Refused
from checker.engines.native.reductions.none import (
    NoFusion,
    NoOrdering,
    NoSettling,
    NoShifting,
    NoSymmetry,
)
from checker.engines.native.reductions.symmetry import SymmetryError
from checker.model.claims import UnsoundClaim
from checker.model.processes import roles_of
from checker.model.properties import On, Property
from checker.model.system import System


def against_fusion(system: System) -> str | None:
    """Why a system cannot be explored with fusion; None if it can, as far as is known beforehand."""
    if system.shift is not None:
        return f"{system.shift.name} have no end, and a step that is put off may lead beyond the spread"
    unkept = next((p for p in system.properties if p.kind.unfused), None)
    if unkept is not None:
        return f"{unkept.id} is about {unkept.kind.unfused}, which fusion does not preserve"
    reading = next(iter(_whose_inboxes_are_read(system).values()), None)
    return None if reading is None else f"{reading} reads what is under way, which silent steps change"


def against_ordering(system: System, *, whole: bool) -> str | None:
    """Why every step of a system is to be followed; None if each interleaving may be followed once.

    `whole` is whether one state is kept of each orbit, so that it does not matter on which way it is found.
    """
    if system.shift is not None:
        return f"{system.shift.name} have no end, and of two orders of steps one may lead beyond the spread"
    kinds = (On.FUTURE, On.RUN)
    claim = next((p for p in system.properties if p.kind.on in kinds), None)
    if claim is not None:
        return f"{claim.id} is about all steps"
    return None if whole else "there are so many renamings that several states of an orbit are kept"


def settled_nodes(system: System) -> list[bool]:
    """Whether a node's inbox can be settled: its role says how, and no property reads what waits there.

    What a property reads is what was sent, and not what represents it.
    """
    read = _whose_inboxes_are_read(system)
    if about_runs(system) is not None:
        return [False for _ in system.members]
    settles = [m.role.settle is not None and not roles_of([m]) & read.keys() for m in system.members]
    return [system.network.unordered and does for does in settles]


def against_settling(system: System) -> str | None:
    """Of which roles inboxes are not settled although they could be, and why; None if there are none."""
    runs = about_runs(system)
    if runs is not None:
        return f"({runs.id} is about {runs.kind.unfused})"
    read = _whose_inboxes_are_read(system)
    able = [m for m in system.members if m.role.settle is not None and system.network.unordered]
    roles = [role for role in read if role in roles_of(able)]
    return f"of {' and '.join(roles)} ({read[roles[0]]} reads what waits there)" if roles else None


def about_runs(system: System) -> Property | None:
    """A temporal property, if there is one: what states stand for others is then told of no run."""
    return next((p for p in system.properties if p.kind.on is On.RUN), None)


def against_symmetries(system: System) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Why no symmetry can be used, for all of them; nothing if they can."""
    runs, names = about_runs(system), tuple(s.name for s in system.symmetries)
    return () if runs is None or not names else ((names, f"{runs.id} is about {runs.kind.unfused}"),)


def _whose_inboxes_are_read(system: System) -> dict[str, str]:
    """Role → the first property that reads what is under way to such nodes."""
    views = ((p, view) for p in system.properties for read in p.readings() for view in read if view.inbox)
    return {view.role: p.id for p, view in reversed(list(views))}


class Reduced(Protocol):
    """What reductions there are."""

    fusion: NoFusion
    settling: NoSettling
    symmetry: NoSymmetry
    shifting: NoShifting
    ordering: NoOrdering


def applied(reduced: Reduced, refused: Refused) -> Applied:
    """Which reductions were on, and why one that was asked for was not."""
    found = Applied(refused=refused)
    for reduction in (reduced.fusion, reduced.settling, reduced.symmetry, reduced.shifting):
        found = reduction.applied(found)
    return reduced.ordering.applied(found)


def is_assumed(system: System, error: UnsoundClaim) -> bool:
    """Whether an error is about symmetries that were only assumed, which can be left out."""
    if not isinstance(error, SymmetryError):
        return False
    return all(s.assumed for s in system.symmetries if s.name in error.names)


def without_assumed(system: System, error: SymmetryError) -> System:
    """The system without the assumed symmetries that an error is about. Raises it if one was declared."""
    if not is_assumed(system, error):
        raise error
    kept = tuple(s for s in system.symmetries if s.name not in error.names)
    return replace(system, symmetries=kept)
