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
from spec.protocol import PMMC

SHOWN_STATE = """(() => {
  const nodes = {};
  for (const body of document.querySelectorAll('.trace .state tbody')) {
    const fields = nodes[body.querySelector('th').innerText] = {};
    for (const row of body.querySelectorAll('tr')) {
      const [name, value] = row.querySelectorAll('td');
      if (value) fields[name.innerText] = value.lastChild.textContent;
    }
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


def here(page: Any, number: int) -> None:
    """Wait until the page shows the moment after so many steps."""
    page.until("document.querySelector('.trace output').innerText === arguments[0]", f"{number} of 14")


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


def test_is_accessible(report: Any, faults: Any) -> None:
    assert faults(report) == {}
