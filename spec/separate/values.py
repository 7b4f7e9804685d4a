"""Names, messages and local states of scouts and commanders that are processes of their own."""

from __future__ import annotations

from dataclasses import dataclass

from pmmc.ballots import BOTTOM, Ballot
from pmmc.leader import Commander
from pmmc.values import Context, Node, PValue

SCOUT, COMMANDER = "scout", "commander"


@dataclass(frozen=True, slots=True, order=True)
class Part(Node):
    """The name of a scout or commander: `index` is its leader's, and there is one of each ballot and slot.

    Shown as `scout 2.1`, of ballot 2.1, and as `commander 2.1:3`, of slot 3 in it.
    """

    ballot: Ballot = BOTTOM
    slot: int = 0

    def __str__(self) -> str:
        return f"{self.role} {self.ballot}{f':{self.slot}' if self.slot else ''}"


def scout_of(ballot: Ballot) -> Part:
    """The scout of a ballot, which is its leader's."""
    return Part(SCOUT, ballot.leader, ballot)


def commander_of(pvalue: PValue) -> Part:
    """The commander of a pvalue."""
    return Part(COMMANDER, pvalue.ballot.leader, pvalue.ballot, pvalue.slot)


def as_leader(context: Context) -> Context:
    """What the leader of a scout or commander knows."""
    return Context(Node("leader", context.me.index), context.deployment)


@dataclass(frozen=True, slots=True)
class StartScout:
    """Leader → a scout of its own: begin. In the paper, spawn (section 2.4)."""


@dataclass(frozen=True, slots=True)
class StartCommander:
    """Leader → a commander of its own: begin, with this pvalue. In the paper, spawn (section 2.4)."""

    pvalue: PValue


@dataclass(frozen=True, slots=True)
class Adopted:
    """Scout → its leader: a quorum has promised `ballot`, and had accepted these (paper, figure 6)."""

    ballot: Ballot
    accepted: frozenset[PValue]


@dataclass(frozen=True, slots=True)
class Preempted:
    """Scout or commander → its leader: an acceptor has answered with this ballot (paper, figure 6)."""

    ballot: Ballot


@dataclass(frozen=True, slots=True)
class Idle:
    """A scout that has not begun or, with `ended`, is no more."""

    ended: bool = False


@dataclass(frozen=True, slots=True)
class Commanding:
    """The commanders of one ballot and slot that are alive: by the protocol's rules one at most."""

    commanders: frozenset[Commander] = frozenset()
