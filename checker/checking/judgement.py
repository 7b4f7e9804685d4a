"""From an exploration to verdicts, unmet expectations and an exit code: the rules, all in one place.

Verdict of a property:

* an example was found: violated, or verified if the property is a `sometimes`;
* the whole bounded model was explored without one: verified, or violated if it is a `sometimes`;
* a role that the property reads does not take part, the search ended early, the property is about
  terminal states and was judged in none, it is about what can still be reached and behind every state
  a bound was hit, or it is about runs and none comes to what it asks for, or something is assumed of steps
  that can be taken nowhere: inconclusive.

Verdict of a model: violated if a property is; else inconclusive if a property is, if there is none,
if the model's code raised, or if the check failed; else verified.

Exit code of a model: 130 interrupted; else the smallest of 11 to 14 that is not expected; else 70 or 2 if
the check failed; else 10 if anything is unmet; else 20 if a limit left something open; else 0. A violation
that the model file expects is no finding. Of several models, and of what could not be written, the worst
counts, in the order of `WORST_FIRST`: what was found comes before what went wrong.

A search that goes on past violations judges every property. Its verdict is that of a search that the first
violation ends, and its exit code by the same rules that of all violations that it finds. The one that
`expect` names may lie behind another; what it says of states, depth and coverage is about a search that
ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checker.engines.contract import Exploration
from checker.model.behaviour import Trace
from checker.model.processes import roles_of
from checker.model.properties import Asks, Kind, On, Property
from checker.model.system import System
from checker.model.verdict import ExitCode, Verdict

if TYPE_CHECKING:
    from checker.modelfiles.schema import Expect, Reduced

#: Exit codes by precedence when several models are checked: the first one that occurs is the answer.
#: A finding was replayed and confirmed, so trouble with another model, or with a file that cannot be
#: written, takes nothing from it: it must not hide it either.
WORST_FIRST = (
    ExitCode.INTERRUPTED,
    ExitCode.DEADLOCK,
    ExitCode.SAFETY,
    ExitCode.LIVENESS,
    ExitCode.MODEL_RAISED,
    ExitCode.INTERNAL,
    ExitCode.UNMET,
    ExitCode.USAGE,
    ExitCode.INCONCLUSIVE,
    ExitCode.OK,
)


@dataclass(frozen=True, slots=True)
class PropertyResult:
    """What is known of one property after a check.

    `path` shows it where an example decided it, and `length` is the number of its steps. Both may be
    unknown of a `sometimes` that was reached deep in a large search. Of an example without end the steps
    after the first `loop` repeat for ever, and `length` is that of the way in.
    """

    claim: Property
    verdict: Verdict
    reason: str | None = None
    path: tuple[int, ...] | None = None
    length: int | None = None
    loop: int | None = None

    @property
    def cycle(self) -> int | None:
        """How many steps repeat for ever; None if the example ends, or there is none."""
        return None if self.loop is None or self.path is None else len(self.path) - self.loop

    @property
    def id(self) -> str:
        """The property's id."""
        return self.claim.id

    @property
    def kind(self) -> Kind:
        """When the property is judged."""
        return self.claim.kind


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that follows from an exploration.

    `as_expected` is None if the model file expects nothing, or what it expects was not asked; the
    latter is explained by `not_applied`.
    """

    properties: tuple[PropertyResult, ...]
    verdict: Verdict
    unmet: tuple[str, ...]
    as_expected: bool | None
    not_applied: str | None
    exit_code: ExitCode


def judge(
    system: System,
    found: Exploration,
    traces: Mapping[str, Trace],
    expect: Expect | None = None,
    question_changed: str | None = None,
    *,
    content: str = "",
) -> Judgement:
    """Apply the rules of this module.

    `traces` are the confirmed examples by property. `question_changed` names the option that makes
    the check ask something else than the model file does; what the file expects is then left aside.
    `content` is the hash of what the model file says, see `loading.content_hash`.
    """
    properties = tuple(_property_result(system, p, found, traces.get(p.id)) for p in system.properties)
    verdict = _verdict(properties, found)
    not_applied = None
    if expect is not None:
        not_applied = question_changed
        cut_short = found.stopped or (found.failed and found.failed.reason)
        if not_applied is None and cut_short and verdict is Verdict.INCONCLUSIVE:
            not_applied = cut_short
    applied = expect if not_applied is None else None
    # what lies behind a violation is told, and held against nobody
    is_whole = found.complete and not found.went_past
    unmet = (
        *_nothing_checked(properties, is_whole=is_whole),
        *([f"the model raised: {found.raised.reason}"] if found.raised and applied else []),
        *([found.failed.reason] if found.failed and applied else []),
        *(_differences(applied, verdict, properties, found) if applied else ()),
        *(_changed(applied, content) if applied else ()),
        *(() if found.went_past else _unreached(applied, properties)),
        *(_coverage(expect, applied, found) if is_whole else ()),
    )
    return Judgement(
        properties,
        verdict,
        unmet,
        as_expected=None if applied is None else not unmet,
        not_applied=not_applied,
        exit_code=_exit_code(applied, verdict, properties, found, unmet),
    )


def combine(codes: Iterable[ExitCode]) -> ExitCode:
    """The exit code for several models: the worst by `WORST_FIRST`; OK if there are none."""
    present = set(codes)
    return next((code for code in WORST_FIRST if code in present), ExitCode.OK)


def _property_result(
    system: System, claim: Property, found: Exploration, trace: Trace | None
) -> PropertyResult:
    goal = claim.kind.goal
    if trace is not None:
        verdict = Verdict.VERIFIED if goal else Verdict.VIOLATED
        length = len(trace.path) if trace.loop is None else trace.loop
        return PropertyResult(claim, verdict, trace.reason, trace.path, length, trace.loop)
    reached = found.found(claim.id) if goal else None
    if reached is not None:
        return PropertyResult(claim, Verdict.VERIFIED, reached.reason, None, reached.length)
    nothing = _nothing_to_judge(system, claim, found)
    if nothing is not None or not found.complete:
        return PropertyResult(claim, Verdict.INCONCLUSIVE, nothing)
    if goal:
        return PropertyResult(claim, Verdict.VIOLATED, "no reachable state of the bounded model shows it")
    return PropertyResult(claim, Verdict.VERIFIED)


def _nothing_to_judge(system: System, claim: Property, found: Exploration) -> str | None:
    """Why there was nothing to judge a property on; None if there was, or may have been."""
    present = roles_of(system.members)
    absent = next((view.role for view in claim.views if view.role not in present), None)
    if absent is not None:
        return f"nothing to judge: it reads the role {absent}, and no {absent} takes part"
    if claim.kind.on is On.FUTURE and found.complete:
        return _nothing_ahead(claim, found)
    if claim.kind.on is On.RUN and found.complete:
        return _nothing_of_runs(system, claim, found)
    if claim.kind.on is not On.END or found.terminal_judged or not found.complete:
        return None
    if not found.terminal:
        return "nothing to judge: there is no terminal state"
    bounds = " and ".join(found.cut)
    return f"nothing to judge: in every terminal state the bound on {bounds} keeps a node from going on"


def _nothing_ahead(claim: Property, found: Exploration) -> str | None:
    """Why it is not known of any state that what a property asks for can be reached from there."""
    ahead = found.futures.get(claim.id)
    if ahead is None:
        return "nothing to judge: what can still be reached was not looked at"
    if ahead.bounded < found.states:
        return None
    bounds = " and ".join(found.cut)
    return f"nothing to judge: no state shows it, and from every state the bound on {bounds} can be hit"


def _nothing_of_runs(system: System, claim: Property, found: Exploration) -> str | None:
    """Why it is not known of any run that it comes to what a property asks for, or must."""
    waits = found.waits.get(claim.id)
    if waits is None:
        return "nothing to judge: runs were not looked at"
    if found.idle:
        idle = next(
            (f"'{a.text}' ({how})" for how, a in system.fairness.assumptions() if a.text in found.idle)
        )
        return f"nothing to judge: what is assumed of {idle} is about steps that can be taken in no state"
    if waits.answered:
        return None
    asks = claim.kind.asks is Asks.WHEN
    if found.cut:
        bounds = " and ".join(found.cut)
        runs = "every run in which it begins to ask, if there is one," if asks else "every run"
        return (
            f"nothing to judge: in {runs} the bound on {bounds} stops a node before what it asks for comes"
        )
    return f"nothing to judge: {'it never begins to ask' if asks else 'no run comes to what it asks for'}"


def _verdict(properties: Sequence[PropertyResult], found: Exploration) -> Verdict:
    verdicts = {p.verdict for p in properties}
    if Verdict.VIOLATED in verdicts:
        return Verdict.VIOLATED
    ended = found.raised is not None or found.failed is not None
    if not verdicts or Verdict.INCONCLUSIVE in verdicts or ended:
        return Verdict.INCONCLUSIVE
    return Verdict.VERIFIED


def _nothing_checked(properties: Sequence[PropertyResult], *, is_whole: bool) -> Iterator[str]:
    if not properties:
        yield "nothing was checked: there are no properties"
    if is_whole:
        for p in properties:
            if p.verdict is Verdict.INCONCLUSIVE:
                yield f"{p.id}: {p.reason}"


def _differences(
    expect: Expect, verdict: Verdict, properties: Sequence[PropertyResult], found: Exploration
) -> Iterator[str]:
    """Where the outcome differs from what the model file expects, coverage left aside."""
    if expect.verdict is not verdict:
        yield f"verdict: expected {expect.verdict.value}, got {verdict.value}"
    if expect.property is not None:
        violated = {p.id: p for p in properties if p.verdict is Verdict.VIOLATED}
        if expect.property not in violated:
            others = ", ".join(violated) or "no violation"
            yield f"property: expected {expect.property} violated, got {others}"
    compared = comparable(found)
    if "length" in compared:
        expected = [p for p in properties if _is_expected(expect, p)]
        yield from _other_length("length", expect.length, [p.length for p in expected], "no path")
        yield from _other_length("cycle", expect.cycle, [p.cycle for p in expected], "none")
    figures = figures_for(expect, found)
    if figures is not None:
        for name, wanted, got in (
            ("states", figures.states, found.states),
            ("depth", figures.depth, found.depth),
        ):
            if wanted is not None and wanted != got:
                yield f"{name}: expected {wanted:,}, got {got:,}"


def _other_length(name: str, wanted: int | None, found: Iterable[int | None], none: str) -> Iterator[str]:
    lengths = sorted({length for length in found if length is not None})
    if wanted is not None and wanted not in lengths:
        yield f"{name}: expected {wanted:,} steps, got {' and '.join(map(str, lengths)) or none}"


def _changed(expect: Expect, content: str) -> Iterator[str]:
    """Whether the file says something else than when `expect` was recorded.

    Figures may stay equal while the question becomes an easier one.
    """
    if expect.model not in (None, content):
        was = f"model: expected {expect.model}, got {content}"
        yield f"{was}: the file has changed since `expect` was recorded; --update records it anew"


def comparable(found: Exploration) -> frozenset[str]:
    """Which figures of `expect` this exploration can be held to.

    `states` (and depth) are those of a search without reductions, `reduced` those of a search with all
    of them, if it was not cut short and, where a violation ends a search, ended there. Fusion alters the
    length of a path.
    """
    figures = set()
    if not found.reductions.fusion and all(d.shortest for d in found.violations):
        figures.add("length")
    if found.stopped is None and not found.went_past:
        if found.reductions.none:
            figures.add("states")
        elif found.reductions.all_asked:
            figures.add("reduced")
    return frozenset(figures)


def figures_for(expect: Expect, found: Exploration) -> Expect | Reduced | None:
    """The states and depth that this exploration can be held to; None if the file has none for it."""
    compared = comparable(found)
    return expect if "states" in compared else expect.reduced if "reduced" in compared else None


def is_shortest(found: Exploration, claim: Property | None) -> bool:
    """Whether no path to an example of a property (None: to where the model's code raised) is shorter."""
    example = None if claim is None else found.found(claim.id)
    return not found.reductions.fusion if example is None else example.shortest


def _is_expected(expect: Expect | None, result: PropertyResult) -> bool:
    """Whether a violation is the one that the model file asks for.

    A broken model often violates several properties on one level. If the file names one and it is
    among them, the others belong to it, but for a `sometimes` that was not reached.
    """
    if expect is None or {expect.verdict, result.verdict} != {Verdict.VIOLATED}:
        return False
    return expect.property in (None, result.id)


def _unreached(expect: Expect | None, properties: Sequence[PropertyResult]) -> Iterator[str]:
    for p in properties:
        if p.kind.goal and p.verdict is Verdict.VIOLATED and not _is_expected(expect, p):
            yield f"{p.id} was never reached"


def _coverage(expect: Expect | None, applied: Expect | None, found: Exploration) -> Iterator[str]:
    """Actions that never fired though they should have, and the other way round."""
    excused = set(expect.unfired) if expect is not None else set()
    for action, times in found.fired.items():
        if not times and action not in excused:
            yield f"{action} never fired"
    for action in applied.unfired if applied is not None else ():
        if found.fired.get(action):
            yield f"{action} fired, expected never"


def _exit_code(
    expect: Expect | None,
    verdict: Verdict,
    properties: Sequence[PropertyResult],
    found: Exploration,
    unmet: Sequence[str],
) -> ExitCode:
    if found.interrupted:
        return ExitCode.INTERRUPTED
    violated = [p for p in properties if p.verdict is Verdict.VIOLATED]
    codes = []
    if not any(_is_expected(expect, p) for p in violated):
        codes = [p.kind.code for p in violated]
    if found.raised is not None:
        codes.append(ExitCode.MODEL_RAISED)
    if found.failed is not None:
        codes.append(found.failed.code)
    findings = [code for code in codes if code is not ExitCode.UNMET]
    if findings:
        return combine(findings)
    if unmet or codes:
        return ExitCode.UNMET
    return ExitCode.INCONCLUSIVE if verdict is Verdict.INCONCLUSIVE else ExitCode.OK
