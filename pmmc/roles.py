"""The roles as a table: where a node of each begins, what it does, what survives a crash of it.

A table is all that this module is: whoever runs the protocol, in a model checker or on machines, reads it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pmmc import acceptor, client, leader, replica
from pmmc.acceptor import Acceptor
from pmmc.client import Client
from pmmc.leader import Leader
from pmmc.replica import Replica
from pmmc.values import Command, Context, Deployment, Node, Sends, Step


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what its nodes know, at first and later, what they do, and how they survive a crash.

    `begin(deployment, node, commands)` is the first local state of a node, `commands` being all that are
    submitted, and `start(context, local state)` what a node in such a state has sent. `stable` names the
    fields of `local` that belong in stable storage. `recover(context, saved, kept)` begins again after a
    crash, where `kept` names the fields that survived; the others of `saved` are as in `begin`.
    """

    name: str
    local: type
    begin: Callable[[Deployment, Node, tuple[Command, ...]], Any]
    rules: Mapping[type, Callable[..., Any]]
    wakes: Mapping[str, Callable[..., Any]]
    stable: tuple[str, ...]
    start: Callable[[Context, Any], Sends]
    recover: Callable[[Context, Any, tuple[str, ...]], Step]


def first_acceptor(deployment: Deployment, node: Node, commands: tuple[Command, ...]) -> Acceptor:
    """It has adopted and accepted nothing."""
    return Acceptor()


def first_leader(deployment: Deployment, node: Node, commands: tuple[Command, ...]) -> Leader:
    """It is passive, and scouting with its first ballot."""
    return Leader(deployment.ballots.first(node.index))


def first_replica(deployment: Deployment, node: Node, commands: tuple[Command, ...]) -> Replica:
    """It has performed nothing."""
    return Replica()


def first_client(deployment: Deployment, node: Node, commands: tuple[Command, ...]) -> Client:
    """It has all of its commands yet to send."""
    return Client(todo=tuple(c for c in commands if c.client == node))


def silent(context: Context, state: Any) -> Sends:
    """Nothing is sent."""
    return ()


def as_saved(context: Context, saved: Any, kept: tuple[str, ...]) -> Step:
    """Begin again with exactly what stable storage holds."""
    return Step(saved)


ACCEPTOR = Role(
    name="acceptor",
    local=Acceptor,
    begin=first_acceptor,
    rules=acceptor.RULES,
    wakes=MappingProxyType({}),
    stable=("ballot", "accepted"),
    start=silent,
    recover=as_saved,
)
LEADER = Role(
    name="leader",
    local=Leader,
    begin=first_leader,
    rules=leader.RULES,
    wakes=MappingProxyType({}),
    stable=("ballot",),
    start=leader.start,
    recover=leader.recover,
)
REPLICA = Role(
    name="replica",
    local=Replica,
    begin=first_replica,
    rules=replica.RULES,
    wakes=MappingProxyType({}),
    stable=(
        "store",
        "performed",
        "slot_in",
        "slot_out",
        "requests",
        "proposals",
        "decisions",
        "configuration",
    ),
    start=silent,
    recover=as_saved,
)
CLIENT = Role(
    name="client",
    local=Client,
    begin=first_client,
    rules=client.RULES,
    wakes=client.WAKES,
    stable=("todo", "waiting", "answers"),
    start=silent,
    recover=as_saved,
)

#: All roles by name, in the order in which a system lists its nodes.
ROLES: Mapping[str, Role] = MappingProxyType(
    {role.name: role for role in (ACCEPTOR, LEADER, REPLICA, CLIENT)}
)
#: The name of what hosts an acceptor, a leader and a replica (paper, section 4.4); see `pmmc.server`.
SERVER = "server"
