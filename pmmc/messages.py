"""The messages of PMMC (paper, section 2 and figures 3 to 7).

Two differ from the paper because scouts and commanders are folded into their leader: P1b and P2b
name the ballot (and P2b the slot) that they answer, which is how they find their scout or
commander. There is no flag for success or failure anywhere: the receiver compares the acceptor's
ballot with its own.
"""

from dataclasses import dataclass

from pmmc.ballots import Ballot
from pmmc.kv import Value
from pmmc.values import Command, Node, PValue


@dataclass(frozen=True, slots=True)
class Request:
    """Client → all replicas: please perform this command."""

    command: Command


@dataclass(frozen=True, slots=True)
class Response:
    """Replica → client: the result of the client's command `cid`."""

    cid: int
    result: Value


@dataclass(frozen=True, slots=True)
class Propose:
    """Replica → all leaders: this command for this slot."""

    slot: int
    command: Command


@dataclass(frozen=True, slots=True)
class P1a:
    """Scout → all acceptors: promise me this ballot."""

    leader: Node
    ballot: Ballot


@dataclass(frozen=True, slots=True)
class P1b:
    """Acceptor → scout of `ballot`: my ballot is `current`, and this is all that I accepted."""

    acceptor: Node
    ballot: Ballot
    current: Ballot
    accepted: frozenset[PValue]


@dataclass(frozen=True, slots=True)
class P2a:
    """Commander → all acceptors: accept this pvalue."""

    leader: Node
    pvalue: PValue


@dataclass(frozen=True, slots=True)
class P2b:
    """Acceptor → commander of `ballot` and `slot`: my ballot is `current`."""

    acceptor: Node
    ballot: Ballot
    slot: int
    current: Ballot


@dataclass(frozen=True, slots=True)
class Decision:
    """Commander → all replicas: this command is decided for this slot."""

    slot: int
    command: Command


@dataclass(frozen=True, slots=True)
class Ping:
    """Leader → leader: are you there? (paper, section 3)"""

    leader: Node


@dataclass(frozen=True, slots=True)
class Pong:
    """Leader → leader that has pinged it: I am."""

    leader: Node


@dataclass(frozen=True, slots=True)
class Unreachable:
    """For a leader that is down → leader that has pinged it: it is not."""

    leader: Node
