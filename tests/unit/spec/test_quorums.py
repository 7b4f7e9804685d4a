"""Quorums in model files: how they are read, what is refused, and which acceptors they leave alike."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import Options, UnsoundClaim, verify
from checker.engines.choose import Means
from checker.engines.contract import Refused
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.modelfiles.loading import Faults, load_text
from pmmc.quorums import MAJORITIES, Count, Majority, Quorums, QuorumSystem, Sets, Weights
from pmmc.values import Configuration, Node
from spec.claims.symmetry import alike_in
from spec.protocol import PMMC

GOOD = """\
name: good
nodes: {acceptors: 3, leaders: 1, replicas: 1}
commands: [put k v]
bounds: {slots: 1, rounds: 1}
network: at-most-once
"""
A, B, C = ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
ALL = "allowed: acceptor 0, acceptor 1, acceptor 2"


def read(more: str, text: str = GOOD) -> System:
    return load_text(text + more, "m.yaml", protocols={"pmmc": PMMC}).system


def quorums(more: str) -> Quorums:
    deployments = {member.context.deployment for member in read(more).members}
    deployments.add(read(more).setting.deployment)
    ((only,),) = {deployment.configurations for deployment in deployments}
    return only.quorums


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", MAJORITIES),
        ("quorums: {}\n", MAJORITIES),
        ("quorums: {phase1: 3}\n", Quorums(Count(3), Majority())),
        ("quorums: {phase1: 3, phase2: 1}\n", Quorums(Count(3), Count(1))),
        (
            "quorums: {phase2: {weights: {acceptor 1: 2, acceptor 2: 0}, least: 3}}\n",
            Quorums(Majority(), Weights(((A, 1), (B, 2), (C, 0)), 3)),
        ),
        (
            "quorums: {phase1: {weights: {}, least: 3}}\n",
            Quorums(Weights(((A, 1), (B, 1), (C, 1)), 3), Majority()),
        ),
        (
            "quorums: {phase2: [[acceptor 0, acceptor 2], [acceptor 1]]}\n",
            Quorums(Majority(), Sets(frozenset({frozenset({A, C}), frozenset({B})}))),
        ),
    ],
)
def test_every_way_to_say_what_a_quorum_is(more: str, expected: Quorums) -> None:
    assert quorums(more) == expected


def test_a_check_shows_what_the_file_says() -> None:
    assert "quorums" not in read("").bounds
    shown = read("quorums: {phase1: {weights: {acceptor 0: 2}, least: 3}}\n").bounds["quorums"]
    assert shown == "weight 3 of {acceptor 0: 2, others: 1} in phase 1 and majorities in phase 2"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("quorums: {phase1: 0}\n", ["6:19: expected a number of acceptors from 1 to 1,000, not 0"]),
        (
            "quorums: {phase1: 4, phase2: 9}\n",
            [
                "6:19: expected a number of acceptors from 1 to 3, not 4",
                "6:30: expected a number of acceptors from 1 to 3, not 9",
            ],
        ),
        ("quorums: {phase1: most}\n", ["6:19: expected a number of acceptors from 1 to 1,000, not 'most'"]),
        ("quorums: 2\n", ["6:10: expected a mapping, not 2"]),
        ("quorums: {phase1: }\n", ["6:18: nothing stands here; give a value or leave the key out"]),
        (
            "quorums: {phase3: 2}\n",
            ["6:11: unknown key 'phase3'; did you mean 'phase1'? allowed: phase1, phase2"],
        ),
        (
            "quorums: {phase1: {weight: {}, least: 1}}\n",
            [
                "6:11: key 'weights' is missing",
                "6:20: unknown key 'weight'; did you mean 'weights'? allowed: weights, least",
            ],
        ),
        (
            "quorums: {phase1: {weights: {acceptor 0: -1}, least: 0}}\n",
            [
                "6:42: expected a weight from 0 to 1,000, not -1",
                "6:54: expected a whole number from 1 to 1,000,000, not 0",
            ],
        ),
        (
            "quorums: {phase2: {weights: {acceptor 0: 2, acceptor 2: 0}, least: 4}}\n",
            ["6:68: all acceptors together weigh 3: no set of them weighs 4"],
        ),
        (
            "quorums: {phase1: {weights: {aceptor 0: 2, acceptor 3: 2}, least: 9}, phase2: 4}\n",
            [
                f"6:30: unknown acceptor 'aceptor 0'; did you mean 'acceptor 0'? {ALL}",
                f"6:44: unknown acceptor 'acceptor 3'; did you mean 'acceptor 0'? {ALL}",
                "6:79: expected a number of acceptors from 1 to 3, not 4",
            ],
        ),
        (
            "quorums: {phase1: []}\n",
            ["6:19: expected at least one set of acceptors: without a quorum nothing is decided"],
        ),
        ("quorums: {phase1: [acceptor 0]}\n", ["6:20: expected a list, not 'acceptor 0'"]),
        (
            "quorums: {phase2: [[acceptor 0, acceptor 0], [], [leader 0]]}\n",
            [
                "6:33: 'acceptor 0' is listed twice",
                "6:46: expected at least one acceptor: nobody is no quorum",
                f"6:51: unknown acceptor 'leader 0'; {ALL}",
            ],
        ),
    ],
)
def test_quorums_that_nobody_can_be_are_refused(more: str, said: list[str]) -> None:
    with pytest.raises(Faults) as caught:
        read(more)
    assert [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults] == said


class TestSymmetry:
    @pytest.mark.parametrize(
        ("more", "renamings"),
        [
            ("", 6),
            ("quorums: {phase1: 3, phase2: 1}\n", 6),
            ("quorums: {phase1: {weights: {acceptor 1: 2}, least: 2}, phase2: 3}\n", 2),
            ("quorums: {phase1: {weights: {acceptor 0: 2}, least: 2}, phase2: [[acceptor 1]]}\n", 1),
            ("quorums: {phase2: [[acceptor 0, acceptor 1]]}\n", 2),
            ("quorums: {phase2: [[acceptor 0], [acceptor 1], [acceptor 2]]}\n", 6),
            ("quorums: {phase1: [[acceptor 0], [acceptor 1, acceptor 2]], phase2: [[acceptor 1]]}\n", 1),
        ],
    )
    def test_is_assumed_of_acceptors_that_quorums_do_not_tell_apart(
        self, more: str, renamings: int
    ) -> None:
        result = verify(read(more), Options(Means("native")))
        assert result.verdict is Verdict.VERIFIED
        assert result.found.reductions.refused == Refused()
        assert max(result.found.reductions.renamings, 1) == renamings

    @pytest.mark.parametrize(
        "more",
        [
            "quorums: {phase1: {weights: {acceptor 0: 2}, least: 3}}\n",
            "quorums: {phase2: [[acceptor 0, acceptor 1]]}\n",
        ],
    )
    def test_is_refused_where_a_file_declares_what_is_none(self, more: str) -> None:
        with pytest.raises(UnsoundClaim, match=r"declared symmetry \(acceptors\) is none: a rule treats p"):
            verify(read(f"{more}symmetry: [acceptors]\n"), Options(Means("native")))

    @given(st.data())
    def test_two_that_are_alike_may_change_places_in_every_quorum(self, data: st.DataObject) -> None:
        each = st.lists(st.integers(1, 2), min_size=3, max_size=3)
        weights = each.map(lambda ws: Weights(tuple(zip(ACCEPTORS, ws, strict=True)), 3))
        one = st.frozensets(st.sampled_from(ACCEPTORS), min_size=1)
        systems = st.one_of(weights, st.builds(Sets, st.frozensets(one, min_size=1, max_size=3)))
        chosen = Quorums(data.draw(systems), data.draw(systems))
        for a, b in combinations(ACCEPTORS, 2):
            if alike_in([Configuration((), ACCEPTORS, chosen)])(a, b):
                assert unchanged(chosen.phase1, a, b)
                assert unchanged(chosen.phase2, a, b)


def unchanged(system: QuorumSystem, a: Node, b: Node) -> bool:
    images = {a: b, b: a}
    groups = [set(group) for size in range(4) for group in combinations(ACCEPTORS, size)]
    return all(
        system.is_quorum(group, ACCEPTORS)
        == system.is_quorum({images.get(node, node) for node in group}, ACCEPTORS)
        for group in groups
    )
