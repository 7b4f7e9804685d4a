"""Components of the graph of states in which a property waits, and those in which a fair run can stay.

The states that were not trimmed are numbered, their steps written down, and the strongly connected
components found by scipy. Classes of steps are bits, so what a component takes, what can be taken somewhere
in it and what can be taken everywhere are three words for each. A component that can take a strongly fair
class and does not loses the states where it can, and what is left is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from checker.engines.lassos import Component, Edge
from checker.engines.native.arrays import Array
from checker.engines.native.runs.waiting import ALIVE, Waiting
from checker.engines.native.states.packing import joined
from checker.engines.native.states.words import Words

#: States that are expanded at a time.
PIECE = 1 << 14


class Graph:
    """The states of an owner after the other, each owner's in the order of their keys, and their steps.

    `source`, `target` and `move` describe a step each, in the order of sources; `can` are the fair classes
    that can be taken in each state, as bits, and `level` its level in the search.
    """

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._stores = waiting.search.stores
        by_owner = waiting.having(ALIVE)
        self._keys: list[Array] = []
        ordered, levels = [], []
        for store, (words, level) in zip(self._stores, by_owner, strict=True):
            keys = store.keys_of(words)
            order = np.argsort(keys)
            self._keys.append(keys[order])
            ordered.append(words.of(order))
            levels.append(level[order])
        self.words, self.level = joined(ordered), np.concatenate(levels)
        self._first = np.cumsum([0, *(keys.shape[0] for keys in self._keys)])
        self.can: Array = np.zeros((self.words.size, waiting.classes.words), np.uint64)
        self._expand()

    @property
    def size(self) -> int:
        """How many states there are."""
        return self.words.size

    def numbers(self, words: Words) -> Array:
        """The number of each state; -1 for one that is not among these."""
        found: Array = np.full(words.size, -1, np.int32)
        for number, mine in self._waiting.marks.by_owner(words):
            keys = self._keys[number]
            if keys.shape[0]:
                wanted = self._stores[number].keys_of(words.of(mine))
                at = np.minimum(np.searchsorted(keys, wanted), keys.shape[0] - 1)
                found[mine] = np.where(keys[at] == wanted, at + self._first[number], -1)
        return found

    def _expand(self) -> None:
        classes, expansion = self._waiting.classes, self._waiting.expansions[0]
        steps: list[tuple[Array, Array, Array]] = [(np.zeros(0, np.int32),) * 3]
        kept = 0
        for first in range(0, self.size, PIECE):
            self._waiting.marks.beside = 12 * kept + self.can.nbytes + 16 * self.size
            self._waiting.marks.look(self.size - first)
            for places, moves, after in expansion.steps(self.words.of(slice(first, first + PIECE))):
                for word in range(classes.words):
                    np.bitwise_or.at(self.can[:, word], places + first, classes.can[moves, word])
                target = self.numbers(after)
                chosen = (target >= 0) & classes.is_lasting[moves]
                source = (places[chosen] + first).astype(np.int32)
                steps.append((source, target[chosen], moves[chosen].astype(np.int32)))
                kept += source.shape[0]
        self.source, self.target, self.move = (
            np.concatenate(column) for column in zip(*steps, strict=True)
        )


def narrowed(graph: Graph, states: Array, waiting: Waiting) -> list[Array]:
    """Of a large component the smaller fair ones that are within as few of its first levels as can be.

    What they show is as good, and a cycle is found in them at once. With fewer levels there may be none, so
    how many it takes is found by halving.
    """
    levels = np.unique(graph.level[states])
    best, low, high = [states], 0, levels.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        within = np.zeros(graph.size, np.bool_)
        within[states[graph.level[states] <= levels[middle]]] = True
        inner = within[graph.source] & within[graph.target]
        labels, stays = _components(graph.size, graph.source[inner], graph.target[inner])
        found = list(fair_components(graph, labels, stays & within, waiting))
        if found:
            best, high = found, middle
        else:
            low = middle + 1
    return best


def cyclic(graph: Graph) -> tuple[Array, Array]:
    """The component of each state, and whether a run can stay in that for ever."""
    return _components(graph.size, graph.source, graph.target)


def _components(size: int, source: Array, target: Array) -> tuple[Array, Array]:
    from scipy.sparse import csr_array  # noqa: PLC0415 - takes its time, and most graphs have no cycles
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    ends = np.searchsorted(source, np.arange(size + 1))
    steps = csr_array((np.ones(target.shape[0], np.int8), target, ends), shape=(size, size))
    count, labels = connected_components(steps, directed=True, connection="strong")
    stays = np.zeros(count, np.bool_)
    stays[labels[source[labels[source] == labels[target]]]] = True
    return labels, stays[labels]


def fair_components(graph: Graph, labels: Array, stays: Array, waiting: Waiting) -> Iterator[Array]:
    """The states, by number, of each component in which a fair run can stay for ever."""
    classes = waiting.classes
    strong = classes.bits(classes.strong)
    source, target, move = graph.source, graph.target, graph.move
    left = stays
    while left.any():
        inner = left[source] & left[target] & (labels[source] == labels[target])
        source, target, move = source[inner], target[inner], move[inner]
        taken, could, always = _summed(graph, labels, left, source, move, waiting)
        missed = could & strong & ~taken
        to_split = _any(missed)
        yield from _grouped(labels, left & ~to_split[labels] & ~_any(always & ~taken)[labels])
        left = left & to_split[labels] & ~_any(graph.can & missed[labels])
        inner = left[source] & left[target]
        source, target, move = source[inner], target[inner], move[inner]
        labels, stays = _components(graph.size, source, target)
        left = left & stays


def _any(words: Array) -> Array:
    """Of each row whether some bit is set."""
    return np.bitwise_or.reduce(words, axis=1) != 0  # type: ignore[no-any-return]


def _summed(
    graph: Graph, labels: Array, left: Array, source: Array, move: Array, waiting: Waiting
) -> tuple[Array, Array, Array]:
    """For each component the classes that it takes, can take somewhere, and can take everywhere."""
    takes, words = waiting.classes.takes, waiting.classes.words
    count = int(labels.max(initial=-1)) + 1
    taken, could = (np.zeros((count, words), np.uint64) for _ in range(2))
    always = np.full((count, words), ~np.uint64(0))
    states = np.flatnonzero(left)
    for word in range(words):
        np.bitwise_or.at(taken[:, word], labels[source], takes[move, word])
        np.bitwise_or.at(could[:, word], labels[states], graph.can[states, word])
        np.bitwise_and.at(always[:, word], labels[states], graph.can[states, word])
    return taken, could, always


def _grouped(labels: Array, chosen: Array) -> Iterator[Array]:
    """The states that are chosen, component by component."""
    states = np.flatnonzero(chosen)
    order = np.argsort(labels[states], kind="stable")
    states = states[order]
    ends = np.flatnonzero(np.diff(labels[states])) + 1
    yield from np.split(states, ends) if states.size else ()


def component_of(graph: Graph, states: Array, waiting: Waiting) -> Component:
    """A component in plain values, to look for a cycle in it."""
    classes = waiting.classes
    within = np.zeros(graph.size, np.bool_)
    within[states] = True
    inner = within[graph.source] & within[graph.target]
    steps = zip(
        *(column[inner].tolist() for column in (graph.source, graph.target, graph.move)), strict=True
    )
    edges: dict[int, list[Edge]] = {state: [] for state in states.tolist()}
    for source, target, move in steps:
        edges[source] += (Edge(those, target) for those in classes.as_which(move))
    enabled = {state: classes.listed(graph.can[state]) for state in edges}
    return Component(edges, enabled, classes.strong)
