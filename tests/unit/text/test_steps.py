"""Steps as text: in columns or stacked, uncut where there is room, and within the width."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sometraces import CRASHES, PROTOCOLS, ROOT, VIOLATED, WALKED, model, violation, walk

from checker.checking.check import check
from checker.model.behaviour import Trace, replay
from checker.model.semantics import initial_state, successors
from checker.modelfiles.loading import load_text
from checker.text import steps
from checker.text.narrative import narrate
from checker.text.style import NARROWEST, WIDTH, Style, flow, style_for, wrapped
from checker.traces.retrace import readable

MODELS = ROOT / "spec" / "models"
#: Those of the models that something violates which the reference engine is soon through with.
QUICK = tuple(name for name in VIOLATED if name != "apart-by-sets")
#: What a terminal makes of text.
CODES = re.compile(r"\x1b\[[0-9;]*m")


def words(lines: list[str]) -> list[str]:
    return [word for line in lines for word in line.strip("╭│╰╶ ").split()]


def too_long(lines: list[str], width: int) -> list[str]:
    """The lines that are longer than the width, and not because of one word."""
    return [line for line in lines if len(line) > width and len(line.split()) > 1]


def at_80_columns(name: str) -> Iterator[tuple[list[str], list[str]]]:
    """The steps of what a shipped model violates as a check shows them, and uncut."""
    for trace in check(model(name)).traces.values():
        if trace.claim is not None and not trace.claim.kind.goal:
            shown = readable(trace)
            narrow = Style(width=80)
            yield steps.lines_of(shown, narrow), steps.lines_of(shown, narrow, uncut=True)


@pytest.mark.parametrize(
    "name", ["stable-nothing", "stable-leader-nothing", "keep-highest-forgets", *QUICK]
)
def test_no_violation_is_cut_at_80_columns(name: str) -> None:
    told = list(at_80_columns(name))
    assert told
    for lines, uncut in told:
        assert lines == uncut
        assert not any(line.endswith("…") for line in lines)
        assert too_long(lines, 80) == []


@pytest.mark.slow
def test_no_violation_of_any_shipped_model_is_cut_at_80_columns() -> None:
    violated = [
        path.stem for path in MODELS.glob("*.yaml") if "verdict: violated" in path.read_text("utf-8")
    ]
    assert len(violated) > 30
    for name in violated:
        for lines, uncut in at_80_columns(name):
            assert lines == uncut, name
            assert too_long(lines, 80) == [], name


@pytest.mark.parametrize("name", [*QUICK, *WALKED])
@given(width=st.integers(NARROWEST, 260))
@settings(max_examples=6)
def test_uncut_nothing_is_left_out_at_any_width(name: str, width: int) -> None:
    trace = violation(name) if name in QUICK else walk(name, 3)
    rows = steps.rows_of(trace)
    lines = steps.lines_of(trace, Style(width=width), uncut=True)
    told = [
        word
        for row in (steps.HEADER, *rows)
        for text in (row.number, row.sent, row.node, row.action, *(text for text, _ in row.effects))
        for word in text.split()
    ]
    assert words(lines) == told
    assert too_long(lines, width) == []


@given(width=st.integers(NARROWEST, 260))
@settings(max_examples=20)
def test_what_is_cut_fits_too(width: int) -> None:
    trace = walk("two-slots", 4, 90)
    assert too_long(steps.lines_of(trace, Style(width=width)), width) == []


def test_steps_are_stacked_where_it_is_narrow_and_stand_in_columns_where_it_is_not() -> None:
    trace = violation("one-active-leader")
    narrow = steps.lines_of(trace, Style(width=steps.STACKED - 1))
    wide = steps.lines_of(trace, Style(width=steps.STACKED))
    assert narrow[0].split() == ["step", "sent", "node", "action"]
    assert wide[0].split()[:5] == ["step", "sent", "node", "action", "changes,"]
    assert narrow[3].startswith(" " * steps.INDENT + "ballot ⊥ → 0.0")


def test_a_step_is_cut_only_where_the_whole_is_long_stacked_too() -> None:
    for length in range(20, 70, 7):
        trace = walk("two-slots", 4, length)
        for width in (80, 120):
            uncut = steps.lines_of(trace, Style(width=width), uncut=True)
            lines = steps.lines_of(trace, Style(width=width))
            assert (lines == uncut) == (len(uncut) <= steps.UNCUT + 2), (length, width)
            assert len(lines) <= steps.UNCUT + 2


def test_colours_are_those_of_ballots_and_change_nothing_else() -> None:
    trace = violation("one-active-leader")
    for width in (60, 120):
        plain = narrate(trace, style=Style(width=width))
        few = narrate(trace, style=Style(colour=True, width=width))
        many = narrate(trace, style=Style(colour=True, width=width, many=True))
        assert [CODES.sub("", line) for line in few] == [CODES.sub("", line) for line in many] == plain
        for lines, codes in ((few, {"34", "33"}), (many, {"38;5;33", "38;5;166"})):
            text = "\n".join(lines)
            assert set(re.findall(r"\x1b\[([0-9;]+)m *p1a\(", text)) == codes


def crash() -> Trace:
    system = load_text(CRASHES, "crashes.yaml", protocols=PROTOCOLS).system
    state, path = initial_state(system), []
    for wanted in ("p1a", "crash", "restart"):
        found = [(i, t) for i, t in enumerate(successors(system, state)) if t.action == wanted]
        index, step = found[0]
        state, path = step.state, [*path, index]
    return replay(system, tuple(path))


def test_a_crash_is_told_by_what_is_forgotten_and_a_restart_by_what_it_does() -> None:
    trace = crash()
    assert [list(steps.effects_of(trace.system, step)) for step in trace.steps[1:]] == [
        ["crashes 2 → 1", "down {} → {acceptor 0}", "acceptor 0 goes down"],
        ["comes up", "environment 0: down − acceptor 0"],
    ]
    forgetful = load_text(CRASHES + "stable: {acceptor: []}\n", "crashes.yaml", protocols=PROTOCOLS).system
    trace = replay(forgetful, trace.path)
    assert [*steps.effects_of(forgetful, trace.steps[1])][-1] == "acceptor 0 goes down; forgets ballot"
    shown = "\n".join(narrate(replace(trace, steps=trace.steps[:2]), full=True))
    assert "acceptor 0     down   ballot ⊥   accepted {}" in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_has_120_columns_unless_columns_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert style_for(io.StringIO(), "never").width == WIDTH == 120
    for said, width in (("200", 200), ("60", 60), ("7", NARROWEST), ("0", 120), ("wide", 120), ("", 120)):
        monkeypatch.setenv("COLUMNS", said)
        for stream in (io.StringIO(), Terminal()):
            assert style_for(stream, "never").width == width


def test_256_colours_are_for_terminals_that_say_they_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert not style_for(Terminal(), "always").many
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert style_for(Terminal(), "always").many
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert style_for(Terminal(), "always").many


def test_lines_end_where_values_do_if_that_takes_no_more_of_them() -> None:
    sent = "+ p1b(acceptor 0, accepted {}) → leader 0"
    assert wrapped(sent, 39) == ["+ p1b(acceptor 0, accepted {})", "  → leader 0"]
    assert wrapped("one two three", 8) == ["one two", "  three"]
    assert flow(["x" * 30], 4) == ["x" * 30]
