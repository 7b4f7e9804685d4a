"""Mistakes in rules, and rules that are not pure, are told with the call, the state and the line."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.model.network import AtMostOnce, Fifo
from checker.model.verdict import ExitCode, Verdict
from checker.text.report import report
from tests.unit.model.catching import (
    THERE,
    Ball,
    Loose,
    Player,
    both,
    checked,
    game,
    line_of,
    on_ball,
    raises,
)

HERE = "tests/unit/model/test_model_code_rules.py"


# Rules --------------------------------------------------------------------------------------------------

ENDS = [
    SystemExit(0),
    SystemExit(7),
    BaseException("base"),
    GeneratorExit(),
    RuntimeError("oops"),
    StopIteration(),
]


@both
@pytest.mark.parametrize("error", ENDS, ids=repr)
def test_whatever_a_rule_raises_is_the_model_s(engine: str, error: BaseException) -> None:
    rule = raises(error)
    result = checked(game(rule=rule), engine)
    assert result.exit_code is ExitCode.MODEL_RAISED
    assert result.found.raised is not None
    assert result.found.raised.path == ()
    place = f"({THERE}:{line_of(rule, 1)} in code)"
    said = f": {error}" if str(error) else ""
    assert result.found.raised.reason == (
        f"left: ball on ball(number 1) in state player(caught 0): {type(error).__name__}{said} {place}"
    )


@both
@pytest.mark.parametrize(
    "returned", [None, (Player(1), ()), [Player(1)], 3, [(Player(), [Ball(1)])]], ids=repr
)
def test_a_rule_that_returns_no_steps_is_told_what_they_are(engine: str, returned: Any) -> None:
    def rule(*_: Any) -> Any:
        return returned

    result = checked(game(rule=rule), engine)
    assert result.exit_code is ExitCode.MODEL_RAISED
    reason = result.found.raised.reason  # type: ignore[union-attr]
    assert "a rule returns steps, which are pairs (next state, sends)" in reason
    assert f"({HERE}:{line_of(rule)} in rule)" in reason


@both
def test_a_rule_of_two_arguments_is_named_with_its_place(engine: str) -> None:
    def rule(player: Any, ball: Any) -> Any:
        return ()

    reason = checked(game(rule=rule), engine).found.raised.reason  # type: ignore[union-attr]
    assert "takes 2 positional arguments but 3 were given" in reason
    assert reason.endswith(f"({HERE}:{line_of(rule)} in rule)")


@both
@pytest.mark.parametrize(
    ("step", "what"),
    [
        ((Player(1), (("right", Loose(1)),)), "what it sends cannot be hashed"),
        (([1], ()), "the next state cannot be hashed"),
        ((Player(1), (("nobody", Ball(1)),)), "sends to nobody, which is no node of this system"),
    ],
)
def test_a_step_of_what_no_state_can_hold(engine: str, step: Any, what: str) -> None:
    result = checked(game(rule=lambda *_: (step,)), engine)
    assert result.exit_code is ExitCode.MODEL_RAISED
    assert what in result.found.raised.reason  # type: ignore[union-attr]
    assert result.raised is not None


@both
def test_a_rule_that_is_a_generator_goes_wrong_at_its_own_line(engine: str) -> None:
    def rule(*_: Any) -> Iterator[Any]:
        yield Player(1), ()
        raise ValueError("late")

    reason = checked(game(rule=rule), engine).found.raised.reason  # type: ignore[union-attr]
    assert reason.endswith(f"ValueError: late ({HERE}:{line_of(rule, 2)} in rule)")


@both
def test_a_text_that_raises_does_not_hide_the_mistake(engine: str) -> None:
    class Shy(Player):
        def __str__(self) -> str:
            raise LookupError("no text")

    class MuteError(Exception):
        def __str__(self) -> str:
            raise LookupError("no text")

    def rule(*_: Any) -> Any:
        raise MuteError

    system = game(rule=rule)
    shy = tuple(replace(m, local=Shy()) for m in system.members)
    result = checked(replace(system, members=shy), engine)
    assert result.exit_code is ExitCode.MODEL_RAISED
    reason = result.found.raised.reason  # type: ignore[union-attr]
    assert (
        "in state <Shy, whose __str__ raises LookupError>: MuteError: <MuteError, whose __str__" in reason
    )
    assert "RAISED" in "\n".join(report(result))


# Rules that are not pure --------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("network", [AtMostOnce(), Fifo()], ids=str)
def test_a_rule_that_is_not_deterministic_is_named(engine: str, network: Any) -> None:
    counter = itertools.count()

    def rule(other: str, player: Player, ball: Ball) -> Any:
        return ((replace(player, caught=next(counter)), ()),)

    result = checked(replace(game(rule=rule), network=network), engine)
    assert result.exit_code is ExitCode.MODEL_RAISED
    assert result.found.raised.reason == (  # type: ignore[union-attr]
        "left: ball on ball(number 1) in state player(caught 0): not a pure function: not deterministic, "
        "the same call gave [[player(caught 0), []]], then [[player(caught 1), []]] "
        f"({HERE}:{line_of(rule)} in rule)"
    )


@both
def test_a_rule_that_raises_at_times_is_named(engine: str) -> None:
    moods = itertools.cycle([True, False])

    def rule(*_: Any) -> Any:
        return () if next(moods) else raises(ValueError("a bad day"))()

    reason = checked(game(rule=rule), engine).found.raised.reason  # type: ignore[union-attr]
    assert "the same call gave [], then ValueError: a bad day" in reason


@both
def test_a_wake_that_is_not_deterministic_is_named(engine: str) -> None:
    numbers = itertools.count()
    system = game(wakes={"dream": lambda *_: ((Player(next(numbers)), ()),)})
    reason = checked(system, engine).found.raised.reason  # type: ignore[union-attr]
    assert "dream in state player(caught 0): not a pure function: not deterministic" in reason


@dataclass(unsafe_hash=True)
class Careless:
    """A state that a rule may change."""

    caught: int = 0


@both
def test_a_rule_that_changes_its_state_is_named(engine: str) -> None:
    def rule(other: str, player: Careless, ball: Ball) -> Any:
        player.caught += 1
        return ((player, ()),)

    system = game(rule=rule)
    members = tuple(replace(m, local=Careless()) for m in system.members)
    result = checked(replace(system, members=members), engine)
    assert result.exit_code is ExitCode.MODEL_RAISED
    reason = result.found.raised.reason  # type: ignore[union-attr]
    assert "not a pure function: changes the state or the message that it is given" in reason


@both
def test_states_without_equality_are_named(engine: str) -> None:
    class Bare:
        def __str__(self) -> str:
            return "bare"

    reason = checked(game(rule=lambda *_: ((Bare(), ()),)), engine).found.raised.reason  # type: ignore[union-attr]
    assert (
        "the same call gave [[bare, []]], then [[bare, []]]; values that look alike must be equal" in reason
    )


@both
def test_a_rule_is_asked_twice_for_each_local_situation_and_no_more(engine: str) -> None:
    asked: list[Any] = []

    def rule(other: str, player: Player, ball: Ball) -> Any:
        asked.append((other, player, ball))
        return on_ball(other, player, ball) if player.caught < 3 else ()

    # the reference engine asks once more for each state
    assert checked(game(rule=rule), engine).verdict is Verdict.VERIFIED
    most = max(asked.count(situation) for situation in asked)
    assert min(asked.count(situation) for situation in asked) == 2
    assert most == 2 or engine == "reference"
