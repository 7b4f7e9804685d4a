"""Two traces beside each other, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from checker.comparison.traces import FieldsApart, Parting, TraceComparison, event_of
from checker.comparison.views import Sameness
from checker.model.behaviour import Trace
from checker.text.endings import length_of
from checker.text.style import PLAIN, Style, labelled, plural

#: Columns of a field's name, and of what stands between the two values.
FIELD, BETWEEN = 14, 3


def trace_report(found: TraceComparison, names: tuple[str, str], *, style: Style = PLAIN) -> list[str]:
    """What two traces have in common, where they part, and their states beside each other."""
    equal = found.sameness is Sameness.EQUAL
    word = style(found.sameness.value.upper(), "bold", "green" if equal else "red")
    lines = [f"{word}  {style(names[0], 'bold')} and {style(names[1], 'bold')}: {_says(found)}"]
    for label, name, trace in zip(("traces", ""), names, found.traces, strict=True):
        lines += labelled(label, f"{name}: {_about(trace)}", style)
    if not found.repeats_alike:
        lines += labelled("repeats", "what repeats for ever is not the same in both", style)
    lines += _beside("at the start", found.start, names, style)
    if equal:
        return lines
    lines += _common(found, style)
    for name, parting in zip(names, found.parting, strict=True):
        lines += ["", *_parting(name, parting, style, same_step=found.same_step)]
    lines += _beside("after the common past and these steps", found.parted, names, style)
    return [*lines, *_beside("at the end", found.end, names, style)]


def _says(found: TraceComparison) -> str:
    steps = [len(trace.steps) for trace in found.traces]
    if found.sameness is Sameness.EQUAL:
        same_order = all(one == other for one, other in found.common)
        return "the same steps" if same_order else "the same steps for the same causes, in another order"
    common = len(found.common)
    of = f"{steps[0]:,}" if steps[0] == steps[1] else f"{steps[0]:,} and {steps[1]:,}"
    return f"{plural(common, 'step')} of {of} in common"


def _about(trace: Trace) -> str:
    shows = "" if not trace.reason else f": {trace.reason}"
    claim = "" if trace.claim is None else f", {trace.claim.id}"
    return f"{length_of(trace)} of {trace.system.name}{claim}{shows}"


def _common(found: TraceComparison, style: Style) -> Iterator[str]:
    """The common past, each step by its number in both."""
    if not found.common:
        yield from ("", f"  {style('nothing in common', 'bold')}")
        return
    yield from ("", f"  {style('common past', 'bold')}   {style('number in each, what is done', 'dim')}")
    room = style.width - 16
    for one, other in found.common:
        event = event_of(found.traces[0], one)
        first, *more = textwrap.wrap(
            f"{event.node}  {event.action}", room, subsequent_indent="  ", break_on_hyphens=False
        )
        yield f"    {one:>4} {other:>4}  {first}"
        yield from (" " * 15 + line for line in more)


def _parting(name: str, parting: Parting | None, style: Style, *, same_step: bool) -> Iterator[str]:
    if parting is None:
        yield f"  {style(name, 'bold')}: nothing but the common past"
        return
    event = parting.event
    which = (
        "the same step, which does something else" if same_step else "the first step after the common past"
    )
    yield f"  {style(name, 'bold')}: {which}"
    rests = ", ".join(map(str, parting.rests_on)) or "nothing but the start"
    told = [f"{parting.number:>4}  {event.node}  {event.action}", *(f"        {c}" for c in event.changes)]
    told += [f"        sends {send}" for send in event.sends]
    told.append(f"        rests on {rests}")
    if parting.elsewhere is not None and not same_step:
        told.append(f"        the other has it as step {parting.elsewhere}, from another past")
    for line in told:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        yield from textwrap.wrap(
            line,
            style.width - 2,
            initial_indent="  ",
            subsequent_indent=indent + "  ",
            break_on_hyphens=False,
        )


def _beside(
    when: str, fields: Sequence[FieldsApart], names: tuple[str, str], style: Style
) -> Iterator[str]:
    """Fields that differ, the two values in columns."""
    if not fields:
        return
    room = (style.width - 4 - FIELD - BETWEEN) // 2
    yield from ("", f"  {style('states ' + when, 'bold')}")
    line = " │ " if style.lines else " | "
    for row in _rows(*names, room, line):
        yield " " * (4 + FIELD) + row
    for node, apart in groupby(fields, lambda field: field.node):
        yield f"    {style(node, 'cyan')}"
        for field in apart:
            left, right = ("–" if value is None else value for value in field.values)
            label = f"  {field.field}"
            if len(label) >= FIELD:
                yield f"    {label}"
                label = ""
            for row in _rows(left, right, room, line):
                yield f"    {label:<{FIELD}}{row}".rstrip()
                label = ""


def _rows(left: str, right: str, room: int, line: str) -> Iterator[str]:
    columns = (textwrap.wrap(text, room, break_on_hyphens=False) for text in (left, right))
    for one, other in zip_longest(*columns, fillvalue=""):
        yield f"{one:<{room}}{line}{other}"
