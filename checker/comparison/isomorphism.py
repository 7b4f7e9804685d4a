"""Are two graphs of states the same but for the names of the states?

Colour refinement (Weisfeiler and Leman 1968; partition refinement as of Paige and Tarjan 1987, in its
plain form): states of one colour are told apart by the colours that their steps lead to and come from,
until nothing changes. Steps are labelled with the node and the action, and the initial states have a
colour of their own. If the two graphs then differ in the number of states of some colour, they are not
isomorphic. If every colour belongs to one state of each, that is the only possible correspondence;
else a state is given a colour of its own, together with each state of the other graph that might
correspond to it in turn, and refinement goes on. What comes out is checked step by step against the
definition, so a positive answer does not depend on the refinement at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Guesses after which a search for a correspondence is given up.
MOST_GUESSES = 2_000

Label = str
#: A step: from, label, to.
Edge = tuple[int, Label, int]


@dataclass(frozen=True, slots=True)
class Graph:
    """States 0 (the initial one) to n - 1, each with its level; no two steps are the same."""

    levels: Sequence[int]
    edges: frozenset[Edge]

    @property
    def size(self) -> int:
        """How many states there are."""
        return len(self.levels)

    def by_label(self) -> Counter[Label]:
        """How many steps have each label."""
        return Counter(label for _, label, _ in self.edges)


@dataclass(frozen=True, slots=True)
class Apart:
    """Where two graphs are told apart.

    `round` is the number of rounds of refinement: 0 means by the steps out of and into a state alone.
    `states` are those that look alike so far, in the one graph and in the other; there are not as many.
    """

    round: int
    states: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Isomorphic:
    """For each state of the one graph its image in the other, and how many choices there were."""

    images: tuple[int, ...]
    guesses: int


class GaveUp(Exception):  # noqa: N818 - a limit
    """Too many guesses: the graphs are too symmetric for this search."""


def compare_graphs(one: Graph, other: Graph) -> Isomorphic | Apart:
    """A correspondence, or where the two are told apart. Raises GaveUp."""
    refinement = _Refinement(one, other)
    apart = refinement.refine(range(one.size + other.size)) or refinement.unbalanced()
    if apart is not None:
        return apart
    found = _search(refinement)
    return Apart(refinement.round, ((), ())) if found is None else found


class _Refinement:
    """Colours of the states of both graphs; those of the second are numbered after those of the first."""

    def __init__(self, one: Graph, other: Graph) -> None:
        self.one, self.other = one, other
        count = one.size + other.size
        self.out: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        self.into: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        labels: dict[Label, int] = {}
        for graph, base in ((one, 0), (other, one.size)):
            for source, label, target in graph.edges:
                number = labels.setdefault(label, len(labels))
                self.out[base + source].append((number, base + target))
                self.into[base + target].append((number, base + source))
        self.colour = [0] * count
        self.members: dict[int, set[int]] = {0: set(range(count))}
        #: for each colour that was given, the states that got it and the colour each had before
        self.painted: list[list[tuple[int, int]]] = []
        #: the colours of more than two states
        self.several: set[int] = set()
        self.round = -1
        self._paint({0, one.size})

    def undo(self, painted: int, round_number: int) -> None:
        """Undo refinement: back to the first `painted` colours that were given, and to that round."""
        self.round = round_number
        while len(self.painted) > painted:
            fresh = len(self.members) - 1
            del self.members[fresh]
            self.several.discard(fresh)
            before = self.painted.pop()
            for state, colour in before:
                self.colour[state] = colour
                self.members[colour].add(state)
            self._count({colour for _, colour in before})

    def _paint(self, states: Iterable[int]) -> int:
        """Give states a new colour of their own."""
        fresh = len(self.members)
        moved = set(states)
        self.painted.append([(state, self.colour[state]) for state in moved])
        for state in moved:
            self.members[self.colour[state]].discard(state)
            self.colour[state] = fresh
        self.members[fresh] = moved
        self._count({fresh, *(colour for _, colour in self.painted[-1])})
        return fresh

    def _count(self, colours: Iterable[int]) -> None:
        """Note which of these colours are of more than one state each."""
        for colour in colours:
            if len(self.members[colour]) > 2:
                self.several.add(colour)
            else:
                self.several.discard(colour)

    def sides(self, colour: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The states of a colour, in the one graph and in the other, by their own numbers."""
        base = self.one.size
        states = sorted(self.members[colour])
        return tuple(s for s in states if s < base), tuple(s - base for s in states if s >= base)

    def single_out(self, state: int, image: int) -> Apart | None:
        """Give a state and its supposed image a colour of their own, and refine."""
        pair = (state, self.one.size + image)
        self._paint(pair)
        return self.refine({s for p in pair for s in self._neighbours(p)})

    def _neighbours(self, state: int) -> Iterable[int]:
        yield from (s for _, s in self.out[state])
        yield from (s for _, s in self.into[state])

    def refine(self, touched: Iterable[int]) -> Apart | None:
        """Refine until nothing changes; where the graphs come apart, if they do.

        `touched` are the states with a neighbour whose colour is new. Others of their colour cannot
        have changed, and need not be looked at.
        """
        todo = set(touched)
        while todo:
            self.round += 1
            changed: set[int] = set()
            colours: set[int] = set()
            for colour, states in self._by_colour(todo).items():
                groups = self._told_apart(states)
                if len(states) == len(self.members[colour]):
                    groups.remove(max(groups, key=len))
                for group in groups:
                    colours |= {colour, self._paint(group)}
                    changed.update(group)
            apart = self.unbalanced(colours)
            if apart is not None:
                return apart
            todo = {s for state in changed for s in self._neighbours(state)}
        return None

    def unbalanced(self, colours: Iterable[int] | None = None) -> Apart | None:
        """A colour (of these, or of all) that the graphs do not have equally often.

        If there are several, one that a graph does not have at all, and as early in the search as can be.
        """
        found = []
        for colour in self.members if colours is None else colours:
            mine, theirs = self.sides(colour)
            if len(mine) != len(theirs):
                levels = (*(self.one.levels[s] for s in mine), *(self.other.levels[s] for s in theirs))
                found.append(((min(len(mine), len(theirs)) > 0, min(levels), colour), (mine, theirs)))
        return Apart(self.round, min(found)[1]) if found else None

    def _by_colour(self, states: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for state in sorted(states):
            found.setdefault(self.colour[state], []).append(state)
        return found

    def _told_apart(self, states: Iterable[int]) -> list[list[int]]:
        """States of one colour, put together where the colours around them are the same."""
        colour = self.colour
        groups: dict[object, list[int]] = {}
        for state in states:
            out = sorted((label, colour[s]) for label, s in self.out[state])
            into = sorted((label, colour[s]) for label, s in self.into[state])
            groups.setdefault((tuple(out), tuple(into)), []).append(state)
        return list(groups.values())

    def ambiguous(self) -> int | None:
        """A colour of several states of each graph, one of those with the fewest; None if there is none."""
        return min(self.several, key=lambda c: (len(self.members[c]), c), default=None)

    def images(self) -> tuple[int, ...]:
        """For each state of the one graph the state of the other that has its colour."""
        base = self.one.size
        found = [0] * base
        for states in self.members.values():
            if states:
                state, image = sorted(states)
                found[state] = image - base
        return tuple(found)


def _search(refinement: _Refinement) -> Isomorphic | None:
    """Guess until every colour is of one state each; go back where a guess proves wrong. Raises GaveUp."""
    guesses = 0
    #: before each guess: how many colours there were, the round, the state, its images still to be tried
    trail: list[tuple[int, int, int, list[int]]] = []
    while True:
        colour = refinement.ambiguous()
        if colour is None:
            images = refinement.images()
            if preserves(refinement.one, refinement.other, images):
                return Isomorphic(images, guesses)
        else:
            (state, *_), candidates = refinement.sides(colour)
            before = len(refinement.painted), refinement.round
            trail.append((*before, state, list(reversed(candidates))))
        while True:
            while trail and not trail[-1][-1]:
                trail.pop()
            if not trail:
                return None
            guesses += 1
            if guesses > MOST_GUESSES:
                raise GaveUp(f"after {MOST_GUESSES:,} guesses no correspondence was found or ruled out")
            painted, round_number, state, images_left = trail[-1]
            refinement.undo(painted, round_number)
            if refinement.single_out(state, images_left.pop()) is None:
                break


def preserves(one: Graph, other: Graph, images: Sequence[int]) -> bool:
    """Whether this is an isomorphism: one to one, initial state to initial state, steps to steps."""
    if one.size != other.size or sorted(images) != list(range(other.size)) or images[0] != 0:
        return False
    return {(images[s], label, images[t]) for s, label, t in one.edges} == other.edges
