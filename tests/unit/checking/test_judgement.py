"""Verdicts, unmet expectations and exit codes: every rule of checker.checking.judgement."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from checker.checking.judgement import WORST_FIRST, Judgement, combine, judge
from checker.engines.contract import Applied, Discovery, Exploration, Raised, Refused
from checker.model.behaviour import Trace, TraceStep
from checker.model.network import AtMostOnce
from checker.model.properties import Kind, Property
from checker.model.semantics import initial_state
from checker.model.system import System
from checker.model.verdict import ExitCode, Verdict
from checker.model.vocabulary import Member, Role, View
from checker.modelfiles.schema import Expect

VIEW = View("all", "role", lambda local: local)
OF_OTHERS = View("all", "other", lambda local: local)


def silent(*_: Any) -> None:
    return None


def claim(name: str, kind: Kind = Kind.STATE, *views: View) -> Property:
    return Property(name, kind, "meaning", "source", views or (VIEW,), silent)


SAFE, STUCK, STEP, GOAL = (
    claim("safe"),
    claim("stuck", Kind.TERMINAL),
    claim("step", Kind.ACTION),
    claim("goal", Kind.SOMETIMES),
)


def system(*properties: Property) -> System:
    return System("s", (Member("n", Role("role", {}), None, 0),), AtMostOnce(), properties)


def judged(
    *properties: Property,
    violated: tuple[str, ...] = (),
    reached: tuple[str, ...] = (),
    expect: Expect | None = None,
    changed: str | None = None,
    deep: tuple[Discovery, ...] = (),
    **found: Any,
) -> Judgement:
    asked = system(*properties)
    exploration = Exploration("test", states=10, depth=4, fired={"role.act": 5}, terminal_judged=1)
    exploration.violations = [Discovery(name, "why", (0, 0)) for name in violated]
    exploration.witnesses = [Discovery(name, "how", (0,)) for name in reached]
    for name, value in found.items():
        setattr(exploration, name, value)
    exploration.witnesses += deep
    by_id = {p.id: p for p in properties}
    initial = initial_state(asked)
    nothing: Any = None
    step = TraceStep(0, nothing, initial)  # only the number of steps counts here
    traces = {
        name: Trace(asked, initial, (step, step), by_id[name], "why") for name in (*violated, *reached)
    }
    return judge(asked, exploration, traces, expect, changed)


def outcome(judgement: Judgement) -> tuple[Verdict, ExitCode]:
    return judgement.verdict, judgement.exit_code


VERIFIED, VIOLATED, INCONCLUSIVE = Verdict.VERIFIED, Verdict.VIOLATED, Verdict.INCONCLUSIVE
LIMIT = "the limit of 10 states was reached"


@pytest.mark.parametrize(
    ("judgement", "expected"),
    [
        (judged(SAFE), (VERIFIED, ExitCode.OK)),
        (judged(SAFE, GOAL, reached=("goal",)), (VERIFIED, ExitCode.OK)),
        (judged(SAFE, GOAL), (VIOLATED, ExitCode.UNMET)),
        (judged(SAFE, violated=("safe",)), (VIOLATED, ExitCode.SAFETY)),
        (judged(STEP, violated=("step",)), (VIOLATED, ExitCode.SAFETY)),
        (judged(STUCK, violated=("stuck",)), (VIOLATED, ExitCode.DEADLOCK)),
        (judged(SAFE, STUCK, violated=("safe", "stuck")), (VIOLATED, ExitCode.DEADLOCK)),
        (judged(), (INCONCLUSIVE, ExitCode.UNMET)),
        (judged(claim("x", Kind.STATE, VIEW, OF_OTHERS)), (INCONCLUSIVE, ExitCode.UNMET)),
        (judged(SAFE, fired={"role.act": 0}), (VERIFIED, ExitCode.UNMET)),
        (judged(STUCK), (VERIFIED, ExitCode.OK)),
        (judged(STUCK, terminal_judged=0, terminal=3), (INCONCLUSIVE, ExitCode.UNMET)),
        (judged(SAFE, stopped=LIMIT), (INCONCLUSIVE, ExitCode.INCONCLUSIVE)),
        (judged(SAFE, GOAL, stopped=LIMIT, reached=("goal",)), (INCONCLUSIVE, ExitCode.INCONCLUSIVE)),
        (judged(GOAL, stopped=LIMIT, reached=("goal",)), (VERIFIED, ExitCode.OK)),
        (judged(SAFE, stopped=LIMIT, violated=("safe",)), (VIOLATED, ExitCode.SAFETY)),
        (judged(SAFE, stopped=LIMIT, fired={"role.act": 0}), (INCONCLUSIVE, ExitCode.INCONCLUSIVE)),
        (
            judged(SAFE, stopped="interrupted", interrupted=True),
            (INCONCLUSIVE, ExitCode.INTERRUPTED),
        ),
        (judged(SAFE, raised=Raised("bang", ())), (INCONCLUSIVE, ExitCode.MODEL_RAISED)),
        (
            judged(SAFE, violated=("safe",), raised=Raised("bang", ())),
            (VIOLATED, ExitCode.SAFETY),
        ),
    ],
)
def test_without_expectations(judgement: Judgement, expected: tuple[Verdict, ExitCode]) -> None:
    assert outcome(judgement) == expected
    assert judgement.as_expected is None
    assert judgement.not_applied is None
    assert bool(judgement.unmet) == (judgement.exit_code is ExitCode.UNMET)


@pytest.mark.parametrize(
    ("properties", "verdicts"),
    [
        ({"violated": ("safe",)}, [VIOLATED, INCONCLUSIVE, INCONCLUSIVE]),
        ({"stopped": LIMIT}, [INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE]),
        ({"stopped": LIMIT, "reached": ("goal",)}, [INCONCLUSIVE, INCONCLUSIVE, VERIFIED]),
        ({}, [VERIFIED, VERIFIED, VIOLATED]),
        ({"terminal_judged": 0}, [VERIFIED, INCONCLUSIVE, VIOLATED]),
    ],
)
def test_verdicts_of_properties(properties: dict[str, Any], verdicts: list[Verdict]) -> None:
    assert [p.verdict for p in judged(SAFE, STUCK, GOAL, **properties).properties] == verdicts


def test_a_goal_may_be_reached_without_a_path() -> None:
    deep = Discovery("goal", "how", None, 40)
    judgement = judged(SAFE, GOAL, deep=(deep,))
    assert outcome(judgement) == (VERIFIED, ExitCode.OK)
    assert judgement.properties[1].length == 40


def expecting(verdict: str, **more: Any) -> Expect:
    return Expect(verdict=verdict, **more)


MET: list[Callable[[], Judgement]] = [
    lambda: judged(SAFE, expect=expecting("verified", states=10, depth=4)),
    lambda: judged(SAFE, violated=("safe",), expect=expecting("violated", property="safe", length=2)),
    lambda: judged(SAFE, violated=("safe",), expect=expecting("violated")),
    lambda: judged(SAFE, STEP, violated=("safe", "step"), expect=expecting("violated", property="step")),
    lambda: judged(SAFE, GOAL, expect=expecting("violated", property="goal")),
    lambda: judged(SAFE, fired={"role.act": 0}, expect=expecting("verified", unfired=["role.act"])),
    lambda: judged(
        SAFE, reductions=Applied(settling=True), expect=expecting("verified", states=99, depth=9)
    ),
    lambda: judged(
        SAFE,
        violated=("safe",),
        reductions=Applied(fusion=True),
        expect=expecting("violated", length=9, states=99),
    ),
    lambda: judged(
        SAFE, reductions=Applied(refused=Refused("why not")), expect=expecting("verified", states=10)
    ),
    lambda: judged(
        SAFE, violated=("safe",), stopped=LIMIT, expect=expecting("violated", property="safe", states=99)
    ),
]

UNMET: list[tuple[Callable[[], Judgement], ExitCode, str]] = [
    (
        lambda: judged(SAFE, expect=expecting("verified", states=11)),
        ExitCode.UNMET,
        "states: expected 11, got 10",
    ),
    (
        lambda: judged(SAFE, expect=expecting("verified", depth=5)),
        ExitCode.UNMET,
        "depth: expected 5, got 4",
    ),
    (
        lambda: judged(SAFE, expect=expecting("violated", property="safe")),
        ExitCode.UNMET,
        "property: expected safe violated, got no violation",
    ),
    (
        lambda: judged(SAFE, violated=("safe",), expect=expecting("violated", length=3)),
        ExitCode.UNMET,
        "length: expected 3 steps, got 2",
    ),
    (
        lambda: judged(SAFE, violated=("safe",), expect=expecting("verified")),
        ExitCode.SAFETY,
        "verdict: expected verified, got violated",
    ),
    (
        lambda: judged(SAFE, STUCK, violated=("stuck",), expect=expecting("violated", property="safe")),
        ExitCode.DEADLOCK,
        "property: expected safe violated, got stuck",
    ),
    (
        lambda: judged(SAFE, GOAL, violated=("safe",), expect=expecting("violated", property="goal")),
        ExitCode.SAFETY,
        "property: expected goal violated, got safe",
    ),
    (
        lambda: judged(GOAL, claim("goal2", Kind.SOMETIMES), expect=expecting("violated", property="goal")),
        ExitCode.UNMET,
        "goal2 was never reached",
    ),
    (
        lambda: judged(SAFE, expect=expecting("verified", unfired=["role.act"])),
        ExitCode.UNMET,
        "role.act fired, expected never",
    ),
    (
        lambda: judged(SAFE, fired={"role.act": 0}, expect=expecting("verified")),
        ExitCode.UNMET,
        "role.act never fired",
    ),
    (
        lambda: judged(expect=expecting("inconclusive")),
        ExitCode.UNMET,
        "nothing was checked: there are no properties",
    ),
    (
        lambda: judged(
            SAFE,
            violated=("safe",),
            raised=Raised("bang", ()),
            expect=expecting("violated", property="safe"),
        ),
        ExitCode.MODEL_RAISED,
        "the model raised: bang",
    ),
    (
        lambda: judged(SAFE, raised=Raised("bang", ()), expect=expecting("inconclusive")),
        ExitCode.MODEL_RAISED,
        "the model raised: bang",
    ),
]


@pytest.mark.parametrize("make", MET)
def test_what_is_expected_is_well(make: Callable[[], Judgement]) -> None:
    judgement = make()
    assert judgement.unmet == ()
    assert judgement.as_expected is True
    assert judgement.exit_code is ExitCode.OK


@pytest.mark.parametrize(("make", "code", "text"), UNMET)
def test_what_is_not_expected_is_said(make: Callable[[], Judgement], code: ExitCode, text: str) -> None:
    judgement = make()
    assert judgement.as_expected is False
    assert judgement.exit_code is code
    assert text in judgement.unmet


@pytest.mark.parametrize(
    ("found", "reason"),
    [({"changed": "--network given"}, "--network given"), ({"stopped": LIMIT}, LIMIT)],
)
def test_another_question_leaves_the_expectation_aside(found: dict[str, Any], reason: str) -> None:
    judgement = judged(SAFE, expect=expecting("violated", property="safe", states=7), **found)
    assert judgement.as_expected is None
    assert judgement.not_applied == reason
    assert judgement.unmet == ()


def test_another_question_may_leave_actions_unfired_as_before() -> None:
    expect = expecting("verified", unfired=["role.act"])
    for times in (0, 3):
        judgement = judged(SAFE, expect=expect, changed="--network given", fired={"role.act": times})
        assert outcome(judgement) == (VERIFIED, ExitCode.OK)


def test_the_worst_of_several_codes_counts() -> None:
    assert set(WORST_FIRST) == set(ExitCode)
    assert combine([]) is ExitCode.OK
    for worse, better in itertools.combinations(WORST_FIRST, 2):
        assert combine([better, worse]) is combine([worse, better]) is worse
