"""The growth of a search as a drawing: a bar for each level, as high as it has new states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.drawings import svg

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 14, 34
#: Lines across, and numbers below, at most.
LINES, NUMBERS = 4, 16

STYLE = """
svg.pmmc .bar{fill:var(--k0)}
svg.pmmc .bar:hover{fill:var(--k1)}
svg.pmmc .across{stroke:var(--line)}
"""


def growth(levels: Sequence[int], *, title: str) -> str:
    """New states by level as an SVG document."""
    return svg.document((WIDTH, HEIGHT), _parts(levels), title=title, looks="growth", style=STYLE)


def _parts(levels: Sequence[int]) -> Iterator[str]:
    high = _round_up(max(levels, default=1))
    bottom, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    for i in range(LINES + 1):
        if high * i % LINES == 0:
            y = bottom - room * i / LINES
            yield svg.line(LEFT, y, WIDTH - RIGHT, y, "across")
            yield svg.text(LEFT - 8, y + 4, f"{high * i // LINES:,}", "dim end small")
    step = (WIDTH - LEFT - RIGHT) / max(len(levels), 1)
    every = -(-len(levels) // NUMBERS)
    total = 0
    for i, size in enumerate(levels):
        total += size
        x, height = LEFT + i * step, max(room * size / high, 1.0)
        bar = svg.rect((x + step * 0.1, bottom - height), (step * 0.8, height), "bar", min(2.0, step / 4))
        yield svg.group([bar], title=f"level {i + 1}: {size:,} new states, {total:,} so far")
        if i % every == 0:
            yield svg.text(x + step / 2, bottom + 14, str(i + 1), "dim middle small")
    yield svg.text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 4, "level", "dim middle small")


def _round_up(value: int) -> int:
    """The next number of the form 1, 2, 4, 6, 8 or 10 times a power of ten."""
    power = 1
    while value > power * 10:
        power *= 10
    return next(n * power for n in (1, 2, 4, 6, 8, 10) if n * power >= value)
