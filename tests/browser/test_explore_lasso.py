"""The page of `pmmc explore` on a run that repeats: the last step leads back, and the walk goes round."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lassos import DUEL, DUEL_LOOP, DUEL_PATH

#: The end of the path in addresses of the page.
END = f"#/{DUEL_PATH}"


@pytest.fixture(scope="module")
def page(
    browser: Any, exploring: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The page of two leaders who preempt each other for ever, at the end of the first turn."""
    file = tmp_path_factory.mktemp("duel") / "duel.yaml"
    file.write_text(DUEL, encoding="utf-8")
    with exploring(file, "--loop", DUEL_LOOP, "--path", DUEL_PATH) as url:
        browser.url = url
        yield browser


@pytest.fixture(autouse=True)
def _afresh(page: Any) -> Iterator[None]:
    page.resize(1440, 900)
    page.open("about:blank")
    page.open(page.url)
    page.until("document.getElementById('ready')")
    yield
    assert page.complaints() == []


def at(page: Any, number: int) -> None:
    """Wait until the page shows the moment after so many steps."""
    page.until("location.hash === arguments[0]", END if number == 14 else f"{END}?at={number}")
    page.until("document.querySelector('[aria-current=step]').dataset.at === arguments[0]", str(number))


def test_the_end_says_that_it_repeats(page: Any) -> None:
    at(page, 14)
    assert "steps 7 to 14 repeat for ever" in page.text("#told")
    marked = page.run("return [...document.querySelectorAll('#path .repeats')].map((b) => b.dataset.at)")
    assert marked == [*map(str, range(7, 15)), "6"]
    assert page.text("#path .back .what") == "back to the state after step 6, all rounds larger by 2"
    assert page.run("return document.querySelectorAll('#diagram .cycle').length") == 1
    assert page.run("return document.querySelector('.following').dataset.take") == "0"
    page.run("document.querySelector('#properties .met').open = true")
    assert "leader 0.p2b from acceptor 0 taken in step 14" in page.text("#properties .met")


@pytest.mark.parametrize("way", ["#path .back", "#next .note .link", "#diagram .cycle"])
def test_the_last_step_leads_back(page: Any, way: str) -> None:
    at(page, 14)
    page.run(
        "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('click', { bubbles: true }))",
        way,
    )
    at(page, 6)


def test_the_walk_goes_round(page: Any) -> None:
    at(page, 14)
    for number in range(7, 15):
        page.press("j")
        at(page, number)
    page.press("k")
    at(page, 13)
    lamp = "return document.querySelector('[data-property=every-command-performed]').dataset.lamp"
    assert page.run(lamp) == "silent"


def test_a_walk_of_one_s_own_comes_back_too(page: Any) -> None:
    at(page, 14)
    page.press("j")
    at(page, 7)
    page.press("u")  # another path, which ends where the first one began to repeat
    page.until("document.querySelectorAll('#path .back').length === 0")
    steps = DUEL_PATH.split("/")
    for length in range(DUEL_LOOP, len(steps)):
        page.click(f"#next button[data-take='{steps[length]}']")
        page.until("location.hash === arguments[0]", "#/" + "/".join(steps[: length + 1]))
        page.until(
            "document.querySelector('[aria-current=step]').dataset.at === arguments[0]", str(length + 1)
        )
    at(page, 14)
    assert page.run("return document.querySelectorAll('#path .back').length") == 1
