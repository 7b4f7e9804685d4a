"""How the page of `pmmc explore` looks: in windows of all sizes, light and dark, its parts moved."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

SIZES = [(1400, 900), (900, 1200), (390, 844)]
#: Of the parts of the page and of what acts in its head: those that lie on each other.
OVERLAPS = """(() => {
  const seen = [...document.querySelectorAll('.pane, header button, header a, header select, #told, .card')]
    .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width && box.height);
  const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1
    || b.bottom <= a.top + 1;
  return seen.flatMap(([one, a], i) => seen.slice(i + 1)
    .filter(([two, b]) => !one.contains(two) && !two.contains(one) && !apart(a, b)
      && (!one.matches('.card') || two.matches('.card')) && (!two.matches('.card') || one.matches('.card')))
    .map(([two]) => `${one.id || one.className} and ${two.id || two.className}`));
})()"""
#: Texts in drawings that are shown with less than 10 pixels.
SMALL = """[...document.querySelectorAll('svg text')].filter((text) => {
  const drawing = text.ownerSVGElement;
  const scale = drawing.getBoundingClientRect().width / drawing.width.baseVal.value;
  return parseFloat(getComputedStyle(text).fontSize) * scale < 9.95;
}).map((text) => text.textContent)"""
PLACE = "#/0/0/0/0/4/4/2/2/0?at=8&watch=leader+0.active&watch=leader+7"


@pytest.fixture(scope="module")
def page(browser: Any, exploring: Callable[..., Any]) -> Iterator[Any]:
    with exploring("one-active-leader") as url:
        browser.url = url
        yield browser
        browser.dark(False)


def goto(page: Any, place: str) -> None:
    page.open("about:blank")
    page.open(f"{page.url}{place}")
    page.until("document.getElementById('ready')")


@pytest.mark.parametrize("size", SIZES)
def test_can_be_read_in_every_window(page: Any, faults: Any, size: tuple[int, int]) -> None:
    page.resize(*size)
    for dark in (False, True):
        page.dark(dark)
        for place in ("#/", PLACE, f"{PLACE}&against=0/0"):
            goto(page, place)
            assert page.run("return document.documentElement.scrollWidth") <= size[0]
            assert page.run(f"return {OVERLAPS}") == []
            assert page.run(f"return {SMALL}") == []
        assert faults(page) == {}


BOX = """(() => { const { width, height } = document.querySelector(arguments[0]).getBoundingClientRect();
  return [Math.round(width), Math.round(height)]; })()"""


def test_parts_are_moved_closed_and_remembered(page: Any) -> None:
    page.resize(1400, 900)
    goto(page, PLACE)
    before = page.run(f"return {BOX}", "#way")
    page.run("document.querySelector('[data-size=way]').focus()")
    page.press(*["\ue014"] * 3)
    wider = page.run(f"return {BOX}", "#way")
    assert (wider[0] - before[0], wider[1]) == (72, before[1])
    assert page.run("return document.querySelector('[data-size=way]').ariaValueNow") == str(wider[0])
    page.run("document.querySelector('[data-size=diagram]').focus()")
    lower = page.run(f"return {BOX}", "#diagram")
    page.press("\ue013")
    assert page.run(f"return {BOX}", "#diagram")[1] == lower[1] - 24
    page.click("#branches .close")
    page.click("#diagram .close")
    assert page.run(f"return {BOX}", "#diagram") == [0, 0]
    goto(page, PLACE)
    assert page.run(f"return {BOX}", "#way") == wider
    assert page.run(f"return {BOX}", "#branches") == [0, 0]
    page.click("#panes summary")
    page.run("document.querySelectorAll('#panes input:not(:checked)').forEach((box) => box.click())")
    assert page.run(f"return {BOX}", "#branches") != [0, 0]
    page.run("document.querySelector('[data-size=way]').focus()")
    page.press("\ue007")
    assert page.run(f"return {BOX}", "#way") == before
    page.run("localStorage.clear()")
    assert page.complaints() == []
