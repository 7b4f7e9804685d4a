"""Tables as text: no wider than there is room for, nothing left out, in parts where they must be."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.model.behaviour import Trace, replay
from checker.model.network import Reliable
from checker.model.pictures import MARKS, Entry, Picture, Row, Table
from checker.model.semantics import initial_state
from checker.model.system import System
from checker.model.vocabulary import Member, Role
from checker.text.pictures import picture_lines
from checker.text.style import Style

WORDS = st.text("abcdefgh", min_size=1, max_size=9)
TEXTS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
TOGETHER = st.lists(WORDS, min_size=1, max_size=3).map("\N{NO-BREAK SPACE}".join)
ENTRIES = st.builds(Entry, TEXTS | TOGETHER, st.sampled_from(MARKS), st.none() | st.integers(0, 120))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.lists(TEXTS, min_size=1, max_size=7))
    cell = st.lists(ENTRIES, max_size=2).map(tuple)
    cells = st.tuples(*[cell] * (len(columns) - 1))
    rows = draw(st.lists(st.builds(Row, TEXTS, cells, st.none()), max_size=3))
    return Table(tuple(columns), tuple(rows), draw(st.just("") | TEXTS))


def trace_of(table: Table) -> Trace:
    picture = Picture("one", "What it is", lambda system, states: table)
    member = Member("a", Role("node", {}), None, 0)
    return replay(System("small", (member,), Reliable(), (), pictures=(picture,)), ())


def shown(table: Table, width: int = 80, **style: bool) -> list[str]:
    return picture_lines(trace_of(table), style=Style(width=width, **style))


def words_in(text: str) -> list[str]:
    return sorted(re.findall(r"[a-h]+", text))


@settings(max_examples=50)
@given(tables(), st.integers(40, 130))
def test_no_line_is_too_long_and_every_entry_is_there_with_colours_and_in_letters_alone(
    table: Table, width: int
) -> None:
    lines = shown(table, width)
    assert max(map(len, lines)) <= width
    entries = [entry for row in table.rows for cell in row.cells for entry in cell]
    text = "\n".join(lines)
    for sign, mark in (("✓", "good"), ("✗", "bad"), ("−", "gone")):
        assert text.count(sign) == sum(entry.mark == mark for entry in entries)
    stamps = sum(entry.step is not None for entry in entries)
    assert len(re.findall(r"@\d+(?!:)", text)) == stamps
    assert not any(line.endswith(" ") for line in lines)
    found = words_in(text)
    for entry in entries:
        assert set(words_in(entry.text)) <= set(found)
    coloured = shown(table, width, colour=True)
    assert [re.sub(r"\x1b\[[\d;]*m", "", line) for line in coloured] == lines
    assert all(line.isascii() for line in shown(table, width, lines=False))


def test_columns_are_as_wide_as_they_must_be() -> None:
    first = Row("0.0", ((Entry("promised", step=1), Entry("x", "bad", 2)), (Entry("y", "good", 0),)))
    table = Table(("ballot", "acceptor", "chosen"), (first, Row("0.1", ((), ()))), "which is which")
    assert shown(table) == [
        "  What it is",
        "  ballot  acceptor     chosen",
        "  ──────  ───────────  ──────",
        "  0.0     promised @1  ✓ y @0",
        "          ✗ x @2",
        "",
        "  0.1",
        "  @0: from the start; @7: in step 7; which is which",
    ]


def test_what_must_not_be_parted_is_not_and_there_are_more_parts_instead() -> None:
    held = "\N{NO-BREAK SPACE}".join(["held"] * 4)
    rows = (Row("a", ((Entry(held),), (Entry(f"x {held}"),))), Row("b", ((Entry("y"),), ())))
    assert shown(Table(("row", "one", "two"), rows), 40) == [
        "  What it is",
        "  row  one",
        "  ───  ───────────────────",
        "  a    held held held held",
        "  b    y",
        "",
        "  row  two",
        "  ───  ─────────────────────",
        "  a    x held held held held",
    ]


def test_what_fits_nowhere_is_parted_all_the_same() -> None:
    held = "\N{NO-BREAK SPACE}".join(["held"] * 12)
    rows = (Row("a", ((Entry(held), Entry("z" * 60)),)),)
    lines = shown(Table(("row", "one"), rows), 40)
    assert lines[3] == "  a    held held held held held held"
    assert sum(line.count("held") for line in lines) == 12
    assert lines[-1].endswith("z…")


def test_the_moment_is_the_one_that_is_asked_for() -> None:
    counting = Picture(
        "count",
        "Count",
        lambda system, states: Table(("a", "b"), (Row(str(len(states)), ((),)),)),
    )
    ticking = Role("node", {}, {"tick": lambda context, local: ((local + 1, ()),) if local < 3 else ()})
    system = System("small", (Member("a", ticking, None, 0),), Reliable(), (), pictures=(counting,))
    trace = replay(system, (0, 0, 0))
    assert [picture_lines(trace, at)[3].strip() for at in (0, 1, 2, 3, None)] == ["1", "2", "3", "4", "4"]


def test_nothing_to_show_and_nobody_to_show_it() -> None:
    assert shown(Table(("a", "b"), (), "note")) == ["  What it is", "  nothing so far"]
    bare = System("bare", (Member("a", Role("node", {}), None, 0),), Reliable(), ())
    assert picture_lines(replay(bare, ())) == []
    assert len(initial_state(bare)) == 1


def test_a_picture_that_raises_says_so_in_its_place() -> None:
    def broken(system: object, states: object) -> Table:
        raise RuntimeError("no idea")

    member = Member("a", Role("node", {}), None, 0)
    system = System("small", (member,), Reliable(), (), pictures=(Picture("one", "What it is", broken),))
    title, *lines = picture_lines(replay(system, ()), style=Style(width=60))
    assert title == "  What it is"
    assert " ".join(map(str.strip, lines)).startswith("picture one raised RuntimeError: no idea (")


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\nb", "a\x07"])
def test_what_a_terminal_would_obey_is_escaped(text: str) -> None:
    table = Table((text, text), (Row(text, ((Entry(text),),)),), text)
    assert not any(re.search(r"[\x00-\x1f]", line) for line in shown(table))
