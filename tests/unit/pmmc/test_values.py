"""Laws of the protocol's values: ballots, pmax, ◁."""

from hypothesis import given
from hypothesis import strategies as st

from pmmc.ballots import BOTTOM, Ballot, PairBallots
from pmmc.values import Command, Proposal, PValue, override, pmax, slots_of

BALLOTS = st.from_type(Ballot)
COMMANDS = st.from_type(Command)
PROPOSALS = st.frozensets(st.from_type(Proposal))
PVALUES = st.frozensets(st.from_type(PValue))
LEADERS = st.integers(0, 4)
SLOTS = st.integers(1, 4)
#: Proposals with one command for each slot.
MAPPING = st.dictionaries(SLOTS, COMMANDS).map(lambda d: frozenset(Proposal(s, c) for s, c in d.items()))
#: Pvalues of which A4 holds: one command for each ballot and slot.
A4 = st.dictionaries(st.tuples(BALLOTS, SLOTS), COMMANDS).map(
    lambda d: frozenset(PValue(b, s, c) for (b, s), c in d.items())
)


def single_valued(proposals: frozenset[Proposal]) -> bool:
    return len(slots_of(proposals)) == len(proposals)


class TestBallots:
    @given(BALLOTS, BALLOTS)
    def test_any_two_are_ordered_one_way(self, a: Ballot, b: Ballot) -> None:
        assert [a < b, a == b, b < a].count(True) == 1

    @given(BALLOTS, BALLOTS, BALLOTS)
    def test_order_is_transitive(self, a: Ballot, b: Ballot, c: Ballot) -> None:
        low, middle, high = sorted((a, b, c))
        assert low <= middle <= high
        assert low <= high

    @given(BALLOTS, BALLOTS)
    def test_the_round_counts_first(self, a: Ballot, b: Ballot) -> None:
        assert (a < b) == (a.round < b.round or (a.round == b.round and a.leader < b.leader))

    @given(BALLOTS)
    def test_bottom_is_below_all(self, ballot: Ballot) -> None:
        assert ballot > BOTTOM

    def test_are_shown_round_first(self) -> None:
        assert str(Ballot(3, 0)) == "3.0"
        assert str(BOTTOM) == "⊥"

    @given(LEADERS, LEADERS, st.integers(1, 6))
    def test_no_two_leaders_ever_share_one(self, one: int, other: int, count: int) -> None:
        def supply(leader: int) -> set[Ballot]:
            ballots = PairBallots()
            found = [ballots.first(leader)]
            for _ in range(count):
                following = ballots.above(found[-1], leader)
                assert following is not None
                found.append(following)
            return set(found)

        assert one == other or not supply(one) & supply(other)

    @given(BALLOTS | st.just(BOTTOM), LEADERS, st.none() | st.integers(1, 6))
    def test_above_is_higher_owned_and_least(self, ballot: Ballot, leader: int, rounds: int | None) -> None:
        following = PairBallots(rounds).above(ballot, leader)
        if following is None:
            assert rounds is not None
            assert ballot.round + 1 >= rounds, "the supply ends where the bound says and not before"
            return
        assert following > ballot
        assert following.leader == leader
        assert following.round == ballot.round + 1
        assert rounds is None or following.round < rounds

    @given(LEADERS)
    def test_the_first_is_the_least_above_bottom(self, leader: int) -> None:
        assert PairBallots().first(leader) == PairBallots().above(BOTTOM, leader)


class TestPmax:
    @given(PVALUES)
    def test_keeps_the_slots(self, pvalues: frozenset[PValue]) -> None:
        assert slots_of(pmax(pvalues)) == {p.slot for p in pvalues}

    @given(PVALUES)
    def test_takes_what_no_higher_ballot_contradicts(self, pvalues: frozenset[PValue]) -> None:
        expected = {
            Proposal(p.slot, p.command)
            for p in pvalues
            if not any(q.slot == p.slot and q.ballot > p.ballot for q in pvalues)
        }
        assert pmax(pvalues) == expected

    @given(A4)
    def test_has_one_command_for_each_slot_if_a4_holds(self, pvalues: frozenset[PValue]) -> None:
        assert single_valued(pmax(pvalues))

    @given(PVALUES, st.randoms(use_true_random=False))
    def test_does_not_depend_on_order_or_repetition(self, pvalues: frozenset[PValue], random) -> None:
        shuffled = [*pvalues, *pvalues]
        random.shuffle(shuffled)
        assert pmax(shuffled) == pmax(pvalues)

    @given(A4, A4)
    def test_of_a_union_is_made_of_the_two(self, x: frozenset[PValue], y: frozenset[PValue]) -> None:
        assert pmax(x | y) <= pmax(x) | pmax(y)

    @given(A4)
    def test_is_idempotent(self, pvalues: frozenset[PValue]) -> None:
        highest = {p for p in pvalues if Proposal(p.slot, p.command) in pmax(pvalues)}
        assert pmax(highest) == pmax(pvalues)

    def test_of_nothing_is_nothing(self) -> None:
        assert pmax(()) == frozenset()


class TestOverride:
    @given(PROPOSALS, PROPOSALS, PROPOSALS)
    def test_is_associative(self, x, y, z) -> None:
        assert override(override(x, y), z) == override(x, override(y, z))

    @given(PROPOSALS)
    def test_is_idempotent_and_nothing_is_neutral(self, x: frozenset[Proposal]) -> None:
        assert override(x, x) == override(x, frozenset()) == override(frozenset(), x) == x

    @given(PROPOSALS, PROPOSALS)
    def test_the_right_side_wins_and_no_slot_is_lost(self, x, y) -> None:
        result = override(x, y)

        assert y <= result <= x | y
        assert slots_of(result) == slots_of(x) | slots_of(y)
        assert {p for p in result if p.slot in slots_of(y)} == y

    @given(MAPPING, MAPPING)
    def test_keeps_one_command_for_each_slot(self, x, y) -> None:
        assert single_valued(override(x, y))

    @given(MAPPING, A4)
    def test_adoption_has_one_command_for_each_slot(self, proposals, pvalues) -> None:
        assert single_valued(override(proposals, pmax(pvalues)))
