"""What each step of a trace rests on: the steps before it on its nodes, and the step that sent its message.

Which step sent a message is not always plain: equal messages may be sent more than once, and a queue
network keeps them apart by sender. So the trace is run once more over inboxes whose messages carry a
tag, the step that sent them. A message equal to one that still waits in an unordered inbox is the same
message, and keeps the older tag; so a message rests on the earliest step that made it available.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from checker.model.behaviour import Trace
from checker.model.network import merges
from checker.model.semantics import State, Transition, addressed, first_messages
from checker.model.shift import Levels
from checker.model.system import System
from checker.model.vocabulary import Message, NodeName, Sends, kind_of


@dataclass(frozen=True, slots=True)
class Tagged:
    """A message, who sent it, and in which step (from 1; 0: it was there from the start)."""

    message: Message
    sender: NodeName
    step: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way to one node (a position in `System.members`), and what became of it.

    `taken` are the steps that take it, none if it never arrives. `lost`: its one taker is its loss.
    `at_once`: it is handled within the step that sends it. Where steps repeat for ever and none of the
    trace takes it, `later` is the step that does in a later turn of the cycle.
    """

    message: Message
    sender: NodeName
    receiver: int
    sent: int
    taken: tuple[int, ...] = ()
    lost: bool = False
    at_once: bool = False
    later: int | None = None


class Why(Enum):
    """Why a step comes after another."""

    #: both take place at the same node
    NODE = "same node"
    #: the one takes a message that the other sent
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Link:
    """A step (`before`) that another one (`after`) rests on directly; `node` is where `after` feels it."""

    before: int
    after: int
    why: Why
    node: int
    message: Message | None = None


class Inboxes:
    """The inboxes of a system with tagged messages; mutable, moves along with a behaviour."""

    def __init__(self, system: System, held: Sequence[Any] | None = None) -> None:
        self._system = system
        self._held: list[Any] = [] if held is None else list(held)
        for member in system.members if held is None else ():
            inbox = system.network.empty
            for sender, message in first_messages(member):
                inbox = self._posted(inbox, sender, (Tagged(message, sender, 0),))
            self._held.append(inbox)

    def copy(self) -> Inboxes:
        """The same, to go another way from here."""
        return Inboxes(self._system, self._held)

    def waiting(self, node: int) -> tuple[Tagged, ...]:
        """What waits for a node."""
        return self._system.network.held(self._held[node])  # type: ignore[return-value]

    def tag(self, number: int, step: Transition) -> Tagged | None:
        """The tagged message that a step takes, were it taken now as step `number`; None: it takes none."""
        return self._taken(number, step)[0]

    def move(self, number: int, step: Transition) -> Tagged | None:
        """Take a step, as step `number`; the tagged message that it takes."""
        tag, after = self._taken(number, step)
        self._held[step.node] = after
        for to, tagged in self._tagged(number, step.node, step.sends):
            if to != step.node:
                self._held[to] = self._posted(self._held[to], self._name(step.node), tagged)
        return tag

    def _taken(self, number: int, step: Transition) -> tuple[Tagged | None, Any]:
        """The tagged message that a step takes, and its node's inbox after the whole step."""
        own = [
            m
            for to, tagged in self._tagged(number, step.node, step.sends)
            for m in tagged
            if to == step.node
        ]
        name = self._name(step.node)
        if step.message is None:
            return None, self._posted(self._held[step.node], name, own) if own else self._held[step.node]
        network = self._system.network
        found: list[tuple[Tagged, Any]] = []
        for choice in network.choices(self._held[step.node]):
            tagged: Any = choice.message
            if tagged.message == step.message and choice.lost == step.lost:
                after = self._posted(choice.after, name, own) if own else choice.after
                plain = network.mapped(after, lambda m: m.message, lambda sender: sender)
                if plain == step.state[step.node].inbox:
                    found.append((tagged, after))
        if found:  # more than one only where equal messages wait side by side: the oldest of them
            return min(found, key=lambda one: one[0].step)
        raise LookupError(f"nothing in the inbox of {name} is {step.message}")

    def _tagged(self, number: int, node: int, sends: Sends) -> Iterator[tuple[int, list[Tagged]]]:
        """What a step posts, by receiver; immediate messages are not posted."""
        for to, messages in addressed(self._system, sends):
            immediate = self._system.members[to].role.immediate
            posted = [Tagged(m, self._name(node), number) for m in messages if kind_of(m) not in immediate]
            if posted:
                yield to, posted

    def _posted(self, inbox: Any, sender: NodeName, messages: Iterable[Tagged]) -> Any:
        network = self._system.network
        if merges(network):
            waiting = {m.message for m in network.held(inbox)}  # type: ignore[attr-defined]
            messages = [m for m in messages if m.message not in waiting]
        return network.post(inbox, sender, messages)

    def _name(self, node: int) -> NodeName:
        return self._system.members[node].name


