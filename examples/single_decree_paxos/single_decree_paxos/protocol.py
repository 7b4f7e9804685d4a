"""Single-decree Paxos as the checker meets it."""

from pathlib import Path
from typing import Annotated

from checker import (
    Kind,
    Member,
    ModelFile,
    Property,
    Protocol,
    Role,
    System,
    Variant,
    View,
    Whole,
    system_of,
)
from single_decree_paxos import history, rules
from single_decree_paxos.rules import Promise


def settle_server(context, server, message):
    """What comes too late does not matter: of a lower ballot, or once it is decided, but for a question."""
    match message:
        case rules.Get():
            return message
        case rules.Put():
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
    if client.phase == "done":
        return None
    return None if isinstance(message, rules.PutOk) and client.phase == "getting" else message


SERVER = Role(
    "server",
    {
        rules.Put: rules.on_put,
        rules.Prepare: rules.on_prepare,
        Promise: rules.on_promise,
        rules.Accept: rules.on_accept,
        rules.Acceptance: rules.on_acceptance,
        rules.Decided: rules.on_decided,
        rules.Get: rules.on_get,
    },
    settle=settle_server,
)
CLIENT = Role("client", {rules.PutOk: rules.on_put_ok, rules.GetOk: rules.on_get_ok}, settle=settle_client)
HISTORY = Role("history", history.RULES, immediate=frozenset(history.RULES))

DECIDED = View("decided", "server", lambda s: s.accepted.proposal.value if s.is_decided else None)
PHASE = View("phase", "client", lambda client: client.phase)
SEEN = View("history", "history", lambda seen: seen)


def _agreement(setting, decided):
    known = {value: server for server, value in decided.items() if value is not None}
    if len(known) < 2:
        return None
    return " and ".join(f"{server} has decided {value}" for value, server in sorted(known.items()))


def _linearizable(setting, seen):
    (operations,) = seen.values()
    if history.is_linearizable(operations):
        return None
    done = (op for op in operations if op.has_returned)
    told = ", ".join(
        f"{op.client} has {f'written {op.writes}' if op.writes else f'read {op.value}'}" for op in done
    )
    return f"no order of the operations explains what was seen: {told}"


def _answered(setting, phases):
    done = [client for client, phase in phases.items() if phase == "done"]
    return f"{done[0]} has read a value" if done else None


PAPER = "Lamport, Paxos Made Simple (2001)"
HERLIHY = "Herlihy and Wing, Linearizability (1990)"

PROPERTIES = {
    p.id: p
    for p in (
        Property("agreement", Kind.STATE, "One value at most is decided.", PAPER, (DECIDED,), _agreement),
        Property(
            "linearizable",
            Kind.STATE,
            "What clients see is what one register could show them.",
            HERLIHY,
            (SEEN,),
            _linearizable,
        ),
        Property(
            "answered", Kind.SOMETIMES, "A client reads what was decided.", PAPER, (PHASE,), _answered
        ),
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
    clients = [(f"client {i}", chr(ord("A") + i)) for i in range(model.clients)]
    puts = {name: [] for name in names}
    for i, (client, value) in enumerate(clients):
        puts[names[i % len(names)]].append((client, rules.Put(client, value)))
    members = [
        Member(name, SERVER, rules.Context(i, names), rules.Server(), puts[name])
        for i, name in enumerate(names)
    ]
    members += [
        Member(client, CLIENT, rules.Customer(client, names[(i + 1) % len(names)]), rules.Client())
        for i, (client, _) in enumerate(clients)
    ]
    members.append(Member("history", HISTORY, None, history.begun(clients)))
    return system_of(
        model,
        members,
        PROPERTIES,
        variants=[IGNORING],
        bounds={"servers": model.servers, "clients": model.clients},
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
