"""A trace as text: the initial state in full, then each step with only what it changed.

Made to be read by people, and quiet: of a long trace steps are cut to a line each unless all is asked for,
and if that is not enough its middle is left out; the path on the last line still names every step. Steps
that repeat for ever stand in a bracket. How steps are laid out: `checker.text.steps`.
"""

from __future__ import annotations

from collections.abc import Iterator

from checker.model.behaviour import Trace, show_path
from checker.model.fairness import FINITELY, STRONGLY, WEAKLY
from checker.model.plaintext import printable
from checker.model.semantics import Cell, State
from checker.model.system import System
from checker.model.vocabulary import NodeName
from checker.model.wording import fields_of, group
from checker.text.calls import lanes_of, shows_calls
from checker.text.endings import goes_on, length_of, meetings
from checker.text.steps import heading, layouts_of, lines_of, painted, rows_of
from checker.text.style import LABEL, PLAIN, Style, flow, labelled

#: What is assumed of steps → how that is labelled, and what stands behind the words of the model file.
FAIRNESS = {WEAKLY: ("fair", " (weakly)"), STRONGLY: ("fair", " (strongly)"), FINITELY: ("finitely", "")}


def headline(trace: Trace, file: str, *, shortest: bool = True, style: Style = PLAIN) -> list[str]:
    """What the trace shows, how long it is, which file; the sentence that says why; what was claimed."""
    claim = trace.claim
    length = length_of(trace) + (", shortest" if shortest else "")
    said = printable(" ".join(trace.reason.split()))
    reason = ["  " + line for line in flow([said], style.prose - 2)]
    if claim is None:
        return [f"{style('RAISED', 'bold', 'red')}  (after {length})   {file}".rstrip(), *reason]
    word = style(claim.kind.found.upper(), "bold", "green" if trace.good else "red")
    return [
        f"{word}  {style(claim.id, 'bold')}   ({claim.kind.value}, {length})   {file}".rstrip(),
        *reason,
        "",
        *labelled("claim", f"{claim.meaning} ({claim.source})", style),
        *labelled("note", claim.note, style),
    ]


def narrate(
    trace: Trace,
    *,
    full: bool = False,
    deltas: bool = False,
    style: Style = PLAIN,
    replay: str = "",
    lanes: bool = False,
) -> list[str]:
    """The initial state, the steps, the path; with `deltas` uncut, with `full` the whole state after each.

    `replay` is the command that replays the trace. It stands on one line, however long, to be pasted. Calls
    are drawn, if there is a history of them, where it is claimed that they can be ordered, or with `lanes`.
    """
    opening = [f"  {style('initial state', 'bold')}", *show_state(trace.system, trace.initial, style), ""]
    calls = lanes_of(trace, style) if lanes or shows_calls(trace) else []
    closing = [*calls, *([""] if calls else []), *_again(trace, replay, style)]
    if full:
        return [*opening, *_whole_states(trace, style), *closing]
    steps = lines_of(trace, style, uncut=deltas)
    return [*opening, *steps, *([""] if steps else []), *closing]


def _whole_states(trace: Trace, style: Style) -> Iterator[str]:
    """Each step, and the whole state after it."""
    rows = rows_of(trace)
    if not rows:
        return
    layout, *_ = layouts_of(rows, style)
    yield from heading(layout, style)
    for row, step in zip(rows, trace.steps, strict=True):
        yield from (*painted(layout(row), style), *show_state(trace.system, step.after, style), "")


def brief(
    trace: Trace, file: str, *, shortest: bool = True, style: Style = PLAIN, replay: str = ""
) -> list[str]:
    """The headline and the path only: for what is shown beside another trace."""
    again = _again(trace, replay, style, all_told=False)
    return [*headline(trace, file, shortest=shortest, style=style), *again]


def _again(trace: Trace, replay: str, style: Style, *, all_told: bool = True) -> list[str]:
    """How it goes on, the path, and the command that replays it; no path if the command ends in it."""
    ending = [line for label, text in goes_on(trace) for line in labelled(label, text, style)]
    if all_told:
        ending += fairly(trace, style)
    path = labelled("path", show_path(trace.path), style)
    if not replay:
        return [*ending, *path]
    command = f"  {style('replay'.ljust(LABEL), 'dim')}{replay}"
    told = trace.steps and replay.endswith(show_path(trace.path))
    return [*ending, command] if told else [*ending, *path, command]


def fairly(trace: Trace, style: Style = PLAIN) -> list[str]:
    """How a run that repeats meets each assumption of fairness, by the step or state that meets it."""
    lines = []
    for met in meetings(trace):
        label, how = FAIRNESS[met.kind]
        first, *more = met.words()
        lines += labelled(label, [f"{met.assumption.text}{how}: {first}", *more], style)
    return lines


def show_state(system: System, state: State, style: Style = PLAIN) -> list[str]:
    """A state in full, a line or more for each node; nodes that do not differ share theirs."""
    alike: dict[tuple[str, ...], list[NodeName]] = {}
    for member, cell in zip(system.members, state, strict=True):
        alike.setdefault(_cell(system, cell), []).append(member.name)
    names = [(group(nodes), fields) for fields, nodes in alike.items()]
    width = max((len(name) for name, _ in names), default=0)
    lines = []
    for name, fields in names:
        first, *more = flow(fields, style.width - width - 6) or [""]
        lines.append(f"    {style(name.ljust(width), 'cyan')}  {first}".rstrip())
        lines += [" " * (width + 6) + line for line in more]
    return lines


def _cell(system: System, cell: Cell) -> tuple[str, ...]:
    return tuple(f"{name} {text}".strip() for name, text in fields_of(system, cell))
