"""How many different counterexamples there are: what all shortest paths say, compared one by one.

Here every path is a graph of its own, labelled with what its steps do; graphs are compared by isomorphism
and renamed as a whole. Of two paths that differ by the exchange of two neighbours nothing else is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import networkx as nx
import pytest
from hunt import peers, tables
from hunt.streams import Stream

from checker.checking.check import check
from checker.checking.confirm import confirm
from checker.checking.question import Options
from checker.engines import reference
from checker.engines.choose import Means
from checker.engines.contract import Limits
from checker.engines.groups import generated
from checker.explanation import shortest as shortest_of
from checker.explanation.different import Different, different
from checker.model.behaviour import Trace, judged, replay
from checker.model.properties import On, Property
from checker.model.semantics import State, initial_state, successors
from checker.model.system import System
from checker.model.values import rename
from checker.modelfiles.loading import load
from checker.traces.causality import Causality, Why
from spec.protocol import PMMC

#: Paths of a model that are compared at most.
MOST_PATHS = 120
SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 20))]
#: Random protocols of each seed that are drawn.
ATTEMPTS = 40
#: How many were compared, of those with several causal graphs.
COMPARED: list[int] = []
#: Shipped models with few shortest counterexamples.
SHIPPED = (
    "log-without-holes",
    "messages-not-stable",
    "same-ballot-again",
    "slot-in-within-window",
    "stable-without-accepted",
    "stale-read",
)

#: And some of which comparing takes a while.
LONGER = ("leases-drift-more", "reads-collected-as-printed", "stable-nothing")


class Counted(NamedTuple):
    """How many essentially different ones, causal graphs and paths there are."""

    essentially: int
    graphs: int
    paths: int


class TooManyError(Exception):
    """There are more paths than are compared."""


def shortest(system: System, claim: Property, steps: int, most: int) -> list[Trace]:
    """All paths of the fewest steps that show a claim, one of which has so many. Raises TooManyError."""

    @cache
    def leads_to(state: State) -> list[tuple[int, State]]:
        return [(i, t.state) for i, t in enumerate(successors(system, state)) if t.state != state]

    @cache
    def may_end(state: State, more: int) -> bool:
        """Whether so many more steps may lead to where it is shown, as far as the last state tells."""
        if more > 0:
            return any(may_end(after, more - 1) for _, after in leads_to(state))
        return claim.kind.on is On.STEP or judged(Trace(system, state, ()), claim) is not None

    for length in range(steps + 1):
        found: list[Trace] = []
        for path in _paths(leads_to, may_end, initial_state(system), length):
            trace = replay(system, path)
            found += [replace(trace, claim=claim, reason="shown")] if judged(trace, claim) else []
            if len(found) > most:
                raise TooManyError
        if found:
            return found
    raise AssertionError(f"nothing of at most {steps} steps shows {claim.id}")


def _paths(leads_to: Any, may_end: Any, state: State, more: int) -> Iterator[tuple[int, ...]]:
    if more == 0:
        yield ()
        return
    for index, after in leads_to(state):
        if may_end(after, more - 1):
            yield from ((index, *rest) for rest in _paths(leads_to, may_end, after, more - 1))


Labels = list[Any]


def labels(trace: Trace) -> Labels:
    """What each step does: who, how, with what; and what it sends to whom."""
    system = trace.system
    told = []
    for step in (step.transition for step in trace.steps):
        by_receiver: dict[Any, list[Any]] = {}
        for to, message in step.sends:
            by_receiver.setdefault(to, []).append(message)
        sent = frozenset((to, tuple(messages)) for to, messages in by_receiver.items())
        told.append(
            (system.members[step.node].name, step.message, step.sender, sent, step.action, step.lost)
        )
    return told


def graph(trace: Trace, images: Any) -> nx.MultiDiGraph:
    """The causal graph of a trace, renamed: which step follows which on which node."""
    made = nx.MultiDiGraph()
    for number, (*named, action, lost) in enumerate(labels(trace), start=1):
        made.add_node(number, label=(*(rename(one, images) for one in named), action, lost))
    for link in Causality(trace).links():
        if link.why is Why.NODE:
            name = trace.system.members[link.node].name
            made.add_edge(link.before, link.after, key=rename(name, images))
    return made


def same(one: nx.MultiDiGraph, other: nx.MultiDiGraph) -> bool:
    return bool(
        nx.is_isomorphic(
            one, other, node_match=lambda a, b: a == b, edge_match=lambda a, b: set(a) == set(b)
        )
    )


def brute(system: System, claim: Property, steps: int, most: int) -> Counted:
    """What there is, by comparing all paths with all."""
    traces = shortest(system, claim, steps, most)
    group = generated([g for symmetry in system.symmetries for g in symmetry.generators])
    kinds = 0
    kind_of: list[int] = []
    #: those with the same labels
    alike: dict[Any, list[tuple[int, nx.MultiDiGraph]]] = {}
    for trace in traces:
        mine = graph(trace, {})
        known = next((k for k, one in alike.get(_labels_in(mine), ()) if same(mine, one)), None)
        if known is None:
            known, kinds = kinds, kinds + 1
            for image in (graph(trace, images) for images in group):
                alike.setdefault(_labels_in(image), []).append((known, image))
        kind_of.append(known)
    return Counted(_essentially(traces, kind_of), kinds, len(traces))


def _labels_in(made: nx.MultiDiGraph) -> Any:
    return frozenset(Counter(label for _, label in made.nodes(data="label")).items())


def _essentially(traces: Sequence[Trace], kind_of: Sequence[int]) -> int:
    """The kinds, but for those with paths that differ by two neighbours, exchanged."""
    alike = nx.Graph()
    alike.add_nodes_from(kind_of)
    place = {tuple(labels(trace)): kind for trace, kind in zip(traces, kind_of, strict=True)}
    for told, kind in place.items():
        for i in range(len(told) - 1):
            exchanged = (*told[:i], told[i + 1], told[i], *told[i + 2 :])
            if exchanged in place:
                alike.add_edge(kind, place[exchanged])
    return int(nx.number_connected_components(alike))


def natively(trace: Trace) -> Different:
    """The same, by the native engine from the first state on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shortest_of, "STATES_BEFORE_NATIVE", 1)
        return different(trace, most=MOST_PATHS)


