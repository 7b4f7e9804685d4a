"""The values that every role of PMMC speaks about: nodes, ballots, commands, pvalues.

All of them are frozen: a local state or a message is built from them, compared, hashed and shown,
and never changed.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from pmmc.kv import Op


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """The name of a process: its role and its index among the processes of that role, from 0."""

    role: str
    index: int

    def __str__(self) -> str:
        return f"{self.role} {self.index}"


@dataclass(frozen=True, slots=True)
class Ballot:
    """A ballot number: the pair (round, leader), ordered round first (paper, section 2.3).

    Each ballot belongs to exactly one leader, the one whose index it names. Shown as `3.0`: round 3
    of leader 0. Other systems of ballots have subclasses, which are ordered and shown otherwise;
    within a model there is one class, and BOTTOM.
    """

    round: int
    leader: int

    def rank(self) -> tuple[int, ...]:
        """What the order goes by: of the numbers in it only those of BOTTOM are negative."""
        return self.round, self.leader

    def __lt__(self, other: "Ballot") -> bool:
        return self.rank() < other.rank()

    def __le__(self, other: "Ballot") -> bool:
        return self.rank() <= other.rank()

    def __gt__(self, other: "Ballot") -> bool:
        return self.rank() > other.rank()

    def __ge__(self, other: "Ballot") -> bool:
        return self.rank() >= other.rank()

    def __str__(self) -> str:
        return "⊥" if self == BOTTOM else f"{self.round}.{self.leader}"


#: The ballot below every other; it belongs to nobody (paper, section 2.3).
BOTTOM = Ballot(-1, -1)


class BallotSystem(Protocol):
    """How leaders come by their ballots. Ballots of a system are totally ordered by `<`."""

    @property
    def rounds(self) -> int | None:
        """How many ballots each leader has; None means an endless supply."""

    def ballot(self, number: int, leader: int) -> Ballot:
        """The ballot of a leader in a round, counted from 0."""

    def first(self, leader: int) -> Ballot:
        """The ballot a leader starts with."""

    def above(self, ballot: Ballot, leader: int) -> Ballot | None:
        """The ballot of `leader` once it has met `ballot`; None when the supply has ended."""


@dataclass(frozen=True, slots=True)
class PairBallots:
    """The paper's ballots, (0, leader), (1, leader), …: `rounds` of them for each leader.

    `rounds` None means an endless supply. A finite one is the bound that makes the state space
    finite: a leader that would need one more ballot retires (see `pmmc.leader.preempted`).
    """

    rounds: int | None = None

    def ballot(self, number: int, leader: int) -> Ballot:
        """The pair."""
        return Ballot(number, leader)

    def first(self, leader: int) -> Ballot:
        """The pair of round 0."""
        return self.ballot(0, leader)

    def above(self, ballot: Ballot, leader: int) -> Ballot | None:
        """The pair of the round after that of `ballot` (paper, section 2.4, figure 7)."""
        following = ballot.round + 1
        return self.ballot(following, leader) if self.rounds is None or following < self.rounds else None


@dataclass(frozen=True, slots=True)
class Command:
    """⟨κ, cid, op⟩: client, the client's own number for the command, operation (paper, section 2.1).

    Two commands are equal if and only if all three are.
    """

    client: Node
    cid: int
    op: Op = field(hash=False)  # a hash need not look at everything, and is quicker so

    def __str__(self) -> str:
        return str(self.op)


@dataclass(frozen=True, slots=True)
class PValue:
    """⟨b, s, c⟩: in ballot b the command c goes into slot s (paper, section 2.3)."""

    ballot: Ballot
    slot: int
    command: Command = field(hash=False)

    def __str__(self) -> str:
        return f"⟨{self.ballot}, {self.slot}, {self.command}⟩"


@dataclass(frozen=True, slots=True)
class Proposal:
    """⟨s, c⟩: the command c for slot s. Decisions have the same form (paper, section 2.1)."""

    slot: int
    command: Command

    def __str__(self) -> str:
        return f"⟨{self.slot}, {self.command}⟩"


def slots_of(proposals: Iterable[Proposal]) -> frozenset[int]:
    """The slots for which `proposals` has an entry."""
    return frozenset(p.slot for p in proposals)


def in_slot_order(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Proposals or decisions by slot, and within one slot by command."""
    return sorted(proposals, key=lambda p: (p.slot, str(p.command)))


def highest_ballots(pvalues: Iterable[PValue]) -> dict[int, Ballot]:
    """For each slot the highest ballot among `pvalues`."""
    highest: dict[int, Ballot] = {}
    for p in pvalues:
        highest[p.slot] = max(p.ballot, highest.get(p.slot, p.ballot))
    return highest


def pmax(pvalues: Iterable[PValue]) -> frozenset[Proposal]:
    """For each slot the commands with the highest ballot among `pvalues` (paper, section 2.4, pmax).

    The result has one command for each slot as long as invariant A4 holds of `pvalues`.
    """
    known = frozenset(pvalues)
    highest = highest_ballots(known)
    return frozenset(Proposal(p.slot, p.command) for p in known if p.ballot == highest[p.slot])


def override(x: frozenset[Proposal], y: frozenset[Proposal]) -> frozenset[Proposal]:
    """The update x ◁ y: all of y, and those of x whose slot does not occur in y (paper, section 2.4)."""
    taken = slots_of(y)
    return y | {p for p in x if p.slot not in taken}


def is_majority(count: int, total: int) -> bool:
    """Whether `count` processes are more than half of `total`."""
    return 2 * count > total


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is configured and never changes: who takes part, and the sizes that were chosen.

    `window` is the paper's WINDOW. `slots` bounds the log: a replica proposes for no slot above it
    (None: no bound). `clients` are the clients that take part; a command of any other client is
    performed, but nobody is there to be answered.
    """

    acceptors: tuple[Node, ...]
    leaders: tuple[Node, ...]
    replicas: tuple[Node, ...]
    clients: tuple[Node, ...] = ()
    window: int = 2
    slots: int | None = None
    ballots: BallotSystem = PairBallots()


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know besides local state and message: who I am, and the deployment."""

    me: Node
    deployment: Deployment


#: Messages to be sent: (destination, message) in the order of sending.
Sends = tuple[tuple[Node, Hashable], ...]


class Step(NamedTuple):
    """The effect of a rule: the next local state and the messages sent.

    A rule returns a tuple of steps: one if it is a function, several if it may choose, none if the
    message is ignored (it then stays where it is).
    """

    state: Any
    sends: Sends = ()


def to_all(nodes: Iterable[Node], message: Hashable) -> Sends:
    """The same message to each of `nodes`."""
    return tuple((node, message) for node in nodes)
