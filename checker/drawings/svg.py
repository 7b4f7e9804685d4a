"""SVG by hand: escaped text, a few shapes, and the style sheet that all our drawings share.

Colours are CSS variables with a set for light and one for dark surroundings; text has a contrast of 4.5 at
least on all that it stands on, lines of 3. A drawing carries its style sheet with it, so that it looks the
same on its own and inside a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from checker.text.markup import escape
from checker.traces.colours import COLOURS

#: Pixels that a character of our fixed-width text takes at most, for text of 12 pixels.
CHARACTER = 7.4

LIGHT = """--paper:#ffffff;--ink:#1f2430;--dim:#626a78;--line:#d5d9e0;--band:#f5f6f8;--bad:#c81e1e;
--bad-band:#fdecec;--good:#116b33;--mark:#fff3c4;
--k0:#2563eb;--k1:#ad4c08;--k2:#0b7359;--k3:#8b3fd1;--k4:#7a6000;--k5:#c0267e;--k6:#0e7490;--k7:#6b4f3a"""
DARK = """--paper:#14171d;--ink:#e6e9ef;--dim:#98a1b0;--line:#3a414d;--band:#1c2129;--bad:#ff7b7b;
--bad-band:#3a1c20;--good:#5fd38a;--mark:#3a3210;
--k0:#7aa7ff;--k1:#ffab66;--k2:#4fd1ae;--k3:#c79bff;--k4:#e0c14a;--k5:#ff8ac8;--k6:#5cc8e6;--k7:#d3b49a"""

STYLE = f"""
svg.pmmc{{{LIGHT};background:var(--paper)}}
@media (prefers-color-scheme:dark){{svg.pmmc{{{DARK}}}}}
@media print{{svg.pmmc{{{LIGHT}}}}}
svg.pmmc text{{font:12px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:var(--ink);
white-space:pre}}
svg.pmmc .dim{{fill:var(--dim)}}
svg.pmmc .bold{{font-weight:700}}
svg.pmmc .small{{font-size:10px}}
svg.pmmc .middle{{text-anchor:middle}}
svg.pmmc .end{{text-anchor:end}}
svg.pmmc .bad{{fill:var(--bad)}}
svg.pmmc .box{{fill:var(--band);stroke:var(--line)}}
svg.pmmc .bad-band{{fill:var(--bad-band)}}
svg.pmmc .back{{fill:var(--paper)}}
svg.pmmc .lane{{stroke:var(--line);stroke-width:1.5}}
svg.pmmc .guide{{stroke:var(--line);stroke-dasharray:1 4}}
svg.pmmc .k{{--key:var(--ink)}}
""" + "".join(f"svg.pmmc .k{i}{{--key:var(--k{i})}}\n" for i in range(COLOURS))


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def text(x: float, y: float, content: str, looks: str = "") -> str:
    """A line of text; `looks` are classes."""
    mark = f' class="{looks}"' if looks else ""
    return f'<text x="{number(x)}" y="{number(y)}"{mark}>{escape(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, looks: str) -> str:
    """A straight line."""
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line {ends} class="{looks}"/>'


def rect(corner: tuple[float, float], size: tuple[float, float], looks: str, radius: float = 0) -> str:
    """A rectangle, from its upper left corner."""
    (x, y), (width, height) = corner, size
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    corners = f' rx="{number(radius)}"' if radius else ""
    return f'<rect {place}{corners} class="{looks}"/>'


def circle(x: float, y: float, radius: float, looks: str) -> str:
    """A circle."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" class="{looks}"/>'


def polygon(points: Iterable[tuple[float, float]], looks: str) -> str:
    """A filled shape."""
    return f'<polygon points="{" ".join(f"{number(x)},{number(y)}" for x, y in points)}" class="{looks}"/>'


def path(data: Sequence[str | float], looks: str) -> str:
    """A curve: letters and coordinates as SVG's path data has them."""
    shown = " ".join(part if isinstance(part, str) else number(part) for part in data)
    return f'<path d="{shown}" class="{looks}"/>'


def group(parts: Iterable[str], looks: str = "", title: str = "", **data: object) -> str:
    """Several shapes as one, with a tooltip and data attributes."""
    marks = (f' class="{looks}"' if looks else "") + "".join(
        f' data-{name}="{escape(str(value))}"' for name, value in data.items()
    )
    tip = f"<title>{escape(title)}</title>" if title else ""
    return f"<g{marks}>{tip}{''.join(parts)}</g>"


def document(
    size: tuple[float, float], parts: Iterable[str], *, title: str, looks: str = "", style: str = ""
) -> str:
    """A whole drawing, its `size` in pixels; `style` is what it needs beside the common style sheet."""
    width, height = map(number, size)
    place = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    named = f'role="img" aria-label="{escape(title)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="pmmc {looks}" {named} {place}>'
    about = [f"<title>{escape(title)}</title>", f"<style>{STYLE}{style}</style>"]
    return "\n".join([head, *about, *parts, "</svg>\n"])


_STYLE_ELEMENT = re.compile("<style>.*?</style>\n?", re.DOTALL)


def inline(drawing: str) -> str:
    """A drawing as a part of a page that has the style sheets itself."""
    return _STYLE_ELEMENT.sub("", drawing).replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)


def again(size: tuple[float, float], parts: Iterable[str]) -> str:
    """A part of a drawing for a page that shows it once more, to stay in sight when that is scrolled."""
    width, height = map(number, size)
    place = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    inside = rect((0, 0), size, "back") + "".join(parts)
    return f'<div class="again" aria-hidden="true"><svg class="pmmc" {place}>{inside}</svg></div>'
