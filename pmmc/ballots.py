"""Ballots, and the systems of them: the paper's pairs, and whole numbers (paper, sections 2.3 and 4.6).

Of whole numbers there are two systems. They differ in where a preempted leader goes on, and that is a
difference of the protocol: with `IntegerBallots` it is the paper's protocol with other names for ballots,
the same state graph; with `LeastIntegerBallots` it is not, for a leader may then overtake within a round.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol


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
        """What the order goes by: a tuple with something in it, but for BOTTOM, whose rank is ()."""
        return (self.round, self.leader) if self.round >= 0 else ()

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


#: The ballot below every other, of the round before the first; it belongs to nobody (paper, section 2.3).
BOTTOM = Ballot(-1, -1)


class BallotSystem(Protocol):
    """How leaders come by their ballots, and how these are written. All are totally ordered by `<`."""

    #: How a ballot is written, with an example.
    form: ClassVar[str]
    #: Whether the ballot above another one is in fact above it.
    rises: ClassVar[bool]

    @property
    def rounds(self) -> int | None:
        """How many ballots each leader has; None means an endless supply."""

    def ballot(self, round_number: int, leader: int) -> Ballot:
        """The ballot of a leader in a round, counted from 0."""

    def first(self, leader: int) -> Ballot:
        """The ballot a leader starts with."""

    def above(self, ballot: Ballot, leader: int) -> Ballot | None:
        """The ballot of `leader` once it has met `ballot`; None when the supply has ended."""

    def parse(self, written: object) -> Ballot | None:
        """The ballot that is written so, whether or not the supply reaches so far; None if none is."""

    def end(self, last: int, leaders: int) -> str:
        """Where the supply of so many leaders ends, in words, `last` being its last round."""


@dataclass(frozen=True, slots=True)
class PairBallots:
    """The paper's ballots, (0, leader), (1, leader), …: `rounds` of them for each leader.

    `rounds` None means an endless supply. A finite one is the bound that makes the state space
    finite: a leader that would need one more ballot retires (see `pmmc.leader.preempted`).
    """

    rounds: int | None = None
    form: ClassVar[str] = "round.leader, such as 2.1"
    rises: ClassVar[bool] = True

    def ballot(self, round_number: int, leader: int) -> Ballot:
        """The pair."""
        return Ballot(round_number, leader)

    def first(self, leader: int) -> Ballot:
        """The pair of round 0."""
        return self.ballot(0, leader)

    def above(self, ballot: Ballot, leader: int) -> Ballot | None:
        """The pair of the round after that of `ballot` (paper, section 2.4, figure 7)."""
        following = ballot.round + 1
        return self.ballot(following, leader) if self.rounds is None or following < self.rounds else None

    def parse(self, written: object) -> Ballot | None:
        """The pair from text such as `2.1`, of up to six digits each."""
        parts = written.split(".") if isinstance(written, str) else ()
        if len(parts) != 2 or not all(p.isascii() and p.isdecimal() and len(p) <= 6 for p in parts):
            return None
        return self.ballot(int(parts[0]), int(parts[1]))

    def end(self, last: int, leaders: int) -> str:
        """The last round."""
        return f"round is {last}"


#: The paper's ballots without end.
ENDLESS = PairBallots()


@dataclass(frozen=True, slots=True)
class IntegerBallot(Ballot):
    """The number leader + round · leaders. Ordered and shown as that number."""

    leaders: int

    @property
    def number(self) -> int:
        """The number itself."""
        return self.leader + self.round * self.leaders

    def rank(self) -> tuple[int, ...]:
        """The number alone."""
        return (self.number,)

    def __str__(self) -> str:
        return str(self.number)


@dataclass(frozen=True, slots=True)
class IntegerBallots:
    """Of n leaders, leader λ has λ, λ + n, λ + 2n, … (paper, section 4.6, exercise 2).

    A leader that met a number goes on with its own among the next n, as with pairs in the next round.
    `leaders` is n; `rounds` as for `PairBallots`.
    """

    leaders: int
    rounds: int | None = None
    form: ClassVar[str] = "as a whole number, such as 5"
    rises: ClassVar[bool] = True

    def ballot(self, round_number: int, leader: int) -> IntegerBallot:
        """The leader's ballot of a round: leader + n · round."""
        return IntegerBallot(round_number, leader, self.leaders)

    def first(self, leader: int) -> IntegerBallot:
        """The leader's index."""
        return self.ballot(0, leader)

    def above(self, ballot: Ballot, leader: int) -> IntegerBallot | None:
        """The leader's number of the next n."""
        return self._supplied(ballot.round + 1, leader)

    def _supplied(self, round_number: int, leader: int) -> IntegerBallot | None:
        within = self.rounds is None or round_number < self.rounds
        return self.ballot(round_number, leader) if within else None

    def parse(self, written: object) -> IntegerBallot | None:
        """The ballot of that number; every number from 0 is one."""
        if not isinstance(written, int) or isinstance(written, bool) or written < 0:
            return None
        return self.ballot(*divmod(written, self.leaders))

    def end(self, last: int, leaders: int) -> str:
        """The last number."""
        return f"ballot is {self.ballot(last, leaders - 1)}"


@dataclass(frozen=True, slots=True)
class LeastIntegerBallots(IntegerBallots):
    """A leader that has met a number goes on with the least of its own above it."""

    def above(self, ballot: Ballot, leader: int) -> IntegerBallot | None:
        """The leader's least number above."""
        if ballot == BOTTOM:
            return self._supplied(0, leader)
        (met,) = ballot.rank()
        return self._supplied((met - leader) // self.leaders + 1, leader)
