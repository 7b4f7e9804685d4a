"""Text for people: layout, colours, progress."""

import io

import pytest

from checker.engines.contract import Progress
from checker.text.progress import ProgressLine, describe
from checker.text.style import Style, clip, duration, flow, labelled, plural, wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colours_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour("auto", Terminal())
    assert not wants_colour("auto", io.StringIO())
    assert wants_colour("always", io.StringIO())
    assert not wants_colour("never", Terminal())
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert wants_colour("auto", io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour("auto", Terminal())


def test_colour_adds_nothing_but_colour() -> None:
    assert Style()("text", "bold", "red") == "text"
    assert Style(colour=True)("text", "bold", "red") == "\x1b[1;31mtext\x1b[0m"
    assert Style(colour=True)("", "bold") == ""


def test_long_texts_stay_in_their_column() -> None:
    lines = labelled("label", "word " * 60)
    assert len(lines) > 1
    assert all(line.startswith(" " * 14) for line in lines[1:])
    assert labelled("label", "") == labelled("label", []) == []
    assert labelled("goals", ["a: step 1", "b: never"]) == ["  goals       a: step 1 · b: never"]


def test_a_long_label_does_not_run_into_its_text() -> None:
    assert labelled("election-safety", "16 combinations") == ["  election-safety 16 combinations"]
    assert flow(["x" * 30, "y" * 30], 40) == ["x" * 30, "y" * 30]


def test_numbers_read_well() -> None:
    assert [plural(1, "step"), plural(1200, "step")] == ["1 step", "1,200 steps"]
    assert [duration(s) for s in (0.001, 9.99, 12.34, 125, 3723)] == [
        "0.00 s",
        "9.99 s",
        "12.3 s",
        "2:05 min",
        "1:02:03 h",
    ]
    assert clip("abcdef", 4) == "abc…"


def progress(states: int, seconds: float) -> Progress:
    return Progress(depth=3, states=states, generated=2 * states, frontier=7, seconds=seconds)


def test_progress_in_a_log_comes_at_tenfolds_and_every_ten_seconds() -> None:
    stream = io.StringIO()
    line = ProgressLine("model", stream)
    seen = ((9_000, 1), (10_001, 2), (20_000, 3), (30_000, 12), (40_000, 13), (100_000, 14))
    for states, seconds in seen:
        line(progress(states, seconds))
    line.close()
    shown = [text.split("distinct ")[1].split()[0] for text in stream.getvalue().splitlines()]
    assert shown == ["10,001", "30,000", "100,000"]


def test_progress_on_a_terminal_is_one_line_that_goes_away() -> None:
    stream = Terminal()
    line = ProgressLine("model", stream)
    line(progress(1_000_000, 0.5))
    assert stream.getvalue() == ""
    line(progress(2_000_000, 1.5))
    line(progress(2_000_001, 1.51))
    line.close()
    text = stream.getvalue()
    assert text.count("distinct") == 1
    assert "\n" not in text
    assert text.endswith("\r\x1b[K")


def test_a_snapshot_in_words() -> None:
    words = describe(Progress(14, 1_204_331, 6_880_102, 88_410, 33.0))
    assert words.startswith("depth 14  distinct 1,204,331  generated 6,880,102  frontier 88,410  36k/s")
    assert words.endswith("0:00:33")
