"""A plain line plot as SVG, written by hand: two curves over the number of states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 64, 28, 48


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over the common x values, drawn against an axis of their own."""

    name: str
    unit: str
    colour: str
    values: Sequence[float]


def nice(largest: float) -> tuple[float, int]:
    """A round step and how many of them reach `largest`: 4 to 8 of 1, 2 or 5 times a power of ten."""
    step = 1.0
    while step * 8 < largest:
        step *= 10
    while step * 8 >= largest * 10 and largest > 0:
        step /= 10
    for factor in (1, 2, 5):
        if step / 10 * factor * 8 >= largest:
            step = step / 10 * factor
            break
    return step, max(1, -int(-largest // step))


def plot(title: str, x_name: str, x: Sequence[float], left: Curve, right: Curve) -> str:
    """The SVG text; the curves' axes begin at 0, so a straight line through the origin is proportion."""
    step_x, count_x = nice(max(x))
    inner_x, inner_y = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    bottom = TOP + inner_y
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" font-family="sans-serif" font-size="12">'
    )
    lines = [
        head,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(WIDTH / 2, 16, title, "middle"),
        _text(WIDTH / 2, HEIGHT - 8, x_name, "middle"),
    ]
    for i in range(count_x + 1):
        at = LEFT + inner_x * i / count_x
        lines += [_line(at, TOP, at, bottom), _text(at, bottom + 16, f"{i * step_x:g}", "middle")]
    for curve, edge, anchor, shift in ((left, LEFT, "end", -6), (right, WIDTH - RIGHT, "start", 6)):
        step, count = nice(max(curve.values))
        for i in range(count + 1):
            at = bottom - inner_y * i / count
            if curve is left:
                lines.append(_line(LEFT, at, WIDTH - RIGHT, at))
            lines.append(_text(edge + shift, at + 4, f"{i * step:g}", anchor, curve.colour))
        label = f"{curve.name}, {curve.unit}"
        lines.append(_text(edge, TOP - 8, label, "start" if curve is left else "end", curve.colour))
        points = " ".join(
            f"{LEFT + inner_x * a / (step_x * count_x):.1f},{bottom - inner_y * b / (step * count):.1f}"
            for a, b in zip(x, curve.values, strict=True)
        )
        lines.append(f'<polyline fill="none" stroke="{curve.colour}" stroke-width="2" points="{points}"/>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#222222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
