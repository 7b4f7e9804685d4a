"""Faults of machines: a crash takes all their processes, and links and partitions are between them."""

from dataclasses import replace
from typing import Any

import pytest

from checker import Crashes, Detector, Envelope, FaultyLinks, Hosted, Link, Partition, Role, Stable, Step
from checker.engines import reference
from checker.model.judging import judge_state
from checker.model.vocabulary import Addressed, Down
from tests.unit.model.askers import (
    GOALS,
    MEMBERS,
    NETWORKS,
    Ask,
    Asker,
    Server,
    Told,
    ask,
    counted,
    steps,
    system,
)


def test_a_crash_takes_all_processes_and_each_recovers_by_its_own_storage() -> None:
    def again(me: str, saved: Asker) -> Step:
        return Step(Asker(frozenset()), (("s0", Ask(me)), ("s1", Ask(me))))

    crashes = Crashes(1, ("m0",), {"server": Stable(("asked",)), "asker": Stable((), recover=again)})
    ours = system(("s0", "a"), after=[crashes])
    asked = steps(ours)["m0: ask"]
    down = steps(ours, asked)["environment: crash"]
    assert down[0].local == Down(Hosted((("s0", Server(frozenset({"a"}))), ("a", Asker()))))
    assert down[-1].local.down == {"m0"}
    assert not [name for name in steps(ours, down) if name.startswith("m0") and "restart" not in name]
    up = steps(ours, down)["m0: restart"]
    # what it sends its own server it has heard by then
    assert up[0].local == Hosted((("s0", Server(frozenset({"a"}))), ("a", Asker(frozenset({"s0"})))))
    assert up[-1].local.down == frozenset()
    assert [p.id for p in GOALS for _ in judge_state(ours, p, down)] == []
    counted(ours)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
def test_engines_agree_on_machines_that_crash(network: Any) -> None:
    crashes = Crashes(1, ("m0", "m1"), {"server": Stable(("asked",))})
    counted(system(("s0", "a"), ("s1", "b"), network=network, after=[crashes]))


def test_machines_may_be_down_from_the_start() -> None:
    ours = system(("s0", "a"), after=[Crashes(0, (), down=("m0",))])
    assert isinstance(ours.members[0].local, Down)
    assert "m0: restart" in steps(ours)


def test_whoever_asks_a_process_on_a_machine_that_is_down_is_told() -> None:
    crashes = Crashes(0, (), down=("m0",))
    detector = Detector(Ask, lambda node, question: ((question.asker, Told(f"no {node}")),))
    ours = system(("s0", "s1"), ("a", "b"), after=[crashes, detector])
    after = steps(ours, steps(ours)["m1: ask of a"])["m0: ask(a) for s1"]
    assert Addressed("a", Told("no s1")) in after[1].inbox
    ours = system(("s0",), after=[crashes, detector])
    after = steps(ours, steps(ours)["a: ask"])["m0: ask(a)"]
    assert Told("no s0") in after[2].inbox


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.name)
def test_links_and_partitions_are_between_machines(network: Any) -> None:
    groups = [("s0", "a"), ("s1", "b")]
    lost = FaultyLinks((Link(frozenset({"m0"}), frozenset({"m1"})),))
    some = FaultyLinks((Link(frozenset({"m0"}), messages=frozenset({Ask}), some=True),))
    for environment, hears in ((lost, False), (some, True), (Partition((("m0",),)), True)):
        ours = system(*groups, network=network, after=[environment])
        counted(ours)
        found = {w.property for w in reference.explore(ours).witnesses}
        assert ("a hears ('s0', 's1')" in found) is hears
        assert "a hears ('s0',)" in found  # within a machine nothing is lost
    split = system(*groups, network=network, after=[Partition((("m0",),), heals=False)])
    assert "a hears ('s0', 's1')" not in {w.property for w in reference.explore(split).witnesses}


def test_a_process_is_told_of_processes_that_sent_a_message() -> None:
    def on_told_by(me: str, state: Asker, message: Envelope) -> Any:
        return (Step(Asker((state.heard or frozenset()) | {str(message.sender)})),)

    asking = Role("asker", {Told: on_told_by}, {"ask": ask}, senders=True)
    members = [*MEMBERS[:2], replace(MEMBERS[2], role=asking), replace(MEMBERS[3], role=asking, inbox=())]
    with pytest.raises(
        ValueError, match="b is told who sent a message, and would be told of m0: put it on a machine"
    ):
        system(("s0", "a"), members=members)
    for groups in ([("s0", "a"), ("b",)], [("s0", "s1"), ("a", "b")]):
        for network in NETWORKS:
            links = FaultyLinks((Link(some=True),))
            for after in ([], [links], [Partition((("m0",),))]):
                ours = system(*groups, network=network, members=members, after=after, claims=GOALS[:2])
                assert {w.property for w in reference.explore(ours).witnesses} == {p.id for p in GOALS[:2]}
                counted(ours)
