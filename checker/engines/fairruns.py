"""Fair runs over an explicit graph: does every one of them come to what a temporal property asks for?

The plain form of what `checker.model.runs` means. All states are known, each with its steps. A property
waits in states in which it has begun to ask and that do not show what it asks for. It is violated by

* a state in which it waits and where no fair class of steps can be taken: there a run may end;
* a component of the graph of these states, without the steps that are taken finitely often, in which for
  every weakly fair class is a step of it, or a state where there is none. Of a strongly fair class that can
  be taken somewhere there is to be a step; if there is none, the states where it could be taken are left
  out, and what remains is looked through anew (Emerson and Lei 1987; no automaton is needed).

States in which a bound stops a node are left out: what comes after them is not known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from checker.engines.backwards import Look, Stopped
from checker.engines.contract import Discovery, Exploration, Waits
from checker.engines.lassos import NEVER, Component, Cycle, Edge
from checker.model.fairness import StepClass
from checker.model.judging import judge_state
from checker.model.properties import Asks, On, Property
from checker.model.runs import class_of
from checker.model.semantics import State, Transition
from checker.model.system import System

#: From steps of states that are kept to those of real states, see `Kept.real`.
Real = Callable[[Iterable[int]], tuple[int, ...]]


@dataclass(slots=True)
class _Seen:
    """In which states a property finds what it asks for, and in which that begins."""

    shows: set[int] = field(default_factory=set)
    begins: set[int] = field(default_factory=set)


class FairRuns:
    """The steps of a search, kept with their classes, and what temporal properties see."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.claims = [p for p in system.properties if p.kind.on is On.RUN]
        self._seen = {claim.id: _Seen() for claim in self.claims}
        self._cut: set[int] = set()
        self._steps: list[list[Edge]] = []
        self._enabled: list[frozenset[int]] = []
        self._number: dict[StepClass, int] = {}
        self._classes: list[StepClass] = []

    # While the search goes on ---------------------------------------------------------------------------

    def enter(self, number: int, state: State, *, cut: bool) -> None:
        """Take note of a new state. Raises CodeError."""
        self._steps.append([])
        self._enabled.append(frozenset())
        if cut:
            self._cut.add(number)
        for claim in self.claims:
            seen, trigger = self._seen[claim.id], claim.trigger()
            if judge_state(self._system, claim, state):
                seen.shows.add(number)
            if trigger is not None and judge_state(self._system, trigger, state):
                seen.begins.add(number)

    def step(self, before: int, after: int, index: int, step: Transition) -> None:
        """Take note of a step that changes something, by its index among those of the state."""
        those = class_of(self._system, step)
        number = self._number.setdefault(those, len(self._classes))
        if number == len(self._classes):
            self._classes.append(those)
        self._steps[before].append(Edge(number, after, index))
        if self._system.fairness.is_fair(those):
            self._enabled[before] |= {number}

    # When all states are known --------------------------------------------------------------------------

    def judge(self, result: Exploration, look: Look, real: Real) -> None:
        """Judge the properties of a search that is complete. Raises Stopped, and what `real` raises."""
        fairness = self._system.fairness
        result.idle = tuple(
            a.text for _, a in fairness.assumptions() if not any(map(a.covers, self._classes))
        )
        for claim in self.claims:
            if (stop := look(len(self._steps))) is not None:
                raise Stopped(stop)
            self._judge(claim, result, real)

    def _judge(self, claim: Property, result: Exploration, real: Real) -> None:
        ways, seen = self._ways(claim), self._seen[claim.id]
        silent = set(range(len(self._steps))) - self._cut - seen.shows
        cyclic = 0
        found: list[tuple[int, int, Cycle | int]] = []
        end = next((state for state in ways.waiting if not self._enabled[state]), None)
        if end is not None:
            found.append((ways.waiting[end], 0, end))
        for component in self._components(silent):
            cyclic += len(component)
            if component <= ways.waiting.keys():
                for fair in self._fair(component):
                    nearest = min(ways.waiting[state] for state in fair.edges)
                    starts = (s for s in sorted(fair.edges) if ways.waiting[s] == nearest)
                    cycle = fair.cycle_at_one_of(starts)
                    found.append((nearest, len(cycle.edges), cycle))
        result.waits[claim.id] = Waits(len(silent), cyclic, ways.answered or bool(found))
        if found:
            *_, best = min(found, key=lambda it: it[:2])
            result.violations.append(self._told(claim, ways, best, real))

    def _ways(self, claim: Property) -> _Ways:
        """The states in which a property waits, each with the fewest steps to it."""
        seen = self._seen[claim.id]
        return _Ways(self._steps, self._cut, seen.shows, seen.begins, claim.kind.asks)

    def _components(self, states: set[int]) -> Iterator[set[int]]:
        """The components of the graph of some states in which a run can stay for ever."""
        from networkx import DiGraph, strongly_connected_components  # noqa: PLC0415 - takes time to import

        graph = DiGraph()
        graph.add_nodes_from(states)
        graph.add_edges_from((s, e.target) for s in states for e in self._lasting(s) if e.target in states)
        for component in strongly_connected_components(graph):
            if len(component) > 1 or any(graph.has_edge(s, s) for s in component):
                yield component

    def _lasting(self, state: int) -> Iterable[Edge]:
        """The steps out of a state that may be taken again and again."""
        ends = self._system.fairness.ends
        return (edge for edge in self._steps[state] if not ends(self._classes[edge.those]))

    def _fair(self, states: set[int]) -> Iterator[Component]:
        """The components within one, or the whole, in which a fair run can stay for ever."""
        fairness = self._system.fairness
        edges = {s: [e for e in self._lasting(s) if e.target in states] for s in states}
        taken = {edge.those for out in edges.values() for edge in out}
        could = frozenset().union(*(self._enabled[s] for s in states))
        strong = frozenset(k for k in could if fairness.is_strong(self._classes[k]))
        if missed := strong - taken:
            left = {s for s in states if not self._enabled[s] & missed}
            for smaller in self._components(left):
                yield from self._fair(smaller)
            return
        always = could.intersection(*(self._enabled[s] for s in states))
        if not always - taken:
            yield Component(edges, {s: self._enabled[s] for s in states}, strong)

    def _told(self, claim: Property, ways: _Ways, end: Cycle | int, real: Real) -> Discovery:
        if isinstance(end, Cycle):
            way, edges, shortest = ways.to(end.start), end.edges, end.shortest
        else:
            way, edges, shortest = ways.to(end), (), True
        loop = len(way) if isinstance(end, Cycle) else None
        path = real(edge.step for edge in (*way, *edges))
        return Discovery(claim.id, NEVER, path, shortest=shortest, loop=loop)


