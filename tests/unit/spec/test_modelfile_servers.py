"""Servers and machines in model files: how files say them, and what is refused."""

import pytest

from checker import Limits
from checker.engines.native import engine as native
from checker.model.semantics import initial_state
from checker.modelfiles.complaints import Faults
from pmmc.ballots import Ballot
from pmmc.values import Node
from tests.unit.spec.serverfiles import NODES, SERVERS, system

WATCHED = "this needs nodes that are watched one by one, and"
HISTORY = "is about steps of leaders, replicas and clients, and"
ALONE = "only nodes can be observed; 'linearizable' asks for clients alone"


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        system(text)
    return [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults]


def test_a_server_hosts_the_processes_of_its_number() -> None:
    ours = system("nodes: {servers: 2, clients: 1}\n")
    nodes = [str(m.name) for m in ours.members if m not in ours.observers]
    assert nodes == ["server 0", "server 1", "client 0"]
    assert [str(p.name) for p in ours.members[1].parts] == ["acceptor 1", "leader 1", "replica 1"]
    assert "slot-valid" in {p.id for p in ours.properties}
    assert dict(ours.bounds) | {"servers": 2, "clients": 1} == dict(ours.bounds)
    assert "acceptors" not in ours.bounds


def test_any_processes_may_share_a_machine() -> None:
    ours = system(NODES + "machines: [[acceptor 2, leader 0], [replica 0, leader 1]]\n")
    assert [str(m.name) for m in ours.members] == ["acceptor 0", "acceptor 1", "machine 0", "machine 1"]
    assert ours.bounds["machines"] == 2
    assert "slot-valid" not in {p.id for p in ours.properties}


def test_each_acceptor_has_promised_its_own_leader_at_first() -> None:
    ours = system(SERVERS)
    for i, cell in enumerate(initial_state(ours)):
        (_, acceptor), (_, leader), _ = cell.local.processes
        assert acceptor.ballot == leader.ballot == Ballot(0, i)
        assert leader.scout.heard == {Node("acceptor", i)}


def test_processes_begin_and_show_what_a_file_says_of_them() -> None:
    ours = system(
        SERVERS + "initial:\n"
        "  leader 2: {proposals: {1: put k A}}\n"
        "  replica 1:\n"
        "    inbox: ['decision(2, put k B) from leader 0', 'decision(1, put k A) from leader 1']\n"
        "properties: [A1]\n"
        "sometimes:\n  - leader 2: {active: true, proposals: {1: put k A}}\n"
    )
    state = initial_state(ours)
    assert state[2].local.processes[1][1].proposals
    # what its own leader has sent it is there already; what another has sent waits
    assert [str(p) for p in state[1].local.processes[2][1].decisions] == ["⟨1, put k A⟩"]
    assert [str(m.command) for m in state[1].inbox if hasattr(m, "slot")] == ["put k B"]
    found = native.explore(ours, Limits(max_states=20_000))
    assert [w.property for w in found.witnesses] == [ours.properties[-1].id]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "nodes: {servers: 2, leaders: 1}\n",
            ["5:21: on each server there is one of the leaders: leave 'leaders' out here"],
        ),
        (
            "nodes: {servers: 2}\nconfigurations: [{leaders: 1, acceptors: 1}]\n",
            [
                (
                    "5:9: servers are those of one configuration: with 'configurations' leave 'servers' "
                    "out, and "
                    "say under 'machines' which processes share one"
                )
            ],
        ),
        ("nodes: {servers: 0}\n", ["5:18: expected a whole number from 1 to 1,000, not 0"]),
        (
            "nodes: {clients: 1}\n",
            [f"5:1: key '{role}' is missing" for role in ("acceptors", "leaders", "replicas")],
        ),
        (
            NODES
            + "machines: [[acceptor 0, leader 0], [leader 0, acceptor 9, acceptor 1, acceptor 1], []]\n",
            [
                "6:37: leader 0 is on machine 0 already: a process is on one machine, once",
                (
                    "6:47: unknown node 'acceptor 9'; did you mean 'acceptor 0'? allowed: acceptor 0, "
                    "acceptor 1, "
                    "acceptor 2, leader 0, leader 1, replica 0"
                ),
                "6:71: acceptor 1 is listed twice: a process is on one machine, once",
                "6:84: expected at least one process",
            ],
        ),
        (
            SERVERS + "machines: [[acceptor 0, acceptor 1]]\n",
            [
                "6:13: acceptor 0 is on server 0 already: a process is on one machine, once",
                "6:25: acceptor 1 is on server 1 already: a process is on one machine, once",
            ],
        ),
        (
            SERVERS + "faults: {crashes: 1, nodes: [leader 1, servers]}\n",
            [
                (
                    "6:30: leader 1 is a process on server 1, and what happens to one process of a "
                    "machine happens "
                    "to all of them: name 'server 1' or 'servers'"
                )
            ],
        ),
        (
            NODES
            + "machines: [[acceptor 0, leader 0]]\n"
            + "faults: {down: acceptors, partition: {groups: [machine 0]}}\n",
            [
                (
                    "7:16: acceptor 0 is a process on machine 0, and what happens to one process of a "
                    "machine "
                    "happens to all of them: name 'machine 0' or 'machines'"
                )
            ],
        ),
        (
            SERVERS + "faults: {down: server 7}\n",
            [
                (
                    "6:16: unknown node or group of nodes 'server 7'; did you mean 'server 0'? allowed: "
                    "servers, "
                    "server 0, server 1, server 2"
                )
            ],
        ),
        (
            SERVERS + "faults: {partition: {groups: [servers]}}\n",
            ["6:30: all nodes are in one group: nobody is apart from anybody"],
        ),
        (
            SERVERS + "symmetry: [commands, replicas]\n",
            [
                (
                    "6:22: replica 0 is a process on server 0, and would have to change places with all "
                    "that is "
                    "there; leaders cannot, their ballots differ"
                )
            ],
        ),
        (
            NODES
            + "machines: [[acceptor 0, acceptor 1]]\nfair: [acceptor 0.p1a]\n"
            + "eventually: [slot-decided]\n",
            [
                (
                    "7:8: 'acceptor 0.p1a' cannot be told from other steps: machine 0 takes p1a for "
                    "acceptor 1 too"
                )
            ],
        ),
        (
            NODES + "properties: [slot-valid]\n",
            ["6:14: 'slot-valid' reads the role server, and no server takes part"],
        ),
        (
            SERVERS + "faults: {shutdown: known}\n",
            [
                "6:20: nothing is shut down: there are no 'configurations' to replace it",
                f"6:20: {WATCHED} acceptor 0 is a process on server 0",
            ],
        ),
        (
            "nodes: {servers: 1, clients: 1}\nrules: {reads: quorum}\nproperties: [R1, RD-3]\n",
            [f"7:18: 'RD-3' {HISTORY} leader 0 is a process on server 0: {ALONE}"],
        ),
        (
            NODES.replace("}", ", clients: 2}")
            + "machines: [[client 1]]\nrules: {reads: quorum}\nproperties: [RD-1, linearizable]\n",
            [
                f"8:14: 'RD-1' {HISTORY} client 1 is a process on machine 0: {ALONE}",
                (
                    "8:20: 'linearizable' is about the answers to clients, and client 1 is a process on "
                    "machine 0: only nodes can be observed"
                ),
            ],
        ),
        (
            SERVERS + "faults: {links: [{from: server 0, loses: all, messages: [report]}]}\n",
            ["6:58: no report is ever sent: 'rules' chooses nothing that sends it"],
        ),
    ],
)
def test_what_is_refused(text: str, says: list[str]) -> None:
    assert faults(text) == says


