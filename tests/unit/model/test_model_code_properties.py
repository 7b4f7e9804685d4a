"""Mistakes in properties, views, settles and bounds are told as the model's, and hide no violation."""

from typing import Any

import pytest

from checker.checking.result import CheckResult
from checker.data.check import result_json
from checker.model.properties import Kind
from checker.model.verdict import ExitCode
from checker.model.vocabulary import View
from checker.text.report import report
from tests.unit.model.catching import (
    HOLDS,
    THERE,
    Ball,
    Player,
    both,
    checked,
    claim,
    game,
    line_of,
    on_ball,
    raises,
)

HERE = "tests/unit/model/test_model_code_properties.py"


def without_path(result: CheckResult) -> str:
    """The reason of a mistake that no path leads to, told in every form of the report."""
    assert result.exit_code is ExitCode.MODEL_RAISED
    raised = result.found.raised
    assert raised is not None
    assert raised.path is None
    assert result.raised is None
    assert result_json(result)["raised"] == {"reason": raised.reason, "path": None}
    lines = "\n".join(report(result))
    assert lines.startswith("RAISED")
    assert " ".join(raised.reason.split()) in " ".join(lines.split())
    return raised.reason


@both
@pytest.mark.parametrize("error", [SystemExit(0), ZeroDivisionError("by hand")], ids=repr)
@pytest.mark.parametrize("kind", Kind)
def test_a_judge_that_raises_is_named(engine: str, kind: Kind, error: BaseException) -> None:
    judge = raises(error)

    def ends(other: str, player: Player, ball: Ball) -> Any:
        """What can still be reached, and all runs, are judged where a search comes to its end."""
        return on_ball(other, player, ball) if player.caught < 2 else ()

    reason = without_path(checked(game(claim(judge, kind), rule=ends), engine))
    assert reason.startswith("property claim: judge(")
    assert reason.endswith(f"raised {type(error).__name__}: {error} ({THERE}:{line_of(judge, 1)} in code)")


@both
@pytest.mark.parametrize("kind", [Kind.NODE, Kind.STATE, Kind.ACTION, Kind.SOMETIMES])
@pytest.mark.parametrize("answer", [True, False, 0, [], ""], ids=repr)
def test_a_judge_answers_with_a_sentence_or_none(engine: str, kind: Kind, answer: Any) -> None:
    def judge(*_: Any) -> Any:
        return answer

    reason = without_path(checked(game(claim(judge, kind)), engine))
    assert f"returned {answer!r}; it returns a sentence, or None" in reason
    assert reason.endswith(f"({HERE}:{line_of(judge)} in judge)")


@both
@pytest.mark.parametrize("kind", [Kind.NODE, Kind.STATE, Kind.ACTION, Kind.SOMETIMES])
def test_a_view_that_raises_is_named(engine: str, kind: Kind) -> None:
    view = View("odd", "player", lambda player: player.cought)
    reason = without_path(checked(game(claim(lambda *_: None, kind, view)), engine))
    assert reason.startswith("view odd of player in state player(caught 0) raised AttributeError: ")
    assert reason.endswith(f"({HERE}:{line_of(view.function)} in <lambda>)")


@both
@pytest.mark.parametrize("kind", [Kind.NODE, Kind.STATE])
def test_what_a_view_shows_must_be_hashable(engine: str, kind: Kind) -> None:
    view = View("odd", "player", lambda player: [player.caught])
    reason = without_path(checked(game(claim(lambda *_: None, kind, view)), engine))
    assert reason.startswith("view odd of player in state player(caught 0) shows what cannot be hashed")


@both
def test_a_judge_cannot_change_what_the_next_one_sees(engine: str) -> None:
    def greedy(_: Any, caught: Any) -> Any:
        caught.clear()

    reason = without_path(checked(game(claim(greedy), HOLDS), engine))
    assert "raised AttributeError: 'mappingproxy' object has no attribute 'clear'" in reason


@both
@pytest.mark.parametrize("bound", [True, 3])
def test_a_cut_names_a_bound(engine: str, bound: Any) -> None:
    reason = without_path(checked(game(cut=lambda *_: bound), engine))
    assert (
        f"cut of role player in state player(caught 0) returned {bound!r}; it returns the name of a bound"
        in reason
    )


@both
def test_a_cut_that_raises_is_named(engine: str) -> None:
    reason = without_path(checked(game(cut=raises(SystemExit(0))), engine))
    assert "cut of role player in state player(caught 0) raised SystemExit: 0" in reason


@pytest.mark.parametrize("engine", ["auto", "native"])
def test_a_settle_that_goes_wrong_is_named(engine: str) -> None:
    reason = without_path(checked(game(settle=raises(SystemExit(0))), engine))
    settling = "settle of role player on ball(number 1) in state player(caught 0)"
    assert reason.startswith(f"{settling} raised SystemExit: 0")
    reason = without_path(checked(game(settle=lambda *_: [1]), engine))
    assert f"{settling}: the representative cannot be hashed" in reason


def test_a_violation_that_was_found_is_kept_when_a_claim_is_none() -> None:
    bad = claim(lambda _, caught: f"caught {caught}" if caught else None, Kind.NODE, name="bad")
    result = checked(game(bad, settle=lambda *_: None), "auto")
    assert [p.id for p in result.violated()] == ["bad"]
    assert result.exit_code is ExitCode.SAFETY
    assert "settle of role player is unsound" in result.found.failed.reason  # type: ignore[union-attr]
    assert "settle of role player is unsound" in " ".join("\n".join(report(result)).split())


def test_values_whose_comparison_raises_are_the_model_s() -> None:
    class Sulky(Player):
        def __eq__(self, other: object) -> bool:
            raise LookupError("ask somebody else")

        def __hash__(self) -> int:
            return 1

    system = game(rule=lambda *_: ((Sulky(1), ()),))
    for engine in ("reference", "native"):
        result = checked(system, engine)
        assert result.exit_code is ExitCode.MODEL_RAISED
        assert "LookupError: ask somebody else" in result.found.raised.reason  # type: ignore[union-attr]


@both
@pytest.mark.parametrize("kind", [Kind.NODE, Kind.STATE, Kind.ACTION])
def test_a_violation_that_was_found_is_kept(engine: str, kind: Kind) -> None:
    """A judge that raises where a violation shows takes nothing from it."""

    def notices(_: Any, *seen: Any) -> str | None:
        caught = seen[-1] if isinstance(seen[-1], int) else max(seen[-1].values())
        return f"caught {caught}" if caught else None

    def stumbles(_: Any, caught: Any) -> str | None:
        return caught[None] if any(caught.values()) else None

    result = checked(game(claim(notices, kind, name="bad"), claim(stumbles, name="worse")), engine)
    assert [p.id for p in result.violated()] == ["bad"]
    assert result.exit_code is ExitCode.SAFETY
    assert "property worse: judge({left: 1, right: 0}) raised KeyError" in result.found.raised.reason  # type: ignore[union-attr]


@both
def test_the_traceback_is_the_model_s_and_only_if_asked(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deeper() -> Any:
        raise ValueError("deep")

    for system in (game(rule=lambda *_: deeper()), game(claim(lambda *_: deeper()))):
        result = checked(system, engine)
        monkeypatch.delenv("PMMC_TRACEBACK", raising=False)
        assert "Traceback" not in "\n".join(report(result))
        monkeypatch.setenv("PMMC_TRACEBACK", "1")
        text = "\n".join(report(result))
        assert "Traceback (most recent call last):" in text
        assert "in deeper" in text
        assert "semantics.py" not in text
