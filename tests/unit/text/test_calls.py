"""The chart of calls: laws of where things stand, and what is printed at 80 columns, word for word."""

import io
from itertools import pairwise

import pytest
from callhistories import BACK, STALE, TWICE, call, histories, history
from hypothesis import given
from hypothesis import strategies as st
from registers import STALE_READ, UNJUDGED, loaded, violation

from checker.model.behaviour import replay
from checker.model.wording import step_differences
from checker.text.calls import chart_of, lanes_of, unexplained
from checker.text.lanes import Bar, Chart, chart
from checker.text.narrative import narrate
from checker.text.steps import effects_of
from checker.text.style import Style, style_for
from checker.traces.calls import PRECEDES, History, explain

NARROW = Style(width=80)
rooms = st.sampled_from([30, 66, 120])


def bars(known: Chart) -> list[Bar]:
    return [bar for lane in known.lanes for row in lane.rows for bar in row]


# Where things stand -------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", PRECEDES)
@given(known=histories(most=7), room=rooms)
def test_every_call_has_its_place(claim: str, known: History, room: int) -> None:
    found = explain(known, claim)
    drawn = chart(found, room)
    assert sorted(bar.call.invoked for bar in bars(drawn)) == [one.invoked for one in known.calls]
    for bar in bars(drawn):
        end = drawn.width if bar.end is None else bar.end
        assert (bar.end is None) is (bar.call.answered is None)
        assert bar.begin < end <= drawn.width
        assert bar.begin + len(bar.label) <= drawn.width
        if bar.effect is None:
            assert bar.call not in found.order
        else:
            assert found.order[(bar.number or 0) - 1] == bar.call
            assert bar.begin < bar.effect
            assert bar.effect + len(str(bar.number)) <= end


@given(known=histories(most=7), room=rooms)
def test_what_came_before_stands_to_the_left(known: History, room: int) -> None:
    drawn = chart(explain(known), room)
    assert all(a[1] + len(str(a[0])) < b[1] for a, b in pairwise(sorted(drawn.columns.items())))
    for bar in bars(drawn):
        assert drawn.columns[bar.call.invoked] == bar.begin == drawn.column(bar.call.invoked)
        assert bar.call.answered is None or drawn.columns[bar.call.answered] == bar.end
    places = [drawn.column(step) for step in range(known.end + 1)]
    assert places == sorted(places)


@given(known=histories(most=7), room=rooms)
def test_nothing_lies_on_anything_in_a_row(known: History, room: int) -> None:
    for lane in chart(explain(known), room).lanes:
        for row in lane.rows:
            for one, following in pairwise(row):
                assert one.begin + len(one.label) < following.begin
                assert one.end is not None
                assert one.end < following.begin


@given(known=histories(most=7), room=rooms)
def test_calls_take_effect_from_left_to_right(known: History, room: int) -> None:
    found = explain(known)
    by_number = {bar.number: bar for bar in bars(chart(found, room)) if bar.effect is not None}
    effects = [by_number[n].effect or 0 for n in range(1, len(by_number) + 1)]
    if not found.nowhere:  # one that fits nowhere may have been seen only after its answer
        assert effects == sorted(set(effects))


def test_a_chart_is_as_wide_as_there_is_room() -> None:
    for room in (40, 66, 120):
        assert chart(explain(STALE), room).width <= room
    assert chart(explain(STALE), 66).width > 60


# What is printed ----------------------------------------------------------------------------------------


def printed(known: History, claim: str = "linearizable", style: Style = NARROW) -> str:
    lines = chart_of(explain(known, claim), style)
    assert all(len(line) <= style.width for line in lines)
    assert all(line == line.rstrip() for line in lines)
    return "\n".join(lines)


def test_a_stale_read() -> None:
    assert (
        printed(STALE)
        == """\
  steps       3                         9     10                              17
  client 0    put k A → [A]
              ├────────────1────────────┤
  client 1                                    ✗ get k → []
                                              ├╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤
  order       1 put k A → [A] by client 0
  nowhere     get k → [] by client 1 fits nowhere: put k A had been answered to
              client 0 before it was asked; in this order its answer would be
              [A]
  conflict    no order that respects real time gives these answers together: put
              k A → [A] by client 0, steps 3 to 9; get k → [] by client 1, steps
              10 to 17"""
    )


def test_all_explained() -> None:
    assert (
        printed(STALE, "sequentially-consistent")
        == """\
  steps       3                         9     10                              17
  client 0    put k A → [A]
              ├────────────2────────────┤
  client 1                                    get k → []
                                              ├───────────────1───────────────┤
  order       1 get k → [] by client 1 · 2 put k A → [A] by client 0"""
    )


def test_one_client_s_own_order() -> None:
    told = """\
  steps       3           10   11          17    19    20                30
  client 0    put k A → [A]
              ├────────────1─────────────────────┤
  client 1                get k → [A]                  ✗ get k → []
                          ├──2─────────────┤           ├╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤
  client 2                     append k B
                               ├───────────────────────────────────────────────╌
  order       1 put k A → [A] by client 0 · 2 get k → [A] by client 1
  nowhere     get k → [] by client 1 fits nowhere: get k → [A] was asked by
              client 1 before; in this order its answer would be [A]
  conflict    no order that respects the order of each client's own calls gives
              these answers together: get k → [A] by client 1, steps 10 to 17;
              get k → [] by client 1, steps 20 to 30"""
    assert printed(BACK, "sequentially-consistent") == told


