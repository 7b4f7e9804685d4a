"""Temporal properties, by each engine: what the definition says, tried on every set of states.

A fair run comes again and again to some set of states, and to no others. So a property is violated if
there is a set of states in which it waits, connected by steps that may be taken again and again, which
every weakly fair class is taken in, or cannot be taken somewhere in, and every strongly fair one is taken
in, or can be taken nowhere in; or a state where no fair class can be taken. That is tried here on all sets,
of protocols with few states; engines look for components instead.
"""

import os
from collections import Counter
from itertools import combinations
from typing import Any, NamedTuple

import networkx as nx
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from checker.checking.confirm import confirm
from checker.engines import reference
from checker.engines.contract import Exploration, Limits, Waits
from checker.engines.native import engine
from checker.engines.native.engine import explore
from checker.engines.native.runs import judge
from checker.engines.native.states.packing import WORD_BITS
from checker.model.fairness import Assumption, Fairness, StepClass
from checker.model.judging import judge_state
from checker.model.network import AtMostOnce, Fifo, LossyDuplicating, Reliable
from checker.model.properties import Asks, Kind, Property
from checker.model.runs import class_of, is_cut
from checker.model.semantics import State, initial_state, successors
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View
from tests.unit.support.shares import share

#: States of a graph at most, and states in which a property waits where all sets of them are tried.
MOST_STATES = 400
MOST_WAITING = 11
LOCALS = 3


class One(NamedTuple):
    """A message."""

    number: int


class Two(NamedTuple):
    """Another one."""

    number: int


Table = dict[Any, tuple[tuple[int, tuple[tuple[int, Any], ...]], ...]]
KINDS = (Kind.EVENTUALLY, Kind.ALWAYS_EVENTUALLY, Kind.LEADS_TO)
VALUE = View("value", "node", lambda local: local)


class Shows(NamedTuple):
    """A judge: whether the local states of all nodes are among some."""

    wanted: frozenset[tuple[int, ...]]

    def __call__(self, setting: Any, values: Any) -> str | None:
        return "it shows" if tuple(values.values()) in self.wanted else None


class Rule(NamedTuple):
    """A rule or wake: what a table says."""

    table: Table

    def __call__(self, context: Any, local: int, message: Any = None) -> Any:
        return self.table.get((local, message), ())


class Cut(NamedTuple):
    """A bound: it stops a node in these local states."""

    at: frozenset[int]

    def __call__(self, context: Any, local: int) -> str | None:
        return "edge" if local in self.at else None


MESSAGES = (One(0), One(1), Two(2))


