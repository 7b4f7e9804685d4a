"""Which reductions are on: what is known beforehand, what was refused, and what is told of that."""

from __future__ import annotations

from dataclasses import dataclass, replace

from checker.engines.native.reductions.none import NoFusion, NoSettling, NoSymmetry
from checker.engines.native.reductions.symmetry import SymmetryError
from checker.model.properties import Kind
from checker.model.system import System


def against_fusion(system: System) -> str | None:
    """Why a system cannot be explored with fusion; None if it can, as far as is known beforehand."""
    terminal = next((p.id for p in system.properties if p.kind is Kind.TERMINAL), None)
    return f"{terminal} is about terminal states, which fusion does not preserve" if terminal else None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why reductions that were asked for are off: fusion, symmetries by their names, or all of them."""

    fusion: str | None = None
    all: str | None = None
    symmetries: tuple[tuple[tuple[str, ...], str], ...] = ()


def described(
    fusion: NoFusion, settling: NoSettling, symmetry: NoSymmetry, refused: Refused
) -> tuple[str, ...]:
    """For people: which reductions were on, and why one that was asked for was not."""
    lines = [*fusion.described()]
    if refused.fusion is not None and not lines:
        lines.append(f"no fusion ({refused.fusion})")
    lines += [*settling.described(), *symmetry.described()]
    lines += [f"no symmetry of {' and '.join(names)} ({why})" for names, why in refused.symmetries]
    if refused.all is not None:
        lines.append(f"no reduction (what one would look at makes a rule raise: {refused.all})")
    return tuple(lines)


def without_assumed(system: System, error: SymmetryError) -> System:
    """The system without the assumed symmetries that an error is about. Raises it if one was declared."""
    if not all(s.assumed for s in system.symmetries if s.name in error.names):
        raise error
    kept = tuple(s for s in system.symmetries if s.name not in error.names)
    return replace(system, symmetries=kept)
