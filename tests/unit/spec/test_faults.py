"""What may go wrong, as model files say it: single nodes, links, a partition; and what may not be said."""

import pytest

from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration
from checker.engines.native import engine as native
from checker.model.environment.crashes import Environment
from checker.model.environment.partitions import Crossing
from checker.model.system import System
from checker.model.vocabulary import Down, Envelope
from checker.modelfiles.loading import Faults, load_text, schema
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.messages import P1a
from pmmc.values import Node
from spec.colours import BALLOTS
from spec.protocol import PMMC

GOOD = """\
name: good
nodes: {acceptors: 3, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 2}
network: at-most-once
"""


def system(text: str) -> System:
    return load_text(GOOD + text, "m.yaml", protocols={"pmmc": PMMC}).system


def explored(text: str) -> Exploration:
    """What the reference engine finds; the native one finds the same, with reductions the same goals."""
    ours = system(text)
    wanted = reference.explore(ours)
    found = native.explore(ours, reductions=UNREDUCED)
    assert (found.states, found.generated, found.depth) == (wanted.states, wanted.generated, wanted.depth)
    reduced = native.explore(ours)
    for other in found, reduced:
        assert {d.property for d in other.violations} == {d.property for d in wanted.violations}
        assert reached(other) == reached(wanted)
    assert wanted.violations == []
    return wanted


def reached(found: Exploration) -> set[str]:
    return {witness.property for witness in found.witnesses if witness.path is not None}


def fired(found: Exploration) -> set[str]:
    return {action for action, times in found.fired.items() if times}


@pytest.mark.parametrize("network", ["at-most-once", "lossy-duplicating", "reliable", "fifo"])
@pytest.mark.parametrize(
    "faults",
    [
        "links: [{from: acceptor 0, to: leader 0, messages: [p2b]}]",
        "links: [{to: acceptor 2, loses: some}, {messages: propose, loses: some}]",
        "partition: {groups: [[acceptor 0, acceptor 1, leader 0, replica 0]]}",
        "down: acceptor 0",
        "{crashes: 1, nodes: acceptor 1, down: [acceptor 0], restarts: false}",
    ],
)
def test_both_engines_find_the_same(faults: str, network: str) -> None:
    text = faults if faults.startswith("{") else f"{{{faults}}}"
    two = "nodes: {acceptors: 2, leaders: 1, replicas: 1}"
    text = f"{GOOD}faults: {text}\n".replace("at-most-once", network).replace("rounds: 2", "rounds: 1")
    if "partition" not in faults:
        text = text.replace("nodes: {acceptors: 3, leaders: 1, replicas: 1}", two)
        text = text.replace("acceptor 2", "acceptor 1")
    ours = load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system
    found = native.explore(ours, reductions=UNREDUCED)
    wanted = reference.explore(ours)
    assert (found.states, found.generated) == (wanted.states, wanted.generated)
    assert native.explore(ours).violations == wanted.violations == []
    assert wanted.complete


def test_where_nothing_is_at_fault_the_system_is_the_same() -> None:
    usual = explored("")
    for nothing in ("{crashes: 0, nodes: [acceptor 0]}", "{links: []}", "{down: []}"):
        found = explored(f"faults: {nothing}\n")
        assert (found.states, found.generated) == (usual.states, usual.generated)


def test_what_never_arrives_is_decided_by_nobody() -> None:
    text = "sometimes: [slot-decided]\nfaults: {{links: [{}]}}\n"
    for link, decided in (
        ("{from: acceptor 0}", True),
        ("{from: [acceptor 0, acceptor 1]}", False),
        ("{from: acceptors, messages: [p2b]}", False),
        ("{from: acceptors, messages: [p2b], loses: some}", True),
        ("{to: replica 0, messages: request}", False),
        ("{from: leader 0, to: replicas, messages: decision}", False),
    ):
        assert reached(explored(text.format(link))) == ({"slot-decided"} if decided else set()), link


def test_a_named_node_crashes_and_no_other() -> None:
    goals = "".join(f"  - environment 0: {{down: [acceptor {i}]}}\n" for i in range(3))
    found = explored(f"faults: {{crashes: 1, nodes: [acceptor 1]}}\nsometimes:\n{goals}")
    assert reached(found) == {"environment 0 (down {acceptor 1})"}


def test_a_node_may_be_down_from_the_start() -> None:
    ours = system("faults: {down: [acceptor 2], restarts: false}\n")
    assert ours.members[2].local == Down(Acceptor())
    assert ours.members[-1].local == Environment(0, frozenset({Node("acceptor", 2)}))
    assert "acceptor.restart" not in ours.actions()
    found = explored("faults: {down: [acceptors], restarts: false}\n")
    assert not fired(found) & {"acceptor.p1a", "acceptor.p2a", "leader.p1b"}
    assert "acceptor.restart" in fired(explored("faults: {down: [acceptor 2]}\n"))


def test_a_leader_that_is_down_at_first_has_sent_nothing_and_comes_up_with_its_next_ballot() -> None:
    ours = system("faults: {down: leaders}\ninitial: {leader 0: {proposals: {1: put k1 v1}}}\n")
    assert [list(member.inbox) for member in ours.members[:3]] == [[], [], []]
    leader = ours.members[3]
    ((begun, sends),) = leader.role.wakes["restart"](leader.context, leader.local)
    assert (begun.ballot, begun.proposals) == (Ballot(1, 0), frozenset())
    assert len(sends) == 4