def tables(keys: list[tuple[int, Any]], nodes: int, *, often: int) -> st.SearchStrategy[Table]:
    """Rules for some of these situations, `often` of ten; most of their steps go on in a round."""
    sends = st.sampled_from([*[()] * 9, *(((n, m),) for n in range(nodes) for m in MESSAGES)])
    onward = st.sampled_from((1, 1, 1, 0, 2))

    def steps(key: tuple[int, Any]) -> st.SearchStrategy[Any]:
        step = st.tuples(onward.map(lambda by: (key[0] + by) % LOCALS), sends)
        some = st.tuples(step) | st.tuples(step, step).map(lambda two: tuple(dict.fromkeys(two)))
        return st.integers(0, 9).flatmap(lambda lot: some if lot < often else st.just(()))

    return st.fixed_dictionaries({key: steps(key) for key in keys})


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Protocols of one to three nodes that go round in their local states, with properties and fairness."""
    nodes = draw(st.integers(1, 3))
    network = draw(st.sampled_from((AtMostOnce(), LossyDuplicating(), Fifo(), Fifo(loss=1), Reliable())))
    members = []
    for node in range(nodes):
        taking = [(k, message) for k in range(LOCALS) for message in MESSAGES]
        rule = Rule(draw(tables(taking, nodes, often=3)))
        waking = [(k, None) for k in range(LOCALS)]
        names = ("wake", "stir")[: draw(st.integers(1, 2))]
        wakes = {name: Rule(draw(tables(waking, nodes, often=7))) for name in names}
        cut = Cut(frozenset({draw(st.integers(1, LOCALS - 1))})) if draw(st.integers(0, 4)) == 0 else None
        role = Role("node", {One: rule, Two: rule}, wakes, cut)
        first = [(node, m) for m in draw(st.lists(st.sampled_from(MESSAGES), max_size=2))]
        members.append(Member(node, role, None, 0, tuple(first)))
    if draw(st.integers(0, 6)) == 0:  # so many that a state takes two words
        members += [Member(f"idle {n}", Role("idle", {}), None, 0) for n in range(WORD_BITS + 1)]
    return System(
        "round", tuple(members), network, draw(claims(nodes)), fairness=draw(assumptions(members))
    )


@st.composite
def claims(draw: st.DrawFn, nodes: int) -> tuple[Property, ...]:
    """One property of each kind."""
    shown = st.sets(st.tuples(*[st.integers(0, LOCALS - 1)] * nodes), max_size=LOCALS**nodes // 3)
    made = []
    for kind in KINDS:
        when = Shows(frozenset(draw(shown))) if kind is Kind.LEADS_TO else None
        judge = Shows(frozenset(draw(shown)))
        made.append(Property(kind.value, kind, "It shows.", "this test", (VALUE,), judge, when=when))
    return tuple(made)


@st.composite
def assumptions(draw: st.DrawFn, members: list[Member]) -> Fairness:
    """What is assumed of each kind of steps, drawn by lot."""
    steps = [(m.name, action) for m in members for action in ("one", "two", *m.role.wakes, "losses")]
    kinds = draw(st.sampled_from((("weak",), ("weak", "strong"), ("weak", "weak", "finitely", "nothing"))))
    of = {step: draw(st.sampled_from(kinds)) for step in steps}

    def those(kind: str) -> tuple[Assumption, ...]:
        chosen = frozenset(step for step in steps if of[step] == kind)
        return (Assumption(kind, chosen),) if chosen else ()

    return Fairness(those("weak"), those("strong"), those("finitely"))


class Graph(NamedTuple):
    """All states, and the steps that change something."""

    states: list[State]
    steps: list[tuple[int, StepClass, int]]


def graph_of(system: System) -> Graph | None:
    """The graph of a system, as the semantics has it; None if it is too large."""
    states = [initial_state(system)]
    number = {states[0]: 0}
    steps = []
    for here, state in enumerate(states):
        for step in successors(system, state):
            if step.state != state:
                there = number.setdefault(step.state, len(states))
                if there == len(states):
                    states.append(step.state)
                steps.append((here, class_of(system, step), there))
        if len(states) > MOST_STATES:
            return None
    return Graph(states, steps)


class Truth(NamedTuple):
    """Of a property: where it waits, whether in vain for ever, and whether what it asks for ever comes."""

    waiting: frozenset[int]
    violated: bool
    answered: bool


def truth(system: System, graph: Graph, claim: Property) -> Truth | None:
    """What the definition says; None if there are too many sets of states."""
    shows, begins = (
        {n for n, s in enumerate(graph.states) if by is not None and judge_state(system, by, s)}
        for by in (claim, claim.trigger())
    )
    uncut = {n for n, s in enumerate(graph.states) if is_cut(system, s) is None}
    reached = following(graph, {0} & uncut, uncut)
    asking = {
        Asks.FIRST: {0} & reached,
        Asks.ALWAYS: reached,
        Asks.WHEN: begins & reached,
    }[claim.kind.asks]
    waiting = following(graph, asking - shows, uncut - shows)
    answered = bool(asking & shows) or any(a in waiting and b in shows & uncut for a, _, b in graph.steps)
    if len(waiting) > MOST_WAITING:
        return None
    sets = (set(c) for size in range(1, len(waiting) + 1) for c in combinations(sorted(waiting), size))
    ends = any(not can(system, graph, n) for n in waiting)
    return Truth(frozenset(waiting), ends or any(is_fair(system, graph, s) for s in sets), answered)


def following(graph: Graph, begin: set[int], within: set[int]) -> set[int]:
    """The states that can be reached from some, through some."""
    known = set(begin)
    while more := {b for a, _, b in graph.steps if a in known and b in within} - known:
        known |= more
    return known


def can(system: System, graph: Graph, state: int) -> set[StepClass]:
    """The fair classes that can be taken in a state."""
    return {those for a, those, _ in graph.steps if a == state and system.fairness.is_fair(those)}


def is_fair(system: System, graph: Graph, states: set[int]) -> bool:
    """Whether a fair run can come again and again to these states, and to no others."""
    fairness = system.fairness
    inner = [(a, c, b) for a, c, b in graph.steps if {a, b} <= states and not fairness.ends(c)]
    connected = nx.DiGraph([(a, b) for a, _, b in inner])
    if set(connected) != states or not nx.is_strongly_connected(connected):
        return False
    taken = {those for _, those, _ in inner}
    sometimes = set().union(*(can(system, graph, n) for n in states))
    always = sometimes.intersection(*(can(system, graph, n) for n in states))
    due = {those for those in sometimes if fairness.is_strong(those)} | always
    return due <= taken


def told(found: Exploration) -> dict[str, Any]:
    """What engines must agree on; whether something is answered only where nothing is violated."""
    ran = {d.property: (d.loop, len(d.path or ()), d.shortest) for d in found.violations}
    waits = {
        i: w if i not in ran else Waits(w.states, w.cyclic, answered=True) for i, w in found.waits.items()
    }
    return {"states": found.states, "ran": ran, "waits": waits, "idle": found.idle}


def lassos(system: System, found: Exploration) -> None:
    """Each run that was found is one, judged anew."""
    for discovery in found.violations:
        confirm(system, discovery)


#: What is generated is the same each time, so that it can be said what it reaches. PMMC_EXAMPLES=1000 tries
#: so many protocols, other ones each time.
EXAMPLES = os.environ.get("PMMC_EXAMPLES")


def family(examples: int) -> settings:
    return settings(
        max_examples=int(EXAMPLES or examples),
        deadline=None,
        derandomize=EXAMPLES is None,
        suppress_health_check=list(HealthCheck),
    )


def reached(seen: Counter[str], found: Exploration, native: Exploration) -> None:
    """Count what a protocol that was compared is like."""
    seen["compared"] += 1
    seen["50 states and more"] += found.states >= 50
    seen["200 states and more"] += found.states >= 200
    seen["some on cycles, and none fair"] += any(w.cyclic for w in found.waits.values()) and not any(
        d.loop is not None for d in found.violations
    )
    seen["two words"] += native.statistics["bits_per_state"] > WORD_BITS
    seen["cut"] += bool(found.cut)
    seen["idle"] += bool(found.idle)
    for claim in found.waits:
        seen[claim] += not any(d.property == claim for d in found.violations)
    for discovery in found.violations:
        cycle = 0 if discovery.loop is None else len(discovery.path or ()) - discovery.loop
        seen["ends" if not cycle else "a cycle of 4 and more" if cycle > 3 else "a cycle"] += 1


@pytest.mark.usefixtures("shared_early")
def test_engines_say_what_the_definition_says() -> None:
    seen: Counter[str] = Counter()

    @family(share(200))
    @given(systems())
    def agree(system: System) -> None:
        graph = graph_of(system)
        assume(graph is not None)
        assert graph is not None
        found = reference.explore(system)
        assert found.complete or found.violations
        violated = {d.property for d in found.violations}
        for claim in system.properties:
            wanted = truth(system, graph, claim)
            if wanted is None:
                continue
            seen["defined"] += 1
            assert (claim.id in violated) == wanted.violated, claim.id
            assert wanted.violated or found.waits[claim.id].answered == wanted.answered, claim.id
        lassos(system, found)
        for workers in (1, 2):
            native = explore(system, workers=workers)
            assert told(native) == told(found)
            lassos(system, native)
        reached(seen, found, native)

    agree()
    assert seen["defined"] >= share(250)
    at_least(
        seen,
        {
            "compared": share(200),
            "50 states and more": share(20),
            "two words": share(20),
            "cut": share(10),
            "idle": share(10),
        },
    )
    at_least(seen, {"ends": share(50), "a cycle": share(30), "a cycle of 4 and more": share(3)})
    at_least(seen, {kind.value: share(20) for kind in KINDS})
    at_least(seen, {"some on cycles, and none fair": share(10)})


def at_least(seen: Counter[str], wanted: dict[str, int]) -> None:
    """What is generated covers that, unless somebody wanted another number of examples."""
    missed = {what: (seen[what], count) for what, count in wanted.items() if seen[what] < count}
    assert EXAMPLES is not None or not missed


@pytest.mark.usefixtures("shared_early")
def test_runs_that_are_told_before_all_states_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Components that are large, and searches whose first levels are looked at: only lengths may differ."""
    monkeypatch.setattr(engine, "FIRST_LOOK", 6)
    monkeypatch.setattr(engine, "TIMES", 2)
    monkeypatch.setattr(judge, "MOST_IN_COMPONENT", 2)
    seen: Counter[str] = Counter()

    @family(60)
    @given(systems())
    def agree(system: System) -> None:
        found = reference.explore(system, Limits(max_states=MOST_STATES))
        assume(found.stopped is None)
        for workers in (1, 2):
            native = engine.explore(system, workers=workers)
            violated = {d.property for d in native.violations}
            if native.complete:
                seen["complete"] += 1
                assert violated == {d.property for d in found.violations}
                assert native.waits.keys() == found.waits.keys()
            else:
                seen["told early"] += 1
                assert violated
                assert violated <= {d.property for d in found.violations}
                assert not native.waits
                assert not any(d.shortest for d in native.violations)
            past = engine.explore(system, Limits(past_violations=True), workers=workers)
            wanted = reference.explore(system, Limits(past_violations=True))
            assert (past.complete, past.waits) == (True, wanted.waits)
            assert {d.property for d in past.violations} == {d.property for d in wanted.violations}
            begun = Limits(past_violations=True, max_states=max(1, found.states - 1))
            kept = {d.property for d in engine.explore(system, begun, workers=workers).violations}
            assert kept <= {d.property for d in wanted.violations}
            seen["kept"] += bool(kept)
            lassos(system, native)

    agree()
    at_least(seen, {"complete": 50, "told early": 25, "kept": 15})
