"""What a reader looks for, watches, walks and shares on the page of `pmmc explore`."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

END = "#/0/0/0/0/4/4/2/2"


@pytest.fixture(scope="module")
def page(browser: Any, exploring: Callable[..., Any]) -> Iterator[Any]:
    browser.resize(1440, 900)
    with exploring("one-active-leader") as url:
        browser.url = url
        yield browser


def goto(page: Any, place: str) -> None:
    page.open("about:blank")
    page.open(f"{page.url}{place}")
    page.until("document.getElementById('ready')")


def texts(page: Any, selector: str) -> list[str]:
    found: list[str] = page.run(
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.trim())", selector
    )
    return found


def test_a_condition_of_one_s_own_is_looked_for(page: Any) -> None:
    goto(page, "#/0/0")
    page.run(
        "const goal = document.getElementById('goal'); goal.value = 'own-condition';"
        "goal.dispatchEvent(new Event('change'))"
    )
    assert page.run("return document.activeElement.id") == "condition"
    page.press(*"leader 0: {actve: true}", "\ue007")
    page.until("document.getElementById('told').className === 'bad'")
    assert page.text("#told").startswith("unknown field of leaders 'actve'; did you mean 'active'?")
    assert all("status of 400" in complaint for complaint in page.complaints())
    page.run("document.getElementById('condition').value = 'leader 0: {active: true}'")
    page.click("#search")
    page.until("location.hash.split('/').length > 4")
    page.until("document.getElementById('told').innerText.startsWith('leader 0 (active yes) — found')")
    active = "document.querySelector('[data-node=\\'leader 0\\'] [data-field=active]').innerText"
    assert page.run(f"return {active}") == "no → yes"
    assert page.complaints() == []


def test_watches_stand_beside_the_steps_and_in_the_address(page: Any) -> None:
    goto(page, END)
    page.press("w", *"leader 0.active", "\ue007")
    page.until("location.hash.endsWith('?watch=leader+0.active')")
    page.press(*"leader 0: {actve: true}", "\ue007")
    page.until("document.querySelectorAll('#watches li').length === 2")
    assert texts(page, "#watches .value") == ["yes"]
    assert "did you mean 'active'?" in page.text("#watches .bad")
    assert texts(page, "#path .watched") == ["leader 0.active no → yes"]
    page.click("#watches [data-at='0']")
    page.until("document.querySelector('#watches .value').innerText === 'no'")
    page.open("about:blank")
    page.back()
    page.until("document.getElementById('ready')")
    assert len(texts(page, "#watches li")) == 2
    page.click("#watches li:last-child .away")
    page.until("document.querySelectorAll('#watches li').length === 1")
    assert page.complaints() == []


def test_what_was_walked_stays_has_names_and_can_be_compared_and_shared(page: Any) -> None:
    page.run("sessionStorage.clear()")
    goto(page, f"{END}?at=6")
    page.press("b", *"both", "\ue007")
    page.click("#next [data-take='0']")
    page.until("location.hash === '#/0/0/0/0/4/4/0'")
    assert texts(page, "#branches .branch") == [
        "steps 1 to 6",
        "7 acceptor 2 p1a(leader 0, ballot 0.0)",
        "7 leader 0 p1b(acceptor 0, ballot 0.0, current 0.0, accepted {}) … 8 steps",
    ]
    assert texts(page, "#branches .named") == ["◆ both (step 6)"]
    page.click("#branches [data-branch='0/0/0/0/4/4/2/2']")
    page.until(f"location.hash === '{END}'")
    page.run(
        "const list = document.getElementById('against');"
        "list.value = '=0/0/0/0/4/4/0'; list.dispatchEvent(new Event('change'))"
    )
    page.until("document.querySelector('.compared')")
    page.click("#changed")
    rows = texts(page, ".differs")
    assert any(row.split() == ["active", "no", "yes"] for row in rows)
    assert not any(row.startswith("proposals") for row in rows)
    page.click("#changed")
    page.click("#share-button")
    command = page.run("return document.getElementById('share-command').value")
    assert command == "pmmc explore one-active-leader --path 0/0/0/0/4/4/2/2"
    link = page.run("return document.getElementById('share-link').value")
    page.press("\ue00c")
    assert page.run("return document.querySelectorAll('#pictures table caption').length") == 2
    page.run("document.querySelector('#pictures [data-step=\"2\"]').click()")
    page.until(f"location.hash.startsWith('{END}?at=2')")
    page.run("sessionStorage.clear()")
    page.open("about:blank")
    page.open(link)
    page.until("document.getElementById('ready')")
    assert texts(page, "#branches .named") == ["◆ both (step 6)"]
    assert page.run("return document.querySelector('.compared') !== null")
    assert not page.text("#told").startswith("This link")
    goto(page, f"{END}?against=0/99")
    assert page.text("#told").startswith("what to compare with: step 2: there is no step 99")
    assert page.run("return location.hash") == END
    assert all("status of 404" in complaint for complaint in page.complaints())
    other = link.replace("model=", "model=0")
    page.open("about:blank")
    page.open(other)
    page.until("document.getElementById('ready')")
    assert page.text("#told").startswith("This link was made with another model file")
    assert page.complaints() == []
