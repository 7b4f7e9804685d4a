"""Ballots other than the paper's pairs, chosen in a model file by `rules: {ballots: name}`.

What is varied is the deployment and no rule: the rules know of ballots only that they are ordered, and
whom to ask for the next one.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from checker.modelfiles.protocol import Variant
from pmmc.ballots import Ballot, IntegerBallots, LeastIntegerBallots, PairBallots
from pmmc.values import Deployment


@dataclass(frozen=True, slots=True)
class LeaderFirstBallot(Ballot):
    """The pair ordered leader first: wrong on purpose. Shown as the paper's."""

    def rank(self) -> tuple[int, ...]:
        """Leader, then round."""
        return self.leader, self.round


@dataclass(frozen=True, slots=True)
class LeaderFirstBallots(PairBallots):
    """Every ballot of a leader is above every ballot of the leaders before it, whatever the round."""

    rises: ClassVar[bool] = False

    def ballot(self, round_number: int, leader: int) -> LeaderFirstBallot:
        """The pair."""
        return LeaderFirstBallot(round_number, leader)


def integers(deployment: Deployment) -> Deployment:
    """The deployment with whole numbers as ballots."""
    ballots = IntegerBallots(len(deployment.leaders), deployment.ballots.rounds)
    return replace(deployment, ballots=ballots)


def least_integers(deployment: Deployment) -> Deployment:
    """The deployment with whole numbers as ballots, of which a leader takes the least that is enough."""
    ballots = LeastIntegerBallots(len(deployment.leaders), deployment.ballots.rounds)
    return replace(deployment, ballots=ballots)


def leader_first(deployment: Deployment) -> Deployment:
    """The deployment with ballots that are ordered leader first."""
    return replace(deployment, ballots=LeaderFirstBallots(deployment.ballots.rounds))


BALLOT_VARIANTS = (
    Variant(
        part="ballots",
        name="integers",
        role="leader",
        about="Ballots are whole numbers: of n leaders, leader λ has λ, λ + n, λ + 2n, … A preempted "
        "leader goes on with its number among the next n.",
        source="paper, section 4.6, exercise 2",
        setup=integers,
    ),
    Variant(
        part="ballots",
        name="least-integers",
        role="leader",
        about="As integers, but a preempted leader goes on with the least of its numbers that is higher.",
        source="paper, section 4.6, exercise 2, read otherwise",
        setup=least_integers,
    ),
    Variant(
        part="ballots",
        name="leader-first",
        role="leader",
        about="Ballots are ordered by leader first: wrong on purpose. A leader never gets past the ballots "
        "of one with a higher index, dead or alive.",
        source="against the paper, section 2.3: lexicographic order, round first",
        setup=leader_first,
    ),
)
