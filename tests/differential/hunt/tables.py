"""Random protocols: local state machines with random tables, on nodes padded with idle members.

A role is a table: for each phase and type of message, and for each phase and wake, some effects. An effect
is a next phase, what becomes of a number that the node keeps, and what is sent to whom. Phases mostly go
up, so that many states are terminal. An effect that takes *any* number makes many cells of one node at
once: with idle members, which make every node's field narrow, fields are outgrown in the middle of a level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from checker import AtMostOnce, Fifo, LossyDuplicating, Member, Property, Role, System, View

from .claims import all_kinds, masked, random_claim
from .streams import Stream

NETWORKS = (LossyDuplicating(), AtMostOnce(), Fifo(), Fifo(loss=1))
WAKES = ("go", "stop")
#: Potential claims; `claims` is a mask of them.
MOST_CLAIMS = 6


@dataclass(frozen=True, slots=True)
class Here:
    """All that a node knows."""

    phase: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Ping:
    """A message with a number."""

    number: int


@dataclass(frozen=True, slots=True)
class Pong:
    """Another one."""

    number: int


@dataclass(frozen=True, slots=True)
class Shove:
    """One that some roles handle at once."""

    number: int


TYPES = (Ping, Pong, Shove)


@dataclass(frozen=True, slots=True)
class Dials:
    """The sizes of a random protocol; smaller ones make a smaller protocol of the same seed.

    Some are counts, some are percentages, some are switches. `burst` is how many numbers an effect that
    takes any number chooses from, and `late` the phase in which only the first role has such an effect.
    """

    nodes: int
    roles: int
    idle: int
    phases: int
    numbers: int
    burst: int
    late: int
    types: int
    density: int
    wakers: int
    again: int
    own: int
    immediate: int
    settles: int
    bounds: int
    raising: int
    first: int
    network: int
    claims: int

    @classmethod
    def drawn(cls, stream: Stream) -> Dials:
        """Dials as the seed has them."""
        nodes = stream.pick((2, 2, 2, 3, 3, 4, 5, 7))
        return cls(
            nodes=nodes,
            roles=stream.pick((1, 2, 2, 3)),
            idle=stream.pick((0, 2, 5, 7, 9, 12, 17, 24, 28)),
            phases=stream.pick((2, 3, 3, 4, 5)),
            numbers=stream.pick((1, 2, 2, 3, 5)),
            burst=stream.pick((0, 9, 20, 40, 70, 130, 200)),
            late=stream.pick((0, 0, nodes, nodes, nodes + 1)),
            types=stream.pick((1, 2, 3, 3)),
            density=stream.pick((20, 35, 50, 70)),
            wakers=stream.pick((1, 2, 2, 3, 7)),
            again=stream.pick((0, 0, 20)),
            own=stream.pick((0, 0, 1)),
            immediate=stream.pick((0, 0, 1)),
            settles=stream.pick((0, 1)),
            bounds=stream.pick((0, 0, 1, 2, 200)),
            raising=stream.pick((0,) * 30 + (1,)),
            first=stream.pick((0, 1, 2)),
            network=stream.pick((0, 0, 0, 1, 1, 1, 2, 3)),
            claims=(1 << MOST_CLAIMS) - 1 & stream.pick((1, 3, 7, 63, 63)),
        )

    @property
    def last(self) -> int:
        """The last phase."""
        return max(self.phases, self.late + 2 if self.late else 0) - 1


#: What an effect makes of a node's number.
CHANGES = ("keep", "keep", "set", "take", "add", "any")


@dataclass(frozen=True, slots=True)
class Send:
    """To whom, of which type, and with which number."""

    to: int | str
    type: type
    number: int | str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule or wake does in some phase; `only` restricts it to even or odd numbers."""

    phase: int
    change: str
    number: int
    only: int | None
    sends: tuple[Send, ...]


Effects = Mapping[tuple[int, Any], tuple[Effect, ...]]


