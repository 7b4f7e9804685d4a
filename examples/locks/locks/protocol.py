"""The lock server as the checker meets it."""

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
from locks import rules
from locks.rules import Ask, Grant, Release


def settle_client(me, client, message):
    """Only a client that is yet to enter needs a grant."""
    return message if client.phase in {"idle", "waiting"} else None


SERVER = Role("server", {Ask: rules.on_ask, Release: rules.on_release})
CLIENT = Role(
    "client", {Grant: rules.on_grant}, {"ask": rules.ask, "leave": rules.leave}, settle=settle_client
)
PHASE = View("phase", "client", lambda client: client.phase)


def _exclusion(setting, phases):
    inside = [name for name, phase in phases.items() if phase == "inside"]
    return f"{inside[0]} and {inside[1]} are both inside" if len(inside) > 1 else None


def _served(setting, phases):
    waiting = [name for name, phase in phases.items() if phase == "waiting"]
    return f"{waiting[0]} waits for ever" if waiting else None


def _all_done(setting, phases):
    return "all are done" if set(phases.values()) == {"done"} else None


PROPERTIES = {
    p.id: p
    for p in (
        Property("exclusion", Kind.STATE, "At most one client is inside.", "ours", (PHASE,), _exclusion),
        Property("served", Kind.TERMINAL, "Nobody waits for ever.", "ours", (PHASE,), _served),
        Property("all-done", Kind.SOMETIMES, "All clients are done.", "ours", (PHASE,), _all_done),
    )
}


TRUSTING = Variant(
    part="server",
    name="trusting",
    role="server",
    about="Wrong on purpose: the server does not look at who releases the lock.",
    source="ours",
    rules={Release: rules.on_release_trusting},
)


class LockModel(ModelFile):
    """A model of the lock server."""

    clients: Annotated[int, Whole(1, 20)]
    """How many clients there are."""


def build(model: LockModel):
    names = [f"client {i}" for i in range(model.clients)]
    server = Member("server", SERVER, "server", rules.Server())
    clients = [Member(name, CLIENT, name, rules.Client()) for name in names]
    swaps = [{a: b, b: a} for a, b in pairwise(names)]
    return system_of(
        model,
        [server, *clients],
        PROPERTIES,
        variants=[TRUSTING],
        bounds={"clients": model.clients},
        symmetries=[Symmetry("clients", tuple(swaps))],
    )


LOCKS = Protocol(
    name="locks",
    about="A lock server.",
    schema=LockModel,
    build=build,
    properties=PROPERTIES,
    variants=(TRUSTING,),
    models=Path(__file__).parent / "models",
    template="name: first\nprotocol: locks\nclients: 2\nnetwork: fifo\n",
)
