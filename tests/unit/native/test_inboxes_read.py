"""Properties that read what is under way: what reductions must leave as it is for them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native.engine import explore
from checker.engines.native.reductions.symmetry import SymmetryError
from checker.model.network import AtMostOnce, Fifo, Lossy, LossyDuplicating, Network, Reliable
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Symmetry, View

NETWORK = AtMostOnce()
LEFT = View("left", "ear", lambda messages: messages, inbox=True)


@dataclass(frozen=True)
class Hello:
    """Somebody says who it is."""

    name: str


def claim(kind: Kind, judge: Callable[..., str | None], *views: View) -> Property:
    return Property("claim", kind, "A claim.", "this test", views, judge)


def half() -> System:
    """Of two messages one is taken, nothing else changes, and nobody sends anything."""

    def hear(_: Any, heard: int, message: str) -> list[tuple[int, Any]]:
        return [(heard, ())] if message == "first" else [(1, ())]

    def judge(_: Any, left: Any, heard: Any) -> str | None:
        return "half" if len(left["ear"]) == 1 and not heard["ear"] else None

    inbox = [("outside", "first"), ("outside", "second")]
    ear = Member("ear", Role("ear", {str: hear}), None, 0, inbox)
    heard = View("heard", "ear", lambda local: local)
    return System("half", (ear,), AtMostOnce(), (claim(Kind.SOMETIMES, judge, LEFT, heard),))


def news() -> System:
    """Two nodes for whom no message matters are sent one; the inbox of one of them is read."""

    def drop(*_: Any) -> None:
        return None

    def send(_: Any, sent: int) -> list[tuple[int, Any]]:
        return [] if sent else [(1, (("ear", "news"), ("other", "news")))]

    def deaf(*_: Any) -> tuple[()]:
        return ()

    def judge(_: Any, left: Any) -> str | None:
        return "news" if left["ear"] else None

    members = (
        Member("mouth", Role("mouth", {}, {"send": send}), None, 0),
        Member("ear", Role("ear", {str: deaf}, settle=drop), None, 0),
        Member("other", Role("other", {str: deaf}, settle=drop), None, 0),
    )
    return System("news", members, AtMostOnce(), (claim(Kind.STATE, judge, LEFT),))


def greeting(view: View, network: Network = NETWORK) -> System:
    """Two who are interchangeable say hello to a third, who hears one of them."""

    def greet(me: str, said: bool) -> list[tuple[bool, Any]]:
        return [] if said else [(True, (("ear", Hello(me)),))]

    def hear(_: Any, heard: int, message: Hello) -> list[tuple[int, Any]]:
        return [(heard + 1, ())] if heard < 1 else []

    mouth = Role("mouth", {}, {"greet": greet})
    members = (
        Member("ear", Role("ear", {Hello: hear}), None, 0),
        *(Member(name, mouth, name, False) for name in ("one", "two")),
    )
    swap = Symmetry("mouths", ({"one": "two", "two": "one"},))
    never = claim(Kind.STATE, lambda *_: None, view)
    return System("greeting", members, network, (never,), symmetries=(swap,))


#: It tells who has spoken, in a form that renaming does not know.
TELLS = View("first", "ear", lambda messages: any(m.name == "one" for m in messages), inbox=True)
TOLD = r"a view of 0 or of what waits there is not renamed with it"


def test_a_state_that_only_a_silent_step_leads_to_is_seen() -> None:
    found = explore(half())
    assert [d.length for d in found.witnesses] == [1]
    why = "claim reads what is under way, which silent steps change"
    assert replace(found.reductions, ordering=False).words() == (f"no fusion ({why})",)


def test_nodes_whose_inboxes_are_read_are_not_settled() -> None:
    found = explore(news())
    assert [(d.property, d.length, d.reason) for d in found.violations] == [("claim", 1, "news")]
    _fusion, *others = replace(found.reductions, ordering=False).words()
    assert others == ["settling", "no settling of ear (claim reads what waits there)"]


def test_a_view_of_what_waits_that_is_not_renamed_is_no_symmetry() -> None:
    with pytest.raises(SymmetryError, match=TOLD):
        explore(greeting(TELLS))


@pytest.mark.parametrize(
    "network", [AtMostOnce(), LossyDuplicating(), Lossy(), Reliable(), Fifo(), Fifo(1)], ids=str
)
def test_a_view_is_shown_what_the_network_holds(network: Network) -> None:
    """In both engines alike: in the order of `held`, and as often as it waits."""
    seen: list[set[Any]] = []
    for engine in (partial(explore, reductions=UNREDUCED), reference.explore):
        shown: set[Any] = set()
        noting = View("noting", "ear", lambda messages, shown=shown: shown.add(messages) or messages, True)
        engine(greeting(noting, network))
        seen.append(shown)
    assert seen[0] == seen[1]
    assert {len(messages) for messages in seen[0]} == {0, 1, 2}


@pytest.mark.parametrize("kind", [Kind.NODE, Kind.ACTION])
def test_what_is_judged_node_by_node_reads_local_states(kind: Kind) -> None:
    with pytest.raises(ValueError, match="reads local states; view left reads inboxes"):
        claim(kind, lambda *_: None, LEFT)


def test_a_view_that_goes_wrong_is_told_with_what_waits() -> None:
    broken = View("broken", "ear", lambda messages: messages[1], inbox=True)
    for engine in (explore, reference.explore):
        raised = engine(greeting(broken)).raised
        assert raised is not None
        assert "view broken of ear to which there is under way" in raised.reason
        assert "IndexError" in raised.reason