@dataclass(frozen=True, slots=True)
class Context:
    """Which node this is, and the nodes that are not idle."""

    me: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The effects of a role: by phase and message type, and by phase and wake."""

    dials: Dials
    effects: Effects

    def rule(self, what: Any, context: Context, here: Here, message: Any = None) -> Iterator[Any]:
        """The steps of a rule, or of a wake if there is no message."""
        payload = 0 if message is None else message.number
        for effect in self.effects.get((here.phase, what), ()):
            if effect.only is None or here.number % 2 == effect.only:
                yield from self._steps(effect, context, here, payload)

    def _steps(self, effect: Effect, context: Context, here: Here, payload: int) -> Iterator[Any]:
        for number in self._numbers(effect, here.number, payload):
            if effect.change == "raise":
                raise ArithmeticError(f"no way on from {here}")
            sends = (s for send in effect.sends for s in _sent(send, context, number, payload))
            yield Here(effect.phase, number), tuple(sends)

    def _numbers(self, effect: Effect, number: int, payload: int) -> Any:
        match effect.change:
            case "set":
                return (effect.number,)
            case "take":
                return (payload,)
            case "add":
                return ((number + payload + 1) % self.dials.numbers,)
            case "any":
                return range(self.dials.burst)
        return (number,)

    def later(self, phase: int) -> set[int]:
        """The phases that can follow."""
        found, todo = {phase}, [phase]
        while todo:
            here = todo.pop()
            for (before, _), effects in self.effects.items():
                new = {e.phase for e in effects} - found if before == here else set()
                found |= new
                todo += new
        return found

    def settle(self, keeps: bool, context: Context, here: Here, message: Any) -> Any:
        """None for a message that is ignored from now on; number 0 for one whose number is never read."""
        kind, later = type(message), self.later(here.phase)
        effects = [e for p in later for e in self.effects.get((p, kind), ())]
        if not effects:
            return None
        read = any(
            e.change in ("take", "add") or any(s.number == "payload" for s in e.sends) for e in effects
        )
        return message if read or not keeps else kind(0)


def _sent(send: Send, context: Context, number: int, payload: int) -> Iterator[Any]:
    said = {"number": number, "payload": payload, "me": context.me}.get(send.number, send.number)
    count = len(context.nodes)
    to = range(count) if send.to == "all" else ((context.me + int(send.to)) % count,)
    for node in to:
        yield context.nodes[node], send.type(said)


def _effect(stream: Stream, dials: Dials, phase: int, what: Any, *, still: bool = False) -> Effect:
    """A random effect; a `still` one is allowed for what is handled at once."""
    last = dials.last
    up = phase < last and not stream.chance(dials.again)
    following = stream.between(phase + 1, last) if up else phase
    change = stream.pick(CHANGES)
    if change == "any" and (still or not up or not dials.burst or dials.late):
        change = "add"
    if dials.raising and stream.chance(10):
        change = "raise"
    sends = stream.pick((0, 0, 1, 1, 1, 2, 3)) if not still and (up or dials.network < 2) else 0
    return Effect(
        following,
        change,
        stream.below(dials.numbers),
        stream.pick((None, None, None, 0, 1)),
        tuple(_send(stream, dials) for _ in range(sends)),
    )


def _send(stream: Stream, dials: Dials) -> Send:
    to = stream.pick(("all", *range(1, dials.nodes), *range(dials.own)))
    number = stream.pick(("number", "payload", "payload", "me", stream.below(dials.numbers)))
    return Send(to, TYPES[stream.below(dials.types)], number)


def _late_burst(stream: Stream, dials: Dials, number: int) -> dict[tuple[int, Any], tuple[Effect, ...]]:
    """The way of the first role to a burst that comes when others are at rest; all may rest at once.

    In the last phase there is nothing more to do, so all at rest is a terminal state.
    """
    quiet = {(phase, "go"): (Effect(phase + 1, "keep", 0, None, ()),) for phase in range(dials.late)}
    sends = (_send(stream, dials),) if stream.chance(30) else ()
    burst = Effect(dials.late + 1, "any", 0, None, sends)
    rest = Effect(dials.last, "keep", 0, None, ())
    return {(0, "stop"): (rest,), **({**quiet, (dials.late, "go"): (burst,)} if number == 0 else {})}


def _role(stream: Stream, dials: Dials, number: int) -> Role:
    immediate = frozenset({Shove}) if dials.immediate and stream.chance(70) else frozenset[type]()
    effects: dict[tuple[int, Any], tuple[Effect, ...]] = {}
    for phase in range(dials.last + (not dials.late)):
        for what in (*TYPES, *WAKES):
            here = stream.at(phase, what if isinstance(what, str) else what.__name__)
            still = what in immediate
            common = dials.density if what in TYPES else dials.density * dials.wakers / 7
            begins = number == 0 and (phase, what) == (0, "go")
            count = here.pick((1, 1, 1, 2, 3)) if begins or here.chance(common) else 0
            found = [_effect(here, dials, phase, what, still=still) for _ in range(count)]
            if found:
                effects[phase, what] = tuple(found[:1] if still else found)
    if dials.late:
        effects |= _late_burst(stream.at("late"), dials, number)
    table = Table(dials, effects)
    return Role(
        f"role{number}",
        {kind: partial(table.rule, kind) for kind in TYPES},
        {wake: partial(table.rule, wake) for wake in WAKES},
        cut=partial(_cut, dials) if dials.bounds else None,
        settle=partial(table.settle, NETWORKS[dials.network].keeps) if dials.settles else None,
        immediate=immediate,
    )


def _cut(dials: Dials, context: Context, here: Here) -> str | None:
    stopped = here.phase == dials.last and here.number % 3 == 1
    return f"bound {here.number % dials.bounds}" if stopped else None


def _idle(context: Any, local: int) -> tuple[()]:
    return ()


IDLE = Role("idle", {}, {"rest": _idle})


def system(seed: int, dials: Dials) -> System:
    """The random protocol of a seed."""
    stream = Stream(seed, "tables")
    nodes = tuple(f"n{i}" for i in range(dials.nodes))
    roles = [_role(stream.at("role", k), dials, k) for k in range(dials.roles)]
    first = stream.at("first")
    inboxes: list[list[Any]] = [[] for _ in nodes]
    for _ in range(dials.first):
        kind, number = first.pick(TYPES[:2]), first.below(dials.numbers)
        inboxes[first.below(dials.nodes)].append(("outside", kind(number)))
    members = [
        Member(name, roles[i % dials.roles], Context(i, nodes), Here(), inboxes[i])
        for i, name in enumerate(nodes)
    ]
    for k in range(dials.idle):
        place = stream.at("idle", k).below(len(members) + 1)
        members.insert(place, Member(f"idle{k}", IDLE, None, 0))
    return System(
        f"tables {seed}",
        tuple(members),
        NETWORKS[dials.network],
        _claims(stream, dials, sorted({m.role.name for m in members})),
    )


def _claims(stream: Stream, dials: Dials, roles: list[str]) -> tuple[Property, ...]:
    """Random claims; those that read the idle members too have little room for what they see of each."""
    views = [view for role in roles if role != "idle" for view in _views(role)]  # the third shows all
    claims = []
    for k, kind in enumerate(all_kinds(stream.at("kinds"), MOST_CLAIMS)):
        here = stream.at("claim", k)
        more = (IDLES, views[2]) if "idle" in roles and here.chance(50) else ()
        claims.append(random_claim(here, f"claim{k}", kind, views, more=more))
    return masked(claims, dials.claims)


def _views(role: str) -> list[View]:
    return [
        View("phase", role, _phase),
        View("number", role, _number),
        View("all", role, _itself),
        View("late", role, _late),
    ]


def _itself(local: Any) -> Any:
    return local


IDLES = View("idle", "idle", _itself)


def _phase(here: Here) -> int:
    return here.phase


def _number(here: Here) -> int:
    return here.number


def _late(here: Here) -> bool:
    return here.phase > 1


#: The dials that a protocol's size depends on.
SIZES = ("nodes", "phases", "burst", "density", "wakers", "density", "numbers")
