"""Rounds of ballots: a finite supply of them, or one without end of which only the differences matter."""

from dataclasses import replace

from checker.model.shift import Shift
from checker.modelfiles.complaints import Objection
from pmmc.ballots import Ballot
from spec.schema import ENDLESS, PmmcModel


def supply(model: PmmcModel) -> int | None:
    """How many ballots each leader has; None means an endless supply."""
    rounds = model.bounds.rounds
    return None if rounds == ENDLESS else int(rounds)


def read_shift(model: PmmcModel, wrong: list[Objection]) -> Shift | None:
    """What is claimed of rounds without end: that rules compare them, and take the next one.

    None if the supply has an end. Objects to a spread where there is no use for it, and to none where one
    is needed.
    """
    spread = model.bounds.spread
    if supply(model) is not None:
        if spread is not None:
            message = f"a spread is for rounds without end, 'rounds: {ENDLESS}'"
            wrong.append(Objection(("bounds", "spread"), message, key=True))
        return None
    if spread is None:
        message = f"'rounds: {ENDLESS}' needs a 'spread': how far apart the rounds in one state may be"
        wrong.append(Objection(("bounds", "rounds"), message))
        return None
    return Shift("rounds", Ballot, round_of, later, spread)


def round_of(ballot: Ballot) -> int | None:
    """The round of a ballot; ⊥ has none."""
    return ballot.round if ballot.round >= 0 else None


def later(ballot: Ballot, rounds: int) -> Ballot:
    """The ballot of the same leader so many rounds on."""
    return replace(ballot, round=ballot.round + rounds)
