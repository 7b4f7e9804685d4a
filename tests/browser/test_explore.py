"""The page of `pmmc explore` in a real browser, against the reference semantics.

`PMMC_SCREENSHOTS=folder` keeps pictures of it, light and dark.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from checker.model.behaviour import replay
from checker.model.semantics import State, successors
from checker.model.values import parts, show
from checker.model.wording import action_of
from checker.modelfiles.loading import LoadedModel, load
from checker.traces.tracefile import Source, read, write
from spec.protocol import PMMC

#: The counterexample of the model `accept-any-ballot`, in an order that reads well.
TWO_DECISIONS = (2, 0, 0, 2, 2, 0, 2, 2, 5, 0, 1, 0, 0, 0)

SHOWN_STATE = """(() => {
  const nodes = {};
  for (const card of document.querySelectorAll('.card')) {
    const fields = nodes[card.dataset.node] = {};
    for (const field of card.querySelectorAll('dd')) {
      const chips = [...field.querySelectorAll('.chip:not(del)')]
        .map((chip) => chip.innerText.replace(/^[+] /, ''));
      const now = field.querySelector('ins:not(.chip)') ?? field;
      fields[field.dataset.field] = field.querySelector('.chip') ? chips : now.innerText;
    }
  }
  return nodes;
})()"""


def model(name: str) -> LoadedModel:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC})


@pytest.fixture(scope="module")
def page(browser: Any, exploring: Callable[..., Any]) -> Iterator[Any]:
    """The page of the model in which two leaders are active at once."""
    with exploring("one-active-leader") as url:
        browser.url = url
        yield browser


@pytest.fixture(autouse=True)
def _afresh(page: Any) -> Iterator[None]:
    page.resize(1440, 900)
    goto(page, "")
    yield
    assert page.complaints() == []


def goto(page: Any, place: str, url: str | None = None) -> None:
    page.open("about:blank")
    page.open(f"{url or page.url}{place}")
    page.until("document.getElementById('ready')")


def at(page: Any, place: str) -> None:
    """Wait until the page shows this place."""
    page.until("location.hash === arguments[0]", place)
    number = place.partition("at=")[2] or str(len([part for part in place.split("/")[1:] if part]))
    page.until("document.querySelector('[aria-current=step]').dataset.at === arguments[0]", number)


def assert_shows(page: Any, loaded: LoadedModel, state: State) -> None:
    """Every field and message of a state, and every step that may follow, as the reference has them."""
    system, shown = loaded.system, page.run(f"return {SHOWN_STATE}")
    assert sorted(shown) == sorted(show(member.name) for member in system.members)
    for member, cell in zip(system.members, state, strict=True):
        fields = shown[show(member.name)]
        held = [show(message) for message in system.network.held(cell.inbox)]
        assert fields.pop("inbox") in ([held] if held else [[], "none"])
        known = parts(cell.local) or {}
        assert {name.split(".")[0] for name in fields} == set(known)
        for name, text in fields.items():
            if isinstance(text, list):
                assert all(item in show(cell.local) for item in text)
            elif text != "none" and name in known:
                assert text == known[name]
    labels = page.run(
        "return [...document.querySelectorAll('.action .what')].map((b) => b.firstChild.data)"
    )
    assert labels == [action_of(t) for t in successors(system, state)]


def test_three_steps_and_back_in_time(page: Any) -> None:
    loaded = model("one-active-leader")
    assert page.text("#name") == "pmmc explore one-active-leader"
    assert_shows(page, loaded, replay(loaded.system, ()).final)
    for length in (1, 2, 3):
        page.click("#next button[data-take='0']")
        at(page, "#/" + "/".join(["0"] * length))
        assert_shows(page, loaded, replay(loaded.system, (0,) * length).final)
    assert page.run("return document.querySelectorAll('#diagram .step circle.dot').length") == 3
    page.click("#path button[data-at='1']")
    at(page, "#/0/0/0?at=1")
    assert_shows(page, loaded, replay(loaded.system, (0,)).final)
    assert page.run("return document.querySelectorAll('#path .later').length") == 2
    assert page.run("return document.querySelectorAll('#diagram g.step.later .dot').length") == 2
    page.click("#path button[data-at='3']")
    at(page, "#/0/0/0")


def test_another_action_gives_up_the_rest_of_the_path(page: Any) -> None:
    goto(page, "#/0/0/0?at=1")
    page.click("#next button.following")
    at(page, "#/0/0/0?at=2")
    page.click("#next button[data-take='3']")
    at(page, "#/0/0/3")


def test_back_and_forward_are_the_browser_s(page: Any) -> None:
    page.click("#next button[data-take='1']")
    at(page, "#/1")
    page.click("#next button[data-take='0']")
    at(page, "#/1/0")
    page.back()
    at(page, "#/1")
    page.back()
    at(page, "#/")
    page.forward()
    page.forward()
    at(page, "#/1/0")


def test_keys(page: Any) -> None:
    page.press("0")
    at(page, "#/0")
    page.press("2")
    at(page, "#/0/2")
    page.press("k")
    at(page, "#/0/2?at=1")
    page.press("j")
    at(page, "#/0/2")
    page.press("\ue012")
    at(page, "#/0/2?at=1")
    page.press("\ue015")
    at(page, "#/0/2")
    page.press("u")
    at(page, "#/0")
    page.press("n", "n")
    assert page.run("return document.activeElement.dataset.take") == "1"
    page.press("p", "\ue007")
    at(page, "#/0/0")
    page.press("?")
    page.until("document.getElementById('keys').open")
    page.press("\ue00c")
    page.until("!document.getElementById('keys').open")
    page.press("/", "x")
    assert page.run("return document.getElementById('filter').value") == "x"
    assert page.run("return location.hash") == "#/0/0"


def test_a_jump_finds_the_violation(page: Any) -> None:
    loaded = model("one-active-leader")
    page.run("document.getElementById('goal').value = 'one-active-leader'")
    page.click("#search")
    page.until("document.querySelector('[data-property=one-active-leader]').dataset.lamp === 'broken'")
    path = tuple(int(part) for part in page.run("return location.hash").split("/")[1:])
    assert len(path) == 8
    trace = replay(loaded.system, path)
    assert_shows(page, loaded, trace.final)
    told = page.text("#told")
    assert told == "leader 0 and leader 1 are both active — found 8 steps further on."
    assert page.text("#properties .reason") == "leader 0 and leader 1 are both active"
    assert page.run("return document.querySelectorAll('#diagram .shown .dot').length") == 1
    page.press("k")
    at(page, f"{'#/' + '/'.join(map(str, path))}?at=7")
    assert (
        page.run("return document.querySelector('[data-property=one-active-leader]').dataset.lamp")
        == "holds"
    )


def test_a_search_can_be_stopped(page: Any) -> None:
    page.run("document.getElementById('goal').value = 'model-raises'")
    page.click("#search")
    page.until("document.getElementById('search').innerText === 'Stop'")
    page.click("#search")
    page.until("document.getElementById('told').innerText === 'Search ended.'")
    assert page.text("#search") == "Search"


def test_a_waiting_message_is_taken_by_a_click(page: Any) -> None:
    goto(page, "#/0")
    assert page.text("[data-node='leader 0'] .message .from") == "from acceptor 0, step 1"
    page.click("[data-node='leader 0'] .message .take")
    at(page, "#/0/5")
    assert page.run("return document.querySelector('.card').dataset.node") == "leader 0"
    goto(page, "#/0/0/0/0/4/4/2/2/0")
    assert "the rule looked at scout –" in page.text("#next")


def test_more_than_ten_actions_have_keys(page: Any, exploring: Callable[..., Any]) -> None:
    with exploring("majorities-two-slots-duplicating") as url:
        goto(page, "#/7/5/4/2/3", url)
        count = page.run("return document.querySelectorAll('#next .action').length")
        assert count > 10
        page.press("1")
        page.until("document.getElementById('told').innerText.startsWith('Action 1…')")
        page.press("0")
        at(page, "#/7/5/4/2/3/10")
        goto(page, "#/7/5/4/2/3", url)
        page.press("1")
        at(page, "#/7/5/4/2/3/1")
        goto(page, "#/" + "/".join(["0"] * 5000), url)
        assert "shown are the first 400" in page.text("#told") or "Shown is the path" in page.text("#told")
        page.press("0")
        page.until("location.hash.split('/').length > 2")
    page.press("j")
    page.click("#search")
    gone = "The server does not answer: pmmc explore was ended."
    page.until("document.getElementById('told').innerText === arguments[0]", gone)
    page.run(
        "document.getElementById('told').textContent = ''; document.getElementById('download').click()"
    )
    page.until("document.getElementById('told').innerText === arguments[0]", gone)
    assert all("Failed to load" in complaint for complaint in page.complaints())


def test_the_filter_and_only_what_changed(page: Any) -> None:
    goto(page, "#/0")
    page.click("#filter")
    page.press(*"p1b(acc")
    page.until("document.querySelectorAll('.card').length === 1")
    assert page.text(".card dd ins") == "+ p1b(acceptor 0, ballot 0.0, current 0.0, accepted {})"
    page.run(
        "const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input'))"
    )
    page.click("#changed")
    page.until("document.querySelectorAll('.card').length === 2")
    fields = page.run("return [...document.querySelectorAll('.card dd')].map((d) => d.innerText)")
    assert fields[0] == "⊥ → 0.0"
    assert fields[1].startswith("p1a(leader 0, ballot 0.0)")
    received = "+ p1b(acceptor 0, ballot 0.0, current 0.0, accepted {})"
    assert fields[2:] == [f"{received}\nfrom acceptor 0, step 1"]


def test_an_address_that_leads_nowhere_is_mended(page: Any) -> None:
    goto(page, "#/0/0/99/1")
    at(page, "#/0/0")
    assert page.text("#told").startswith("step 3: there is no step 99; the state before it has")
    goto(page, "#nonsense<script>alert(1)</script>")
    at(page, "#/")
    assert page.text("#told").startswith("The address names no path")
    assert all("status of 404" in complaint for complaint in page.complaints())


def test_nothing_moves_when_time_does(page: Any) -> None:
    """The parts of the page keep their places and sizes, whatever is shown, from step 1 on."""
    goto(page, "#/0")
    script = """['path', 'next', 'diagram', 'pictures', 'state', 'side', 'told'].map((id) => {
      const { x, y, width, height } = document.getElementById(id).getBoundingClientRect();
      return [x, y, width, height].map(Math.round).join(' ');
    })"""
    places = page.run(f"return {script}")
    for place in ("#/0/0/0/0/4/4/2/2", "#/0/0/0/0/4/4/2/2?at=3"):
        goto(page, place)
        assert page.run(f"return {script}") == places


@pytest.mark.parametrize("width", [1440, 820, 400])
def test_fits_windows_of_any_width(page: Any, width: int) -> None:
    page.resize(width, 900)
    goto(page, "#/0/0/0/0/4/4/2/2")
    assert page.run("return document.documentElement.scrollWidth") <= width


def test_everything_that_acts_has_a_name(page: Any) -> None:
    goto(page, "#/0/0/0/0/4/4/2/2")
    unnamed = page.run("""return [...document.querySelectorAll('button, a, select, input, summary')]
      .filter((one) => !(one.innerText.trim() || one.getAttribute('aria-label') || one.labels?.length))
      .map((one) => one.outerHTML)""")
    assert unnamed == []
    assert page.run("return document.getElementById('told').getAttribute('aria-live')") == "polite"


def test_a_trace_opens_at_its_end(page: Any, exploring: Callable[..., Any], tmp_path: Path) -> None:
    loaded = model("accept-any-ballot")
    trace = replay(loaded.system, TWO_DECISIONS)
    file = tmp_path / "R1.itf.json"
    file.write_text(write(trace, Source(loaded.path, loaded.text, "pmmc")), encoding="utf-8")
    with exploring(file) as url:
        goto(page, "", url)
        at(page, "#/" + "/".join(map(str, TWO_DECISIONS)))
        assert_shows(page, loaded, trace.final)
        assert page.text("#told").startswith("✗ R1: slot 1 is decided as put k1 v1 at replica 0")
        page.run(
            "document.getElementById('diagram').querySelector('g.step[data-step=\"8\"] .dot')"
            ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
        )
        at(page, "#/" + "/".join(map(str, TWO_DECISIONS)) + "?at=8")
        assert_shows(page, loaded, replay(loaded.system, TWO_DECISIONS[:8]).final)
        page.click("#drawing svg:not(.names) g.step[data-step='7'] .number")
        at(page, "#/" + "/".join(map(str, TWO_DECISIONS)) + "?at=7")
        page.press("\ue015")
        at(page, "#/" + "/".join(map(str, TWO_DECISIONS)) + "?at=8")
        with urlopen(page.run("return document.getElementById('download').href")) as answer:
            downloaded = read(answer.read().decode("utf-8"))
        assert (downloaded.path, downloaded.property) == (TWO_DECISIONS, "R1")
        _keep_pictures(page, url)


def _keep_pictures(page: Any, url: str) -> None:
    folder = os.environ.get("PMMC_SCREENSHOTS")
    if not folder:
        return
    whole = "#/" + "/".join(map(str, TWO_DECISIONS))
    for looks in ("light", "dark"):
        page.dark(looks == "dark")
        for name, place in (("early", "#/2/0/0"), ("later", f"{whole}?at=8"), ("violated", whole)):
            goto(page, place, url)
            (Path(folder) / f"{name}-{looks}.png").write_bytes(page.screenshot())
    page.dark(False)


def test_light_and_dark_can_be_read(page: Any) -> None:
    """Text stands out from its ground by 4.5 to 1 at least, as guidelines ask."""
    script = """(() => {
      const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
      const light = (c) => rgb(c).slice(0, 3).map((v) => v / 255)
        .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const ground = (one) => {
        for (let at = one; at; at = at.parentElement) {
          const colour = getComputedStyle(at).backgroundColor;
          if ((rgb(colour)[3] ?? 1) > 0) return colour;
        }
        return 'rgb(255, 255, 255)';
      };
      return [...document.querySelectorAll('h1, h2, #facts, #told, dt, dd, ins, del, .badge, .effects, b')]
        .map((one) => {
          const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
          return [(a + 0.05) / (b + 0.05), one.tagName + '.' + one.className];
        }).filter(([contrast]) => contrast < 4.5);
    })()"""
    for dark in (False, True):
        page.dark(dark)
        goto(page, "#/0/0/0/0/4/4/2/2")
        assert page.run(f"return {script}") == [], json.dumps({"dark": dark})
    page.dark(False)
