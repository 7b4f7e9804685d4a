"""The page that `pmmc check --html` writes, in a real browser, against the reference semantics."""

from typing import Any

import pytest

from checker.cli import main
from checker.model.semantics import State, initial_state, successors
from checker.model.system import System
from checker.model.values import parts, show
from checker.model.wording import action_of
from checker.modelfiles.loading import load
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
