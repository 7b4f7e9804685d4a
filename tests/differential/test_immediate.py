"""Messages that are handled at once: what a whole step makes of a node is judged, and nothing in between.

Small systems, each in all engines: a node that tells itself something at once, two such messages in one
step, one that arrives where silent steps lead, a rule that raises; and tables at the edge of their fields.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from checker import AtMostOnce, Fifo, Kind, LossyDuplicating, Member, Property, Role, System, View
from checker.checking.confirm import confirm, confirm_raised
from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration, Reductions
from checker.engines.native.engine import explore
from checker.model.network import Lossy, Network, Reliable

NETWORKS = (AtMostOnce(), LossyDuplicating(), Lossy(), Fifo(), Reliable())
ALL = [*(Reductions(*map(bool, on)) for on in product((0, 1), repeat=3)), UNREDUCED]


@dataclass(frozen=True)
class Now:
    """Anybody → a, at once."""

    n: int


def claim(kind: Kind, judge: Callable[..., str | None], name: str = "p") -> Property:
    return Property(name, kind, "A claim.", "this test", (View("all", "a", lambda x: x),), judge)


def is_bad(*wanted: Any) -> Callable[..., str | None]:
    return lambda _, *seen: "bad" if seen == wanted else None


def once(*sends: tuple[str, Now]) -> Callable[..., Any]:
    return lambda me, x: ((1, sends),) if x == 0 else ()


def to_itself(*properties: Property) -> System:
    """From 0 to 1 and at once, by its own message, to 5."""
    rule = {Now: lambda me, x, m: ((m.n, ()),)}
    role = Role("a", rule, {"go": once(("a", Now(5)))}, immediate=frozenset({Now}))
    return System("itself", (Member("a", role, None, 0),), AtMostOnce(), properties)


def twice(*properties: Property, sends: tuple[int, ...] = (5, 7)) -> System:
    """The other sends several at once, and `a` notes each as a digit: order and number tell."""
    rule = {Now: lambda me, x, m: ((10 * x + m.n, ()),)}
    sender = Role("s", {}, {"go": once(*(("a", Now(n)) for n in sends))})
    role = Role("a", rule, immediate=frozenset({Now}))
    members = (Member("s", sender, None, 0), Member("a", role, None, 0))
    return System("twice", members, AtMostOnce(), properties)


def quietly(*properties: Property) -> System:
    """While `a` may do something that nobody sees, something arrives that is handled at once."""
    goal = Property(
        "g",
        Kind.SOMETIMES,
        "It has come.",
        "this test",
        (View("come", "a", lambda x: x[1]),),
        lambda _, seen: "it has come" if 1 in seen.values() else None,
    )
    rule = {Now: lambda me, x, m: (((x[0], 1), ()),)}
    wake = {"quiet": lambda me, x: (((1, x[1]), ()),) if x[0] == 0 else ()}
    members = (
        Member("s", Role("s", {}, {"go": once(("a", Now(5)))}), None, 0),
        Member("a", Role("a", rule, wake, immediate=frozenset({Now})), None, (0, 0)),
    )
    return System("quietly", members, AtMostOnce(), (*properties, goal))


CASES = {
    "node, itself": (to_itself(claim(Kind.NODE, is_bad(5))), True),
    "node, itself, in between": (to_itself(claim(Kind.NODE, is_bad(1))), False),
    "step, itself": (to_itself(claim(Kind.ACTION, is_bad(0, 5))), True),
    "step, itself, in between": (to_itself(claim(Kind.ACTION, is_bad(0, 1))), False),
    "step, two": (twice(claim(Kind.ACTION, is_bad(0, 57))), True),
    "step, two in between": (twice(claim(Kind.ACTION, is_bad(0, 5))), False),
    "node, two in between": (twice(claim(Kind.NODE, is_bad(5))), False),
    "order": (twice(claim(Kind.NODE, is_bad(75)), sends=(7, 5)), True),
    "again": (twice(claim(Kind.NODE, is_bad(55)), sends=(5, 5)), True),
    "step, after a silent one": (quietly(claim(Kind.ACTION, is_bad((1, 0), (1, 1)))), True),
    "step, no silent one": (quietly(claim(Kind.ACTION, is_bad((0, 0), (0, 1)))), True),
}


def verdicts(found: Exploration) -> object:
    return [d.property for d in found.violations], found.raised is None, found.stopped


@pytest.mark.parametrize("reductions", ALL, ids=str)
@pytest.mark.parametrize("case", CASES)
def test_a_whole_step_is_judged_and_nothing_in_between(case: str, reductions: Reductions) -> None:
    system, is_violated = CASES[case]
    found, wanted = explore(system, reductions=reductions), reference.explore(system)
    assert verdicts(found) == verdicts(wanted)
    assert bool(found.violations) == is_violated
    for discovery in found.violations:
        confirm(system, discovery)
    if reductions.every_state:
        assert (found.states, found.generated) == (wanted.states, wanted.generated)


def boom(me: Any, x: Any, message: Now) -> Any:
    raise ValueError(message)


def raising(network: Network, *, quiet: bool) -> System:
    """A message handled at once makes a rule raise; where `quiet`, only after a step that nobody sees."""

    def rule(me: Any, x: int, message: Now) -> Any:
        return boom(me, x, message) if x or not quiet else ()

    wake = {"quiet": lambda me, x: ((1, ()),) if x == 0 else ()}
    members = (
        Member("s", Role("s", {}, {"go": once(("a", Now(5)))}), None, 0),
        Member("a", Role("a", {Now: rule}, wake, immediate=frozenset({Now})), None, 0),
    )
    return System("raising", members, network, (claim(Kind.NODE, lambda *_: None),))


@pytest.mark.parametrize("reductions", ALL, ids=str)
@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
@pytest.mark.parametrize("quiet", [False, True])
def test_a_rule_that_raises_at_once_is_told(
    network: Network, reductions: Reductions, *, quiet: bool
) -> None:
    system = raising(network, quiet=quiet)
    wanted = reference.explore(system).raised
    found = explore(system, reductions=reductions).raised
    assert found is not None
    assert wanted is not None
    assert "boom" in found.reason or "ValueError" in found.reason
    confirm_raised(system, found)
    if not reductions.fusion:
        assert len(found.path) == len(wanted.path)


@pytest.mark.parametrize("real", [False, True])
def test_a_rule_that_raises_where_a_reduction_looks_is_told_if_it_can_happen(*, real: bool) -> None:
    def rule(me: Any, x: int, message: int) -> Any:
        if message == 3:
            raise ValueError("three is too much")
        return ((1, ()),) if x == 0 else ()

    def settle(me: Any, x: int, message: int) -> int:
        return 3 if message == 2 else message

    first = (("us", 2), ("us", 3)) if real else (("us", 2),)
    member = Member("a", Role("a", {int: rule}, settle=settle), None, 0, first)
    system = System("settles", (member,), AtMostOnce(), (claim(Kind.NODE, lambda *_: None),))
    found = explore(system)
    assert (found.raised is not None) == real
    assert found.complete == (not real)
    assert "three is too much" in found.reductions.words()[-1]
    if found.raised is not None:
        confirm_raised(system, found.raised)


def test_views_that_outgrow_their_bits_by_much_at_once() -> None:
    wake = {"any": lambda me, x: tuple((k + 1, ()) for k in range(600)) if x == 0 else ()}
    members = [Member(f"idle {k}", Role("idle", {}), None, 0) for k in range(8)]
    members.append(Member("a", Role("a", {}, wake), None, 0))
    views = (View("all", "a", lambda x: x), View("none", "idle", lambda x: x))

    def judge(setting: Any, seen: Any, idle: Any) -> str | None:
        return "it is 600" if 600 in seen.values() else None

    wide = Property("p", Kind.STATE, "Not 600.", "this test", views, judge)
    system = System("wide", tuple(members), AtMostOnce(), (wide,))
    found = explore(system, reductions=UNREDUCED)
    assert [d.length for d in found.violations] == [1]


def test_more_bounds_than_a_byte_tells_apart_are_a_limit_of_the_engine() -> None:
    wake = {"up": lambda me, x: ((x + 1, ()),) if x < 200 else ()}
    member = Member("a", Role("a", {}, wake, cut=lambda me, x: f"bound {x}"), None, 0)
    system = System("bounds", (member,), AtMostOnce(), (claim(Kind.NODE, lambda *_: None),))
    found = explore(system, reductions=UNREDUCED)
    assert found.stopped == "a limit of the engine was reached: more than 127 bounds stop nodes"
    assert not found.complete


def test_nothing_that_is_handled_at_once_waits_in_an_inbox() -> None:
    role = Role("a", {Now: boom}, immediate=frozenset({Now}))
    with pytest.raises(
        ValueError, match=r"node a begins with now\(n 4\) in its inbox, which its role handles at once"
    ):
        System("s", (Member("a", role, None, 0, (("x", Now(4)),)),), AtMostOnce(), ())


def test_a_state_that_nobody_explored_is_counted_as_such() -> None:
    system = to_itself(claim(Kind.NODE, is_bad(0)))
    assert explore(system).frontier == reference.explore(system).frontier == 1