class _Ways:
    """Shortest ways, through states without a bound, to the states in which a property waits.

    A way has two parts: before the property begins to ask, and from then on, when nothing shows what it
    asks for. Breadth first over states and parts.
    """

    def __init__(
        self, steps: list[list[Edge]], cut: set[int], shows: set[int], begins: set[int], asks: Asks | None
    ) -> None:
        self._cut, self._shows, self._asks, self._begins = cut, shows, asks, begins
        self._came: dict[tuple[int, bool], tuple[tuple[int, bool], Edge] | None] = {}
        #: state in which it waits → the fewest steps to it, the nearest first
        self.waiting: dict[int, int] = {}
        #: whether some way comes to what is asked for
        self.answered = False
        self._queue: deque[tuple[int, bool, int]] = deque()
        first = asks is Asks.FIRST
        self._reach((0, first), None, 0)
        while self._queue:
            state, asked, depth = self._queue.popleft()
            for edge in steps[state]:
                self._reach((edge.target, asked), ((state, asked), edge), depth + 1)

    def _reach(self, place: tuple[int, bool], by: tuple[tuple[int, bool], Edge] | None, depth: int) -> None:
        state, asked = place
        if place in self._came or state in self._cut:
            return
        if asked and state in self._shows:
            self.answered = True
            return
        self._came[place] = by
        self._queue.append((*place, depth))
        if asked:
            self.waiting[state] = depth
        elif state in self._begins or self._asks is Asks.ALWAYS:
            self._reach((state, True), by, depth)

    def to(self, state: int) -> tuple[Edge, ...]:
        """The steps of a shortest way to a state in which the property waits."""
        edges = []
        by = self._came[state, True]
        while by is not None:
            place, edge = by
            edges.append(edge)
            by = self._came[place]
        return tuple(reversed(edges))
