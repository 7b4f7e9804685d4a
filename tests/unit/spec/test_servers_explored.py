"""Servers and machines explored: both engines agree, and processes that share one take the same steps."""

from dataclasses import replace

import pytest

from checker import Limits, Means, Options, Reductions, verify
from checker.engines import reference
from checker.engines.contract import UNREDUCED
from checker.engines.native import engine as native
from checker.model.semantics import initial_state, successors
from checker.model.verdict import Verdict
from checker.modelfiles.loading import load, load_text
from spec.protocol import PMMC
from tests.unit.spec.serverfiles import SERVERS, SMALL, system


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


def test_steps_of_servers_are_called_by_the_messages_they_take() -> None:
    ours = system(SERVERS)
    names = {(str(ours.members[s.node].name), s.action) for s in successors(ours, initial_state(ours))}
    assert names == {(f"server {i}", action) for i in range(3) for action in ("p1a", "request")}
    assert replace(ours, symmetries=()).actions() == tuple(
        f"server.{name}" for name in ("p1a", "p2a", "propose", "p1b", "p2b", "request", "decision")
    )
