"""The chart of calls in a real browser: in the explorer up to the moment shown, and in the report."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import registers
from registers import STALE_READ, UNJUDGED, violation

from checker.cli import main

END = "#/" + "/".join(map(str, violation(STALE_READ).path))
LOAD = ("--load", registers.__file__)
CLICK = "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('click', {bubbles: true}))"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("registers") / "stale-read.yaml"
    file.write_text(STALE_READ, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def page(browser: Any, exploring: Callable[..., Any], model: Path) -> Iterator[Any]:
    with exploring(model, *LOAD) as url:
        browser.url = url
        yield browser


def goto(page: Any, place: str) -> None:
    page.resize(1440, 900)
    page.open("about:blank")
    page.open(f"{page.url}{place}")
    page.until("document.getElementById('ready')")


def calls(page: Any) -> list[str]:
    """The texts of the calls that are drawn."""
    found = page.run(
        "return [...document.querySelectorAll('#calls .asked')].map((text) => text.textContent)"
    )
    assert isinstance(found, list)
    return found


def test_the_lanes_follow_the_walk(page: Any) -> None:
    goto(page, END)
    assert calls(page) == ["write A → A", "✗ read → 0"]
    assert "read → 0 by client 1 fits nowhere" in page.text("#calls")
    page.press("k")
    page.until(f"location.hash === '{END}?at=5'")
    page.until("document.querySelectorAll('#calls p').length === 0")
    assert calls(page) == ["write A → A", "read"]
    page.run(CLICK, "#calls .moment[data-step='2'] rect")
    page.until(f"location.hash === '{END}?at=2'")
    page.until("document.querySelectorAll('#calls .asked').length === 1")
    assert calls(page) == ["write A"]
    assert page.complaints() == []


def test_nothing_moves_when_calls_come(page: Any) -> None:
    script = """['path', 'next', 'diagram', 'calls', 'state', 'side', 'told'].map((id) => {
      const { x, y, width, height } = document.getElementById(id).getBoundingClientRect();
      return [x, y, width, height].map(Math.round).join(' ');
    })"""
    goto(page, f"{END}?at=1")
    places = page.run(f"return {script}")
    assert not places[3].endswith(" 0")
    for place in (f"{END}?at=3", END):
        goto(page, place)
        assert page.run(f"return {script}") == places


@pytest.mark.parametrize("width", [1440, 820, 400])
def test_fits_windows_of_any_width(page: Any, width: int) -> None:
    page.resize(width, 900)
    page.open("about:blank")
    page.open(f"{page.url}{END}")
    page.until("document.getElementById('ready')")
    assert page.run("return document.documentElement.scrollWidth") <= width


def test_a_model_without_a_history_has_no_lanes(
    page: Any, exploring: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "unjudged.yaml"
    file.write_text(UNJUDGED, encoding="utf-8")
    with exploring(file, *LOAD) as url:
        page.open("about:blank")
        page.open(url)
        page.until("document.getElementById('ready')")
        assert page.run("return document.getElementById('calls').getBoundingClientRect().height") == 0
        assert page.run("return document.getElementById('calls').hidden")


def test_the_report_marks_the_moment_in_the_chart(browser: Any, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    main(["check", str(model), *LOAD, "--quiet", "--html", str(file)])
    browser.resize(1440, 900)
    browser.open(file.as_uri())
    browser.until("document.querySelector('.trace .stepper output')")
    texts = browser.run(
        "return [...document.querySelectorAll('.lanes .asked')].map((text) => text.textContent)"
    )
    assert texts == ["write A → A", "✗ read → 0"]
    browser.run(CLICK, ".lanes .moment[data-step='3'] rect")
    browser.until("document.querySelector('.trace output').innerText === '3 of 6'")
    here = "return [...document.querySelectorAll('.lanes .here')].map((band) => band.dataset.step)"
    assert browser.run(here) == ["3"]
    browser.press("j")
    browser.until("document.querySelector('.trace output').innerText === '4 of 6'")
    assert browser.run(here) == ["4"]
    assert browser.complaints() == []
