"""What is said of changed fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from checker.explanation.clauses import clauses_of, listed
from checker.model.values import Field
from checker.model.vocabulary import Down


@dataclass(frozen=True)
class Scout:
    heard: int


@dataclass(frozen=True)
class Known:
    ballot: int
    votes: int


def said(*fields: tuple[str, Any, Any]) -> list[str]:
    return [clause.one for clause in clauses_of(Field(*field) for field in fields)]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (("active", False, True), "is now active"),
        (("active", True, False), "is no longer active"),
        (("ballot", 1, 2), "now has ballot 2"),
        (("scout", None, Scout(1)), "now has scout(heard 1)"),
        (("scout", Scout(1), None), "has no scout any more"),
        (("votes", frozenset(), frozenset({1})), "adds 1 to votes"),
        (("votes", frozenset({1, 2}), frozenset({2})), "drops 1 from votes"),
        (("votes", frozenset({1}), frozenset({2})), "now has 2 as votes"),
        (("log", (1,), (1, 2, 3)), "adds 2 and 3 to log"),
        (("log", (1, 2), (3,)), "now has log [3]"),
        (("", Down(Known(1, 0)), Known(1, 0)), "is up again"),
        (("", Known(1, 0), Down(Known(1, 0))), "goes down"),
    ],
)
def test_one_field(field: tuple[str, Any, Any], text: str) -> None:
    assert said(field) == [text]


def test_a_crash_names_what_is_forgotten() -> None:
    assert said(("", Known(1, 2), Down(Known(0, 0)))) == ["goes down", "forgets ballot and votes"]


def test_what_several_fields_gain_is_said_once() -> None:
    gained = frozenset({1})
    assert said(("accepted", frozenset(), gained), ("votes", frozenset(), gained)) == [
        "adds 1 to accepted and votes"
    ]
    assert said(("ballot", 0, 1), ("slot", 1, 2)) == ["now has ballot 1 and slot 2"]


def test_both_gained_and_dropped() -> None:
    assert said(("votes", frozenset({1, 2}), frozenset({2, 3}))) == [
        "adds 3 to votes",
        "drops 1 from votes",
    ]


def test_of_several_nodes_the_verb_is_another() -> None:
    assert [clause.several for clause in clauses_of([Field("ballot", 1, 2)])] == ["now have ballot 2"]
    assert [clause.several for clause in clauses_of([Field("a", frozenset(), frozenset({1}))])] == [
        "add 1 to a"
    ]


@pytest.mark.parametrize(
    ("texts", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(texts: list[str], text: str) -> None:
    assert listed(texts) == text
