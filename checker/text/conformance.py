"""Vectors, and what an implementation made of them, as text."""

from __future__ import annotations

from collections.abc import Iterator

from checker.conformance.conforming import Failure, Fate, Outcome
from checker.conformance.rules import Rules
from checker.conformance.suite import Suite
from checker.model.behaviour import Trace
from checker.model.plaintext import printable
from checker.text.narrative import narrate
from checker.text.style import PLAIN, Style, clip, duration, labelled, plural

#: Differences of one vector that are told.
MOST_DIFFERENCES = 20


def account(suite: Suite, folder: str, seconds: float) -> list[str]:
    """What vectors there are, and of what."""
    manifest = suite.manifest
    search = manifest["search"]
    lines = [f"wrote {folder}: {plural(len(suite.vectors), 'vector')} of {manifest['model']['name']}"]
    for role, told in manifest["roles"].items():
        asked = [f"{count:,} {do}" for do, count in told["asked"].items()]
        lines += labelled(role, [f"{told['vectors']:,} vectors", *asked])
    states = f"{search['states']:,} states, {search['generated']:,} steps, all there are, nothing left out"
    lines += labelled("from", [states, f"{len(suite.runs):,} runs", duration(seconds)])
    for what, count in manifest["left_out"].items():
        lines += labelled("left out", f"{what} ({count:,})")
    return lines


def outcome_lines(
    outcome: Outcome,
    rules: Rules,
    trace: Trace | None,
    *,
    replay: str = "",
    most: int = 10,
    full: bool = False,
    brief: bool = False,
    style: Style = PLAIN,
) -> list[str]:
    """What came of it: how many were passed by role, what a pass means, or the first that failed.

    `trace` is the run to that one and `replay` the command that takes it; of others `most` are named.
    """
    lines = [_headline(outcome, style)]
    if not brief:
        for role, count in outcome.vectors.items():
            lines += labelled(role, f"{outcome.passed[role]:,} of {count:,} passed", style)
    if outcome.all_passed:
        return lines if brief else [*lines, *meaning(outcome, style)]
    if not outcome.failures or trace is None:
        return lines
    first, *others = outcome.failures
    lines += ["", *_first(first, rules, trace, style)]
    if trace.steps and not brief:
        lines += ["", *narrate(trace, full=full, style=style, replay=replay)]
    alike = [one for one in others if one.trouble and one.trouble == first.trouble]
    more = [one for one in others if one not in alike]
    lines += [f"  and so did {plural(len(alike), 'more vector')}"] if alike else []
    return lines + list(_others(more, rules, max(0, most - 1), style))


def _headline(outcome: Outcome, style: Style) -> str:
    name = outcome.suite.manifest["model"]["name"]
    if outcome.interrupted:
        word, says = style("INTERRUPTED", "bold", "yellow"), f"{outcome.asked:,} were asked"
    elif outcome.all_passed:
        word, says = style("PASSED", "bold", "green"), plural(outcome.count, "vector")
    else:
        word = style("WENT WRONG" if outcome.went_wrong else "DIFFERS", "bold", "red")
        says = f"{len(outcome.failures):,} of {plural(outcome.count, 'vector')}"
    return f"{word}  {says}   {name}   {printable(outcome.command)}".rstrip()


def meaning(outcome: Outcome, style: Style = PLAIN) -> list[str]:
    """What a pass means, and what it does not."""
    manifest = outcome.suite.manifest
    states = manifest["search"]["states"]
    *before, last = outcome.vectors
    who = f"{', '.join(before)} and {last}" if before else last
    says = (
        f"in the place of each {who} of {manifest['model']['name']} it has exactly the model's {states:,} "
        "states. What a node does depends on its local state and what it takes; every such pair that comes "
        "about is a vector, and each was answered, twice, as by the rules. So, step by step, both go on to "
        "the same states, and whatever was verified of the model holds with it."
    )
    wanting = (
        "larger models, other rules, networks or faults, and what lies outside of the wire form: sockets, "
        "disks, threads, time."
    )
    left_out = [f"{what} ({count:,})" for what, count in manifest["left_out"].items()]
    return [
        *labelled("means", says, style),
        *labelled("not asked", wanting, style),
        *labelled("left out", "; ".join(left_out), style),
    ]


def _first(failure: Failure, rules: Rules, trace: Trace, style: Style) -> Iterator[str]:
    """The first vector that failed: what was asked, and what came of it."""
    vector = failure.vector
    told, state = rules.situation(vector.request)
    yield f"  {style(f'vector {vector.id}', 'bold')}  {vector.node} {told}"
    yield from labelled("in state", state, style)
    if failure.fate is Fate.WRONG:
        yield from labelled("wrong", printable(failure.trouble), style)
    for difference in failure.differences[:MOST_DIFFERENCES]:
        yield from labelled("differs", printable(str(difference)), style)
    if len(failure.differences) > MOST_DIFFERENCES:
        yield from labelled("", f"and {len(failure.differences) - MOST_DIFFERENCES:,} more", style)
    count = len(trace.steps)
    told = (
        f"a run of {plural(count, 'step')}, none is shorter"
        if count
        else "nothing: it is so from the start"
    )
    yield from labelled("after", told, style)


def _others(failures: list[Failure], rules: Rules, most: int, style: Style) -> Iterator[str]:
    """The vectors that failed after the first, a line for each."""
    if failures:
        yield ""
    for failure in failures[:most]:
        told, _ = rules.situation(failure.vector.request)
        why = failure.trouble or str(failure.differences[0])
        line = f"  vector {failure.vector.id}  {failure.vector.node} {told}: {printable(why)}"
        yield clip(line, style.width)
    if len(failures) > most:
        yield f"  and {plural(len(failures) - most, 'more vector')} (--most tells of them)"
