"""Or any other: what of a counterexample does not matter.

As Hypothesis says of an example that it made as small as it could: `# or any other generated value`. Each
node and each value that takes part changes places with another of its kind, and the steps are taken once
more in the reference semantics: each by the node that stands where its own stood, with the message that
the same step has sent by now. Where that can be done, and the end shows the same property, it does not
matter which it was. What no step of the slice needs is left out of the slice already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Any

from checker.engines.walk import Moves
from checker.model.behaviour import Trace, TraceStep, shown_by
from checker.model.semantics import ModelError, State, Transition
from checker.model.system import System
from checker.model.values import Renaming, show
from checker.model.vocabulary import Addressed, Envelope, NodeName, Sends, kind_of
from checker.traces.causality import Causality, Inboxes, Parcel
from checker.traces.slicing import slice_of

#: Steps that are tried at most to take those of a trace once more, where there is a choice.
MOST_TRIES = 2_000


@dataclass(frozen=True, slots=True)
class Alternative:
    """A node or a value that takes part, and which others of its `kind` do as well.

    `kind` is the role of a node, or the name of the type of a value. Each of `others` does as well in its
    place, it being where the other was, and each of `unlike` does not. `symmetric` are those of `others`
    that a symmetry of the model says are like it.
    """

    what: Any
    kind: str
    others: tuple[Any, ...]
    unlike: tuple[Any, ...]
    symmetric: tuple[Any, ...] = ()

    @property
    def any(self) -> bool:
        """Whether all others of its kind do as well; there is one at least."""
        return not self.unlike


@dataclass(frozen=True, slots=True)
class Swap:
    """Two steps (numbers, from 1) that follow each other on a node, and may do so the other way round."""

    first: int
    second: int
    node: int


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What does not matter in a trace: which node it is, which value, which step of two comes first."""

    parts: tuple[Alternative, ...] = ()
    swaps: tuple[Swap, ...] = ()


def alternatives(trace: Trace, steps: Sequence[int] | None = None) -> Alternatives:
    """What of some steps of a trace does not matter; `steps` (from 1) are its slice if none are given.

    Of nodes and values that are the only ones of their kind nothing is told; nothing at all of a trace that
    shows nothing, or repeats for ever.
    """
    if trace.loop is not None or (trace.claim is None and not trace.reason):
        return Alternatives()
    known = Causality(trace)
    chosen = tuple(sorted(slice_of(trace, known) if steps is None else steps))
    again = _Again(known)
    alike = _orbits(trace.system)
    parts = []
    for part in (*_nodes(known, chosen), *_values(known, chosen)):
        do = tuple(one for one in part.all if again.shows(chosen, part.images(one), part.like))
        unlike = tuple(one for one in part.all if one not in do)
        symmetric = tuple(one for one in do if alike.get(one, one) == alike.get(part.what, part.what))
        parts.append(Alternative(part.what, part.kind, do, unlike, symmetric))
    return Alternatives(tuple(parts), tuple(_swaps(known, chosen, again)))


class Like(Enum):
    """What may be taken for a message when a step is taken once more."""

    #: the message itself, renamed
    EXACT = 1
    #: or what the same step has sent by now
    SENT = 2
    #: or, of what is there from the start, what is of the same type, and of the sender that is in the place
    BEGUN = 3


@dataclass(frozen=True, slots=True)
class _Part:
    """A node or value that takes part, and `all` others of its kind.

    With a node go the processes that it hosts, and with a value who sends it.
    """

    what: Any
    kind: str
    all: tuple[Any, ...]
    like: Like
    going: Mapping[Any, Sequence[NodeName]]

    def images(self, other: Any) -> dict[Any, Any]:
        """The renaming by which it changes places with another one."""
        one, two = ((name, *self.going.get(name, ())) for name in (self.what, other))
        return dict((*zip(one, two, strict=True), *zip(two, one, strict=True)))


def _nodes(known: Causality, chosen: Sequence[int]) -> Iterator[_Part]:
    """The nodes that take part in these steps, and others of their roles."""
    members = known.trace.system.members
    hosted = {m.name: tuple(part.name for part in m.parts) for m in members}
    for node in sorted({node for number in chosen for node in known.nodes[number - 1]}):
        member = members[node]
        others = tuple(
            m.name
            for m in members
            if m.role.name == member.role.name
            and m.name != member.name
            and len(m.parts) == len(member.parts)
        )
        if others:
            yield _Part(member.name, member.role.name, others, Like.BEGUN, hosted)


def _values(known: Causality, chosen: Sequence[int]) -> Iterator[_Part]:
    """The values that come from outside in these steps, and others that could have come the same way.

    From outside is what stands in messages that are there from the start and that no node has sent.
    """
    outside = _from_outside(known)
    taken = [parcel for parcel in outside if any(number in chosen for number in parcel.taken)]
    by_kind: dict[str, dict[Any, None]] = {}
    senders: dict[Any, Sequence[NodeName]] = {}  # which change places as well
    for parcel in outside:
        for value in _parts_of(parcel):
            by_kind.setdefault(type(value).__name__, {})[value] = None
            senders[value] = (parcel.sender,)
    for kind, values in by_kind.items():
        for value in values:
            others = tuple(other for other in values if other != value)
            if others and any(value in _parts_of(parcel) for parcel in taken):
                yield _Part(value, kind, others, Like.EXACT, senders)


