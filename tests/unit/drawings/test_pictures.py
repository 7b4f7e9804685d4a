"""Tables of a page: well-formed, with headings that say what they head, readable, not by colour alone."""

import re
from itertools import product
from xml.etree import ElementTree as ET

import pytest
from sometraces import model, walk

from checker.drawings.pictures import SPOKEN, STYLE, tables
from checker.model.behaviour import Trace, replay
from checker.model.network import Reliable
from checker.model.pictures import Entry, Picture, Row, Table
from checker.model.semantics import initial_state
from checker.model.system import System
from checker.model.vocabulary import Member, Role
from checker.traces.causality import Causality
from checker.traces.colours import colours_of

PATH = (2, 0, 1, 0, 1, 1, 0, 1, 5, 1, 0, 0, 3, 3)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return replay(model("accept-any-ballot").system, PATH)


def parsed(trace: Trace, **more: object) -> list[ET.Element]:
    return [ET.fromstring(table) for table in tables(trace.system, trace.states, **more)]  # type: ignore[arg-type]


def small(table: Table) -> ET.Element:
    picture = Picture("a <b>", "What & where", lambda system, states: table)
    member = Member("a", Role("node", {}), None, 0)
    system = System("small", (member,), Reliable(), (), pictures=(picture,))
    (text,) = tables(system, [initial_state(system)])
    return ET.fromstring(text)


def test_headings_say_what_they_head(trace: Trace) -> None:
    for box, picture in zip(parsed(trace), trace.system.pictures, strict=True):
        table = picture.draw(trace.system, trace.states)
        assert box.get("class") == f"picture {picture.name}"
        assert (box.get("role"), box.get("tabindex"), box.get("aria-label")) == (
            "region",
            "0",
            picture.title,
        )
        assert box.findtext("table/caption") == picture.title
        columns = box.findall("table/thead/tr/th")
        assert [th.text for th in columns] == list(table.columns)
        assert {th.get("scope") for th in columns} == {"col"}
        rows = box.findall("table/tbody/tr")
        assert ["".join(row[0].itertext()) for row in rows] == [row.heading for row in table.rows]
        assert {row[0].get("scope") for row in rows} == {"row"}
        assert all(len(row) == len(columns) for row in rows)
        assert box.findtext("p") == table.note


def test_an_entry_tells_its_step_and_its_mark_in_words(trace: Trace) -> None:
    ballots, _ = parsed(trace)
    entries = {
        "".join(p.itertext()).replace("\xa0", " "): p for p in ballots.iter("p") if p.get("data-step")
    }
    vote = entries["✗ slot 1: put k2 v2 (but promised 0.1) step 11"]
    assert (vote.get("class"), vote.get("data-step")) == ("bad", "11")
    sign = vote.find("span")
    assert sign is not None
    assert (sign.get("role"), sign.get("aria-label")) == ("img", SPOKEN["bad"])
    assert entries["promised step 2"].get("class") is None


def test_nothing_is_styled_in_place_and_nothing_is_run(trace: Trace) -> None:
    text = "".join(tables(trace.system, trace.states))
    assert not re.search(r"style=|<script|\son\w+=|href|url\(", text + STYLE)


def test_colours_are_those_of_the_diagram_or_dealt_in_order(trace: Trace) -> None:
    of_diagram = colours_of(Causality(trace))
    for colours in (of_diagram, dict(zip(of_diagram, ("k5", "k3"), strict=True))):
        ballots, _ = parsed(trace, colours=colours)
        keys = [span.get("class") for span in ballots.iter("span") if "key" in (span.get("class") or "")]
        by_ballot = {str(ballot): colour for ballot, colour in colours.items()}
        assert keys == [f"key {by_ballot[ballot]}" for ballot in ("0.0", "0.1")]
    ballots, _ = parsed(trace)
    assert [s.get("class") for s in ballots.iter("span") if "key" in (s.get("class") or "")] == [
        "key k0",
        "key k1",
    ]


def test_what_is_markup_elsewhere_is_text_here() -> None:
    entry = Entry('<i> & "x"', "gone", 0)
    box = small(Table(("<b>", "&"), (Row("<u>", ((entry,),)),), "<note>"))
    assert box.get("class") == "picture a--b-"
    assert "".join(box.itertext()) == 'What & where<b>&<u>− <i> & "x" at first<note>'


def test_nothing_so_far() -> None:
    box = small(Table(("one", "two", "three"), (), "note"))
    cell = box.find("table/tbody/tr/td")
    assert cell is not None
    assert (cell.get("colspan"), cell.text) == ("3", "nothing so far")


def test_a_picture_that_raises_says_so_in_its_place() -> None:
    def broken(system: object, states: object) -> Table:
        raise RuntimeError("no <idea>")

    member = Member("a", Role("node", {}), None, 0)
    system = System("small", (member,), Reliable(), (), pictures=(Picture("one", "One", broken),))
    (text,) = tables(system, [initial_state(system)])
    assert "One: picture one raised RuntimeError: no <idea> (" in "".join(ET.fromstring(text).itertext())


@pytest.mark.parametrize("name", ["crashes", "losses", "two-keys"])
def test_any_behaviour_is_well_formed(name: str) -> None:
    for seed in range(3):
        assert len(parsed(walk(name, seed))) == 2


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


#: Which colours of text stand on which grounds, and by which of these the keys of rows are seen.
TEXT = (
    *product(("ink",), ("paper", "band", "good-band", "bad-band")),
    *product(("quiet",), ("paper", "good-band")),
    ("bad", "bad-band"),
)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground_as_wcag_asks(scheme: int) -> None:
    found = re.findall(r"\.picture\{(--paper:[^}]*)", STYLE)[scheme]
    colours = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", found))
    for text, ground in TEXT:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for i in range(8):
        assert contrast(colours[f"k{i}"], colours["band"]) >= 3
