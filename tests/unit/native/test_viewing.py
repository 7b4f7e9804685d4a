"""Views as numbers: who reads a part of what another group reads is judged with it, on the same values."""

from collections.abc import Mapping
from itertools import product

from checker.engines.native.numbering import Numbering
from checker.engines.native.viewing import Group, Viewing
from checker.model.modelcode import CodeError
from checker.model.network import AtMostOnce
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View

LEFT = View("left", "pair", lambda pair: pair[0])
RIGHT = View("right", "pair", lambda pair: pair[1])
OTHER = View("other", "single", lambda value: value)
PAIR, SINGLE = Role("pair", {}), Role("single", {})


def sums_to(wanted: int, *views: View) -> Property:
    """A claim that what these views show of all nodes does not sum up to `wanted`."""

    def judge(_: object, *seen: Mapping[str, int]) -> str | None:
        total = sum(value for view in seen for value in view.values())
        if total == 100:
            raise ZeroDivisionError
        return f"{total} on {len(seen)} views" if total == wanted else None

    name = f"{wanted} of {' '.join(view.name for view in views)}"
    return Property(name, Kind.STATE, "It is not.", "test", views, judge)


def viewing(*claims: Property) -> Viewing:
    members = tuple(Member(f"pair {i}", PAIR, None, (0, 0)) for i in range(2))
    single = Member("single", SINGLE, None, 0)
    return Viewing(Numbering(System("parts", (*members, single), AtMostOnce(), claims)))


def found(group: Group, pairs: tuple[tuple[int, int], ...], single: int) -> set[tuple[str, str]]:
    numbers = [group.number(node, value, ()) for node, value in enumerate((*pairs, single))]
    shown = tuple(n if reads else -1 for n, reads in zip(numbers, group.reads, strict=True))
    return {(claim.id, reason) for claim, reason in group.findings(shown)}


CLAIMS = (
    sums_to(2, LEFT),
    sums_to(1, RIGHT),
    sums_to(2, RIGHT, LEFT),
    sums_to(3, LEFT, RIGHT),
    sums_to(1, OTHER),
)


def test_a_group_that_reads_less_is_a_part_of_one_that_reads_more() -> None:
    whole, other = viewing(*CLAIMS).groups
    assert set(whole.asked()) == {claim.id for claim in CLAIMS[:4]}
    assert set(other.asked()) == {CLAIMS[4].id}


def test_parts_find_what_they_find_alone() -> None:
    together = viewing(*CLAIMS).groups
    alone = [viewing(claim).groups[0] for claim in CLAIMS]
    for a, b, c, d, e in product((0, 1, 2), repeat=5):
        pairs = ((a, b), (c, d))
        expected = set().union(*(found(group, pairs, e) for group in alone))
        assert set().union(*(found(group, pairs, e) for group in together)) == expected
        right = {"1 of right"} if b + d == 1 else set()
        assert {name for name, _ in expected} & {"1 of right"} == right


def test_what_goes_wrong_in_a_part_is_told_and_costs_the_others_nothing() -> None:
    seen = viewing(sums_to(2, LEFT), sums_to(100, LEFT, RIGHT))
    (whole,) = seen.groups
    assert seen.mistake() is None
    assert found(whole, ((2, 98), (0, 0)), 0) == {("2 of left", "2 on 1 views")}
    assert isinstance(seen.mistake(), CodeError)
    seen = viewing(sums_to(1, LEFT), sums_to(102, LEFT, RIGHT))
    (whole,) = seen.groups
    assert found(whole, ((100, 2), (0, 0)), 0) == {("102 of left right", "102 on 2 views")}
    assert isinstance(seen.mistake(), CodeError), "of the part"
