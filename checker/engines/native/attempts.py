"""Attempts: a search under the reductions that are sound for it, begun anew where one turns out not to be.

Fusion is left off where it would not be sound, and so is a symmetry that was only assumed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, TypeVar

from checker.engines.contract import UNREDUCED, Reductions, Refused
from checker.engines.native.reductions.claims import (
    about_runs,
    against_fusion,
    against_settling,
    against_symmetries,
    without_assumed,
)
from checker.engines.native.reductions.fusion import FusionRefused
from checker.engines.native.reductions.symmetry import SymmetryError
from checker.model.semantics import ModelError
from checker.model.system import System

T_co = TypeVar("T_co", covariant=True)


class Attempt(Protocol[T_co]):
    """What is done with a system under some reductions; why others are off is for its account."""

    def __call__(self, system: System, reductions: Reductions, refused: Refused) -> T_co:
        """Raises FusionRefused, SymmetryError or ModelError where a reduction is not sound."""


def soundly(
    system: System,
    reductions: Reductions,
    attempt: Attempt[T_co],
    no_fusion: str = "",
    known: Refused | None = None,
) -> T_co:
    """What comes of an attempt under as many of some reductions as are sound.

    `no_fusion` says why there is to be none, if there is not. `known` is what attempts that were made
    before have refused. Raises settling.ReductionError if a symmetry
    that was declared is none or an obligation of settling is not met.
    """
    against = (no_fusion or against_fusion(system)) if reductions.fusion else None
    refused = Refused(
        against,
        symmetries=against_symmetries(system) if reductions.symmetry else (),
        settling=against_settling(system) if reductions.settling else None,
    )
    if about_runs(system) is not None:
        system = replace(system, symmetries=())
    fitting = replace(reductions, fusion=reductions.fusion and against is None)
    if known is not None:
        refused, out = known, {name for names, _ in known.symmetries for name in names}
        system = replace(system, symmetries=tuple(s for s in system.symmetries if s.name not in out))
        fitting = replace(fitting, fusion=fitting.fusion and known.fusion is None)
        fitting = fitting if known.all is None else UNREDUCED
    while True:
        try:
            return attempt(system, fitting, refused)
        except ModelError as error:
            # it came of a message or local state that a reduction looks at, and that there may not be
            if fitting == UNREDUCED:
                raise
            fitting, refused = UNREDUCED, replace(refused, all=str(error))
        except FusionRefused as reason:
            fitting, refused = replace(fitting, fusion=False), replace(refused, fusion=str(reason))
        except SymmetryError as error:
            system = without_assumed(system, error)
            refused = replace(refused, symmetries=(*refused.symmetries, (error.names, error.reason)))
