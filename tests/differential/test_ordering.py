"""Each interleaving once: no figure of a check changes by it but that of the steps that were followed.

The native engine with ordering and without, on shipped models, unreduced and reduced, with several workers
and small batches; that random systems agree with the reference engine is in test_hunt.py, test_faults.py
and others. Where it does exactly what the definition of sleep sets says, it follows exactly as many steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hunt import tables
from hunt.comparing import account, confirm_all
from hunt.coverage import shared_early
from hunt.streams import Stream

from checker import AtMostOnce, Fifo, Kind, LossyDuplicating, Member, Property, Role, System, View
from checker.engines import reference
from checker.engines.contract import (
    EVERY_STATE,
    UNREDUCED,
    Exploration,
    Limits,
    Progress,
    Reductions,
    Watch,
)
from checker.engines.native import tuning
from checker.engines.native.engine import explore
from checker.engines.native.reductions.ordering import Ordering
from checker.engines.native.search import search
from checker.engines.native.search.limits import LimitReached
from checker.engines.native.search.search import Search
from checker.engines.native.tables import Tables
from checker.model.network import Lossy, Network
from checker.model.properties import On
from spec.protocol import PMMC
from tests.unit.support.shippedmodels import loaded
from tests.unit.support.sleepsets import Seen, each_once, moves_by_tables

#: By default one model in so many is explored if it has no more states; the others, if not slow themselves,
#: by --slow.
ONE_IN, MOST_STATES = 7, 3_000
FILES = sorted(PMMC.models.glob("*.yaml"))


@pytest.fixture(autouse=True)
def from_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each interleaving is followed once in small searches, too, and where states have few steps."""
    monkeypatch.setattr(tuning, "USUAL", replace(tuning.USUAL, ordered=0, steps=0, spared=0))


def figures(found: Exploration) -> dict[str, Any]:
    """All that does not depend on the order in which steps are followed."""
    return {
        **account(found),
        "terminal_judged": found.terminal_judged,
        "futures": found.futures,
        "waits": found.waits,
        "idle": found.idle,
        "complete": found.complete,
        "shortest": {d.property: d.shortest for d in (*found.violations, *found.witnesses)},
        "loops": {d.property: d.loop for d in found.violations},
        "reductions": replace(
            found.reductions,
            asked=UNREDUCED,
            ordering=False,
            refused=replace(found.reductions.refused, ordering=None),
        ),
    }


def agree(system: System, reductions: Reductions, workers: tuple[int, ...], **limits: int) -> Exploration:
    """With ordering, by any number of workers, all is as it is without; what that found."""
    without = explore(system, Limits(**limits), reductions=replace(reductions, ordering=False))
    assert without.followed == without.generated
    told = None
    for count in workers:
        found = explore(system, Limits(**limits), reductions=reductions, workers=count)
        confirm_all(system, found)
        assert figures(found) == figures(without)
        assert found.followed <= found.generated
        paths = [(d.property, d.path) for d in (*found.violations, *found.witnesses)]
        told = told or (found.followed, paths)
        assert (found.followed, paths) == told
    return found


# Shipped models -------------------------------------------------------------------------------------------


def cases(*, reduced: bool) -> Iterator[Any]:
    """The models whose states are counted so; by default some of the smaller, by place in the list."""
    place = 0
    for path in FILES:
        expect = loaded(path).model.expect
        if expect is None:
            continue
        figured = expect.reduced or expect if reduced else expect
        if loaded(path).model.slow or figured.states is None:
            continue
        place += 1
        by_default = figured.states <= MOST_STATES and place % ONE_IN == reduced
        yield pytest.param(path, id=path.stem, marks=[] if by_default else [pytest.mark.slow])


@pytest.mark.parametrize("path", list(cases(reduced=False)))
def test_no_figure_of_a_model_changes(path: Path) -> None:
    with shared_early(Stream(0, path.stem).pick((4, 100))):
        found = agree(loaded(path).system, EVERY_STATE, (1, 3))
    assert found.reductions.ordering == (found.reductions.refused.ordering is None)


@pytest.mark.parametrize("path", list(cases(reduced=True)))
def test_no_figure_of_a_reduced_model_changes(path: Path) -> None:
    with shared_early(Stream(1, path.stem).pick((4, 100))):
        agree(loaded(path).system, Reductions(), (1, 2))


def test_models_are_chosen_of_every_network() -> None:
    chosen = [p.values[0] for on in (False, True) for p in cases(reduced=on) if not p.marks]
    assert len(chosen) >= 25
    networks = {loaded(path).system.network.name.split(",")[0] for path in chosen}
    assert networks >= {"at-most-once", "lossy-duplicating", "fifo"}
    assert any(loaded(path).model.expect.property for path in chosen)


