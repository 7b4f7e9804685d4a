"""Programs of others read what is written here, and find in it what is there.

networkx and SQLite read their forms in `tests/unit/graphs`, itf-py in `tests/unit/traces`; what ShiViz asks
of a log is in `tests/unit/drawings`, and Mermaid draws in `tests/browser`.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lassos import lasso
from npm import node, packages
from sometraces import WALKED, model, violation, walk

from checker.comparison.traces import compare_traces
from checker.engines.collapse import collapse
from checker.engines.graph import explore
from checker.engines.marks import marks
from checker.graphs import kinds
from checker.graphs.difference import difference
from checker.graphs.listing import Listing
from checker.model.behaviour import Trace
from checker.traces.tracefile import Source, write

#: Quint, what its reader of ITF needs, and Graphviz compiled to run in node; all pinned.
WANTED = (
    *("@informalsystems/quint@0.33.1", "@sweet-monads/either@3.2.0", "@sweet-monads/maybe@3.2.0"),
    *("lodash@4.17.21", "lodash.clonedeep@4.5.0", "immutable@4.3.7", "json-bigint@1.0.0"),
    *("bignumber.js@9.1.2", "@viz-js/viz@3.31.0"),
)


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest) -> Path:
    return packages(request.config, WANTED)


def traces() -> Iterator[Trace]:
    yield violation("commander-as-printed")
    yield from (walk(name, 0) for name in WALKED)
    yield lasso()


QUINT = """
const { ofItf, ofItfNormalized, toItf } = require('@informalsystems/quint/dist/src/itf.js');
const { readFileSync } = require('fs');
const plain = states => JSON.stringify(states.map(({ '#meta': _, ...state }) => state));
const told = process.argv.slice(1).map(file => {
  const trace = JSON.parse(readFileSync(file, 'utf8'));
  const read = ofItf(trace);
  const again = toItf(trace.vars, read);
  return [read.length, ofItfNormalized(trace).length, plain(again.value.states) === plain(trace.states)];
});
console.log(JSON.stringify(told));
"""


def test_quint_reads_every_trace(modules: Path, tmp_path: Path) -> None:
    """Its own reader of ITF; what it writes again is what it has read."""
    source = Source("model.yaml", model("duel").text, "pmmc")
    files, lengths = [], []
    for number, trace in enumerate(traces()):
        file = tmp_path / f"{number}.itf.json"
        file.write_text(write(trace, source), encoding="utf-8")
        files.append(str(file))
        lengths.append(len(trace.states))
    told = json.loads(node(modules, QUINT, *files))
    assert told == [[length, length, True] for length in lengths]


def listings() -> Iterator[Listing]:
    trace = violation("commander-as-printed")
    yield from (make(trace) for make in kinds.OF_TRACES.values())
    yield kinds.causal(walk("crashes", 0))
    yield difference(compare_traces(trace, walk("commander-as-printed", 1)), ("one", "other"))
    for name in ("duel", "commander-as-printed"):
        system = model(name).system
        graph = explore(system)
        yield kinds.states(graph, marks(graph))
        yield kinds.collapsed(name, collapse(graph, system.properties[0]))


#: What it says of fonts is about this build of it, which has none.
GRAPHVIZ = """
const { instance } = require('@viz-js/viz');
const { readFileSync } = require('fs');
instance().then(viz => {
  const told = process.argv.slice(1).map(file => {
    const drawn = viz.render(readFileSync(file, 'utf8'), { format: 'svg' });
    const wrong = drawn.errors.map(({ message }) => message).filter(text => !/metrics|width/.test(text));
    const count = kind => (drawn.output ?? '').split(`class="${kind}"`).length - 1;
    return [drawn.status, wrong, count('node'), count('edge')];
  });
  console.log(JSON.stringify(told));
});
"""


def test_graphviz_draws_every_graph(modules: Path, tmp_path: Path) -> None:
    files, expected = [], []
    for number, listing in enumerate(listings()):
        text = "".join(kinds.written(listing, "dot", ""))
        file = tmp_path / f"{number}.dot"
        file.write_text(text, encoding="utf-8")
        files.append(str(file))
        legend = text.count('"legend ') + text.count('"mark ')
        expected.append(["success", [], listing.count + legend, len(list(listing.edges()))])
    assert json.loads(node(modules, GRAPHVIZ, *files)) == expected