def _from_outside(known: Causality) -> list[Parcel]:
    """The messages that are there from the start and that no node has sent."""
    positions = known.trace.system.positions
    return [parcel for parcel in known.parcels if parcel.sent == 0 and parcel.sender not in positions]


def _parts_of(parcel: Parcel) -> list[Any]:
    """The values with fields of their own that stand in a message, other than the name of its sender."""
    message: Any = parcel.message
    while isinstance(message, Envelope | Addressed):
        message = message.message
    held = [getattr(message, f.name) for f in fields(message)] if is_dataclass(message) else []
    return [value for value in held if is_dataclass(value) and value != parcel.sender]


def _orbits(system: System) -> dict[Any, Any]:
    """For each name and value that symmetries mention the first of those that they make of it."""
    first: dict[Any, Any] = {}
    for images in (g for symmetry in system.symmetries for g in symmetry.generators):
        for a, b in images.items():
            one, two = first.setdefault(a, a), first.setdefault(b, b)
            first = {name: one if orbit == two else orbit for name, orbit in first.items()}
    return first


def _swaps(known: Causality, chosen: Sequence[int], again: _Again) -> Iterator[Swap]:
    for node, member in enumerate(known.trace.system.members):
        if member.role.observe is not None:
            continue
        own = [n for n in chosen if node in known.nodes[n - 1]]
        for one, two in pairwise(own):
            earlier = [*(n for n in chosen if n < one), two, *(n for n in chosen if n >= one and n != two)]
            later = [*(n for n in chosen if n <= two and n != one), one, *(n for n in chosen if n > two)]
            if any(again.shows(order, {}, Like.SENT) for order in (earlier, later)):
                yield Swap(one, two, node)


class _Again:
    """The steps of a trace taken once more, by other nodes, with other messages, in another order."""

    def __init__(self, known: Causality) -> None:
        self._known = known
        self._system = known.trace.system
        self._moves = Moves(self._system)
        #: who sent what a step takes
        self._senders = {n: parcel.sender for parcel in known.parcels for n in parcel.taken}

    def shows(self, order: Sequence[int], images: Mapping[Any, Any], like: Like) -> bool:
        """Whether these steps can be taken, all renamed, and show at their end what the trace shows."""
        rename, trace = Renaming(images), self._known.trace
        todo: list[tuple[tuple[TraceStep, ...], Inboxes]] = [((), Inboxes(self._system))]
        for _ in range(MOST_TRIES):
            if not todo:
                break
            steps, inboxes = todo.pop()
            if len(steps) == len(order):
                if shown_by(replace(trace, steps=steps)) is not None:
                    return True
                continue
            number, before = order[len(steps)], steps[-1].after if steps else trace.initial
            for index, step in reversed(self._like(number, before, inboxes, rename, like)):
                then = inboxes.copy()
                then.move(number, step)
                todo.append(((*steps, TraceStep(index, step, before)), then))
        return False

    def _like(
        self, number: int, before: State, inboxes: Inboxes, rename: Renaming, like: Like
    ) -> list[tuple[int, Transition]]:
        """The steps out of a state that may stand for a step of the trace, the most like it first."""
        wanted = self._known.trace.steps[number - 1].transition
        name = self._system.members[wanted.node].name
        node = self._system.positions[rename.images.get(name, name)]
        message, sends = rename(wanted.message), _receivers(rename(wanted.sends))
        found: list[tuple[tuple[bool, bool], int, Transition]] = []
        for index, step in self._possible(before):
            if (step.node, step.action, step.lost) != (node, wanted.action, wanted.lost):
                continue
            same, alike = step.message == message, _receivers(step.sends) == sends
            is_wake = step.message is None
            if alike if is_wake else same or self._stands_for(number, step, inboxes, rename, like):
                found.append(((not same, not alike), index, step))
        return [(index, step) for _, index, step in sorted(found, key=lambda one: one[:2])]

    def _possible(self, state: State) -> Iterator[tuple[int, Transition]]:
        """The steps of a state with their indices, up to where the model's code raises."""
        try:
            yield from enumerate(self._moves.successors(state))
        except ModelError:
            return

    def _stands_for(
        self, number: int, step: Transition, inboxes: Inboxes, rename: Renaming, like: Like
    ) -> bool:
        """Whether what a step takes is what the same step has sent that sent it in the trace."""
        wanted, origin = self._known.trace.steps[number - 1].transition, self._known.origins[number - 1]
        if like is Like.EXACT or kind_of(step.message) != kind_of(wanted.message):
            return False
        tagged = inboxes.tag(number, step)
        if tagged is None or tagged.step != origin:
            return False
        sender = self._senders[number]
        return origin > 0 or (like is Like.BEGUN and tagged.sender == rename.images.get(sender, sender))


def _receivers(sends: Sends) -> list[str]:
    return sorted(show(to) for to, _ in sends)
