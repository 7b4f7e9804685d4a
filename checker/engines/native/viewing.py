"""Views as numbers: what the properties over several nodes can see of a state, as one word each.

Properties that read the same views form a group. For each node of a group the views of its local
states are numbered; a state's *combination* is the word made of these numbers side by side. The
kernel collects the distinct combinations, and each is judged once, here, on the values.

Of most nodes only the local state is read; what is seen of it is the same in all cells with that state. A
node whose inbox is read is seen cell by cell. Such nodes are not settled (`Settling`), for what is read is
what was sent, and there is no fusion, which leaves out states that differ by their inboxes only.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from checker.engines.native.arrays import Memo
from checker.engines.native.numbering import Numbering
from checker.model.judging import Finding, said
from checker.model.modelcode import CodeError
from checker.model.processes import Process
from checker.model.properties import On, Property
from checker.model.system import System
from checker.model.vocabulary import Local, View

#: For each node the number of what a group sees of it.
Numbers = tuple[int, ...]
#: What decides what is seen of a cell: its node, the number of its local state and, if it is read, its
#: inbox of numbers, else None.
Aspect = tuple[int, int, Any]
#: The messages that wait for a node.
Waiting = tuple[Hashable, ...]

#: Bits for all numbers of one combination.
COMBINATION_BITS = 63


class Group:
    """Properties that read the same views, and the numbers of these views, node by node."""

    def __init__(self, system: System, views: tuple[View, ...], nodes: int) -> None:
        self.system = system
        self.views = views
        self.claims: list[Property] = []
        self.roles = {view.role for view in views}
        #: what is read of each node: of it, and of the processes that it hosts
        self._views_of: list[tuple[tuple[Process, View], ...]] = [
            tuple((process, view) for process in node for view in views if view.role == process.role)
            for node in system.processes
        ]
        self.reads = [bool(own) for own in self._views_of]
        #: by view, whom it shows: the name, the node, and the place among what is read of that
        self._whose = [
            [
                (process.name, node, place)
                for node, own in enumerate(self._views_of)
                for place, (process, read) in enumerate(own)
                if read is view
            ]
            for view in views
        ]
        #: whether a node's inbox is read
        self.waits = [any(view.inbox for _, view in own) for own in self._views_of]
        self.values: list[list[tuple[Any, ...]]] = [[] for _ in range(nodes)]
        self._number: list[dict[tuple[Any, ...], int]] = [{} for _ in range(nodes)]
        self._judged: dict[Numbers, list[Finding]] = {}
        #: groups that read only views of these: what they see is known with what this one sees
        self.parts: list[Group] = []
        self._in_parts: Memo[tuple[int, int], tuple[int, ...]] = Memo(self._parts_of)
        self._mistake: CodeError | None = None
        readers = max(1, sum(self.reads))
        self.width = [COMBINATION_BITS // readers if reads else 0 for reads in self.reads]
        self.layout()

    def asked(self) -> Iterator[str]:
        """The ids of the properties that are judged on what this group sees."""
        yield from (claim.id for claim in self.all_claims())

    @property
    def mistake(self) -> CodeError | None:
        """The first time a property's own code went wrong; what others find is told all the same."""
        return self._mistake or next((part.mistake for part in self.parts if part.mistake), None)

    def layout(self) -> None:
        """Give each node its place in the word."""
        self.shift = [sum(self.width[:i]) for i in range(len(self.width))]

    def view(self, node: int, local: Local, waiting: Waiting) -> tuple[Any, ...]:
        """What the group sees of a node with this local state, and of what waits for it."""
        return tuple(
            [view(p.waiting(waiting) if view.inbox else p.local(local)) for p, view in self._views_of[node]]
        )

    def number(self, node: int, local: Local, waiting: Waiting) -> int:
        """The number of that."""
        return self.value_number(node, self.view(node, local, waiting))

    def value_number(self, node: int, seen: tuple[Any, ...]) -> int:
        """The number of a value of the group's views of a node."""
        number = self._number[node].setdefault(seen, len(self.values[node]))
        if number == len(self.values[node]):
            self.values[node].append(seen)
        return number

    def widen(self) -> bool:
        """Redistribute the 63 bits among the nodes; False if they do not suffice."""
        need = [
            len(v).bit_length() if reads else 0 for v, reads in zip(self.values, self.reads, strict=True)
        ]
        spare = (COMBINATION_BITS - sum(need)) // max(1, sum(self.reads))
        self.width = [bits + spare if reads else 0 for bits, reads in zip(need, self.reads, strict=True)]
        self.layout()
        return spare >= 0

    def fits(self) -> bool:
        """Whether every number fits into its node's place."""
        return all(len(v) <= 1 << w for v, w in zip(self.values, self.width, strict=True))

    def numbers(self, combination: int) -> Numbers:
        """The numbers of the views that make a combination; -1 for nodes that the group does not read."""
        return tuple(
            (combination >> shift) & ((1 << width) - 1) if reads else -1
            for shift, width, reads in zip(self.shift, self.width, self.reads, strict=True)
        )

    def combination(self, numbers: Numbers) -> int:
        """The inverse of `numbers`."""
        return sum(n << shift for n, shift in zip(numbers, self.shift, strict=True) if n >= 0)

    def findings(self, numbers: Numbers) -> list[Finding]:
        """What the group's properties find in a state that shows these views; judged once."""
        known = self._judged.get(numbers)
        if known is None:
            seen = [None if n < 0 else self.values[node][n] for node, n in enumerate(numbers)]
            known = self._judged[numbers] = self._judge(seen)
            if self.parts:
                places = [self._in_parts[place] if place[1] >= 0 else None for place in enumerate(numbers)]
                for k, part in enumerate(self.parts):
                    shown = tuple(-1 if place is None else place[k] for place in places)
                    known += part.findings(shown)
        return known

    def _parts_of(self, place: tuple[int, int]) -> tuple[int, ...]:
        """What each part sees of a node, by the number of what this group sees of it."""
        node, number = place
        value = self.values[node][number]
        seen = ((part, self._seen_by(part, node, value)) for part in self.parts)
        return tuple(-1 if shown is None else part.value_number(node, shown) for part, shown in seen)

    def _seen_by(self, part: Group, node: int, value: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """What a part sees of a node of which this group sees that; None if it reads nothing of it."""
        if not part.reads[node]:
            return None
        seen = dict(zip(self._views_of[node], value, strict=True))
        return tuple(seen[what] for what in part._views_of[node])

    def is_judged(self, numbers: Numbers) -> bool:
        """Whether these views were judged before."""
        return numbers in self._judged

    def combinations_of(self, claim: str) -> set[int]:
        """The combinations judged of which the property of that id had something to say."""
        found = self._judged.items()
        return {self.combination(n) for n, said in found if any(p.id == claim for p, _ in said)}

    def judged(self) -> set[tuple[tuple[Any, ...] | None, ...]]:
        """All combinations judged, as values: what the group saw of each node, None if nothing."""
        return {
            tuple(None if n < 0 else self.values[node][n] for node, n in enumerate(numbers))
            for numbers in self._judged
        }

    def all_claims(self) -> Iterator[Property]:
        """The properties that are judged on what this group sees, those of its parts as well."""
        yield from self.claims
        for part in self.parts:
            yield from part.all_claims()

    def told(self, seen: Sequence[tuple[Any, ...] | None]) -> dict[str, bool | None]:
        """Of each property whether it finds something in values; None if its own code goes wrong."""
        arguments = self._arguments(seen)
        setting = self.system.setting
        told = {claim.id: said(partial(claim.says, setting, *arguments)) for claim in self.claims}
        for part in self.parts:
            places = [
                None if value is None else self._seen_by(part, node, value)
                for node, value in enumerate(seen)
            ]
            told.update(part.told(places))
        return told

    def _judge(self, seen: list[tuple[Any, ...] | None]) -> list[Finding]:
        arguments = self._arguments(seen)
        found = []
        for claim in self.claims:
            try:
                reason = claim.says(self.system.setting, *arguments)
            except CodeError as error:
                self._mistake = self._mistake or error
            else:
                found += [] if reason is None else [(claim, reason)]
        return found

    def _arguments(self, seen: Sequence[tuple[Any, ...] | None]) -> list[Mapping[Any, Any]]:
        """What is seen as judges take it: for each view what it shows of each node."""
        return [
            MappingProxyType({name: value[place] for name, node, place in whose if (value := seen[node])})
            for whose in self._whose
        ]


def _largest(groups: list[Group]) -> list[Group]:
    """The groups none of which reads only views of another; each of the others is a part of one of them."""
    largest: list[Group] = []
    for group in sorted(groups, key=lambda group: -len(group.views)):
        whole = next((other for other in largest if set(group.views) <= set(other.views)), None)
        (largest if whole is None else whole.parts).append(group)
    return largest


class Viewing:
    """All groups of a system. Terminal properties have groups of their own."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        system, nodes = numbering.system, numbering.nodes
        found: dict[tuple[bool, tuple[View, ...]], Group] = {}
        for claim in system.properties:
            if claim.kind.on in (On.NODE, On.STEP):
                continue
            trigger = claim.trigger()
            for views in claim.readings():
                key = (claim.kind.on is On.END, views)
                group = found.setdefault(key, Group(system, views, nodes))
                group.claims += [claim] if trigger is None else [claim, trigger]
        #: groups of invariants and goals, combined by the kernel for every state
        self.groups = _largest([group for (terminal, _), group in found.items() if not terminal])
        #: groups of terminal properties, looked at in terminal states only
        self.terminal = [group for (terminal, _), group in found.items() if terminal]
        #: whether some group reads a node's inbox
        self.waits = [any(waits) for waits in zip(*(g.waits for g in self._all()), strict=True)] or [
            False for _ in range(nodes)
        ]
        #: node → aspect → for each group the number of what it sees
        self._seen: list[dict[Aspect, tuple[int, ...]]] = [{} for _ in range(nodes)]
        numbering.of_locals.append(self._look)

    def _all(self) -> tuple[Group, ...]:
        return (*self.groups, *self.terminal)

    def _look(self, node: int, local: int) -> None:
        if not self.waits[node]:
            self.visible((node, local, None))

    def aspect(self, node: int, cell: int) -> Aspect:
        """What decides what is seen of a cell."""
        local, inbox = self._numbering.cells[node][cell]
        return node, local, inbox if self.waits[node] else None

    def visible(self, aspect: Aspect) -> tuple[int, ...]:
        """What all groups together see: equal for cells that no group can tell apart."""
        known = self._seen[aspect[0]]
        seen = known.get(aspect)
        # it is missing if a view went wrong there, and will do so again
        if seen is None:
            seen = known[aspect] = self._numbers(self.groups, aspect)
        return seen

    def seen(self, aspect: Aspect) -> tuple[int, ...]:
        """What each group sees, those of terminal properties last."""
        return (*self.visible(aspect), *self._numbers(self.terminal, aspect))

    def number(self, group: Group, aspect: Aspect) -> int:
        """The number of what a group sees."""
        return self._numbers([group], aspect)[0]

    def _numbers(self, groups: list[Group], aspect: Aspect) -> tuple[int, ...]:
        node, local, inbox = aspect
        value = self._numbering.locals[node][local]
        waiting = () if inbox is None else self._numbering.waiting(inbox)
        return tuple(group.number(node, value, waiting) for group in groups)

    def column(self, aspect: Aspect) -> tuple[int, ...]:
        """The share of each combination."""
        return tuple(self.share(g, aspect[0], number) for g, number in enumerate(self.visible(aspect)))

    def share(self, group: int, node: int, number: int) -> int:
        """A view's share of a combination: its number, moved to the node's place.

        0 as long as the number does not fit there: the group is outgrown, and is laid out anew before a
        state that shows the view is looked at.
        """
        place = self.groups[group]
        fits = place.reads[node] and number < 1 << place.width[node]
        return number << place.shift[node] if fits else 0

    def mistake(self) -> CodeError | None:
        """How the code of some property went wrong; None if none did."""
        return next((group.mistake for group in (*self.groups, *self.terminal) if group.mistake), None)

    def outgrown(self) -> list[int]:
        """The groups whose numbers no longer fit."""
        return [g for g, group in enumerate(self.groups) if not group.fits()]
