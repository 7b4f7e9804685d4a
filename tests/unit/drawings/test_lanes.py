"""The chart of calls as a drawing: well-formed, nothing on anything else, nothing told by colour alone."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from callhistories import BACK, STALE, TWICE, histories, history
from hypothesis import given
from registers import BACKWARDS, CONSISTENT, STALE_READ, loaded, violation

from checker.checking.check import check
from checker.checking.question import Options
from checker.drawings.html.report import Checked, page
from checker.drawings.lanes import NOTHING, lane_chart
from checker.engines.choose import Means
from checker.text.report import Telling
from checker.traces.calls import PRECEDES, History, explain

SVG = "{http://www.w3.org/2000/svg}"


def groups(drawing: ET.Element, looks: str) -> list[ET.Element]:
    return [g for g in drawing.iter(f"{SVG}g") if looks in (g.get("class") or "").split()]


def texts(element: ET.Element) -> list[str]:
    return [text.text or "" for text in element.iter(f"{SVG}text")]


@pytest.mark.parametrize("claim", PRECEDES)
@given(known=histories(most=6))
def test_every_call_is_drawn_inside(claim: str, known: History) -> None:
    found = explain(known, claim)
    drawing = ET.fromstring(lane_chart(found))
    width, height = (float(drawing.get(side, "")) for side in ("width", "height"))
    assert len(groups(drawing, "call")) == len(known.calls)
    assert len(groups(drawing, "effect")) == len(found.order)
    assert len(groups(drawing, "nowhere")) == len(found.nowhere)
    for shape in drawing.iter():
        for x, y in (("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")):
            if shape.get(x) is not None:
                assert 0 <= float(shape.get(x, "")) <= width
                assert 0 <= float(shape.get(y, "")) <= height
    for text in drawing.iter(f"{SVG}text"):
        assert float(text.get("x", "")) + len(text.text or "") * 7.3 <= width + 1


@given(known=histories(most=6))
def test_no_text_lies_on_another(known: History) -> None:
    drawing = ET.fromstring(lane_chart(explain(known)))
    by_line: dict[str, list[tuple[float, str]]] = {}
    for text in drawing.iter(f"{SVG}text"):
        if "middle" not in (text.get("class") or ""):
            by_line.setdefault(text.get("y", ""), []).append((float(text.get("x", "")), text.text or ""))
    for line in by_line.values():
        line.sort()
        for (x, text), (following, _) in pairwise(line):
            assert x + len(text) * 7.3 <= following


def test_what_fits_nowhere_is_marked_by_more_than_colour() -> None:
    drawing = ET.fromstring(lane_chart(explain(STALE)))
    (wrong,) = groups(drawing, "nowhere")
    assert texts(wrong) == ["✗ get k → []"]
    (tip,) = wrong.iter(f"{SVG}title")
    assert "put k A had been answered to client 0 before it was asked" in (tip.text or "")
    right, _ = groups(drawing, "call")
    assert texts(right) == ["put k A → [A]", "1"]


def test_a_call_that_is_pending_has_no_end() -> None:
    drawing = ET.fromstring(lane_chart(explain(BACK)))
    (pending,) = groups(drawing, "pending")
    assert next(pending.iter(f"{SVG}path")).get("d", "").startswith("M")
    assert not list(pending.iter(f"{SVG}rect"))


def test_a_wrong_answer_whose_effect_was_seen_has_mark_and_number() -> None:
    (wrong,) = groups(ET.fromstring(lane_chart(explain(TWICE))), "nowhere")
    assert texts(wrong) == ["✗ append k A → [A, A]", "1"]


def test_every_moment_can_be_chosen() -> None:
    drawing = ET.fromstring(lane_chart(explain(STALE)))
    assert [g.get("data-step") for g in groups(drawing, "moment")] == [str(n) for n in range(18)]


def test_nobody_has_asked() -> None:
    assert texts(ET.fromstring(lane_chart(explain(history(3))))) == [NOTHING]


# On the page --------------------------------------------------------------------------------------------


def page_of(text: str) -> str:
    return page([Checked(check(loaded(text), Options(Means("reference"))), Telling())])


def test_the_page_has_the_chart_and_why() -> None:
    shown = page_of(BACKWARDS)
    assert 'class="pmmc lanes"' in shown
    assert "svg.lanes .call .bar" in shown
    assert "<p>read → 0 by client 1 fits nowhere: read → A was asked by client 1 before" in shown
    assert "<p>no order that respects the order of each client" in shown


def test_a_page_without_a_history_that_cannot_be_ordered_has_none() -> None:
    assert 'class="pmmc lanes"' not in page_of(CONSISTENT)
    assert violation(STALE_READ).claim is not None
