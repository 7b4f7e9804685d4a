"""A register on several servers: frozen values and pure functions, without any import of the checker.

Any server takes a write or a read. It asks the others what they hold, until it knows it of a majority; then
it tells them what to hold, and answers when a majority does. A write has them hold its value, with a stamp
above all those it has heard of, and a read what had the highest stamp. After Attiya, Bar-Noy and Dolev,
Sharing Memory Robustly in Message-Passing Systems (JACM 1995); any server may write. What a server would
send to itself it handles within the step, and it serves one request at a time.
"""

from dataclasses import dataclass, field, replace

Stamp = tuple[int, int]

# Requests and answers. A rule is not told who sent what it takes, so a message says so where that matters.


@dataclass(frozen=True)
class Put:
    """Client → server: write a value."""

    client: str
    value: str


@dataclass(frozen=True)
class Get:
    """Client → server: read."""

    client: str


@dataclass(frozen=True)
class PutOk:
    """Server → client: written."""

    server: int


@dataclass(frozen=True)
class GetOk:
    """Server → client: this is what it holds; None if nobody has written."""

    server: int
    value: str | None


# Between servers.


@dataclass(frozen=True)
class Query:
    """Server → others, for a request: what do you hold?"""

    server: int
    request: Put | Get


@dataclass(frozen=True)
class Holding:
    """The answer to a query."""

    server: int
    request: Put | Get
    stamp: Stamp
    value: str | None


@dataclass(frozen=True)
class Record:
    """Server → others, for a request: hold this, unless you hold something newer."""

    server: int
    request: Put | Get
    stamp: Stamp
    value: str | None


@dataclass(frozen=True)
class Recorded:
    """The answer to a record."""

    server: int
    request: Put | Get


@dataclass(frozen=True)
class Asking:
    """What a server does for a request, first: who holds what, as far as it knows."""

    request: Put | Get
    known: frozenset[tuple[Stamp, str | None, int]]


@dataclass(frozen=True)
class Telling:
    """What it does then: who holds this value, or something newer."""

    request: Put | Get
    value: str | None
    held_by: frozenset[int]


@dataclass(frozen=True)
class Server:
    """What a server holds, and what it does for a request."""

    stamp: Stamp
    value: str | None = None
    doing: Asking | Telling | None = None


@dataclass(frozen=True)
class Context:
    """What a server knows from the start."""

    me: int
    names: tuple[str, ...] = field(repr=False)

    def to_others(self, message):
        """A message to all servers but this one."""
        return tuple((name, message) for i, name in enumerate(self.names) if i != self.me)

    def is_majority(self, some):
        """Whether these servers are just enough."""
        return len(some) == len(self.names) // 2 + 1


def on_request(context, server, request):
    """Ask the others what they hold, if nothing else is to be done."""
    if server.doing is not None:
        return ()
    asking = Asking(request, frozenset({(server.stamp, server.value, context.me)}))
    return ((replace(server, doing=asking), context.to_others(Query(context.me, request))),)


def on_query(context, server, query):
    """Say what this server holds."""
    answer = Holding(context.me, query.request, server.stamp, server.value)
    return ((server, ((context.names[query.server], answer),)),)


def on_holding(context, server, holding):
    """When it is known what a majority holds, have something held by a majority."""
    asking = server.doing
    if not isinstance(asking, Asking) or asking.request != holding.request:
        return ()
    known = asking.known | {(holding.stamp, holding.value, holding.server)}
    if not context.is_majority(known):
        return ((replace(server, doing=replace(asking, known=known)), ()),)
    stamp, value, _ = max(known, key=lambda one: one[0])
    if isinstance(asking.request, Put):
        stamp, value = (stamp[0] + 1, context.me), asking.request.value
    telling = Telling(asking.request, value, frozenset({context.me}))
    record = Record(context.me, asking.request, stamp, value)
    return ((holds(replace(server, doing=telling), stamp, value), context.to_others(record)),)


def holds(server, stamp, value):
    """The server, when it is told of this."""
    return replace(server, stamp=stamp, value=value) if stamp > server.stamp else server


def on_record(context, server, record):
    """Hold what is newer, and say so."""
    answer = Recorded(context.me, record.request)
    told = holds(server, record.stamp, record.value)
    return ((told, ((context.names[record.server], answer),)),)


def on_recorded(context, server, recorded):
    """When a majority holds it, answer the client."""
    telling = server.doing
    if not isinstance(telling, Telling) or telling.request != recorded.request:
        return ()
    held_by = telling.held_by | {recorded.server}
    if not context.is_majority(held_by):
        return ((replace(server, doing=replace(telling, held_by=held_by)), ()),)
    answer = answer_to(telling.request, context.me, telling.value)
    return ((replace(server, doing=None), (answer,)),)


def answer_to(request, me, value):
    """The message that answers a client."""
    answer = PutOk(me) if isinstance(request, Put) else GetOk(me, value)
    return (request.client, answer)


def on_request_alone(context, server, request):
    """One copy, wherever it is: write or read it at once, and tell nobody."""
    if isinstance(request, Put):
        server = replace(server, value=request.value)
    return ((server, (answer_to(request, context.me, server.value),)),)


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
