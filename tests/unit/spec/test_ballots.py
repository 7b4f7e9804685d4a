"""Laws of ballot systems: a total order, one owner each, and a next ballot that is higher."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model.values import canonical, show
from checker.modelfiles.complaints import Faults
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import Variant
from pmmc.ballots import (
    BOTTOM,
    Ballot,
    BallotSystem,
    IntegerBallot,
    IntegerBallots,
    LeastIntegerBallots,
    PairBallots,
)
from spec.protocol import PMMC, derive
from spec.variants.ballots import LeaderFirstBallots

LEADERS = 3
WHO = st.integers(0, LEADERS - 1)
ROUNDS = st.integers(0, 5)
PLACES = st.tuples(ROUNDS, WHO)


def systems(rounds: int | None = None) -> list[BallotSystem]:
    return [PairBallots(rounds), IntegerBallots(LEADERS, rounds), LeastIntegerBallots(LEADERS, rounds)]


def name(system: BallotSystem) -> str:
    return type(system).__name__


every_system = pytest.mark.parametrize("system", [*systems(), LeaderFirstBallots()], ids=name)
every_sound_system = pytest.mark.parametrize("system", systems(), ids=name)


@every_system
class TestOrder:
    @given(PLACES, PLACES)
    def test_any_two_are_ordered_one_way(self, system: BallotSystem, one, other) -> None:
        a, b = system.ballot(*one), system.ballot(*other)
        assert [a < b, a == b, b < a].count(True) == 1
        assert (a <= b, a >= b) == (a < b or a == b, b < a or a == b)
        assert (a > b) == (b < a)
        assert (a == b) == (one == other)
        assert a != b or hash(a) == hash(b)

    @given(st.lists(PLACES, min_size=3, max_size=3))
    def test_is_transitive(self, system: BallotSystem, places) -> None:
        assert all(a <= b for a, b in pairwise(sorted(system.ballot(*p) for p in places)))

    @given(PLACES)
    def test_bottom_is_below_all(self, system: BallotSystem, place) -> None:
        ballot = system.ballot(*place)
        assert ballot > BOTTOM
        assert not ballot < BOTTOM
        assert ballot not in (BOTTOM, None)
        assert max(BOTTOM, ballot) == max(ballot, BOTTOM) == ballot
        assert not ballot <= BOTTOM

    @given(PLACES)
    def test_belongs_to_its_leader(self, system: BallotSystem, place) -> None:
        assert system.ballot(*place).leader == place[1]

    @given(PLACES)
    def test_is_written_as_it_is_shown(self, system: BallotSystem, place) -> None:
        ballot = system.ballot(*place)
        shown = str(ballot)
        assert system.parse(int(shown) if shown.isdecimal() else shown) == ballot

    @pytest.mark.parametrize("nonsense", [None, True, -1, 1.5, "", "1", "1.", "1.x", "1.2.3", "²"])
    def test_nothing_else_is_one(self, system: BallotSystem, nonsense) -> None:
        assert system.parse(nonsense) is None


@dataclass(frozen=True, slots=True)
class Spelled(Ballot):
    """A pair with a letter for the leader."""

    def __str__(self) -> str:
        return f"{self.round}{'abc'[self.leader]}"


@dataclass(frozen=True, slots=True)
class SpelledBallots(PairBallots):
    """Ballots that are written otherwise: all there is to such a system."""

    form: ClassVar[str] = "round and letter, such as 2a"

    def ballot(self, round_number: int, leader: int) -> Spelled:
        return Spelled(round_number, leader)

    def parse(self, written: object) -> Spelled | None:
        match written:
            case str() if len(written) == 2 and written[0].isdecimal() and written[1] in "abc":
                return self.ballot(int(written[0]), "abc".index(written[1]))
        return None


def test_a_system_of_ballots_is_one_entry() -> None:
    spelled = Variant(
        part="ballots",
        name="spelled",
        role="leader",
        about="Letters.",
        source="ours",
        setup=lambda deployment: replace(deployment, ballots=SpelledBallots(deployment.ballots.rounds)),
    )
    ours = derive("ours", about="ours", models=Path(), variants=[spelled])

    def load(ballot: str) -> Any:
        text = TestModelFiles.TEXT.replace("integers", "spelled").replace(
            "name: x", "name: x\nprotocol: ours"
        )
        text += f"initial: {{acceptor 0: {{ballot: {ballot}}}}}\n"
        return load_text(text, "m.yaml", protocols={"ours": ours}).system.members[0].local

    assert load("2b").ballot == Spelled(2, 1)
    with pytest.raises(Faults, match="written round and letter, such as 2a"):
        load("2.1")


@every_sound_system
class TestSupply:
    @given(WHO)
    def test_begins_with_the_least_above_bottom(self, system: BallotSystem, leader) -> None:
        assert system.first(leader) == system.above(BOTTOM, leader) == system.ballot(0, leader)

    @given(PLACES, WHO)
    def test_above_is_higher_and_the_leaders_own(self, system: BallotSystem, place, leader) -> None:
        met = system.ballot(*place)
        following = system.above(met, leader)
        assert following is not None
        assert following > met
        assert system.rises
        assert following.leader == leader

    @given(ROUNDS, WHO)
    def test_of_its_own_a_leader_leaves_none_out(self, system: BallotSystem, number, leader) -> None:
        assert system.above(system.ballot(number, leader), leader) == system.ballot(number + 1, leader)


@given(PLACES, WHO, st.integers(1, 4))
def test_the_supply_ends_where_the_bound_says(place, leader, rounds) -> None:
    for bounded, endless in zip(systems(rounds), systems(), strict=True):
        wanted = endless.above(endless.ballot(*place), leader)
        assert wanted is not None
        expected = wanted if wanted.round < rounds else None
        assert bounded.above(bounded.ballot(*place), leader) == expected


class TestIntegers:
    @given(PLACES, PLACES, WHO)
    def test_are_the_pairs_under_other_names(self, one, other, leader) -> None:
        pairs, integers = PairBallots(), IntegerBallots(LEADERS)
        assert (pairs.ballot(*one) < pairs.ballot(*other)) == (
            integers.ballot(*one) < integers.ballot(*other)
        )
        pair, integer = (
            pairs.above(pairs.ballot(*one), leader),
            integers.above(integers.ballot(*one), leader),
        )
        assert pair is not None
        assert integer is not None
        assert (pair.round, pair.leader) == (integer.round, integer.leader)

    @given(PLACES)
    def test_are_ordered_and_shown_as_numbers(self, place) -> None:
        ballot = IntegerBallots(LEADERS).ballot(*place)
        assert ballot.number == place[1] + place[0] * LEADERS
        assert show(ballot) == str(ballot.number)
        assert ballot.number % LEADERS == ballot.leader

    def test_leader_one_of_three(self) -> None:
        system = IntegerBallots(3)
        assert [system.ballot(k, 1).number for k in range(3)] == [1, 4, 7]

    def test_the_least_may_be_in_the_same_round(self) -> None:
        met = IntegerBallot(1, 0, LEADERS)
        assert IntegerBallots(LEADERS).above(met, 1) == IntegerBallot(2, 1, LEADERS)
        assert LeastIntegerBallots(LEADERS).above(met, 1) == IntegerBallot(1, 1, LEADERS)

    @given(PLACES, WHO)
    def test_the_least_is_the_least(self, place, leader) -> None:
        system = LeastIntegerBallots(LEADERS)
        met = system.ballot(*place)
        assert system.above(met, leader) == min(
            ballot for number in range(9) if (ballot := system.ballot(number, leader)) > met
        )

    def test_are_other_values_than_pairs(self) -> None:
        assert IntegerBallot(1, 1, 2) != Ballot(1, 1)
        assert canonical(IntegerBallot(1, 1, 2)) != canonical(Ballot(1, 1))


def test_leader_first_may_go_back() -> None:
    system = LeaderFirstBallots()
    assert system.ballot(0, 1) > system.ballot(5, 0)
    following = system.above(system.ballot(0, 1), 0)
    assert following is not None
    assert following < system.ballot(0, 1)
    assert not system.rises
    assert show(following) == "1.0"


class TestModelFiles:
    TEXT = (
        "name: x\nnodes: {acceptors: 1, leaders: 2, replicas: 1}\ncommands: [put k v]\n"
        "bounds: {slots: 1, rounds: 3}\nrules: {ballots: integers}\n"
    )

    def faults(self, ballot: str) -> list[str]:
        text = self.TEXT + f"initial: {{acceptor 0: {{ballot: {ballot}}}}}\n"
        with pytest.raises(Faults) as caught:
            load_text(text, "m.yaml", protocols={"pmmc": PMMC})
        return [fault.message for fault in caught.value.faults]

    def test_ballots_are_written_as_they_are_shown(self) -> None:
        text = self.TEXT + (
            "initial: {acceptor 0: {ballot: 3, accepted: [[2, 1, put k v]]}, leader 1: {ballot: 5}}\n"
        )
        acceptor, _, leader, _ = load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system.members
        assert acceptor.local.ballot == IntegerBallot(1, 1, 2)
        assert {p.ballot.number for p in acceptor.local.accepted} == {2}
        assert leader.local.ballot.number == 5

    def test_pairs_are_refused(self) -> None:
        assert self.faults("2.1") == ["expected a ballot written as a whole number, such as 5, not '2.1'"]
        assert self.faults("-1") == ["expected a ballot written as a whole number, such as 5, not -1"]

    def test_the_bound_is_on_rounds(self) -> None:
        assert self.faults("6") == ["ballot 6: with 'rounds: 3' the last ballot is 5"]

    def test_owners_are_checked(self) -> None:
        text = self.TEXT + "initial: {leader 0: {ballot: 3}}\n"
        with pytest.raises(Faults, match="ballot 3 belongs to leader 1, not to leader 0"):
            load_text(text, "m.yaml", protocols={"pmmc": PMMC})
