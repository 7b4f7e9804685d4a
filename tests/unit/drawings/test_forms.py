"""Every form of a trace: well-formed by its own rules, complete, and the same bytes in every process."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lassos import WANDERED, ending, lasso, staying, wandered
from sometraces import ROOT, VIOLATED, WALKED, model, violation, walk

from checker.drawings import mermaid, shiviz
from checker.drawings.causal import causal_drawing
from checker.drawings.forms import forms
from checker.drawings.growth import growth
from checker.drawings.spacetime import spacetime
from checker.model.behaviour import Trace, replay
from checker.model.values import show
from checker.traces.causality import Causality
from checker.traces.retrace import readable
from checker.traces.tracefile import Source

SVG = "{http://www.w3.org/2000/svg}"


#: Name → a trace, made when a test wants it: all workers import this, and few run these tests.
TRACES: dict[str, Callable[[], Trace]] = {
    **{name: partial(lambda name: readable(violation(name)), name) for name in VIOLATED},
    **{f"{name}-{seed}": partial(walk, name, seed) for name in WALKED for seed in range(2)},
    "empty": lambda: replay(model("duel-duplicating").system, ()),
    "lasso": lasso,
    "rising": partial(lasso, rising=True),
    "ending": ending,
    "staying": staying,
    **{
        f"round-{name}-{n}": partial(lambda name, n: wandered(name)[n], name, n)
        for name in WANDERED
        for n in range(2)
    },
    "unclaimed": lambda: replace(lasso(), claim=None, reason=""),
}
EVERY = pytest.mark.parametrize("trace", TRACES, indirect=True)


@pytest.fixture
def trace(request: pytest.FixtureRequest) -> Trace:
    return TRACES[request.param]()


# Drawings -----------------------------------------------------------------------------------------------


@EVERY
def test_drawings_are_well_formed(trace: Trace) -> None:
    for text in (spacetime(trace), causal_drawing(trace), causal_drawing(trace, needed_only=True)):
        drawing = ET.fromstring(text)
        width, height = (float(drawing.get(side, "")) for side in ("width", "height"))
        for shape in drawing.iter():
            for x, y in (("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")):
                if shape.get(x) is not None:
                    assert -1 <= float(shape.get(x, "")) <= width
                    assert -1 <= float(shape.get(y, "")) <= height + 1


@EVERY
def test_no_label_lies_on_another(trace: Trace) -> None:
    labels = list(ET.fromstring(spacetime(trace)).iter(f"{SVG}text"))
    boxes = sorted(map(_box, labels), key=lambda box: box[1])
    for i, (left, _, right, bottom) in enumerate(boxes):
        for other in boxes[i + 1 :]:
            if other[1] >= bottom:
                break
            assert other[0] >= right or other[2] <= left, (labels[i].text, other)


def _box(label: ET.Element) -> tuple[float, float, float, float]:
    """About where a text stands; letters of 12 pixels are 7.3 wide and 10 high."""
    looks = (label.get("class") or "").split()
    size = 10 / 12 if "small" in looks else 1.0
    x, y, width = float(label.get("x", "")), float(label.get("y", "")), len(label.text or "") * 7.3 * size
    left = x - width if "end" in looks else x - width / 2 if "middle" in looks else x
    return left, y - 10 * size, left + width, y


@EVERY
def test_every_step_and_every_message_that_is_taken_is_drawn(trace: Trace) -> None:
    drawing = ET.fromstring(spacetime(trace))
    steps = {
        g.get("data-step") for g in drawing.iter(f"{SVG}g") if "step" in (g.get("class") or "").split()
    }
    assert steps == {str(n) for n in range(1, len(trace.steps) + 1)}
    taken = sum(len(p.taken) for p in Causality(trace).parcels if not p.at_once)
    arrows = [g for g in drawing.iter(f"{SVG}g") if "message" in (g.get("class") or "").split()]
    assert len(arrows) == taken
    again = sum(max(len(p.taken) - 1, 0) for p in Causality(trace).parcels if not p.at_once)
    assert len([g for g in arrows if "again" in (g.get("class") or "").split()]) == again


def test_a_diagram_grows_in_place() -> None:
    trace = violation("accept-any-ballot")
    whole = spacetime(trace)
    assert spacetime(trace, upto=len(trace.steps)) == whole
    for upto in (0, 1, 7):
        part = ET.fromstring(spacetime(trace, upto=upto))
        dots = [e for e in part.iter(f"{SVG}circle") if e.get("r") == "10"]
        assert len(dots) == upto
        at = {(e.get("cx"), e.get("cy")) for e in dots}
        assert at <= {(e.get("cx"), e.get("cy")) for e in ET.fromstring(whole).iter(f"{SVG}circle")}


def test_messages_of_one_ballot_have_one_colour() -> None:
    drawing = ET.fromstring(spacetime(violation("accept-any-ballot")))
    colours: dict[str, set[str]] = {}
    for g in drawing.iter(f"{SVG}g"):
        tip = g.find(f"{SVG}title")
        found = re.match(r"p[12]a\(leader (\d)", (tip.text or "") if tip is not None else "")
        if found and "message" in (g.get("class") or ""):
            colours.setdefault(found[1], set()).add((g.get("class") or "").split()[1])
    assert {leader: len(used) for leader, used in colours.items()} == {"0": 1, "1": 1}
    assert colours["0"] != colours["1"]


# Runs that repeat ----------------------------------------------------------------------------------------


def parts_of(drawing: str, looks: str) -> list[ET.Element]:
    """The groups of a drawing that have a class."""
    return [g for g in ET.fromstring(drawing).iter(f"{SVG}g") if looks in (g.get("class") or "").split()]


@pytest.mark.parametrize("rising", [False, True])
def test_a_cycle_stands_in_a_bracket_that_leads_back(rising: bool) -> None:
    trace = lasso(rising=rising)
    drawing = spacetime(trace)
    (cycle,) = parts_of(drawing, "cycle")
    assert cycle.get("data-at") == "1"
    (tip,) = cycle.iter(f"{SVG}title")
    more = ", all heights larger by 4" if rising else ""
    each = f"{more} each time" if more else ""
    assert tip.text == f"steps 2 to 5 repeat for ever{each}: back to the state after step 1{more}"
    assert {g.get("data-step") for g in parts_of(drawing, "repeats")} == {"2", "3", "4", "5"}
    # the dashes are as high as the rows of the steps
    bracket = next(cycle.iter(f"{SVG}path")).get("d", "").split()
    bands = [g.find(f"{SVG}rect") for g in parts_of(drawing, "repeats") if g.find(f"{SVG}rect") is not None]
    tops = [float(band.get("y", "")) for band in bands if "row" in (band.get("class") or "")]  # type: ignore[union-attr]
    assert float(bracket[-1]) == min(tops)
    assert not parts_of(spacetime(trace, upto=4), "cycle")
    assert not parts_of(spacetime(ending()), "cycle")


def test_a_message_of_the_next_turn_is_not_called_lost_sight_of() -> None:
    drawing = spacetime(lasso())
    (stub,) = parts_of(drawing, "next-turn")
    (tip,) = stub.iter(f"{SVG}title")
    assert tip.text == "ball(height 0): player 0 → player 1, received in step 2 of a later turn"
    assert "received in a later turn" in drawing
    assert not parts_of(drawing, "never")
    assert parts_of(spacetime(lasso(), upto=4), "never")


def test_a_path_that_claims_nothing_says_that_it_repeats() -> None:
    drawing = spacetime(replace(lasso(), claim=None, reason=""))
    assert "↻ steps 2 to 5 repeat for ever" in drawing
    assert not parts_of(drawing, "repeats")
    assert "↻" not in spacetime(ending())
    assert "what can happen need not: referee whistle" in " ".join(
        (text.text or "").strip() for text in ET.fromstring(spacetime(ending())).iter(f"{SVG}text")
    )


def test_causes_say_which_of_them_repeat() -> None:
    drawing = causal_drawing(lasso())
    assert {g.get("data-step") for g in parts_of(drawing, "repeats")} == {"2", "3", "4", "5"}
    assert not parts_of(drawing, "last")
    assert "steps 2 to 5 repeat for ever" in drawing


@pytest.mark.parametrize("levels", [[], [1], [1, 5, 3], list(range(1, 400)), [10**9, 7]])
def test_growth_is_drawn_whatever_its_size(levels: list[int]) -> None:
    bars = list(ET.fromstring(growth(levels, title="x")).iter(f"{SVG}rect"))
    assert len(bars) == len(levels)
    assert all(0 < float(bar.get("height", "")) <= 200 for bar in bars)


# Mermaid ------------------------------------------------------------------------------------------------

#: The lines that we write, as the grammar of sequence diagrams has them.
SEQUENCE = [
    r"sequenceDiagram",
    r"    actor outside",
    r"    box [^;]+",
    r"    end",
    r"    participant n\d+ as [^;]+",
    r"    (n\d+|outside)(->>|--x|-\))n\d+: [^;]+",
    r"    Note (right of|over) n\d+(,n\d+)?: [^;]+",
    r"    rect rgb\(\d+, \d+, \d+\)",
    r"    loop [^;]+",
]


def test_mermaid_has_a_loop_around_the_steps_that_repeat() -> None:
    lines = [line.strip() for line in mermaid.sequence(lasso(rising=True)).splitlines()]
    begin = lines.index("loop steps 2 to 5 repeat for ever, all heights larger by 4 each time")
    end = lines.index("end", begin)
    numbers = [found[1] for line in lines[begin:end] if (found := re.search(r": (\d)\. ", line))]
    assert numbers == ["2", "3", "4", "5"]
    assert not [line for line in mermaid.sequence(ending()).splitlines() if line.strip().startswith("loop")]


@EVERY
def test_mermaid_has_no_line_that_its_grammar_lacks(trace: Trace) -> None:
    text = mermaid.sequence(trace)
    assert text.endswith("\n")
    for line in text.splitlines():
        assert any(re.fullmatch(form, line) for form in SEQUENCE), line
    opened = sum(1 for line in text.splitlines() if re.match(r"    (box|rect|loop) ", line))
    assert text.splitlines().count("    end") == opened
    arrows = [line for line in text.splitlines() if re.search(r"(->>|--x)n\d+: ", line)]
    assert len(arrows) == sum(1 for step in trace.steps if step.transition.message is not None)


def test_mermaid_labels_are_nothing_but_text() -> None:
    assert mermaid.said("a;b\n c") == "a#59;b c"
    assert mermaid.said("%%{init: x}%%<b>#1") == "#37;#37;{init: x}#37;#37;#60;b#62;#35;1"


# ShiViz -------------------------------------------------------------------------------------------------


@EVERY
def test_shiviz_clocks_obey_its_rules(trace: Trace) -> None:
    first, second, text = shiviz.log(trace).split("\n", 2)
    assert (first, second) == (shiviz.PARSER, "")
    parser = re.compile(shiviz.PARSER.replace("(?<", "(?P<"))
    events = list(parser.finditer(text))
    assert "".join(event[0] + "\n" for event in events) == text
    clocks: dict[str, list[dict[str, int]]] = {}
    for event in events:
        clocks.setdefault(event["host"], []).append(json.loads(event["clock"]))
    for host, its in clocks.items():
        assert not re.search(r"\s", host)
        assert [clock[host] for clock in its] == list(range(1, len(its) + 1))
        for before, after in pairwise(its):
            assert all(after[other] >= ticks for other, ticks in before.items())
        for clock in its:
            assert all(1 <= ticks <= len(clocks[other]) for other, ticks in clock.items())


@EVERY
def test_shiviz_orders_what_rests_on_what(trace: Trace) -> None:
    known = Causality(trace)
    blocks = re.findall(r"^(\d+)\. .*\n\S* ({.*})\n", shiviz.log(trace), re.MULTILINE)
    clocks: dict[int, dict[str, int]] = {}
    for number, clock in blocks:
        clocks.setdefault(int(number), json.loads(clock))
    for link in known.links():
        before, after = clocks[link.before], clocks[link.after]
        if trace.steps[link.after - 1].transition.lost or trace.steps[link.before - 1].transition.lost:
            continue  # a loss happens at the network, not at the node
        if len(known.nodes[link.after - 1]) == 1 and len(known.nodes[link.before - 1]) == 1:
            assert all(after.get(host, 0) >= ticks for host, ticks in before.items())


@EVERY
def test_shiviz_has_a_cause_for_every_message(trace: Trace) -> None:
    """What waits at the start was sent at the start, by whoever sent it."""
    known, events = Causality(trace), list(shiviz.events(trace))
    starts = [event for event in events if event.step == 0]
    assert len(starts) == len({parcel.sender for parcel in known.parcels if parcel.sent == 0})
    assert all(event.text.startswith("start; ") and event.clock == {event.host: 1} for event in starts)
    first = {event.step: event for event in reversed(events)}
    for parcel in known.parcels:
        for number in parcel.taken if parcel.sent == 0 else ():
            causes = [event.host for event in starts if show(parcel.message) in event.text]
            assert any(first[number].clock.get(host, 0) >= 1 for host in causes)


@EVERY
def test_shiviz_reads_two_traces(trace: Trace) -> None:
    """As its own code does: executions are split where the second line says, events found by the first."""
    first, second, text = shiviz.log_of_several([("one", trace), ("the other", trace)]).split("\n", 2)
    executions = re.split(second.replace("?<trace>", "?:"), text, flags=re.MULTILINE)
    assert [title["trace"] for title in re.finditer(second.replace("?<", "?P<"), text, re.MULTILINE)] == [
        *("one", "the other")
    ]
    assert executions[0] == ""
    parser = re.compile("^" + first.replace("(?<", "(?P<") + "$", re.MULTILINE)
    read = [[found.groupdict() for found in parser.finditer(part)] for part in executions[1:]]
    assert read[0] == read[1]
    assert [(int(e["step"]), e["event"], e["host"], json.loads(e["clock"])) for e in read[0]] == [
        tuple(event) for event in shiviz.events(trace)
    ]


# All together -------------------------------------------------------------------------------------------

MAKING = """
import hashlib, sys
sys.path.insert(0, "tests/unit/support")
from sometraces import model, walk
from checker.engines.contract import Discovery
from checker.drawings.forms import forms
from checker.traces.retrace import readable
from checker.traces.tracefile import Source
from checker.checking.confirm import confirm
loaded, path = model("accept-any-ballot"), (0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 1, 0, 0, 0)
trace = readable(confirm(loaded.system, Discovery("R1", "", path)))
for ending, text in forms(trace, Source("m.yaml", loaded.text, "pmmc"), "t.itf.json", shortest=True):
    print("R1", ending, hashlib.sha256(text.encode()).hexdigest())
for ending, text in forms(walk("crashes", 1), Source("m", "", "pmmc"), "t.itf.json", shortest=True):
    print("crashes", ending, hashlib.sha256(text.encode()).hexdigest())
"""


def test_files_are_the_same_bytes_in_every_process() -> None:
    outputs = set()
    for seed in ("0", "1", "42"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
        made = subprocess.run(
            [sys.executable, "-c", MAKING], cwd=ROOT, env=environment, capture_output=True, check=True
        )
        outputs.add(made.stdout)
    assert len(outputs) == 1


@EVERY
def test_every_form_can_be_made_of_every_trace(trace: Trace, tmp_path: Path) -> None:
    made = dict(forms(trace, Source("m.yaml", "", "pmmc"), "t.itf.json", shortest=False))
    assert set(made) == {
        ".itf.json", ".txt", ".svg", ".mmd", ".shiviz.log",
        ".causal.svg", ".causal.graphml", ".causal.dot",
    }  # fmt: skip
    assert made[".txt"].splitlines()[-1] == "  replay      pmmc replay t.itf.json"