@pytest.mark.parametrize("depth", [3, 9])
def test_what_a_limit_of_levels_has_seen_is_the_same(depth: int) -> None:
    for name in ("two-acceptors", "duel-duplicating"):
        agree(loaded(PMMC.models / f"{name}.yaml").system, EVERY_STATE, (1, 2), max_depth=depth)


# How much is saved ----------------------------------------------------------------------------------------


def test_where_messages_are_taken_once_hardly_a_state_is_found_twice() -> None:
    """Of models that nothing reduces: steps followed for each state, where ten are generated."""
    for name, most in (("two-acceptors", 1.4), ("two-replicas", 1.4), ("three-acceptors", 1.6)):
        found = explore(loaded(PMMC.models / f"{name}.yaml").system, reductions=EVERY_STATE)
        assert found.complete
        assert found.followed <= most * found.states, name


@dataclass(frozen=True)
class Text:
    """A message."""

    n: int


def talking(steps: int, network: Network, *properties: Property) -> System:
    """Three nodes, each of which goes on by itself, and one that gathers what they say."""

    def go(me: Any, x: int) -> Any:
        return ((x + 1, (("g", Text(10 * me + x)),)),) if x < steps else ()

    gather = Role("g", {Text: lambda _, heard, m: ((heard | {m.n}, ()),) if m.n not in heard else ()})
    speak = Role("s", {}, {"go": go})
    members = (
        *(Member(f"s{k}", speak, k, 0) for k in range(3)),
        Member("g", gather, None, frozenset()),
    )
    return System("talking", members, network, properties)


@pytest.mark.parametrize("network", [AtMostOnce(), LossyDuplicating()], ids=lambda n: n.name)
def test_of_steps_that_commute_each_is_followed_once(network: Network) -> None:
    """All steps do: of several nodes, and those of the one that gathers. So each state is found once."""
    found = agree(talking(2, network), EVERY_STATE, (1, 2))
    assert found.followed == found.states - 1
    assert found.generated > 3 * found.states


def test_more_moves_than_can_sleep_lose_nothing() -> None:
    """A row of more moves than there are places for: the rest is followed always."""
    first = tuple(("outside", Text(n)) for n in range(11))
    gather = Role("g", {Text: lambda _, heard, m: ((heard | {m.n % 3}, ()),)})
    go = Role("s", {}, {"go": lambda _, x: ((x + 1, ()),) if x < 4 else ()})
    members = (Member("g", gather, None, frozenset(), first), Member("s", go, None, 0))
    many = {f"w{k}": lambda _, x, k=k: ((x | 1 << k, ()),) if not x >> k & 1 else () for k in range(18)}
    wide = Role("w", {}, many)
    for system, depth in (
        (System("many", members, AtMostOnce(), ()), 20),
        (System("wide", (Member("w", wide, None, 0), Member("s", go, None, 0)), AtMostOnce(), ()), 5),
    ):
        found = agree(system, EVERY_STATE, (1, 2), max_depth=depth)
        assert found.states > 1_000
        assert found.followed < found.generated / 2


# As the definition says -----------------------------------------------------------------------------------


def defined(seed: int, network: Network) -> System:
    """A random protocol of few nodes, in which nothing is handled at once."""
    stream = Stream(seed, "defined")
    dials = tables.Dials.drawn(stream.at("dials"))
    dials = replace(dials, idle=0, burst=min(dials.burst, 3), late=0, nodes=min(dials.nodes, 3))
    dials = replace(dials, raising=0, immediate=0, settles=0, claims=0, network=stream.below(4))
    return replace(tables.system(seed, dials), network=network)


def by_definition(system: System, reductions: Reductions) -> Seen:
    """What the definition makes of the graph that the kernel explores."""
    tables = Tables(system, reductions)
    return each_once(tables.initial(), moves_by_tables(tables))


@pytest.mark.parametrize("network", [AtMostOnce(), LossyDuplicating(), Lossy()], ids=lambda n: n.name)
def test_as_many_steps_are_followed_as_by_definition(network: Network) -> None:
    """Of few nodes there is room for every move to be asleep, also for those of rows that come up later."""
    compared = saved = 0
    for seed in range(30):
        system = defined(seed, network)
        plain = explore(system, Limits(max_states=400), reductions=UNREDUCED)
        if not plain.complete:
            continue
        with shared_early(4):
            found = explore(system, reductions=EVERY_STATE, workers=1 + seed % 3)
        wanted = by_definition(system, EVERY_STATE)
        assert (found.states, found.levels) == (plain.states, wanted.levels)
        assert found.terminal == len(wanted.terminal)
        if network.unordered:
            assert found.followed == len(wanted.followed), seed
        else:  # what of two arrivals is not in the tables yet is taken not to commute
            assert found.followed >= len(wanted.followed), seed
        compared += 1
        saved += found.generated - found.followed
    assert compared > 10
    assert saved > 500


