"""Which reductions are on, and the three of them together: what the search asks of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from checker.engines.contract import Applied, Reductions, Refused
from checker.engines.native.arrays import Array
from checker.engines.native.reductions.symmetry import SymmetryError
from checker.engines.native.tables import Tables
from checker.engines.native.viewing import Group, Numbers
from checker.model.system import System


def against_fusion(system: System) -> str | None:
    """Why a system cannot be explored with fusion; None if it can, as far as is known beforehand."""
    unkept = next((p for p in system.properties if p.kind.unfused), None)
    if unkept is None:
        return None
    return f"{unkept.id} is about {unkept.kind.unfused}, which fusion does not preserve"


def reduced_tables(system: System, reductions: Reductions) -> Tables:
    """The tables of a system under those of the reductions that apply to it."""
    settles = any(m.role.settle is not None for m in system.members) and system.network.unordered
    tables = Tables(
        system,
        fusion=reductions.fusion,
        settling=reductions.settling and settles,
        symmetry=reductions.symmetry and any(s.generators for s in system.symmetries),
    )
    if tables.symmetry is not None:
        tables.symmetry.check_initial(tables.initial())
    return tables


def discharge(tables: Tables, is_over: Callable[[], bool] = lambda: False) -> None:
    """Check every obligation that has come up, unless the search is over. Raises ReductionError."""
    settled = -1
    while settled != tables.statistics.obligations and not is_over():
        settled = tables.statistics.obligations
        if tables.symmetry is not None:
            tables.symmetry.discharge(is_over)
        if tables.settling is not None:
            tables.settling.discharge(is_over)


def canonical(tables: Tables, state: tuple[int, ...]) -> tuple[int, ...]:
    """The state that stands for all its images under the symmetry group."""
    return state if tables.symmetry is None else tables.symmetry.canonical(state)


def same_orbit(tables: Tables, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two states are images of each other under the symmetry group."""
    return one == other if tables.symmetry is None else tables.symmetry.same_orbit(one, other)


def group_arrays(tables: Tables) -> tuple[Array, Array, bool]:
    """The symmetry group for the kernel: images of cells, sources of positions, whether all is there."""
    if tables.symmetry is None:
        return np.zeros((1, 1), np.int32), np.arange(tables.nodes, dtype=np.int64).reshape(1, -1), True
    return tables.per_cell["image"], tables.symmetry.source, tables.symmetry.whole


def check_claims(tables: Tables, group: Group, numbers: Numbers) -> None:
    """Check that the group's properties are invariant under the symmetry. Raises ReductionError."""
    if tables.symmetry is not None:
        tables.symmetry.check_claims(group, numbers)


def applied(tables: Tables, refused: Refused) -> Applied:
    """Which reductions were on, and why one that was asked for was not."""
    symmetry = tables.symmetry
    return Applied(
        fusion=tables.fusion is not None,
        settling=tables.settling is not None,
        symmetry=None if symmetry is None else tuple(s.name for s in tables.system.symmetries),
        renamings=0 if symmetry is None else len(symmetry.group),
        refused=refused,
    )


def without_assumed(system: System, error: SymmetryError) -> System:
    """The system without the assumed symmetries that an error is about. Raises it if one was declared."""
    if not all(s.assumed for s in system.symmetries if s.name in error.names):
        raise error
    kept = tuple(s for s in system.symmetries if s.name not in error.names)
    return replace(system, symmetries=kept)
