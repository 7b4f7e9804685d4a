"""Families of models that Hypothesis draws: how many there are, and what they must reach."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hunt.comparing import Outcome
from hypothesis import HealthCheck, settings

#: PMMC_EXAMPLES=1000 compares so many models of each family, other ones each time.
EXAMPLES = os.environ.get("PMMC_EXAMPLES")


def drawn(examples: int) -> settings:
    """So many models, the same ones in each run."""
    return settings(
        max_examples=int(EXAMPLES or examples),
        deadline=None,
        derandomize=EXAMPLES is None,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )


def demand_reached(reached: Sequence[Outcome], whole: int, largest: int) -> None:
    """So many of the models must have been compared as a whole, the largest of at least so many states.

    A family that no longer gets so far would find nothing where tables outgrow their fields.
    """
    found = [outcome.states for outcome in reached if outcome.how == "whole"]
    assert EXAMPLES is not None or (len(found) >= whole and max(found) >= largest), found
