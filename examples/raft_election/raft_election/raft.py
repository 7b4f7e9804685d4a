"""The election of Raft, in one file: rules, properties, two mistakes, and what the checker needs to know.

After Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm (2014), section 5.2. A
server that has not heard of a leader asks for votes in a new term; with a majority it leads, and says so.
Term and vote are on the disk: a server that restarts still knows them, and has forgotten all else.
"""

from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from checker import (
    Kind,
    Member,
    ModelFile,
    Property,
    Protocol,
    Role,
    Symmetry,
    Variant,
    View,
    Whole,
    system_of,
)

# Values -------------------------------------------------------------------------------------------------


class Part(Enum):
    """The part that a server plays in its term."""

    FOLLOWER = "follower"
    CANDIDATE = "candidate"
    LEADER = "leader"

    def __str__(self):
        return self.value


@dataclass(frozen=True)
class RequestVote:
    """Candidate → all: vote for me."""

    term: int
    candidate: str


@dataclass(frozen=True)
class Vote:
    """Voter → candidate: I do."""

    term: int
    voter: str


@dataclass(frozen=True)
class Heartbeat:
    """Leader → all: I lead."""

    term: int
    leader: str


@dataclass(frozen=True)
class Server:
    """A server; `led` is a history: the terms that it has ever led, which no rule looks at."""

    term: int = 0
    voted_for: str | None = None
    part: Part = Part.FOLLOWER
    votes: frozenset[str] = frozenset()
    led: frozenset[int] = frozenset()

    def followed(self, term):
        """The same as a follower of a term; a vote is for one term only."""
        voted_for = self.voted_for if term == self.term else None
        return Server(term, voted_for, led=self.led)


@dataclass(frozen=True)
class Context:
    """What a server knows from the start; it stops after so many terms, for the model to be finite."""

    me: str
    names: tuple[str, ...]
    terms: int

    def to_others(self, message):
        """A message to all servers but this one."""
        return tuple((name, message) for name in self.names if name != self.me)


# Rules --------------------------------------------------------------------------------------------------


def time_out(context, server):
    """Ask for votes in a new term, and vote for oneself."""
    if server.part is Part.LEADER or server.term == context.terms:
        return ()
    term, me = server.term + 1, context.me
    candidate = Server(term, me, Part.CANDIDATE, frozenset({me}), server.led)
    return ((candidate, context.to_others(RequestVote(term, me))),)


def on_request_vote(context, server, request):
    """Vote for the first who asks in a term; again if that one asks again."""
    if request.term > server.term:
        server = server.followed(request.term)
    if request.term < server.term or server.voted_for not in {None, request.candidate}:
        return ()
    voted = replace(server, voted_for=request.candidate)
    return ((voted, ((request.candidate, Vote(request.term, context.me)),)),)


def on_vote(context, server, vote):
    """Count the votes of one's own term, and lead with a majority."""
    if server.part is not Part.CANDIDATE or vote.term != server.term or vote.voter in server.votes:
        return ()
    votes = server.votes | {vote.voter}
    if 2 * len(votes) <= len(context.names):
        return ((replace(server, votes=votes), ()),)
    led = server.led | {server.term}
    leader = Server(server.term, server.voted_for, Part.LEADER, led=led)
    return ((leader, context.to_others(Heartbeat(server.term, context.me))),)


def on_heartbeat(context, server, heartbeat):
    """Follow who leads."""
    ahead = heartbeat.term > server.term
    if not ahead and (heartbeat.term < server.term or server.part is not Part.CANDIDATE):
        return ()
    return ((server.followed(heartbeat.term), ()),)


def restart(context, server):
    """Go on with what is on the disk."""
    return () if server.part is Part.FOLLOWER else ((server.followed(server.term), ()),)


# Mistakes -----------------------------------------------------------------------------------------------


def restart_forgetting(context, server):
    """Wrong on purpose: the vote was not on the disk."""
    return (
        () if server.voted_for is None else ((replace(server.followed(server.term), voted_for=None), ()),)
    )


