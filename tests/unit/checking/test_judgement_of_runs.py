"""Verdicts of what is claimed of runs: a pass only if runs were looked at, and something came of it."""

from dataclasses import replace
from typing import Any

import pytest
from walkers import AT, STEPS, at, walker

from checker.checking.confirm import InternalMismatch, confirm
from checker.checking.judgement import Judgement, judge
from checker.checking.question import Question
from checker.engines.contract import Applied, Discovery, Exploration, Waits
from checker.model.behaviour import replay
from checker.model.properties import Kind, Property, always_eventually, eventually, leads_to
from checker.model.verdict import ExitCode, Verdict
from checker.modelfiles.schema import Expect

BOUND, COMES = "the bound on steps", "what it asks for comes"
THERE = eventually(at(4))


def explored(*violations: Discovery, **found: Any) -> Exploration:
    exploration = Exploration("test", states=5, depth=4, fired={"walker.go": 7})
    exploration.waits = {THERE.id: Waits(4, 3, answered=True)}
    exploration.violations = [*violations]
    for name, value in found.items():
        setattr(exploration, name, value)
    return exploration


def judged(found: Exploration, *claims: Property, expect: Expect | None = None) -> Judgement:
    system = walker(*(claims or (THERE,)), steps=STEPS)
    return judge(system, found, {d.property: confirm(system, d) for d in found.violations}, expect)


def test_verified_if_all_was_looked_at_and_some_run_comes_to_it() -> None:
    judgement = judged(explored())
    assert (judgement.verdict, judgement.exit_code) == (Verdict.VERIFIED, ExitCode.OK)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (explored(waits={}), "runs were not looked at"),
        (
            explored(idle=("go",)),
            "what is assumed of 'go' (weakly fair) is about steps that can be taken in no state",
        ),
        (
            explored(waits={THERE.id: Waits(4, 0, answered=False)}, cut={"steps": 2}),
            f"in every run {BOUND} stops a node before {COMES}",
        ),
        (
            explored(waits={THERE.id: Waits(4, 0, answered=False)}),
            "no run comes to what it asks for",
        ),
    ],
)
def test_nothing_is_verified_where_nothing_was_judged(found: Exploration, why: str) -> None:
    judgement = judged(found)
    assert (judgement.verdict, judgement.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.UNMET)
    assert judgement.unmet == (f"{THERE.id}: nothing to judge: {why}",)


@pytest.mark.parametrize(
    ("cut", "why"),
    [
        ({}, "it never begins to ask"),
        (
            {"steps": 2},
            f"in every run in which it begins to ask, if there is one, {BOUND} stops a node before {COMES}",
        ),
    ],
)
def test_what_leads_to_something_may_never_begin_to_ask(cut: dict[str, int], why: str) -> None:
    claim = leads_to(at(9), at(4))
    judgement = judged(explored(waits={claim.id: Waits(4, 0, answered=False)}, cut=cut), claim)
    assert judgement.unmet == (f"{claim.id}: nothing to judge: {why}",)


def test_a_limit_leaves_it_undecided() -> None:
    for found in (explored(stopped="enough"), explored(stopped="enough", waits={})):
        judgement = judged(found)
        assert (judgement.verdict, judgement.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE)
        assert not judgement.unmet


def test_after_another_violation_it_is_undecided() -> None:
    never = Property(
        "never", Kind.NODE, "Not 1.", "this test", (AT,), lambda _, at: "1" if at == 1 else None
    )
    judgement = judged(explored(Discovery("never", "1", (0,)), waits={}), THERE, never)
    assert [p.verdict for p in judgement.properties] == [Verdict.INCONCLUSIVE, Verdict.VIOLATED]
    assert judgement.exit_code is ExitCode.SAFETY


LASSO = Discovery(THERE.id, "round and round", (0, 0, 0, 0), loop=2)


