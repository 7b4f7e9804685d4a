"""What a report says of claims about runs: where they wait, what they rest on, what stays unknown."""

import pytest
from walkers import STEPS, at, walker

from checker.checking.check import check_system
from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.data.check import result_json
from checker.engines.choose import Means
from checker.model.fairness import Assumption, Fairness
from checker.model.properties import Property, always_eventually, eventually
from checker.model.verdict import ExitCode, Verdict
from checker.modelfiles.schema import Expect
from checker.text.facts import expected_text, facts
from checker.text.report import report, summary
from checker.text.runs import assumed

GOES = frozenset({("w", "go")})


def checked(*claims: Property, expect: Expect | None = None, **kwargs: object) -> CheckResult:
    system = walker(*claims, **{"steps": STEPS, **kwargs})  # type: ignore[arg-type]
    return check_system(system, Options(Means("reference")), expect=expect)


def told(result: CheckResult, label: str) -> object:
    return dict(facts(result)).get(label)


def test_a_pass_names_what_it_rests_on() -> None:
    result = checked(eventually(at(1)))
    assert summary(result).endswith(": 1 property over the whole bounded model (assuming weakly fair: go)")
    assert told(result, "assumed") == "weakly fair: go"
    assert told(result, "unknown") is None


def test_all_that_is_assumed_is_told_in_the_words_of_the_file() -> None:
    fairness = Fairness((Assumption("a", GOES), Assumption("b", GOES)), (Assumption("c", GOES),), ())
    result = checked(eventually(at(1)), fairness=fairness)
    assert assumed(result) == "weakly fair: a, b; strongly fair: c"


def test_without_fairness_every_run_may_stop() -> None:
    result = checked(eventually(at(1)), fairness=Fairness())
    assert result.exit_code is ExitCode.LIVENESS
    assert told(result, "assumed") == "nothing, so that every run may stop"


def test_of_other_claims_nothing_is_said() -> None:
    result = checked(at(1))
    assert assumed(result) is None
    assert {told(result, label) for label in ("waiting", "assumed", "unknown")} == {None}


def test_a_lasso_has_two_lengths() -> None:
    expect = Expect(verdict=Verdict.VIOLATED, property="eventually at-4", length=1, cycle=3)
    result = checked(eventually(at(4)), expect=expect)
    assert summary(result).endswith(": eventually at-4 (1 step, then 3 for ever) violated, as expected")
    assert expected_text(result) == "violated eventually at-4, 1 step, cycle of 3 steps"
    assert told(result, "waiting") == ["eventually at-4: in 4 of 5 states at most, 3 of them on cycles"]
    assert any("eventually at-4" in line for line in report(result))


def test_where_it_may_wait() -> None:
    """After 1 was shown it goes round by 2 and 3: that it does not show it again is no matter."""
    result = checked(eventually(at(1)))
    on_cycles = "2 of them on cycles, where no fair run waits for ever"
    assert told(result, "waiting") == [f"eventually at-1: in 4 of 5 states at most, {on_cycles}"]
    result = checked(always_eventually(at(0, 2)), steps={0: (1,), 1: (0, 2)})
    assert told(result, "waiting") == ["always-eventually at-0-or-at-2: in 1 of 3 states at most"]


def test_what_comes_after_a_cut_is_unknown() -> None:
    result = checked(eventually(at(1, 2)), steps={0: (1, 3), 1: (1,)}, stops=(3,))
    assert result.verdict is Verdict.VERIFIED
    assert told(result, "unknown") == "what comes after 1 state cut by the bound on steps"
    assert summary(result).endswith("(assuming weakly fair: go; open after 1 cut state)")


@pytest.mark.parametrize("goal", [1, 4])
def test_the_same_for_machines(goal: int) -> None:
    document = result_json(checked(eventually(at(goal))))
    (claim,) = document["properties"]
    assert document["fairness"] == {"fair": ["go"], "strongly_fair": [], "finitely": []}
    assert document["idle"] == []
    if goal == 1:
        assert document["waits"] == {"eventually at-1": {"states": 4, "cyclic": 2, "answered": True}}
        assert (claim["verdict"], claim["length"], claim["loop"], claim["cycle"]) == (
            "verified",
            *[None] * 3,
        )
    else:
        assert document["waits"] == {"eventually at-4": {"states": 4, "cyclic": 3, "answered": True}}
        assert (claim["length"], claim["loop"], claim["cycle"]) == (1, 1, 3)
        assert len(claim["path"]) == 4
