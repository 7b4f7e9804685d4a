"""What an engine is asked (limits, reporter) and what it answers (an exploration).

Every engine counts the same way:

* `states` are distinct states, the initial one included;
* `generated` are the steps that explored states have, those that lead nowhere new included;
* `followed` are those of them that were taken to see where they lead: all, unless each interleaving is
  followed once;
* `depth` is the number of levels of the breadth-first search, the initial state being level 1;
* when a property is violated the level on which that was found is completed, so that all these
  numbers depend on the model alone and not on the order of the search; with `Limits.past_violations` they
  are those of the whole model, what lies behind a violation included.
"""

from __future__ import annotations

import mmap
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from checker.model.verdict import ExitCode

#: Bytes of memory that the system hands out at a time.
PAGE_SIZE = mmap.PAGESIZE
#: What libraries that are loaded on the way may take of memory, which is none of a search's.
LIBRARIES = 64 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a search ends; None means nowhere. Depth in levels, timeout in seconds, memory in bytes.

    `memory` is that of the states that are stored or, where the system tells it and it is more, what the
    process has grown by, `LIBRARIES` left aside. With `past_violations` a violation does not end it.
    """

    max_states: int | None = None
    max_depth: int | None = None
    timeout: float | None = None
    memory: int | None = None
    max_generated: int | None = None
    past_violations: bool = False


@dataclass(frozen=True, slots=True)
class Reductions:
    """What may be left out of a search without losing a view; each can be switched off.

    The first three leave out states. `ordering` leaves out none: of several orders of steps that commute it
    follows one, so all figures but `Exploration.followed` are those without it.
    Only the native engine reduces; see checker/engines/native/reductions.
    """

    fusion: bool = True
    settling: bool = True
    symmetry: bool = True
    ordering: bool = True

    @property
    def every_state(self) -> bool:
        """Whether no state may be left out: then the figures are those of the model as it is."""
        return not (self.fusion or self.settling or self.symmetry)


#: No state left out, but steps that lead where others lead.
EVERY_STATE = Reductions(fusion=False, settling=False, symmetry=False)
#: Nothing left out.
UNREDUCED = replace(EVERY_STATE, ordering=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why reductions asked for are off: fusion, symmetries by their names, settling of some roles,
    ordering, or all of them.
    """

    fusion: str | None = None
    all: str | None = None
    symmetries: tuple[tuple[tuple[str, ...], str], ...] = ()
    settling: str | None = None
    ordering: str | None = None


@dataclass(frozen=True, slots=True)
class UpToShift:
    """That states were kept up to a shift: its name, the spread, and how many obligations were checked.

    It is no option: without it such a model has no end.
    """

    name: str
    spread: int
    obligations: int

    def __str__(self) -> str:
        return f"{self.name} up to a shift (spread {self.spread}, {self.obligations:,} obligations)"


