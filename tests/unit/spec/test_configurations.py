"""Configurations in model files: how they are read, what is refused, and what is alike in them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from checker import Options, UnsoundClaim, verify
from checker.engines.choose import Means
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.model.vocabulary import Envelope
from checker.modelfiles.loading import Faults, load, load_text, schema
from pmmc.ballots import Ballot
from pmmc.kv import Reconfigure
from pmmc.messages import Request
from pmmc.quorums import MAJORITIES, Count, Majority, Quorums
from pmmc.values import Configuration, Deployment, Node
from spec.protocol import PMMC

GOOD = """\
name: good
nodes: {replicas: 1}
configurations: [{leaders: 1, acceptors: 2}, {leaders: 2, acceptors: 3}]
commands: [put k a, reconfigure 1, put k b]
bounds: {slots: 3, rounds: 2, window: 1}
network: at-most-once
"""
WITHOUT = GOOD.replace(
    "nodes: {replicas: 1}\n", "nodes: {acceptors: 1, leaders: 1, replicas: 1}\n"
).replace("configurations: [{leaders: 1, acceptors: 2}, {leaders: 2, acceptors: 3}]\n", "")
REPLICA = Node("replica", 0)
COMMANDS = "expected 'put KEY VALUE', 'append KEY VALUE', 'get KEY', 'noop' or 'reconfigure NUMBER'"
KEYS = "allowed: leaders, acceptors, quorums, replicas"
NAMES = "allowed: acceptor 2, acceptor 3, acceptor 4"


def read(text: str) -> System:
    return load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(text)
    return [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults]


def deployment(text: str) -> Deployment:
    (one,) = {member.context.deployment for member in read(text).members}
    assert one == read(text).setting.deployment
    return one


def nodes(role: str, *indices: int) -> tuple[Node, ...]:
    return tuple(Node(role, i) for i in indices)


def test_leaders_and_acceptors_are_numbered_through() -> None:
    found = deployment(GOOD)
    assert found.configurations == (
        Configuration(nodes("leader", 0), nodes("acceptor", 0, 1)),
        Configuration(nodes("leader", 1, 2), nodes("acceptor", 2, 3, 4)),
    )
    assert found.leaders == nodes("leader", 0, 1, 2)
    assert found.acceptors == nodes("acceptor", 0, 1, 2, 3, 4)


def test_a_file_without_has_one_configuration() -> None:
    text = WITHOUT.replace("reconfigure 1, ", "")
    assert deployment(text).configurations == (Configuration(nodes("leader", 0), nodes("acceptor", 0)),)


def test_quorums_are_those_of_each() -> None:
    first = GOOD.replace("acceptors: 2}", "acceptors: 2, quorums: {phase1: 1}}")
    both = first.replace("acceptors: 3}", "acceptors: 3, quorums: {phase2: [[acceptor 4]]}}")
    one, other = deployment(both).configurations
    assert one.quorums == Quorums(Count(1), Majority())
    assert other.chosen_by([Node("acceptor", 4)])
    assert not other.chosen_by(nodes("acceptor", 2, 3))
    assert [c.quorums for c in deployment(first).configurations][1] == MAJORITIES
    assert read(first).bounds["configurations"] == (
        "2 (1 leader and 2 acceptors (any 1 in phase 1 and majorities in phase 2); 2 leaders and 3 "
        "acceptors)"
    )


def test_a_check_shows_what_the_file_says() -> None:
    assert read(GOOD).bounds["configurations"] == "2 (1 leader and 2 acceptors; 2 leaders and 3 acceptors)"
    alike = GOOD.replace("{leaders: 2, acceptors: 3}", "{leaders: 1, acceptors: 2}")
    assert read(alike).bounds["configurations"] == "2 (1 leader and 2 acceptors each)"
    assert {k: read(GOOD).bounds[k] for k in ("acceptors", "leaders", "replicas")} == {
        "acceptors": 5,
        "leaders": 3,
        "replicas": 1,
    }
    assert "configurations" not in read(WITHOUT.replace("reconfigure 1, ", "")).bounds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            WITHOUT,
            ["3:21: there is no configuration 1: this model has no 'configurations'"],
        ),
        (
            GOOD.replace("reconfigure 1", "reconfigure 2, reconfigure 0"),
            [
                "4:21: there is no configuration 2: this model has 2 configurations, numbered from 0",
                "4:36: configuration 0 is the one that decides from the start, and there is no way back",
            ],
        ),
        (
            GOOD.replace(", {leaders: 2, acceptors: 3}", ""),
            ["4:21: there is no configuration 1: this model has one, number 0"],
        ),
        (
            GOOD.replace("reconfigure 1", "reconfigure new"),
            [f"4:21: {COMMANDS}, not 'reconfigure new'"],
        ),
        (
            GOOD.replace("put k b", "reconfigure  1"),
            ["4:36: 'reconfigure 1' is listed twice; commands are told apart by their text"],
        ),
        (
            GOOD.replace("{replicas: 1}", "{leaders: 1, acceptors: 3, replicas: 1}"),
            [
                "2:9: 'configurations' says how many leaders there are: leave 'leaders' out here",
                "2:21: 'configurations' says how many acceptors there are: leave 'acceptors' out here",
            ],
        ),
        (
            f"{GOOD}quorums: {{phase1: 1}}\n",
            ["7:1: with 'configurations' the quorums are those of each: give 'quorums' there"],
        ),
        (
            GOOD.replace("[{leaders: 1, acceptors: 2}, {leaders: 2, acceptors: 3}]", "[]"),
            ["3:17: expected at least one configuration: nobody decides otherwise"],
        ),
        (
            GOOD.replace("[{leaders: 1, acceptors: 2}, ", "[{leaders: 0, acceptor: 2}, 7, "),
            [
                "3:18: key 'acceptors' is missing",
                "3:28: expected a whole number from 1 to 1,000, not 0",
                f"3:31: unknown key 'acceptor'; did you mean 'acceptors'? {KEYS}",
                "3:45: expected a mapping, not 7",
            ],
        ),
        (
            GOOD.replace("[{leaders: 1, acceptors: 2}, {leaders: 2, acceptors: 3}]", ""),
            ["3:16: nothing stands here; give a value or leave the key out"],
        ),
        (
            GOOD.replace("acceptors: 3}", "acceptors: 3, quorums: {phase1: 4, phase2: [[acceptor 1]]}}"),
            [
                "3:91: expected a number of acceptors from 1 to 3, not 4",
                f"3:104: unknown acceptor 'acceptor 1'; did you mean 'acceptor 2'? {NAMES}",
            ],
        ),
        (
            f"{GOOD}initial: {{replica 0: {{configuration: 2}}, acceptor 5: {{ballot: 0.3}}}}\n",
            [
                "7:38: expected the number of a configuration from 0 to 1, not 2",
                "7:42: there is no acceptor 5: this model has 5 acceptors, numbered from 0",
            ],
        ),
        (
            GOOD.replace("nodes: {replicas: 1}\n", "nodes: {}\n"),
            ["2:1: key 'replicas' is missing"],
        ),
        (
            WITHOUT.replace("{acceptors: 1, leaders: 1, replicas: 1}", "{replicas: 0}").replace(
                "reconfigure 1, ", ""
            ),
            ["2:1: key 'acceptors' is missing", "2:1: key 'leaders' is missing"],
        ),
    ],
)
def test_what_cannot_be_is_refused(text: str, said: list[str]) -> None:
    assert faults(text) == said


def requested(system: System, node: Node) -> Iterator[str]:
    member = next(m for m in system.members if m.name == node)
    for _, message in member.inbox:
        inner = message.message if isinstance(message, Envelope) else message
        assert isinstance(inner, Request)
        yield str(inner.command)


def test_a_reconfiguration_is_nobodys_who_takes_part_and_requested_from_the_start() -> None:
    text = GOOD.replace("{replicas: 1}", "{replicas: 2, clients: 2}")
    system = read(text)
    owners = {str(command): command.client for command in system.setting.commands}
    assert owners["put k a"] == Node("client", 0)
    assert owners["put k b"] == Node("client", 1)
    assert owners["reconfigure 1"] not in nodes("client", 0, 1)
    for replica in nodes("replica", 0, 1):
        assert [*requested(system, replica)] == ["reconfigure 1"]
    todo = {str(m.name): m.local.todo for m in system.members if m.role.name == "client"}
    assert [str(c) for c in todo["client 0"]] == ["put k a"]
    assert [str(c) for c in todo["client 1"]] == ["put k b"]


def test_clients_are_answered_beside_it() -> None:
    text = GOOD.replace("{replicas: 1}", "{replicas: 1, clients: 1}").replace(
        "acceptors: 3", "acceptors: 1"
    )
    found = verify(read(f"{text}sometimes: [all-answered, all-performed, new-configuration-decides]\n"))
    assert found.verdict is Verdict.VERIFIED
    assert "response-integrity" in {p.id for p in found.claims()}


def test_an_older_configuration_that_comes_back_breaks_no_agreement() -> None:
    """All replicas go back together: what is lost is the newer configuration, and that is RC-4 alone."""
    system = load(PMMC.models / "reconfigurations-applied-again.yaml", protocols={"pmmc": PMMC}).system
    claims = {p.id: p for p in system.properties}
    alone = verify(replace(system, properties=(claims["R1"],)))
    assert alone.verdict is Verdict.VERIFIED
    assert verify(replace(system, properties=(claims["RC-4"],))).verdict is Verdict.VIOLATED


class TestNotation:
    def local(self, more: str, node: Node = REPLICA) -> object:
        return next(m.local for m in read(GOOD + more).members if m.name == node)

    def test_what_a_file_says_of_decisions_tells_the_configuration(self) -> None:
        decided = "slot_out: 2, decisions: {1: reconfigure 1}"
        for slot_in, number in ((1, 0), (2, 0), (3, 1)):
            text = f"initial: {{replica 0: {{slot_in: {slot_in}, {decided}}}}}\n"
            assert self.local(text).configuration == number
        text = f"initial: {{replica 0: {{slot_in: 3, configuration: 0, {decided}}}}}\n"
        assert self.local(text).configuration == 0

    def test_ballots_are_of_all_leaders(self) -> None:
        text = "initial: {acceptor 4: {ballot: '1.2'}}\n"
        assert self.local(text, Node("acceptor", 4)).ballot == Ballot(1, 2)
        integers = f"rules: {{ballots: integers}}\n{text.replace(chr(39) + '1.2' + chr(39), '5')}"
        assert self.local(integers, Node("acceptor", 4)).ballot.leader == 2

    def test_goals_name_configurations(self) -> None:
        small = GOOD.replace("acceptors: 3", "acceptors: 1").replace("rounds: 2", "rounds: 1")
        found = verify(read(f"{small}sometimes: [replica 0: {{configuration: 1}}]\n"))
        assert found.verdict is Verdict.VERIFIED


class TestSymmetry:
    SMALL = GOOD.replace("rounds: 2", "rounds: 1").replace("leaders: 2", "leaders: 1")

    def test_acceptors_are_alike_within_a_configuration(self) -> None:
        found = read(self.SMALL)
        acceptors = next(s for s in found.symmetries if s.name == "acceptors")
        moved = [{k for k, v in g.items() if k != v} for g in acceptors.generators]
        groups = [set(nodes("acceptor", 0, 1)), set(nodes("acceptor", 2, 3, 4))]
        assert all(any(each <= group for group in groups) for each in moved)
        result = verify(found, Options(Means("native")))
        assert result.verdict is Verdict.VERIFIED
        assert result.found.reductions.renamings == 2 * 6 * 2  # and the two commands

    def test_declared_it_never_goes_across(self) -> None:
        found = verify(read(f"{self.SMALL}symmetry: [acceptors]\n"), Options(Means("native")))
        assert found.verdict is Verdict.VERIFIED
        assert found.found.reductions.renamings == 2 * 6

    def test_quorums_of_one_configuration_tell_its_own_apart(self) -> None:
        text = self.SMALL.replace("acceptors: 3}", "acceptors: 3, quorums: {phase2: [[acceptor 2]]}}")
        found = verify(read(text), Options(Means("native")))
        assert found.found.reductions.renamings == 2 * 2 * 2

    def test_declared_against_quorums_it_is_refused(self) -> None:
        text = self.SMALL.replace("acceptors: 3}", "acceptors: 3, quorums: {phase2: [[acceptor 2]]}}")
        with pytest.raises(UnsoundClaim, match=r"declared symmetry \(acceptors\) is none"):
            verify(read(f"{text}symmetry: [acceptors]\n"), Options(Means("native")))

    def test_five_of_each_configuration_are_not_too_many(self) -> None:
        text = GOOD.replace("acceptors: 2", "acceptors: 6").replace("acceptors: 3", "acceptors: 5")
        acceptors = next(s for s in read(text).symmetries if s.name == "acceptors")
        moved = {k for g in acceptors.generators for k, v in g.items() if k != v}
        assert moved == {*nodes("acceptor", *range(5)), *nodes("acceptor", *range(6, 11))}

    def test_reconfigurations_stay_where_they_are(self) -> None:
        commands = next(s for s in read(self.SMALL).symmetries if s.name == "commands")
        moved = {k for g in commands.generators for k, v in g.items() if k != v}
        assert not any(isinstance(getattr(one, "op", None), Reconfigure) for one in moved)


def test_editors_are_told_of_configurations() -> None:
    known = schema(PMMC)
    described = known["properties"]["configurations"]
    assert "numbered through" in described["description"]
    assert "required" not in known["$defs"]["Nodes"]  # configurations and servers may stand in for all
