"""Parts of a model that cannot be made say why, and what its code raises is said to be at its line."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checker.model import modelcode
from checker.model.properties import Kind, Property
from checker.model.vocabulary import Member, Role
from checker.modelfiles.protocol import Protocol, Variant
from tests.unit.model.catching import CAUGHT, HOLDS, Ball, Loose, Player, claim, game, line_of, raises

HERE = "tests/unit/model/test_model_code.py"


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
