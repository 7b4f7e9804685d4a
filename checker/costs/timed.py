"""Runs in the order of time, a message delay being its unit: what the cheapest one is looked for in.

As Lamport's clocks have it, a step takes place at the latest of what it rests on: where its node has come
to, and when the message that it takes is due. A step that changes what is in stable storage takes a write,
and a message is due one delay after the step, with its write, that sends it. A message of a node to itself
takes no delay, and is none. Time is counted from the invocation of a call on, or from the start.

Steps that do not rest on one another may be taken in any order. So each run has the same steps as one in
which time never goes back and, of steps at one time, those of the first node come first. Only such runs are
looked at. In them two states are one if all that is still to come is due as much later; so times are
relative to the last step, and what was due before is due now. What does not rest on the invocation may as
well come before it, and costs nothing.

A run without faults is one in which each message that was sent is taken once, or not yet: the network is
`Reliable`, or `Fifo` without losses. No environment crashes a node, and no link loses what it may lose.

What is handled within the step that sends it is no message, and no time follows it: it is what environments
do. Where nodes that send messages do so among themselves, times would not be those of Lamport's clocks, and
`Untimed` is raised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from checker.model.calls import Calls
from checker.model.environment.crashes import ROLE as CRASHING
from checker.model.linearizability import Call, Invocation, Response
from checker.model.network import AtMostOnce, Choice, Fifo, Lossy, LossyDuplicating, Network, Reliable
from checker.model.semantics import addressed, at_once, first_messages, local_steps, wake_steps
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import (
    Envelope,
    Local,
    Member,
    Message,
    NodeName,
    Seen,
    Sends,
    action_name,
    kind_of,
)

#: A time: message delays and, within one, writes to stable storage.
Time = tuple[int, int]
NOW: Time = (0, 0)
DELAY: Time = (1, 0)

#: How far a call has come.
BEFORE, UNDER_WAY, ANSWERED = range(3)


class Parcel(NamedTuple):
    """A message under way, when it is due, and whether it was sent when time was counted already."""

    message: Message
    due: Time
    counted: bool


class Situation(NamedTuple):
    """All there is of one node: what it knows, when it will have written that, and what waits for it."""

    place: int
    local: Local
    at: Time
    inbox: Any


class Post(NamedTuple):
    """What a step sends to one node; `made` is what becomes of the situations that it has met so far."""

    to: int
    parcels: tuple[Parcel, ...]
    at_once: tuple[Message, ...]
    made: dict[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """What a node may do: which step it is, when, what comes of it, and how far the call is then.

    `sent` is the number of messages that it sends, if they are counted; `idle` says that it does nothing
    but take a message that means nothing to it.
    """

    node: NodeName
    action: str
    message: Message | None
    sender: NodeName | None
    after: Local
    sends: Sends

    place: int
    at: Time
    situation: int
    posts: tuple[Post, ...]
    sent: int
    idle: bool
    phase: int


class Moment(NamedTuple):
    """A state: of each node the number of its situation, how far the call is, and whose turn it is."""

    situations: tuple[int, ...]
    phase: int
    turn: int = 0


class Shared(Exception):  # noqa: N818 - it is no error of anybody
    """Nodes share a step, so steps at one time may not be put in the order of their nodes."""


class Untimed(Exception):  # noqa: N818 - it is no error of anybody
    """Two nodes that send messages share a step: `checker.costs` does not know what that costs."""


def faultless(system: System) -> System:
    """The system without what may go wrong in a run, and without what only looks on."""
    members = tuple(map(_harmless, (m for m in system.members if m.role.observe is None)))
    return replace(
        system, members=members, network=careful(system.network), properties=(), symmetries=(), shift=None
    )


def _harmless(member: Member) -> Member:
    if member.role.name != CRASHING:
        return member
    return replace(member, role=replace(member.role, wakes=MappingProxyType({})))


def careful(network: Network) -> Network:
    """The network that loses nothing, and delivers nothing twice, in its place."""
    if isinstance(network, LossyDuplicating | AtMostOnce | Lossy):
        return Reliable()
    return Fifo() if isinstance(network, Fifo) else network


class _Taken(NamedTuple):
    """What a step begins with: its action, the message with its sender, when, and what is left waiting."""

    action: str
    message: Message | None
    sender: NodeName | None
    time: Time
    left: Any


class Timed:
    """The runs of a system in the order of time. What nodes do is worked out once for each situation.

    If they are `timeless` everything takes place at one time, in any order: what is left to be counted are
    messages. Steps at one time are `ordered` by their nodes; where nodes share a step
    `Shared` is raised then.
    """

    def __init__(
        self,
        system: System,
        calls: Calls,
        call: Call,
        *,
        from_start: bool = False,
        timeless: bool = False,
        ordered: bool = True,
    ) -> None:
        self.system, self._calls, self._call = faultless(system), calls, call
        self._network = self.system.network
        self._situations: list[Situation] = []
        self._numbers: dict[Situation, int] = {}
        #: by how far the call is: situation → what may be done now, and later
        self._acts: tuple[dict[int, tuple[list[Act], list[Act]]], ...] = ({}, {}, {})
        self._later: dict[Time, dict[int, int]] = {}
        self._made: dict[object, dict[int, int]] = {}
        #: those that have sent messages, and who has had others take part in its steps
        self._sending: set[int] = set()
        self._sharing: set[tuple[int, int]] = set()
        self._ordered = ordered and not timeless
        self._timeless = timeless
        #: whether a message may stand in the way of others
        self.queues = not isinstance(self._network, Reliable)
        self.sent_at_first = 0
        self.first = self._first(from_start=from_start)

    def _first(self, *, from_start: bool) -> Moment:
        """Where runs begin; what waits for others there was sent at the start, if that is counted."""
        situations = []
        for place, member in enumerate(self.system.members):
            inbox = self._network.empty
            for sender, message in first_messages(member):
                travels = from_start and sender != member.name
                self.sent_at_first += travels
                parcel = Parcel(message, DELAY if travels and not self._timeless else NOW, from_start)
                inbox = self._network.post(inbox, sender, (parcel,))
            situations.append(self._number(Situation(place, member.local, NOW, inbox)))
        return Moment(tuple(situations), UNDER_WAY if from_start else BEFORE)

    def _number(self, situation: Situation) -> int:
        number = self._numbers.setdefault(situation, len(self._situations))
        if number == len(self._situations):
            self._situations.append(situation)
        return number

    def following(self, moment: Moment) -> Iterator[tuple[Act, Moment]]:
        """The steps that may come next, each with the state after it.

        Raises ModelError and CodeError where a rule goes wrong.
        """
        situations, phase, turn = moment
        known = self._acts[phase]
        ordered = self._ordered and phase != BEFORE
        for node, number in enumerate(situations):
            acts = known.get(number)
            if acts is None:
                acts = known[number] = self._looked_up(number, phase)
            if node >= turn:
                for act in acts[0]:
                    then = self._posted([*situations], act)
                    yield act, Moment(tuple(then), act.phase, node if ordered else 0)
            for act in acts[1]:
                later = self._seen_from(act.at, situations)
                yield act, Moment(tuple(self._posted(later, act)), act.phase, node if ordered else 0)

    def _posted(self, situations: list[int], act: Act) -> list[int]:
        """The situations after a step, `situations` being those at its time."""
        situations[act.place] = act.situation
        for post in act.posts:
            number = situations[post.to]
            made = post.made.get(number)
            situations[post.to] = self._with(number, act.node, post) if made is None else made
        return situations

    def _with(self, number: int, sender: NodeName, post: Post) -> int:
        """The situation with what a step sends it; what is immediate has happened."""
        place, local, at, inbox = self._situations[number]
        for message in post.at_once:
            local = at_once(self.system, place, local, message)
        if post.parcels:
            inbox = self._network.post(inbox, sender, post.parcels)
        post.made[number] = self._number(Situation(place, local, at, inbox))
        return post.made[number]

    def _seen_from(self, time: Time, situations: Iterable[int]) -> list[int]:
        """The situations as they are at a later time."""
        known = self._later.setdefault(time, {})
        return [known[n] if n in known else known.setdefault(n, self._delayed(n, time)) for n in situations]

    def _delayed(self, number: int, by: Time) -> int:
        place, local, at, inbox = self._situations[number]
        return self._number(Situation(place, local, _left(at, by), self._waiting_from(by, inbox)))

    def _waiting_from(self, time: Time, inbox: Any) -> Any:
        def due(parcel: Any) -> Parcel:
            return Parcel(parcel.message, _left(parcel.due, time), parcel.counted)

        return self._network.mapped(inbox, due, lambda sender: sender) if time > NOW else inbox

    def _looked_up(self, number: int, phase: int) -> tuple[list[Act], list[Act]]:
        acts = list(self._acts_of(self._situations[number], phase))
        return [act for act in acts if act.at == NOW], [act for act in acts if act.at > NOW]

    def _acts_of(self, situation: Situation, phase: int) -> Iterator[Act]:
        place, local, at, inbox = situation
        for choice in self._choices(inbox):
            parcel: Any = choice.message
            steps = local_steps(self.system, place, local, parcel.message)
            if _may_be_lost(self.system.members[place], parcel.message):
                steps = [step for step in steps if step != (local, ())]
            if not steps and self._network.discards:
                steps = [(local, ())]
            action = action_name(kind_of(parcel.message))
            taken = _Taken(action, parcel.message, choice.sender, max(at, parcel.due), choice.after)
            yield from self._acted(place, local, taken, steps, phase)
        for action, steps in wake_steps(self.system, place, local):
            yield from self._acted(place, local, _Taken(action, None, None, at, inbox), steps, phase)

    def _choices(self, inbox: Any) -> Iterable[Choice]:
        """What may be taken of an inbox; of messages that nobody can tell apart one.

        That is the one that is due first or, without times, one that is counted: it has to be taken.
        """
        first: dict[tuple[Any, Any], Choice] = {}
        for choice in (choice for choice in self._network.choices(inbox) if not choice.lost):
            parcel: Any = choice.message
            known: Any = first.setdefault((parcel.message, choice.sender), choice).message
            sooner = (parcel.counted, parcel.due) < (known.counted, known.due)
            if sooner != self._timeless and parcel != known:
                first[parcel.message, choice.sender] = choice
        return first.values()

    def _acted(
        self, place: int, before: Local, taken: _Taken, steps: Iterable[tuple[Local, Sends]], phase: int
    ) -> Iterator[Act]:
        member = self.system.members[place]
        inbox = self._waiting_from(taken.time, taken.left)
        for after, sends in steps:
            seen = Seen(member.name, taken.action, before, taken.message, after, sends)
            then = self._phase_after(phase, seen)
            counted = then != BEFORE
            written = int(counted and not self._timeless and self._calls.writes(member, before, after))
            posts = tuple(self._posts(place, sends, written, counted=counted))
            yield Act(
                *(member.name, taken.action, taken.message, taken.sender, after, sends),
                place=place,
                at=taken.time,
                situation=self._number(Situation(place, after, (0, written), inbox)),
                posts=posts,
                sent=sum(len(p.parcels) for p in posts if p.to != place) if counted else 0,
                idle=taken.message is not None and after == before and not sends,
                phase=then,
            )

    def _posts(self, place: int, sends: Sends, written: int, *, counted: bool) -> Iterator[Post]:
        """What a step sends, by receiver."""
        for to, messages in addressed(self.system, sends):
            immediate = self.system.members[to].role.immediate
            due = (int(to != place), written) if counted and not self._timeless else NOW
            parcels = tuple(Parcel(m, due, counted) for m in messages if kind_of(m) not in immediate)
            handled = tuple(m for m in messages if kind_of(m) in immediate)
            made = self._made.setdefault((place, to, parcels, handled), {})
            yield Post(to, parcels, handled, made)
            self._note(place, to, parcels, handled)

    def _note(self, place: int, to: int, parcels: Collection[Parcel], handled: Collection[Message]) -> None:
        """Raise Untimed if nodes that send messages share a step, and Shared if any do, as said above."""
        if parcels:
            self._sending.add(place)
        if handled:
            self._sharing.add((place, to))
            if self._ordered:
                raise Shared
        for one, other in self._sharing:
            if one in self._sending and other in self._sending:
                names = [show(self.system.members[node].name) for node in (one, other)]
                raise Untimed(
                    f"{names[1]} takes part in steps of {names[0]}, and both send messages: what a step "
                    "of two nodes costs is not known"
                )

    def _phase_after(self, phase: int, seen: Seen) -> int:
        """How far the call is after a step."""
        for event in self._calls.told(seen, self._call):
            if isinstance(event, Invocation) and phase == BEFORE:
                phase = UNDER_WAY
            elif isinstance(event, Response) and phase == UNDER_WAY:
                phase = ANSWERED
        return phase

    def at_rest(self, moment: Moment) -> bool:
        """Whether nothing is under way that was sent when time was counted."""
        return not any(map(self._expects, moment.situations))

    def bounds(self) -> tuple[str, ...]:
        """The bounds that stop a node in one of the situations that were met."""
        found: set[str] = set()
        for place, local, _, _ in self._situations:
            member = self.system.members[place]
            bound = member.role.cut and member.role.cut(member.context, local)
            found |= {bound} if bound else set()
        return tuple(sorted(found))

    def _expects(self, number: int) -> bool:
        held: Any = self._network.held(self._situations[number].inbox)
        return any(parcel.counted for parcel in held)


def _may_be_lost(member: Member, message: Message) -> bool:
    """Whether a message came over a link that loses some (`FaultyLinks`): then it is marked."""
    return isinstance(message, Envelope) and not member.role.senders


def _left(time: Time, gone: Time) -> Time:
    """When something is due if so much time has gone by; what was due before is due now."""
    return max(NOW, (time[0] - gone[0], time[1] - gone[1]))
