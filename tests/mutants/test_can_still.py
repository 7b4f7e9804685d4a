"""Mutants that get stuck or go on in vain, seen by `can-still`: how many of all states are of no return.

Their catalogue entries name terminal properties, where a model has a terminal state at all. `can-still`
notices them a few steps from the start, when the mistake is made, and says nothing of the protocol itself.
"""

from typing import Any, NamedTuple

import pytest

from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native.engine import explore
from checker.model.system import System
from spec.protocol import PMMC

BY_ID = {m.id: m for m in PMMC.mutants}


class Found(NamedTuple):
    """All states, those of no return, those that can only reach a bound; steps to the nearest."""

    states: int
    lost: int
    bounded: int
    length: int | None


#: Mutant, goal, what is found in its model with the protocol's own rules, and with the wrong ones.
STUCK = [
    ("B-14", "slot-decided", (55, 0, 0, None), (63, 8, 0, 9)),
    ("B-15", "slot-decided", (258, 0, 0, None), (306, 48, 0, 8)),
    ("B-16", "slot-decided", (36, 0, 0, None), (24, 24, 0, 0)),
    ("B-17", "slot-decided", (12, 0, 0, None), (13, 3, 0, 2)),
    ("B-18", "all-performed", (44, 0, 0, None), (36, 36, 0, 0)),
    ("C-06", "slot-decided", (648, 0, 34, None), (426, 67, 0, 2)),
    ("C-08", "slot-decided", (648, 0, 34, None), (492, 81, 0, 2)),
    ("C-16", "slot-decided", (417, 0, 67, None), (369, 6, 67, 6)),
    ("D-02", "all-performed", (117, 0, 0, None), (117, 48, 0, 3)),
    ("D-03", "all-performed", (2_295, 0, 348, None), (2_183, 150, 200, 6)),
]


def asked(model: dict[str, Any], goal: str) -> System:
    """The system of a mutant's model file, asked for this goal alone."""
    keys = {key: value for key, value in model.items() if key not in {"expect", "properties", "sometimes"}}
    return PMMC.build(PMMC.schema.model_validate({**keys, "properties": ["A1"], "can-still": [goal]}))


def found(system: System, explored: Any) -> Found:
    claim = next(p.id for p in system.properties if p.id.startswith("can-still"))
    length = None if explored.found(claim) is None else explored.found(claim).length
    future = explored.futures[claim]
    return Found(explored.states, future.lost, future.bounded, length)


@pytest.mark.parametrize(("mutant", "goal", "right", "wrong"), STUCK, ids=lambda value: str(value)[:13])
def test_a_mutant_that_gets_stuck_has_states_of_no_return(
    mutant: str, goal: str, right: tuple[Any, ...], wrong: tuple[Any, ...]
) -> None:
    for model, wanted in ((BY_ID[mutant].original(), right), (BY_ID[mutant].mutated(), wrong)):
        system = asked(model, goal)
        assert found(system, explore(system, reductions=UNREDUCED)) == Found(*wanted)
        assert found(system, reference.explore(system)) == Found(*wanted)
        assert (explore(system).violations != []) == (wanted[1] > 0)
