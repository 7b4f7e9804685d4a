"""A server, seen from outside: a replica, a leader and an acceptor on one machine (paper, section 4.4).

They keep separate states, the leader's ballot and the acceptor's above all: the ballot that the acceptor
has promised may be another leader's. What a server knows of a slot is asked as in UW's lab on Paxos: its
status, its command, the first slot that is not cleared, the last that is not empty.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pmmc.acceptor import Acceptor
from pmmc.collection import CollectingAcceptor
from pmmc.leader import Leader
from pmmc.replica import Replica
from pmmc.values import Command, highest_ballots


class Status(Enum):
    """What a server knows of a slot: nothing, what it has accepted, what is chosen, that it is past."""

    EMPTY = "empty"
    ACCEPTED = "accepted"
    CHOSEN = "chosen"
    CLEARED = "cleared"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Server:
    """What the processes of a server know."""

    acceptor: Acceptor
    leader: Leader
    replica: Replica


def first_not_cleared(server: Server) -> int:
    """The first slot of which the server has not forgotten what it accepted; 1 if it never forgets."""
    return server.acceptor.watermark if isinstance(server.acceptor, CollectingAcceptor) else 1


def last_not_empty(server: Server) -> int:
    """The last slot of which the server knows something, be it that it is cleared; 0 if there is none."""
    accepted = {p.slot for p in server.acceptor.accepted}
    decided = {p.slot for p in server.replica.decisions}
    past = {first_not_cleared(server) - 1, server.replica.slot_out - 1}
    return max(accepted | decided | past)


def status(server: Server, slot: int) -> Status:
    """What the server knows of a slot. What it has performed is chosen, though it may have forgotten it."""
    if slot < first_not_cleared(server):
        return Status.CLEARED
    if slot < server.replica.slot_out or chosen(server, slot):
        return Status.CHOSEN
    return Status.ACCEPTED if accepted(server, slot) else Status.EMPTY


def commands(server: Server, slot: int) -> frozenset[Command]:
    """The command that the server has chosen for a slot or, if it knows of none, accepted last.

    None if the slot is empty or cleared, or performed and forgotten; more than one only where something is
    wrong.
    """
    match status(server, slot):
        case Status.CHOSEN:
            return chosen(server, slot)
        case Status.ACCEPTED:
            return accepted(server, slot)
    return frozenset()


def command(server: Server, slot: int) -> Command | None:
    """The command of a slot: chosen or accepted; None if it is empty, cleared or forgotten."""
    return next(iter(sorted(commands(server, slot), key=str)), None)


def chosen(server: Server, slot: int) -> frozenset[Command]:
    """What the replica knows as decided for a slot."""
    return frozenset(p.command for p in server.replica.decisions if p.slot == slot)


def accepted(server: Server, slot: int) -> frozenset[Command]:
    """What the acceptor has accepted for a slot in the highest ballot."""
    pvalues = [p for p in server.acceptor.accepted if p.slot == slot]
    highest = highest_ballots(pvalues)
    return frozenset(p.command for p in pvalues if p.ballot == highest[slot])


def server_of(states: Iterable[Any]) -> Server:
    """The server that has processes with these local states."""
    known = [*states]
    acceptor, leader, replica = (_the(known, kind) for kind in (Acceptor, Leader, Replica))
    return Server(acceptor, leader, replica)


def _the(states: Iterable[Any], kind: type) -> Any:
    return next(state for state in states if isinstance(state, kind))