def on_request_vote_again(context, server, request):
    """Wrong on purpose: votes for whoever asks."""
    return on_request_vote(context, replace(server, voted_for=None), request)


# What the checker needs to know -------------------------------------------------------------------------


def settle(context, server, message):
    """What is of an earlier term never matters again, nor what changes nothing any more in its own."""
    if message.term != server.term:
        return message if message.term > server.term else None
    if isinstance(message, RequestVote):
        return message if server.voted_for in {None, message.candidate} else None
    return message if server.part is Part.CANDIDATE else None


def cut(context, server):
    """The bound on terms keeps a server from asking for votes."""
    return "terms" if server.part is not Part.LEADER and server.term == context.terms else None


SERVER = Role(
    "server",
    {RequestVote: on_request_vote, Vote: on_vote, Heartbeat: on_heartbeat},
    {"timeOut": time_out, "restart": restart},
    cut=cut,
    settle=settle,
)

LED = View("led", "server", lambda server: server.led)
TERM = View("term", "server", lambda server: server.term)


def _one_leader(setting, led):
    by_term = {}
    for name, terms in led.items():
        for term in sorted(terms):
            if term in by_term:
                return f"{by_term[term]} and {name} have both led term {term}"
            by_term[term] = name
    return None


def _rises(context, before, after):
    return f"{context.me} goes back from term {before} to {after}" if after < before else None


def _elected(setting, led):
    leaders = [name for name, terms in led.items() if terms]
    return f"{leaders[0]} has led" if leaders else None


def _elected_again(setting, led):
    last = max((max(terms) for terms in led.values() if terms), default=0)
    return f"term {last} has had a leader" if last > 1 else None


SOURCE = "Ongaro and Ousterhout (2014), section 5.2"

PROPERTIES = {
    p.id: p
    for p in (
        Property(
            "election-safety", Kind.STATE, "A term has at most one leader.", SOURCE, (LED,), _one_leader
        ),
        Property("term-rises", Kind.ACTION, "A term never decreases.", SOURCE, (TERM,), _rises),
        Property("elected", Kind.SOMETIMES, "A server has led.", SOURCE, (LED,), _elected),
        Property("elected-again", Kind.SOMETIMES, "Also a later term.", SOURCE, (LED,), _elected_again),
    )
}

VARIANTS = (
    Variant(
        part="server",
        name="forgets-vote",
        role="server",
        about="Wrong on purpose: a server that restarts has forgotten whom it voted for.",
        source=f"against {SOURCE}",
        wakes={"restart": restart_forgetting},
    ),
    Variant(
        part="server",
        name="votes-twice",
        role="server",
        about="Wrong on purpose: a server votes for whoever asks.",
        source=f"against {SOURCE}",
        rules={RequestVote: on_request_vote_again},
    ),
)


class RaftModel(ModelFile):
    """A model of the election."""

    servers: Annotated[int, Whole(1, 9)]
    """How many servers there are."""
    terms: Annotated[int, Whole(1, 9)]
    """How many terms there may be."""


def build(model):
    """The system that a model file describes."""
    names = tuple(f"server {i}" for i in range(model.servers))
    members = [Member(name, SERVER, Context(name, names, model.terms), Server()) for name in names]
    swaps = tuple({a: b, b: a} for a, b in pairwise(names))
    return system_of(
        model,
        members,
        PROPERTIES,
        variants=VARIANTS,
        bounds={"servers": model.servers, "terms": model.terms},
        symmetries=[Symmetry("servers", swaps)],
    )


RAFT = Protocol(
    name="raft",
    about="The election of Raft.",
    schema=RaftModel,
    build=build,
    properties=PROPERTIES,
    variants=VARIANTS,
    models=Path(__file__).parent / "models",
    template="name: first\nprotocol: raft\nservers: 3\nterms: 1\nsometimes: [elected]\n",
)