# When it begins -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ordered", [50, 500])
def test_begun_in_the_middle_it_follows_about_as_many_steps_as_from_the_start(
    monkeypatch: pytest.MonkeyPatch, ordered: int
) -> None:
    """Numbers, and with them orders, may be others; what sleeps when it begins is not nothing."""
    system = loaded(PMMC.models / "majorities-keep-highest.yaml").system
    from_the_start = explore(system)
    monkeypatch.setattr(tuning, "USUAL", replace(tuning.USUAL, ordered=ordered))
    later = explore(system)
    assert later.reductions.ordering
    assert figures(later) == figures(from_the_start)
    assert from_the_start.followed < 0.3 * later.generated
    assert abs(later.followed - from_the_start.followed) < 0.02 * later.followed


@pytest.mark.parametrize(("steps", "spared"), [(0, 1_000), (1_000, 0)])
def test_where_it_would_save_too_little_it_does_not_begin(
    monkeypatch: pytest.MonkeyPatch, steps: float, spared: float
) -> None:
    system = loaded(PMMC.models / "majorities-keep-highest.yaml").system
    from_the_start = explore(system)
    sizes = replace(tuning.USUAL, ordered=500, steps=steps, spared=spared)
    monkeypatch.setattr(tuning, "USUAL", sizes)
    without = explore(system, workers=2)
    assert not without.reductions.ordering
    assert figures(without) == figures(from_the_start)
    assert without.followed == without.generated


@pytest.mark.parametrize("amid", [False, True], ids=["after a level", "before its states are expanded"])
def test_a_limit_that_is_reached_while_it_looks_back_leaves_all_counts_as_they_were(
    monkeypatch: pytest.MonkeyPatch, amid: bool
) -> None:
    system = loaded(PMMC.models / "majorities-keep-highest.yaml").system
    plain = explore(system, reductions=replace(Reductions(), ordering=False))
    monkeypatch.setattr(tuning, "USUAL", replace(tuning.USUAL, ordered=500))
    explored = Search.explore

    def cut_short(search: Search, depth: int) -> None:
        is_reached = search.in_order and depth == 5
        if not (is_reached and amid):
            explored(search, depth)
        if is_reached:
            raise LimitReached("enough")

    monkeypatch.setattr(Search, "explore", cut_short)
    found = explore(system)
    level = len(found.levels)
    assert found.stopped == "enough"
    assert found.levels == plain.levels[:level]
    assert found.states == sum(plain.levels[:level])
    assert found.frontier == plain.levels[level - 1]
    assert found.generated == found.followed == explore(system, Limits(max_depth=level)).generated
    assert not found.reductions.ordering


def test_who_waits_while_it_looks_back_is_not_told_less_than_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = loaded(PMMC.models / "majorities-keep-highest.yaml").system
    monkeypatch.setattr(tuning, "USUAL", replace(tuning.USUAL, ordered=500))
    monkeypatch.setattr(search, "COUNT", 0.0)
    told: list[Progress] = []
    found = explore(system, report=told.append)
    assert found.reductions.ordering
    assert [p.generated for p in told] == sorted(p.generated for p in told)
    expanded = [p.states - p.frontier for p in told]
    assert expanded == sorted(expanded)
    assert len(set(expanded)) > 10


@pytest.mark.parametrize("workers", [1, 3])
def test_it_ends_where_memory_is_short(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workers: int
) -> None:
    system = loaded(PMMC.models / "majorities-keep-highest.yaml").system
    in_order, plain = explore(system), explore(system, reductions=replace(Reductions(), ordering=False))
    monkeypatch.setattr(Watch, "is_near_memory", lambda watch, used, part, more=0: watch.deep)
    monkeypatch.setattr(Watch, "deep", False, raising=False)
    explored = Search.explore

    def then_short(search: Search, depth: int) -> None:
        explored(search, depth)
        monkeypatch.setattr(Watch, "deep", depth >= 9)

    monkeypatch.setattr(Search, "explore", then_short)
    with shared_early(20):
        found = explore(system, workers=workers, disk=tmp_path)
    assert figures(found) == figures(in_order)
    assert found.reductions.ordering
    assert 1.2 * in_order.followed < found.followed < 0.9 * plain.generated


# What is handled at once ----------------------------------------------------------------------------------


def adding(*properties: Property, behind: int = 0) -> System:
    """Two nodes add to a number at once, 1 and 2: to 3 in either order, but over 1 or over 2.

    `behind`: so many other steps come before.
    """

    def adds(n: int) -> Role:
        def go(_: Any, x: int) -> Any:
            return ((x + 1, (("k", Text(n)),) if x == behind else ()),) if x <= behind else ()

        return Role(f"adds{n}", {}, {"go": go})

    number = Role("k", {Text: lambda _, x, m: ((x + m.n, ()),)}, immediate=frozenset({Text}))
    members = (Member("a", adds(1), None, 0), Member("b", adds(2), None, 0), Member("k", number, None, 0))
    return System("adding", members, AtMostOnce(), properties)