class Causality:
    """The causal structure of one trace. Steps are numbered from 1, as they are shown."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        #: for each step the one that sent what it takes; 0: there from the start; None: it takes nothing
        self.origins: list[int | None] = []
        #: for each step the nodes that take part: its own, and the receivers of its immediate messages
        self.nodes: list[frozenset[int]] = []
        #: every message that was ever under way, in the order of sending
        self.parcels: list[Parcel] = []
        self._follow()
        self._links = [list(self._links_to(n)) for n in range(1, len(trace.steps) + 1)]

    def _follow(self) -> None:
        system, inboxes = self.trace.system, Inboxes(self.trace.system)
        where: dict[tuple[Tagged, int], int] = {}
        waiting: dict[int, list[int]] = {}

        def look(moment: int) -> None:
            if self.trace.loop is not None and moment in (self.trace.loop, len(self.trace.steps)):
                nodes = range(len(system.members))
                held = (where[tag, node] for node in nodes for tag in inboxes.waiting(node))
                waiting[moment] = sorted(held)

        for node in range(len(system.members)):
            for tagged in inboxes.waiting(node):
                where[tagged, node] = len(self.parcels)
                self.parcels.append(Parcel(tagged.message, tagged.sender, node, 0))
        look(0)
        for number, step in enumerate(self.trace.steps, start=1):
            taken = inboxes.move(number, step.transition)
            self.origins.append(None if taken is None else taken.step)
            at = step.transition.node
            if taken is not None:
                place = where[taken, at]
                parcel = self.parcels[place]
                self.parcels[place] = replace(
                    parcel, taken=(*parcel.taken, number), lost=step.transition.lost
                )
            part = {at}
            for parcel in _sent(system, number, step.transition):
                where[Tagged(parcel.message, parcel.sender, number), parcel.receiver] = len(self.parcels)
                self.parcels.append(parcel)
                part |= {parcel.receiver} if parcel.at_once else set()
            self.nodes.append(frozenset(part))
            look(number)
        if waiting:
            self._go_on(*waiting.values())

    def _go_on(self, at_first: Sequence[int], at_last: Sequence[int]) -> None:
        """Find what becomes later of messages that wait when the cycle ends as others did when it began."""
        system, loop = self.trace.system, self.trace.loop
        assert loop is not None
        levels = None if system.shift is None else Levels(system.shift)
        stands_for: dict[int, int] = {}
        places: dict[tuple[object, ...], list[int]] = {}
        for place in at_first:
            parcel = self.parcels[place]
            message = levels.moved(parcel.message, self.trace.levels_more) if levels else parcel.message
            places.setdefault(_alike(system, parcel, message), []).append(place)
        for place in at_last:
            same = places.get(_alike(system, self.parcels[place], self.parcels[place].message))
            if same:
                stands_for[place] = same.pop(0)
        for place in at_last:
            before, seen = place, set[int]()
            while not self.parcels[place].taken and before in stands_for and before not in seen:
                seen.add(before)
                before = stands_for[before]
                step = next((n for n in self.parcels[before].taken if n > loop), None)
                if step is not None:
                    self.parcels[place] = replace(self.parcels[place], later=step)
                    break

    def _links_to(self, number: int) -> Iterator[Link]:
        step = self.trace.steps[number - 1].transition
        for node in sorted(self.nodes[number - 1]):
            earlier = (n for n in range(number - 1, 0, -1) if node in self.nodes[n - 1])
            before = next(earlier, None)
            if before is not None:
                yield Link(before, number, Why.NODE, node)
        origin = self.origins[number - 1]
        if origin:
            yield Link(origin, number, Why.MESSAGE, step.node, step.message)

    def links(self) -> Iterator[Link]:
        """All direct links, those to earlier steps first."""
        for links in self._links:
            yield from links

    def links_to(self, number: int) -> list[Link]:
        """What a step rests on directly: steps before it on its nodes, then the sender of its message."""
        return self._links[number - 1]

    def past(self, numbers: Iterable[int]) -> frozenset[int]:
        """These steps and all that they rest on."""
        past: set[int] = set()
        todo = list(numbers)
        while todo:
            number = todo.pop()
            if number not in past:
                past.add(number)
                todo += [link.before for link in self._links[number - 1]]
        return frozenset(past)

    def last_at(self, node: int) -> int | None:
        """The last step that a node takes part in."""
        numbers = range(len(self.nodes), 0, -1)
        return next((n for n in numbers if node in self.nodes[n - 1]), None)


def _alike(system: System, parcel: Parcel, message: Message) -> tuple[object, ...]:
    """What messages have in common that the network does not tell apart."""
    return parcel.receiver, message, None if system.network.unordered else parcel.sender


def _sent(system: System, number: int, step: Transition) -> Iterator[Parcel]:
    sender = system.members[step.node].name
    for to, message in dict.fromkeys(step.sends):
        receiver = system.positions[to]
        at_once = kind_of(message) in system.members[receiver].role.immediate
        yield Parcel(message, sender, receiver, number, (number,) if at_once else (), at_once=at_once)


def inboxes_of(system: System, state: State) -> Iterator[tuple[NodeName, tuple[Message, ...]]]:
    """What the network holds for each node for which it holds anything."""
    for member, cell in zip(system.members, state, strict=True):
        held = system.network.held(cell.inbox)
        if held:
            yield member.name, held
