"""Laws of canonical, rename, show and differences."""

from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model.values import canonical, differences, parts, rename, show
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.leader import Leader, Scout
from pmmc.messages import P1b
from pmmc.values import Node, Proposal, PValue

ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
PROMISES = st.builds(
    P1b,
    st.sampled_from(ACCEPTORS),
    st.from_type(Ballot),
    st.from_type(Ballot),
    st.frozensets(st.from_type(PValue), max_size=3),
)
SCOUTS = st.builds(
    Scout, st.frozensets(st.sampled_from(ACCEPTORS)), st.frozensets(st.from_type(PValue), max_size=2)
)
LEADERS = st.builds(
    Leader,
    ballot=st.from_type(Ballot),
    active=st.booleans(),
    proposals=st.frozensets(st.from_type(Proposal), max_size=2),
    scout=st.none() | SCOUTS,
)
VALUES = PROMISES | LEADERS | SCOUTS | st.tuples(PROMISES, LEADERS)
ORDERS = st.permutations(ACCEPTORS).map(lambda order: dict(zip(ACCEPTORS, order, strict=True)))


class TestCanonical:
    @given(VALUES, VALUES)
    def test_is_equal_for_equal_values_only(self, x, y) -> None:
        assert (canonical(x) == canonical(y)) == (x == y)

    @given(st.lists(st.from_type(PValue), max_size=8), st.randoms(use_true_random=False))
    def test_does_not_see_how_a_set_is_laid_out(self, pvalues, random) -> None:
        shuffled = list(pvalues)
        random.shuffle(shuffled)
        assert canonical(frozenset(shuffled)) == canonical(frozenset(pvalues))

    def test_tells_kinds_of_values_apart(self) -> None:
        values = (
            (),
            frozenset(),
            "",
            None,
            "()",
            0,
            "0",
            (0,),
            ((0,),),
            frozenset({0}),
            "{0}",
            "0,0",
            (0, 0),
        )
        assert len({canonical(v) for v in values}) == len(values)


class TestRename:
    @given(VALUES)
    def test_by_nothing_is_the_value(self, value) -> None:
        assert rename(value, {}) == value

    @given(VALUES, ORDERS)
    def test_is_undone_by_the_inverse(self, value, images) -> None:
        inverse = {image: name for name, image in images.items()}
        assert rename(rename(value, images), inverse) == value

    @given(VALUES, ORDERS, ORDERS)
    def test_composes(self, value, first, second) -> None:
        both = {name: second[image] for name, image in first.items()}
        assert rename(rename(value, first), second) == rename(value, both)

    def test_replaces_as_a_whole(self) -> None:
        one, other = ACCEPTORS[:2]
        assert rename((one, "acceptor", 0), {one: other}) == (other, "acceptor", 0)


@dataclass(frozen=True)
class Pair:
    left: object
    right: object


class TestShow:
    def test_is_for_people(self) -> None:
        assert show(None) == "–"
        assert show(True) == "yes"
        assert show((1, frozenset({Ballot(3, 0), Ballot(2, 1)}))) == "[1, {2.1, 3.0}]"
        assert show({"a": (1, 2), "b": frozenset({3})}) == "{a: [1, 2], b: {3}}"
        assert show(Pair(Node("leader", 0), ())) == "pair(left leader 0, right [])"
        assert parts(Pair(1, False)) == {"left": "1", "right": "no"}
        assert parts(3) is None

    @given(VALUES)
    def test_never_shows_how_python_holds_a_value(self, value) -> None:
        text = show(value)
        assert "frozenset" not in text
        assert "object at 0x" not in text
        assert "Node(" not in text


class TestChanges:
    @given(LEADERS, LEADERS)
    def test_are_none_exactly_if_equal(self, x, y) -> None:
        assert (list(differences(x, y)) == []) == (x == y)

    @given(LEADERS)
    def test_name_the_field_and_both_values(self, leader) -> None:
        other = replace(leader, active=not leader.active)
        assert list(differences(leader, other)) == [("active", leader.active, other.active)]

    def test_go_into_parts_without_a_text_of_their_own(self) -> None:
        before, after = Leader(Ballot(0, 0)), Leader(Ballot(0, 0), scout=Scout(frozenset({ACCEPTORS[0]})))
        assert list(differences(before, after)) == [("scout.heard", frozenset(), frozenset({ACCEPTORS[0]}))]

    def test_replace_the_whole_where_the_type_differs(self) -> None:
        before, after = Leader(Ballot(0, 0)), Leader(Ballot(0, 0), scout=None)
        assert list(differences(before, after)) == [("scout", Scout(), None)]
        assert list(differences(Acceptor(), 1)) == [("", Acceptor(), 1)]

    @given(LEADERS, LEADERS)
    def test_come_in_the_order_of_the_fields(self, x, y) -> None:
        names = [name.split(".")[0] for name, _, _ in differences(x, y)]
        order = ["ballot", "active", "proposals", "scout", "commanders"]
        assert names == sorted(names, key=order.index)


def test_members_of_an_enum_are_shown_by_name_unless_they_say_how() -> None:
    plain = Enum("plain", {"WORKING": 1})
    text = StrEnum("text", {"WORKING": "at work"})
    number = IntEnum("number", {"WORKING": 7})
    assert [show(kind.WORKING) for kind in (plain, text, number)] == ["WORKING", "at work", "7"]


@dataclass(frozen=True)
class Told:
    leader: object
    since: Ballot
    text: str = "all well"
    heard: frozenset[str] = frozenset()
    ready: bool = False


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Told(Node("leader", 0), Ballot(0, 1)), "told(leader 0, since 0.1, all well, heard {}, ready no)"),
        (Told("leaders", Ballot(0, 1), "9"), "told(leaders, since 0.1, text 9, heard {}, ready no)"),
        (Told(None, Ballot(0, 1), ready=True), "told(leader –, since 0.1, all well, heard {}, ready yes)"),
        (Told("b", Ballot(0, 1), "", frozenset("a")), "told(b, since 0.1, text, heard {a}, ready no)"),
    ],
)
def test_a_field_is_named_where_what_it_holds_does_not_say_what_it_is(value: Told, shown: str) -> None:
    assert show(value) == shown


@dataclass(frozen=True)
class Rarely:
    often: int = 0
    rarely: int = field(default=0, repr=False)


def test_a_field_kept_out_of_repr_is_shown_only_where_it_is_not_the_default() -> None:
    assert (show(Rarely()), show(Rarely(1, 2))) == ("rarely(often 0)", "rarely(often 1, rarely 2)")
    assert (parts(Rarely()), parts(Rarely(1, 2))) == ({"often": "0"}, {"often": "1", "rarely": "2"})
    assert [f.name for f in differences(Rarely(), Rarely(0, 2))] == ["rarely"]
    assert [f.name for f in differences(Rarely(0, 2), Rarely())] == ["rarely"]
    assert canonical(Rarely()) != canonical(Rarely(0, 2))