@dataclass(frozen=True, slots=True)
class Applied:
    """The reductions of a search: those that were asked for, those that were on, and why not the others.

    `symmetry` are the names of the symmetries that were used, in a group of so many `renamings`.
    `ordering` is whether of steps that commute one order was followed, which changes no figure but
    `Exploration.followed`.
    """

    asked: Reductions = UNREDUCED
    fusion: bool = False
    settling: bool = False
    symmetry: tuple[str, ...] | None = None
    renamings: int = 0
    refused: Refused = Refused()
    shift: UpToShift | None = None
    ordering: bool = False

    @property
    def none(self) -> bool:
        """Whether no state that could be had was left out: the numbers are those of the model as it is."""
        return not (self.fusion or self.settling or self.symmetry is not None)

    @property
    def all_asked(self) -> bool:
        """Whether all that leaves out states was asked for: the numbers are those of `expect.reduced`."""
        return replace(self.asked, ordering=True) == Reductions()

    def words(self) -> tuple[str, ...]:
        """For people: which reductions were on, and why one that was asked for was not."""
        lines = [] if self.shift is None else [str(self.shift)]
        if self.fusion:
            lines.append("fusion")
        elif self.refused.fusion is not None:
            lines.append(f"no fusion ({self.refused.fusion})")
        if self.settling:
            lines.append("settling")
        if self.refused.settling is not None:
            lines.append(f"no settling {self.refused.settling}")
        if self.symmetry is not None:
            lines.append(f"symmetry ({' and '.join(self.symmetry)}, {self.renamings} renamings)")
        for names, why in self.refused.symmetries:
            lines.append(f"no symmetry of {' and '.join(names)} ({why})")
        if self.ordering:
            lines.append("ordering")
        elif self.refused.ordering is not None:
            lines.append(f"no ordering ({self.refused.ordering})")
        if self.refused.all is not None:
            lines.append(f"no reduction (what one would look at makes a rule raise: {self.refused.all})")
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: a snapshot for people who wait."""

    depth: int
    states: int
    generated: int
    frontier: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Discovery:
    """A property decided by example: why, and the path (indices of steps) that shows it.

    `shortest` says whether no path has fewer steps. With fusion on a path has the fewest that others can
    see; and to the end of a terminal state that was settled there may be shorter ones. A witness of a
    `sometimes` deep in a large search may come without its path (None); `length` is then the level it was
    found on, or None if steps were fused.

    Of a run without end the steps of the path after the first `loop` repeat for ever; `length` is that of
    the way in, and of no path to such a cycle are there fewer, nor has a cycle that begins there.
    """

    property: str
    reason: str
    path: tuple[int, ...] | None
    length: int | None = None
    shortest: bool = True
    loop: int | None = None

    def __post_init__(self) -> None:
        if self.path is not None:
            object.__setattr__(self, "length", len(self.path) if self.loop is None else self.loop)


@dataclass(frozen=True, slots=True)
class Raised:
    """The model's own code went wrong: after `path` in an attempt to go on, if a rule did (else None).

    `traceback` is Python's, of the model's code alone; empty if that did not raise but answered wrongly.
    """

    reason: str
    path: tuple[int, ...] | None
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The check itself went wrong; what it had found before stands, and nothing else is known.

    `code` is USAGE if the model claims a symmetry or settling that is none, else INTERNAL. `traceback` is
    Python's, for those who mend the checker.
    """

    reason: str
    code: ExitCode
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Future:
    """What a search found of a `can-still` property: how many states are of no return.

    `bounded` are the states from which what it asks for cannot be reached but a state in which a bound
    stops a node can: these are no evidence.
    """

    lost: int
    bounded: int


