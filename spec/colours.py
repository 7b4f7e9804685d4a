"""Colours of drawings: messages of one ballot have one colour."""

from typing import Any

from checker.model.environment.partitions import Crossing
from checker.model.vocabulary import Addressed, Colouring, Envelope
from pmmc.ballots import Ballot
from pmmc.messages import P1a, P1b, P2a, P2b


def ballot_of(message: Any) -> Ballot | None:
    """The ballot that a message belongs to; for a reply the one it answers, whatever it says about it."""
    match message:
        case P1a(ballot=ballot) | P1b(ballot=ballot) | P2b(ballot=ballot):
            return ballot
        case P2a(pvalue=pvalue):
            return pvalue.ballot
        case Crossing(message=inner) | Envelope(message=inner) | Addressed(message=inner):
            return ballot_of(inner)
    return None


BALLOTS = Colouring("ballot", ballot_of)
