"""A check as test cases: one for each property, and one for what the file expects of the whole model.

Every output for machines is made from these, and the pytest plugin too, so that they agree: a case
passes, or fails because something is wrong, or is an error because nothing is known. What is not
known is never passed over.

A model that is wrong on purpose (`expect: {verdict: violated, property: R1}`) passes if R1 is violated.
Its other properties are then no cases: the search ends with the violation, so nothing is known of them;
unless what is violated is judged when all states are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from checker.checking.judgement import PropertyResult, is_shortest
from checker.checking.result import CheckResult
from checker.model.behaviour import Trace
from checker.model.properties import On, Property
from checker.model.verdict import Verdict
from checker.text.narrative import headline, narrate
from checker.text.report import closing, of_code
from checker.text.runs import so_long
from checker.traces.retrace import readable

if TYPE_CHECKING:
    from checker.modelfiles.schema import Expect

#: The last case of a model: with and without `expect` in its file.
EXPECT, COVERAGE = "expect", "coverage"


class Outcome(Enum):
    """How a case went."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing asked of a model. `type` and `message` (one line) say what is wrong, `text` shows it."""

    name: str
    group: str
    outcome: Outcome = Outcome.PASSED
    type: str = ""
    message: str = ""
    text: str = ""
    trace: Trace | None = None


def listed(properties: Sequence[Property], expect: Expect | None) -> tuple[Property, ...]:
    """The properties that are cases of their own; see the head of this module."""
    if expect is None or expect.verdict is not Verdict.VIOLATED:
        return tuple(properties)
    expected = tuple(p for p in properties if p.id == expect.property)
    last = any(p.kind.goal or p.kind.on in (On.FUTURE, On.RUN) for p in expected)
    return tuple(properties) if last else expected


def whole_name(expect: Expect | None) -> str:
    """The name of the case that is about the whole model."""
    return COVERAGE if expect is None else EXPECT


def cases(result: CheckResult) -> list[Case]:
    """All cases of a check."""
    expect = _expectation(result)
    wanted = {p.id for p in listed([p.claim for p in result.judged.properties], expect)}
    about = [_of_property(result, p) for p in result.judged.properties if p.id in wanted]
    return [*about, _of_whole(result)]


def _expectation(result: CheckResult) -> Expect | None:
    """What the model file expects, unless an option made the question another one."""
    not_applied = result.judged.not_applied
    return None if not_applied is not None and not_applied != result.found.stopped else result.expect


def _of_property(result: CheckResult, p: PropertyResult) -> Case:
    group = p.kind.value
    expect = _expectation(result)
    wanted = expect is not None and expect.verdict is Verdict.VIOLATED and expect.property == p.id
    trace = _trace(result, p.id)
    if p.verdict is Verdict.INCONCLUSIVE and not (wanted and result.violated()):
        message = f"{p.id} is undecided: {why_undecided(result, p)}"
        return Case(p.id, group, Outcome.ERROR, "Inconclusive", message, _elsewhere(result))
    if wanted and p.verdict is not Verdict.VIOLATED:
        message = f"{p.id} was expected to be violated; it is {_instead(result, p)}"
        trace = next((_trace(result, v.id) for v in result.violated() if v.id in result.traces), None)
        text = _text(result, trace)
        return Case(p.id, group, Outcome.FAILED, "NotViolated", message, text, trace)
    if wanted or p.verdict is Verdict.VERIFIED:
        return Case(p.id, group, trace=trace)
    long = so_long(p)
    steps = "" if long is None else f" after {long}"
    message = f"{p.id} violated{steps}: {p.reason}"
    text = _text(result, trace)
    return Case(p.id, group, Outcome.FAILED, p.kind.failure, message, text, trace)


def _instead(result: CheckResult, p: PropertyResult) -> str:
    if p.verdict is Verdict.VERIFIED:
        return "verified"
    return f"undecided, as {' and '.join(v.id for v in result.violated())} is violated first"


def why_undecided(result: CheckResult, p: PropertyResult) -> str:
    """Why nothing is known of a property."""
    found = result.found
    if p.reason is not None:
        return p.reason
    if found.stopped is not None:
        return found.stopped
    if found.raised is not None:
        return "the model's own code raised"
    if found.failed is not None:
        return found.failed.reason
    return f"the search ended with the violation of {' and '.join(v.id for v in result.violated())}"


def _of_whole(result: CheckResult) -> Case:
    found, judged = result.found, result.judged
    name, group = whole_name(_expectation(result)), "model"
    if found.raised is not None:
        trace = None if result.raised is None else readable(result.raised)
        text = _text(result, trace)
        return Case(name, group, Outcome.FAILED, "ModelRaised", found.raised.reason, text, trace)
    if found.failed is not None:
        text = _text(result, None)
        return Case(name, group, Outcome.ERROR, "CheckFailed", found.failed.reason, text)
    if judged.unmet:
        message = "; ".join(judged.unmet)
        text = _text(result, None)
        return Case(name, group, Outcome.FAILED, "ExpectationUnmet", message, text)
    if not found.complete and not judged.as_expected:
        ended = "the search ended with a violation"
        message = f"{name} is undecided: {found.stopped or ended}"
        return Case(name, group, Outcome.ERROR, "Inconclusive", message, _elsewhere(result))
    return Case(name, group)


def _trace(result: CheckResult, key: str) -> Trace | None:
    """The trace that decides a property, in the order that reads best; None if there is none."""
    trace = result.traces.get(key)
    return None if trace is None else readable(trace)


def _elsewhere(result: CheckResult) -> str:
    """What is shown where nothing is known: no more than a hint if another case shows it all."""
    if result.found.stopped is None and result.violated():
        return f"see {' and '.join(p.id for p in result.violated())}, of the same model"
    return _text(result, None)


def _text(result: CheckResult, trace: Trace | None) -> str:
    """The trace, if there is one, and the closing block, which ends with how to get it again."""
    lines: list[str] = []
    if trace is not None:
        lines += [*headline(trace, result.file, shortest=is_shortest(result.found, trace.claim)), ""]
        lines += [*narrate(trace, replay=result.replay(trace)), ""]
    if trace is None or trace.claim is None:
        lines += of_code(result)
    return "\n".join([*lines, *closing(result, verbose=True)])
