"""What can still be reached: what a limit leaves open, what is confirmed, and what is told."""

from dataclasses import replace
from typing import Any

import pytest

from checker import AtMostOnce, Kind, Means, Member, Options, Property, Role, System, Verdict, View, verify
from checker.checking.confirm import InternalMismatch, confirm
from checker.ci.cases import listed
from checker.engines import reference
from checker.engines.contract import UNREDUCED, Discovery, Exploration, Future
from checker.engines.native.engine import explore
from checker.engines.native.search import ahead, marks
from checker.engines.native.search.limits import LimitReached
from checker.explorer.goals import goals
from checker.model import behaviour, future
from checker.model.properties import still
from checker.model.verdict import ExitCode
from checker.modelfiles.schema import Expect
from checker.text.report import report
from checker.traces.lamps import Lamp, along

AT = View("at", "walker", lambda at: at)
ENGINES = ["reference", "native"]
every_engine = pytest.mark.parametrize("engine", ENGINES)


def walker(*properties: Property, steps: dict[int, tuple[int, ...]], stops: tuple[int, ...] = ()) -> System:
    """A node that goes from number to number; a bound stops it at some."""

    def go(_: Any, at: int) -> Any:
        return tuple((to, ()) for to in steps.get(at, ()))

    cut = (lambda _, at: "steps" if at in stops else None) if stops else None
    members = (Member("w", Role("walker", {}, {"go": go}, cut=cut), None, 0),)
    return System("walker", members, AtMostOnce(), properties)


def can_be(*wanted: int, name: str = "there") -> Property:
    """The claim that the walker can still get to one of some places."""

    def judge(_: Any, seen: Any) -> str | None:
        return "it is there" if not {*seen.values()}.isdisjoint(wanted) else None

    return Property(name, Kind.CAN_STILL, "It can get there.", "this test", (AT,), judge)


#: From 1 one gets to 2 and 3, which lead to each other for ever, and to 4, which is what is wanted.
TRAP = {0: (0, 1), 1: (2, 4), 2: (3,), 3: (2,), 4: (0,)}


def explored(engine: str, system: System) -> Exploration:
    if engine == "reference":
        return reference.explore(system)
    return explore(system, reductions=UNREDUCED, workers=2)


@every_engine
def test_what_goes_on_for_ever_without_coming_closer_is_of_no_return(engine: str) -> None:
    found = explored(engine, walker(can_be(4), steps=TRAP))
    assert found.terminal == 0
    assert found.futures == {"there": Future(lost=2, bounded=0)}
    assert found.complete
    (violation,) = found.violations
    assert violation.length == 2
    trace = confirm(walker(can_be(4), steps=TRAP), violation)
    assert (
        trace.reason == "out of reach for good: none of the 2 states that can be reached from here shows it"
    )
    assert [strip.lamps for strip in along(trace)] == [(Lamp.SILENT, Lamp.SILENT, Lamp.BROKEN)]


@every_engine
def test_what_it_reads_may_be_a_part_of_what_another_property_reads(engine: str) -> None:
    parity = View("parity", "walker", lambda at: at % 2)
    more = Property("all", Kind.STATE, "Nothing.", "this test", (AT, parity), lambda *_: None)
    found = explored(engine, walker(can_be(4), more, steps=TRAP))
    assert found.futures == {"there": Future(lost=2, bounded=0)}
    assert [violation.property for violation in found.violations] == ["there"]


@every_engine
def test_a_state_from_which_a_bound_can_be_hit_is_no_evidence(engine: str) -> None:
    found = explored(engine, walker(can_be(4), steps=TRAP, stops=(3,)))
    assert found.futures == {"there": Future(lost=0, bounded=2)}
    assert not found.violations


@every_engine
def test_where_the_goal_is_nowhere_the_path_is_empty(engine: str) -> None:
    found = explored(engine, walker(can_be(9), steps=TRAP))
    assert found.futures["there"].lost == found.states == 5
    assert found.violations[0].path == ()


@every_engine
def test_nothing_is_verified_where_every_state_can_only_reach_a_bound(engine: str) -> None:
    result = verify(walker(can_be(9), steps={0: (1,), 1: (0,)}, stops=(1,)), Options(Means(engine)))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.judged.unmet == (
        "there: nothing to judge: no state shows it, and from every state the bound on steps can be hit",
    )


@every_engine
def test_more_claims_than_are_judged_together(engine: str) -> None:
    claims = [can_be(n % 5, name=f"at {n % 5}, {n}") for n in range(2 * ahead.TOGETHER + 3)]
    found = explored(engine, walker(*claims, steps=TRAP))
    lost = {0: 2, 1: 2, 2: 0, 3: 0, 4: 2}
    assert found.futures == {claim.id: Future(lost[n % 5], 0) for n, claim in enumerate(claims)}


