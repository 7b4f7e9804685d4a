"""The steps of a trace as lines: each with what it changed, side by side in columns or stacked.

In columns what a step does stands beside it; in a narrow place, or where that takes fewer lines, below it.
A step is cut only where the whole trace would be a wall of text either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from checker.model.behaviour import Trace, TraceStep
from checker.model.semantics import moved
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import Message, NodeName, kind_of
from checker.model.wording import action_of, differences_at, group
from checker.text.style import Style, flowing, plural, wrapped
from checker.traces.causality import Causality
from checker.traces.colours import colours_of

#: Lines of steps, about, that are shown uncut; of more, and the steps cut to a line each, so many.
UNCUT, CUT = 100, 60
#: In fewer columns than this steps are stacked.
STACKED = 110
#: Columns of what stands before the name of the node; how far what a step did is indented below it.
NUMBERS, INDENT = 14, 16
#: Columns at least beside actions, for what they do.
BESIDE = 40
#: Steps of a long trace that the width of its columns is chosen by.
SAMPLE = 100

#: A part of a line, and how it looks.
Piece = tuple[str, str]
Line = list[Piece]


class Row(NamedTuple):
    """One step: number, the step that sent what it takes, node, action, and effects with their looks.

    `look` is that of the action. `bracket` stands before the step, `bracketed` before the lines below it.
    """

    number: str
    sent: str
    node: str
    action: str
    effects: tuple[Piece, ...]
    look: str = ""
    bracket: str = " "
    bracketed: str = " "


HEADER = Row("step", "sent", "node", "action", (("changes, old → new, and + messages sent", ""),))
#: How one step is laid out, uncut.
Layout = Callable[[Row], list[Line]]


def lines_of(trace: Trace, style: Style, *, uncut: bool = False) -> list[str]:
    """The steps under their heading: in columns, else stacked, else each cut to one line."""
    rows = rows_of(trace)
    if not rows:
        return []
    layouts = layouts_of(rows, style)
    tried = []
    if uncut or len(rows) <= UNCUT:
        for layout in layouts:
            lines = [line for row in rows for line in painted(layout(row), style)]
            if len(lines) <= UNCUT:
                return [*heading(layout, style), *lines]
            tried.append((len(lines), layout, lines))
    if uncut:
        _, layout, lines = min(tried, key=lambda way: way[0])
        return [*heading(layout, style), *lines]
    return _cut(rows, style)


def painted(lines: Iterable[Line], style: Style) -> Iterator[str]:
    """Lines as texts, without blanks at their ends."""
    for line in lines:
        kept = list(line)
        while kept and not kept[-1][0].rstrip():
            kept.pop()
        ending = [(text.rstrip(), look) for text, look in kept[-1:]]
        yield "".join(style(text, look) for text, look in [*kept[:-1], *ending])


def layouts_of(rows: Sequence[Row], style: Style) -> list[Layout]:
    """The layouts that a place of this width has, the one that is preferred first."""
    nodes = max(len(row.node) for row in (HEADER, *rows))
    stacked: Layout = lambda row: _stacked(row, nodes, style.width)  # noqa: E731
    if style.width < STACKED:
        return [stacked]
    actions = _best(rows, nodes, style.width)
    return [lambda row: _columns(row, (nodes, actions), style.width), stacked]


def heading(layout: Layout, style: Style) -> list[str]:
    """What stands above the steps."""
    lines = ("".join(text for text, _ in line) for line in layout(HEADER))
    return [style(line.rstrip(), "dim") for line in lines]


def rows_of(trace: Trace) -> list[Row]:
    """What is shown of each step; messages have colours as in drawings, those of ballots for instance."""
    known = Causality(trace)
    colouring, colours = trace.system.colouring, colours_of(known)

    def look(message: Message | None) -> str:
        if colouring is None or message is None:
            return ""
        return colours.get(colouring.key(message), "")

    return [
        Row(
            str(number),
            "" if origin is None else str(origin),
            show(trace.system.members[step.transition.node].name),
            action_of(step.transition),
            tuple((text, look(message)) for text, message in effects_at(trace.system, step)),
            look(step.transition.message),
            *_brackets(number, trace),
        )
        for number, (step, origin) in enumerate(zip(trace.steps, known.origins, strict=True), start=1)
    ]


def effects_of(system: System, step: TraceStep) -> Iterator[str]:
    """What a step did: what it changed of its node, `+ message → receivers`, what changed elsewhere."""
    return (text for text, _ in effects_at(system, step))


def effects_at(system: System, step: TraceStep) -> Iterator[tuple[str, Message | None]]:
    """The texts of `effects_of`, each with the message that it is about, if it is about one.

    As in `differences_at` what observers of calls keep is left out. A message that was handled at once, and
    changed all who got it, is told by that.
    """
    node, changes = step.transition.node, list(differences_at(system, step))
    yield from ((text, None) for place, text in changes if place == node)
    yield from ((f"+ {show(m)} → {group(to)}", m) for m, to in _by_message(system, step))
    yield from ((text, None) for place, text in changes if place != node)
    silent = not changes and not step.transition.sends and not step.transition.lost
    if silent and not list(moved(step.before, step.after)):
        yield "no change", None


def _by_message(system: System, step: TraceStep) -> Iterator[tuple[Message, list[NodeName]]]:
    """What a step sent, and to whom; but for what is told by what it changed."""
    told = {system.members[node].name for node, _ in differences_at(system, step)}
    at_once = {member.name: member.role.immediate for member in system.members}
    receivers: dict[Message, list[NodeName]] = {}
    for to, message in step.transition.sends:
        receivers.setdefault(message, []).append(to)
    for message, to_whom in receivers.items():
        if not all(to in told and kind_of(message) in at_once[to] for to in to_whom):
            yield message, to_whom


def _brackets(number: int, trace: Trace) -> tuple[str, str]:
    """What stands before a step, and before the lines below it: a bracket around the steps that repeat."""
    if trace.loop is None or number <= trace.loop:
        return " ", " "
    first, last = number == trace.loop + 1, number == len(trace.steps)
    return {(True, True): "╶", (True, False): "╭", (False, True): "╰"}.get((first, last), "│"), " │"[
        not last
    ]


def _best(rows: Sequence[Row], nodes: int, width: int) -> int:
    """The columns for actions with which the steps take the fewest lines, and most stand beside theirs."""
    sample, most = rows[:SAMPLE], width - NUMBERS - nodes - 4 - BESIDE
    widths = sorted(len(row.action) for row in (HEADER, *sample) if len(row.action) <= most)

    def lines(actions: int) -> int:
        return sum(len(_columns(row, (nodes, actions), width)) for row in sample)

    return min(widths[len(widths) // 2 :], key=lines)


def _left(row: Row, nodes: int) -> Line:
    """The columns up to the action."""
    number = f"{row.bracket} {row.number:>4}  "
    return [(number, ""), (f"{row.sent:>4}  ", "dim"), (f"{row.node.ljust(nodes)}  ", "cyan")]


def _columns(row: Row, widths: tuple[int, int], width: int) -> list[Line]:
    """Effects beside the action, or below one that is too long for its column."""
    nodes, actions = widths
    before = NUMBERS + nodes + 2
    margin = before + actions + 2
    first, *more = wrapped(row.action, width - before)
    effects = _effects(row, width - margin)
    beside = effects.pop(0) if effects and not more and len(first) <= actions else []
    lines = [[*_left(row, nodes), (first.ljust(actions if beside else 0), row.look), ("  ", ""), *beside]]
    lines += [[(row.bracketed.ljust(before), ""), (part, row.look)] for part in more]
    return [*lines, *([(row.bracketed.ljust(margin), ""), *line] for line in effects)]


def _stacked(row: Row, nodes: int, width: int) -> list[Line]:
    """The step on a line, what it did below it."""
    room = width - NUMBERS
    if nodes + 2 + len(row.action) > room:
        nodes = 0
    whole = f"{row.node.ljust(nodes)}  {row.action}"
    first, *more = [whole] if len(whole) <= room else wrapped(whole, room, " " * (INDENT - NUMBERS + 2))
    *left, _ = _left(row, nodes)
    name = len(row.node.ljust(nodes))
    lines = [[*left, (first[:name], "cyan"), (first[name:], row.look)]]
    lines += [[(row.bracketed.ljust(NUMBERS), ""), (part, row.look)] for part in more]
    return [*lines, *([(row.bracketed.ljust(INDENT), ""), *line] for line in _effects(row, width - INDENT))]


def _effects(row: Row, room: int) -> list[Line]:
    """What a step did."""
    lines = flowing([text for text, _ in row.effects], room)
    return [
        [
            piece
            for place, (number, text) in enumerate(line)
            for piece in ([("   ", "")] if place else []) + [(text, row.effects[number][1])]
        ]
        for line in lines
    ]


def _cut(rows: Sequence[Row], style: Style) -> list[str]:
    """Each step on one line, cut to the width; without the middle ones if there are too many."""
    nodes = max(len(row.node) for row in rows)
    most = max(style.width - NUMBERS - nodes - 4 - BESIDE, BESIDE)
    actions = max((len(row.action) for row in rows if len(row.action) <= most), default=0)
    short = [*painted((_one_line(row, (nodes, actions), style.width) for row in rows), style)]
    above = heading(lambda row: [_one_line(row, (nodes, actions), style.width)], style)
    hidden, begin = len(short) - CUT, CUT // 2
    said = f"… {plural(hidden, 'step')} not shown; --deltas shows all, --full whole states too"
    if hidden <= 0:
        said, begin, hidden = "(lines that end in … are cut; --deltas shows all of them)", len(short), 0
    note = [style(" " * 8 + line, "dim") for line in wrapped(said, style.width - 8)]
    return [*above, *short[:begin], *note, *short[begin + hidden :]]


def _one_line(row: Row, widths: tuple[int, int], width: int) -> Line:
    nodes, actions = widths
    effects = [piece for text, look in row.effects for piece in ((text, look), ("   ", ""))][:-1]
    pieces = [*_left(row, nodes), (row.action.ljust(actions), row.look), ("  ", ""), *effects]
    whole = sum(len(text) for text, _ in pieces) <= width
    return pieces if whole else [*_shortened(pieces, width - 1)]


def _shortened(pieces: Sequence[Piece], room: int) -> Iterator[Piece]:
    """As much of the parts as there is room for, and …"""
    for text, look in pieces:
        yield text[:room], look
        room -= len(text)
        if room < 0:
            yield "…", look
            return
