"""A system that begins in another state: what a graph of all states says of what lies behind that one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hunt import tables
from hunt.comparing import confirm_all
from hunt.streams import Stream

from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.graph import StateGraph, TooManyStates
from checker.engines.graph import explore as graph_of
from checker.engines.native.engine import explore
from checker.model.beginning import beginning_in
from checker.model.behaviour import replay
from checker.model.judging import judge_state
from checker.model.properties import Kind, On, Property
from checker.model.semantics import State, initial_state
from checker.model.system import System
from checker.modelfiles.loading import load
from spec.protocol import PMMC


def cells_of(graph: StateGraph) -> list[State]:
    nodes = range(len(graph.system.members))
    return [tuple(graph.cell(number, node) for node in nodes) for number in range(len(graph.states))]


def behind(graph: StateGraph, number: int) -> dict[int, int]:
    """The states that can be reached from one, with how many steps that takes."""
    after: list[list[int]] = [[] for _ in graph.states]
    for source, target in zip(graph.source, graph.target, strict=True):
        after[source].append(target)
    far, todo = {number: 0}, [number]
    for here in todo:
        for there in after[here]:
            if there not in far:
                far[there] = far[here] + 1
                todo.append(there)
    return far


def goals(system: System) -> tuple[Property, ...]:
    """What is looked for: that which the properties on states find."""
    claims = (p for p in system.properties if p.kind.on is On.STATE)
    return tuple(replace(p, kind=Kind.SOMETIMES) for p in claims)


def agree(system: System, graph: StateGraph, number: int) -> None:
    """Begin where a path to one of the states leads, and compare."""
    path = graph.path_to(number)
    here = replay(system, path).final
    states, far = cells_of(graph), behind(graph, number)
    begun = replace(beginning_in(system, here), properties=goals(system))
    assert initial_state(begun) == here
    assert {*cells_of(graph_of(begun))} == {states[n] for n in far}
    nearest = {
        p.id: min((far[n] for n in far if judge_state(system, p, states[n])), default=None)
        for p in begun.properties
    }
    reached = {claim: length for claim, length in nearest.items() if length is not None}
    for found in (reference.explore(begun), explore(begun, reductions=UNREDUCED), explore(begun)):
        assert {d.property: d.length for d in found.witnesses if d.shortest} == (
            {} if found.reductions.fusion else reached
        )
        assert {d.property for d in found.witnesses} == reached.keys()
        assert found.reductions.none is False or found.states == len(far)
        confirm_all(begun, found)
        for discovery in found.witnesses:
            assert discovery.path is not None
            both = replay(system, (*path, *discovery.path))
            assert judge_state(system, begun_claim(begun, discovery.property), both.final)


def begun_claim(system: System, name: str) -> Property:
    return next(p for p in system.properties if p.id == name)


def some(graph: StateGraph, count: int) -> Iterator[int]:
    yield from range(0, len(graph.states), max(1, len(graph.states) // count))


@pytest.mark.parametrize(
    "model",
    ["stable-without-accepted", "duel-any-length-at-most-once", "election", "stale-read"],
)
def test_shipped_models(model: str) -> None:
    system = load(f"spec/models/{model}.yaml", protocols={"pmmc": PMMC}).system
    graph = graph_of(system)
    for number in some(graph, 4):
        agree(system, graph, number)


@pytest.mark.parametrize("seed", range(8))
def test_random_protocols(seed: int) -> None:
    stream = Stream(seed, "beginning")
    for attempt in range(100):
        dials = replace(tables.Dials.drawn(stream.at(attempt)), raising=0, burst=0, late=0)
        system = tables.system(seed, dials)
        try:
            graph = graph_of(system, 2_000)
        except TooManyStates:
            continue
        if len(graph.states) > 20 and goals(system):
            for number in some(graph, 5):
                agree(system, graph, number)
            return
    pytest.fail("no protocol of this seed fits")


def test_a_state_of_another_system_is_refused() -> None:
    system = load("spec/models/fifo-loss.yaml", protocols={"pmmc": PMMC}).system
    with pytest.raises(ValueError, match="has 6 cells, and not 5"):
        beginning_in(system, initial_state(system)[:-1])


def test_what_is_interchangeable_in_a_state_stays_so() -> None:
    system = load("spec/models/majorities.yaml", protocols={"pmmc": PMMC}).system
    assert system.symmetries
    assert beginning_in(system, initial_state(system)).symmetries == system.symmetries
    asked = replay(system, (0,)).final
    renamed = {name for s in beginning_in(system, asked).symmetries for g in s.generators for name in g}
    mover = replay(system, (0,)).steps[0].transition.node
    assert system.members[mover].name in {n for s in system.symmetries for g in s.generators for n in g}
    assert system.members[mover].name not in renamed
