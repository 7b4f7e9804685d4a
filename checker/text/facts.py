"""What there is to say of a check beside its verdict: what it covered, and what of that is not as usual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from checker.checking.judgement import PropertyResult, comparable, figures_for
from checker.checking.result import CheckResult
from checker.engines.contract import Exploration, Refused
from checker.model.plaintext import printable
from checker.model.properties import On
from checker.model.values import show
from checker.model.verdict import Verdict
from checker.text.runs import of_runs
from checker.text.style import duration, plural

#: Bytes for each state are shown from this many states on; of fewer, almost empty tables would make up
#: most of it.
STATES_TO_WEIGH = 10_000
#: What is worth knowing in any case where there is something to say.
NEWS = frozenset(
    ("cut", "no return", "assumed", "unknown", "undecided", "not judged", "failed", "unmet", "checkpoint")
)

#: A label, and what stands behind it: a text, or items.
Fact = tuple[str, str | Sequence[str]]


def essentials(result: CheckResult) -> Iterator[Fact]:
    """What was asked and how much was seen, and of all `facts` those that are not as usual."""
    found = result.found
    news = NEWS | {label for label, worth in _worth(result) if worth}
    for label, said in facts(result):
        if label == "bounds":
            yield label, bounds_and_network(result)
        elif label == "space":
            yield label, f"{_space(result, _levels(result))}, {duration(found.seconds)}"
        elif label in news:
            yield label, said


def bounds_and_network(result: CheckResult) -> str:
    """What makes the model finite, and its network."""
    return ", ".join(filter(None, (_bounds(result), f"network {result.network}")))


def _bounds(result: CheckResult) -> str:
    return ", ".join(f"{name} {show(value)}" for name, value in result.bounds.items())


def _worth(result: CheckResult) -> Iterator[tuple[str, bool]]:
    """Whether other facts are news: of a search that a violation ended not what it had not come to yet."""
    found = result.found
    ended = not found.complete and any(p.verdict is Verdict.VIOLATED for p in result.claims())
    yield "reductions", replace(found.reductions.refused, ordering=None) != Refused()
    yield "coverage", bool(result.unfired()) and not ended
    unreached = any(p.verdict is not Verdict.VERIFIED for p in result.goals()) and not ended
    deep = any(result.no_path(p) is not None for p in result.goals())
    yield "sometimes", unreached or deep or result.question.means.goal_paths
    yield "verified", result.verdict is not Verdict.VERIFIED
    yield "expected", result.judged.not_applied is not None


def _levels(result: CheckResult) -> str:
    """How far the search went; with fusion that is no number of steps."""
    fused = result.found.reductions.fusion and result.verdict is not Verdict.VERIFIED
    return f"depth {result.found.depth}{' without silent steps' if fused else ''}"


def facts(result: CheckResult) -> Iterator[Fact]:
    """What there is to say of a check, by label; a text that is empty says nothing."""
    found = result.found
    yield "bounds", _bounds(result)
    yield "network", result.network
    yield "space", _space(result, f"depth {found.depth}")
    yield (
        "cut",
        ", ".join(f"{plural(n, 'state')} by the bound on {bound}" for bound, n in found.cut.items()),
    )
    yield "reductions", ", ".join(found.reductions.words()) or "none"
    yield "coverage", _coverage(result)
    yield "sometimes", _goals(result)
    yield "no return", list(of_no_return(result))
    yield from of_runs(result)
    for verdict, label in (
        (Verdict.VIOLATED, "violated"),
        (Verdict.VERIFIED, "verified"),
        (Verdict.INCONCLUSIVE, "undecided"),
    ):
        yield label, " ".join(p.id for p in result.claims() if p.verdict is verdict)
    yield "not judged", _not_judged(result)
    yield "failed", "" if found.failed is None else found.failed.reason
    yield "checkpoint", list(_checkpoint(found))
    yield "exactness", "exact states"
    yield "engine", _engine(result)
    yield "statistics", [f"{name} {_number(value)}" for name, value in found.statistics.items()]
    yield from _expectation(result)


def _space(result: CheckResult, deep: str) -> str:
    found = result.found
    known = [f"{found.states:,} distinct", f"{found.generated:,} generated"]
    known += [f"{found.followed:,} of them followed"] if found.reductions.ordering else []
    known.append(deep)
    if found.frontier:
        known.append(f"{found.frontier:,} not yet explored")
    judged = any(p.kind.on is On.END for p in result.claims())
    if found.terminal or found.complete or judged:
        known.append(plural(found.terminal, "terminal state"))
        known[-1] += f" ({found.terminal_judged:,} judged)" if judged else ""
    if found.bytes_per_state is not None and found.states >= STATES_TO_WEIGH:
        known.append(f"{found.bytes_per_state:.1f} bytes a state")
    if found.disk is not None and found.disk.bytes:
        known.append(f"{found.disk.bytes:,} bytes of states on the disk in {found.disk.folder}")
    known += ["what lies behind violations included"] if found.went_past else []
    return ", ".join(known)


def _coverage(result: CheckResult) -> str:
    unfired = result.unfired()
    total = len(result.found.fired)
    text = f"{total - len(unfired)} of {plural(total, 'action')} fired"
    never = "never" if result.found.complete else "not yet"
    return f"{text}; {never}: {', '.join(unfired)}" if unfired else text


def _goals(result: CheckResult) -> list[str]:
    def outcome(p: PropertyResult) -> str:
        if p.length is not None:
            return f"step {p.length}"
        if (why := result.no_path(p)) is not None:
            return f"reached ({why})"
        return {Verdict.VIOLATED: "never", Verdict.VERIFIED: "reached"}.get(p.verdict, "not yet")

    return [f"{p.id}: {outcome(p)}" for p in result.goals()]


def of_no_return(result: CheckResult) -> Iterator[str]:
    """How many states are of no return, for each property about what can still be reached."""
    states = plural(result.found.states, "state")
    for claim, future in result.found.futures.items():
        bounded = f", {future.bounded:,} can only reach a bound" if future.bounded else ""
        yield f"{claim}: {future.lost:,} of {states}{bounded}"


def _not_judged(result: CheckResult) -> list[str]:
    by_role: dict[str, list[str]] = {}
    for claim, role in result.not_judged.items():
        by_role.setdefault(role, []).append(claim)
    return [f"{' '.join(claims)} (no {role} takes part)" for role, claims in by_role.items()]


def _checkpoint(found: Exploration) -> Iterator[str]:
    """From where the search went on, what is kept of it, and how to go on from there."""
    kept = found.kept
    if kept is None:
        return
    if kept.resumed is not None:
        yield f"gone on from depth {kept.resumed}, after {duration(kept.before)} of work"
    if kept.fault is not None:
        yield f"the last one could not be written: {kept.fault}"
    if kept.level is not None and (kept.fault is not None or not found.complete):
        yield f"depth {kept.level}, {plural(kept.states or 0, 'state')} are kept in {kept.folder}"
        if kept.command:
            yield f"to go on: {kept.command}"


def _engine(result: CheckResult) -> str:
    found = result.found
    rate = f", {found.states / found.seconds:,.0f} states/s" if found.seconds > 0.1 else ""
    return f"{found.engine}, {duration(found.seconds)}{rate}"


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return show(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def _expectation(result: CheckResult) -> Iterator[tuple[str, str]]:
    judged = result.judged
    if judged.not_applied is not None:
        yield "expected", f"expect not applied: {judged.not_applied}"
    elif judged.as_expected:
        yield "expected", f"{expected_text(result)}: as found"
    for text in judged.unmet:
        yield "unmet", printable(text)


def expected_text(result: CheckResult) -> str:
    """What the model file expects, as far as it was compared; empty if it expects nothing."""
    expect = result.expect
    if expect is None:
        return ""
    parts = [" ".join(filter(None, (expect.verdict.value, expect.property)))]
    left = []
    if "length" in comparable(result.found):
        parts += [plural(expect.length, "step")] if expect.length is not None else []
        parts += [f"cycle of {plural(expect.cycle, 'step')}"] if expect.cycle is not None else []
    else:
        left += [key for key in ("length", "cycle") if getattr(expect, key) is not None]
    figures = figures_for(expect, result.found)
    if figures is not None:
        parts += [plural(figures.states, "state")] if figures.states is not None else []
        parts += [f"depth {figures.depth}"] if figures.depth is not None else []
    if expect.states is not None and figures is None:
        left.append("states")
    text = ", ".join(parts)
    return f"{text} ({' and '.join(left)} not compared)" if left else text
