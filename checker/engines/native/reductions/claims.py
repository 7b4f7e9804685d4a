"""Which reductions are on: what is known beforehand, what was refused, and what is told of that."""

from __future__ import annotations

from dataclasses import replace

from checker.engines.contract import Applied, Refused
from checker.engines.native.reductions.none import NoFusion, NoSettling, NoSymmetry
from checker.engines.native.reductions.symmetry import SymmetryError
from checker.model.system import System


def against_fusion(system: System) -> str | None:
    """Why a system cannot be explored with fusion; None if it can, as far as is known beforehand."""
    unkept = next((p for p in system.properties if p.kind.unfused), None)
    if unkept is None:
        return None
    return f"{unkept.id} is about {unkept.kind.unfused}, which fusion does not preserve"


def applied(fusion: NoFusion, settling: NoSettling, symmetry: NoSymmetry, refused: Refused) -> Applied:
    """Which reductions were on, and why one that was asked for was not."""
    return symmetry.applied(settling.applied(fusion.applied(Applied(refused=refused))))


def without_assumed(system: System, error: SymmetryError) -> System:
    """The system without the assumed symmetries that an error is about. Raises it if one was declared."""
    if not all(s.assumed for s in system.symmetries if s.name in error.names):
        raise error
    kept = tuple(s for s in system.symmetries if s.name not in error.names)
    return replace(system, symmetries=kept)
