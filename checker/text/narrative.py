"""A trace as text: the initial state in full, then each step with only what it changed.

Made to be read by people, and quiet: about `ROOM` lines at most unless all is asked for. What a step
does not fit in one line is then cut, and if that is not enough the middle of the trace is left out;
the path on the last line still names every step. Steps that repeat for ever stand in a bracket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checker.model.behaviour import Trace, TraceStep, show_path
from checker.model.fairness import FINITELY, STRONGLY, WEAKLY
from checker.model.plaintext import printable
from checker.model.semantics import Cell, State, moved
from checker.model.system import System
from checker.model.values import differences, show
from checker.model.vocabulary import Message, NodeName, Sends
from checker.model.wording import action_of, fields_of, group, keeps_calls
from checker.text.calls import lanes_of, shows_calls
from checker.text.endings import goes_on, length_of, meetings
from checker.text.style import LABEL, PLAIN, Style, clip, flow, labelled, plural
from checker.traces.causality import Causality

#: Lines of a trace, about, when not all is asked for.
ROOM = 60
#: Columns of an action at most; what a longer one does stands below it.
ACTION_WIDTH = 42
#: What is assumed of steps → how that is labelled, and what stands behind the words of the model file.
FAIRNESS = {WEAKLY: ("fair", " (weakly)"), STRONGLY: ("fair", " (strongly)"), FINITELY: ("finitely", "")}


class Row(NamedTuple):
    """One step in columns: number, the step that sent what it takes, node, action, effects.

    `bracket` is what stands before it, and `bracketed` before the lines below it.
    """

    number: str
    sent: str
    node: str
    action: str
    effects: tuple[str, ...]
    bracket: str = " "
    bracketed: str = " "


HEADER = Row("step", "sent", "node", "action", ("changes, old → new, and + messages sent",))


def headline(trace: Trace, file: str, *, shortest: bool = True, style: Style = PLAIN) -> list[str]:
    """What the trace shows, how long it is, which file; the sentence that says why; what was claimed."""
    claim = trace.claim
    length = length_of(trace) + (", shortest" if shortest else "")
    said = printable(" ".join(trace.reason.split()))
    reason = ["  " + line for line in flow([said], style.width - 2)]
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
    trace: Trace, *, full: bool = False, style: Style = PLAIN, replay: str = "", lanes: bool = False
) -> list[str]:
    """The initial state, the steps, the path; with `full` the whole state after each step, uncut.

    `replay` is the command that replays the trace. It stands on one line, however long, to be pasted. Calls
    are drawn, if there is a history of them, where it is claimed that they can be ordered, or with `lanes`.
    """
    opening = [f"  {style('initial state', 'bold')}", *show_state(trace.system, trace.initial, style), ""]
    calls = lanes_of(trace, style) if lanes or shows_calls(trace) else []
    again = _again(trace, replay, style)
    closing = [*calls, *([""] if calls else []), *again]
    origins = Causality(trace).origins
    rows = [
        _row(trace, number, step, origin)
        for number, (step, origin) in enumerate(zip(trace.steps, origins, strict=True), start=1)
    ]
    widths = _widths(rows)
    header = (
        [style(line, "dim") for line in _lines(HEADER, widths, Style(width=style.width))] if rows else []
    )
    if full:
        body = [
            line
            for row, step in zip(rows, trace.steps, strict=True)
            for line in (*_lines(row, widths, style), *show_state(trace.system, step.after, style), "")
        ]
        return [*opening, *header, *body, *closing]
    room = max(ROOM - len(opening) - len(again) - 1, 20)
    return [*opening, *header, *_fitted(rows, widths, room, style), "", *closing]


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


def _fitted(rows: Sequence[Row], widths: tuple[int, int], room: int, style: Style) -> list[str]:
    """The steps in about `room` lines: whole, else one line each, else without the middle ones."""
    whole = [line for row in rows for line in _lines(row, widths, style)]
    if len(whole) <= room:
        return whole
    short = [_one_line(row, widths, style) for row in rows]
    if len(short) <= room:
        return [*short, style("        (lines that end in … are cut; --full shows all)", "dim")]
    hidden = len(short) - room
    begin = room // 2
    gap = style(f"        … {plural(hidden, 'step')} not shown; --full shows all", "dim")
    return [*short[:begin], gap, *short[begin + hidden :]]


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


def effects_of(system: System, step: TraceStep) -> Iterator[str]:
    """What a step did: `field old → new`, `+ message → receivers`, then what immediate ones changed.

    As in `differences_at` what observers of calls keep is left out.
    """
    node = step.transition.node
    before, after = step.before[node].local, step.after[node].local
    for name, old, new in differences(before, after):
        yield f"{name} {show(old)} → {show(new)}".strip()
    for message, receivers in _by_message(step.transition.sends):
        yield f"+ {show(message)} → {group(receivers)}"
    for other, old_local, new_local in moved(step.before, step.after):
        if other != node and not keeps_calls(system.members[other]):
            name = show(system.members[other].name)
            for field, old, new in differences(old_local, new_local):
                yield f"{name}: {field} {show(old)} → {show(new)}"
    if before == after and not step.transition.sends and not step.transition.lost:
        yield "no change"


def _by_message(sends: Sends) -> Iterator[tuple[Message, list[NodeName]]]:
    receivers: dict[Message, list[NodeName]] = {}
    for to, message in sends:
        receivers.setdefault(message, []).append(to)
    yield from receivers.items()


def _row(trace: Trace, number: int, step: TraceStep, origin: int | None) -> Row:
    node = show(trace.system.members[step.transition.node].name)
    sent = "" if origin is None else str(origin)
    brackets = _brackets(number, trace)
    effects = tuple(effects_of(trace.system, step))
    return Row(str(number), sent, node, action_of(step.transition), effects, *brackets)


def _brackets(number: int, trace: Trace) -> tuple[str, str]:
    """What stands before a step, and before the lines below it: a bracket around the steps that repeat."""
    if trace.loop is None or number <= trace.loop:
        return " ", " "
    first, last = number == trace.loop + 1, number == len(trace.steps)
    return {(True, True): "╶", (True, False): "╭", (False, True): "╰"}.get((first, last), "│"), " │"[
        not last
    ]


def _widths(rows: Sequence[Row]) -> tuple[int, int]:
    """Columns for nodes and for actions."""
    nodes = max((len(row.node) for row in rows), default=0)
    actions = (len(row.action) for row in rows if len(row.action) <= ACTION_WIDTH)
    return max(nodes, 4), max(actions, default=6)


def _left(row: Row, widths: tuple[int, int], style: Style) -> tuple[str, int]:
    """The columns up to the effects, and how many characters of a line they take."""
    nodes, actions = widths
    numbers = f"{row.bracket} {row.number:>4}  {style(f'{row.sent:>4}', 'dim')}  "
    text = f"{numbers}{style(row.node.ljust(nodes), 'cyan')}  {row.action.ljust(actions)}  "
    return text, 18 + nodes + max(len(row.action), actions)


def _lines(row: Row, widths: tuple[int, int], style: Style) -> list[str]:
    left, used = _left(row, widths, style)
    margin = 18 + sum(widths)
    effects = flow(row.effects, style.width - margin)
    first = effects.pop(0) if effects and used == margin else ""
    pad = row.bracketed.ljust(margin)
    return [(left + first).rstrip(), *(pad + line for line in effects)]


def _one_line(row: Row, widths: tuple[int, int], style: Style) -> str:
    left, used = _left(row, widths, style)
    return (left + clip("   ".join(row.effects), max(style.width - used, 1))).rstrip()