def test_a_lasso_has_a_way_in_and_a_cycle() -> None:
    judgement = judged(explored(LASSO))
    (result,) = judgement.properties
    assert (result.length, result.loop, result.cycle) == (2, 2, 2)
    assert (judgement.verdict, judgement.exit_code) == (Verdict.VIOLATED, ExitCode.LIVENESS)


def test_with_a_violation_of_runs_all_else_is_decided() -> None:
    never = Property("never", Kind.NODE, "Not 9.", "this test", (AT,), lambda *_: None)
    judgement = judged(explored(LASSO), THERE, never)
    assert [p.verdict for p in judgement.properties] == [Verdict.VIOLATED, Verdict.VERIFIED]


@pytest.mark.parametrize(
    ("expect", "reductions", "unmet"),
    [
        ({"length": 2, "cycle": 2}, Applied(), ()),
        ({"length": 2, "cycle": 2, "property": THERE.id}, Applied(), ()),
        ({"cycle": 3}, Applied(), ("cycle: expected 3 steps, got 2",)),
        ({"length": 4}, Applied(), ("length: expected 4 steps, got 2",)),
        ({"length": 4, "cycle": 3}, Applied(fusion=True), ()),
    ],
)
def test_what_a_file_expects_of_it(expect: Any, reductions: Applied, unmet: tuple[str, ...]) -> None:
    judgement = judged(
        explored(LASSO, reductions=reductions), expect=Expect(verdict=Verdict.VIOLATED, **expect)
    )
    assert judgement.unmet == unmet
    assert judgement.as_expected is not bool(unmet)


def test_a_cycle_that_may_be_longer_than_others_is_not_compared() -> None:
    longer = replace(LASSO, shortest=False)
    judgement = judged(explored(longer), expect=Expect(verdict=Verdict.VIOLATED, length=9, cycle=9))
    assert judgement.as_expected


def test_a_run_that_ends_has_no_cycle() -> None:
    stays = always_eventually(at(2))
    found = explored(Discovery(stays.id, "it stays", (0, 1)), waits={stays.id: Waits(4, 1, answered=True)})
    expect = Expect(verdict=Verdict.VIOLATED, cycle=1)
    judgement = judged(found, stays, expect=expect)
    assert judgement.unmet == ("cycle: expected 1 steps, got none",)
    (result,) = judgement.properties
    assert (result.length, result.loop, result.cycle) == (2, None, None)


@pytest.mark.parametrize(
    ("discovery", "why"),
    [
        (replace(LASSO, loop=3), "does not lead back"),
        (replace(LASSO, path=(0, 0, 0, 7)), "there is no step 7"),
        (replace(LASSO, loop=None), "but the run along the path 0/0/0/0 does not show it"),
        (Discovery(THERE.id, "", (0, 1), loop=None), "the run along the path 0/1 does not show it"),
    ],
    ids=["no cycle", "no step", "it goes on", "it is shown"],
)
def test_what_is_no_counterexample_is_not_confirmed(discovery: Discovery, why: str) -> None:
    with pytest.raises(InternalMismatch, match=why):
        confirm(walker(THERE, steps=STEPS), discovery)


def test_what_leads_to_something_is_confirmed_from_where_it_asks() -> None:
    claim = leads_to(at(1), at(4))
    system = walker(claim, steps=STEPS)
    trace = confirm(system, replace(LASSO, property=claim.id))
    assert trace.reason.startswith("steps 3 to 4 repeat for ever")
    with pytest.raises(InternalMismatch):
        confirm(
            walker(leads_to(at(5), at(4)), steps=STEPS),
            Discovery("at-5 leads to at-4", "", (0, 0, 0, 0), loop=2),
        )


def test_the_command_that_replays_a_lasso() -> None:
    trace = replay(walker(THERE, steps=STEPS), (0, 0, 0, 0), 2)
    assert Question().replay(("m.yaml",), trace.path, trace.loop).endswith("m.yaml --loop 2 --path 0/0/0/0")
