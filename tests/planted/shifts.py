"""Faults in how states are kept up to a shift, and in what makes that sound."""

from __future__ import annotations

from typing import Any

from checker.engines.kept import Kept
from checker.engines.native.levels import CellLevels
from checker.engines.native.reductions.ageing import Ageing
from checker.engines.native.reductions.lowering import Lowering
from checker.engines.native.reductions.shifting import Shifting
from checker.engines.shiftclaims import ShiftClaims

from .planting import instead, skipped


@instead(CellLevels, "is_high", "states are cut within the spread, and what follows them is not looked at")
def spread_smaller_by_one(right: Any, levels: CellLevels, node: int, cell: int) -> bool:
    """a state whose levels are as far apart as they may be is cut"""
    known = levels.of(node, *levels._numbering.cells[node][cell])
    return known is not None and known.high >= levels.shift.spread


@instead(CellLevels, "lowest", "one state is kept as several, and nothing ends where nothing is lowered")
def lowest_of_local_states_only(right: Any, levels: CellLevels, node: int, cell: int) -> int:
    """the levels of what waits are not looked at when the lowest one is looked for"""
    known = levels.of(node, levels._numbering.cells[node][cell].local, ())
    return right(levels, node, cell) if known is None else known.low


@instead(Lowering, "normal", "a counterexample at levels that have risen cannot be told")
def real_states_not_lowered(right: Any, lowering: Lowering, state: Any) -> Any:
    """a real state is compared with what is kept of it as it is"""
    return state


@instead(Kept, "real", "a path is told in the steps of other states than those it leads through")
def paths_not_retraced(right: Any, kept: Kept, path: Any) -> Any:
    """steps are told by their place among those of the state that is kept"""
    return tuple(path)


skipped(
    Shifting,
    "_check_steps",
    "moved_steps_not_compared",
    "what a rule does where levels are larger is not looked at",
    "states are taken for one though rules tell them apart",
)
skipped(
    Shifting,
    "_check_made",
    "steps_moved_not_judged",
    "what is found in a step where levels are larger is not looked at",
    "a step is not judged that a property would object to",
)
skipped(
    Shifting,
    "_check_chosen",
    "moved_settling_not_compared",
    "what settling makes of a message where levels are larger is not looked at",
    "an inbox is settled as it is not at other levels",
)
skipped(
    Ageing,
    "discharge",
    "aged_messages_forgotten",
    "of messages that were settled away nothing is checked once levels were lowered",
    "a message is left out that matters again when it is old",
)
skipped(
    Shifting,
    "check_claims",
    "claims_moved_not_judged",
    "what is found in what a state shows where levels are larger is not looked at",
    "states are taken for one though a property tells them apart",
)
skipped(
    ShiftClaims,
    "expanded",
    "reference_takes_shifts_on_trust",
    "the reference engine does not look at steps where levels are larger",
    "a small model passes that a rule tells from the same at other levels",
)
skipped(
    ShiftClaims,
    "entered",
    "reference_judges_one_level",
    "the reference engine does not judge states where levels are larger",
    "a small model passes of which a property looks at the levels",
)
