"""What a simulation is asked, and what it answers: random walks through a model, each from its initial
state.

A *run* is one walk; it has a number, from 0. What it does depends on the seed, its number and the model
alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from checker.engines.contract import Raised

#: The schedulers by name; in a mix every third run is by each of them.
SCHEDULERS = ("mix", "uniform", "pct", "swarm")
#: Runs after which it is counted how many states were new.
BLOCK = 1000
MOST_RUNS, MOST_STEPS, MOST_SEED, MOST_DEPTH = 10**15, 10**9, 2**63 - 1, 64
#: Which numbers there may be, the least and the most.
LIMITS = (
    ("runs", 1, MOST_RUNS),
    ("steps", 1, MOST_STEPS),
    ("seed", 0, MOST_SEED),
    ("depth", 1, MOST_DEPTH),
    ("workers", 1, 256),
)
#: How a run may end, in words.
ENDS = {
    "length": "after as many steps as a run may have",
    "terminal": "where nothing leads on",
    "bound": "where nothing leads on because a bound stops a node",
    "left out": "where only actions that the run leaves out lead on",
    "shown": "at a step that violates a property",
    "raised": "where the model's own code raises",
}


@dataclass(frozen=True, slots=True)
class Walks:
    """How to walk: how many runs, of how many steps at most, by which scheduler, from which seed.

    `depth` is PCT's: one more than its points of change. `memory` is a limit in bytes for tables and states
    together; `timeout` one in seconds. With `past_violations` a violation does not end it.

    Raises ValueError for numbers below 1 (the seed: below 0), and for those that are too large.
    """

    runs: int = 10_000
    steps: int = 1_000
    seed: int = 0
    scheduler: str = "mix"
    depth: int = 3
    workers: int = 1
    timeout: float | None = None
    memory: int = 2 << 30
    past_violations: bool = False

    def __post_init__(self) -> None:
        for name, least, most in LIMITS:
            given = getattr(self, name)
            if not least <= given <= most:
                raise ValueError(f"{name} is {given:,}, and not from {least} to {most:,}")
        if self.scheduler not in SCHEDULERS:
            raise ValueError(f"no scheduler is called {self.scheduler}; there are {', '.join(SCHEDULERS)}")


class Event(NamedTuple):
    """What a step of a run is: of several steps that a node may take on one message, or wake, which one."""

    node: int
    message: Hashable | None
    which: int
    lost: bool
    sender: Hashable | None


@dataclass(frozen=True, slots=True)
class Sighted:
    """That a run shows something of a property after these events (None: where the model's code raises)."""

    property: str | None
    run: int
    events: tuple[Event, ...]


@dataclass(slots=True)
class Walked:
    """What came of it, after so many runs that are at their ends.

    A limit may cut a block short: then some of its runs were `unfinished`, whose steps count, too. Those
    that came to their ends before are the short ones, so what is said of all runs rests on `whole` alone,
    the runs of whole blocks.
    """

    asked: Walks
    runs: int = 0
    whole: int = 0
    unfinished: int = 0
    steps: int = 0
    longest: int = 0
    states: int = 0
    #: the number of different states after each whole block, as long as they were counted
    counted: list[int] = field(default_factory=list)
    #: runs whose states were counted; less than `runs` if memory did not suffice
    counted_runs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    fired: dict[str, int] = field(default_factory=dict)
    #: action → local steps that could have been taken, and those that were
    offered: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    sighted: list[Sighted] = field(default_factory=list)
    #: goals that were reached, and what was found; and the runs that came to them
    reached: dict[str, str] = field(default_factory=dict)
    witnesses: list[Sighted] = field(default_factory=list)
    #: some runs that came to an end by themselves, on which temporal properties can be judged
    ended_runs: list[Sighted] = field(default_factory=list)
    ended_states_judged: int = 0
    #: properties that were seen violated, or reached, by runs that could not be told any more
    untold: list[str] = field(default_factory=list)
    seconds: float = 0.0
    tables_dropped: int = 0
    stopped: str | None = None
    interrupted: bool = False
    raised: Raised | None = None
    #: the property for which a run is being shortened, and how many steps are left of it
    shortening: tuple[str, int] | None = None

    @property
    def fresh(self) -> tuple[int, int]:
        """How many states the last block of runs found that were new, and how many runs that were."""
        if not self.counted:
            return 0, 0
        before = self.counted[-2] if len(self.counted) > 1 else 0
        return self.counted[-1] - before, self.counted_runs - BLOCK * (len(self.counted) - 1)


Report = Callable[[Walked], None]
