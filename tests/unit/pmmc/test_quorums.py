"""Laws of quorums: what holds of every system of them, two ways to say the same, and which ones meet."""

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmmc.quorums import MAJORITIES, Count, Majority, Quorums, QuorumSystem, Sets, Weights
from pmmc.values import Configuration, Deployment, Node

ACCEPTORS = tuple(Node("acceptor", i) for i in range(5))
A, B, C, D, E = ACCEPTORS
GROUPS = st.frozensets(st.sampled_from(ACCEPTORS))
COUNTS = st.builds(Count, st.integers(1, 5))
WEIGHTS = (
    st.lists(st.integers(0, 3), min_size=5, max_size=5)
    .filter(any)
    .flatmap(
        lambda each: st.builds(
            Weights, st.just(tuple(zip(ACCEPTORS, each, strict=True))), st.integers(1, sum(each))
        )
    )
)
SETS = st.builds(Sets, st.frozensets(GROUPS.filter(bool), min_size=1, max_size=4))
SYSTEMS: st.SearchStrategy[QuorumSystem] = st.one_of(st.just(Majority()), COUNTS, WEIGHTS, SETS)


def groups(acceptors: tuple[Node, ...] = ACCEPTORS) -> Iterator[frozenset[Node]]:
    """All sets of acceptors, the smaller ones first."""
    for size in range(len(acceptors) + 1):
        yield from map(frozenset, combinations(acceptors, size))


def quorums(system: QuorumSystem, acceptors: tuple[Node, ...] = ACCEPTORS) -> list[frozenset[Node]]:
    return [group for group in groups(acceptors) if system.is_quorum(group, acceptors)]


def minimal(system: QuorumSystem) -> Sets:
    """The same, told one by one."""
    found: list[frozenset[Node]] = []
    for group in quorums(system):
        if not any(one < group for one in found):
            found.append(group)
    return Sets(frozenset(found))


def meet(one: QuorumSystem, other: QuorumSystem, acceptors: tuple[Node, ...] = ACCEPTORS) -> bool:
    """Whether every quorum of one shares an acceptor with every quorum of the other."""
    return all(p & q for p in quorums(one, acceptors) for q in quorums(other, acceptors))


class TestEverySystem:
    @given(SYSTEMS, GROUPS, GROUPS)
    def test_what_holds_a_quorum_is_one(self, system: QuorumSystem, heard, more) -> None:
        if system.is_quorum(heard, ACCEPTORS):
            assert system.is_quorum(heard | more, ACCEPTORS)

    @given(SYSTEMS)
    def test_nobody_is_no_quorum_and_everybody_is_one(self, system: QuorumSystem) -> None:
        assert not system.is_quorum(frozenset(), ACCEPTORS)
        assert system.is_quorum(ACCEPTORS, ACCEPTORS)

    @given(SYSTEMS)
    def test_can_be_told_one_by_one(self, system: QuorumSystem) -> None:
        assert quorums(minimal(system)) == quorums(system)

    @given(SYSTEMS, GROUPS)
    def test_who_was_heard_may_come_in_any_collection(self, system: QuorumSystem, heard) -> None:
        answers = {system.is_quorum(kind(heard), ACCEPTORS) for kind in (tuple, list, set, frozenset)}
        assert len(answers) == 1


