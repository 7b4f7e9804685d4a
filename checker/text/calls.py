"""A history of calls in text: lanes, the order that explains most, what fits nowhere, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.model.behaviour import Trace, judged
from checker.model.consistency import LINEARIZABLE, SEQUENTIALLY_CONSISTENT
from checker.model.linearizability import Called
from checker.model.values import show
from checker.text.lanes import NOWHERE, Bar, Lane, chart, label_of
from checker.text.style import LABEL, PLAIN, Style, labelled
from checker.traces.calls import PRECEDES, Explanation, explain, history_of

#: How it is said that calls cannot be ordered: property → what their order would have to do.
RESPECTS = {
    LINEARIZABLE.id: "respects real time",
    SEQUENTIALLY_CONSISTENT.id: "respects the order of each client's own calls",
}
#: How it is said that a call came before the one that fits nowhere, or after it: what and whose it is.
CAME_BEFORE = {
    LINEARIZABLE.id: "{} had been answered to {} before it was asked",
    SEQUENTIALLY_CONSISTENT.id: "{} was asked by {} before",
}
CAME_AFTER = {
    LINEARIZABLE.id: "it had been answered before {} was asked by {}",
    SEQUENTIALLY_CONSISTENT.id: "{} was asked by {} only later",
}
#: What charts are drawn with → what takes its place where the terminal has no lines.
PLAIN_LINES = str.maketrans("├┤─╌→✗", "||-.>x")
PLAIN_NOWHERE = NOWHERE.translate(PLAIN_LINES)


def shows_calls(trace: Trace) -> str | None:
    """Which property about the order of calls a trace shows to be violated, None if none.

    That is its claim or, of a trace that claims nothing, one that its end violates.
    """
    if trace.claim is not None:
        return trace.claim.id if trace.claim.id in PRECEDES else None
    asked = (claim for claim in trace.system.properties if claim.id in PRECEDES)
    return next((claim.id for claim in asked if judged(trace, claim) is not None), None)


def explanation_of(trace: Trace) -> Explanation | None:
    """How far the calls of a trace can be ordered; None if this model keeps no history of them.

    That is as the property asks for that is violated or, without one, as those of the model do.
    """
    history = history_of(trace)
    if history is None:
        return None
    asked = (claim.id for claim in trace.system.properties if claim.id in PRECEDES)
    return explain(history, shows_calls(trace) or next(asked, LINEARIZABLE.id))


def said(call: Called) -> str:
    """A call, and whose: `get k → [A] by client 1`."""
    return f"{label_of(call)} by {show(call.client)}"


def lasting(call: Called) -> str:
    """A call, whose, and when: `get k → [A] by client 1, steps 3 to 9`."""
    if call.answered is None:
        return f"{said(call)}, from step {call.invoked} on"
    return f"{said(call)}, steps {call.invoked} to {call.answered}"


def why_nowhere(explained: Explanation, call: Called) -> str:
    """Why the answer of a call fits nowhere, in a sentence."""
    reasons = [*_times(explained, call), *_instead(explained, call)]
    return f"{said(call)} fits nowhere" + (f": {'; '.join(reasons)}" if reasons else "")


def _times(explained: Explanation, call: Called) -> Iterator[str]:
    """Which of the calls that it cannot be ordered with must come before it, and which after."""
    before = explained.history.before(explained.claim)
    for other in explained.conflict if call in explained.conflict else ():
        what = show(other.operation)
        if what == show(call.operation):
            what = label_of(other)
        if before(other, call):
            yield CAME_BEFORE[explained.claim].format(what, show(other.client))
        elif before(call, other):
            yield CAME_AFTER[explained.claim].format(what, show(other.client))


def _instead(explained: Explanation, call: Called) -> Iterator[str]:
    instead = explained.instead(call)
    own = [show(result) for other, result in instead if other == call]
    if own:
        yield f"in this order its answer would be {' or '.join(own)}"
    for other, result in instead:
        if other != call:
            yield f"with it the answer to {said(other)} would be {show(result)}"


def conflict_of(explained: Explanation) -> str:
    """Which calls cannot be ordered together, in a sentence; empty if all is explained."""
    calls = explained.conflict
    if not calls:
        return ""
    which = "; ".join(lasting(call) for call in calls)
    what = "this answer" if len(calls) == 1 else "these answers together"
    return f"no order that {RESPECTS[explained.claim]} gives {what}: {which}"


def lanes_of(trace: Trace, style: Style = PLAIN) -> list[str]:
    """The chart of a trace and what there is to say of it; nothing if it has no history."""
    explained = explanation_of(trace)
    return [] if explained is None else chart_of(explained, style)


def chart_of(explained: Explanation, style: Style = PLAIN) -> list[str]:
    """The chart, the order that explains most, what fits nowhere, and what cannot be ordered."""
    if not explained.history.calls:
        return labelled("calls", "none", style)
    lines = _drawn(explained, style)
    marks = dict.fromkeys(explained.nowhere, f"{NOWHERE if style.lines else PLAIN_NOWHERE} ")
    numbers = enumerate(explained.order, start=1)
    order = [f"{number} {marks.get(call, '')}{said(call)}" for number, call in numbers]
    lines += labelled("order", order, style)
    for call in explained.nowhere:
        lines += labelled("nowhere", why_nowhere(explained, call), style)
    return [*lines, *labelled("conflict", conflict_of(explained), style)]


def unexplained(explained: Explanation) -> list[str]:
    """What fits nowhere, and why, and what cannot be ordered: a sentence each; none if all is explained."""
    conflict = conflict_of(explained)
    nowhere = [why_nowhere(explained, call) for call in explained.nowhere]
    return [*nowhere, *([conflict] if conflict else [])]


def _drawn(explained: Explanation, style: Style) -> list[str]:
    """A line of steps, then each client's calls, their text above what lasts."""
    names = [show(client) for client in explained.history.clients]
    margin = max(LABEL, *(len(name) + 1 for name in names)) if names else LABEL
    known = chart(explained, style.width - margin - 2)
    ticks = _placed([(column, str(step)) for step, column in known.columns.items()])
    lines = [f"  {style('steps'.ljust(margin), 'dim')}{style(ticks, 'dim')}".rstrip()]
    for name, lane in zip(names, known.lanes, strict=True):
        for number, text in enumerate(_lane(lane, known.width, style)):
            head = style(name.ljust(margin), "cyan") if number == 0 else " " * margin
            lines.append(f"  {head}{text}".rstrip())
    return lines


def _lane(lane: Lane, width: int, style: Style) -> Iterator[str]:
    for row in lane.rows:
        for line in (
            _placed([(bar.begin, bar.label) for bar in row]),
            _placed([(bar.begin, _bar(bar, width)) for bar in row]),
        ):
            yield line if style.lines else line.translate(PLAIN_LINES)


def _bar(bar: Bar, width: int) -> str:
    """`├──1──┤`, dashed if its answer fits nowhere; without an end if it is pending."""
    end = width - 1 if bar.end is None else bar.end
    inside = ("─" if bar.fits else "╌") * (end - bar.begin - 1)
    text = "├" + inside + ("╌" if bar.end is None else "┤")
    if bar.effect is None:
        return text
    number, at = str(bar.number), bar.effect - bar.begin
    return text[:at] + number + text[at + len(number) :]


def _placed(texts: Sequence[tuple[int, str]]) -> str:
    """Texts in their columns, none on another."""
    line = ""
    for column, text in texts:
        line = line.ljust(column) + text
    return line
