"""What was violated before a search went wrong stands, where it went on past that."""

from typing import Any

import pytest

from checker import AtMostOnce, Kind, Means, Member, Property, Role, Symmetry, System, Verdict, View
from checker.checking.check import check_system
from checker.checking.question import Question
from checker.engines.contract import Limits
from checker.model.verdict import ExitCode

AT = View("at", "walker", lambda at: at)
LATE = 6


def go(me: str, at: int) -> Any:
    """One more, up to ten; but the one that is called b does not come back from there."""
    if at == LATE and me == "b":
        return ((0, ()),)
    return ((at + 1, ()),) if at < 10 else ()


def pair(*, raises: bool = False) -> System:
    """Two that are not interchangeable, which is claimed of them, or of which one raises in the end."""

    def step(me: str, at: int) -> Any:
        if raises and at == LATE:
            raise RuntimeError("no further")
        return go("a" if raises else me, at)

    role = Role("walker", {}, {"go": step})
    members = tuple(Member(name, role, name, 0) for name in ("a", "b"))
    swap = Symmetry("walkers", ({"a": "b", "b": "a"},))
    far = Property(
        "far", Kind.NODE, "None goes far.", "this test", (AT,), lambda _, at: "far" if at == 2 else None
    )
    both = Property(
        "both",
        Kind.STATE,
        "Not both.",
        "this test",
        (AT,),
        lambda _, s: "both" if min(s.values()) == 1 else None,
    )
    return System("pair", members, AtMostOnce(), (far, both), symmetries=() if raises else (swap,))


def question(engine: str, *, past: bool = True) -> Question:
    return Question(Means(engine, workers=1), Limits(past_violations=past))


def test_a_claim_that_is_found_false_later_takes_no_violation_with_it() -> None:
    found = check_system(pair(), question("native"))
    assert found.found.failed is not None
    assert "symmetry (walkers) is none" in found.found.failed.reason
    assert {p.id: p.length for p in found.violated()} == {"far": 2, "both": 2}
    assert (found.verdict, found.exit_code) == (Verdict.VIOLATED, ExitCode.SAFETY)
    assert check_system(pair(), question("native", past=False)).found.failed is None


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_what_raises_later_takes_no_violation_with_it(engine: str) -> None:
    found = check_system(pair(raises=True), question(engine))
    assert found.found.raised is not None
    assert "no further" in found.found.raised.reason
    assert {p.id: p.length for p in found.violated()} == {"far": 2, "both": 2}
    assert not found.found.complete


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_a_limit_past_a_violation_leaves_the_others_open(engine: str) -> None:
    question = Question(Means(engine, workers=1), Limits(past_violations=True, max_depth=4))
    found = check_system(pair(raises=True), question)
    assert {p.verdict for p in found.violated()} == {Verdict.VIOLATED}
    assert (found.found.complete, found.found.depth, found.exit_code) == (False, 4, ExitCode.SAFETY)