@every_engine
def test_after_another_violation_it_is_undecided(engine: str) -> None:
    never = Property(
        "never", Kind.STATE, "Not 2.", "this test", (AT,), lambda _, at: "2" if 2 in at.values() else None
    )
    result = verify(walker(can_be(4), never, steps=TRAP), Options(Means(engine)))
    verdicts = {p.id: p.verdict for p in result.judged.properties}
    assert verdicts == {"there": Verdict.INCONCLUSIVE, "never": Verdict.VIOLATED}


@every_engine
def test_what_else_was_judged_of_all_states_is_decided(engine: str) -> None:
    """The search has seen everything when a state of no return is found."""
    never = Property("never", Kind.STATE, "Not 9.", "this test", (AT,), lambda *_: None)
    result = verify(walker(can_be(4), never, steps=TRAP), Options(Means(engine)))
    verdicts = {p.id: p.verdict for p in result.judged.properties}
    assert verdicts == {"there": Verdict.VIOLATED, "never": Verdict.VERIFIED}
    assert result.exit_code is ExitCode.DEADLOCK
    assert any("no return   there: 2 of 5 states" in line for line in report(result))


def stopping(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Whoever looks ahead is stopped by this."""

    def stop(*_: Any) -> None:
        raise error

    monkeypatch.setattr(marks.Marks, "look", stop)


def test_a_limit_that_is_reached_while_looking_ahead_leaves_it_undecided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopping(monkeypatch, LimitReached("enough"))
    for steps in (TRAP, {0: (4,), 4: (0,)}):
        result = verify(walker(can_be(4), steps=steps), Options(Means("native")))
        assert result.found.stopped == "enough"
        assert result.found.futures == {}
        assert result.exit_code is ExitCode.INCONCLUSIVE


def test_interrupted_while_looking_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping(monkeypatch, KeyboardInterrupt())
    goal = replace(can_be(1, name="goal"), kind=Kind.SOMETIMES)
    result = verify(walker(can_be(4), goal, steps=TRAP), Options(Means("native")))
    assert result.found.interrupted
    assert [d.property for d in result.found.witnesses] == ["goal"]
    assert result.exit_code is ExitCode.INTERRUPTED


def test_a_limit_of_the_reference_engine_while_it_looks_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: Any, __: Any, bytes_used: int | None = None) -> str | None:
        return "enough" if bytes_used is None else None

    monkeypatch.setattr(reference.Watch, "look", stop)
    found = reference.explore(walker(can_be(4), steps=TRAP))
    assert found.stopped == "enough"
    assert found.futures == {}
    assert not found.violations
    assert found.frontier == 0


def test_a_state_that_is_not_of_no_return_is_not_confirmed() -> None:
    system = walker(can_be(4), steps=TRAP)
    with pytest.raises(InternalMismatch):
        confirm(system, Discovery("there", "a state of no return", (1,)))


def test_what_is_too_far_to_be_looked_at_rests_on_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(future.no_return, "__defaults__", (1,))
    system = walker(can_be(4), steps=TRAP)
    trace = confirm(system, Discovery("there", "a state of no return", (1, 0)))
    assert trace.reason.startswith("out of reach for good, as the search has it: more than 1 states")
    assert behaviour.judged(trace, system.properties[0]) is None


def test_the_explorer_does_not_look_for_it() -> None:
    """A search forwards would not find where it is violated, and say that there is no such place."""
    assert "there" not in goals(walker(can_be(4), steps=TRAP), (can_be(1, name="other"),))


def test_where_it_is_expected_to_be_violated_all_else_is_asked_for_too() -> None:
    """For when it is judged all states are known; of another violation the search knows no more."""
    first = replace(can_be(4, name="first"), kind=Kind.STATE)
    wanted = [Expect(verdict=Verdict.VIOLATED, property=name) for name in ("there", "first")]
    assert [len(listed((can_be(4), first), expect)) for expect in wanted] == [2, 1]


def test_only_a_goal_can_still_be_reached() -> None:
    goal = replace(can_be(4), kind=Kind.SOMETIMES)
    assert still(goal).id == "can-still there"
    assert still(goal).kind is Kind.CAN_STILL
    with pytest.raises(ValueError, match="property there: a can-still is no goal"):
        still(can_be(4))


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("idle", [0, 40], ids=["one word", "two words"])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_and_states_of_two_words(idle: int, workers: int) -> None:
    one = walker(
        can_be(0), steps={n: ((n + 1) % 12, n // 2, 20) for n in range(12)} | {20: (21,), 21: (20,)}
    )
    rest = Role("idle", {}, {})
    members = (
        *(replace(one.members[0], name=name) for name in "abc"),
        *(Member(i, rest, None, 0) for i in range(idle)),
    )
    system = replace(one, members=members)
    found = explore(system, reductions=UNREDUCED, workers=workers)
    assert (found.statistics["bits_per_state"] > 63) == (idle > 0)
    wanted = reference.explore(system)
    assert found.futures == wanted.futures
    assert found.futures["there"].lost > 0
    assert [d.length for d in found.violations] == [d.length for d in wanted.violations]
