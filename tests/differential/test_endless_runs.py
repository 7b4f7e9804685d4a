"""Temporal properties where levels have no end: engines agree, and every cycle is one of real states.

Nodes compare the level of a message with their own, and take it over, keep theirs, or go one above. What
they do otherwise is drawn by lot; rules know levels by comparison only.
"""

from collections import Counter
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from test_runs import Shows, assumptions, at_least, claims, family, lassos, reached, told

from checker.checking.confirm import confirm
from checker.engines import reference
from checker.engines.contract import Limits
from checker.engines.native.engine import explore
from checker.model.fairness import Assumption, Fairness
from checker.model.network import AtMostOnce, Fifo, Reliable
from checker.model.runs import same_up_to_shift
from checker.model.semantics import initial_state, successors
from checker.model.shift import Shift, Shifting
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View

LOCALS = 3
MOST_STATES = 120


class Level(NamedTuple):
    """A number of which only comparisons matter."""

    n: int


class Node(NamedTuple):
    """A local state."""

    at: int
    level: Level


class One(NamedTuple):
    """A message with a level."""

    level: Level


class Two(NamedTuple):
    """Another one."""

    level: Level
    more: int = 0


class Effect(NamedTuple):
    """Where a step leads, which level is taken, what is sent to whom."""

    at: int
    level: str
    sends: tuple[tuple[int, type], ...]


class Rule(NamedTuple):
    """What happens where the local state is this and the message's level is below, the same, or above."""

    table: dict[tuple[int, int], tuple[Effect, ...]]

    def __call__(self, context: Any, node: Node, message: Any = None) -> Any:
        level = node.level if message is None else message.level
        side = (level > node.level) - (level < node.level)
        return tuple(self._step(effect, node, level) for effect in self.table.get((node.at, side), ()))

    @staticmethod
    def _step(effect: Effect, node: Node, level: Level) -> tuple[Node, Any]:
        top = max(node.level, level)
        taken = {"own": node.level, "its": level, "above": Level(top.n + 1)}[effect.level]
        sends = tuple((to, kind(taken)) for to, kind in effect.sends)
        return Node(effect.at, taken), sends


SHIFT = Shift("levels", Level, lambda level: level.n, lambda level, by: Level(level.n + by), spread=2)
VALUE = View("value", "node", lambda node: node.at)


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Protocols of two nodes that push each other up."""
    nodes = 2
    sends = st.sampled_from([(), *[((n, kind),) for n in (0, 1) for kind in (One, Two)] * 4])
    onward = st.sampled_from((1, 1, 0, 2))

    def rules(sides: tuple[int, ...], often: int) -> Rule:
        table = {}
        for at in range(LOCALS):
            for side in sides:
                if draw(st.integers(0, 9)) < often:
                    effects = [
                        Effect(
                            (at + draw(onward)) % LOCALS,
                            draw(st.sampled_from(("own", "its", "above"))),
                            draw(sends),
                        )
                        for _ in range(draw(st.sampled_from((1, 1, 1, 2))))
                    ]
                    table[at, side] = tuple(dict.fromkeys(effects))
        return Rule(table)

    members = []
    for name in range(nodes):
        wakes = {"wake": rules((0,), 2)} if draw(st.integers(0, 4)) == 0 else {}
        role = Role("node", {One: rules((-1, 0, 1), 10), Two: rules((-1, 0, 1), 10)}, wakes)
        first = [(name, One(Level(draw(st.integers(0, 1)))))] if name == 0 or draw(st.booleans()) else []
        members.append(Member(name, role, None, Node(0, Level(name)), tuple(first)))
    return System(
        "levels",
        tuple(members),
        draw(st.sampled_from((AtMostOnce(), Fifo(), Fifo(loss=1), Reliable()))),
        tuple(
            p.__class__(p.id, p.kind, p.meaning, p.source, (VALUE,), p.judge, when=p.when)
            for p in draw(claims(nodes))
        ),
        fairness=draw(st.one_of(st.just(everything(members)), assumptions(members))),
        shift=SHIFT,
    )


def everything(members: list[Member]) -> Fairness:
    """All steps are weakly fair."""
    steps = ((m.name, action) for m in members for action in ("one", "two", *m.role.wakes))
    return Fairness((Assumption("everything", frozenset(steps)),))


@pytest.mark.usefixtures("shared_early")
def test_engines_agree_where_levels_have_no_end() -> None:
    seen: Counter[str] = Counter()

    @family(100)
    @given(systems())
    def agree(system: System) -> None:
        found = reference.explore(system, Limits(max_states=MOST_STATES))
        assert found.failed is None
        assume(found.stopped is None)
        lassos(system, found)
        for workers in (1, 2):
            native = explore(system, workers=workers)
            assert told(native) == told(found)
            assert native.cut == found.cut
            lassos(system, native)
        reached(seen, found, native)
        rising = (d for d in found.violations if d.loop is not None)
        seen["rises"] += any(confirm(system, d).levels_more > 0 for d in rising)

    agree()
    at_least(seen, {"compared": 100, "50 states and more": 5, "cut": 10, "ends": 20})
    at_least(seen, {"a cycle": 10, "a cycle of 4 and more": 1, "rises": 5})


def test_a_cycle_may_rise() -> None:
    """Up one level and one way on: the state is the same but for that, and no state is twice there."""
    up = {(0, 0): (Effect(0, "above", ()),)}
    member = Member(0, Role("node", {}, {"wake": Rule(up)}), None, Node(0, Level(5)))
    claim = next(iter(_claims_never()))
    system = System("up", (member,), AtMostOnce(), (claim,), shift=SHIFT)
    before = initial_state(system)
    (step,) = successors(system, before)
    assert step.state != before
    assert same_up_to_shift(system, before, step.state)
    assert Shifting(SHIFT).normal(before) == Shifting(SHIFT).normal(step.state)


def _claims_never() -> Any:
    from checker.model.properties import Kind, Property  # noqa: PLC0415

    yield Property("never", Kind.EVENTUALLY, "It shows.", "this test", (VALUE,), Shows(frozenset()))
