"""Leader election among peers (after Raft, section 5.2), for tests: servers that mention each other.

All servers are interchangeable, so the symmetry group is large: 120 renamings of 5 servers, 5,040 of 7.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checker import AtMostOnce, Kind, Member, Property, Role, Symmetry, System, View


@dataclass(frozen=True)
class Name:
    number: int

    def __str__(self) -> str:
        return f"server {self.number}"


@dataclass(frozen=True)
class Server:
    term: int = 0
    voted: Name | None = None
    votes: frozenset[Name] = frozenset()
    leads: bool = False


@dataclass(frozen=True)
class Ask:
    candidate: Name
    term: int


@dataclass(frozen=True)
class Grant:
    voter: Name
    term: int


@dataclass(frozen=True)
class Peers:
    me: Name
    all: tuple[Name, ...]
    terms: int


def campaign(context: Peers, server: Server) -> Any:
    if server.term == context.terms or server.leads:
        return ()
    ask = Ask(context.me, server.term + 1)
    candidate = Server(server.term + 1, context.me, frozenset({context.me}))
    return ((candidate, tuple((peer, ask) for peer in context.all if peer != context.me)),)


def on_ask(context: Peers, server: Server, message: Ask) -> Any:
    if message.term < server.term:
        return ()
    voted = server.voted if message.term == server.term else None
    if voted is not None:
        return ()
    granted = Server(message.term, message.candidate)
    return ((granted, ((message.candidate, Grant(context.me, message.term)),)),)


def on_ask_forgetting(context: Peers, server: Server, message: Ask) -> Any:
    """Votes, and does not note for whom."""
    return tuple((replace(after, voted=None), sends) for after, sends in on_ask(context, server, message))


def on_ask_again(context: Peers, server: Server, message: Ask) -> Any:
    """Votes for whoever asks, in its own term too, unless it is a candidate itself."""
    if message.term < server.term or server.votes:
        return ()
    return on_ask(context, replace(server, voted=None), message)


def on_grant(context: Peers, server: Server, message: Grant) -> Any:
    if message.term != server.term or not server.votes or message.voter in server.votes:
        return ()
    votes = server.votes | {message.voter}
    return ((replace(server, votes=votes, leads=2 * len(votes) > len(context.all)), ()),)


LEADS = View("leads", "server", lambda server: (server.term, server.leads))


def two_leaders(setting: Any, leads: Mapping[Name, tuple[int, bool]]) -> str | None:
    by_term: dict[int, list[Name]] = {}
    for name, (term, is_leader) in leads.items():
        if is_leader:
            by_term.setdefault(term, []).append(name)
    term = next((t for t, names in by_term.items() if len(names) > 1), None)
    return None if term is None else f"two leaders in term {term}"


def somebody(setting: Any, leads: Mapping[Name, tuple[int, bool]]) -> str | None:
    return "a server leads" if any(is_leader for _, is_leader in leads.values()) else None


SAFETY = Property(
    "one-leader", Kind.STATE, "A term has one leader at most.", "Raft, 5.2", (LEADS,), two_leaders
)
ELECTED = Property("elected", Kind.SOMETIMES, "A server leads.", "Raft, 5.2", (LEADS,), somebody)
ENDS = replace(SAFETY, id="one-leader-at-the-end", kind=Kind.TERMINAL)


def election(
    servers: int,
    on_asked: Callable[..., Any] = on_ask,
    *,
    terms: int = 1,
    properties: tuple[Property, ...] = (SAFETY, ELECTED),
) -> System:
    names = tuple(map(Name, range(servers)))
    role = Role("server", {Ask: on_asked, Grant: on_grant}, {"campaign": campaign})
    members = tuple(Member(name, role, Peers(name, names, terms), Server()) for name in names)
    swap = {**dict(zip(names, names, strict=True)), names[0]: names[1], names[1]: names[0]}
    turn = dict(zip(names, (*names[1:], names[0]), strict=True))
    symmetry = Symmetry("servers", (swap, turn))
    return System("election", members, AtMostOnce(), properties, symmetries=(symmetry,))