@dataclass(frozen=True, slots=True)
class Waits:
    """What a search found of a temporal property: in how many states it may wait.

    Those are the states that do not show what it asks for, and in which no bound stops a node. `cyclic` are
    those of them to which a run may come back through such states, without a step that is taken finitely
    often. `answered` is whether some run comes to what is asked for, and no bound stops a node before; if
    the property is violated, it is of no interest.
    """

    states: int
    cyclic: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What a search tells of its checkpoints.

    `level` is how many levels are explored in the last one, and `states` how many states it has; None if
    there is none. `resumed` is the level that the search went on from, None if it began at the initial
    state, and `before` the seconds of work before that. `fault` says why the last one could not be
    written, and `command` is the command line that goes on.
    """

    folder: str
    level: int | None = None
    states: int | None = None
    resumed: int | None = None
    before: float = 0.0
    fault: str | None = None
    command: str = ""


@dataclass(frozen=True, slots=True)
class OnDisk:
    """The folder where a search had states in files, and how many bytes these took."""

    folder: Path
    bytes: int


@dataclass(slots=True)
class Exploration:
    """What an engine found and what it covered. `stopped` says why it gave up, None if it did not."""

    engine: str
    states: int = 0
    generated: int = 0
    #: of the steps that were generated those that were taken; all of them without `Reductions.ordering`
    followed: int = 0
    depth: int = 0
    frontier: int = 0
    #: new states on each level, the first being the initial state; they add up to `states`
    levels: list[int] = field(default_factory=list)
    seconds: float = 0.0
    stopped: str | None = None
    interrupted: bool = False
    violations: list[Discovery] = field(default_factory=list)
    witnesses: list[Discovery] = field(default_factory=list)
    raised: Raised | None = None
    failed: Failed | None = None
    #: action → number of steps generated by it
    fired: dict[str, int] = field(default_factory=dict)
    terminal: int = 0
    #: of the terminal states those in which no bound stops a node: terminal properties are judged there,
    #: and the count is kept if there are such properties
    terminal_judged: int = 0
    #: bound → number of states in which it stops some node
    cut: dict[str, int] = field(default_factory=dict)
    #: property → what was found of it when all states were known, for those about what can still be reached
    futures: dict[str, Future] = field(default_factory=dict)
    #: the same of temporal properties
    waits: dict[str, Waits] = field(default_factory=dict)
    #: assumptions of fairness, as the model says them, about steps that can be taken in no state
    idle: tuple[str, ...] = ()
    reductions: Applied = Applied()
    #: of memory
    bytes_per_state: float | None = None
    #: where states are on the disk, and how many bytes they take there
    disk: OnDisk | None = None
    #: whether a violation did not end the search
    past_violations: bool = False
    statistics: Mapping[str, Any] = field(default_factory=dict)
    #: its checkpoints, if it was asked to keep some
    kept: Kept | None = None

    @property
    def complete(self) -> bool:
        """Whether every reachable state was explored."""
        ended = (self.stopped, self.raised, self.failed)
        return all(reason is None for reason in ended) and (self.past_violations or not self._early())

    @property
    def went_past(self) -> bool:
        """Whether it went on past a violation: then it counts more than a search that ends there."""
        return self.past_violations and self._early()

    def _early(self) -> bool:
        """Whether a violation was found before all states were known."""
        return any(d.property not in self.futures and d.property not in self.waits for d in self.violations)

    def found(self, property_id: str) -> Discovery | None:
        """The example that decided a property, if there is one."""
        found = (d for d in (*self.violations, *self.witnesses) if d.property == property_id)
        return next(found, None)


def resident() -> int:
    """The bytes of memory that this process holds; 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_bytes().split()[1]
    except OSError:
        return 0
    return int(pages) * PAGE_SIZE


def out_of_time(timeout: float) -> str:
    """That so many seconds were all there were."""
    return f"the limit of {timeout:g} seconds was reached"


class Watch:
    """Looks at the clock for an engine: reports progress, and says when a limit is reached."""

    def __init__(self, limits: Limits, report: Callable[[Progress], None] | None = None) -> None:
        self.limits = limits
        self._report = report
        self._begun = time.monotonic()
        self._resident = resident()

    @property
    def seconds(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self._begun

    def look(self, so_far: Exploration, bytes_used: int = 0) -> str | None:
        """Report how far the search is; the limit it has reached, or None."""
        so_far.seconds = self.seconds
        if self._report is not None:
            self._report(
                Progress(so_far.depth, so_far.states, so_far.generated, so_far.frontier, so_far.seconds)
            )
        limits = self.limits
        if limits.max_states is not None and so_far.states >= limits.max_states:
            return f"the limit of {limits.max_states:,} states was reached"
        if limits.max_generated is not None and so_far.generated >= limits.max_generated:
            return f"the limit of {limits.max_generated:,} steps was reached"
        if limits.memory is not None and bytes_used >= limits.memory:
            return f"the limit of {limits.memory:,} bytes for states was reached"
        if limits.memory is not None and resident() - self._resident - LIBRARIES >= limits.memory:
            return f"the limit of {limits.memory:,} bytes for states and tables was reached"
        if limits.timeout is not None and so_far.seconds >= limits.timeout:
            return out_of_time(limits.timeout)
        return None

    def is_near_memory(self, bytes_used: int, part: float, more: int = 0) -> bool:
        """Whether more than a part of the memory that is allowed is taken, or will be when `more` is."""
        allowed = self.limits.memory
        if allowed is None:
            return False
        return max(bytes_used, resident() - self._resident - LIBRARIES) + more >= part * allowed

    def depth_limit(self, depth: int) -> str | None:
        """The limit on levels, if a search of this depth may not go on to the next."""
        limit = self.limits.max_depth
        return f"the limit of {limit} levels was reached" if limit is not None and depth >= limit else None
