"""The page that `pmmc check --html` writes, in a real browser, against the reference semantics."""

from typing import Any

import pytest
from lassos import DUEL, DUEL_LOOP, DUEL_PATH

from checker.cli import main
from checker.model.behaviour import replay
from checker.model.semantics import State, initial_state, successors
from checker.model.system import System
from checker.model.values import parts, show
from checker.model.wording import action_of
from checker.modelfiles.loading import load, load_text
from checker.mutation.examine import text_of
from spec.mutants import CATALOGUE
from spec.protocol import PMMC

SHOWN_STATE = """(() => {
  const nodes = {};
  for (const table of document.querySelectorAll('.trace .state table')) {
    const fields = nodes[table.caption.innerText] = {};
    for (const row of table.rows) fields[row.cells[0].innerText] = row.cells[1].textContent;
  }
  return nodes;
})()"""


@pytest.fixture(scope="module")
def report(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The open report of the model in which two leaders are active at once."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    main(["check", "one-active-leader", "--quiet", "--html", str(file)])
    browser.resize(1440, 900)
    browser.open(file.as_uri())
    browser.until("document.querySelector('.trace .stepper output')")
    return browser


def assert_shows(page: Any, system: System, state: State) -> None:
    shown = page.run(f"return {SHOWN_STATE}")
    for member, cell in zip(system.members, state, strict=True):
        fields = shown[show(member.name)]
        assert {name: fields[name] for name in parts(cell.local) or {}} == parts(cell.local)


def test_steps_through_the_counterexample(report: Any) -> None:
    system = load(PMMC.models / "one-active-leader.yaml", protocols={"pmmc": PMMC}).system
    state = initial_state(system)
    report.press(*"k" * 8)
    report.until("document.querySelector('.trace output').innerText === '0 of 8'")
    assert_shows(report, system, state)
    for number in range(1, 9):
        report.press("j")
        report.until("document.querySelector('.trace output').innerText === arguments[0]", f"{number} of 8")
        what = report.text(".trace .what")
        state = next(
            t.state
            for t in successors(system, state)
            if action_of(t) in what and show(system.members[t.node].name) in what
        )
        assert_shows(report, system, state)
        assert report.run("return document.querySelector('.spacetime .step.here').dataset.step") == str(
            number
        )
    assert "leader 0 and leader 1 are both active" in report.text(".trace .reason")


def test_asks_nothing_of_any_network(report: Any) -> None:
    loaded = report.run("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert loaded == []
    assert report.complaints() == []


# A run that repeats -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def endless(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The open report of two leaders who preempt each other for ever: six steps, then eight that repeat."""
    folder = tmp_path_factory.mktemp("endless")
    (folder / "duel.yaml").write_text(DUEL, encoding="utf-8")
    file = folder / "report.html"
    main(["check", str(folder / "duel.yaml"), "--engine", "reference", "--quiet", "--html", str(file)])
    browser.resize(1440, 900)
    browser.open(file.as_uri())
    browser.until("document.querySelector('.trace .stepper output')")
    return browser


def here(page: Any, number: int, last: int = 14) -> None:
    """Wait until the page shows the moment after so many steps."""
    page.until("document.querySelector('.trace output').innerText === arguments[0]", f"{number} of {last}")


def test_the_walk_goes_round(endless: Any) -> None:
    here(endless, 14)
    loaded = load_text(DUEL, "duel.yaml", protocols={"pmmc": PMMC})
    trace = replay(loaded.system, tuple(map(int, DUEL_PATH.split("/"))), DUEL_LOOP)
    for number in (7, 8):
        endless.press("j")
        here(endless, number)
        assert_shows(endless, loaded.system, trace.states[number])
        assert endless.run("return document.querySelector('.trace .what').classList.contains('repeats')")
    endless.press("k", "k")
    here(endless, 6)
    assert not endless.run("return document.querySelector('.trace .what').classList.contains('repeats')")
    assert endless.complaints() == []


def test_the_bracket_leads_to_where_it_repeats(endless: Any) -> None:
    endless.press(*"jjjj")
    here(endless, 10)
    endless.run(
        "document.querySelector('.spacetime .cycle path')"
        ".dispatchEvent(new MouseEvent('click', { bubbles: true }))"
    )
    here(endless, 6)
    marked = endless.run(
        "return [...document.querySelectorAll('.spacetime .row')]"
        ".filter((row) => row.parentNode.classList.contains('repeats')).length"
    )
    assert marked == 8


def test_what_makes_the_run_fair_is_told(endless: Any) -> None:
    told = endless.text(".trace .ending")
    assert "steps 7 to 14 repeat for ever, all rounds larger by 2 each time" in told
    assert "weakly fair: deliveries" in told
    assert "leader 0.p2b from acceptor 0 taken in step 14" in told
    heads = endless.run(
        "return [...document.querySelectorAll('.lamps th.repeats')].map((th) => th.innerText)"
    )
    assert heads == [str(number) for number in range(7, 15)]


# How it looks in windows of any size --------------------------------------------------------------------

#: How WebDriver names keys.
ENTER, TAB, END, HOME = "\ue007", "\ue004", "\ue010", "\ue011"
LEFT, UP, RIGHT = "\ue012", "\ue013", "\ue014"
#: (width, height) of a laptop, a window on its side, a phone.
WINDOWS = ((1400, 900), (900, 1200), (390, 844))
#: The counterexample of the model `accept-any-ballot`, in an order that reads well.
TWO_DECISIONS = "2/0/0/2/2/0/2/2/5/0/1/0/0/0"
#: The longest of the mutants' counterexamples, in an order that reads well.
RESTARTS = "0/2/0/1/1/1/0/3/1/1/1/6/1/1/4/3/7/3/1/5/4/4/5/4"
#: Texts of drawings that are shown smaller than that many pixels.
SMALL = """[...document.querySelectorAll('.drawing text')].filter((text) => text.checkVisibility())
  .map((text) => [text.textContent, parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a])
  .filter(([, pixels]) => pixels < arguments[0])"""
#: Drawings that are wider than their box and cannot be scrolled there.
STUCK = """[...document.querySelectorAll('.drawing')].filter((box) => box.scrollWidth > box.clientWidth)
  .filter((box) => !/auto|scroll/.test(getComputedStyle(box).overflowX)).map((box) => box.className)"""
#: Pairs of texts of a drawing that lie on each other.
OVERLAPS = """[...document.querySelectorAll('.drawing svg[role]')].flatMap((svg) => {
  const texts = [...svg.querySelectorAll('text')].filter((text) => text.checkVisibility())
    .filter((text) => text.textContent.trim())
    .map((text) => [text.textContent, text.getBoundingClientRect()]);
  return texts.flatMap(([one, a], i) => texts.slice(i + 1)
    .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4).map(([other]) => [one, other]));
})"""
#: Which of these elements are not in the window, nor in the box in which they scroll.
OUT_OF_SIGHT = """arguments[0].filter((selector) => {
  const part = document.querySelector(selector), box = part.closest('.drawing, .changes') ?? document.body;
  const { left, right, top, bottom } = part.getBoundingClientRect(), around = box.getBoundingClientRect();
  return top < Math.max(0, around.top) - 1 || bottom > Math.min(innerHeight, around.bottom) + 1
    || right < around.left || left > around.right || left > innerWidth;
})"""
#: What is to be in sight at every moment, and at each but the first.
ALWAYS, AFTER_A_STEP = (
    [".stepper output", ".changes > :first-child", ".time .again svg"],
    [".time .here > .dot"],
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of pages: of a violated trace, of the longest, of a verified model, of several models."""
    folder = tmp_path_factory.mktemp("pages")
    restarts = folder / "restarts.yaml"
    (mutant,) = (mutant for mutant in CATALOGUE if mutant.id == "C-09a")
    restarts.write_text(text_of(PMMC, mutant), encoding="utf-8")
    command = {
        "violated": ("replay", "accept-any-ballot", "--path", TWO_DECISIONS),
        "restarts": ("replay", str(restarts), "--path", RESTARTS),
        "verified": ("check", "duel", "-q"),
        "several": ("check", "one-active-leader", "stable-nothing", "-q"),
    }
    for name, words in command.items():
        main([*words, "--html", str(folder / f"{name}.html")])
    return {name: (folder / f"{name}.html").as_uri() for name in command}


@pytest.mark.parametrize("name", ["violated", "restarts"])
def test_what_is_walked_through_is_in_sight_and_legible(
    browser: Any, pages: dict[str, str], name: str
) -> None:
    for width, height in WINDOWS:
        browser.resize(width, height)
        browser.open(pages[name])
        last = browser.run("return Number(document.querySelector('.stepper input').max)")
        for number in range(last - 1, -1, -1):
            browser.press("k")
            here(browser, number, last)
            watched = ALWAYS + AFTER_A_STEP if number else ALWAYS
            assert browser.run(f"return {OUT_OF_SIGHT}", watched) == []
        assert browser.run(f"return {SMALL}", 9.99) == []
        assert browser.run(f"return {STUCK}") == []
        assert browser.run(f"return {OVERLAPS}") == []
        assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.complaints() == []


def test_nothing_keeps_people_from_reading(browser: Any, pages: dict[str, str], faults: Any) -> None:
    browser.resize(1400, 900)
    for name, page in pages.items():
        browser.open(page)
        browser.run("document.querySelectorAll('.result, .trace').forEach((one) => { one.open = true; })")
        assert (name, faults(browser)) == (name, {})
    browser.dark(True)
    assert faults(browser, rules=["color-contrast"]) == {}
    browser.dark(False)
    assert browser.complaints() == []


def test_several_models_are_walked_one_by_one(browser: Any, pages: dict[str, str]) -> None:
    shown = "[...document.querySelectorAll('.result:not([hidden]) h1')].map((one) => one.innerText)"
    for width, height in WINDOWS:
        browser.resize(width, height)
        browser.open("about:blank")
        browser.open(pages["several"])
        assert browser.run(f"return {shown}") == ["one-active-leader", "stable-nothing"]
        assert browser.run("return document.querySelectorAll('.result[open]').length") == 0
        browser.click(".index .all summary")
        browser.run("document.querySelectorAll('.index li a')[1].focus()")
        browser.press(ENTER)
        browser.until("document.querySelectorAll('.result[open]').length === 1")
        browser.until("document.querySelector('.result[open] .stepper output').innerText === '8 of 8'")
        at = "return document.querySelector('.result[open] summary').getBoundingClientRect().top"
        bar = browser.run("return document.querySelector('.index').offsetHeight")
        assert bar - 1 <= browser.run(at) < bar + 2
        browser.press("k", "k")
        browser.until("document.querySelector('.result[open] .stepper output').innerText === '6 of 8'")
        assert browser.run("return document.documentElement.scrollWidth") <= width
        browser.click(".index .fold")
        browser.until("document.querySelectorAll('.result[open]').length === 0")
    browser.run("document.querySelector('.index input').focus()")
    browser.press(*"c2 viol")
    browser.until(f"{shown}.length === 1")
    assert browser.run(f"return {shown}") == ["stable-nothing"]
    assert browser.complaints() == []


def test_keys_act_on_the_trace_that_is_in_sight(browser: Any, pages: dict[str, str]) -> None:
    browser.resize(1400, 900)
    browser.open(pages["several"])
    browser.run("document.querySelectorAll('.result').forEach((one) => { one.open = true; })")
    shown = "[...document.querySelectorAll('.trace[open] output')].map((one) => one.innerText).join()"
    browser.until(f"{shown} === '8 of 8,8 of 8'")
    browser.run("document.querySelector('.trace[open] .back').focus()")
    browser.run("document.querySelectorAll('.trace[open] .walker')[1].scrollIntoView()")
    before = browser.run("return scrollY")
    browser.press("k")
    browser.until(f"{shown} === '8 of 8,7 of 8'")
    assert abs(browser.run("return scrollY") - before) < 100
    browser.run("document.querySelectorAll('.trace[open] .walker')[0].scrollIntoView()")
    browser.press("k")
    browser.until(f"{shown} === '7 of 8,7 of 8'")


def test_the_keys_reach_every_step(browser: Any, pages: dict[str, str]) -> None:
    browser.resize(1400, 900)
    browser.open(pages["violated"])
    browser.press(LEFT, LEFT, RIGHT)
    here(browser, 13)
    focused = "return document.activeElement.closest('[data-step]')?.dataset.step"
    browser.run("document.querySelector('.time').focus()")
    browser.press(TAB)
    assert browser.run(focused) == "13"
    browser.press(UP, UP)
    here(browser, 11)
    assert browser.run(focused) == "11"
    browser.press(HOME)
    here(browser, 0)
    browser.press(END)
    here(browser, 14)
    told = browser.run("return document.querySelector('.stepper input').ariaValueText")
    assert told.startswith("14 of 14: replica 0  decision(")
    browser.run("document.querySelector('.causal .event').focus()")
    browser.press(ENTER)
    here(browser, 1)
    assert browser.run("return document.querySelectorAll('.changes table').length") >= 1
    browser.run("document.querySelector('.filter').focus()")
    browser.press(*"decis")
    rows = "[...document.querySelectorAll('.now tr')].filter((row) => row.checkVisibility())"
    assert set(browser.run(f"return {rows}.map((row) => row.cells[0].innerText)")) == {"decisions"}
