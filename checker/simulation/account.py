"""What can be said of runs that found nothing, and what the runs have covered."""

from __future__ import annotations

from checker.engines.simulating import Walked
from checker.simulation.simulate import Simulated

#: Of n runs that found nothing: with 95 % confidence a run finds something with a probability below 3/n
#: (the "rule of three": (1 - p)^n ≥ 0.05 for p below -ln(0.05)/n, which is less than 3/n).
RULE_OF_THREE = 3


def bound(result: Simulated) -> float | None:
    """The bound at 95 % on the probability that a run of this scheduler shows a violation.

    It rests on whole blocks of runs alone: where a limit cuts a block short, runs that are at their ends
    are the short ones. None without such, and where something was found, or went wrong.
    """
    check, runs = result.check, result.walked.whole
    found = check.violated() or check.found.raised or check.found.failed or result.walked.untold
    return None if found or not runs else min(1.0, RULE_OF_THREE / runs)


def never_taken(walked: Walked) -> tuple[str, ...]:
    """The actions that no run took."""
    return tuple(action for action, times in walked.fired.items() if not times)


def local_steps(walked: Walked) -> tuple[int, int]:
    """How many local steps were possible in states that runs came to, and how many of them were taken."""
    return sum(walked.offered.values()), sum(walked.taken.values())
