"""The values that every role of PMMC speaks about: nodes, commands, pvalues, the deployment.

All of them are frozen: a local state or a message is built from them, compared, hashed and shown,
and never changed.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, TypeVar

from pmmc.ballots import ENDLESS, Ballot, BallotSystem
from pmmc.kv import NoOp, Op
from pmmc.quorums import MAJORITIES, Quorums


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """The name of a process: its role and its index among the processes of that role, from 0."""

    role: str
    index: int

    def __str__(self) -> str:
        return f"{self.role} {self.index}"


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


#: Whose commands nobody has submitted; there is nobody to be answered.
NOBODY = Node("nobody", 0)


def filler(slot: int) -> Command:
    """The no-op that replicas propose for a slot of their own accord: one command, whoever proposes it."""
    return Command(NOBODY, slot, NoOp(slot))


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


@dataclass(frozen=True, slots=True)
class Configuration:
    """Who decides a slot: leaders and acceptors, and what a quorum of these is (paper, section 2.1).

    Each is an instance of the Synod protocol of its own. As the paper has it, no leader and no acceptor
    serves in two; so ballots of different ones, which belong to different leaders, never meet. Replicas are
    part of none, but where garbage collection waits for `replicas` (paper, section 4.2).
    """

    leaders: tuple[Node, ...] = field(hash=False)  # a hash need not look at everything
    acceptors: tuple[Node, ...]
    quorums: Quorums = field(default=MAJORITIES, hash=False)
    replicas: tuple[Node, ...] = field(default=(), hash=False)

    @property
    def tolerated(self) -> int:
        """The paper's f: of 2f + 1 acceptors so many may fail, and a majority is left."""
        return (len(self.acceptors) - 1) // 2

    def promised_by(self, heard: Collection[Node]) -> bool:
        """Whether those heard are a quorum of phase 1: their promises make a leader active."""
        return self.quorums.phase1.is_quorum(heard, self.acceptors)

    def chosen_by(self, heard: Collection[Node]) -> bool:
        """Whether those heard are a quorum of phase 2: what they have accepted is chosen."""
        return self.quorums.phase2.is_quorum(heard, self.acceptors)


def serving(configurations: Sequence[Configuration], node: Node) -> Configuration:
    """The one of some configurations in which a leader or an acceptor serves."""
    if len(configurations) == 1:
        return configurations[0]
    return next(c for c in configurations if node in c.acceptors or node in c.leaders)


def configuration_of(configurations: Sequence[Configuration], ballot: Ballot) -> Configuration:
    """The one of some configurations in which a ballot may be chosen: that of the leader whose it is."""
    return serving(configurations, Node("leader", ballot.leader))


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """The terms of leases (`pmmc.leases`), on which all are agreed.

    An acceptor grants one for `length` ticks of its clock. `allowed` is how many ticks apart any two clocks
    are assumed to be at most. `asks` is how many times a replica asks for one.
    """

    length: int
    allowed: int = 0
    asks: int = 1

    @property
    def held(self) -> int:
        """For how many ticks of its own clock who holds one may count on it, from when it asked.

        In that time the clock of an acceptor may come from as far behind as is assumed to as far ahead.
        """
        return self.length - 2 * self.allowed


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is configured and never changes: who takes part, and the sizes that were chosen.

    `configurations` are all that a reconfiguration may name, by their numbers; the first one decides from
    slot 1 on. Left out, there is one, of all leaders and acceptors, with majorities.

    `window` is the paper's WINDOW. `slots` bounds the log: a replica proposes for no slot above it
    (None: no bound). `clients` are the clients that take part; a command of any other client is
    performed, but nobody is there to be answered. `leases` are the terms of leases, if there are any.
    """

    acceptors: tuple[Node, ...]
    leaders: tuple[Node, ...]
    replicas: tuple[Node, ...]
    clients: tuple[Node, ...] = ()
    window: int = 2
    slots: int | None = None
    ballots: BallotSystem = ENDLESS
    configurations: tuple[Configuration, ...] = ()
    leases: LeaseTerms | None = None

    def __post_init__(self) -> None:
        if not self.configurations:
            only = Configuration(self.leaders, self.acceptors)
            object.__setattr__(self, "configurations", (only,))

    def nodes(self, role: str) -> tuple[Node, ...]:
        """The nodes of a role, by its name."""
        match role:
            case "acceptor":
                return self.acceptors
            case "leader":
                return self.leaders
            case "replica":
                return self.replicas
        return self.clients

    def everybody(self) -> tuple[Node, ...]:
        """All nodes."""
        return self.acceptors + self.leaders + self.replicas + self.clients


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know besides local state and message: who I am, and the deployment."""

    me: Node
    deployment: Deployment

    @property
    def configuration(self) -> Configuration:
        """The one in which I serve, as a leader or an acceptor."""
        return serving(self.deployment.configurations, self.me)


#: Messages to be sent: (destination, message) in the order of sending.
Sends = tuple[tuple[Node, Hashable], ...]


class Step(NamedTuple):
    """The effect of a rule: the next local state and the messages sent.

    A rule returns a tuple of steps: one if it is a function, several if it may choose, none if the
    message is ignored (it then stays where it is).
    """

    state: Any
    sends: Sends = ()


L = TypeVar("L")
#: (context, local state, message) → steps: what a role's table has for each type of message.
Rule = Callable[[Context, L, Any], tuple[Step, ...]]
#: (context, local state) → steps: what a node may do of its own accord.
Wake = Callable[[Context, L], tuple[Step, ...]]


def with_more(kind: Callable[..., L], state: Any, **more: Any) -> L:
    """The same local state as one of a class that has more fields."""
    return kind(**{field.name: getattr(state, field.name) for field in fields(state)}, **more)


def to_all(nodes: Iterable[Node], message: Hashable) -> Sends:
    """The same message to each of `nodes`."""
    return tuple((node, message) for node in nodes)
