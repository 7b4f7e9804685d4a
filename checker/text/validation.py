"""What came of logs, as text: the verdict, what it covers and what not, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterator

from checker.model.verdict import ExitCode
from checker.model.wire import Json
from checker.text.style import PLAIN, Style, clip, labelled, plural
from checker.validation.coverage import Coverage
from checker.validation.events import told
from checker.validation.result import MOST_PLACES, Misfit, NodeResult, OtherRule, Outcome, Validated

#: Columns of a JSON value in a report that is not asked to be full.
ROOM = 160
#: Nodes that are told of one by one, if the report is not asked to be full.
MOST_NODES = 40


def report(result: Validated, *, full: bool = False, style: Style = PLAIN) -> list[str]:
    """The whole report."""
    lines = [*_head(result, style)]
    for finding in result.findings:
        lines += ["", f"  {style(finding.claim.id, 'bold')}: {finding.reason}"]
        lines += labelled("", f"after {plural(finding.states, 'state')} along the order judged", style)
    for misfit in result.misfits:
        lines += ["", *_misfit(misfit, full=full, style=style)]
    for name, others in result.explained.items():
        lines += ["", *_explained(name, others, full=full, style=style)]
    lines += ["", *_nodes(result, full=full, style=style), "", *_covered(result, style)]
    if result.coverage is not None:
        lines += ["", *_coverage(result.coverage, style)]
    return lines


def _head(result: Validated, style: Style) -> Iterator[str]:
    colour = {ExitCode.OK: "green", ExitCode.INCONCLUSIVE: "yellow"}.get(result.code, "red")
    files = plural(len(result.files), "file")
    yield f"{style(result.verdict.upper(), 'bold', colour)}  {files}, held against {result.model}"
    if result.stopped is not None:
        yield f"  stopped: {result.stopped}"


def _misfit(misfit: Misfit, *, full: bool, style: Style) -> Iterator[str]:
    def room(value: Json) -> str:
        return told(value) if full else clip(told(value), ROOM)

    what = f"{misfit.node}, seq {misfit.seq} ({misfit.event}): {misfit.why.value}"
    yield f"{style(misfit.place, 'bold')}: {what}"
    yield f"  {misfit.reason}"
    if misfit.taken is not None:
        yield from labelled("took", room(misfit.taken), style)
    yield from labelled("before", room(misfit.before), style)
    for difference in misfit.differences:
        yield from labelled(difference.field, f"rule  {room(difference.rule)}", style)
        yield from labelled("", f"log   {room(difference.log)}", style)
    for outcome in misfit.outcomes:
        yield from _outcome(outcome, room, style)
    if misfit.outcomes:
        sends = [f"{room(message)} to {to}" for to, message in misfit.sends] or ["nothing"]
        yield from labelled("log sends", sends[0], style)
        for more in sends[1:]:
            yield from labelled("", more, style)
    if misfit.nearest is not None:
        yield from labelled("nearest", misfit.nearest, style)


def _explained(name: str, others: list[OtherRule], *, full: bool, style: Style) -> Iterator[str]:
    """The steps of a rule that is not the usual one: where they are, and the first of them."""
    times = plural(sum(other.times for other in others), "step")
    yield f"{style(name, 'bold')}: a rule that makes {times} which the rules here do not"
    places = [f"{place} ({other.misfit.node})" for other in others for place in other.places]
    yield from labelled("at", places if full else places[:MOST_PLACES], style)
    if not name.endswith(")"):
        part, _, variant = name.partition(": ")
        yield from labelled("option", f"--rule {part}={variant}", style)
    yield from _misfit(others[0].misfit, full=full, style=style)


def _outcome(outcome: Outcome, room: object, style: Style) -> Iterator[str]:
    assert callable(room)
    yield from labelled("rule makes", room(outcome.state), style)
    sends = [f"{room(message)} to {to}" for to, message in outcome.sends] or ["nothing"]
    yield from labelled("rule sends", sends[0], style)
    for more in sends[1:]:
        yield from labelled("", more, style)


def _nodes(result: Validated, *, full: bool, style: Style) -> Iterator[str]:
    width = max((len(node.node) for node in result.nodes), default=0)
    yield style(f"  {'node':{width}}     events      steps     states  how far it fits", "dim")
    shown = result.nodes if full or len(result.nodes) <= MOST_NODES else result.nodes[:MOST_NODES]
    for node in sorted(shown, key=lambda node: _order(node.node)):
        numbers = f"{node.events:>11,}{node.steps:>11,}{node.states:>11,}"
        yield f"  {node.node:{width}}{numbers}  {_how_far(node)}"
    if len(shown) < len(result.nodes):
        yield f"  and {len(result.nodes) - len(shown):,} more"


def _order(name: str) -> tuple[str, int]:
    role, _, number = name.rpartition(" ")
    return (role, int(number)) if number.isdecimal() else (name, 0)


def _how_far(node: NodeResult) -> str:
    words = ["to its end"]
    if node.misfit is not None:
        words = [f"{node.fitting:,} events, up to {node.misfit.place}"]
        if node.others:
            words.append(f"{plural(node.others, 'more step')} after that do not fit")
    if node.recovered:
        words.append(f"began again {'once' if node.recovered == 1 else f'{node.recovered:,} times'}")
    if node.assumed:
        words.append(f"{plural(node.assumed, 'step')} that it does not tell put in")
    if node.unproven:
        words.append(f"{plural(node.unproven, 'message')} taken of nodes without a log")
    return "; ".join(words)


def _covered(result: Validated, style: Style) -> Iterator[str]:
    rate = result.bytes_read / 1e6 / max(result.seconds, 1e-9)
    read = f"{plural(result.events, 'event')}, {result.bytes_read / 1e6:,.1f} MB in {result.seconds:.1f} s"
    yield from labelled("read", f"{read} ({rate:.1f} MB/s)", style)
    yield from labelled(
        "messages", f"{result.sent:,} sent, of which {result.in_flight:,} were never taken", style
    )
    fits = ": what was taken had been sent, in one order for all nodes"
    yield from labelled("", f"network {result.network}{'' if result.misfits else fits}", style)
    yield from _judged(result, style)
    if result.unlogged:
        yield from labelled("no log of", list(result.unlogged), style)
    if result.torn:
        yield from labelled("cut short", list(result.torn[:20]), style)
    for line in result.account:
        yield from labelled("seen", line, style)
    if result.trace_file is not None:
        yield from labelled("trace", result.trace_file, style)
    elif result.no_trace is not None:
        yield from labelled("no trace", result.no_trace, style)
    if result.way_file is not None:
        yield from labelled("not visited", f"{result.way_file} is a shortest way to a situation", style)


def _judged(result: Validated, style: Style) -> Iterator[str]:
    """What properties say, and which say nothing."""
    claims = plural(len(result.judged), "property", "properties")
    judged = f"{claims} over {plural(result.judged_states, 'state')}"
    if result.ambiguous:
        judged += f"; {plural(result.ambiguous, 'step')} left open which state a node was in"
    if result.misfits:
        judged += ", up to the first event that does not fit"
    yield from labelled("judged", judged, style)
    yield from labelled("", list(result.judged), style)
    by_reason: dict[str, list[str]] = {}
    for name, why in result.left_out.items():
        by_reason.setdefault(why, []).append(name)
    for why, names in by_reason.items():
        yield from labelled("not judged", f"{', '.join(names)}: {why}", style)
    if result.reached:
        yield from labelled("sometimes", [f"{n}: state {at:,}" for n, at in result.reached.items()], style)


def _coverage(coverage: Coverage, style: Style) -> Iterator[str]:
    if coverage.situations.stopped is not None:
        yield from labelled("coverage", f"not known: {coverage.situations.stopped}", style)
        return
    visited = f"your run visited {len(coverage.visited):,} of {coverage.known:,} local situations"
    beyond = "" if not coverage.beyond else f"; {plural(coverage.beyond, 'step')} in none of the model's"
    yield from labelled("coverage", f"{visited} of {coverage.system.name}{beyond}", style)
    for row in coverage.rows():
        yield f"    {row.role + '.' + row.action:28}{row.visited:>8,} of {row.known:,}"
