"""Do two models have the same graph of states? That is: is it one protocol under two notations?

States are told by nothing but their steps, and steps by node and action; what a message says does not
count. Steps that change nothing are left out. `checker.comparison.isomorphism` decides it exactly.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from checker.comparison.isomorphism import Apart, GaveUp, Graph, Isomorphic, compare_graphs
from checker.comparison.views import Sameness
from checker.engines.graph import StateGraph, TooManyStates, explore
from checker.model.behaviour import Trace, replay
from checker.model.system import System
from checker.model.verdict import ExitCode

#: States of a model at most, unless more are asked for: some seconds, and some 200 MB.
MOST_STATES = 50_000


@dataclass(frozen=True, slots=True)
class GraphSide:
    """One of the two models and the size of its graph; None if it has too many states."""

    name: str
    states: int | None
    steps: int | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the graphs are told apart: by `round` rounds of refinement, of which the first is number 0.

    `states` says how many states of some colour each model then has; `trace` leads to the first of them
    in the model `side`, on that `level` of the search, with the steps `out` of it.
    """

    round: int
    states: tuple[int, int]
    side: int
    level: int
    out: tuple[tuple[str, int], ...]
    trace: Trace


@dataclass(frozen=True, slots=True)
class GraphComparison:
    """Two models and what is known of their graphs. `stopped` says why nothing is known."""

    sides: tuple[GraphSide, GraphSide]
    sameness: Sameness
    guesses: int = 0
    difference: Difference | None = None
    stopped: str = ""

    @property
    def exit_code(self) -> ExitCode:
        """0 isomorphic, 10 not, 20 unknown."""
        return self.sameness.exit_code


def compare_state_graphs(
    systems: tuple[System, System], *, names: tuple[str, str], most: int = MOST_STATES
) -> GraphComparison:
    """Explore both models, up to `most` states each, and compare their graphs."""
    found: list[StateGraph] = []
    sides = []
    for system, name in zip(systems, names, strict=True):
        try:
            found.append(explore(system, most))
        except TooManyStates:
            sides.append(GraphSide(name, None))
        else:
            made = graph_of(found[-1])
            sides.append(GraphSide(name, made.size, len(made.edges), max(made.levels) + 1))
    both = (sides[0], sides[1])
    if len(found) < 2:
        large = " and ".join(side.name for side in sides if side.states is None)
        more = "have" if large.count(" and ") else "has"
        stopped = (
            f"{large} {more} more than {most:,} states, too many to compare one by one. Compare a smaller "
            "model of the same kind, what is seen (without --graph), or allow more with --max-states"
        )
        return GraphComparison(both, Sameness.INCONCLUSIVE, stopped=stopped)
    one, other = found
    try:
        answer = compare_graphs(graph_of(one), graph_of(other))
    except GaveUp as reason:
        return GraphComparison(both, Sameness.INCONCLUSIVE, stopped=str(reason))
    if isinstance(answer, Isomorphic):
        return GraphComparison(both, Sameness.EQUAL, guesses=answer.guesses)
    return GraphComparison(both, Sameness.DIFFERENT, difference=_difference((one, other), answer))


def graph_of(graph: StateGraph) -> Graph:
    """A graph of states with steps labelled by node and action."""
    labels = [f"{node} {action.partition('(')[0]}" for node, action in graph.labels]
    steps = zip(graph.source, graph.label, graph.target, strict=True)
    return Graph(graph.level, frozenset((source, labels[label], target) for source, label, target in steps))


def _difference(graphs: tuple[StateGraph, StateGraph], apart: Apart) -> Difference | None:
    """What is to be seen where the graphs are told apart; None if no single state shows it."""
    counts = (len(apart.states[0]), len(apart.states[1]))
    if not any(counts):
        return None
    side = 0 if counts[0] > counts[1] else 1
    graph, state = graphs[side], apart.states[side][0]
    out = Counter(label for source, label, _ in graph_of(graph).edges if source == state)
    trace = replay(graph.system, graph.path_to(state))
    return Difference(apart.round, counts, side, graph.level[state], tuple(sorted(out.items())), trace)
