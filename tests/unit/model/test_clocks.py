"""Clocks that drift, of a protocol that is not Paxos: nodes that count what their clocks show."""

from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import AtMostOnce, Crashes, Kind, Machine, Machines, Member, Property, Role, System, View
from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native import engine as native
from checker.model.environment.clocks import MOST_DRIFTING, Clocks, Time
from checker.model.environment.crashes import Crash, Stable
from checker.model.modelcode import written_at
from checker.model.semantics import State, initial_state, successors
from checker.model.values import Hosted
from checker.model.vocabulary import Down

NAMES = ("a", "b", "c")


@dataclass(frozen=True)
class Tick:
    """To a watch: a tick of its clock."""


@dataclass(frozen=True)
class Watch:
    """`shows` is how many ticks there were, up to a limit, and `lost` how many since a crash."""

    shows: int = 0
    lost: int = 0


def on_tick(most: int, watch: Watch, message: Tick) -> Any:
    return ((replace(watch, shows=min(watch.shows + 1, most), lost=min(watch.lost + 1, most)), ()),)


def watches(names: Any, most: int = 100) -> tuple[Member, ...]:
    return tuple(Member(name, Role("watch", {Tick: on_tick}), most, Watch()) for name in names)


def members(drift: int, *names: str, most: int = 100) -> tuple[Member, ...]:
    others = (Member("bystander", Role("other", {}), None, 0),)
    return Clocks(drift, Tick()).join((*watches(names, most), *others))


def ticks(made: tuple[Member, ...], time: Any) -> dict[frozenset[Any], Any]:
    """Whose clocks may go on together → what there is then."""
    (wake,) = made[-1].role.wakes.values()
    return {frozenset(to for to, _ in sends): after for after, sends in wake(None, time)}


@given(st.integers(0, 3), st.integers(1, 4), st.data())
def test_what_clocks_may_do_is_all_that_the_drift_allows(drift: int, count: int, data: Any) -> None:
    names = [f"w{i}" for i in range(count)]
    made = members(drift, *names)
    shows, time = dict.fromkeys(names, 0), made[-1].local
    for _ in range(data.draw(st.integers(0, 12))):
        some = [frozenset(c) for size in range(1, count + 1) for c in combinations(names, size)]
        moved = {those: {n: at + (n in those) for n, at in shows.items()} for those in some}
        allowed = {t for t, now in moved.items() if max(now.values()) - min(now.values()) <= drift}
        offered = ticks(made, time)
        assert set(offered) == allowed
        those = data.draw(st.sampled_from(sorted(allowed, key=sorted)))
        shows, time = moved[those], offered[those]
        slowest = min(shows.values())
        assert time == Time(frozenset((n, at - slowest) for n, at in shows.items() if at > slowest))


@pytest.mark.parametrize("drift", [0, 1, 2])
def test_what_two_clocks_make_of_one_stretch_of_time(drift: int) -> None:
    """It differs by twice the drift, and by no more; where one begins behind the other and ends ahead."""
    made = members(drift, *NAMES)
    seen = {made[-1].local}
    todo = [*seen]
    while todo:
        new = [after for after in ticks(made, todo.pop()).values() if after not in seen]
        seen.update(new)
        todo += new
    apart = set()
    for start in seen:  # the first clock counts so many ticks, while the second counts others
        reached = {(start, 0, 0)}
        now = [*reached]
        while now:
            time, one, other = now.pop()
            for those, after in ticks(made, time).items():
                then = (after, one + ("a" in those), other + ("b" in those))
                if max(then[1:]) <= 2 * drift + 2 and then not in reached:
                    reached.add(then)
                    now.append(then)
        apart |= {other - one for _, one, other in reached}
    assert apart == set(range(-2 * drift, 2 * drift + 1))


def states_of(system: System) -> set[State]:
    """All that can be reached."""
    found, todo = {initial_state(system)}, [initial_state(system)]
    while todo:
        for step in successors(system, todo.pop()):
            if step.state not in found:
                found.add(step.state)
                todo.append(step.state)
    return found


def shown_by(system: System, count: int = 3) -> set[tuple[int, ...]]:
    """What so many watches show together, in all states."""
    return {tuple(cell.local.shows for cell in state[:count]) for state in states_of(system)}


def within(drift: int, most: int) -> set[tuple[int, ...]]:
    """What three watches show that are never further apart; at its limit one may have gone on."""
    numbers = range(most + drift + 1)
    return {
        tuple(min(at, most) for at in vector)
        for vector in product(numbers, repeat=3)
        if max(vector) - min(vector) <= drift
    }