def compare(system: System, trace: Trace, most: int = MOST_PATHS) -> Different:
    """Compare one counterexample's likes with all paths, and both engines. Raises TooManyError."""
    assert trace.claim is not None
    wanted = brute(system, trace.claim, len(trace.steps), most)
    found = different(trace, most=MOST_PATHS)
    assert found.stopped is None
    if found.symmetries != tuple(s.name for s in system.symmetries):  # one is not so where it was needed
        wanted = brute(replace(system, symmetries=()), trace.claim, len(trace.steps), most)
        assert not found.symmetries
    assert Counted(found.found, found.graphs, wanted.paths) == wanted
    assert len(found.counterexamples) == found.found
    if (native := natively(trace)).stopped is None:
        same_symmetries = native.symmetries == found.symmetries
        plain = (
            found if same_symmetries else different(replace(trace, system=replace(system, symmetries=())))
        )
        assert native.symmetries in (found.symmetries, ())
        assert (native.length, native.found, native.graphs) == (plain.length, plain.found, plain.graphs)
    else:
        assert trace.claim.kind.on in (On.END, On.FUTURE)
    assert sum(one.graphs or 0 for one in found.counterexamples) == found.graphs
    for one in found.counterexamples:
        assert len(one.trace.steps) == found.length
        assert judged(one.trace, trace.claim) == one.trace.reason
    assert sum((one.orders or 0) * one.images for one in found.counterexamples) <= wanted.paths
    return found


@pytest.mark.parametrize(
    "name", [*SHIPPED, *(pytest.param(name, marks=pytest.mark.slow) for name in LONGER)]
)
def test_shipped_models(name: str) -> None:
    loaded = load(PMMC.model_files()[0].parent / f"{name}.yaml", protocols={"pmmc": PMMC})
    traces = dict(check(loaded, Options(Means("reference"))).traces)
    assert loaded.model.expect is not None
    compare(loaded.system, traces[loaded.model.expect.property or ""], most=400)


@pytest.mark.parametrize("family", [tables, peers], ids=["tables", "peers"])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_protocols(seed: int, family: Any) -> None:
    """Of each seed a few that several paths violate."""
    stream, compared = Stream(seed, "different"), 0
    for attempt in range(ATTEMPTS):
        system = drawn(family, seed, stream.at(attempt))
        claims = tuple(p for p in system.properties if p.kind.on in (On.NODE, On.STATE, On.STEP, On.END))
        for trace in found(replace(system, properties=claims)):
            try:
                compared += compare(trace.system, trace).graphs > 1
            except TooManyError:
                continue
    COMPARED.append(compared)


def test_enough_was_compared() -> None:
    if len(COMPARED) == 4:  # those of the quick seeds, all in this process
        assert sum(COMPARED) >= 2


def drawn(family: Any, seed: int, stream: Stream) -> System:
    """A random protocol that never raises, of few states."""
    dials = family.Dials.drawn(stream)
    if family is tables:
        dials = replace(dials, raising=0, burst=0, late=0, idle=0)
    made: System = family.system(seed, dials)
    return made


def found(system: System) -> Iterator[Trace]:
    """What a short search shows of a system."""
    for discovery in reference.explore(system, Limits(max_states=300)).violations:
        trace = confirm(system, discovery)
        if 3 < len(trace.steps) < 9:
            yield trace
