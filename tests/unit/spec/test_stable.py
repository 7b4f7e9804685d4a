"""What of a leader is in stable storage decides how it comes back; what would decide nothing is refused."""

import pytest

from checker.model.environment.crashes import Crash, Crashes, Stable
from checker.model.semantics import State, initial_state, successors
from checker.model.vocabulary import Member
from checker.modelfiles.loading import Faults, load_text
from pmmc.ballots import Ballot, PairBallots
from pmmc.kv import Put
from pmmc.leader import Commander, Leader, Scout
from pmmc.messages import P1a, P2a
from pmmc.values import Command, Context, Deployment, Node, Proposal, PValue
from spec.crashes import recovery
from spec.protocol import PMMC
from spec.roles import LEADER

A, L = Node("acceptor", 0), Node("leader", 0)
CONTEXT = Context(L, Deployment((A,), (L,), (), ballots=PairBallots(2)))
B = Ballot(0, 0)
C = Command(Node("client", 0), 1, Put("k", "v"))
PROPOSALS = frozenset({Proposal(1, C)})
COMMANDERS = frozenset({Commander(PValue(B, 1, C), frozenset({A}))})
ACTIVE = Leader(B, active=True, proposals=PROPOSALS, scout=None, commanders=COMMANDERS)
PASSIVE = Leader(B, scout=Scout(frozenset({A})), proposals=PROPOSALS)
NEEDS_ACTIVE = "needs 'active': without it a leader restarts passive, in another phase 1"
EVERYTHING = ("ballot", "active", "proposals", "scout", "commanders")

GOOD = """\
name: good
nodes: {acceptors: 1, leaders: 1, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: at-most-once
"""
CRASHES = GOOD + "faults: {crashes: 1, nodes: [leaders]}\n"


def come_back(leader: Leader, *kept: str):
    """The leader after a crash and a restart, and what it sends to the acceptor then."""
    stable = Stable(kept, recover=recovery("leader", kept))
    role = Crashes(1, (L,), {"leader": stable}).join([Member(L, LEADER, CONTEXT, Leader(B))])[0].role
    (down,) = role.rules[Crash](CONTEXT, leader, Crash())
    (up,) = role.wakes["restart"](CONTEXT, down.state)
    return up.state, [message for to, message in up.sends if to == A]


@pytest.mark.parametrize("leader", [ACTIVE, PASSIVE, Leader(B, scout=None)])
def test_a_leader_that_forgets_nothing_comes_back_as_it_was(leader: Leader) -> None:
    assert come_back(leader, *EVERYTHING) == (leader, [])


def test_an_active_leader_begins_once_more_what_it_lost_in_the_ballot_it_had() -> None:
    state, sends = come_back(ACTIVE, "ballot", "active", "proposals")
    assert state == Leader(B, True, PROPOSALS, None, frozenset({Commander(PValue(B, 1, C))}))
    assert sends == [P2a(L, PValue(B, 1, C))]
    assert come_back(ACTIVE, "ballot", "active") == (Leader(B, True, scout=None), [])


def test_a_passive_leader_begins_phase_1_once_more_in_the_ballot_it_had() -> None:
    assert come_back(PASSIVE, "ballot", "active") == (Leader(B), [P1a(L, B)])
    assert come_back(PASSIVE, "ballot", "active", "scout") == (Leader(B, scout=PASSIVE.scout), [])


def test_a_leader_that_does_not_know_whether_it_was_active_takes_a_new_ballot() -> None:
    for leader in (ACTIVE, PASSIVE):
        assert come_back(leader, "ballot") == (Leader(Ballot(1, 0)), [P1a(L, Ballot(1, 0))])
        assert come_back(leader) == (Leader(B), [P1a(L, B)])


def reachable(stable: tuple[str, ...]) -> frozenset[State]:
    text = f"{CRASHES}stable: {{leader: [{', '.join(stable)}]}}\n"
    system = load_text(text, "m.yaml", protocols={"pmmc": PMMC}).system
    todo = [initial_state(system)]
    seen = set(todo)
    while todo:
        new = {step.state for step in successors(system, todo.pop())} - seen
        seen |= new
        todo += new
    return frozenset(seen)


def test_every_field_of_a_leader_makes_a_difference() -> None:
    sets = [
        *(EVERYTHING[:n] for n in range(6)),
        ("ballot", "active", "commanders"),
        ("ballot", "proposals"),
    ]
    states = [reachable(kept) for kept in sets]
    assert len(set(states)) == len(sets)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            CRASHES + "stable: {leader: [ballot, scout, commanders]}\n",
            [
                f"7:27: 'scout' {NEEDS_ACTIVE}",
                f"7:34: 'commanders' {NEEDS_ACTIVE}",
            ],
        ),
        (
            CRASHES + "stable:\n  leader:\n    - active\n",
            ["9:7: 'active' needs 'ballot': a leader is active in the ballot that it had"],
        ),
        (GOOD + "stable: {acceptor: []}\n", ["6:10: no node crashes: there is no 'faults'"]),
        (
            CRASHES + "stable: {leader: [ballot], acceptor: [], replica: [store]}\n",
            [
                "7:28: no acceptor crashes: 'faults' leaves acceptors out of its 'nodes'",
                "7:42: no replica crashes: 'faults' leaves replicas out of its 'nodes'",
            ],
        ),
    ],
)
def test_what_would_have_no_effect_is_refused(text: str, said: list[str]) -> None:
    with pytest.raises(Faults) as caught:
        load_text(text, "m.yaml", protocols={"pmmc": PMMC})
    assert str(caught.value).splitlines() == [f"m.yaml:{line}" for line in said]


@pytest.mark.parametrize(
    "lines",
    [
        "faults: {crashes: 0, nodes: [acceptors]}\nstable: {acceptor: []}\n",
        "stable: {leader: [ballot], acceptor: [ballot_num, accepted]}\n",
    ],
)
def test_what_is_usual_or_has_no_crash_left_is_taken(lines: str) -> None:
    assert load_text(GOOD + lines, "m.yaml", protocols={"pmmc": PMMC}).system.name == "good"
