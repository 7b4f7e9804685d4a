"""Lassos: of the states that a fair run can stay in for ever, a cycle that is as short as can be found.

What is to be shown of a violated temporal property is a run, and not the component of the graph in which
there is one: a shortest way into such a component, and from its end a shortest cycle that is fair. The
search for it is over pairs of a state and what the cycle has met so far of what is assumed, so the length
depends on the model alone, and engines agree on it. A component with too many such pairs gets a cycle that
goes to what is nearest, again and again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

#: What is found of a property, before it is judged anew.
NEVER = "a run that never comes to it"
#: Pairs of a state and what is met that are looked at before one goes to what is nearest.
MOST_PAIRS = 300_000
#: States from which a cycle is looked for, of those that are as near.
MOST_STARTS = 64


class Edge(NamedTuple):
    """A step to a state: the number of its class, and its index among the steps there, if it has one."""

    those: int
    target: int
    step: int = -1


class Cycle(NamedTuple):
    """A cycle from a state back to it, and whether none is shorter."""

    start: int
    edges: tuple[Edge, ...]
    shortest: bool


@dataclass(frozen=True, slots=True)
class Component:
    """States by number, among which a fair run can stay for ever, coming to all of them.

    `edges` are the steps between them, by the state before, without those that are taken finitely often.
    `enabled` are for each state the numbers of the fair classes that can be taken there, to whatever state;
    `strong` are those classes that are strongly fair.
    """

    edges: Mapping[int, Sequence[Edge]]
    enabled: Mapping[int, frozenset[int]]
    strong: frozenset[int]

    def cycle_at_one_of(self, starts: Iterable[int]) -> Cycle:
        """A shortest cycle that begins at one of some states, of those the first."""
        known = list(islice(starts, MOST_STARTS + 1))
        cycles = [self.cycle(start) for start in known[:MOST_STARTS]]
        best = min(cycles, key=lambda cycle: len(cycle.edges))
        return best._replace(shortest=best.shortest and len(known) <= MOST_STARTS)

    def cycle(self, start: int) -> Cycle:
        """A cycle from a state back to it that meets all that is assumed; short, if not a shortest."""
        search = _Search(self)
        done = lambda state, met: state == start and search.is_fair(met)  # noqa: E731
        found = search.shortest(start, search.at(start), done, MOST_PAIRS)
        if found is not None:
            return Cycle(start, found[0], shortest=True)
        return Cycle(start, self._by_what_is_nearest(search, start), shortest=False)

    def _by_what_is_nearest(self, search: _Search, start: int) -> tuple[Edge, ...]:
        edges: tuple[Edge, ...] = ()
        state, met = start, search.at(start)
        while missing := search.all & ~met:
            more = search.shortest(state, met, lambda _, then, missing=missing: bool(then & missing))  # type: ignore[misc]
            assert more is not None, "a fair component has all of it"
            edges, state, met = edges + more[0], more[0][-1].target, more[1]
        back = search.shortest(state, 0, lambda there, _: there == start, plain=True)
        assert back is not None, "a component is strongly connected"
        return edges + back[0]


Found = tuple[tuple[Edge, ...], int]


class _Search:
    """Breadth first over pairs of a state and a set of bits: what has been met on the way.

    For each class that can be taken somewhere there is a bit, set once that is met: for a weakly fair
    class by a step of it or a state where there is none, for a strongly fair one by a step of it. Another
    bit says of a strongly fair class that it could have been taken.
    """

    def __init__(self, component: Component) -> None:
        self._edges = component.edges
        classes = sorted(frozenset().union(*component.enabled.values()))
        self._bit = {those: 1 << k for k, those in enumerate(classes)}
        #: what all is to be met, should every strongly fair class be one that can be taken
        self.all = (1 << len(classes)) - 1
        self._strong = sum(bit for those, bit in self._bit.items() if those in component.strong)
        self._could = len(classes)
        self._at = {state: self._met_at(can) for state, can in component.enabled.items()}

    def _met_at(self, can: frozenset[int]) -> int:
        enabled = sum(self._bit[those] for those in can)
        without = self.all & ~self._strong & ~enabled
        return without | (enabled & self._strong) << self._could

    def at(self, state: int) -> int:
        """What a state meets by itself."""
        return self._at[state]

    def is_fair(self, met: int) -> bool:
        """Whether nothing is left to be met."""
        could = met >> self._could
        return not (self.all & ~self._strong & ~met) and not (could & ~met)

    def shortest(
        self,
        start: int,
        met: int,
        done: Callable[[int, int], bool],
        most: int | None = None,
        *,
        plain: bool = False,
    ) -> Found | None:
        """The fewest steps, at least one, to a pair for which it is done, and what is met there.

        None if there are none, or more than `most` pairs were looked at. With `plain` what is met on the
        way does not matter.
        """
        begun = (start, met)
        came: dict[tuple[int, int], tuple[tuple[int, int], Edge]] = {}
        queue = deque([begun])
        while queue:
            here = queue.popleft()
            for edge in self._edges[here[0]]:
                then = 0 if plain else here[1] | self._bit.get(edge.those, 0) | self._at[edge.target]
                there = (edge.target, then)
                if done(*there):
                    return (*_back(came, here, begun), edge), then
                if there not in came and there != begun:
                    came[there] = (here, edge)
                    queue.append(there)
            if most is not None and len(came) > most:
                return None
        return None


def _back(
    came: Mapping[tuple[int, int], tuple[tuple[int, int], Edge]],
    here: tuple[int, int],
    begun: tuple[int, int],
) -> tuple[Edge, ...]:
    edges = []
    while here != begun:
        here, edge = came[here]
        edges.append(edge)
    return tuple(reversed(edges))
