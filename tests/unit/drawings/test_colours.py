"""Colours of drawings: what can be read on what."""

import re
from itertools import product

import pytest

from checker.drawings import svg
from checker.traces.colours import COLOURS

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


@pytest.mark.parametrize("style", [svg.LIGHT, svg.DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_everything_that_it_stands_on(style: str) -> None:
    colours = dict(re.findall(r"--([\w-]+):(#\w{6})", style))
    faint = {
        (text, ground): round(found, 2)
        for text, ground in product(TEXTS, GROUNDS)
        if (found := contrast(colours[text], colours[ground])) < 4.5
    }
    assert faint == {}
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
