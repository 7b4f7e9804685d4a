"""Servers and machines of PMMC: how files say them, what is refused, what a server knows of a slot."""

from dataclasses import replace
from typing import Any

import pytest

from checker import Limits, Means, Options, Reductions, verify
from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native import engine as native
from checker.model.judging import judge_state
from checker.model.semantics import Cell, State, initial_state, successors
from checker.model.values import Hosted
from checker.model.verdict import Verdict
from checker.modelfiles.complaints import Faults
from checker.modelfiles.loading import load, load_text
from pmmc import server as servers
from pmmc.ballots import BOTTOM, Ballot
from pmmc.collection import CollectingAcceptor
from pmmc.kv import Put
from pmmc.leader import Leader
from pmmc.replica import Replica
from pmmc.server import Server, Status
from pmmc.values import Command, Node, Proposal, PValue
from spec.journals import Entry, journal
from spec.properties import PROPERTIES
from spec.protocol import PMMC
from spec.variants.collection import CollectingReplica

FILE = """\
name: machines
commands: [put k A, put k B]
bounds: {slots: 2, rounds: 1}
network: at-most-once
"""
SERVERS = "nodes: {servers: 3}\n"
NODES = "nodes: {acceptors: 3, leaders: 2, replicas: 1}\n"

WATCHED = "this needs nodes that are watched one by one, and"

HISTORY = "is about steps of leaders, replicas and clients, and"
ALONE = "only nodes can be observed; 'linearizable' asks for clients alone"

#: With one command for one slot.
SMALL = FILE.replace(", put k B", "").replace("slots: 2", "slots: 1")


def system(text: str, file: str = FILE) -> Any:
    return load_text(file + text, "m.yaml", protocols={"pmmc": PMMC}).system


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        system(text)
    return [str(fault).removeprefix("m.yaml:") for fault in caught.value.faults]


# How files say it -----------------------------------------------------------------------------------------


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


# What is so of them ---------------------------------------------------------------------------------------


def explored(text: str) -> tuple[int, int, int]:
    """States, steps and levels; both engines count the same."""
    ours = system(text, SMALL)
    wanted, found = reference.explore(ours), native.explore(ours, reductions=UNREDUCED)
    assert (found.states, found.generated, found.depth) == (wanted.states, wanted.generated, wanted.depth)
    assert not wanted.violations
    return wanted.states, wanted.generated, wanted.depth


def test_processes_that_tell_each_other_nothing_take_the_steps_that_they_took_apart() -> None:
    nodes = "nodes: {acceptors: 2, leaders: 1, replicas: 2}\nsymmetry: []\n"
    alone = explored(nodes)
    assert explored(nodes + "machines: [[acceptor 0, acceptor 1]]\n") == alone
    assert explored(nodes + "machines: [[replica 1, replica 0]]\n") == alone


@pytest.mark.parametrize(
    ("name", "machines"),
    [
        ("collection", "[[leader 0, leader 1]]"),
        ("collection-replaces-replica", "[[acceptor 0, acceptor 1], [leader 0, leader 1]]"),
        ("idle-no-ops", "[[leader 0, leader 1], [acceptor 0, acceptor 1]]"),
    ],
)
def test_so_do_processes_that_collect_garbage_or_fill_the_log(name: str, machines: str) -> None:
    alone = load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC})
    text = f"{alone.text.partition('expect:')[0]}machines: {machines}\n"
    shared = load_text(text, "m.yaml", protocols={"pmmc": PMMC})
    counts = []
    for each in (alone, shared):
        found = native.explore(each.system, reductions=UNREDUCED)
        assert not found.violations
        counts.append((found.states, found.generated, found.depth))
    assert counts[0] == counts[1]


def test_a_machine_of_one_process_is_that_process() -> None:
    nodes = "nodes: {acceptors: 1, leaders: 2, replicas: 1}\nsymmetry: []\n"
    assert explored(nodes + "machines: [[acceptor 0], [leader 1], [replica 0]]\n") == explored(nodes)


