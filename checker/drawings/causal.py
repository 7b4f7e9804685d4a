"""What caused what, drawn: a lane for each node, events from left to right, an arrow for each message.

An event stands as far to the right as the longest chain of causes before it; so what could have
happened side by side stands side by side, whatever the order of the trace. Events that what is shown
does not need are faint, or left out. Events that repeat for ever are marked; what they cause in the next
turn is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from checker.drawings import svg
from checker.model.behaviour import Trace
from checker.model.values import show
from checker.model.wording import Label, action_of, label_of, step_differences
from checker.text.endings import repeats
from checker.text.style import clip
from checker.traces.causality import Causality, Link, Why
from checker.traces.colours import colours_of
from checker.traces.slicing import slice_of

MARGIN = 16
#: Width and height of an event, the gaps between columns and between lanes, and the width of names.
BOX, GAP, NAMES = (118, 34), (34, 26), 96
CHARACTERS = 15

STYLE = """
svg.pmmc .event rect{fill:var(--paper);stroke:var(--key);stroke-width:1.6}
svg.pmmc .event.last rect{fill:var(--bad-band);stroke:var(--bad);stroke-width:2.4}
svg.pmmc .event.goal rect{fill:var(--band);stroke:var(--good);stroke-width:2.4}
svg.pmmc .event.repeats rect{fill:var(--bad-band);stroke-dasharray:5 3}
svg.pmmc .unneeded{--key:var(--dim)}
svg.pmmc .unneeded text{fill:var(--dim);font-weight:400}
svg.pmmc .event.unneeded rect{stroke-dasharray:3 3}
svg.pmmc .arrow{stroke:var(--key);stroke-width:1.6;fill:none}
svg.pmmc .head{fill:var(--key)}
svg.pmmc .order{stroke:var(--line);stroke-width:2.4;fill:none}
svg.pmmc .at-once .arrow{stroke-width:3.2}
svg.pmmc .event text{font-size:10.5px}
svg.pmmc .event:hover rect,svg.pmmc .event.here rect{fill:var(--mark)}
"""


def causal_drawing(trace: Trace, *, needed_only: bool = False) -> str:
    """The drawing as an SVG document; with `needed_only` only what the trace's claim needs."""
    return _Drawing(trace, needed_only=needed_only).draw()


class InPage(NamedTuple):
    """The drawing in a page: its names once more, to stay in sight, all of it, and how many steps count."""

    names: str
    drawing: str
    needed: int


def causal_in_page(trace: Trace) -> InPage:
    """The drawing of all steps for a page in which it is scrolled."""
    drawing = _Drawing(trace, needed_only=False)
    return InPage(drawing.heads(), svg.inline(drawing.draw()), len(drawing.needed))