def bad(*wanted: Any) -> Property:
    """That a node does not go from one of two numbers to the other."""

    def judge(_: Any, *seen: Any) -> str | None:
        return "bad" if seen == wanted else None

    return Property("p", Kind.ACTION, "A claim.", "this test", (View("all", "k", lambda x: x),), judge)


@pytest.mark.parametrize("behind", [0, 2])
@pytest.mark.parametrize("step", [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)], ids=str)
def test_a_step_that_only_one_order_shows_is_judged(step: tuple[int, int], behind: int) -> None:
    system = adding(bad(*step), behind=behind)
    wanted = reference.explore(system)
    for found in (agree(system, EVERY_STATE, (1, 2)), explore(system)):
        assert [d.length for d in found.violations] == [d.length for d in wanted.violations]
    assert account(explore(system, reductions=EVERY_STATE)) == account(wanted)
    assert bool(wanted.violations) == (step != (0, 3))


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=str)
def test_a_rule_that_raises_in_only_one_order_is_told(order: tuple[int, int]) -> None:
    def note(_: Any, heard: tuple[int, ...], m: Text) -> Any:
        if (*heard, m.n) == order:
            raise ValueError(order)
        return ((tuple(sorted((*heard, m.n))), ()),)

    def says(n: int) -> Role:
        return Role(f"says{n}", {}, {"go": lambda _, x: ((1, (("k", Text(n)),)),) if x == 0 else ()})

    number = Role("k", {Text: note}, immediate=frozenset({Text}))
    members = (Member("a", says(1), None, 0), Member("b", says(2), None, 0), Member("k", number, None, ()))
    claim = Property("p", Kind.NODE, "A claim.", "this test", (View("all", "k", tuple),), lambda *_: None)
    system = System("raising", members, AtMostOnce(), (claim,))
    for reductions in (EVERY_STATE, UNREDUCED, Reductions()):
        found = explore(system, reductions=reductions)
        assert found.raised is not None
        confirm_all(system, found)
        assert len(found.raised.path or ()) == 1


# Order of arrival -----------------------------------------------------------------------------------------


def test_two_steps_of_one_node_that_send_to_a_queue_do_not_commute() -> None:
    """The node ends alike in both orders, and what it sent stands in another one."""
    wakes = {
        f"say{n}": (lambda _, said, n=n: ((said | {n}, (("k", Text(n)),)),) if n not in said else ())
        for n in range(3)
    }
    hear = Role("k", {Text: lambda _, heard, m: (((*heard, m.n), ()),)})
    members = (Member("a", Role("a", {}, wakes), None, frozenset()), Member("k", hear, None, ()))
    system = System("queue", members, Fifo(), ())
    found = agree(system, EVERY_STATE, (1, 2))
    assert found.states == reference.explore(system).states
    # all orders of all that was said, and for each how much of it was heard
    assert found.states == sum(count * (said + 1) for said, count in ((0, 1), (1, 3), (2, 6), (3, 6)))


def test_a_property_of_what_follows_is_told_the_same() -> None:
    """What looks at all steps, when all states are known, sees all of them."""
    names = [
        path.stem
        for path in FILES
        if not loaded(path).model.slow
        and any(p.kind.on in (On.FUTURE, On.RUN) for p in loaded(path).system.properties)
        and (loaded(path).model.expect.states or 1 << 30) < 1_500
    ]
    assert len(names) >= 5
    for name in names[::9]:
        agree(loaded(PMMC.models / f"{name}.yaml").system, EVERY_STATE, (2,))


# What is not looked up ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two-slots-duplicating", "majorities-two-commands", "duel-duplicating"])
def test_where_messages_stay_looking_moves_up_comes_to_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That whatever arrives takes no move away is assumed of such networks; looked up, it is so."""
    system = loaded(PMMC.models / f"{name}.yaml").system
    system = replace(system, network=LossyDuplicating())
    # without symmetry: which of its images is kept depends on numbers, and so does what comes first
    unrenamed = Reductions(symmetry=False)
    found = explore(system, reductions=unrenamed)
    right = Ordering.commuting
    assert Tables(system, unrenamed).ordering.commuting().lasting
    monkeypatch.setattr(Ordering, "commuting", lambda self: right(self)._replace(lasting=0))
    looked_up = explore(system, reductions=unrenamed)
    assert found.followed < found.generated
    assert (looked_up.followed, figures(looked_up)) == (found.followed, figures(found))
