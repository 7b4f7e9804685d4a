"""Single-decree Paxos: frozen values and pure functions, plain Python without any import of the checker.

Each server is proposer and acceptor. A client puts a value to one server and, when that is answered, asks
another one for what was decided. Servers handle what they would send to themselves within the step.
"""

from dataclasses import dataclass, field, replace

Ballot = tuple[int, int]


@dataclass(frozen=True)
class Proposal:
    """A value, and the client that waits for an answer."""

    client: str
    value: str


@dataclass(frozen=True)
class Accepted:
    """What an acceptor has accepted, and in which ballot."""

    ballot: Ballot
    proposal: Proposal


# Messages. A rule is not told who sent what it takes, so a message says so where that matters.


@dataclass(frozen=True)
class Put:
    """Client → server: write a value."""

    client: str
    value: str


@dataclass(frozen=True)
class PutOk:
    """Server → client: something was decided with your name on it."""

    server: int


@dataclass(frozen=True)
class Get:
    """Client → server: what was decided?"""

    client: str


@dataclass(frozen=True)
class GetOk:
    """Server → client: this was."""

    server: int
    value: str


@dataclass(frozen=True)
class Prepare:
    """Proposer → acceptors: phase 1, do not accept below this ballot."""

    server: int
    ballot: Ballot


@dataclass(frozen=True)
class Promise:
    """Acceptor → proposer: I will not; this is what I have accepted."""

    server: int
    ballot: Ballot
    last: Accepted | None


@dataclass(frozen=True)
class Accept:
    """Proposer → acceptors: phase 2, accept this."""

    server: int
    accepted: Accepted


@dataclass(frozen=True)
class Acceptance:
    """Acceptor → proposer: accepted."""

    server: int
    ballot: Ballot


@dataclass(frozen=True)
class Decided:
    """Proposer → all: a majority has accepted this."""

    server: int
    accepted: Accepted


@dataclass(frozen=True)
class Server:
    """Proposer: its proposal and the answers. Acceptor: what it has accepted, and whether it is decided."""

    ballot: Ballot = (0, 0)
    proposal: Proposal | None = None
    promises: frozenset[tuple[int, Accepted | None]] = frozenset()
    acceptances: frozenset[int] = frozenset()
    accepted: Accepted | None = None
    is_decided: bool = False


@dataclass(frozen=True)
class Context:
    """What a server knows from the start."""

    me: int
    names: tuple[str, ...] = field(repr=False)

    def to_others(self, message):
        """A message to all servers but this one."""
        return tuple((name, message) for i, name in enumerate(self.names) if i != self.me)

    def is_majority(self, count):
        """Whether so many servers are just enough."""
        return count == len(self.names) // 2 + 1


def on_put(context, server, put):
    """Propose the value in a new ballot, unless there is a proposal already."""
    if server.is_decided or server.proposal is not None:
        return ()
    ballot = (server.ballot[0] + 1, context.me)
    server = replace(
        server,
        ballot=ballot,
        proposal=Proposal(put.client, put.value),
        promises=frozenset({(context.me, server.accepted)}),
    )
    return ((server, context.to_others(Prepare(context.me, ballot))),)


def on_prepare(context, server, prepare):
    """Promise, and say what was accepted."""
    if server.is_decided or prepare.ballot <= server.ballot:
        return ()
    promise = Promise(context.me, prepare.ballot, server.accepted)
    return ((replace(server, ballot=prepare.ballot), ((context.names[prepare.server], promise),)),)


def on_promise(context, server, promise):
    """With a majority, ask to accept what was accepted last; if nothing was, one's own proposal."""
    if server.is_decided or promise.ballot != server.ballot:
        return ()
    server = replace(server, promises=server.promises | {(promise.server, promise.last)})
    if not context.is_majority(len(server.promises)):
        return ((server, ()),)
    seen = [last for _, last in server.promises if last is not None]
    return ask_to_accept(context, server, max(seen, key=lambda last: last.ballot, default=None))


def ask_to_accept(context, server, last):
    """Phase 2, with what was accepted last or, if that is None, one's own proposal."""
    proposal = server.proposal if last is None else last.proposal
    accepted = Accepted(server.ballot, proposal)
    server = replace(
        server, proposal=proposal, accepted=accepted, acceptances=server.acceptances | {context.me}
    )
    return ((server, context.to_others(Accept(context.me, accepted))),)


def on_promise_ignoring(context, server, promise):
    """Wrong on purpose: does not look at what others have accepted."""
    return on_promise(context, server, replace(promise, last=None))


def on_accept(context, server, accept):
    """Accept, unless something higher was promised."""
    if server.is_decided or accept.accepted.ballot < server.ballot:
        return ()
    ballot = accept.accepted.ballot
    answer = Acceptance(context.me, ballot)
    server = replace(server, ballot=ballot, accepted=accept.accepted)
    return ((server, ((context.names[accept.server], answer),)),)


def on_acceptance(context, server, acceptance):
    """With a majority it is decided: tell the others, and the client."""
    if server.is_decided or acceptance.ballot != server.ballot:
        return ()
    server = replace(server, acceptances=server.acceptances | {acceptance.server})
    if not context.is_majority(len(server.acceptances)):
        return ((server, ()),)
    decided = Decided(context.me, Accepted(server.ballot, server.proposal))
    told = ((server.proposal.client, PutOk(context.me)),)
    return ((replace(server, is_decided=True), context.to_others(decided) + told),)


def on_decided(context, server, decided):
    """Learn what was decided."""
    if server.is_decided:
        return ()
    ballot = decided.accepted.ballot
    return ((replace(server, ballot=ballot, accepted=decided.accepted, is_decided=True), ()),)


def on_get(context, server, get):
    """Answer if it is known; the others may know what this server does not."""
    if not server.is_decided:
        return ()
    answer = GetOk(context.me, server.accepted.proposal.value)
    return ((server, ((get.client, answer),)),)


# Clients.


@dataclass(frozen=True)
class Client:
    """What it waits for an answer to, and what it has read at last."""

    waiting: Put | Get | None
    read: str | None = None


@dataclass(frozen=True)
class Customer:
    """What a client knows from the start: its name, and the server that it will read from."""

    me: str
    reads_from: str


def on_put_ok(customer, client, answer):
    """Read, from another server."""
    if not isinstance(client.waiting, Put):
        return ()
    get = Get(customer.me)
    return ((Client(get), ((customer.reads_from, get),)),)


def on_get_ok(customer, client, answer):
    """That is all."""
    if not isinstance(client.waiting, Get):
        return ()
    return ((Client(None, answer.value), ()),)
