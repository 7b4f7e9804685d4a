"""Elections in the manner of Raft among peers who vote for each other, right or with a random fault.

Elections begin by themselves, or when a clock tells any one of the peers that time is out; the clock keeps
models of many peers small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from checker import AtMostOnce, Fifo, Kind, LossyDuplicating, Member, Property, Role, System, View

from .claims import masked
from .peers import symmetry
from .streams import Stream

NETWORKS = (LossyDuplicating(), AtMostOnce(), Fifo())
FAULTS = ("none", "forgets-vote", "votes-twice", "half-is-enough", "stale-votes", "keeps-votes", "stubborn")


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer's term, its vote in it, who voted for it, and whether it leads."""

    term: int = 0
    vote: str | None = None
    votes: frozenset[str] = frozenset()
    role: str = "follower"


@dataclass(frozen=True, slots=True)
class Ask:
    """A candidate asks for a vote."""

    term: int
    candidate: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A peer gives its vote."""

    term: int
    voter: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A leader says that it leads."""

    term: int
    leader: str


@dataclass(frozen=True, slots=True)
class TimeOut:
    """The clock: time is out."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who I am, who takes part, and the fault."""

    me: str
    peers: tuple[str, ...]
    terms: int
    fault: str
    beats: bool


@dataclass(frozen=True, slots=True)
class Dials:
    """The sizes of an election."""

    peers: int
    terms: int
    times: int
    beats: int
    fault: int
    settles: int
    idle: int
    network: int
    claims: int

    @classmethod
    def drawn(cls, stream: Stream) -> Dials:
        """Dials as the seed has them."""
        return cls(
            peers=stream.pick((3, 3, 4, 5, 5, 6, 7)),
            terms=stream.pick((1, 1, 2, 3)),
            times=stream.pick((0, 0, 1, 2, 3)),
            beats=stream.pick((0, 0, 1)),
            fault=stream.below(len(FAULTS)),
            settles=stream.pick((0, 1)),
            idle=stream.pick((0, 0, 4, 9, 20)),
            network=stream.pick((0, 0, 1, 1, 2)),
            claims=stream.pick((1, 2, 4, 8, 16, 63, 63, 63, 47)),
        )


def _candidacy(context: Context, here: Peer) -> Iterator[tuple[Peer, Any]]:
    if here.term < context.terms and here.role != "leader":
        kept = here.votes if context.fault == "keeps-votes" else frozenset()
        after = Peer(here.term + 1, context.me, kept | {context.me}, "candidate")
        others = (peer for peer in context.peers if peer != context.me)
        yield after, tuple((peer, Ask(after.term, context.me)) for peer in others)


def _time_out(context: Context, here: Peer, message: Any) -> Iterator[tuple[Peer, Any]]:
    yield from _candidacy(context, here)


def _on_ask(context: Context, here: Peer, message: Ask) -> Iterator[tuple[Peer, Any]]:
    if message.term < here.term:
        return
    if message.term > here.term:
        if context.fault == "stubborn" and here.role == "leader":
            return
        here = Peer(message.term)
    granted = here.vote in (None, message.candidate) or context.fault == "votes-twice"
    if granted:
        vote = None if context.fault == "forgets-vote" else message.candidate
        yield replace(here, vote=vote), ((message.candidate, Vote(here.term, context.me)),)


def _on_vote(context: Context, here: Peer, message: Vote) -> Iterator[tuple[Peer, Any]]:
    stale = message.term != here.term and context.fault != "stale-votes"
    if stale or here.role != "candidate" or message.voter in here.votes:
        return
    votes = here.votes | {message.voter}
    needed = len(context.peers) // 2 + (context.fault != "half-is-enough")
    if len(votes) < needed:
        yield replace(here, votes=votes), ()
        return
    others = (peer for peer in context.peers if peer != context.me) if context.beats else ()
    sends = tuple((peer, Heartbeat(here.term, context.me)) for peer in others)
    yield replace(here, votes=votes, role="leader"), sends


def _on_heartbeat(context: Context, here: Peer, message: Heartbeat) -> Iterator[tuple[Peer, Any]]:
    if message.term > here.term:
        yield Peer(message.term), ()
    elif message.term == here.term and here.role == "candidate":
        yield replace(here, role="follower"), ()


