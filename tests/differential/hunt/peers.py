"""Random protocols of peers that are interchangeable and keep each other's names in their local states.

A peer's rules know names only as roles in a conversation: me, the sender, whom a message is about, my
friend. So whatever the tables say, renaming the peers changes nothing: the declared symmetry is true by
construction, and so is that of the values that are handed around. A hub, who is no peer, begins: it says
something to any one of the peers, a few times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from checker import AtMostOnce, Fifo, Kind, LossyDuplicating, Member, Property, Role, Symmetry, System, View

from .claims import all_kinds, claim_about, masked
from .streams import Stream

NETWORKS = (LossyDuplicating(), AtMostOnce(), Fifo())
MOST_CLAIMS = 6
VALUES = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is more than a text."""

    number: int


#: What peers are called: by texts, by pairs, by names of their own type.
NAMES: tuple[Callable[[int], Hashable], ...] = (lambda i: f"p{i}", lambda i: ("p", f"{i}"), Name)


@dataclass(frozen=True, slots=True)
class Peer:
    """What a peer knows: how far it is, a friend, names it has heard of, a value."""

    phase: int = 0
    friend: Hashable = None
    known: frozenset[Hashable] = frozenset()
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Hub:
    """How often the hub may yet begin, and who has answered."""

    left: int
    heard: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """A peer speaks of a peer, and names a value."""

    sender: Hashable
    about: Hashable
    value: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """The same in another tone."""

    sender: Hashable
    about: Hashable
    value: str | None


TYPES = (Call, Reply)


@dataclass(frozen=True, slots=True)
class Dials:
    """The sizes of a random protocol of peers."""

    peers: int
    starts: int
    phases: int
    values: int
    density: int
    wakes: int
    settles: int
    idle: int
    bounds: int
    network: int
    claims: int
    immediate: int
    raising: int
    names: int

    @classmethod
    def drawn(cls, stream: Stream) -> Dials:
        """Dials as the seed has them."""
        return cls(
            peers=stream.pick((3, 3, 4, 4, 5, 5, 5, 5, 6, 6, 7) if stream.chance(85) else (6, 7)),
            starts=stream.pick((1, 2, 2, 3)),
            phases=stream.pick((2, 3, 3, 4)),
            values=stream.pick((0, 0, 1, 2, 3)),
            density=stream.pick((50, 70, 90)),
            wakes=stream.pick((0, 0, 0, 1)),
            settles=stream.pick((0, 1)),
            idle=stream.pick((0, 0, 4, 9, 20)),
            bounds=stream.pick((0, 0, 0, 1)),
            network=stream.pick((0, 0, 1, 1, 2)),
            claims=(1 << MOST_CLAIMS) - 1 & stream.pick((1, 3, 63, 63)),
            immediate=stream.pick((0, 0, 1)),
            raising=stream.pick((0,) * 20 + (1,)),
            names=stream.pick((0, 0, 1, 2)),
        )


#: When an effect happens, by what is known of the names.
GUARDS: Mapping[str, Any] = {
    "always": lambda me, here, said: True,
    "alone": lambda me, here, said: here.friend is None,
    "attached": lambda me, here, said: here.friend is not None,
    "news": lambda me, here, said: said.about not in here.known,
    "mine": lambda me, here, said: said.about == me,
    "loyal": lambda me, here, said: said.sender == here.friend,
    "many": lambda me, here, said: len(here.known) > 1,
    "agreed": lambda me, here, said: said.value == here.value,
}
#: Who is meant; None if nobody is.
WHO: Mapping[str, Any] = {
    "me": lambda me, here, said: me,
    "sender": lambda me, here, said: said.sender,
    "about": lambda me, here, said: said.about,
    "friend": lambda me, here, said: here.friend,
}
#: To whom something is sent: to one who is meant, to all others, or to any one of them.
TO = (*WHO, "others", "any", "any", "hub")


