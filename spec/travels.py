"""Which messages PMMC has, who sends them, and to whom.

Messages are known by their names here, so that the types of those that few models have need not be there.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from checker.model.vocabulary import action_name
from checker.modelfiles.protocol import Variant
from pmmc.messages import (
    Decision,
    P1a,
    P1b,
    P2a,
    P2b,
    Ping,
    Pong,
    Propose,
    Request,
    Response,
    Unreachable,
)


class Travel(NamedTuple):
    """The role that sends a message, and the roles that it is for."""

    sender: str
    receivers: tuple[str, ...]


def _travel(sender: str, *receivers: str) -> Travel:
    return Travel(sender, receivers)


#: Name of a message, as reports show it → who sends it to whom.
TRAVELS: Mapping[str, Travel] = MappingProxyType(
    {
        "request": _travel("client", "replica"),
        "response": _travel("replica", "client"),
        "propose": _travel("replica", "leader"),
        "p1a": _travel("leader", "acceptor"),
        "p1b": _travel("acceptor", "leader"),
        "p2a": _travel("leader", "acceptor"),
        "p2b": _travel("acceptor", "leader"),
        "decision": _travel("leader", "replica"),
        "ping": _travel("leader", "leader"),
        "pong": _travel("leader", "leader"),
        "unreachable": _travel("leader", "leader"),
        # with some rules only:
        "report": _travel("replica", "leader", "acceptor"),
        "collected": _travel("leader", "replica"),
        "fetch": _travel("replica", "replica"),
        "transfer": _travel("replica", "replica"),
        "snapshot": _travel("replica", "replica"),
        "read": _travel("client", "replica"),
        "readQuery": _travel("replica", "acceptor"),
        "readReply": _travel("acceptor", "replica"),
        "leaseRequest": _travel("replica", "acceptor"),
        "leaseGrant": _travel("acceptor", "replica"),
        "slotQuery": _travel("replica", "acceptor"),
        "slotReply": _travel("acceptor", "replica"),
        "indexQuery": _travel("replica", "leader"),
        "indexClaim": _travel("leader", "acceptor"),
    }
)
#: The types of messages that there are whatever the rules.
ALWAYS = (Request, Response, Propose, P1a, P1b, P2a, P2b, Decision, Ping, Pong, Unreachable)


def messages(varied: Iterable[Variant]) -> Mapping[str, type]:
    """Name → type of the messages that there are with these variants, their own in place of others."""
    more = (kind for variant in varied for kind in variant.rules if kind not in ALWAYS)
    named = {action_name(kind): kind for kind in (*ALWAYS, *more)}
    return MappingProxyType({name: named[name] for name in TRAVELS if name in named})


def travel(kind: type) -> Travel:
    """Who sends a message of this type to whom."""
    return TRAVELS[action_name(kind)]
