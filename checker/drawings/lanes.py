"""The lane chart of a history: a lane for each client, a bar for each call, from invocation to answer.

A number in a circle is where a call takes effect, in the order that explains most. A bar that is dashed,
with ✗ before its text, is a call whose answer fits nowhere; one without an end is pending. Time runs to the
right and is that of the trace's steps; columns are those of the chart in text.
"""

from __future__ import annotations

from collections.abc import Iterator

from checker.drawings import svg
from checker.model.values import show
from checker.text.calls import lasting, why_nowhere
from checker.text.lanes import Bar, Chart, Lane, chart
from checker.text.style import clip
from checker.traces.calls import Explanation

MARGIN = 16
#: Characters of a client's name at most, and columns of a chart where its texts do not need more.
NAME, ROOM = 16, 120
#: Heights: of the line of steps, of a call with its text, of its bar, and what lies between lanes.
STEPS, ROW, BAR, BETWEEN = 22, 46, 16, 10
RADIUS = 8
#: What is said of a history without calls.
NOTHING = "no client has asked for anything"

STYLE = """
svg.lanes .call .bar{fill:var(--band);stroke:var(--k0);stroke-width:1.6}
svg.lanes .call .effect circle{fill:var(--k0)}
svg.lanes .call .effect text{fill:var(--paper)}
svg.lanes .nowhere .bar{fill:var(--bad-band);stroke:var(--bad);stroke-dasharray:5 3}
svg.lanes .nowhere text.asked{fill:var(--bad);font-weight:700}
svg.lanes .nowhere .effect circle{fill:var(--bad)}
svg.lanes .pending text.asked{fill:var(--dim)}
svg.lanes .pending .bar{stroke-dasharray:2 3}
svg.lanes .moment rect{fill:transparent}
svg.lanes .moment.here rect,svg.lanes .moment:hover rect{fill:var(--mark)}
"""


def lane_chart(explained: Explanation) -> str:
    """The chart as an SVG document."""
    return _Drawing(explained).draw()


def lanes_in_page(explained: Explanation) -> str:
    """The chart for a page in which it is scrolled: names once more, to stay in sight, and all of it."""
    drawing = _Drawing(explained)
    return drawing.heads() + svg.inline(drawing.draw())


class _Drawing:
    def __init__(self, explained: Explanation) -> None:
        self.explained = explained
        self.chart: Chart = chart(explained, ROOM)
        names = [clip(show(client), NAME) for client in explained.history.clients]
        self.names = names
        self.left = MARGIN + (max(map(len, names), default=0) + 2) * svg.CHARACTER
        self.right = self.left + self.chart.width * svg.CHARACTER
        rows = sum(len(lane.rows) for lane in self.chart.lanes)
        self.bottom = MARGIN + STEPS + rows * ROW + len(names) * BETWEEN

    def draw(self) -> str:
        parts = [*self._moments(), *self._steps(), *self._lanes()]
        if not self.names:
            parts = [svg.text(MARGIN, MARGIN + 12, NOTHING, "dim")]
        size = max(self.right, len(NOTHING) * svg.CHARACTER) + MARGIN, self.bottom + MARGIN
        title = "calls by client, from when they were asked to when they were answered"
        return svg.document(size, parts, title=title, looks="lanes", style=STYLE)

    def _x(self, column: float) -> float:
        return self.left + column * svg.CHARACTER

    def _moments(self) -> Iterator[str]:
        """A band for each step, to be seen when it is the one that is shown."""
        for step in range(self.explained.history.end + 1):
            x = self._x(self.chart.column(step))
            band = svg.rect((x - 3, MARGIN), (6, self.bottom - MARGIN), "")
            yield svg.group([band], "step moment", f"step {step}", step=step)

    def _steps(self) -> Iterator[str]:
        yield svg.text(MARGIN, MARGIN + 12, "steps", "dim")
        for step, column in self.chart.columns.items():
            yield svg.text(self._x(column), MARGIN + 12, str(step), "dim")
            yield svg.line(self._x(column), MARGIN + STEPS - 4, self._x(column), self.bottom, "guide")

    def heads(self) -> str:
        """What stands at the left of the chart, by itself."""
        size = self.left - svg.CHARACTER, self.bottom
        return svg.again(size, (self._name(name, top) for name, _, top in self._tops()))

    def _tops(self) -> Iterator[tuple[str, Lane, float]]:
        """Each client with its lane and where that begins."""
        y = float(MARGIN + STEPS)
        for name, lane in zip(self.names, self.chart.lanes, strict=True):
            yield name, lane, y
            y += len(lane.rows) * ROW + BETWEEN

    def _name(self, name: str, y: float) -> str:
        return svg.text(MARGIN, y + 18, name, "bold")

    def _lanes(self) -> Iterator[str]:
        for name, lane, top in self._tops():
            yield svg.line(MARGIN, top, self.right, top, "lane")
            yield self._name(name, top)
            for number, row in enumerate(lane.rows):
                for bar in row:
                    yield self._call(bar, top + number * ROW + BETWEEN / 2)

    def _call(self, bar: Bar, y: float) -> str:
        call = bar.call
        begin, end = self._x(bar.begin), self.right if bar.end is None else self._x(bar.end)
        parts = [
            svg.text(begin, y + 13, bar.label, "asked"),
            self._bar(begin, end, y + 18, pending=bar.end is None),
        ]
        if bar.effect is not None:
            x, middle = self._x(bar.effect + 0.5), y + 18 + BAR / 2
            number = svg.text(x, middle + 3.5, str(bar.number), "middle small bold")
            parts.append(svg.group([svg.circle(x, middle, RADIUS, ""), number], "effect"))
        looks = "call" + ("" if bar.fits else " nowhere") + (" pending" if bar.end is None else "")
        tip = lasting(call) if bar.fits else f"{lasting(call)}\n{why_nowhere(self.explained, call)}"
        return svg.group(parts, looks, tip)

    def _bar(self, begin: float, end: float, y: float, *, pending: bool) -> str:
        """A bar, open to the right if it is pending."""
        if not pending:
            return svg.rect((begin, y), (end - begin, BAR), "bar", 3)
        return svg.path(["M", end, y, "L", begin, y, begin, y + BAR, end, y + BAR], "bar")