@dataclass(frozen=True, slots=True)
class Send:
    """To whom, of which type, about whom."""

    to: str
    type: type
    about: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule does under a guard."""

    guard: str
    phase: int
    friend: str | None
    known: str | None
    value: bool
    sends: tuple[Send, ...]
    raises: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Who I am, and all peers."""

    me: Hashable
    peers: tuple[Hashable, ...]


NOTHING = Call("hub", None, None)


@dataclass(frozen=True, slots=True)
class Table:
    """Effects by phase and message type, or wake."""

    effects: Mapping[tuple[int, Any], tuple[Effect, ...]]
    phases: int

    def rule(self, what: Any, context: Context, here: Peer, said: Any = NOTHING) -> Iterator[Any]:
        """The steps of a rule, or of a wake if nothing is said."""
        for effect in self.effects.get((here.phase, what), ()):
            if GUARDS[effect.guard](context.me, here, said):
                yield from _steps(effect, context, here, said)

    def settle(self, context: Context, here: Peer, message: Any) -> Any:
        """None for a message that is ignored from now on: phases never go down."""
        later = range(here.phase, self.phases)
        return message if any((phase, type(message)) in self.effects for phase in later) else None


def _steps(effect: Effect, context: Context, here: Peer, said: Any) -> Iterator[tuple[Peer, Any]]:
    if effect.raises:
        raise LookupError(f"nobody is there in phase {here.phase}")
    me = context.me

    def meant(who: str | None) -> Hashable:
        found = None if who is None else WHO[who](me, here, said)
        return found if found in context.peers else None

    heard = {meant(effect.known)} - {None}
    after = Peer(
        effect.phase,
        meant(effect.friend) if effect.friend is not None else here.friend,
        here.known | heard,
        said.value if effect.value else here.value,
    )
    others = tuple(peer for peer in context.peers if peer != me)
    for chosen in others if any(send.to == "any" for send in effect.sends) else (None,):
        sends = []
        for send in effect.sends:
            one = {"any": (chosen,), "others": others, "hub": ("hub",)}.get(send.to) or (meant(send.to),)
            message = send.type(me, meant(send.about), after.value)
            sends += [(to, message) for to in one if to is not None]
        yield after, tuple(sends)


def _effect(stream: Stream, dials: Dials, phase: int, *, still: bool) -> Effect:
    """A random effect; a `still` one is allowed for what is handled at once."""
    last = dials.phases - 1
    up = phase < last and not stream.chance(20)
    silent = still or (not up and dials.network == 2)  # queues must come to an end
    sends = 0 if silent else stream.pick((0, 1, 1, 1, 2))
    return Effect(
        stream.pick(tuple(GUARDS)),
        stream.between(phase + 1, last) if up else phase,
        stream.pick((None, None, *WHO)),
        stream.pick((None, *WHO)),
        stream.chance(50),
        tuple(Send(stream.pick(TO), stream.pick(TYPES), stream.pick(tuple(WHO))) for _ in range(sends)),
        bool(dials.raising) and stream.chance(15),
    )


def _table(stream: Stream, dials: Dials) -> Table:
    effects = {}
    for phase in range(dials.phases):
        for what in (*TYPES, "act"):
            here = stream.at(phase, what if isinstance(what, str) else what.__name__)
            wanted = dials.density if what in TYPES else 50 * dials.wakes
            if (phase, what) == (0, Call) or here.chance(wanted):
                still = what is Reply and bool(dials.immediate)
                count = 1 if still else here.pick((1, 1, 2, 3))
                found = tuple(_effect(here, dials, phase, still=still) for _ in range(count))
                effects[phase, what] = found
    return Table(effects, dials.phases)


def _begin(values: tuple[Any, ...], context: Context, hub: Hub) -> Iterator[tuple[Hub, Any]]:
    """Speak to any one peer, of any value."""
    if hub.left:
        for peer in context.peers:
            for value in values:
                yield Hub(hub.left - 1, hub.heard), ((peer, Call("hub", None, value)),)


