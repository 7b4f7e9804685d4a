"""An implementation asked all vectors of a suite, and its answers compared with those of the rules.

It is asked everything twice, the second time the other way round and, where several processes run, each by
another one: what it answers may depend on the request alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from checker.conformance.comparing import Comparing, Difference, WrongShape
from checker.conformance.rules import Rules
from checker.conformance.suite import NoVectors, Suite, Vector
from checker.implementations.pool import Fault
from checker.model.modelcode import CodeError
from checker.model.wire import Json, WireFault

#: Requests that are asked at a time; between two such batches it is told how far it is.
BATCH = 1024


class Asked(Protocol):
    """An implementation: answers requests, in order, with a JSON object each, or with a Fault.

    With `again` they were asked before, and others of its processes are asked where there are some.
    """

    def __call__(self, requests: Sequence[Json], *, again: bool = False) -> Sequence[Json | Fault]:
        """The answers."""


class Fate(Enum):
    """What became of a vector."""

    PASSED = "passed"
    #: the answer is another one than that of the rules
    DIFFERS = "differs"
    #: there was no answer, or it was none, or asked again it was another one
    WRONG = "went wrong"


@dataclass(frozen=True, slots=True)
class Failure:
    """A vector that was not passed: in which fields the answer differs, or what went wrong."""

    vector: Vector
    fate: Fate
    differences: tuple[Difference, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the vectors of some roles: how many there are, and passed, by role; and the failures.

    Failures are in the order of the vectors, those after the shortest runs first. `asked` are how many were
    asked at least once: it is not all of them if the run was `interrupted`.
    """

    suite: Suite
    command: str
    vectors: dict[str, int]
    passed: dict[str, int]
    failures: tuple[Failure, ...]
    asked: int
    interrupted: bool = False

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return sum(self.vectors.values())

    @property
    def all_passed(self) -> bool:
        """Whether every vector was asked, twice, and passed, and there was one."""
        ended = not self.interrupted and not self.failures
        return ended and self.count > 0 and sum(self.passed.values()) == self.count

    @property
    def went_wrong(self) -> bool:
        """Whether some answer was none."""
        return any(failure.fate is Fate.WRONG for failure in self.failures)


def require_fresh(suite: Suite, rules: Rules) -> None:
    """Raise NoVectors if the rules of this version answer otherwise than the vectors say."""
    stale = [vector for vector in suite.vectors if not _says(rules, vector)]
    if stale or suite.manifest["config"] != rules.wire.config():
        first = f"; the first is vector {stale[0].id}, of {stale[0].node}" if stale else ""
        raise NoVectors(
            f"the vectors are stale: version {suite.manifest['version']} wrote them, and by the rules of "
            f"this version {len(stale):,} of {len(suite.vectors):,} are others{first}: write them anew"
        )


def _says(rules: Rules, vector: Vector) -> bool:
    """Whether the rules answer what a vector says they do."""
    try:
        wanted = rules.answer(vector.request)
        return not _differences(rules, vector, vector.answer, wanted)
    except (WireFault, WrongShape, CodeError, KeyError, TypeError):
        return False


def _differences(rules: Rules, vector: Vector, expected: Json, came: Json) -> Sequence[Difference]:
    """What one answer to a vector has otherwise than another. Raises WrongShape."""
    comparing = Comparing(rules.wire, ordered=not rules.system.network.unordered)
    return comparing.differences(vector.request["do"], expected, came, rules.like(vector.node))


def conform(
    suite: Suite,
    rules: Rules,
    ask: Asked,
    *,
    command: str = "",
    roles: Sequence[str] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Ask all vectors of some roles, and compare. Raises NoVectors for vectors that are stale, or none.

    `report` is told how many of how many requests are answered. A KeyboardInterrupt ends it with what is
    known by then.
    """
    require_fresh(suite, rules)
    vectors = suite.of_roles(roles)
    if not vectors:
        raise NoVectors("there are no vectors of that role")
    fates: dict[int, Failure | None] = {}
    first: dict[int, Json | Fault] = {}
    interrupted = False
    try:
        for batch in _batches(vectors):
            for vector, answer in zip(batch, ask([v.request for v in batch]), strict=True):
                first[vector.id] = answer
                fates[vector.id] = _judged(rules, vector, answer)
            if report is not None:
                report(len(first), 2 * len(vectors))
        for batch in _batches(vectors[::-1]):
            for vector, answer in zip(batch, ask([v.request for v in batch], again=True), strict=True):
                failure = fates[vector.id]
                if failure is None or failure.fate is Fate.DIFFERS:
                    fates[vector.id] = _judged_again(rules, vector, first[vector.id], answer) or failure
            if report is not None:
                report(len(first) + len(batch), 2 * len(vectors))
    except KeyboardInterrupt:
        interrupted = True
    return _outcome(suite, command, vectors, fates, interrupted=interrupted)


def _batches(vectors: Sequence[Vector]) -> Iterator[Sequence[Vector]]:
    for at in range(0, len(vectors), BATCH):
        yield vectors[at : at + BATCH]


def _judged(rules: Rules, vector: Vector, answer: Json | Fault) -> Failure | None:
    if isinstance(answer, Fault):
        return Failure(vector, Fate.WRONG, trouble=answer.text)
    try:
        found = _differences(rules, vector, vector.answer, answer)
    except WrongShape as wrong:
        return Failure(vector, Fate.WRONG, trouble=str(wrong))
    return Failure(vector, Fate.DIFFERS, tuple(found)) if found else None


def _judged_again(
    rules: Rules, vector: Vector, before: Json | Fault, answer: Json | Fault
) -> Failure | None:
    """What is wrong if it does not answer the second time what it answered the first time."""
    if isinstance(answer, Fault):
        return Failure(vector, Fate.WRONG, trouble=f"asked again: {answer.text}")
    try:
        found = _differences(rules, vector, before, answer)
    except WrongShape as wrong:
        return Failure(vector, Fate.WRONG, trouble=f"asked again, {wrong}")
    if not found:
        return None
    told = "; ".join(map(str, found))
    return Failure(vector, Fate.WRONG, trouble=f"asked again, it answered otherwise ({told})")


def _outcome(
    suite: Suite,
    command: str,
    vectors: Sequence[Vector],
    fates: dict[int, Failure | None],
    *,
    interrupted: bool,
) -> Outcome:
    counts: dict[str, int] = {}
    passed: dict[str, int] = {}
    for vector in vectors:
        counts[vector.role] = counts.get(vector.role, 0) + 1
        good = vector.id in fates and fates[vector.id] is None
        passed[vector.role] = passed.get(vector.role, 0) + good
    failures = tuple(failure for vector in vectors if (failure := fates.get(vector.id)) is not None)
    return Outcome(suite, command, counts, passed, failures, len(fates), interrupted)