def test_a_single_server_performs_each_command_in_one_step() -> None:
    ours = system("nodes: {servers: 1}\nsometimes: [all-performed]\n")
    found = reference.explore(ours)
    assert found.states == 5
    assert [(w.property, w.length) for w in found.witnesses] == [("all-performed", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "nodes: {servers: 2}\nrules: {election: by-ping}\n",
        (
            "nodes: {servers: 2}\nrules: {election: by-ping}\n"
            "faults: {crashes: 1, nodes: servers, restarts: false}\n"
        ),
        "nodes: {servers: 2}\nfaults: {crashes: 1, nodes: server 1}\n",
        "nodes: {servers: 2}\nfaults: {partition: {groups: [[server 1]]}}\n",
        (
            "nodes: {servers: 2}\nfaults: {links: [{from: server 0, to: server 1, messages: p1a, loses: "
            "some}]}\n"
        ),
        "nodes: {servers: 1, clients: 2}\nfaults: {crashes: 1, nodes: servers}\n",
        "nodes: {acceptors: 1, leaders: 2, replicas: 1}\nmachines: [[leader 0, leader 1]]\n",
        "nodes: {servers: 2}\nrules: {collection: all}\n",
        ("nodes: {servers: 2}\nrules: {collection: f-plus-one}\nfaults: {crashes: 1, nodes: [server 1]}\n"),
        "nodes: {servers: 2}\nrules: {replica: forgetful}\n",
        (
            "nodes: {replicas: 2}\nconfigurations:\n- {leaders: 1, acceptors: 1, replicas: [replica 0]}\n"
            "- {leaders: 1, acceptors: 1, replicas: [replica 1]}\n"
            "rules: {collection: all-of-configuration}\n"
            "machines: [[acceptor 0, acceptor 1], [replica 0, leader 0], [replica 1, leader 1]]\n"
        ),
    ],
)
@pytest.mark.parametrize("network", ["at-most-once", "fifo", "lossy-duplicating"])
def test_all_ways_to_explore_servers_agree(text: str, network: str) -> None:
    ours = system(text, SMALL.replace("at-most-once", network))
    wanted = reference.explore(ours, Limits(max_states=1_200))
    assert not wanted.violations
    assert wanted.states > 10
    limits = Limits()
    if wanted.stopped is not None:
        limits = Limits(max_depth=wanted.depth - 1)
        wanted = reference.explore(ours, limits)
    for workers in (1, 2):
        found = native.explore(ours, limits, reductions=UNREDUCED, workers=workers)
        assert (found.states, found.generated, found.fired) == (
            wanted.states,
            wanted.generated,
            wanted.fired,
        )
    if wanted.stopped is None:
        reduced = native.explore(ours, reductions=Reductions())
        assert not reduced.violations
        assert reduced.raised is None


def test_rounds_without_end_on_servers() -> None:
    endless = SMALL.replace("rounds: 1", "rounds: endless, spread: 1")
    ours = system("nodes: {servers: 2}\nnetwork: fifo\n", endless.replace("network: at-most-once\n", ""))
    wanted, found = reference.explore(ours), native.explore(ours, reductions=UNREDUCED)
    assert (found.states, found.generated) == (wanted.states, wanted.generated)
    assert wanted.cut
    assert not wanted.violations
    assert wanted.states > 100


def test_runs_of_servers_are_fair_by_the_steps_of_their_processes() -> None:
    claim = "properties: []\neventually: [slot-decided]\n"
    for fair, verdict in (
        ("", Verdict.VIOLATED),
        ("fair: [replica 0.request]\n", Verdict.VERIFIED),
        ("fair: [acceptor 0]\n", Verdict.VIOLATED),
        ("fair: [server 0]\n", Verdict.VERIFIED),
    ):
        ours = system("nodes: {servers: 1}\n" + claim + fair, SMALL)
        for engine in ("native", "reference"):
            assert verify(ours, Options(Means(engine))).judged.properties[0].verdict is verdict, fair


# What a server knows of a slot ----------------------------------------------------------------------------


A, B = (Command(Node("client", i), 1, Put("k", name)) for i, name in enumerate("AB"))
LOW, HIGH = Ballot(0, 0), Ballot(0, 1)


def server(
    *accepted: PValue, decided: tuple[Proposal, ...] = (), watermark: int = 1, slot_out: int = 1
) -> Server:
    acceptor = CollectingAcceptor(BOTTOM, frozenset(accepted), watermark)
    return Server(acceptor, Leader(LOW), Replica(slot_out=slot_out, decisions=frozenset(decided)))


def test_the_status_and_the_command_of_a_slot() -> None:
    ours = server(
        PValue(LOW, 3, A),
        PValue(HIGH, 3, B),
        PValue(LOW, 4, A),
        decided=(Proposal(2, A), Proposal(4, B)),
        watermark=2,
    )
    known = [(servers.status(ours, slot), servers.command(ours, slot)) for slot in range(1, 6)]
    assert known == [
        (Status.CLEARED, None),
        (Status.CHOSEN, A),
        (Status.ACCEPTED, B),
        (Status.CHOSEN, B),
        (Status.EMPTY, None),
    ]
    assert (servers.first_not_cleared(ours), servers.last_not_empty(ours)) == (2, 4)


def test_what_is_performed_and_forgotten_is_chosen() -> None:
    ours = server(PValue(LOW, 1, A), slot_out=3)
    known = [(servers.status(ours, slot), servers.command(ours, slot)) for slot in range(1, 4)]
    assert known == [(Status.CHOSEN, None), (Status.CHOSEN, None), (Status.EMPTY, None)]
    assert (servers.first_not_cleared(ours), servers.last_not_empty(ours)) == (1, 2)


def test_what_others_have_performed_is_past_before_it_is_learned() -> None:
    assert servers.last_not_empty(server(decided=(Proposal(2, A),), watermark=4)) == 3


def test_what_a_replica_has_learned_and_forgotten_is_read_of_its_server() -> None:
    replica = CollectingReplica(slot_out=2, learned=frozenset({Proposal(1, A)}))
    known = journal(Hosted((("a", CollectingAcceptor(BOTTOM)), ("l", Leader(LOW)), ("r", replica))))
    assert known.entries == (Entry(Status.CHOSEN, frozenset({A})),)


