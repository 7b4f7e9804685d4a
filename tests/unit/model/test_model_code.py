"""Mistakes in the model's own code are told as such: what was called, with what, and at which line."""

import functools
import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checker.checking.check import check_system
from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.data.check import result_json
from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.model import modelcode
from checker.model.network import AtMostOnce, Fifo
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.verdict import ExitCode, Verdict
from checker.model.vocabulary import Member, Role, View
from checker.modelfiles.protocol import Protocol, Variant
from checker.text.report import report

HERE = "tests/unit/model/test_model_code.py"
both = pytest.mark.parametrize("engine", ["reference", "native"])


@dataclass(frozen=True)
class Ball:
    """What is thrown."""

    number: int


@dataclass(frozen=True)
class Player:
    """How often it has caught."""

    caught: int = 0


def on_ball(other: str, player: Player, ball: Ball) -> Any:
    """Throw it back, with a number that rises to 4."""
    return ((replace(player, caught=player.caught + 1), ((other, Ball(min(ball.number + 1, 4))),)),)


CAUGHT = View("caught", "player", lambda player: player.caught)


def claim(
    judge: Callable[..., Any], kind: Kind = Kind.STATE, view: View = CAUGHT, name: str = "claim"
) -> Property:
    when = judge if kind is Kind.LEADS_TO else None
    return Property(name, kind, "A claim.", "this test", (view,), judge, when=when)


HOLDS = claim(lambda *_: None, name="holds")


def game(*claims: Property, rule: Any = on_ball, **role: Any) -> System:
    """Two players and a ball, which they throw back for ever; `checked` looks at nine levels of that."""
    player = Role("player", {Ball: rule}, **role)
    left = Member("left", player, "right", Player(), [("right", Ball(1))])
    return System(
        "game", (left, Member("right", player, "left", Player())), AtMostOnce(), claims or (HOLDS,)
    )


def checked(system: System, engine: str, **limits: Any) -> CheckResult:
    return check_system(system, Options(Means(engine, workers=1), Limits(max_depth=9, **limits)))


def raises(error: BaseException) -> Callable[..., Any]:
    def code(*_: Any) -> Any:
        raise error

    return code


def line_of(code: Callable[..., Any], after: int = 0) -> int:
    return code.__code__.co_firstlineno + after


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
    place = f"({HERE}:{line_of(rule, 1)} in code)"
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


@dataclass
class Loose:
    """A message that cannot be hashed."""

    number: int


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


# Properties, views, settles, bounds ---------------------------------------------------------------------


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
    assert reason.endswith(f"raised {type(error).__name__}: {error} ({HERE}:{line_of(judge, 1)} in code)")


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


# What cannot be made ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: claim(len, "STATE"), TypeError, "its kind is 'STATE', which is no Kind"),  # type: ignore[arg-type]
        (lambda: Property("p", Kind.STATE, "", "", CAUGHT, len), TypeError, "no tuple of Views"),  # type: ignore[arg-type]
        (lambda: Property("p", Kind.NODE, "", "", (CAUGHT, CAUGHT), len), ValueError, "it reads 2 views"),
        (lambda: Property("p", Kind.ACTION, "", "", (), len), ValueError, "it reads 0 views"),
        (lambda: claim(None), TypeError, "its judge is None, which cannot be called"),  # type: ignore[arg-type]
        (lambda: game(HOLDS, HOLDS), ValueError, "two properties have the name holds"),
        (
            lambda: replace(game(), members=(*game().members, *game().members)),
            ValueError,
            "two nodes have the name left",
        ),
        (
            lambda: replace(game(), members=(Member("a", Role("r", {}), None, [1]),)),
            TypeError,
            "the first local state of node a cannot be hashed",
        ),
        (
            lambda: replace(game(), members=(Member("a", Role("r", {}), None, 1, [Ball(1)]),)),
            TypeError,
            r"the inbox of node a holds ball\(number 1\), not a pair \(sender, message\)",
        ),
        (
            lambda: replace(game(), members=(Member("a", Role("r", {}), None, 1, [("b", Loose(1))]),)),
            TypeError,
            r"loose\(number 1\) in the inbox of node a cannot be hashed",
        ),
    ],
)
def test_what_cannot_be_made_says_why(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


@dataclass
class Schema:
    """As much of a schema as a Protocol looks at."""

    model_validate: Any = None


def protocol(**given: Any) -> Protocol:
    usual = {
        "about": "",
        "schema": Schema,
        "build": game,
        "properties": {},
        "models": Path(),
        "template": "",
    }
    return Protocol("p", **{**usual, **given})


VARIANT = Variant("part", "name", "player", "", "")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"models": "models"}, "models is 'models', not the Path of a folder"),
        ({"build": None}, "build is None, not a function"),
        ({"schema": 3}, "schema is 3, not a subclass of ModelFile"),
        ({"properties": [HOLDS]}, "not a mapping from ids to properties"),
        ({"properties": {"other": HOLDS}}, r"properties\['other'\] is no Property of that id"),
        ({"variants": (VARIANT, VARIANT)}, "there are two variants 'part: name'"),
    ],
)
def test_a_protocol_that_cannot_be_used_says_why(given: dict[str, Any], message: str) -> None:
    assert protocol().variants == ()
    with pytest.raises((TypeError, ValueError), match=message):
        protocol(**given)


# Places -------------------------------------------------------------------------------------------------


def test_the_place_is_in_the_model_s_code_and_not_in_a_library() -> None:
    def careless() -> Any:
        return replace(Player(), cought=1)

    with pytest.raises(modelcode.CodeError) as caught:
        modelcode.call(lambda: "it", careless)
    assert str(caught.value).endswith(f"({HERE}:{line_of(careless, 1)} in careless)")


def test_a_syntax_error_is_where_it_is(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crooked.py").write_text("x = 1\nx = = 2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(
        modelcode.CodeError, match=r"it raised SyntaxError: invalid syntax \(crooked.py:2\)"
    ):
        modelcode.call(lambda: "it", functools.partial(__import__, "crooked"))


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_is_the_user_s_or_nobody_s_is_passed_on(error: type[BaseException]) -> None:
    with pytest.raises(error):
        modelcode.call(lambda: "it", raises(error()))