def _settle(context: Context, here: Peer, message: Any) -> Any:
    """Terms never go down, so what is of an old one does not matter; but for the fault that counts it."""
    old = not isinstance(message, TimeOut) and message.term < here.term
    return None if old and context.fault != "stale-votes" else message


def _tick(times: int, context: Context, done: int) -> Iterator[tuple[int, Any]]:
    if done < times:
        for peer in context.peers:
            yield done + 1, ((peer, TimeOut()),)


def system(seed: int, dials: Dials) -> System:
    """The election with these dials."""
    names = tuple(f"s{i}" for i in range(dials.peers))
    rules = {Ask: _on_ask, Vote: _on_vote, Heartbeat: _on_heartbeat, TimeOut: _time_out}
    wakes = {} if dials.times else {"timeOut": _candidacy}
    peer = Role("peer", rules, wakes, settle=_settle if dials.settles else None)

    def context(me: str) -> Context:
        return Context(me, names, dials.terms, FAULTS[dials.fault], bool(dials.beats))

    members = [Member(name, peer, context(name), Peer()) for name in names]
    if dials.times:
        clock = Role("clock", {}, {"tick": partial(_tick, dials.times)})
        members.insert(Stream(seed, "clock").below(dials.peers + 1), Member("clock", clock, context(""), 0))
    members += [Member(f"idle{k}", Role("idle", {}), None, 0) for k in range(dials.idle)]
    return System(
        f"election {seed}",
        tuple(members),
        NETWORKS[dials.network],
        masked(CLAIMS, dials.claims),
        symmetries=tuple(symmetry(names, "peers")),
    )


# What is claimed ------------------------------------------------------------------------------------------


def _safe(_: Any, seen: Mapping[str, Any]) -> str | None:
    leading = [(p.term, name) for name, p in seen.items() if p.role == "leader"]
    twice = len({term for term, _ in leading}) < len(leading)
    return f"two lead in one term: {leading}" if twice else None


def _faithful(_: Any, before: Peer, after: Peer) -> str | None:
    changed = before.term == after.term and before.vote not in (None, after.vote)
    return f"the vote for {before.vote} goes to {after.vote}" if changed else None


def _supported(context: Context, peer: Peer) -> str | None:
    few = peer.role == "leader" and 2 * len(peer.votes) <= len(context.peers)
    return f"{context.me} leads with {len(peer.votes)} votes" if few else None


def _led(_: Any, seen: Mapping[str, Any]) -> str | None:
    return None if any(p.role == "leader" for p in seen.values()) else "nobody leads at the end"


def _meant(_: Any, seen: Mapping[str, Any]) -> str | None:
    """Who leads was voted for by all who are in its votes, as far as they have not gone on."""
    for name, peer in seen.items():
        for voter in peer.votes if peer.role == "leader" else ():
            there = seen[voter]
            if there.term == peer.term and there.vote != name:
                return f"{voter} votes for {there.vote}, and {name} counts it"
    return None


def _elected(_: Any, seen: Mapping[str, Any]) -> str | None:
    leading = [name for name, p in seen.items() if p.role == "leader"]
    return f"{leading[0]} leads" if leading else None


def _itself(peer: Peer) -> Peer:
    return peer


_PEER = View("peer", "peer", _itself)
CLAIMS = (
    Property("one-leader", Kind.STATE, "One leads in a term at most.", "hunt", (_PEER,), _safe),
    Property("led", Kind.TERMINAL, "At the end somebody leads.", "hunt", (_PEER,), _led),
    Property("faithful", Kind.ACTION, "A vote is not changed within a term.", "hunt", (_PEER,), _faithful),
    Property("meant", Kind.STATE, "Votes that count were given.", "hunt", (_PEER,), _meant),
    Property("elected", Kind.SOMETIMES, "Somebody leads.", "hunt", (_PEER,), _elected),
    Property("supported", Kind.NODE, "Who leads has a majority.", "hunt", (_PEER,), _supported),
)

#: The dials that an election's size depends on.
SIZES = ("peers", "terms", "beats")