def test_a_wrong_answer_whose_effect_was_seen() -> None:
    why, conflict = unexplained(explain(TWICE))
    assert why == "append k A → [A, A] by client 0 fits nowhere: in this order its answer would be [A]"
    alone = "no order that respects real time gives this answer: "
    assert conflict == f"{alone}append k A → [A, A] by client 0, steps 3 to 19"
    assert "  order       1 ✗ append k A → [A, A] by client 0 · 2 get k" in printed(TWICE)


def test_an_answer_that_would_change_another_one() -> None:
    known = history(9, call(0, "append k A", 1, 9, "A"), call(1, "append k B", 2, 7, "B"))
    assert unexplained(explain(known))[0] == (
        "append k A → [A] by client 0 fits nowhere: in this order its answer would be [B, A]; "
        "with it the answer to append k B → [B] by client 1 would be [A, B]"
    )


def test_one_that_came_too_early() -> None:
    known = history(30, call(1, "get k", 1, 2, "A"), call(0, "put k A", 3, 4, "A"), call(1, "get k", 5, 6))
    found = explain(known)
    assert [one.answered for one in found.nowhere] == [2, 6]
    assert unexplained(found)[0] == (
        "get k → [A] by client 1 fits nowhere: in this order its answer would be []"
    )


def test_calls_of_a_client_that_overlap_stand_below_each_other() -> None:
    first, second = call(0, "put k A", 1, 6, "A"), call(0, "put k B", 2, 4, "B")
    told = """\
  steps       1   2       4     6          7      9
  client 0    put k A → [A]                get k → [A]
              ├────────2────────┤          ├──3───┤
                  put k B → [B]
                  ├─1─────┤
  order       1 put k B → [B] by client 0 · 2 put k A → [A] by client 0
              3 get k → [A] by client 0"""
    assert printed(history(9, first, second, call(0, "get k", 7, 9, "A"))) == told


def test_more_calls_than_there_is_room_for() -> None:
    known = history(
        60,
        *(call(0, f"put key value{n}", 6 * n + 1, 6 * n + 4, f"value{n}") for n in range(9)),
        call(1, "get key", 20, 58, "value3"),
    )
    text = printed(known)
    assert "put …  put …" in text
    assert "├10┤" in text
    assert "10 put key value8 → [value8] by client 0" in " ".join(text.split())


def test_without_lines_there_are_letters() -> None:
    lines = printed(STALE, style=Style(width=80, lines=False)).splitlines()
    assert "".join(lines[:5]).isascii()
    assert lines[2] == "              |------------1------------|"
    assert lines[3].endswith("x get k > []")
    assert "1 x append k A" in printed(TWICE, style=Style(width=80, lines=False))


def test_nobody_has_asked() -> None:
    assert printed(history(3)) == "  calls       none"


# In a report --------------------------------------------------------------------------------------------


def test_a_violation_is_told_with_its_calls() -> None:
    lines = narrate(violation(STALE_READ), style=NARROW)
    chart_lines = """\
  steps       1         3     4          6
  client 0    write A → A
              ├────1────┤
  client 1                    ✗ read → 0
                              ├╌╌╌╌╌╌╌╌╌╌┤
  order       1 write A → A by client 0
  nowhere     read → 0 by client 1 fits nowhere: write A had been answered to
              client 0 before it was asked; in this order its answer would be A
  conflict    no order that respects real time gives these answers together:
              write A → A by client 0, steps 1 to 3; read → 0 by client 1, steps
              4 to 6

  path        0/0/1/1/0/1""".splitlines()
    assert lines[-len(chart_lines) :] == chart_lines
    assert lines[-len(chart_lines) - 1] == ""
    full = narrate(violation(STALE_READ), full=True, style=NARROW)
    assert full[-len(chart_lines) :] == chart_lines


def test_a_path_whose_end_violates_it_is_told_so_too() -> None:
    trace = replay(loaded(STALE_READ).system, violation(STALE_READ).path)
    assert trace.claim is None
    assert lanes_of(trace, NARROW) == lanes_of(violation(STALE_READ), NARROW)
    assert narrate(trace, style=NARROW)[-2] == ""
    assert any(line.startswith("  nowhere") for line in narrate(trace, style=NARROW))


def test_what_shows_something_else_is_told_with_its_calls_if_asked() -> None:
    trace = replay(loaded(STALE_READ).system, violation(STALE_READ).path[:3])
    assert not any(line.startswith("  steps") for line in narrate(trace, style=NARROW))
    asked = narrate(trace, style=NARROW, lanes=True)
    assert asked[-3:] == ["  order       1 write A → A by client 0", "", "  path        0/0/1"]
    nobody = replay(loaded(UNJUDGED).system, violation(STALE_READ).path)
    assert narrate(nobody, style=NARROW, lanes=True) == narrate(nobody, style=NARROW)


def test_calls_are_ordered_as_the_model_asks() -> None:
    weaker = loaded(STALE_READ.replace("linearizable", "sequentially-consistent"))
    trace = replay(weaker.system, violation(STALE_READ).path)
    assert "  order       1 read → 0 by client 1 · 2 write A → A by client 0" in lanes_of(trace, NARROW)


@pytest.mark.parametrize(
    ("encoding", "lines"), [("utf-8", True), ("ascii", False), ("latin-1", False), ("cp437", False)]
)
def test_a_terminal_without_the_characters_gets_letters(encoding: str, lines: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert style_for(stream, "never").lines is lines


def test_steps_tell_of_calls_and_not_of_what_observers_keep() -> None:
    trace = violation(STALE_READ)
    last = trace.steps[-1]
    assert list(effects_of(trace.system, last)) == [
        "waiting read → –",
        "answers [] → [[read, 0]]",
        "+ client 1 is answered 0 to read → linearization 0",
    ]
    assert list(step_differences(trace.system, last)) == ["waiting read → –", "answers [] → [[read, 0]]"]
