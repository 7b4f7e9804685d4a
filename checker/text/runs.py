"""What is told of claims about runs: where they wait, what is assumed, how long a run without end is."""

from __future__ import annotations

from collections.abc import Iterator

from checker.checking.judgement import PropertyResult
from checker.checking.result import CheckResult
from checker.model.properties import On
from checker.model.verdict import Verdict
from checker.text.style import lengths, plural


def of_runs(result: CheckResult) -> Iterator[tuple[str, str | list[str]]]:
    """By label: where claims about runs wait, what their verdicts rest on, and what stays unknown."""
    rests_on = assumed(result)
    if rests_on is None:
        return
    yield "waiting", list(_waiting(result))
    yield "assumed", rests_on
    if result.found.waits and result.found.cut:
        cut = (f"{plural(n, 'state')} cut by the bound on {bound}" for bound, n in result.found.cut.items())
        yield "unknown", f"what comes after {' and '.join(cut)}"


def _waiting(result: CheckResult) -> Iterator[str]:
    """For each claim in how many states it may wait, and how many of them are on cycles."""
    states = plural(result.found.states, "state")
    verdicts = {p.id: p.verdict for p in result.claims()}
    for claim, waits in result.found.waits.items():
        none = ", where no fair run waits for ever" if verdicts.get(claim) is Verdict.VERIFIED else ""
        cycles = f", {waits.cyclic:,} of them on cycles{none}" if waits.cyclic else ""
        yield f"{claim}: in {waits.states:,} of {states} at most{cycles}"


def assumed(result: CheckResult) -> str | None:
    """All that is assumed of runs: `weakly fair: deliveries, wakes; finitely often: suspect`.

    None if nothing is claimed of them.
    """
    if not any(p.kind.on is On.RUN for p in result.claims()):
        return None
    by_how: dict[str, list[str]] = {}
    for how, assumption in result.fairness.assumptions():
        by_how.setdefault(how, []).append(assumption.text)
    told = "; ".join(f"{how}: {', '.join(texts)}" for how, texts in by_how.items())
    return told or "nothing, so that every run may stop"


def so_long(result: PropertyResult) -> str | None:
    """How long an example is; None if it is not known."""
    if result.length is None:
        return None
    return lengths(result.length, result.cycle)