@pytest.mark.parametrize("drift", [0, 1, 2])
def test_every_vector_within_the_drift_is_reached_and_no_other(drift: int) -> None:
    system = System("watches", members(drift, *NAMES, most=3), AtMostOnce(), ())
    assert shown_by(system) == within(drift, 3)
    for explore in (reference.explore, native.explore):
        assert explore(system).states == len(states_of(system))


def test_a_clock_goes_on_while_its_node_is_down() -> None:
    stable = {"watch": Stable(("shows",))}
    mortal = Crashes(1, ("a",), stable).join(watches("ab"))
    a, *_ = made = Clocks(0, Tick()).join(mortal)
    ((down, _),) = a.role.rules[Crash](a.context, Watch(4, 2), Crash())
    assert down == Down(Watch(4, 0))
    assert a.role.rules[Tick](a.context, down, Tick()) == ((Down(Watch(5, 1)), ()),)
    assert a.role.rules[Tick](a.context, Watch(4, 2), Tick()) == ((Watch(5, 3), ()),)
    assert written_at(a.role.rules[Tick]) == written_at(on_tick)
    in_step = Property(
        id="in-step",
        kind=Kind.STATE,
        meaning="Clocks show the same, whoever is down.",
        source="ours",
        views=(View("shows", "watch", lambda watch: watch.shows),),
        judge=lambda setting, shows: "they do not" if len(set(shows.values())) > 1 else None,
    )
    limited = Clocks(0, Tick()).join(Crashes(1, ("a",), stable).join(watches("ab", 3)))
    system = System("watches", limited, AtMostOnce(), (in_step,))
    counts = set()
    for found in (reference.explore(system), native.explore(system, reductions=UNREDUCED)):
        assert found.violations == []
        counts.add((found.states, found.generated, found.depth))
    assert len(counts) == 1
    assert [m.name for m in made] == ["a", "b", "environment", "clock"]


def test_processes_of_a_machine_share_its_clock() -> None:
    idle = Member("d", Role("other", {}), None, 7)
    hosted = Machines((Machine("m", ("a", "c", "d")),)).join((*watches("abc"), idle))
    machine, other, clock = Clocks(1, Tick()).join(hosted)
    known = Hosted((("a", Watch(1, 1)), ("c", Watch(2, 2)), ("d", 7)))
    after = Hosted((("a", Watch(2, 2)), ("c", Watch(3, 3)), ("d", 7)))
    rule = machine.role.rules[Tick]
    assert [tuple(step) for step in rule(machine.context, known, Tick())] == [(after, ())]
    assert [tuple(step) for step in rule(machine.context, Down(known), Tick())] == [(Down(after), ())]
    assert {frozenset({"m"}), frozenset({"m", "b"})} < set(ticks((machine, other, clock), clock.local))
    assert all(Tick in part.role.immediate for part in machine.parts if part.name != "d")
    system = System(
        "watches",
        Clocks(1, Tick()).join(Machines((Machine("m", ("a", "c")),)).join(watches("abc", 3))),
        AtMostOnce(),
        (),
    )
    assert reference.explore(system).states == native.explore(system).states


def test_ticks_are_told_apart_and_taken_at_once() -> None:
    made = members(0, *NAMES)
    assert [m.name for m in made if Tick in m.role.immediate] == [*NAMES]
    assert made[-1].role.actions() == ("clock.tick",)
    assert made[0].role.actions() == ()


@pytest.mark.parametrize(
    ("clocks", "those", "says"),
    [
        (Clocks(-1, Tick()), watches("ab"), "clocks are -1 ticks apart: expected 0 or more"),
        (Clocks(0, Crash()), watches("ab"), r"nobody has a clock: no role has a rule for crash\(\)"),
        (
            Clocks(1, Tick()),
            watches(range(MOST_DRIFTING + 1)),
            f"{MOST_DRIFTING + 1} clocks that may drift, {MOST_DRIFTING} at most are supported",
        ),
    ],
)
def test_what_cannot_be(clocks: Clocks, those: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        clocks.join(those)


def test_any_number_of_clocks_may_go_on_together() -> None:
    made = Clocks(0, Tick()).join(watches(range(MOST_DRIFTING + 1)))
    assert [len(those) for those in ticks(made, made[-1].local)] == [MOST_DRIFTING + 1]