class _Drawing:
    def __init__(self, trace: Trace, *, needed_only: bool) -> None:
        self.trace, self.system, self.known = trace, trace.system, Causality(trace)
        self.needed = frozenset(slice_of(trace, self.known))
        self.colour = colours_of(self.known)
        everything = range(1, len(trace.steps) + 1)
        self.shown = sorted(self.needed) if needed_only else list(everything)
        self.lanes = sorted({node for number in self.shown for node in self.known.nodes[number - 1]})
        self.column: dict[int, int] = {}
        for number in self.shown:
            links = self.known.links_to(number)
            before = [self.column[link.before] for link in links if link.before in self.column]
            self.column[number] = max(before, default=-1) + 1

    def draw(self) -> str:
        columns = max(self.column.values(), default=0) + 1
        width = NAMES + columns * (BOX[0] + GAP[0]) + 2 * MARGIN
        height = len(self.lanes) * (BOX[1] + GAP[1]) + 2 * MARGIN
        parts = [*self._names(width), *self._links(), *self._events()]
        if self.trace.loop is not None:
            parts.append(svg.text(MARGIN, height, f"╌ {repeats(self.trace)}", "dim"))
            height += MARGIN
        title = f"{self.system.name}: what caused what"
        return svg.document((width, height), parts, title=title, looks="causal", style=STYLE)

    def heads(self) -> str:
        """What stands at the left of the drawing, by itself."""
        size = float(MARGIN + NAMES), len(self.lanes) * (BOX[1] + GAP[1]) + 2.0 * MARGIN
        return svg.again(size, self._names(size[0]))

    def _corner(self, number: int, node: int) -> tuple[float, float]:
        x = MARGIN + NAMES + self.column[number] * (BOX[0] + GAP[0])
        return x, MARGIN + self.lanes.index(node) * (BOX[1] + GAP[1]) + GAP[1] / 2

    def _names(self, width: float) -> Iterator[str]:
        for place, node in enumerate(self.lanes):
            y = MARGIN + place * (BOX[1] + GAP[1])
            if place % 2 == 0:
                yield svg.rect((0, y), (width, BOX[1] + GAP[1]), "box")
            yield svg.text(
                MARGIN,
                y + (BOX[1] + GAP[1]) / 2 + 4,
                clip(show(self.system.members[node].name), 13),
                "bold",
            )

    def _events(self) -> Iterator[str]:
        for number in self.shown:
            step = self.trace.steps[number - 1]
            tip = "\n".join([action_of(step.transition), *step_differences(self.system, step)])
            for node in sorted(self.known.nodes[number - 1]):
                x, y = self._corner(number, node)
                own = node == step.transition.node
                action = label_of(step.transition) if own else Label("at once", "at once")
                inside = [
                    svg.rect((x, y), BOX, "", 5),
                    svg.text(x + 7, y + 14, f"{number}", "bold"),
                    svg.text(x + 7 + 8 * len(str(number)), y + 14, clip(action.name, 13), "bold"),
                    svg.text(x + 7, y + 27, clip(action.inside, CHARACTERS + 1), "dim"),
                ]
                yield svg.group(inside, self._looks(number), tip, step=number)

    def _looks(self, number: int) -> str:
        trace = self.trace
        looks = f"event k {self._key(trace.steps[number - 1].transition.message)}".rstrip()
        if trace.loop is not None:
            looks += " repeats" if number > trace.loop else ""
        elif number == len(trace.steps) and trace.reason:
            looks += " goal" if trace.good else " last"
        return looks if number in self.needed else f"{looks} unneeded"

    def _key(self, message: object) -> str:
        colouring = self.system.colouring
        key = None if colouring is None or message is None else colouring.key(message)
        return self.colour.get(key, "") if key is not None else ""

    def _links(self) -> Iterator[str]:
        shown = set(self.shown)
        for number in self.shown:
            faint = "" if number in self.needed else " unneeded"
            own = self.trace.steps[number - 1].transition.node
            for node in self.known.nodes[number - 1]:
                if node != own:
                    yield svg.group(self._down(number, own, node), f"k at-once{faint}")
            links = [link for link in self.known.links_to(number) if link.before in shown]
            for link in links:
                if link.why is Why.NODE:
                    yield svg.group([self._order(link)], faint.strip())
                else:
                    looks = f"k {self._key(link.message)}{faint}"
                    yield svg.group(self._message(link, own), looks, show(link.message))

    def _order(self, link: Link) -> str:
        (x1, y1), (x2, y2) = self._corner(link.before, link.node), self._corner(link.after, link.node)
        return svg.line(x1 + BOX[0], y1 + BOX[1] / 2, x2, y2 + BOX[1] / 2, "order")

    def _message(self, link: Link, node: int) -> Iterator[str]:
        """An arrow; one over several columns runs between the lanes, where it is behind no event."""
        sender = self.trace.steps[link.before - 1].transition.node
        (x1, y1), (x2, y2) = self._corner(link.before, sender), self._corner(link.after, node)
        begin, end = (x1 + BOX[0], y1 + BOX[1] / 2), (x2, y2 + BOX[1] / 2)
        last = end[0] - 6, end[1]
        curve: list[str | float]
        if self.column[link.after] - self.column[link.before] == 1:
            bend = GAP[0] * 0.6
            curve = ["M", *begin, "C", begin[0] + bend, begin[1], end[0] - bend, end[1], *last]
        else:
            side = math.copysign(1, begin[1] - end[1]) if begin[1] != end[1] else -1
            y = end[1] + side * (BOX[1] + GAP[1]) / 2 + (link.after % 3 - 1) * 5
            turn = GAP[0] * 0.55
            curve = [
                *("M", *begin, "C", begin[0] + turn, begin[1], begin[0], y, begin[0] + turn, y),
                *("L", end[0] - turn - 8, y, "C", end[0] - turn, y, end[0] - turn, end[1], *last),
            ]
        yield svg.path(curve, "arrow")
        yield svg.polygon([end, (end[0] - 8, end[1] - 3.5), (end[0] - 8, end[1] + 3.5)], "head")

    def _down(self, number: int, own: int, other: int) -> Iterator[str]:
        (x, y1), (_, y2) = self._corner(number, own), self._corner(number, other)
        way = math.copysign(1, y2 - y1)
        begin, end = (y1 + BOX[1], y2) if way > 0 else (y1, y2 + BOX[1])
        middle = x + BOX[0] / 2
        yield svg.line(middle, begin, middle, end - 7 * way, "arrow")
        yield svg.polygon([(middle, end), (middle - 4, end - 9 * way), (middle + 4, end - 9 * way)], "head")
