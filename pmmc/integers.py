"""Ballots that are whole numbers: of n leaders, leader λ has λ, λ + n, λ + 2n, …

(Paper, section 4.6, exercise 2.)

Two systems of them. They differ in where a preempted leader goes on, and that is a difference of the
protocol: with `IntegerBallots` it is the paper's protocol with other names for ballots, the same state
graph; with `LeastIntegerBallots` it is not, for a leader may then overtake within a round.
"""

from dataclasses import dataclass

from pmmc.values import BOTTOM, Ballot


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
    """A leader that met a number goes on with its own among the next n, as with pairs in the next round.

    `leaders` is n; `rounds` as for `PairBallots`.
    """

    leaders: int
    rounds: int | None = None

    def ballot(self, number: int, leader: int) -> IntegerBallot:
        """The leader's ballot of round `number`: the leader's index + n · `number`."""
        return IntegerBallot(number, leader, self.leaders)

    def first(self, leader: int) -> IntegerBallot:
        """The leader's index."""
        return self.ballot(0, leader)

    def above(self, ballot: Ballot, leader: int) -> IntegerBallot | None:
        """The leader's number of the next n."""
        return self._supplied(ballot.round + 1, leader)

    def _supplied(self, number: int, leader: int) -> IntegerBallot | None:
        return self.ballot(number, leader) if self.rounds is None or number < self.rounds else None


@dataclass(frozen=True, slots=True)
class LeastIntegerBallots(IntegerBallots):
    """A leader that has met a number goes on with the least of its own above it."""

    def above(self, ballot: Ballot, leader: int) -> IntegerBallot | None:
        """The leader's least number above."""
        if ballot == BOTTOM:
            return self._supplied(0, leader)
        (met,) = ballot.rank()
        return self._supplied((met - leader) // self.leaders + 1, leader)
