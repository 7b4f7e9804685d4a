"""The space-time diagram of a trace: a line for each node, time going down, an arrow for each message.

Each step has a row of its own. On the left its dot sits on the line of its node, and the arrow of the
message it takes ends there, wherever it was sent; on the right, in that row, stands what it does and
what it changes. So no label can lie on another one, whatever the trace. A message that never arrives
is a faint stub with an open end; one that is taken again and again has a short arrow from the second time
on. Messages of one colour belong together (`System.colouring`). Steps that repeat for ever stand in a
bracket, whose arrow leads back to where they begin; a message that one of them sends and that is taken in
the next turn is a stub with the head of an arrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from checker.drawings import svg
from checker.model.behaviour import Trace, TraceStep
from checker.model.values import show
from checker.model.vocabulary import Message
from checker.model.wording import action_of, step_differences
from checker.text.endings import back, repeats, rests
from checker.text.style import clip, flow, wrapped
from checker.traces.causality import Causality, Parcel
from checker.traces.colours import colours_of

MARGIN = 16
HEADER = 46
#: Pixels between the lines of neighbouring nodes, at most and at least; many nodes stand closer.
LANES = (96, 74)
#: Nodes that have room at the largest distance.
FEW_NODES = 5
LINE = 16
#: Height of the row of the initial state, and what a row has beside its lines of text.
FIRST_ROW, AROUND_ROW = 26, 14
RADIUS = 10
#: Pixels for the number of a step beside its text.
NUMBER = 36
#: Characters of a line of text, and lines of changes in a row; more is cut, and the tooltip has all.
ROOM, LINES = 78, 4
#: Pixels that a narrow diagram, which stands beside something else, is to have; how short its lines of
#: changes may become for that, and how many there are then.
NARROW, SHORTEST, NARROW_LINES = 960, 40, 6

STYLE = """
svg.pmmc .dot{fill:var(--paper);stroke:var(--key);stroke-width:2}
svg.pmmc .wake .dot{stroke:var(--ink)}
svg.pmmc .arrow{stroke:var(--key);stroke-width:1.6;fill:none}
svg.pmmc .head{fill:var(--key)}
svg.pmmc .never{opacity:.72}
svg.pmmc .never .arrow{stroke-dasharray:3 3;stroke-width:1.3}
svg.pmmc .never .dot{stroke-width:1.2}
svg.pmmc .again .arrow{stroke-dasharray:2 3}
svg.pmmc .at-once .arrow{stroke:var(--ink);stroke-width:3.2}
svg.pmmc .at-once .head{fill:var(--ink)}
svg.pmmc .lost .arrow,svg.pmmc .lost .dot{stroke-dasharray:4 3}
svg.pmmc .cross{stroke:var(--bad);stroke-width:2.4}
svg.pmmc .action{fill:var(--key);font-weight:700}
svg.pmmc .shown .row{fill:var(--bad-band)}
svg.pmmc .shown .dot{fill:var(--bad);stroke:var(--bad)}
svg.pmmc .shown .number{fill:var(--paper)}
svg.pmmc .reached .row{fill:var(--band)}
svg.pmmc .reached .dot{fill:var(--good);stroke:var(--good)}
svg.pmmc .reached .number{fill:var(--paper)}
svg.pmmc .repeats .row{fill:var(--bad-band)}
svg.pmmc .cycle .arrow{stroke:var(--ink);stroke-dasharray:6 4;stroke-width:1.8}
svg.pmmc .cycle .head{fill:var(--ink)}
svg.pmmc .next-turn .arrow{stroke-dasharray:6 3}
svg.pmmc .row{fill:transparent}
svg.pmmc .step:hover .row,svg.pmmc .step.here .row{fill:var(--mark)}
"""


def spacetime(trace: Trace, *, upto: int | None = None) -> str:
    """The diagram as an SVG document; with `upto` only the first `upto` steps, in the same places."""
    return _Diagram(trace, len(trace.steps) if upto is None else upto).draw()


def spacetime_in_page(trace: Trace) -> tuple[str, str]:
    """The diagram for a page in which it is scrolled: the names once more, to stay in sight, and all of it.

    It is a narrow one: the lines of nodes are as close as they go, and lines of text shorter.
    """
    diagram = _Diagram(trace, len(trace.steps), narrow=True)
    return diagram.heads(), svg.inline(diagram.draw())


@dataclass(frozen=True, slots=True)
class _Row:
    """A step as it is drawn: where its dot is, and its text."""

    step: TraceStep
    x: float
    y: float
    top: float
    height: float
    action: list[str]
    lines: list[str]


class _Diagram:
    def __init__(self, trace: Trace, upto: int, *, narrow: bool = False) -> None:
        self.trace, self.system, self.known = trace, trace.system, Causality(trace)
        self.colour = colours_of(self.known)
        count = len(self.system.members)
        far = LANES[1] if narrow else LANES[0]
        lane = far if count <= FEW_NODES else max(LANES[1], far - 8 * (count - FEW_NODES))
        self.lanes = [MARGIN + lane * (i + 0.5) for i in range(count)]
        self.text_x = MARGIN + lane * count + 22
        self.room, self.most = ROOM, LINES
        if narrow:
            fitting = int((NARROW - self.text_x - NUMBER - MARGIN) / svg.CHARACTER)
            self.room, self.most = min(max(fitting, SHORTEST), ROOM), NARROW_LINES
        self.start = MARGIN + HEADER + FIRST_ROW / 2
        self.rows: list[_Row] = []
        top = float(MARGIN + HEADER + FIRST_ROW)
        steps = trace.steps[:upto]
        self.indent = max((len(self._name(step.transition.node)) for step in steps), default=0) + 2
        for step in steps:
            action, lines = self._action(step, narrow=narrow), self._changes(step)
            height = LINE * (len(action) + len(lines)) + AROUND_ROW
            x = self.lanes[step.transition.node]
            self.rows.append(_Row(step, x, top + AROUND_ROW / 2 + LINE / 2, top, height, action, lines))
            top += height
        self.bottom = top
        self.whole = upto >= len(trace.steps)
        self.closing = self._closing() if self.whole else []
        longest = max((len(line) for line in self._all_text()), default=0)
        self.width = self.text_x + NUMBER + longest * svg.CHARACTER + MARGIN

    def _all_text(self) -> Iterator[str]:
        for row in self.rows:
            yield from (" " * self.indent + line for line in row.action)
            yield from row.lines
        yield from self.closing

    def _closing(self) -> list[str]:
        if not self.trace.reason:
            return [f"↻ {repeats(self.trace)}"] if self.trace.loop is not None else []
        again = [f"↻ {back(self.trace)}"] if self.trace.loop is not None else []
        claim = self.trace.claim
        name = "raised: " if claim is None else f"{claim.id}: "
        return [*again, *flow([name + self.trace.reason, *filter(None, [rests(self.trace)])], self.room)]

    def draw(self) -> str:
        parts = [
            *(*self._bands(), *self._nodes(), *self._rows()),
            *(*self._messages(), *self._dots(), *self._cycle()),
        ]
        below = self.bottom + 18.0
        if self.closing:
            looks = "bold bad" if self.trace.reason and not self.trace.good else "bold"
            for i, text in enumerate(self.closing):
                parts.append(svg.text(self.text_x + NUMBER, below + 10 + i * LINE, text, looks))
            below += len(self.closing) * LINE + 8
        legend, below = self._legend(below + 8)
        told = f"{len(self.rows)} of {len(self.trace.steps)} steps"
        title = f"{self.system.name}: {told}, time downwards, a line for each node"
        size = self.width, below + MARGIN
        return svg.document(size, [*parts, *legend], title=title, looks="spacetime", style=STYLE)

    def heads(self) -> str:
        """What stands at the top of the diagram, by itself."""
        size = self.width, float(MARGIN + HEADER)
        return svg.again(size, self._heads())

    def _nodes(self) -> Iterator[str]:
        for x in self.lanes:
            yield svg.line(x, MARGIN + HEADER - 6, x, self.bottom + 8, "lane")
        yield from self._heads()

    def _heads(self) -> Iterator[str]:
        for member, x in zip(self.system.members, self.lanes, strict=True):
            head, _, last = show(member.name).rpartition(" ")
            yield svg.rect((x - 35, MARGIN), (70, HEADER - 8), "box", 6)
            if head:
                yield svg.text(x, MARGIN + 15, clip(head, 11), "middle dim small")
                yield svg.text(x, MARGIN + 31, clip(last, 8), "middle bold")
            else:
                yield svg.text(x, MARGIN + 23, clip(last, 8), "middle bold")

    def _bands(self) -> Iterator[str]:
        """The background of each row, to be seen when it matters."""
        for number, row in enumerate(self.rows, start=1):
            band = svg.rect((0, row.top), (self.width, row.height), "row")
            yield svg.group([band], self._looks(number), step=number)

    def _rows(self) -> Iterator[str]:
        """What stands to the right of the lines: who does what, and what it changes."""
        left = self.text_x + NUMBER
        for number, row in enumerate(self.rows, start=1):
            parts = [
                svg.line(row.x + RADIUS + 2, row.y, self.text_x, row.y, "guide"),
                svg.text(left - 10, row.y + 4, str(number), "dim end"),
                svg.text(left, row.y + 4, self._name(row.step.transition.node), "bold"),
            ]
            told = [(left + self.indent * svg.CHARACTER, "action", line) for line in row.action]
            told += [(left, "", line) for line in row.lines]
            parts += (
                svg.text(x, row.y + 4 + i * LINE, line, looks) for i, (x, looks, line) in enumerate(told)
            )
            yield svg.group(parts, f"{self._looks(number)} told", self._tip(row), step=number)

    def _tip(self, row: _Row) -> str:
        """All of what is told of a step, if some of it was cut."""
        if not any(line.endswith("…") for line in (*row.action, *row.lines)):
            return ""
        return "\n".join([action_of(row.step.transition), *step_differences(self.system, row.step)])

    def _action(self, step: TraceStep, *, narrow: bool) -> list[str]:
        """What is done in a step, in a line; a narrow diagram has it in several rather than cut."""
        text = action_of(step.transition)
        return wrapped(text, self.room - self.indent) if narrow else [clip(text, ROOM - self.indent + 2)]

    def _changes(self, step: TraceStep) -> list[str]:
        """What a step changes, in lines; what is too much for its row is cut."""
        lines = flow(step_differences(self.system, step), self.room)
        if len(lines) <= self.most:
            return lines
        return [*lines[: self.most - 1], clip(lines[self.most - 1], self.room - 2) + " …"]

    def _dots(self) -> Iterator[str]:
        for number, row in enumerate(self.rows, start=1):
            size = svg.text(row.x, row.y + 3.5, str(number), "middle small bold number")
            if row.step.transition.message is None:
                side = RADIUS * 1.8
                dot = svg.rect((row.x - side / 2, row.y - side / 2), (side, side), "dot", 3)
            else:
                dot = svg.circle(row.x, row.y, RADIUS, "dot")
            yield svg.group([dot, size], self._looks(number), step=number)

    def _cycle(self) -> Iterator[str]:
        """A bracket around the steps that repeat, from the end of the last back to the first."""
        loop = self.trace.loop
        if loop is None or not self.whole:
            return
        top, x = self.rows[loop].top, MARGIN / 2
        bracket: list[str | float] = ["M", 3 * x, self.bottom, "L", x, self.bottom, x, top, 3 * x, top]
        lines = [svg.line(3 * x, y, self.width, y, "guide") for y in (top, self.bottom)]
        shapes = [*lines, svg.path(bracket, "arrow"), _head((x, top), (3 * x + 6, top))]
        yield svg.group(shapes, "cycle", f"{repeats(self.trace)}: {back(self.trace)}", at=loop)

    def _looks(self, number: int) -> str:
        step = self.trace.steps[number - 1].transition
        looks = (
            f"step k {self._key(step.message)}".rstrip()
            + (" wake" if step.message is None else "")
            + (" lost" if step.lost else "")
        )
        if self.trace.loop is not None:
            return looks + " repeats" if number > self.trace.loop and self.trace.reason else looks
        if number == len(self.trace.steps) and self.trace.reason:
            good = self.trace.good
            looks += " reached" if good else " shown"
        return looks

    def _key(self, message: Message | None) -> str:
        colouring = self.system.colouring
        key = None if colouring is None or message is None else colouring.key(message)
        return self.colour.get(key, "") if key is not None else ""

    # Messages -------------------------------------------------------------------------------------------

    def _messages(self) -> Iterator[str]:
        for parcel in self.known.parcels:
            if parcel.sent > len(self.rows):
                continue
            taken = [n for n in parcel.taken if n <= len(self.rows) and not parcel.at_once]
            tip = f"{show(parcel.message)}: {show(parcel.sender)} → {self._name(parcel.receiver)}"
            key = self._key(parcel.message)
            if parcel.at_once:
                yield svg.group(self._at_once(parcel), f"k {key} at-once", tip, step=parcel.sent)
            elif not taken and parcel.sent:
                stub, later = self._stub(parcel), self._later(parcel)
                looks = f"k {key} {'next-turn' if later else 'never'}"
                yield svg.group(stub, looks, f"{tip}, {later or 'not received'}", step=parcel.sent)
            for number in taken[:1]:
                looks = f"k {key} message" + (" lost" if parcel.lost else "")
                yield svg.group(self._arrow(parcel, number), looks, tip, step=number)
            for number in taken[1:]:
                again = f"{tip}, once more: taken before in step {taken[0]}"
                yield svg.group(self._again(number), f"k {key} message again", again, step=number)

    def _later(self, parcel: Parcel) -> str:
        """Which step takes a message in a later turn of the cycle, if it is drawn so far; else empty."""
        return f"received in step {parcel.later} of a later turn" if parcel.later and self.whole else ""

    def _name(self, node: int) -> str:
        return show(self.system.members[node].name)

    def _begin(self, parcel: Parcel) -> tuple[float, float] | None:
        """Where a message is sent; None if from outside the system."""
        node = self.system.positions.get(parcel.sender)
        if node is None:
            return None
        return self.lanes[node], self.rows[parcel.sent - 1].y if parcel.sent else self.start

    def _arrow(self, parcel: Parcel, number: int) -> Iterator[str]:
        row, begin = self.rows[number - 1], self._begin(parcel)
        if begin is None:
            begin = row.x - 32, row.y - 9
        elif begin[0] == row.x:
            yield from self._loop(begin[1], row)
            return
        elif not parcel.sent:
            yield svg.circle(*begin, 3, "head")
        yield from _line_to(begin, (row.x, row.y), lost=parcel.lost, gap=RADIUS if parcel.sent else 0)

    def _loop(self, y: float, row: _Row) -> Iterator[str]:
        """A message of a node to itself: a bow beside its line."""
        x, bend = row.x, 26.0
        yield svg.path(
            ["M", x + 7, y + 7, "C", x + bend, y + 14, x + bend, row.y - 14, x + 9, row.y - 7], "arrow"
        )
        yield _head((x + bend, row.y - 16), (x + 7.5, row.y - 6))

    def _again(self, number: int) -> Iterator[str]:
        """A message that was taken before, which is where it is drawn where it comes from."""
        row = self.rows[number - 1]
        yield from _line_to((row.x - 34, row.y - 10), (row.x, row.y), lost=False, gap=0)
        yield svg.text(row.x - 38, row.y - 6, "↻", "action end")

    def _stub(self, parcel: Parcel) -> Iterator[str]:
        begin = self._begin(parcel)
        assert begin is not None
        x, y = begin
        across = self.lanes[parcel.receiver] - x or 40
        dx = math.copysign(min(abs(across) * 0.6, abs(across) - 16), across)
        dy = 9.0
        yield svg.line(x + math.copysign(RADIUS, dx), y + 3, x + dx, y + dy, "arrow")
        if self._later(parcel):
            yield _head(begin, (x + dx + math.copysign(8, dx), y + dy))
            return
        yield svg.circle(x + dx + math.copysign(3, dx), y + dy, 3, "dot")

    def _at_once(self, parcel: Parcel) -> Iterator[str]:
        row, x = self.rows[parcel.sent - 1], self.lanes[parcel.receiver]
        way = math.copysign(1, x - row.x)
        yield svg.line(row.x + way * RADIUS, row.y, x - way * 15, row.y, "arrow")
        yield _head((row.x, row.y), (x - way * 8, row.y), 11)
        yield svg.rect((x - 7, row.y - 7), (14, 14), "dot", 2)

    def _legend(self, y: float) -> tuple[list[str], float]:
        """What colours and shapes mean, of those that occur; and where that ends."""
        words = ["○ takes a message"]
        occurring = [row.step.transition for row in self.rows]
        parcels = [p for p in self.known.parcels if p.sent <= len(self.rows)]
        received = {n for p in parcels for n in p.taken if n <= len(self.rows)}
        waiting = [p for p in parcels if received.isdisjoint(p.taken)]
        for said, occurs in (
            ("□ of its own accord", any(t.message is None for t in occurring)),
            ("╌○ not received", any(p.sent and not self._later(p) for p in waiting)),
            ("╌▸ received in a later turn", any(map(self._later, waiting))),
            ("╌✕ lost", any(t.lost for t in occurring)),
            ("↻▸ taken once more", any(sum(n <= len(self.rows) for n in p.taken) > 1 for p in parcels)),
            ("➔ at once", any(p.at_once for p in parcels)),
        ):
            if occurs:
                words.append(said)
        shapes = [svg.text(MARGIN, y + 14, "    ".join(words), "dim")]
        x = MARGIN + len("    ".join(words)) * svg.CHARACTER + 30
        colouring = self.system.colouring
        for key, looks in self.colour.items() if colouring is not None else ():
            assert colouring is not None
            label = f"{colouring.name} {show(key)}"
            if x + len(label) * svg.CHARACTER > self.width:
                x, y = MARGIN, y + LINE + 4
            shapes.append(svg.group([svg.text(x, y + 14, f"■ {label}", "action")], f"k {looks}"))
            x += (len(label) + 4) * svg.CHARACTER
        return shapes, y + LINE + 4


def _line_to(
    begin: tuple[float, float], end: tuple[float, float], *, lost: bool, gap: float
) -> Iterator[str]:
    """An arrow between two dots, from rim to rim."""
    (x1, y1), (x2, y2) = begin, end
    length = math.hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    tip = x2 - ux * (RADIUS + 1), y2 - uy * (RADIUS + 1)
    yield svg.line(x1 + ux * gap, y1 + uy * gap, tip[0] - ux * 5, tip[1] - uy * 5, "arrow")
    if lost:
        x, y = x2 - ux * (RADIUS + 14), y2 - uy * (RADIUS + 14)
        yield svg.line(x - 5, y - 5, x + 5, y + 5, "cross") + svg.line(x - 5, y + 5, x + 5, y - 5, "cross")
    else:
        yield _head(begin, tip)


def _head(begin: tuple[float, float], tip: tuple[float, float], size: float = 8) -> str:
    """The head of an arrow that comes from `begin`."""
    angle = math.atan2(tip[1] - begin[1], tip[0] - begin[0])
    corners = [
        (tip[0] + size * math.cos(angle + turn), tip[1] + size * math.sin(angle + turn))
        for turn in (2.75, -2.75)
    ]
    return svg.polygon([tip, *corners], "head")
