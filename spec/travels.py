"""Which messages PMMC has, who sends them, and to whom."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from checker.model.vocabulary import action_name
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
    """The role that sends a message, and the role that it is for."""

    sender: str
    receiver: str


#: Type of message → who sends it to whom.
TRAVELS: Mapping[type, Travel] = MappingProxyType(
    {
        Request: Travel("client", "replica"),
        Response: Travel("replica", "client"),
        Propose: Travel("replica", "leader"),
        P1a: Travel("leader", "acceptor"),
        P1b: Travel("acceptor", "leader"),
        P2a: Travel("leader", "acceptor"),
        P2b: Travel("acceptor", "leader"),
        Decision: Travel("leader", "replica"),
        Ping: Travel("leader", "leader"),
        Pong: Travel("leader", "leader"),
        Unreachable: Travel("leader", "leader"),
    }
)

#: Name → type of message, as reports show it.
MESSAGES: Mapping[str, type] = MappingProxyType({action_name(kind): kind for kind in TRAVELS})
