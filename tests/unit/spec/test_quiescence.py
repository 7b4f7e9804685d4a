"""Properties of terminal states and of open slots; crashes that nobody comes back from."""

from checker.engines.reference import explore
from checker.modelfiles.loading import load_text
from pmmc.ballots import Ballot
from pmmc.kv import Put
from pmmc.leader import Leader, Scout
from pmmc.replica import Replica
from pmmc.values import Command, Context, Deployment, Node, Proposal, PValue
from spec.crashes import ENVIRONMENT, recovery
from spec.properties import PROPERTIES
from spec.protocol import PMMC
from spec.views import COVERED

C = Command(Node("client", 0), 1, Put("k", "v"))
L, A, R = Node("leader", 0), Node("acceptor", 0), Node("replica", 0)
DEPLOYMENT = Deployment((A,), (L,), (R,))
CONTEXT = Context(L, DEPLOYMENT)

MODEL = """
name: crashes
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k v]
bounds: {slots: 1, rounds: 2}
network: at-most-once
properties: [no-lost-command]
"""


def test_idle_proposal() -> None:
    judge = PROPERTIES["no-idle-proposal"].judge
    proposed = {L: frozenset({Proposal(1, C)})}
    voted = {A: frozenset({PValue(Ballot(3, 0), 1, C)})}
    assert judge(None, proposed, voted) is None
    assert "no acceptor has accepted it" in judge(None, proposed, {A: frozenset()})


def test_command_without_an_answer() -> None:
    judge = PROPERTIES["every-command-answered"].judge
    client = Node("client", 0)
    assert judge(None, {client: ((C,), None)}) is None
    assert "waits for the answer to put k v" in judge(None, {client: ((), C)})


def test_abandoned_slot() -> None:
    judge = PROPERTIES["no-abandoned-slot"].judge
    context = Context(R, DEPLOYMENT)
    fine = Replica(
        slot_in=3, slot_out=1, proposals=frozenset({Proposal(1, C)}), decisions=frozenset({Proposal(2, C)})
    )
    assert judge(context, COVERED(fine)) is None
    assert "past slot 1" in judge(context, COVERED(Replica(slot_in=2)))


def found(faults: str) -> list[str]:
    model = load_text(f"{MODEL}faults: {faults}\n", "crashes.yaml", protocols={"pmmc": PMMC})
    return [d.property for d in explore(model.system).violations]


def test_a_node_that_stays_down_loses_the_command() -> None:
    assert found("{crashes: 1, nodes: [acceptors], restarts: false}") == ["no-lost-command"]
    assert found("{crashes: 1, nodes: [acceptors]}") == []


def test_a_leader_without_its_ballot_begins_with_the_first() -> None:
    saved = Leader(Ballot(0, 0), active=False, scout=None)
    forgetful = recovery("leader", ())(CONTEXT, saved)
    assert forgetful.state.ballot == Ballot(0, 0)
    assert forgetful.state.scout == Scout()
    careful = recovery("leader", ("ballot",))(CONTEXT, saved)
    assert careful.state.ballot == Ballot(1, 0)
    assert all(to == A for to, _ in forgetful.sends)
    assert ENVIRONMENT.role == "environment"


def test_what_is_not_stable_falls_back_to_the_usual_beginning() -> None:
    text = MODEL.replace("[no-lost-command]", "[A1]") + (
        "initial: {acceptor 0: {ballot: 1.0}}\n"
        "faults: {crashes: 1, nodes: [acceptors]}\n"
        "stable: {acceptor: []}\n"
    )
    model = load_text(text, "crashes.yaml", protocols={"pmmc": PMMC})
    (violation,) = explore(model.system).violations
    assert violation.reason == "acceptor 0 goes back from ballot 1.0 to ⊥"
