"""A rule raises in a state, and another node's step out of it leads to what is looked for."""

from dataclasses import dataclass
from typing import Any

import pytest

from checker.checking.confirm import confirm
from checker.engines import reference
from checker.engines.contract import UNREDUCED, Discovery, Exploration, Reductions
from checker.engines.native.engine import explore
from checker.model.network import AtMostOnce
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View

FIRST, SECOND = View("at", "first", lambda at: at), View("at", "second", lambda at: at)


@dataclass(frozen=True)
class Go:
    """First → second."""


def break_down(_: Any, at: int) -> Any:
    """Go to 1, and tell the other; then raise."""
    if at == 1:
        raise ZeroDivisionError("broken")
    return ((1, (("second", Go()),)),)


def system(*properties: Property, alone: bool, first: bool) -> System:
    """The first node raises at 1; the second goes there of its own accord, if `alone`, or when told."""
    by_itself = {"go": lambda _, at: ((1, ()),) if at == 0 else ()}
    told = {Go: lambda _, at, __: ((1, ()),) if at == 0 and not alone else ()}
    members = [
        Member("first", Role("first", {}, {"break": break_down}), None, 0),
        Member("second", Role("second", told, by_itself if alone else {}), None, 0),
    ]
    return System("beside", tuple(members if first else members[::-1]), AtMostOnce(), properties)


def both_at_one(kind: Kind) -> Property:
    def judge(_: Any, first: Any, second: Any) -> str | None:
        return "both are" if {*first.values(), *second.values()} == {1} else None

    return Property("both", kind, "Both are at 1.", "this test", (FIRST, SECOND), judge)


def decided(found: Exploration, kind: Kind) -> list[Discovery]:
    return found.witnesses if kind.goal else found.violations


every_kind = pytest.mark.parametrize("kind", [Kind.STATE, Kind.SOMETIMES])
every_order = pytest.mark.parametrize("first", [True, False])
every_reduction = pytest.mark.parametrize("reductions", [UNREDUCED, Reductions()], ids=["none", "all"])


@every_kind
@every_order
@every_reduction
def test_a_way_round_is_shown(kind: Kind, first: bool, reductions: Reductions) -> None:
    beside = system(both_at_one(kind), alone=True, first=first)
    found = explore(beside, reductions=reductions)
    assert found.raised is not None
    assert found.raised.path is not None
    assert len(found.raised.path) == 1
    (discovery,) = decided(found, kind)
    assert len(confirm(beside, discovery).steps) == 2


@every_kind
@every_reduction
def test_what_is_only_behind_it_is_not_known(kind: Kind, reductions: Reductions) -> None:
    """Steps out of a state are told by their order; behind one that raises there is none."""
    beside = system(both_at_one(kind), alone=False, first=True)
    for found in (reference.explore(beside), explore(beside, reductions=reductions)):
        assert found.raised is not None
        assert found.violations == []
        assert found.witnesses == []


@every_kind
@every_reduction
def test_what_comes_before_it_is_told(kind: Kind, reductions: Reductions) -> None:
    beside = system(both_at_one(kind), alone=False, first=False)
    for found in (reference.explore(beside), explore(beside, reductions=reductions)):
        assert found.raised is not None
        (discovery,) = decided(found, kind)
        assert discovery.path is not None
        assert len(confirm(beside, discovery).steps) == 2


@every_reduction
@pytest.mark.parametrize("after", [0, 1, 2])
def test_of_all_states_that_show_it_one_is_told_that_real_steps_lead_to(
    after: int, reductions: Reductions
) -> None:
    """One of three raises at once; those before it may still move, those after it may not."""

    def broken(_: Any, at: int) -> Any:
        raise ZeroDivisionError("broken")

    mover = Role("mover", {}, {"go": lambda _, at: ((1, ()),) if at == 0 else ()})
    members = [Member(f"mover {i}", mover, None, 0) for i in range(2)]
    members.insert(after, Member("broken", Role("broken", {}, {"break": broken}), None, 0))
    moved = Property(
        "moved",
        Kind.STATE,
        "Nobody moves.",
        "this test",
        (View("at", "mover", lambda at: at),),
        lambda _, at: "somebody moved" if 1 in at.values() else None,
    )
    asked = System("three", tuple(members), AtMostOnce(), (moved,))
    found = explore(asked, reductions=reductions)
    assert found.raised is not None
    assert [d.property for d in found.violations] == ["moved"] * (after > 0)
    assert [d.property for d in reference.explore(asked).violations] == ["moved"] * (after > 0)
    for discovery in found.violations:
        assert len(confirm(asked, discovery).steps) == 1


@every_reduction
def test_a_state_in_which_a_rule_raises_is_no_end(reductions: Reductions) -> None:
    """Nothing goes on from either of two states: in one of them nothing may, in the other a rule raises."""

    def go(_: Any, at: int) -> Any:
        if at == 1:
            raise ZeroDivisionError("broken")
        return ((1, ()), (2, ())) if at == 0 else ()

    never = Property(
        "never", Kind.TERMINAL, "No end.", "this test", (FIRST,), lambda _, at: f"ends at {at}"
    )
    asked = System(
        "two", (Member("first", Role("first", {}, {"go": go}), None, 0),), AtMostOnce(), (never,)
    )
    found = explore(asked, reductions=reductions)
    assert found.raised is not None
    (discovery,) = found.violations
    assert confirm(asked, discovery).path == (1,)
    assert found.terminal_judged == 1
