"""States and steps made by hand that break a property, each beside one that does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.model.judging import judge_state, judge_step
from checker.model.properties import Property
from checker.model.semantics import State, initial_state
from checker.model.system import System


@dataclass(frozen=True)
class Case:
    """A state that breaks a property (or, of a goal, shows it) with its sentence, and one that does not."""

    bad: State
    says: str
    good: State


@dataclass(frozen=True)
class Step:
    """As `Case`, for a step of one node, from where that begins but for these fields."""

    node: str
    before: dict[str, Any]
    after: dict[str, Any]
    says: str
    good: dict[str, Any]


def each(cases: Mapping[str, Sequence[Case | Step]]) -> pytest.MarkDecorator:
    """A test of each case, by the property and its number."""
    return pytest.mark.parametrize(
        ("claim_id", "case"),
        [
            pytest.param(claim_id, case, id=f"{claim_id}-{i}")
            for claim_id, those in cases.items()
            for i, case in enumerate(those)
        ],
    )


def found(system: System, claim: Property, case: Case | Step, *, good: bool = False) -> list[str]:
    """What a property says of a case."""
    if isinstance(case, Case):
        return [reason for _, reason in judge_state(system, claim, case.good if good else case.bad)]
    (at,) = (i for i, member in enumerate(system.members) if str(member.name) == case.node)
    first = initial_state(system)[at].local
    before, after = (replace(first, **those) for those in (case.before, case.good if good else case.after))
    reason = judge_step(system, claim, at, before, after)
    return [] if reason is None else [reason]
