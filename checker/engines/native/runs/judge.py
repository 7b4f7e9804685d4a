"""Temporal properties judged: where they wait, in which components a fair run can stay, and a lasso.

What the reference engine does on an explicit graph (`checker.engines.fairruns`), over all states of a
search at once. Nothing is reduced here: a cycle of states that stand for others need be none of theirs, and
what a property waits for might be what was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from checker.engines.contract import Discovery, Waits
from checker.engines.lassos import NEVER, Cycle
from checker.engines.native.arrays import Array
from checker.engines.native.numbering import Vector
from checker.engines.native.paths.unfold import UnfoldError, Walk
from checker.engines.native.runs.classes import Classes
from checker.engines.native.runs.components import Graph, component_of, cyclic, fair_components, narrowed
from checker.engines.native.runs.waiting import BEGINS, CUT, FAIR, Waiting
from checker.engines.native.runs.ways import Nearest, Ways
from checker.engines.native.search.limits import LimitReached
from checker.engines.native.search.search import Search
from checker.engines.native.states.words import Words
from checker.model.fairness import StepClass
from checker.model.properties import Asks, Property

Way = list[tuple[StepClass, Vector]]


#: States of a component in which a cycle is looked for as it is; of a larger one in a part of it.
MOST_IN_COMPONENT = 50_000


def judge_runs(search: Search, claims: Sequence[Property], levels: int | None = None) -> bool:
    """Judge temporal properties on all states of a search that is complete; whether one is violated.

    With `levels` on the first ones of a search that goes on: a run that stays there may be told long
    before all states are known, though there may be a shorter one; of what is not violated nothing is
    said. A limit that is reached on the way is noted as one of the search; what is not known then is left
    out.
    """
    begun, result = search.watch.seconds, search.result
    classes = Classes(search.tables)
    found: list[Discovery | None] = []
    try:
        for claim in claims:
            waiting = Waiting(search, claim, classes, levels)
            judge = _Judge(waiting)
            found.append(judge.run() if levels is None else judge.violation())
        if levels is None:
            if classes.idle():  # what was not seen where a property waits may be taken elsewhere
                waiting.see_all()
            result.idle = classes.idle()
    except LimitReached as limit:
        result.stopped = str(limit)
    finally:
        result.frontier = 0
        search.seconds_ahead += search.watch.seconds - begun
    early = levels is not None
    violations = [replace(d, shortest=d.shortest and not early) for d in found if d is not None]
    result.violations += violations
    return bool(violations)


class _Judge:
    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting
        self.search = waiting.search
        self.claim = waiting.claim
        self.graph: Graph | None = None
        self.ways = Ways(waiting)
        #: in how many states it waits that are on cycles
        self.on_cycles = 0
        #: the components, by the numbers of their states, in which a fair run can stay, or parts of them
        self.fair: list[Array] = []
        self.narrowed = False
        self.went_everywhere = False

    def run(self) -> Discovery | None:
        """Note in how many states it waits; the run that it waits in for ever, if there is one."""
        found = self.violation()
        answered = found is not None or self._is_answered()
        waits = Waits(self.waiting.states, self.on_cycles, answered)
        self.search.result.waits[self.claim.id] = waits
        return found

    def violation(self) -> Discovery | None:
        """The run that it waits in for ever, if there is one. Raises LimitReached."""
        self.waiting.look()
        self._find_components()
        if not self.fair and not self.waiting.any_end():
            return None
        nearest = self.ways.nearest()
        self.went_everywhere = nearest is None
        return None if nearest is None else self._told(nearest)

    def _is_answered(self) -> bool:
        """Whether some run comes to what is asked for and no bound stops a node before.

        Every fair run does so, or meets a bound, since none can stay where the property waits.
        """
        if self.went_everywhere:
            return self.ways.answered
        if self.waiting.count(CUT):
            self.ways.nearest(until_answered=True)
            return self.ways.answered
        return self.claim.kind.asks is not Asks.WHEN or self.waiting.count(BEGINS) > 0

    def _find_components(self) -> None:
        """Mark the states where a fair run can stay for ever."""
        self.graph = graph = Graph(self.waiting)
        if not graph.source.shape[0]:
            return
        labels, stays = cyclic(graph)
        self.on_cycles = int(stays.sum())
        for states in fair_components(graph, labels, stays, self.waiting):
            large = states.size > MOST_IN_COMPONENT
            self.fair += narrowed(graph, states, self.waiting) if large else [states]
            self.narrowed |= large
        for states in self.fair:
            self.waiting.marks.add_by_slot(graph.words.of(states), FAIR)

    # What is told -----------------------------------------------------------------------------------------

    def _told(self, nearest: Nearest) -> Discovery:
        """The run to one of the nearest states, and the cycle that begins there unless it may end."""
        depth, states, may_end = nearest
        cycle = None if may_end else self._cycle(states)
        vectors: Iterable[Vector] = map(tuple, states.cells().tolist())
        end = min(vectors) if cycle is None else self._vector(cycle.start)
        classes = self.waiting.classes
        way: Way = [(classes.all[min(classes.of_move[m])], v) for m, v in self.ways.back(depth, end)]
        loop = None if cycle is None else len(way)
        for edge in () if cycle is None else cycle.edges:
            way.append((classes.all[edge.those], self._vector(edge.target)))
        walk = Walk(self.search.tables)
        shortest = not self.narrowed and (cycle is None or cycle.shortest)
        try:
            for those, vector in way:
                walk.follow(vector, those)
        except UnfoldError as error:  # a bug of ours; what else was found is told all the same
            return Discovery(self.claim.id, f"{NEVER}; {error}", None)
        return Discovery(self.claim.id, NEVER, walk.path, shortest=shortest, loop=loop)

    def _cycle(self, nearest: Words) -> Cycle:
        """A shortest fair cycle that begins in one of some states."""
        assert self.graph is not None
        starts = set(self.graph.numbers(nearest).tolist())
        cycles = []
        for states in self.fair:
            if here := starts.intersection(states.tolist()):
                component = component_of(self.graph, states, self.waiting)
                cycles.append(component.cycle_at_one_of(sorted(here)))
        return min(cycles, key=lambda cycle: len(cycle.edges))

    def _vector(self, number: int) -> Vector:
        assert self.graph is not None
        (vector,) = self.graph.words.of(np.array([number])).cells().tolist()
        return tuple(vector)
