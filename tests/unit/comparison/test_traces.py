"""Two traces beside each other: the largest past in common, where they part, and their states."""

import json
import random
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lassos import lasso
from sometraces import VIOLATED, WALKED, model, violation, walk

from checker import AtMostOnce, Member, Role, Step, System
from checker.cli import main
from checker.comparison.traces import OtherNodes, compare_traces, event_of
from checker.comparison.views import Sameness
from checker.graphs import kinds
from checker.graphs.difference import difference
from checker.model.behaviour import Trace, replay
from checker.model.verdict import ExitCode
from checker.text.style import Style
from checker.text.tracediff import trace_report
from checker.traces.causality import Causality
from checker.traces.lamps import cut
from checker.traces.retrace import retrace
from checker.traces.tracefile import Source, write


def reordered(trace: Trace, chance: random.Random) -> Trace:
    """The same steps in another order, in which every message is still sent first by the same step."""
    known = Causality(trace)
    after: dict[int, set[int]] = {number: set() for number in range(1, len(trace.steps) + 1)}
    for link in known.links():
        after[link.after].add(link.before)
    concerned: defaultdict[object, set[int]] = defaultdict(set)
    for parcel in known.parcels:
        concerned[parcel.receiver, parcel.message] |= {
            *parcel.taken,
            *([parcel.sent] if parcel.sent else []),
        }
    for numbers in concerned.values():
        for before, number in pairwise(sorted(numbers)):
            after[number].add(before)
    order = list[int]()
    while after:
        ready = sorted(number for number, before in after.items() if not before & after.keys())
        order.append(chance.choice(ready))
        del after[order[-1]]
    found = retrace(known, order)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["commander-as-printed", *WALKED])
def test_the_order_in_which_steps_are_listed_is_no_difference(name: str, seed: int) -> None:
    trace = violation(name) if name in VIOLATED else walk(name, seed)
    other = reordered(trace, random.Random(seed))
    assert other.path != trace.path
    found = compare_traces(trace, other)
    assert found.sameness is Sameness.EQUAL
    assert [event_of(trace, a) for a, _ in found.common] == [event_of(other, b) for _, b in found.common]
    assert (found.start, found.parted, found.end) == ((), (), ())
    assert found.exit_code == ExitCode.OK


@pytest.mark.parametrize("length", [0, 1, 7, 20])
@pytest.mark.parametrize("name", WALKED)
def test_what_a_trace_begins_with_is_all_of_the_shorter_one(name: str, length: int) -> None:
    trace = walk(name, 1)
    length = min(length, len(trace.steps))
    found = compare_traces(cut(trace, length), trace)
    assert found.common == tuple((n, n) for n in range(1, length + 1))
    assert found.parting[0] is None
    longer = found.parting[1]
    assert (longer is None) == (length == len(trace.steps))
    assert longer is None or longer.number == length + 1


def by_removing(one: Causality, other: Causality) -> set[tuple[int, int]]:
    """The largest common past the other way: of all that could go together what does not is taken out."""

    def own(known: Causality, number: int) -> int:
        return known.trace.steps[number - 1].transition.node

    def place(known: Causality, number: int) -> int:
        return sum(own(known, number) in known.nodes[n - 1] for n in range(1, number))

    numbers = [range(1, len(known.trace.steps) + 1) for known in (one, other)]
    pairs = {
        (a, b)
        for a in numbers[0]
        for b in numbers[1]
        if event_of(one.trace, a) == event_of(other.trace, b)
        if own(one, a) == own(other, b)
        if place(one, a) == place(other, b)
    }

    def rests_alike(a: int, b: int) -> bool:
        causes = [{(c.before, c.why, c.node) for c in k.links_to(n)} for k, n in ((one, a), (other, b))]
        fitting = {(x, y) for x in causes[0] for y in causes[1] if (x[0], y[0]) in pairs and x[1:] == y[1:]}
        return {x for x, _ in fitting} == causes[0] and {y for _, y in fitting} == causes[1]

    while wrong := {pair for pair in pairs if not rests_alike(*pair)}:
        pairs -= wrong
    return pairs


@settings(max_examples=40)
@given(st.sampled_from(WALKED), st.integers(0, 3), st.integers(4, 9))
def test_no_past_in_common_is_larger(name: str, seed: int, another: int) -> None:
    one, other = walk(name, seed, 14), walk(name, another, 14)
    found, known = compare_traces(one, other), (Causality(one), Causality(other))
    assert set(found.common) == by_removing(*known)
    for side, trace in enumerate(known):
        steps = {pair[side] for pair in found.common}
        assert trace.past(steps) == steps
    mirrored = compare_traces(other, one)
    assert {(b, a) for a, b in mirrored.common} == set(found.common)
    assert mirrored.parting == found.parting[::-1]
    states = [retrace(known[side], sorted(pair[side] for pair in found.common)) for side in (0, 1)]
    assert None in states or states[0].final == states[1].final


