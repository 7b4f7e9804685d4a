"""Mermaid draws what is written for it: sequence diagrams and flowcharts, with all that is in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lassos import lasso
from npm import packages
from sometraces import model, violation, walk

from checker.comparison.traces import compare_traces
from checker.drawings import mermaid
from checker.engines.collapse import collapse
from checker.engines.graph import explore
from checker.engines.marks import marks
from checker.graphs import kinds
from checker.graphs.difference import difference
from checker.graphs.listing import Listing

#: Mermaid without the diagrams that are not written here, pinned.
MERMAID = "@mermaid-js/tiny@11.17.2"
DRAWING = """
mermaid.initialize({ startOnLoad: false });
window.told = null;
(async () => {
  const told = [];
  for (const [n, text] of arguments[0].entries()) {
    const { svg } = await mermaid.render(`drawn${n}`, text);
    const kinds = ['.node', '.messageText', '.actor-top', '.error-icon'];
    document.body.innerHTML = svg;
    told.push(kinds.map(kind => document.querySelectorAll(kind).length));
  }
  window.told = told;
})().catch(error => { window.told = String(error); });
"""


def flowcharts() -> Iterator[Listing]:
    trace = violation("commander-as-printed")
    yield from (make(trace) for name, make in kinds.OF_TRACES.items() if name != "counterexample")
    yield kinds.counterexample(trace, branches=False)
    yield difference(compare_traces(trace, walk("commander-as-printed", 1)), ("one", "other"))
    system = model("duel").system
    graph = explore(system, depth=4)
    yield kinds.states(graph, marks(graph))
    yield kinds.collapsed("duel", collapse(graph, system.properties[0]))


@pytest.fixture
def page(request: pytest.FixtureRequest, tmp_path: Path, browser: Any) -> Any:
    script = packages(request.config, [MERMAID]) / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"
    html = f'<!doctype html><meta charset="utf-8"><script src="{script.as_uri()}"></script>'
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    browser.open((tmp_path / "page.html").as_uri())
    return browser


def test_mermaid_draws_every_diagram(page: Any) -> None:
    charts = list(flowcharts())
    texts = ["".join(kinds.written(chart, "mmd", "")) for chart in charts]
    walks = [walk(name, 0) for name in ("crashes", "losses", "two-slots")]
    traces = [violation("commander-as-printed"), *walks, lasso()]
    page.run(DRAWING, [*texts, *map(mermaid.sequence, traces)])
    told = page.until("window.told")
    assert not isinstance(told, str), told
    assert [counts[0] for counts in told[: len(charts)]] == [chart.count for chart in charts]
    for trace, (_, messages, actors, _) in zip(traces, told[len(charts) :], strict=True):
        assert actors >= len(trace.system.members)
        assert messages > 0
    assert not any(errors for *_, errors in told)
