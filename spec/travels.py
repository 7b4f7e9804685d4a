"""Which messages PMMC has, who sends them, and to whom."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from checker.model.vocabulary import action_name
from checker.modelfiles.protocol import Variant
from pmmc import collection
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
from pmmc.reads import Read, ReadQuery, ReadReply
from pmmc.transfer import Collected, Fetch, Report, Transfer


class Travel(NamedTuple):
    """The role that sends a message, and the roles that it is for."""

    sender: str
    receivers: tuple[str, ...]


def _travel(sender: str, *receivers: str) -> Travel:
    return Travel(sender, receivers)


#: Type of message → who sends it to whom.
TRAVELS: Mapping[type, Travel] = MappingProxyType(
    {
        Request: _travel("client", "replica"),
        Response: _travel("replica", "client"),
        Propose: _travel("replica", "leader"),
        P1a: _travel("leader", "acceptor"),
        P1b: _travel("acceptor", "leader"),
        P2a: _travel("leader", "acceptor"),
        P2b: _travel("acceptor", "leader"),
        Decision: _travel("leader", "replica"),
        Ping: _travel("leader", "leader"),
        Pong: _travel("leader", "leader"),
        Unreachable: _travel("leader", "leader"),
    }
)

#: The same of messages that there are with some rules only.
MORE: Mapping[type, Travel] = MappingProxyType(
    {
        collection.P1b: _travel("acceptor", "leader"),
        Report: _travel("replica", "leader", "acceptor"),
        Collected: _travel("leader", "replica"),
        Fetch: _travel("replica", "replica"),
        Transfer: _travel("replica", "replica"),
        Read: _travel("client", "replica"),
        ReadQuery: _travel("replica", "acceptor"),
        ReadReply: _travel("acceptor", "replica"),
    }
)

#: The names of all messages, as reports show them.
NAMES = tuple(dict.fromkeys(action_name(kind) for kind in (*TRAVELS, *MORE)))


def messages(varied: Iterable[Variant]) -> Mapping[str, type]:
    """Name → type of the messages that there are with these variants, as reports show them."""
    handled = {kind for variant in varied for kind in variant.rules}
    kinds = (*TRAVELS, *(kind for kind in MORE if kind in handled))
    return MappingProxyType({action_name(kind): kind for kind in kinds})


def travel(kind: type) -> Travel:
    """Who sends a message of this type to whom."""
    return TRAVELS[kind] if kind in TRAVELS else MORE[kind]
