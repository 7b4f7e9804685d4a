"""Random protocols whose nodes compare epochs and take later ones, for tests: a table says what they do.

All peers are alike, stand in a ring, and speak of each other by how many places they are away: so each may
take another's place. What they do depends on whether an epoch is lower, equal or higher than their own,
and never on the epoch itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Any

from hypothesis import strategies as st

from checker.model.network import AtMostOnce, Fifo, LossyDuplicating, Network, Reliable
from checker.model.properties import Kind, Property
from checker.model.shift import Shift
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Symmetry, View

NETWORKS: tuple[Network, ...] = (AtMostOnce(), LossyDuplicating(), Reliable(), Fifo(), Fifo(1))
PHASES = range(3)
KINDS = range(2)


@dataclass(frozen=True)
class Name:
    place: int

    def __str__(self) -> str:
        return f"peer {self.place}"


@dataclass(frozen=True)
class Epoch:
    number: int

    def __str__(self) -> str:
        return f"e{self.number}"


@dataclass(frozen=True)
class Peer:
    phase: int = 0
    epoch: Epoch | None = Epoch(0)
    heard: frozenset[Name] = frozenset()


@dataclass(frozen=True)
class Note:
    kind: int
    sender: Name
    epoch: Epoch | None


@dataclass(frozen=True)
class Effect:
    """What a rule does: the next phase, whose epoch it goes on with, and what it sends."""

    phase: int
    epoch: str
    heard: bool
    sends: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class Ring:
    """What a peer is told: who it is, and what all of them do."""

    me: int
    size: int
    #: (phase, kind of message, how its epoch compares) → effects
    rules: Mapping[tuple[int, int, str], tuple[Effect, ...]]
    #: phase → effects
    wakes: Mapping[int, tuple[Effect, ...]]
    cut: int | None

    def name(self, away: int) -> Name:
        return Name((self.me + away) % self.size)


def compared(one: Epoch | None, other: Epoch | None) -> str:
    if one is None or other is None:
        return "none"
    return "lower" if one.number < other.number else "equal" if one == other else "higher"


def chosen(choice: str, own: Epoch | None, heard: Epoch | None) -> Epoch | None:
    both = {"own": own, "heard": heard}
    if choice in both:
        return both[choice]
    if choice == "none":
        return None
    known = [epoch.number for epoch in (own, heard) if epoch is not None]
    return Epoch(max(known) + (choice == "above")) if known else None


def done(context: Ring, peer: Peer, effect: Effect, note: Note | None) -> Any:
    heard = None if note is None else note.epoch
    epoch = chosen(effect.epoch, peer.epoch, heard)
    known = peer.heard if epoch == peer.epoch else frozenset()
    if effect.heard and note is not None:
        known |= {note.sender}
    sends = tuple(
        (context.name(away), Note(kind, context.name(0), chosen(choice, epoch, heard)))
        for away, kind, choice in effect.sends
    )
    return Peer(effect.phase, epoch, known), sends


def on_note(context: Ring, peer: Peer, note: Note) -> Any:
    effects = context.rules.get((peer.phase, note.kind, compared(note.epoch, peer.epoch)), ())
    return tuple(done(context, peer, effect, note) for effect in effects)


def wake(context: Ring, peer: Peer) -> Any:
    return tuple(done(context, peer, effect, None) for effect in context.wakes.get(peer.phase, ()))


def cut(context: Ring, peer: Peer) -> str | None:
    return "phases" if peer.phase == context.cut else None


def drop_lower(context: Ring, peer: Peer, note: Note) -> Note | None:
    """Right where no rule does anything for a lower epoch, and no peer goes back to one."""
    return None if compared(note.epoch, peer.epoch) == "lower" else note


SHOWN = View("shown", "peer", lambda peer: (peer.phase, peer.epoch))
PHASE = View("phase", "peer", lambda peer: peer.phase)


def ahead(setting: Any, shown: Mapping[Any, tuple[int, Epoch | None]]) -> str | None:
    """Some peer is two epochs ahead of another one."""
    numbers = [epoch.number for _, epoch in shown.values() if epoch is not None]
    return "one is far ahead" if numbers and max(numbers) - min(numbers) >= 2 else None


def all_in(phase: int) -> Callable[..., str | None]:
    def judge(setting: Any, phases: Mapping[Any, int]) -> str | None:
        return f"all are in {phase}" if {*phases.values()} == {phase} else None

    return judge


def falls(context: Any, before: tuple[int, Epoch | None], after: tuple[int, Epoch | None]) -> str | None:
    return f"{before[1]} to {after[1]}" if compared(after[1], before[1]) == "lower" else None


def in_last(context: Any, phase: int) -> str | None:
    return "it is in the last phase" if phase == PHASES[-1] else None


PROPERTIES = (
    Property("ahead", Kind.STATE, "Nobody is two ahead.", "this test", (SHOWN,), ahead),
    Property("falls", Kind.ACTION, "Epochs do not fall.", "this test", (SHOWN,), falls),
    Property("last", Kind.NODE, "Nobody is in the last phase.", "this test", (PHASE,), in_last),
    Property("ends", Kind.TERMINAL, "The end is no such.", "this test", (PHASE,), all_in(1)),
    Property("far", Kind.SOMETIMES, "One is two ahead.", "this test", (SHOWN,), ahead),
    Property("again", Kind.CAN_STILL, "All can be in 0 again.", "this test", (PHASE,), all_in(0)),
)


def level(epoch: Epoch) -> int:
    return epoch.number


def later(epoch: Epoch, by: int) -> Epoch:
    return Epoch(epoch.number + by)


def effect(dice: Random, size: int, *, strict: bool) -> Effect:
    choices = ["most", "most", "above"] if strict else [*["most", "above"] * 3, "own", "heard", "none"]
    count = dice.choice((0, 1, 1, 1, 1, 2))
    sends = [(dice.randrange(size), dice.choice(KINDS), dice.choice(choices)) for _ in range(count)]
    return Effect(dice.choice(PHASES), dice.choice(choices), dice.random() < 0.3, tuple(sends))


def table(dice: Random, keys: Iterable[Any], size: int, often: float, *, strict: bool) -> dict[Any, Any]:
    counts = {key: (dice.random() < often) + (dice.random() < 0.1) for key in keys}
    return {key: tuple(effect(dice, size, strict=strict) for _ in range(n)) for key, n in counts.items()}


@st.composite
def systems(draw: Any, network: Network, *, strict: bool = False) -> System:
    """A ring of peers over a network; if `strict`, lower epochs are ignored, and that is claimed.

    Hypothesis chooses how large it is, and dice what is in the tables: what it chooses by itself is small,
    and most of it does nothing.
    """
    dice = Random(draw(st.integers(0, 1 << 30)))
    size = draw(st.sampled_from((2, 3, 1)))
    orders = ("equal", "higher") if strict else ("lower", "equal", "higher", "none")
    rules = table(dice, product(PHASES, KINDS, orders), size, 0.7, strict=strict)
    wakes = table(dice, PHASES, size, 0.15, strict=strict)
    claims = tuple(draw(st.lists(st.sampled_from(PROPERTIES), unique=True, max_size=3)))
    role = Role("peer", {Note: on_note}, {"wake": wake}, cut=cut, settle=drop_lower if strict else None)
    first = [(dice.randrange(size), dice.choice(KINDS)) for _ in range(draw(st.integers(1, 2)))]
    begins, bound = draw(st.integers(0, 2)), draw(st.sampled_from((None, None, 2)))
    members = []
    for me in range(size):
        context = Ring(me, size, rules, wakes, bound)
        names = ((context.name(-away), kind) for away, kind in first)
        inbox = tuple((name, Note(kind, name, Epoch(begins))) for name, kind in names)
        members.append(Member(context.name(0), role, context, Peer(epoch=Epoch(begins)), inbox))
    turn = {Name(k): Name((k + 1) % size) for k in range(size)}
    return System(
        "ring",
        tuple(members),
        network,
        claims,
        symmetries=(Symmetry("ring", (turn,)),) if size > 1 else (),
        shift=Shift("epochs", Epoch, level, later, draw(st.integers(1, 3))),
    )


def watched(system: System, seen: set[Any]) -> System:
    """The system with a property that notes what is shown of its states, epochs lowered."""

    def judge(setting: Any, shown: Mapping[Any, tuple[int, Epoch | None]]) -> None:
        low = min((epoch.number for _, epoch in shown.values() if epoch is not None), default=0)
        seen.add(
            tuple(
                (str(name), phase, None if epoch is None else epoch.number - low)
                for name, (phase, epoch) in shown.items()
            )
        )

    claim = Property("watched", Kind.STATE, "Holds.", "this test", (SHOWN,), judge)
    return replace(system, properties=(claim,))
