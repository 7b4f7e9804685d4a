"""What can still be reached, by each engine and with all reductions: what a graph searched backwards says.

The graph is made by neither engine (`checker.engines.graph`), and here one goes back over its edges.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from hunt import paxos, tables
from hunt.claims import claim_about, slices_of
from hunt.comparing import REDUCTIONS, confirm_all
from hunt.streams import Stream
from hypothesis import HealthCheck, assume, event, given, note, settings
from hypothesis import strategies as st

from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration, Future
from checker.engines.graph import StateGraph, TooManyStates
from checker.engines.graph import explore as graph_of
from checker.engines.native.engine import explore
from checker.model.judging import cut_by, judge_state, locals_of
from checker.model.properties import Kind, still
from checker.model.semantics import ModelError
from checker.model.system import System
from checker.modelfiles.loading import load
from spec.protocol import PMMC
from tests.unit.support.shares import share

MOST_STATES = 700
#: Seeds of random protocols.
SEEDS = range(12)


class Truth(NamedTuple):
    """What is so of a property: how many states are of no return, and how far the nearest of them is."""

    states: int
    future: Future
    length: int | None


def leading(graph: StateGraph, to: Iterable[int]) -> set[int]:
    """The states from which one of some states can be reached: edges taken until nothing is added."""
    known = set(to)
    before = defaultdict(set)
    for source, target in zip(graph.source, graph.target, strict=True):
        before[target].add(source)
    todo = list(known)
    while todo:
        more = before[todo.pop()] - known
        known |= more
        todo += more
    return known


def truth(system: System, most: int = MOST_STATES) -> dict[str, Truth]:
    """Of each property what a graph says. Raises TooManyStates and ModelError."""
    graph = graph_of(system, most)
    nodes = range(len(system.members))
    states = [tuple(graph.cell(n, node) for node in nodes) for n in range(len(graph.states))]
    cut = (n for n, state in enumerate(states) if cut_by(system, locals_of(state)) is not None)
    bounded = leading(graph, cut)
    found = {}
    for claim in system.properties:
        good = leading(graph, (n for n, state in enumerate(states) if judge_state(system, claim, state)))
        well = good | bounded
        lost = [n for n in range(len(graph.states)) if n not in well]
        length = min((graph.level[n] for n in lost), default=None)
        found[claim.id] = Truth(len(graph.states), Future(len(lost), len(bounded - good)), length)
    return found


def told(found: Exploration) -> dict[str, Truth]:
    lengths = {d.property: d.length for d in found.violations}
    return {
        claim: Truth(found.states, future, lengths.get(claim)) for claim, future in found.futures.items()
    }


def kept(known: dict[str, Truth]) -> dict[str, tuple[int | None, bool]]:
    """What reductions keep: how far the nearest state of no return is, whether any only meets bounds."""
    return {claim: (is_so.length, is_so.future.bounded > 0) for claim, is_so in known.items()}


def agree(system: System, wanted: dict[str, Truth]) -> None:
    """Compare one system in all ways."""
    assert told(reference.explore(system)) == wanted
    for workers in (1, 2):
        found = explore(system, reductions=UNREDUCED, workers=workers)
        assert told(found) == wanted
        confirm_all(system, found)
    for k, reductions in enumerate(REDUCTIONS):
        found = explore(system, reductions=reductions, workers=1 + k % 2)
        assert kept(told(found)) == kept(wanted), reductions
        assert not found.reductions.fusion
    confirm_all(system, found)


def random_protocol(seed: int, stream: Stream) -> System:
    """One with goals that are shown by some of all states."""
    dials = replace(tables.Dials.drawn(stream), raising=0, burst=0, late=0)
    made = tables.system(seed, dials)
    views = [
        view
        for role in sorted({m.role.name for m in made.members} - {"idle"})
        for view in tables._views(role)
    ]
    claims = (
        claim_about(stream.at(k), f"goal{k}", Kind.TERMINAL, tuple(stream.shuffled(views)[: 1 + k % 2]))
        for k in range(stream.pick((1, 2, 9)))
    )
    goals = (still(replace(p, kind=Kind.SOMETIMES)) for p in claims)
    read_in_parts = stream.chance(30)
    return replace(
        made, properties=tuple(p.sliced(slices_of(p.views)) if read_in_parts else p for p in goals)
    )


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("seed", SEEDS)
def test_random_protocols(seed: int) -> None:
    """Of every second seed one in which something is out of reach, of the others one where nothing is."""
    stream = Stream(seed, "can-still")
    for attempt in range(300):
        system = random_protocol(seed, stream.at(attempt))
        try:
            wanted = truth(system)
        except TooManyStates:
            continue
        violated = any(is_so.length is not None for is_so in wanted.values())
        if violated == (seed % 2 == 0) and MOST_STATES > next(iter(wanted.values())).states > 20:
            agree(system, wanted)
            return
    pytest.fail("no protocol of this seed fits")


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("network", range(len(paxos.NETWORKS)), ids=map(str, paxos.NETWORKS))
def test_small_models_of_paxos(network: int) -> None:
    @settings(
        max_examples=share(4),
        deadline=None,
        derandomize=True,
        suppress_health_check=[
            HealthCheck.filter_too_much,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )
    @given(st.data())
    def small(data: Any) -> None:
        class Drawing:
            @staticmethod
            def pick(options: Any) -> Any:
                return data.draw(st.sampled_from(options))

        dials = paxos.Dials.drawn(Drawing(), {**paxos.SMALL, "network": (network,)})
        note(paxos.text(dials))
        system = paxos.system(0, dials)
        goals = tuple(still(p) for p in system.properties if p.kind is Kind.SOMETIMES)
        assume(goals)
        try:
            wanted = truth(replace(system, properties=goals))
        except (TooManyStates, ModelError):
            assume(False)
        event(f"{sum(is_so.length is not None for is_so in wanted.values())} violated")
        agree(replace(system, properties=goals), wanted)

    small()


@pytest.mark.parametrize(
    "name", ["lab3-minority", pytest.param("lab3-appends-old-leader", marks=pytest.mark.slow)]
)
def test_where_levels_are_wide_and_shared_out(name: str) -> None:
    """Some 100,000 states, of which many are of no return; up to three workers."""
    model = load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system
    system = replace(model, properties=tuple(still(p) for p in model.properties if p.kind.goal))
    wanted = truth(system, 10**6)
    assert all(is_so.states > 90_000 for is_so in wanted.values())
    assert any(is_so.length is not None for is_so in wanted.values())
    for workers in (1, 2, 3):
        found = explore(system, reductions=UNREDUCED, workers=workers)
        assert told(found) == wanted
        confirm_all(system, found)
    assert kept(told(explore(system, workers=2))) == kept(wanted)