def test_nothing_is_decided_across_a_partition_before_it_heals() -> None:
    def found(groups: str, heals: str = "true") -> set[str]:
        return reached(
            explored(
                f"faults: {{partition: {{groups: [{groups}], heals: {heals}}}}}\nsometimes:\n"
                "  - slot-decided\n"
                + (
                    "  - {partition 0: {healed: false}, replica 0: {slot_out: 2}}\n"
                    if heals == "true"
                    else ""
                )
            )
        )

    apart = "partition 0 (healed no), replica 0 (slot_out 2)"
    assert found("[leader 0, replica 0, acceptor 0]") == {"slot-decided"}
    assert found("[acceptor 0], [leaders, replicas, acceptor 1, acceptor 2]") == {"slot-decided", apart}
    assert found("[leaders, acceptors]") == {"slot-decided"}
    assert found("[leaders, acceptors]", "false") == set()


def test_nodes_that_faults_tell_apart_are_not_interchanged() -> None:
    def renamings(text: str) -> list[set[str]]:
        symmetries = system(text).symmetries
        return [{str(a) for g in s.generators for a, b in g.items() if a != b} for s in symmetries]

    everybody = {"acceptor 0", "acceptor 1", "acceptor 2"}
    assert renamings("") == [everybody]
    assert renamings("faults: {crashes: 1}\n") == [everybody]
    assert renamings("faults: {crashes: 0, nodes: acceptor 1}\n") == [everybody]
    for one_is_told in (
        "{crashes: 1, nodes: [acceptor 1]}",
        "{down: acceptor 1}",
        "{links: [{from: acceptor 1}]}",
        "{links: [{to: acceptor 1, messages: p1a, loses: some}]}",
        "{partition: {groups: [[acceptor 1]]}}",
        "{partition: {groups: [[acceptor 0, acceptor 2, leader 0]]}}",
    ):
        assert renamings(f"faults: {one_is_told}\n") == [everybody - {"acceptor 1"}]
        assert renamings(f"faults: {one_is_told}\nsymmetry: [acceptors]\n") == [everybody - {"acceptor 1"}]


def test_reports_say_what_may_go_wrong() -> None:
    bounds = system(
        "faults: {down: acceptor 0, links: [{}], partition: {groups: [[acceptor 1]], heals: false}}\n"
    ).bounds
    shown = {key: bounds[key] for key in ("crashes", "down", "faulty links", "partition")}
    assert shown == {"crashes": 0, "down": "acceptor 0", "faulty links": 1, "partition": "for good"}


CRASHABLE = "acceptors, acceptor 0, acceptor 1, acceptor 2, leaders, leader 0, replicas, replica 0"
DID_YOU_MEAN = "did you mean 'acceptor 0'?"
NO_P2A = "faults:\n  links:\n    - {from: acceptors, messages: [p2b, p2a]}\n"
NAMED_BESIDE = "faults: {partition: {groups: [[acceptors]]}}\nsometimes: [partition 0: {healed: 3}]\n"
NODES = "acceptor 0, acceptor 1, acceptor 2, leader 0, replica 0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "faults: {restarts: false}\n",
            ["6:9: nothing fails: give 'crashes', 'down', 'links', 'partition' or 'shutdown'"],
        ),
        (
            "faults: {crashes: 1, nodes: [acceptor 3, clients]}\n",
            [
                f"6:30: unknown node or group of nodes 'acceptor 3'; {DID_YOU_MEAN} allowed: {CRASHABLE}",
                f"6:42: unknown node or group of nodes 'clients'; allowed: {CRASHABLE}",
            ],
        ),
        (
            f"{NO_P2A}    - {{to: leader 0, message: p2b}}\n",
            ["9:22: unknown key 'message'; did you mean 'messages'? allowed: from, to, messages, loses"],
        ),
        (
            f"{NO_P2A}    - {{from: replicas, to: acceptors}}\n",
            [
                "8:41: no p2a goes there, but from leaders to acceptors",
                "9:7: no message goes there: nothing is lost",
            ],
        ),
        (
            "faults: {partition: {groups: [[acceptor 0], [acceptors]]}}\n",
            ["6:45: acceptor 0 is in a group before this one as well"],
        ),
        (
            "faults: {partition: {groups: [[acceptors, leaders, replicas]]}}\n",
            ["6:30: all nodes are in one group: nobody is apart from anybody"],
        ),
        (
            f"{NAMED_BESIDE}initial: {{partition 0: {{healed: true}}}}\n",
            [
                "7:35: expected true or false, not 3",
                "8:11: no partition 0 to speak of here: goals may, if 'faults' makes one",
            ],
        ),
        (
            "faults: {crashes: 1}\nsometimes: [environment 0: {down: [acceptor 3], crashes: x}]\n",
            [
                f"7:36: unknown node 'acceptor 3'; {DID_YOU_MEAN} allowed: {NODES}",
                "7:58: expected a whole number from 0 to 1,000, not 'x'",
            ],
        ),
    ],
)
def test_what_cannot_be_is_refused(text: str, said: list[str]) -> None:
    with pytest.raises(Faults) as caught:
        system(text)
    assert [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults] == said


def test_what_crosses_and_what_may_be_lost_has_the_colour_of_what_it_is() -> None:
    leader, acceptor = Node("leader", 0), Node("acceptor", 0)
    p1a = P1a(leader, Ballot(1, 0))
    for message in p1a, Envelope(leader, p1a), Crossing(leader, acceptor, Envelope(leader, p1a)):
        assert BALLOTS.key(message) == Ballot(1, 0)


def test_editors_are_told_that_one_name_will_do() -> None:
    link = schema(PMMC)["$defs"]["LossyLink"]["properties"]
    for key in "from", "to", "messages":
        one, many = link[key]["anyOf"][:2]
        assert many == {"type": "array", "items": one}
        assert one["type"] == "string"