class TestTwoWaysToSayTheSame:
    @pytest.mark.parametrize("total", range(1, 6))
    def test_a_majority_is_a_number(self, total: int) -> None:
        acceptors = ACCEPTORS[:total]
        assert quorums(Majority(), acceptors) == quorums(Count(total // 2 + 1), acceptors)

    @given(COUNTS, st.integers(1, 3))
    def test_a_number_is_equal_weights(self, system: Count, weight: int) -> None:
        weights = Weights(tuple((a, weight) for a in ACCEPTORS), weight * system.least)
        assert quorums(weights) == quorums(system)

    @given(COUNTS)
    def test_a_number_is_all_sets_of_that_size(self, system: Count) -> None:
        assert quorums(Sets(frozenset(map(frozenset, combinations(ACCEPTORS, system.least))))) == quorums(
            system
        )

    @given(SETS, GROUPS)
    def test_sets_say_the_same_with_one_more_that_holds_one_of_them(self, system: Sets, more) -> None:
        larger = {one | more for one in system.sets}
        assert quorums(Sets(system.sets | larger)) == quorums(system)

    def test_no_weights_make_a_grid(self) -> None:
        """Rows of a grid: with weights the two columns would weigh as much as the two rows, together."""
        rows = Sets(frozenset({frozenset({A, B}), frozenset({C, D})}))
        acceptors = ACCEPTORS[:4]
        same = [
            weights
            for each in range(3**4)
            for weights in [tuple((a, each // 3**k % 3) for k, a in enumerate(acceptors))]
            for least in range(1, 9)
            if quorums(Weights(weights, least), acceptors) == quorums(rows, acceptors)
        ]
        assert same == []


class TestMeeting:
    @given(COUNTS, COUNTS)
    def test_numbers_meet_if_and_only_if_together_they_are_more_than_all(self, one, other) -> None:
        assert meet(one, other) == (one.least + other.least > len(ACCEPTORS))

    @given(WEIGHTS, st.data())
    def test_weights_meet_if_together_they_weigh_more_than_all(self, one: Weights, data) -> None:
        total = sum(weight for _, weight in one.weights)
        other = Weights(one.weights, data.draw(st.integers(total - one.least + 1, total)))
        assert meet(one, other)

    @pytest.mark.parametrize("total", range(1, 6))
    def test_majorities_meet_each_other(self, total: int) -> None:
        assert meet(Majority(), Majority(), ACCEPTORS[:total])

    def test_a_row_of_a_grid_meets_every_column_and_no_other_row(self) -> None:
        rows = Sets(frozenset({frozenset({A, B}), frozenset({C, D})}))
        columns = Sets(frozenset({frozenset({A, C}), frozenset({B, D})}))
        assert meet(rows, columns)
        assert not meet(rows, rows)
        assert not meet(columns, columns)


class TestMajority:
    @given(st.integers(0, 20), st.integers(1, 20))
    def test_is_more_than_half(self, count: int, total: int) -> None:
        heard, all_ = range(count), range(total)
        assert Majority().is_quorum(heard, all_) == (count > total / 2)

    @given(st.integers(1, 20))
    def test_grows_with_the_count(self, total: int) -> None:
        answers = [Majority().is_quorum(range(count), range(total)) for count in range(total + 1)]
        assert all(later >= earlier for earlier, later in pairwise(answers))
        assert (answers[0], answers[-1]) == (False, True)


def test_an_acceptor_that_is_not_among_the_weights_weighs_nothing() -> None:
    system = Weights(((A, 2), (B, 1)), 2)
    assert [system.of(a) for a in ACCEPTORS[:3]] == [2, 1, 0]
    assert not system.is_quorum({B, C, D, E}, ACCEPTORS)


def test_each_phase_has_its_own() -> None:
    deployment = Deployment(ACCEPTORS, (), ())
    (usual,) = deployment.configurations
    assert usual == Configuration((), ACCEPTORS, MAJORITIES)
    assert (usual.promised_by({A, B}), usual.chosen_by({A, B, C})) == (False, True)
    flexible = Configuration((), ACCEPTORS, Quorums(Count(4), Count(2)))
    assert (flexible.promised_by({A, B, C}), flexible.chosen_by({A, B})) == (False, True)


@pytest.mark.parametrize(
    ("system", "shown"),
    [
        (Majority(), "majorities"),
        (Count(2), "any 2"),
        (Weights(((A, 2), (B, 1)), 3), "weight 3 of {acceptor 0: 2, others: 1}"),
        (Weights(((A, 2), (B, 0)), 2), "weight 2 of {acceptor 0: 2, acceptor 1: 0}"),
        (Sets(frozenset({frozenset({C}), frozenset({B, A})})), "[acceptor 0, acceptor 1] or [acceptor 2]"),
    ],
)
def test_is_shown_as_a_file_says_it(system: QuorumSystem, shown: str) -> None:
    assert str(system) == shown