def test_a_server_that_knows_nothing() -> None:
    assert (servers.first_not_cleared(server()), servers.last_not_empty(server())) == (1, 0)
    assert servers.last_not_empty(server(watermark=4)) == 3
    assert servers.status(server(), 1) is Status.EMPTY
    assert str(Status.CLEARED) == "cleared"


OURS = system(SERVERS)
VALID = PROPERTIES["slot-valid"]


def state(*known: Server) -> State:
    """A state in which servers 0, 1, … know that, and all others nothing."""
    cells = []
    for i, cell in enumerate(initial_state(OURS)):
        each = known[i] if i < len(known) else server()
        names = (name for name, _ in cell.local.processes)
        local = Hosted(tuple(zip(names, (each.acceptor, each.leader, each.replica), strict=True)))
        cells.append(Cell(local, cell.inbox))
    return tuple(cells)


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ([server(PValue(LOW, 1, A), decided=(Proposal(1, A),)), server(PValue(LOW, 1, A))], None),
        ([server(PValue(LOW, 1, A), decided=(Proposal(1, A),)), server(watermark=2)], None),
        ([server(PValue(LOW, 1, A)), server(PValue(HIGH, 1, B))], None),
        (
            [server(PValue(LOW, 1, A), decided=(Proposal(1, A),))],
            "slot 1: server 0 has chosen put k A, which only [server 0] have",
        ),
        (
            [server(PValue(LOW, 1, A), decided=(Proposal(1, A),)), server(PValue(HIGH, 1, B))],
            "slot 1: server 0 has chosen put k A, which only [server 0] have",
        ),
        (
            [
                server(decided=(Proposal(2, A),)),
                server(decided=(Proposal(2, B),)),
                server(PValue(LOW, 2, A)),
            ],
            "slot 2: server 0 has chosen put k A, server 1 put k B",
        ),
        (
            [server(decided=(Proposal(2, A), Proposal(2, B)))],
            "slot 2: server 0 has chosen put k A, server 0 put k B",
        ),
        ([server(watermark=2)], "slot 1: server 0 has cleared it, of which only [server 0] know anything"),
        ([server(watermark=2), server(PValue(LOW, 1, A))], None),
        ([server(PValue(LOW, 1, A), decided=(Proposal(1, A),)), server(slot_out=2)], None),
        ([server(decided=(Proposal(2, A),), watermark=4), server(watermark=4)], None),
    ],
)
def test_what_slot_valid_says(known: list[Server], says: str | None) -> None:
    assert [reason for _, reason in judge_state(OURS, VALID, state(*known))] == [says] * (says is not None)


def test_markers_that_do_not_agree_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    good = server(PValue(LOW, 1, A), decided=(Proposal(1, A),)), server(PValue(LOW, 1, A))
    monkeypatch.setattr("spec.journals.last_not_empty", lambda server: 2)
    (reason,) = (reason for _, reason in judge_state(OURS, VALID, state(*good)))
    assert reason == "server 0: the last slot not empty is 1, and it says 2"
    monkeypatch.undo()
    monkeypatch.setattr("spec.journals.first_not_cleared", lambda server: 2)
    (reason,) = (reason for _, reason in judge_state(OURS, VALID, state(*good)))
    assert reason == "server 0: the first slot not cleared is 1, and it says 2"


def test_slot_valid_notices_a_shared_ballot() -> None:
    text = FILE.replace("slots: 2", "slots: 1") + SERVERS
    text += (
        "initial: {leader 0: {scout: false}}\nrules: {server: shared-ballot}\nproperties: [slot-valid]\n"
    )
    found = verify(load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system)
    assert found.verdict is Verdict.VIOLATED
    assert found.judged.properties[0].length == 10


def test_replicas_are_down_where_their_machines_are() -> None:
    text = SERVERS + "rules: {collection: f-plus-one}\nfaults: {crashes: 1, nodes: servers}\n"
    (claim,) = (p for p in system(text).properties if p.id == "GC-6")
    slots = {Node("replica", i): slot for i, slot in enumerate((2, 1, 1))}
    for crashed, says in (
        (0, "acceptor 1 has collected slots below 2; [replica 0] are down, and nobody has them"),
        (1, None),
    ):
        down = {Node("environment", 0): frozenset({Node("server", crashed)})}
        assert claim.judge(system(text).setting, {Node("acceptor", 1): 2}, {}, slots, down) == says


def test_steps_of_servers_are_called_by_the_messages_they_take() -> None:
    ours = system(SERVERS)
    names = {(str(ours.members[s.node].name), s.action) for s in successors(ours, initial_state(ours))}
    assert names == {(f"server {i}", action) for i in range(3) for action in ("p1a", "request")}
    assert replace(ours, symmetries=()).actions() == tuple(
        f"server.{name}" for name in ("p1a", "p2a", "propose", "p1b", "p2b", "request", "decision")
    )
