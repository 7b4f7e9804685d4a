"""What a server knows of a slot, and what is claimed of that: slot-valid; GC-6, where machines are down."""

import pytest

from checker import verify
from checker.model.judging import judge_state
from checker.model.semantics import Cell, State, initial_state
from checker.model.values import Hosted
from checker.model.verdict import Verdict
from checker.modelfiles.loading import load_text
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
from tests.unit.spec.serverfiles import FILE, SERVERS, system

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