def _hear(context: Context, hub: Hub, message: Any) -> Iterator[tuple[Hub, Any]]:
    if message.sender not in hub.heard:
        yield Hub(hub.left, hub.heard | {message.sender}), ()


def _cut(context: Context, here: Peer) -> str | None:
    return "friendship" if here.friend in here.known else None


def symmetry(names: tuple[Any, ...], what: str) -> list[Symmetry]:
    """All permutations of some names: a swap and a turn make them."""
    if len(names) < 2:
        return []
    swap = {names[0]: names[1], names[1]: names[0]}
    turn = dict(zip(names, (*names[1:], names[0]), strict=True))
    return [Symmetry(what, (swap, turn))]


def system(seed: int, dials: Dials) -> System:
    """The random protocol of peers of a seed."""
    stream = Stream(seed, "peers")
    names = tuple(map(NAMES[dials.names], range(dials.peers)))
    table = _table(stream.at("table"), dials)
    values = VALUES[: dials.values if dials.peers < 7 else 1]  # the engine takes up to 5,040 renamings
    peer = Role(
        "peer",
        {kind: partial(table.rule, kind) for kind in TYPES},
        {"act": partial(table.rule, "act")},
        cut=_cut if dials.bounds else None,
        settle=table.settle if dials.settles else None,
        immediate=frozenset({Reply}) if dials.immediate else frozenset(),
    )
    hub = Role("hub", dict.fromkeys(TYPES, _hear), {"begin": partial(_begin, values or (None,))})
    members = [Member(name, peer, Context(name, names), Peer()) for name in names]
    members.insert(
        stream.at("hub").below(dials.peers + 1),
        Member("hub", hub, Context("hub", names), Hub(dials.starts)),
    )
    members += [Member(f"idle{k}", Role("idle", {}), None, 0) for k in range(dials.idle)]
    return System(
        f"peers {seed}",
        tuple(members),
        NETWORKS[dials.network],
        _claims(stream, dials),
        symmetries=(*symmetry(names, "peers"), *symmetry(values, "values")),
    )


# What is claimed: nothing that could tell one peer from another -------------------------------------------


def _claims(stream: Stream, dials: Dials) -> tuple[Property, ...]:
    claims = []
    for k, kind in enumerate(all_kinds(stream.at("kinds"), MOST_CLAIMS)):
        here = stream.at("claim", k)
        if kind in (Kind.NODE, Kind.ACTION):
            claims.append(claim_about(here, f"claim{k}", kind, (here.pick(_PLAIN),)))
        else:
            claims.append(claim_about(here, f"claim{k}", kind, (here.pick((FRIENDS, *_PLAIN)),), company))
    return masked(claims, dials.claims)


def company(*groups: Mapping[Any, Any]) -> Any:
    """What is to be seen of all peers together, whoever they are: how many there are of each sort."""
    sorts: Counter[Any] = Counter()
    for seen in groups:
        for name, view in seen.items():
            if isinstance(view, Peer):
                friend = seen.get(view.friend) if view.friend is not None else None
                theirs = None if friend is None else (friend.phase, friend.friend == name)
                view = (_number(view), theirs, name in view.known)  # noqa: PLW2901
            sorts[view] += 1
    return frozenset(sorts.items())


def _number(peer: Peer) -> Any:
    return peer.phase, peer.friend is not None, len(peer.known), peer.value is not None


def _phase(peer: Peer) -> int:
    return peer.phase


def _friendly(peer: Peer) -> bool:
    return peer.friend in peer.known


def _whole(peer: Peer) -> Peer:
    return peer


FRIENDS = View("peer", "peer", _whole)
_PLAIN = [
    View("number", "peer", _number),
    View("phase", "peer", _phase),
    View("friendly", "peer", _friendly),
]

#: The dials that a protocol's size depends on.
SIZES = ("peers", "starts", "phases", "values", "density")
