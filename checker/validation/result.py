"""What came of holding logs against a model: all that is told of it, by whatever output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from checker.model.verdict import ExitCode
from checker.model.wire import Json
from checker.validation.along import Finding

if TYPE_CHECKING:
    from checker.model.behaviour import Trace
    from checker.validation.coverage import Coverage


class Why(Enum):
    """In which way an event does not fit."""

    RULE = "no rule makes this step"
    BEGINNING = "the node does not begin so"
    AGAIN = "the node has begun before"
    RECOVERY = "stable storage did not hold this"
    NEVER_SENT = "never sent"
    TOO_OFTEN = "taken more often than it was sent"
    ORDER = "out of order"
    CYCLE = "taken before it was sent"
    OTHER_RULE = "another rule makes this step"


class Difference(NamedTuple):
    """A field of a state: what the rule makes it, and what the log says."""

    field: str
    rule: Json
    log: Json


class Outcome(NamedTuple):
    """What a rule makes of a step: the state as JSON, and the sends as (to, message)."""

    state: Json
    sends: tuple[tuple[str, Json], ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first event of a node that does not fit, and what would have.

    `place` is FILE:LINE. `taken` is what the node took (None: nothing that is a message). `outcomes` are
    what the rule makes of it; `sends` and `state` are what the log says, and `differences` how far they
    are apart. `nearest` says which other message would have fitted, or was sent.
    """

    why: Why
    node: str
    place: str
    seq: int
    event: str
    reason: str
    taken: Json = None
    before: Json = None
    outcomes: tuple[Outcome, ...] = ()
    sends: tuple[tuple[str, Json], ...] = ()
    state: Json = None
    differences: tuple[Difference, ...] = ()
    nearest: str | None = None


@dataclass(slots=True)
class OtherRule:
    """Steps of a node that its rules do not make and another known rule does.

    How many there are, where the first `MOST_PLACES` of them are, and what the node's own rule makes of the
    first.
    """

    misfit: Misfit
    times: int = 0
    places: list[str] = field(default_factory=list)


#: Steps by another rule of which it is told where they are.
MOST_PLACES = 20


@dataclass(slots=True)
class NodeResult:
    """How far the log of a node fits: so many of its events and steps, up to `misfit` or all.

    `others` are more events of it that do not fit, `explained` the steps that other rules make, by the
    names of these. `assumed` are steps that were put in.
    """

    node: str
    role: str
    events: int = 0
    steps: int = 0
    fitting: int = 0
    states: int = 0
    misfit: Misfit | None = None
    others: int = 0
    assumed: int = 0
    recovered: int = 0
    unproven: int = 0
    explained: dict[str, OtherRule] = field(default_factory=dict)


def _placed(other: OtherRule) -> tuple[str, int]:
    """Where the first of some steps is: the file, and the line."""
    file, _, line = other.places[0].rpartition(":")
    return file, int(line)


@dataclass(slots=True)
class Validated:
    """All that is known of logs. `stopped` is the limit that ended it.

    `unlogged` are nodes that take part and have no log; `torn` lines that were cut short and accepted, as
    FILE:LINE; `judged` properties, over `judged_states`; `left_out` properties that were not, and why.
    """

    model: str
    files: tuple[str, ...]
    size: int
    nodes: list[NodeResult] = field(default_factory=list)
    events: int = 0
    bytes_read: int = 0
    seconds: float = 0.0
    unlogged: tuple[str, ...] = ()
    torn: tuple[str, ...] = ()
    sent: int = 0
    in_flight: int = 0
    network: str = ""
    judged: tuple[str, ...] = ()
    judged_states: int = 0
    ambiguous: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    reached: Mapping[str, int] = field(default_factory=dict)
    account: tuple[str, ...] = ()
    stopped: str | None = None
    interrupted: bool = False
    coverage: Coverage | None = None
    trace: Trace | None = None
    no_trace: str | None = None
    trace_file: str | None = None
    way_file: str | None = None

    @property
    def misfits(self) -> list[Misfit]:
        """The first one of each node, in the order in which they were come upon."""
        return [node.misfit for node in self.nodes if node.misfit is not None]

    @property
    def steps(self) -> int:
        """Steps that were replayed."""
        return sum(node.steps for node in self.nodes)

    @property
    def explained(self) -> Mapping[str, list[OtherRule]]:
        """The steps that only other rules make, by the names of these, of one node after the other.

        The node that has the first one, by its place in the logs, comes first.
        """
        found: dict[str, list[OtherRule]] = {}
        for node in self.nodes:
            for name, other in node.explained.items():
                found.setdefault(name, []).append(other)
        return {name: sorted(others, key=_placed) for name, others in found.items()}

    @property
    def code(self) -> ExitCode:
        """The exit code."""
        if self.findings:
            return min(finding.claim.kind.code for finding in self.findings)
        if self.misfits or self.explained:
            return ExitCode.UNMET
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.stopped is not None:
            return ExitCode.INCONCLUSIVE
        return ExitCode.OK if self.steps else ExitCode.UNMET

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if self.findings:
            return "violated"
        if self.misfits or self.explained:
            return "does not fit"
        if self.interrupted:
            return "interrupted"
        if self.stopped is not None:
            return "inconclusive"
        return "fits" if self.steps else "nothing to validate"
