"""Single-decree Paxos as the checker meets it."""

from pathlib import Path
from typing import Annotated

from checker import (
    LINEARIZABLE,
    Histories,
    Invocation,
    Kind,
    Member,
    ModelFile,
    Property,
    Protocol,
    Response,
    Role,
    SequentialObject,
    System,
    Variant,
    View,
    Whole,
    system_of,
)
from single_decree_paxos import rules
from single_decree_paxos.pictures import PICTURES
from single_decree_paxos.rules import Get, Promise, Put


def settle_server(context, server, message):
    """What comes too late does not matter: of a lower ballot, or once it is decided, but for a question."""
    match message:
        case Get():
            return message
        case Put():
            is_late = server.proposal is not None
        case rules.Prepare(ballot=ballot):
            is_late = ballot <= server.ballot
        case rules.Promise(ballot=ballot) | rules.Acceptance(ballot=ballot):
            is_late = ballot < server.ballot
        case rules.Accept(accepted=accepted):
            is_late = accepted.ballot < server.ballot
        case _:
            is_late = False
    return None if is_late or server.is_decided else message


def settle_client(customer, client, message):
    """A client needs one answer to each question."""
    if client.waiting is None:
        return None
    return None if isinstance(message, rules.PutOk) and isinstance(client.waiting, Get) else message


SERVER = Role(
    "server",
    {
        Put: rules.on_put,
        rules.Prepare: rules.on_prepare,
        Promise: rules.on_promise,
        rules.Accept: rules.on_accept,
        rules.Acceptance: rules.on_acceptance,
        rules.Decided: rules.on_decided,
        Get: rules.on_get,
    },
    settle=settle_server,
)
CLIENT = Role("client", {rules.PutOk: rules.on_put_ok, rules.GetOk: rules.on_get_ok}, settle=settle_client)

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


DECIDED = View("decided", "server", lambda s: s.accepted.proposal.value if s.is_decided else None)
READ = View("read", "client", lambda client: client.read)


def _agreement(setting, decided):
    known = {value: server for server, value in decided.items() if value is not None}
    if len(known) < 2:
        return None
    return " and ".join(f"{server} has decided {value}" for value, server in sorted(known.items()))


def _answered(setting, read):
    values = [f"{client} has read {value}" for client, value in read.items() if value is not None]
    return values[0] if values else None


PAPER = "Lamport, Paxos Made Simple (2001)"

PROPERTIES = {
    p.id: p
    for p in (
        Property("agreement", Kind.STATE, "One value at most is decided.", PAPER, (DECIDED,), _agreement),
        LINEARIZABLE,
        Property("answered", Kind.SOMETIMES, "A client reads what was decided.", PAPER, (READ,), _answered),
    )
}

IGNORING = Variant(
    part="server",
    name="ignores-accepted",
    role="server",
    about="Wrong on purpose: a proposer does not look at what acceptors have accepted.",
    source=f"against {PAPER}",
    rules={Promise: rules.on_promise_ignoring},
)


class PaxosModel(ModelFile):
    """A model of single-decree Paxos."""

    servers: Annotated[int, Whole(1, 9)]
    """How many servers there are."""
    clients: Annotated[int, Whole(1, 9)]
    """How many clients there are; client i puts to server i, and reads from the next one."""


def build(model: PaxosModel) -> System:
    """The system that a model file describes."""
    names = tuple(f"server {i}" for i in range(model.servers))
    requests = [Put(f"client {i}", chr(ord("A") + i)) for i in range(model.clients)]
    puts = {name: [] for name in names}
    for i, put in enumerate(requests):
        puts[names[i % len(names)]].append((put.client, put))
    members = [
        Member(name, SERVER, rules.Context(i, names), rules.Server(), puts[name])
        for i, name in enumerate(names)
    ]
    members += [
        Member(
            put.client,
            CLIENT,
            rules.Customer(put.client, names[(i + 1) % len(names)]),
            rules.Client(put),
        )
        for i, put in enumerate(requests)
    ]
    return system_of(
        model,
        members,
        PROPERTIES,
        variants=[IGNORING],
        default=["agreement", LINEARIZABLE.id],
        bounds={"servers": model.servers, "clients": model.clients},
        pictures=PICTURES,
        environments=[observed(requests).join],
    )


SINGLE_DECREE_PAXOS = Protocol(
    name="single-decree-paxos",
    about="Single-decree Paxos: servers agree on one of the values that clients put.",
    schema=PaxosModel,
    build=build,
    properties=PROPERTIES,
    variants=(IGNORING,),
    models=Path(__file__).parent / "models",
    template="name: first\nprotocol: single-decree-paxos\nservers: 3\nclients: 1\n",
)
