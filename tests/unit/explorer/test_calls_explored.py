"""The calls of clients in the explorer: up to the present moment, and whether they can still be ordered."""

import re

from registers import STALE_READ, UNJUDGED, loaded, violation

from checker.explorer.pages import Pages, Subject, styles
from checker.traces.tracefile import Source

PATH = (0, 0, 1, 1, 0, 1)


def pages(text: str) -> Pages:
    known = loaded(text)
    return Pages(Subject(known.system, Source(known.path, known.text, known.protocol.name)))


def labels(svg: str) -> list[str]:
    return re.findall(r'class="asked">([^<]*)<', svg)


def test_the_lanes_end_at_the_moment_that_is_shown() -> None:
    assert violation(STALE_READ).path == PATH
    walk = pages(STALE_READ)
    shown = {at: walk.state(PATH, at)["calls"] for at in range(7)}
    assert {at: labels(told["svg"]) for at, told in shown.items()} == {
        0: [],
        1: ["write A"],
        2: ["write A"],
        3: ["write A → A"],
        4: ["write A → A", "read"],
        5: ["write A → A", "read"],
        6: ["write A → A", "✗ read → 0"],
    }
    assert [len(shown[at]["told"]) for at in range(7)] == [0, 0, 0, 0, 0, 0, 2]
    assert shown[6]["told"][0].startswith("read → 0 by client 1 fits nowhere: write A had been answered")


def test_nothing_is_styled_in_line() -> None:
    svg = pages(STALE_READ).state(PATH)["calls"]["svg"]
    assert "<style" not in svg
    assert " style=" not in svg
    assert "svg.lanes .call" in styles()


def test_a_model_without_a_history_has_no_lanes() -> None:
    assert pages(UNJUDGED).state(PATH)["calls"] is None
