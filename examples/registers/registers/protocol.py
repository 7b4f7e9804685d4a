"""A register as the checker meets it: one copy, or as many as there are servers."""

from pathlib import Path
from typing import Annotated

from checker import (
    LINEARIZABLE,
    Histories,
    Invocation,
    Kind,
    Member,
    ModelFile,
    OneOf,
    Property,
    Protocol,
    Response,
    Role,
    SequentialObject,
    System,
    View,
    Whole,
    system_of,
)
from registers import rules
from registers.rules import Get, Put

ALONE = Role("server", {Put: rules.on_request_alone, Get: rules.on_request_alone})
WITH_OTHERS = Role(
    "server",
    {
        Put: rules.on_request,
        Get: rules.on_request,
        rules.Query: rules.on_query,
        rules.Holding: rules.on_holding,
        rules.Record: rules.on_record,
        rules.Recorded: rules.on_recorded,
    },
)
SERVERS = {"none": ALONE, "majority": WITH_OTHERS}
CLIENT = Role("client", {rules.PutOk: rules.on_put_ok, rules.GetOk: rules.on_get_ok})

# What clients see, and what one register would show them.


def apply(value, request):
    """A register that one client at a time uses: what it holds after a request, and the result."""
    return (request.value, None) if isinstance(request, Put) else (value, value)


def events(seen):
    """A step of a client: an answer and, after the first one, the next request."""
    answered, next_one = seen.before.waiting, seen.after.waiting
    history = [Response(seen.node, answered, answered, seen.after.read)]
    return history if next_one is None else [*history, Invocation(seen.node, next_one, next_one)]


def observed(requests):
    """What is told of the clients' requests; the first ones have been made when a model begins."""
    wait = tuple(Invocation(request.client, request, request) for request in requests)
    clients = tuple(request.client for request in requests)
    return Histories(SequentialObject(None, apply), events, clients, wait=wait)


READ = View("read", "client", lambda client: client.read)


def _answered(setting, read):
    values = [f"{client} has read {value}" for client, value in read.items() if value is not None]
    return values[0] if values else None


PROPERTIES = {
    p.id: p
    for p in (
        LINEARIZABLE,
        Property(
            "answered", Kind.SOMETIMES, "A client reads what was written.", "ours", (READ,), _answered
        ),
    )
}


class RegisterModel(ModelFile):
    """A model of a register."""

    servers: Annotated[int, Whole(1, 9)]
    """How many servers there are."""
    clients: Annotated[int, Whole(1, 9)]
    """How many clients there are; they put to one server, each to the next, and read from the one after."""
    replication: Annotated[str, OneOf("replication", tuple(SERVERS))] = "majority"
    """Whether servers agree with a majority of them, or each answers for itself."""


def build(model: RegisterModel) -> System:
    """The system that a model file describes."""
    names = tuple(f"server {i}" for i in range(model.servers))
    requests = [Put(f"client {i}", chr(ord("A") + i)) for i in range(model.clients)]
    placed = [(names[i % len(names)], request) for i, request in enumerate(requests, len(names))]
    members = [
        Member(
            name,
            SERVERS[model.replication],
            rules.Context(i, names),
            rules.Server((0, i)),
            [(request.client, request) for at, request in placed if at == name],
        )
        for i, name in enumerate(names)
    ]
    members += [
        Member(
            put.client,
            CLIENT,
            rules.Customer(put.client, names[(names.index(at) + 1) % len(names)]),
            rules.Client(put),
        )
        for at, put in placed
    ]
    return system_of(
        model,
        members,
        PROPERTIES,
        default=[LINEARIZABLE.id],
        bounds={"servers": model.servers, "clients": model.clients},
        environments=[observed(requests).join],
    )


REGISTERS = Protocol(
    name="registers",
    about="A register that clients write and read: one copy of it, or one on every server.",
    schema=RegisterModel,
    build=build,
    properties=PROPERTIES,
    models=Path(__file__).parent / "models",
    template="name: first\nprotocol: registers\nservers: 3\nclients: 1\nnetwork: at-most-once\n",
)