@pytest.mark.parametrize(
    "text",
    [
        "faults: {links: [{from: server 0, loses: all, messages: [report]}]}\nrules: {collection: all}\n",
        "faults: {down: [server 0]}\nstable: {leader: []}\n",
    ],
)
def test_what_is_much_like_it_is_not(text: str) -> None:
    assert len(system(SERVERS + text).members) >= 3


def test_messages_are_read_as_reports_show_them() -> None:
    nodes = NODES + "machines: [[acceptor 0, acceptor 1]]\ninitial:\n  acceptor 1: {inbox: ['%s']}\n"
    ours = system(nodes % "p1a(leader 0, 0.0) for acceptor 1")
    assert [str(m) for m in initial_state(ours)[0].inbox if "for acceptor 1" in str(m)] == [
        "p1a(leader 0, ballot 0.0) for acceptor 1"
    ]
    assert faults(nodes % "p1a(leader 0, 0.0) for acceptor 0") == [
        "8:24: it is for acceptor 0, and stands where messages for acceptor 1 do"
    ]


def test_whoever_is_on_a_machine_changes_no_places() -> None:
    ours = system(NODES + "machines: [[acceptor 0, leader 0]]\n")
    (acceptors,) = (s for s in ours.symmetries if s.name == "acceptors")
    moved = {str(a) for generator in acceptors.generators for a, b in generator.items() if a != b}
    assert moved == {"acceptor 1", "acceptor 2"}
    assert {s.name for s in system(SERVERS).symmetries} == {"commands"}


def test_machines_crash_by_default_where_their_processes_would() -> None:
    ours = system(NODES + "machines: [[acceptor 0, leader 0]]\nfaults: {crashes: 1}\n")
    (crash,) = (m.role.wakes["crash"] for m in ours.members if "crash" in m.role.wakes)
    environment = ours.members[-1]
    crashed = [
        str(node) for step in crash(environment.context, environment.local) for node, _ in step.sends
    ]
    assert sorted(crashed) == ["acceptor 1", "acceptor 2", "leader 1", "machine 0"]
