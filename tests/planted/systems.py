"""What is checked with a fault planted: systems of the differential tests, shipped models, false claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from checker import AtMostOnce, Fifo, Kind, LossyDuplicating, Member, Property, Role, System, View
from checker.model.fairness import Assumption, Fairness
from checker.model.shift import Shift
from checker.modelfiles.loading import LoadedModel, load
from spec.protocol import PMMC
from tests.differential.elections import election, on_ask_again, on_ask_forgetting
from tests.differential.test_immediate import CASES, raising
from tests.differential.test_terminal import COLOUR, bursting
from tests.unit.engines.test_shifts import FALSE as NO_SHIFTS
from tests.unit.engines.test_shifts import game, juggled, later_by_far, settling
from tests.unit.native.test_ageing import aged
from tests.unit.native.test_fusion import counting
from tests.unit.native.test_inboxes_read import TELLS, TOLD, greeting, half, news
from tests.unit.native.test_settling import UNSOUND, listener, system

#: Shipped models that are checked as a user does, and are small.
SHIPPED = ("duel", "election", "slot-in-within-window", "commander-as-printed")


@cache
def shipped(name: str) -> LoadedModel:
    """A model that comes with the protocol."""
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC})


def never(kind: Kind, *views: View, name: str = "never") -> Property:
    """A claim that nothing violates."""
    return Property(name, kind, "A claim.", "this test", views, lambda *_: None)


# Two nodes that no other test has: one ends at a bound or before it, one takes words for what they say ----


def walker(*properties: Property, stops: bool = False, bound: int = 3, raises: int = -2) -> System:
    """It goes up to a bound and, if it `stops`, may do so at 1, where no bound is."""

    def go(me: Any, at: int) -> Any:
        if at == raises:
            raise ArithmeticError(at)
        return ((at + 1, ()),) if 0 <= at < bound else ()

    def stop(me: Any, at: int) -> Any:
        return ((-1, ()),) if at == 1 and stops else ()

    wakes = {"go": go, "stop": stop} if stops else {"go": go}
    role = Role("walker", {}, wakes, cut=lambda me, at: "steps" if at == bound else None)
    return System("walker", (Member("w", role, None, 0),), AtMostOnce(), properties)


AT = View("at", "walker", lambda at: at)


def at(kind: Kind, *wanted: int) -> Property:
    """A claim that is violated, or a goal that is reached, where the walker is."""

    def judge(_: Any, seen: Any) -> str | None:
        return "it is there" if not {*seen.values()}.isdisjoint(wanted) else None

    return Property("place", kind, "A claim.", "this test", (AT,), judge)


def step(before: int, after: int) -> Property:
    """A claim that one step of the walker violates, if it ever takes it."""

    def judge(_: Any, *seen: int) -> str | None:
        return "it did" if seen == (before, after) else None

    return Property("step", Kind.ACTION, "A claim.", "this test", (AT,), judge)


def talking(network: Any) -> System:
    """Two say different words to a third, each several at once; it keeps what it hears, in order."""

    def say(words: Any, said: bool) -> Any:
        return () if said else tuple((True, tuple(("ear", word) for word in some)) for some in words)

    def hear(me: Any, heard: Any, word: str) -> Any:
        return (((*heard, word), ()),) if len(heard) < 2 else ()

    one, other = Role("one", {}, {"say": say}), Role("other", {}, {"say": say})
    members = (
        Member("one", one, (("a", "b"), ("c", "b"), ("d",)), False),
        Member("other", other, (("e",), ("a", "f")), False),
        Member("ear", Role("ear", {str: hear}), None, ()),
    )
    seen = View("heard", "ear", lambda heard: heard)

    def goal(word: str) -> Property:
        def judge(_: Any, heard: Any) -> str | None:
            return "heard" if word == "".join(heard["ear"]) else None

        return Property(f"hears-{word}", Kind.SOMETIMES, "A goal.", "this test", (seen,), judge)

    goals = tuple(map(goal, ("ab", "ca", "fa", "ea", "bb")))
    return System("talking", members, network, goals)


def restless(places: int) -> System:
    """Two nodes, each of which may go from any place to any other: every state follows from many others."""

    def go(me: Any, at: int) -> Any:
        return tuple((then, ()) for then in range(places) if then != at)

    role = Role("walker", {}, {"go": go})
    members = (Member("one", role, None, 0), Member("other", role, None, 0))
    return System("restless", members, AtMostOnce(), (never(Kind.STATE, AT),))


def wandering(*wanted: int) -> System:
    """Two nodes, each of which may get into a trap, or to a bound; from elsewhere all can be reached."""
    leads = {0: (1, 5), 1: (0, 2, 4), 2: (3,), 3: (2,), 4: (1,)}

    def go(me: Any, at: int) -> Any:
        return tuple((then, ()) for then in leads.get(at, ()))

    def judge(_: Any, seen: Any) -> str | None:
        return "both are there" if {*seen.values()} <= {*wanted} else None

    role = Role("walker", {}, {"go": go}, cut=lambda me, at: "steps" if at == 5 else None)
    members = (Member("one", role, None, 0), Member("other", role, None, 0))
    claim = Property("there", Kind.CAN_STILL, "A claim.", "this test", (AT,), judge)
    return System("wandering", members, AtMostOnce(), (claim,))


def red_when_ready(idle: int) -> System:
    """As `bursting`; what several nodes show outgrows its place on the level where it is violated."""
    phase = View("phase", "busy", lambda phase: phase)
    nothing = View("nothing", "idle", lambda nothing: nothing)

    def judge(_: Any, phases: Any, colours: Any, idles: Any) -> str | None:
        bad = "ready" in phases.values() and "red" in colours.values()
        return "it is red when ready" if bad else None

    views = (phase, COLOUR, nothing)
    claim = Property("red-when-ready", Kind.STATE, "A claim.", "this test", views, judge)
    return replace(bursting(idle), properties=(claim,))


# Runs without end: one node whose wakes are the edges of a graph, each a class of steps of its own -------

Edges = dict[int, tuple[int, ...]]


def roaming(
    kind: Kind,
    edges: dict[str, Edges],
    wanted: set[int],
    *,
    fair: str = "",
    strong: str = "",
    ends: str = "",
    when: int = 1,
    bound: int = 99,
) -> System:
    """It takes the edges of some colours, one letter each; what is asked for is shown in some places."""

    def going(colour: str) -> Any:
        return lambda me, at: tuple((then, ()) for then in edges[colour].get(at, ()))

    def judge(_: Any, seen: Any) -> str | None:
        return "it is there" if seen["r"] in wanted else None

    def begins(_: Any, seen: Any) -> str | None:
        return "it was there" if seen["r"] == when else None

    def those(colours: str) -> tuple[Assumption, ...]:
        return tuple(Assumption(colour, frozenset({("r", colour)})) for colour in colours)

    role = Role("walker", {}, {c: going(c) for c in edges}, lambda me, at: "edge" if at == bound else None)
    is_after = kind is Kind.LEADS_TO
    claim = Property(
        "there", kind, "A claim.", "this test", (AT,), judge, when=begins if is_after else None
    )
    fairness = Fairness(those(fair), those(strong), those(ends))
    return System("roaming", (Member("r", role, None, 0),), AtMostOnce(), (claim,), fairness=fairness)


class Height(NamedTuple):
    """A level."""

    n: int


def rising() -> System:
    """It goes up for ever, which is a cycle of one state if states are kept up to a shift."""

    def up(me: Any, height: Height) -> Any:
        return ((Height(height.n + 1), ()),)

    shift = Shift("heights", Height, lambda it: it.n, lambda it, by: Height(it.n + by), 1)
    view = View("same", "walker", lambda height: 0)
    claim = Property("there", Kind.EVENTUALLY, "A claim.", "this test", (view,), lambda *_: None)
    member = Member("r", Role("walker", {}, {"up": up}), None, Height(0))
    fairness = Fairness((Assumption("up", frozenset({("r", "up")})),))
    return System("rising", (member,), AtMostOnce(), (claim,), fairness=fairness, shift=shift)


ROUND: Edges = {0: (1,), 1: (2,), 2: (0,)}
OUT: Edges = {1: (5,)}
RUNS = {
    "stays on a round": roaming(Kind.EVENTUALLY, {"a": ROUND, "b": OUT}, {5}, fair="a"),
    "is drawn out": roaming(
        Kind.EVENTUALLY, {"a": ROUND, "b": {0: (5,), 1: (5,), 2: (5,)}}, {5}, fair="ab"
    ),
    "may stop": roaming(Kind.EVENTUALLY, {"a": {0: (1,)}, "b": {1: (2,)}}, {2}, fair="a"),
    "need not leave, weakly": roaming(Kind.EVENTUALLY, {"a": ROUND, "b": OUT}, {5}, fair="ab"),
    "must leave, strongly": roaming(Kind.EVENTUALLY, {"a": ROUND, "b": OUT}, {5}, fair="a", strong="b"),
    "a part is left, strongly": roaming(
        Kind.EVENTUALLY,
        {"a": {0: (1,), 1: (2,), 2: (3, 1), 3: (2,)}, "b": {1: (5,)}},
        {5},
        fair="a",
        strong="b",
    ),
    "goes round finitely often": roaming(
        Kind.EVENTUALLY, {"a": {0: (1,), 1: (2,)}, "b": {2: (0,)}, "c": {2: (5,)}}, {5}, fair="ac", ends="b"
    ),
    "behind a bound": roaming(
        Kind.EVENTUALLY, {"a": {0: (1, 3), 1: (5,), 3: (4,), 4: (3,)}}, {5}, fair="a", bound=3
    ),
    "stopped by a bound": roaming(Kind.EVENTUALLY, {"a": {0: (1,), 1: (2,)}}, {5}, fair="a", bound=2),
    "again and again": roaming(
        Kind.ALWAYS_EVENTUALLY, {"a": {0: (1,), 1: (0, 2), 2: (3,), 3: (2,)}}, {0}, fair="a"
    ),
    "comes back": roaming(Kind.ALWAYS_EVENTUALLY, {"a": ROUND}, {2}, fair="a"),
    "follows": roaming(
        Kind.LEADS_TO, {"a": {0: (1, 4), 1: (2,), 2: (3,), 4: (6,), 6: (4,)}}, {3}, fair="a"
    ),
    "does not follow": roaming(Kind.LEADS_TO, {"a": {0: (1, 4), 1: (2,), 2: (1, 3)}}, {3}, fair="a"),
    "never begins": roaming(Kind.LEADS_TO, {"a": ROUND}, {2}, fair="a", when=9),
    "through what is asked for": roaming(
        Kind.EVENTUALLY, {"a": {0: (1,), 1: (2,), 2: (3,), 3: (2,)}}, {1}, fair="a"
    ),
    "idle": roaming(Kind.EVENTUALLY, {"a": {0: (1,)}, "b": {}}, {1}, fair="ab"),
    "two rounds": roaming(
        Kind.EVENTUALLY,
        {"a": {0: (1, 2, 3), 1: (0,), 3: (4, 5), 4: (3,)}, "b": {1: (5,), 2: (5,), 3: (5,), 4: (5,)}},
        {5},
        fair="ab",
    ),
    "by either of two": roaming(
        Kind.EVENTUALLY, {"a": {0: (1,), 1: (0,)}, "b": {0: (1,), 1: (0,)}}, {9}, fair="ab"
    ),
    "both are taken": roaming(
        Kind.EVENTUALLY, {"a": {0: (1,), 1: (0,)}, "b": {0: (2,), 1: (2,), 2: (0,)}}, {9}, fair="ab"
    ),
}
#: Shipped models that are judged by runs, and are small.
LIVELY = ("duel-endless", "duel-by-ping", "takeover-undetected", "loss-sent-once", "loss")


# All of them ----------------------------------------------------------------------------------------------


def small() -> Iterator[tuple[str, System]]:
    """Systems of a few states."""
    for name, (asked, _) in CASES.items():
        yield f"at once: {name}", asked
    for network in (AtMostOnce(), Fifo()):
        yield f"a rule that raises, {network.name}", raising(network, quiet=False)
    for network in (AtMostOnce(), LossyDuplicating(), Fifo()):
        yield f"talking, {network.name}", talking(network)
    yield "counting", counting(AtMostOnce())
    yield "restless", restless(16)
    for places in ((0, 1), (3,)):
        yield f"wandering to {places}", wandering(*places)
    yield "a wake that raises", walker(never(Kind.STATE, AT), raises=2)
    for before in (0, 1):
        yield f"a step from {before}", walker(step(before, 2))
    yield "a silent step that empties an inbox", half()
    yield "an inbox that settles and is read", news()
    yield "a bound", walker(at(Kind.TERMINAL, 3), stops=True)
    yield "an end", walker(at(Kind.TERMINAL, -1), stops=True)


def large() -> Iterator[tuple[str, System]]:
    """Systems whose states are packed anew while they are shared, or are images of others."""
    yield "packed anew", bursting(7)
    yield "packed anew, passing", replace(bursting(7), properties=(never(Kind.STATE, COLOUR),))
    yield "views laid out anew", red_when_ready(7)
    yield "election", election(3)
    yield "election, forgetting", election(3, on_ask_forgetting)
    yield "duel", shipped("duel").system


def running() -> Iterator[tuple[str, System]]:
    """Systems with claims about runs."""
    for name, asked in RUNS.items():
        yield f"runs: {name}", asked
    yield "runs: rising", rising()
    for name in LIVELY:
        yield f"runs: {name}", shipped(name).system


def wide() -> Iterator[tuple[str, System]]:
    """Systems whose states need two words; how to share them out takes a while to find."""
    yield "two words", bursting(40)


def five_alike() -> System:
    """Its symmetry group is one that the kernel does not try all of."""
    return election(5, on_ask_again, properties=())


def unsound() -> Iterator[tuple[str, System, str]]:
    """Systems whose `settle`, or view of what waits, is unsound, and what is said of that."""
    for name, (network, words, steps, choices, wakes, message) in UNSOUND.items():
        yield f"settle: {name}", system(listener(steps, choices, wakes), words, network), message
    yield "symmetry: what waits", greeting(TELLS), TOLD


# Levels that rise for ever --------------------------------------------------------------------------------


def no_shifts() -> Iterator[tuple[str, System]]:
    """What is claimed to be a shift and is none, whatever is reduced."""
    for name, (asked, _) in NO_SHIFTS.items():
        yield name, asked


def no_ageing() -> Iterator[tuple[str, System]]:
    """Settling that looks at levels, or at how old a message is."""
    yield "settling looks at the level", game(settle=settling)
    yield "what was dropped matters when it is old", aged()


def shifted() -> Iterator[tuple[str, System]]:
    """Systems of which states are kept up to a shift: one with cut states, one that rests on paths."""
    yield "a player that is left behind", later_by_far()
    yield "balls in another order", juggled()
    yield "a duel of any length", shipped("duel-any-length-two-commands").system
