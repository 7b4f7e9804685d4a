"""A game of two players and a ball, which tests make go wrong in one part of its code after another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.checking.check import check_system
from checker.checking.question import Options
from checker.checking.result import CheckResult
from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.model.network import AtMostOnce
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View

#: Where the code is that `raises` makes.
THERE = "tests/unit/model/catching.py"
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


@dataclass
class Loose:
    """A message that cannot be hashed."""

    number: int


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
