"""How many essentially different counterexamples there are, of those with the fewest steps.

Two counterexamples are the same story if every node takes the same steps in the same order in both: then
they differ by the order of steps that do not depend on each other. So are two that a symmetry of the
model turns into such. One with the fewest steps is its own slice: were there a step that it does not need,
there would be one with fewer. So what is counted is slices as well as traces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checker.engines.contract import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from checker.model.behaviour import Trace

#: Where the search for others gives up if nothing else is asked for.
LIMITS = Limits(max_states=500_000, timeout=60.0)


@dataclass(frozen=True, slots=True)
class Story:
    """One of several essentially different counterexamples.

    `trace` is one of those that it stands for, replayed and judged anew. Its steps can be taken in `orders`
    ways (None: not counted, there are too many), and `images` are the stories that symmetries make of it,
    itself included.
    """

    trace: Trace
    orders: int | None
    images: int


@dataclass(frozen=True, slots=True)
class Different:
    """What was found: all different counterexamples with `length` steps or, if it `stopped`, some of them.

    No counterexample has fewer steps. `found` are as many as there are; of these `stories` holds at most so
    many as were asked for. `stopped` says why there may be more (None: these are all). `symmetries` are the
    names of those up to which was counted; `states` so many were looked at.
    """

    length: int
    stories: tuple[Story, ...]
    found: int
    stopped: str | None = None
    symmetries: tuple[str, ...] = ()
    states: int = 0
    seconds: float = 0.0


def different(
    trace: Trace,
    most: int = 10,
    limits: Limits = LIMITS,
    report: Callable[[int, int], None] | None = None,
) -> Different:
    """The essentially different counterexamples to what `trace` shows, at most `most` of them told.

    `trace` is the first of them if it has the fewest steps. `report` is told now and then how many states
    were looked at and how many stories were found. Raises ValueError for a trace that shows no property, or
    one of runs, and KeyboardInterrupt.
    """
    raise NotImplementedError
