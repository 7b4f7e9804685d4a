"""The strands of a trace: chains of messages that run side by side until they meet.

Each step takes at most one message, so by who sent what it takes the steps are a forest: its trees begin
with a message that was there from the start, or with a step that takes none. A tree that only prepares
another one, because its last step comes before a step of that at the same node, belongs to that strand.
What remains are the strands that come together in the last steps. Within a strand the steps are told by
cause: before each step what came before it at its node, then what led to its message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checker.model.semantics import ModelError, Transition, successors
from checker.traces.causality import Causality, Link, Why

#: Strands at most, unless more meet at the end; steps above which one is told as two, and those of a part.
MOST, LONG, ENOUGH = 3, 12, 4


@dataclass(frozen=True, slots=True)
class Strand:
    """Steps of a trace (numbers, from 1) that belong together, in the order of their causes.

    `alone`: whether these steps can be taken without any others, and send the same. `apart`: whether no
    node, but for observers, takes one of them and one of the strands before.
    """

    steps: tuple[int, ...]
    alone: bool
    apart: bool


@dataclass(frozen=True, slots=True)
class Strands:
    """The strands of a trace, each after those it rests on, and the steps in which they meet at the end."""

    strands: tuple[Strand, ...]
    meeting: tuple[int, ...]


def strands_of(known: Causality) -> Strands:
    """The strands of a trace, all of whose steps are taken to matter."""
    return _Weaver(known).strands()


def by_cause(known: Causality, steps: Iterable[int]) -> tuple[int, ...]:
    """Some steps, before each what came before it at its nodes, then what led to its message."""
    return tuple(_Weaver(known).by_cause(set(steps)))


class _Weaver:
    """Finds the strands of one trace."""

    def __init__(self, known: Causality) -> None:
        self.known = known
        trace = known.trace
        self.count = len(trace.steps)
        observers = {trace.system.positions[member.name] for member in trace.system.observers}
        self.observing = observers
        #: what comes next at a node, of each step; what observers see in turn is no cause
        self.next: dict[int, list[Link]] = {n: [] for n in range(1, self.count + 1)}
        for link in known.links():
            if link.node not in observers:
                self.next[link.before].append(link)
        self.tree = self._trees()

    def _trees(self) -> dict[int, int]:
        """Step → the first step of its tree."""
        tree: dict[int, int] = {}
        for number, origin in enumerate(self.known.origins, start=1):
            tree[number] = tree[origin] if origin else number
        return tree

    def strands(self) -> Strands:
        ends = tuple(n for n in self.next if not self.next[n])
        main = {self.tree[n] for n in ends}
        single = ends[0] if len(ends) == 1 else 0
        if single:
            main |= {self.tree[before] for before in self._before(single)}
        while True:
            groups = self._groups(main, single)
            promoted = self._promoted(groups, main) if len(groups) < MOST else None
            if promoted is None:
                break
            main.add(promoted)
        sent = (self.known.origins[single - 1] or 0) if single else 0
        joined = self._without_crumbs(self._completed(groups, main))
        return Strands(tuple(self._in_order(joined, sent)), ends)

    def _groups(self, main: set[int], meeting: int) -> dict[int, set[int]]:
        """Tree that is a strand of its own → the steps of that strand, but for that in which all meet."""
        last = {root: n for n, root in self.tree.items()}
        joined: dict[int, int] = {}
        groups: dict[int, set[int]] = {}
        for root, end in sorted(last.items(), key=lambda one: -one[1]):
            joined[root] = root if root in main else joined[self.tree[self._prepares(end)]]
        for number, root in self.tree.items():
            if number != meeting:
                groups.setdefault(joined[root], set()).add(number)
        return groups

    def _promoted(self, groups: dict[int, set[int]], main: set[int]) -> int | None:
        """A tree to be a strand of its own, so that the longest is not too long; None: none need be."""
        own, longest = max(groups.items(), key=lambda one: (len(one[1]), -one[0]), default=(0, set[int]()))
        if len(longest) <= LONG:
            return None
        sizes = {}
        for root in {self.tree[n] for n in longest} - {own}:
            size = len(self._groups(main | {root}, 0)[root])
            if ENOUGH <= size <= len(longest) - ENOUGH:
                sizes[root] = size
        return min(sizes, key=lambda root: (abs(2 * sizes[root] - len(longest)), root), default=None)

    def _without_crumbs(self, strands: list[tuple[set[int], bool]]) -> list[tuple[set[int], bool]]:
        """The strands; one of a single step that needs others belongs to what it follows."""
        for crumb, _ in [one for one in strands if len(one[0]) == 1 and not one[1]]:
            before = self.known.past(crumb) - crumb
            followed = [g for g, _ in strands if g & before]
            if followed:
                max(followed, key=lambda g: max(g & before)).update(crumb)
                strands = [one for one in strands if one[0] is not crumb]
        return [(group, can_be_taken(self.known, group)) for group, _ in strands]

    def _before(self, number: int) -> Iterator[int]:
        """The steps before one at its nodes."""
        for link in self.known.links_to(number):
            if link.why is Why.NODE and link.node not in self.observing:
                yield link.before

    def _prepares(self, number: int) -> int:
        """The step that the last one of a tree prepares: the next at its own node, else at another."""
        own = self.known.trace.steps[number - 1].transition.node
        return min(self.next[number], key=lambda link: (link.node != own, link.after)).after

    def _completed(self, groups: dict[int, set[int]], main: set[int]) -> list[tuple[set[int], bool]]:
        """The strands with what they need beside their own trees, and whether that is all they need.

        A step of a tree that prepares another strand is told where it is needed first.
        """
        for group in sorted(groups.values(), key=min):
            needed = self.known.past(group) - group
            if can_be_taken(self.known, group) or {self.tree[n] for n in needed} & main:
                continue
            for number in sorted(needed, reverse=True):
                if can_be_taken(self.known, group | needed - {number}):
                    needed -= {number}
            for other in groups.values():
                other.difference_update(needed)
            group.update(needed)
        return [(group, can_be_taken(self.known, group)) for group in groups.values() if group]

    def _in_order(self, waiting: list[tuple[set[int], bool]], sent: int) -> Iterator[Strand]:
        """The strands: those that need no other first, then each after those that it rests on.

        Where some rest on each other the one that leads to the last step's message (`sent`) is the last.
        """
        told: set[int] = set()
        while waiting:
            needs = [len({b for n in g for b in self._rests_on(n)} - g - told) for g, _ in waiting]
            keys = [
                (not alone, not alone and (bool(need), sent in group, need), min(group))
                for (group, alone), need in zip(waiting, needs, strict=True)
            ]
            group, alone = waiting.pop(keys.index(min(keys)))
            apart = self._nodes(group).isdisjoint(self._nodes(told))
            yield Strand(tuple(self.by_cause(group)), alone, apart)
            told |= group

    def _nodes(self, group: set[int]) -> set[int]:
        return {node for number in group for node in self.known.nodes[number - 1]} - self.observing

    def _rests_on(self, number: int) -> Iterator[int]:
        for link in self.known.links_to(number):
            if link.node not in self.observing:
                yield link.before

    def by_cause(self, group: set[int]) -> list[int]:
        """Steps of a strand: before each what came before it at its nodes, then who sent its message."""
        told: dict[int, None] = {}
        todo = [(number, False) for number in sorted(group, reverse=True)]
        todo = [*todo[1:], *todo[:1]]  # from the last one back, then what does not lead to it
        while todo:
            number, ready = todo.pop()
            if number in told:
                continue
            if ready:
                told[number] = None
                continue
            todo.append((number, True))
            causes = [b for b in self._rests_on(number) if b in group and b not in told]
            todo += [(b, False) for b in reversed(causes)]
        return list(told)


def can_be_taken(known: Causality, steps: Iterable[int]) -> bool:
    """Whether some steps of a trace can be taken without the others, and send the same messages.

    What their nodes know then may be something else.
    """
    trace = known.trace
    watching = {member.name for member in trace.system.observers}

    def done(step: Transition) -> tuple[object, ...]:
        sends = tuple(send for send in step.sends if send[0] not in watching)
        return step.node, step.action, step.message, step.lost, sends

    state = trace.initial
    for number in sorted(steps):
        wanted = trace.steps[number - 1].transition
        try:
            found = [step for step in successors(trace.system, state) if done(step) == done(wanted)]
        except ModelError:
            return False
        if not found:
            return False
        local = wanted.state[wanted.node].local
        state = next((s for s in found if s.state[s.node].local == local), found[0]).state
    return True
