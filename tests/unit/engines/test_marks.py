"""What graphs of states say of their states and steps is what a plain search finds, state by state."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest
from sometraces import PROTOCOLS, model

from checker.engines.collapse import collapse
from checker.engines.graph import StateGraph, explore
from checker.engines.kept import Kept
from checker.engines.marks import DEPTH, marks
from checker.engines.reference import explore as search
from checker.model.future import no_return
from checker.model.judging import judge_state, judge_step
from checker.model.properties import Kind, On, Property, still
from checker.model.semantics import State, moved, successors
from checker.model.shift import SPREAD
from checker.model.system import System
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC

#: Rounds without end, machines, crashes that are noticed at once, bounds that stop nodes.
OWN = {
    "endless": """
name: endless
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: endless, spread: 1}
network: at-most-once
""",
    "apart": """
name: apart
nodes: {acceptors: 2, leaders: 2, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: endless, spread: 1}
network: fifo
""",
    "machines": """
name: machines
nodes: {acceptors: 2, leaders: 1, replicas: 1}
machines: [[acceptor 0, leader 0], [acceptor 1, replica 0]]
commands: [put k1 v1]
bounds: {slots: 1, rounds: 2}
network: at-most-once
faults: {crashes: 1, nodes: [machine 0]}
""",
}
MODELS = ("duel", "two-replicas", "commander-as-printed", "stable-without-accepted", "endless", "machines")


def system_of(name: str) -> System:
    """A system that claims, beside what it claims, what is often wrong: of steps, of ends, and for good."""
    system = load_text(OWN[name], name, protocols=PROTOCOLS).system if name in OWN else model(name).system
    roles = {process.role for node in system.processes for process in node}
    known = [p for p in PMMC.properties.values() if {view.role for view in p.views} <= roles]
    goals = [p for p in known if p.id in {"slot-decided", "all-performed", "leader-preempted"}]
    more = [replace(p, id=f"{p.id} at the end", kind=Kind.TERMINAL) for p in goals]
    more += [still(p) for p in goals]
    changes = [
        Property(
            f"{p.id} stays", Kind.ACTION, "", "", p.views, lambda _, old, new: "new" if old != new else None
        )
        for p in known
        if p.id in {"R2", "R3"}
    ]
    return replace(system, properties=(*system.properties, *more, *changes))


def states_of(graph: StateGraph) -> Iterator[tuple[int, State]]:
    yield from ((number, graph.state(number)) for number in range(len(graph.states)))


@pytest.mark.parametrize("name", MODELS)
def test_states_and_steps_violate_what_judges_find(name: str) -> None:
    system = system_of(name)
    graph, kept = explore(system), Kept(system)
    found = marks(graph)
    assert found.cut == {n: bound for n, s in states_of(graph) if (bound := kept.cut_by(s)) is not None}
    terminal = {
        n
        for n, s in states_of(graph)
        if not kept.is_left(s) and all(t.state == s for t in successors(system, s))
    }
    assert found.terminal == terminal
    violated: dict[int, tuple[str, ...]] = {}
    for number, state in states_of(graph):
        for claim in (c for c in system.properties if not c.kind.goal):
            on = claim.kind.on
            if on in (On.NODE, On.STATE):
                bad = bool(judge_state(system, claim, state))
            elif on is On.END:
                ends = number in terminal and number not in found.cut
                bad = ends and bool(judge_state(system, claim, state))
            else:
                bad = on is On.FUTURE and no_return(system, claim, state) is not None
            if bad:
                violated[number] = (*violated.get(number, ()), claim.id)
    assert found.violates == violated
    assert {claim.kind.on for claim in system.properties} >= {On.STEP, On.END, On.FUTURE}
    steps: dict[int, tuple[str, ...]] = {}
    for number, (source, index) in enumerate(zip(graph.source, graph.index, strict=True)):
        before = graph.state(source)
        after = next(islice(successors(system, before), index, None)).state
        for claim in system.properties:
            changes = moved(before, after)
            if any(judge_step(system, claim, node, old, new) is not None for node, old, new in changes):
                steps[number] = (*steps.get(number, ()), claim.id)
    assert found.steps == steps


def test_the_cases_above_have_something_to_find() -> None:
    found = {name: marks(explore(system_of(name))) for name in MODELS}
    assert {bound for marked in found.values() for bound in marked.cut.values()} == {"rounds", "slots"}
    assert any(marked.steps for marked in found.values())
    ids = {claim for marked in found.values() for seen in marked.violates.values() for claim in seen}
    assert ids >= {"slot-decided at the end", "can-still slot-decided", "R1"}


def test_levels_too_far_apart_cut_a_state_and_are_no_end() -> None:
    system = load_text(OWN["apart"], "apart", protocols=PROTOCOLS).system
    graph, kept = explore(system), Kept(system)
    found = marks(graph)
    apart = {number for number, state in states_of(graph) if kept.is_left(state)}
    assert apart
    assert {found.cut[number] for number in apart} == {SPREAD}
    assert not found.terminal & apart
    assert apart.isdisjoint(graph.source)


@pytest.mark.parametrize("name", ["duel", "commander-as-printed"])
def test_a_search_counts_as_many(name: str) -> None:
    system = system_of(name)
    searched, found = search(replace(system, properties=())), marks(explore(system))
    assert len(found.terminal) == searched.terminal
    assert len(found.cut) >= max(searched.cut.values(), default=0)


def test_the_last_of_some_levels_is_cut_and_no_end() -> None:
    system = system_of("duel")
    graph = explore(system, depth=4)
    found = marks(graph)
    last = {number for number, level in enumerate(graph.level) if level == 3}
    assert last <= found.cut.keys()
    assert DEPTH in found.cut.values()
    assert not found.terminal & last
    assert not [ids for number, ids in found.violates.items() if number in last and "still" in str(ids)]


@pytest.mark.parametrize("name", ["duel", "stable-without-accepted"])
def test_groups_count_what_their_states_are(name: str) -> None:
    system = system_of(name)
    graph = explore(system)
    found = marks(graph)
    for claim in system.properties:
        seen = collapse(graph, claim)
        states = sum(claim.id in ids for ids in found.violates.values())
        assert sum(group.violating for group in seen.groups) == states
        assert sum(group.terminal for group in seen.groups) == len(found.terminal)
        assert sum(group.cut for group in seen.groups) == len(found.cut)
        assert all(group.says for group in seen.groups if group.violating)
        steps = sum(claim.id in ids for ids in found.steps.values())
        assert sum(between.violating for between in seen.steps.values()) == steps
