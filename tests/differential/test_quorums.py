"""Quorums told by number, by weight and one by one: the same system, to its last state, in both engines.

And Flexible Paxos as an oracle: two commands are decided if and only if quorums of the phases do not meet.
"""

import os
from itertools import combinations

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration, Reductions
from checker.engines.native import engine as native
from checker.model.system import System
from checker.modelfiles.loading import load, load_text
from pmmc.quorums import Quorums
from pmmc.values import Node
from spec.protocol import PMMC

ONE_LEADER = """\
name: one-leader
nodes: {acceptors: 3, leaders: 1, replicas: 1}
commands: [put k v]
"""
TWO_LEADERS = """\
name: two-leaders
nodes: {acceptors: 2, leaders: 2, replicas: 1}
commands: [put k A, put k B]
initial:
  leader 0: {proposals: {1: put k A}}
  leader 1: {proposals: {1: put k B}}
  replica 0: {slot_in: 2, requests: [put k A, put k B]}
symmetry: [acceptors]
"""
REST = "bounds: {slots: 1, rounds: 1}\nnetwork: at-most-once\nproperties: [A1, A5, C2, R1]\n"


def by_number(acceptors: int, least: int) -> str:
    return str(least)


def by_weight(acceptors: int, least: int) -> str:
    """Each weighs 3, and one less than so many of them are enough."""
    weights = ", ".join(f"acceptor {i}: 3" for i in range(acceptors))
    return f"{{weights: {{{weights}}}, least: {3 * least - 1}}}"


def one_by_one(acceptors: int, least: int) -> str:
    names = [f"acceptor {i}" for i in range(acceptors)]
    return str([list(group) for group in combinations(names, least)]).replace("'", "")


WAYS = (by_number, by_weight, one_by_one)
CASES = [
    *((ONE_LEADER, 3, p, q) for p in (1, 2, 3) for q in (1, 2, 3)),
    *((TWO_LEADERS, 2, p, q) for p in (1, 2) for q in (1, 2)),
]


def system(text: str, quorums: str = "") -> System:
    return load_text(text + quorums + REST, "m.yaml", protocols={"pmmc": PMMC}).system


def figures(found: Exploration) -> tuple[object, ...]:
    """All that was counted, and what was found."""
    violated = [(d.property, d.length) for d in found.violations]
    return found.states, found.depth, found.generated, found.terminal, found.cut, found.fired, violated


def explored(one: System) -> list[tuple[object, ...]]:
    return [
        figures(reference.explore(one)),
        figures(native.explore(one, reductions=UNREDUCED)),
        figures(native.explore(one, reductions=Reductions())),
    ]


@pytest.mark.parametrize(("text", "acceptors", "phase1", "phase2"), CASES)
def test_three_ways_to_say_the_same_find_the_same(
    text: str, acceptors: int, phase1: int, phase2: int
) -> None:
    said = [
        f"quorums: {{phase1: {way(acceptors, phase1)}, phase2: {way(acceptors, phase2)}}}\n" for way in WAYS
    ]
    # each phase may be told in a way of its own
    said.append(f"quorums: {{phase1: {by_weight(acceptors, phase1)}, phase2: {phase2}}}\n")
    first, *others = [explored(system(text, quorums)) for quorums in said]
    assert all(other == first for other in others)
    (by_reference, unreduced, _) = first
    assert by_reference == unreduced
    violated = by_reference[-1] != []
    assert violated == (text == TWO_LEADERS and phase1 + phase2 <= acceptors)


@pytest.mark.parametrize(("text", "majority"), [(ONE_LEADER, 2), (TWO_LEADERS, 2)])
def test_a_majority_need_not_be_told(text: str, majority: int) -> None:
    told = f"quorums: {{phase1: {majority}, phase2: {majority}}}\n"
    assert explored(system(text, told)) == explored(system(text)) == explored(system(text, "quorums: {}\n"))


def test_shipped_models_that_say_the_same_expect_the_same() -> None:
    names = ("apart-by-count", "apart-by-weight", "apart-by-sets")
    models = [load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).model for name in names]
    assert models[0].expect == models[1].expect == models[2].expect
    assert len({str(model.quorums) for model in models}) == 3


NATURAL = """\
name: natural
nodes: {acceptors: 3, leaders: 2, replicas: 2}
commands: [put k A, put k B]
bounds: {slots: 1, rounds: 1}
network: at-most-once
properties: [R1]
"""
#: PMMC_EXAMPLES=1000 tries so many pairs of quorums, other ones each time.
EXAMPLES = os.environ.get("PMMC_EXAMPLES")
ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
NAMES = [str(node) for node in ACCEPTORS]
NUMBERS = st.integers(1, 3).map(str)
WEIGHTS = (
    st.lists(st.integers(0, 2), min_size=3, max_size=3)
    .filter(any)
    .flatmap(
        lambda each: st.integers(1, sum(each)).map(
            lambda least: f"{{weights: {dict(zip(NAMES, each, strict=True))}, least: {least}}}".replace(
                "'", ""
            )
        )
    )
)
SETS = st.lists(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True), min_size=1, max_size=3
).map(lambda sets: str(sets).replace("'", ""))
SAID = NUMBERS | WEIGHTS | SETS


def meet(quorums: Quorums) -> bool:
    """Whether every quorum of phase 1 shares an acceptor with every quorum of phase 2."""
    groups = [set(group) for size in range(4) for group in combinations(ACCEPTORS, size)]
    first = [group for group in groups if quorums.phase1.is_quorum(group, ACCEPTORS)]
    second = [group for group in groups if quorums.phase2.is_quorum(group, ACCEPTORS)]
    return all(p & q for p in first for q in second)


@settings(max_examples=int(EXAMPLES or 10), deadline=None, derandomize=EXAMPLES is None)
@given(SAID, SAID)
def test_two_commands_are_decided_if_and_only_if_quorums_do_not_meet(phase1: str, phase2: str) -> None:
    text = f"{NATURAL}quorums: {{phase1: {phase1}, phase2: {phase2}}}\n"
    natural = load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system
    found = native.explore(natural, workers=2)
    assert found.raised is None
    assert found.stopped is None
    assert found.reductions.refused.symmetries == ()
    safe = meet(natural.setting.deployment.configurations[0].quorums)
    event("they meet" if safe else "they do not")
    assert [d.property for d in found.violations] == ([] if safe else ["R1"])
