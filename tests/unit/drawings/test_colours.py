"""Colours of drawings: what can be read on what."""

import re
from collections.abc import Iterable
from importlib.resources import files
from itertools import product

import pytest

from checker.drawings import html, svg
from checker.traces.colours import COLOURS

PAGE = (files(html) / "report.css").read_text(encoding="utf-8")
#: The colours of drawings, and of the page around them, for light and for dark surroundings.
STYLES = {"light": (svg.LIGHT, PAGE.split("@media")[0]), "dark": (svg.DARK, PAGE.split("@media")[1])}
TEXTS = ("ink", "dim", "bad", *(f"k{i}" for i in range(COLOURS)))
GROUNDS = ("paper", "band", "mark", "bad-band")


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as the Web Content Accessibility Guidelines define it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def faint(style: str, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Pairs of a text and what it stands on that cannot be told apart well enough."""
    colours = dict(re.findall(r"--([\w-]+): ?(#\w{6})", style))
    found = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in pairs}
    return {pair: how for pair, how in found.items() if how < 4.5}


def test_black_on_white_is_the_strongest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("surroundings", STYLES)
def test_every_text_can_be_read_on_everything_that_it_stands_on(surroundings: str) -> None:
    drawing, page = STYLES[surroundings]
    assert faint(drawing, product(TEXTS, GROUNDS)) == {}
    words = ("ink", "dim", "bad", "good", "warn")
    badges = (("good", "good-band"), ("bad", "bad-band"))
    assert faint(page, [*product(words, ("paper", "band", "mark")), *badges]) == {}
