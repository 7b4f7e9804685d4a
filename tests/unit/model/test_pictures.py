"""What a table may be made of, and a picture whose code goes wrong."""

from typing import Any

import pytest

from checker.model.modelcode import CodeError
from checker.model.network import Reliable
from checker.model.pictures import Entry, Picture, Row, Table, drawn
from checker.model.semantics import initial_state
from checker.model.system import System
from checker.model.vocabulary import Member, Role

EMPTY = Table(("node", "what"), ())


def with_pictures(*pictures: Picture) -> System:
    member = Member("a", Role("node", {}), None, 0)
    return System("small", (member,), Reliable(), (), pictures=pictures)


def test_a_mark_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="no entry is marked wrong; the marks are: good, bad, gone"):
        Entry("x", "wrong")


def test_a_row_has_a_cell_for_each_column_after_the_first() -> None:
    assert Table(("node", "what"), (Row("a", ((Entry("x"),),)),)).rows
    with pytest.raises(ValueError, match="row a has 0 cells, for 1 columns"):
        Table(("node", "what"), (Row("a", ()),))


def test_without_pictures_nothing_is_drawn() -> None:
    system = with_pictures()
    assert system.pictures == ()
    assert list(drawn(system, [initial_state(system)])) == []


def test_a_picture_that_raises_does_not_take_the_others_with_it() -> None:
    def broken(system: Any, states: Any) -> Table:
        raise SystemExit("no more")

    def interrupted(system: Any, states: Any) -> Table:
        raise KeyboardInterrupt

    first, second = Picture("first", "", broken), Picture("second", "", lambda system, states: EMPTY)
    system = with_pictures(first, second)
    (_, error), (_, table) = drawn(system, [initial_state(system)])
    assert isinstance(error, CodeError)
    assert str(error).startswith("picture first raised SystemExit: no more (")
    assert table == EMPTY
    system = with_pictures(Picture("third", "", interrupted))
    with pytest.raises(KeyboardInterrupt):
        list(drawn(system, [initial_state(system)]))


def test_what_is_no_table_is_the_picture_s_mistake() -> None:
    wrong: Any = Picture("wrong", "", lambda system, states: "text")
    system = with_pictures(wrong)
    ((_, error),) = drawn(system, [initial_state(system)])
    assert isinstance(error, CodeError)
    assert "picture wrong returned text, not a Table" in str(error)