@settings(max_examples=40)
@given(st.sampled_from(WALKED), st.integers(0, 3), st.integers(4, 9))
def test_every_form_has_every_step(name: str, seed: int, another: int) -> None:
    one, other = walk(name, seed), walk(name, another)
    found = compare_traces(one, other)
    lines = trace_report(found, ("one", "other"), style=Style(width=80))
    assert max(map(len, lines)) <= 80
    listing = difference(found, ("one", "other"))
    assert listing.count == len(one.steps) + len(other.steps) - len(found.common)
    document = json.loads("".join(kinds.written(listing, "json", "")))
    graph = nx.node_link_graph(document, edges="edges")
    assert nx.is_directed_acyclic_graph(graph)
    assert sum(it["where"] == "both" for _, it in graph.nodes(data=True)) == len(found.common)
    assert "".join(kinds.written(listing, "dot", ""))


def test_where_they_part_and_what_differs_then() -> None:
    trace = violation("accept-any-ballot")
    system = trace.system
    other = replay(system, trace.path[:8])
    more = next(replay(system, (*other.path, index)) for index in range(99) if index != trace.path[8])
    found = compare_traces(trace, more)
    one, another = found.parting
    assert one is not None
    assert another is not None
    assert (one.number, another.number, len(found.common)) == (9, 9, 8)
    assert found.sameness is Sameness.DIFFERENT
    changed = {field.node for field in found.parted}
    assert {one.event.node, another.event.node} & changed
    assert not found.start


def writing(letter: str, text: str) -> list[Step]:
    """A writer who writes its letter three times, then others."""
    return [Step(text + letter)] if len(text) < 3 else [Step(text + "!")]


def test_a_step_that_does_something_else_is_told_as_the_same_step() -> None:
    def trace(letter: str) -> Trace:
        role = Role("writer", {}, {"write": writing})
        system = System("notes", (Member("writer", role, letter, "a"),), AtMostOnce(), ())
        return replay(system, (0, 0, 0))

    found = compare_traces(trace("a"), trace("b"))
    assert (found.same_step, found.common) == (True, ())
    assert [parting and parting.elsewhere for parting in found.parting] == [1, 1]
    assert "the same step, which does something else" in "\n".join(trace_report(found, ("one", "other")))
    assert [field.values for field in found.end] == [("aaa!", "abb!")]


def test_other_nodes_cannot_be_compared() -> None:
    with pytest.raises(
        OtherNodes, match=r"only the first has leader 1; only the second has acceptor 1, replica 1$"
    ):
        compare_traces(walk("duel", 0, 3), walk("two-replicas", 0, 3))


def test_what_repeats_must_repeat_alike() -> None:
    trace = lasso()
    assert compare_traces(trace, trace).sameness is Sameness.EQUAL
    found = compare_traces(trace, replace(trace, loop=None))
    assert found.parting == (None, None)
    assert (found.repeats_alike, found.sameness) == (False, Sameness.DIFFERENT)


# The command --------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    traces = {"whole": violation("accept-any-ballot"), "part": cut(violation("accept-any-ballot"), 9)}
    traces["other"] = walk("duel", 0, 3)
    for name, trace in traces.items():
        loaded = model("duel" if name == "other" else "accept-any-ballot")
        (tmp_path / f"{name}.itf.json").write_text(write(trace, Source.of(loaded)), encoding="utf-8")
    return tmp_path


def test_the_command(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["diff", "whole.itf.json", "part.itf.json"]
    assert main([*words, "--json", "d.json", "-o", "d.shiviz.log"]) == ExitCode.UNMET
    out = capsys.readouterr().out
    assert out.startswith("DIFFERENT  whole.itf.json and part.itf.json: 9 steps of 14 and 9 in common\n")
    document = json.loads((files / "d.json").read_text(encoding="utf-8"))
    assert (document["format"], document["exit_code"], document["sameness"]) == (1, 10, "different")
    assert document["common"] == [[n, n] for n in range(1, 10)]
    assert (document["parting"][0]["step"], document["parting"][1]) == (10, None)
    assert [trace["file"] for trace in document["traces"]] == words[1:]
    log = (files / "d.shiviz.log").read_text(encoding="utf-8")
    assert log.count("\n=== ") == 2
    for ending in kinds.FORMATS:
        assert main([*words, "-q", "-o", f"d.{ending}"]) == ExitCode.UNMET
        assert (files / f"d.{ending}").stat().st_size > 500
    assert main(["diff", "part.itf.json", "part.itf.json"]) == ExitCode.OK


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("whole.itf.json", "other.itf.json"),
            "the traces are of other nodes: only the first has replica 1",
        ),
        (("whole.itf.json", "duel"), "a trace file ends in .json"),
        (("whole.itf.json", "none.json"), "none.json: cannot be read"),
        (("whole.itf.json", "part.itf.json", "-o", "d.svg"), "two traces are written to .shiviz.log, .dot"),
        (("whole.itf.json", "part.itf.json", "-o", "part.itf.json"), "would be written over part.itf.json"),
        (("whole.itf.json", "part.itf.json", "-o", "no/d.dot"), "there is no folder"),
    ],
)
def test_what_cannot_be_compared(
    files: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    before = sorted(files.iterdir())
    assert main(["diff", *words]) == ExitCode.USAGE
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
    assert sorted(files.iterdir()) == before
