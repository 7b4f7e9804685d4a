"""What a run came to: what was asked and answered, what it took, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from checker.model.deployed import Acknowledged

#: The shares of answers of which it is told how long they took.
SHARES = (50, 90, 99, 100)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run with a load. `seconds` is how long the load took, `counted` what all processes counted.

    `wrong` is what the run's own examination found; `quiet` whether the replicas came to be equal in time;
    `stopped` whether it was interrupted, `failed` what ended it before its time. `examined` says what was
    looked at, in words; nothing if nothing was. `settled` is how long the replicas took to become equal at
    the end, None if nobody waited for that.
    """

    asked: int
    acknowledged: Sequence[Acknowledged]
    seconds: float
    kills: Mapping[str, int]
    counted: Mapping[str, float]
    wrong: Sequence[str] = ()
    quiet: bool = True
    stopped: bool = False
    failed: str | None = None
    settled: float | None = None
    examined: str = ""
    latencies: Sequence[float] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "latencies", sorted(one.ended - one.began for one in self.acknowledged))

    @property
    def done(self) -> int:
        """How many commands were acknowledged."""
        return len(self.acknowledged)

    @property
    def ok(self) -> bool:
        """Whether all that was asked was answered, and nothing was found to be wrong."""
        finished = self.done == self.asked and self.quiet and not self.stopped
        return finished and bool(self.examined) and not self.wrong and self.failed is None

    def latency(self, share: int) -> float:
        """The time in which so many per cent of the answers came; 0 if none did."""
        if not self.latencies:
            return 0.0
        return self.latencies[min(len(self.latencies) - 1, len(self.latencies) * share // 100)]

    def each(self, *names: str) -> float:
        """What was counted under these names, for each command that was acknowledged."""
        return sum(self.counted.get(name, 0.0) for name in names) / max(1, self.done)
