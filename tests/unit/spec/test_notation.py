"""The notation of local states: every field of every role has its place in it, and there only."""

from dataclasses import fields

import pytest

from pmmc.ballots import Ballot
from pmmc.kv import Put
from pmmc.leader import Commander, Leader, Scout
from pmmc.replica import Replica
from pmmc.roles import ROLES
from pmmc.values import Command, Deployment, Node, Proposal, PValue
from spec.notation import FIELDS, UNWRITTEN, begun, written

COMMAND = Command(Node("client", 0), 1, Put("k", "v"))
PVALUE = PValue(Ballot(0, 0), 1, COMMAND)
DEPLOYMENT = Deployment((Node("acceptor", 0),), (Node("leader", 0),), (Node("replica", 0),))


@pytest.mark.parametrize("role", ROLES)
def test_every_field_is_written_or_said_not_to_be(role: str) -> None:
    known = [*FIELDS.get(role, ()), *UNWRITTEN.get(role, ())]
    assert sorted(known) == sorted(field.name for field in fields(ROLES[role].local))


@pytest.mark.parametrize("role", ROLES)
def test_nodes_begin_as_usual_unless_something_is_given(role: str) -> None:
    usual = ROLES[role].begin(DEPLOYMENT, Node(role, 0), (COMMAND,))
    assert begun(role, usual, {}) == usual
    known = {name: written(role, usual, name) for name in FIELDS.get(role, ())}
    assert begun(role, usual, known) == usual


def test_what_is_written_of_a_leader() -> None:
    leader = Leader(Ballot(0, 0), scout=None, commanders=frozenset({Commander(PVALUE)}))
    assert written("leader", leader, "scout") is False
    assert written("leader", leader, "commanders") == frozenset({PVALUE})
    given = {"scout": False, "commanders": frozenset({PVALUE})}
    assert begun("leader", Leader(Ballot(0, 0)), given) == leader


def test_an_active_leader_has_no_scout() -> None:
    usual = Leader(Ballot(0, 0))
    assert begun("leader", usual, {"active": True}) == Leader(Ballot(0, 0), active=True, scout=None)
    assert begun("leader", usual, {"active": False}).scout == Scout()


def test_a_replica_has_performed_what_its_decisions_say() -> None:
    given = {"decisions": frozenset({Proposal(1, COMMAND)}), "slot_out": 2}
    replica = begun("replica", Replica(), given)
    assert replica.performed == (COMMAND,)
    assert dict(replica.store) == {"k": ("v",)}


@pytest.mark.parametrize("role", ROLES)
def test_what_is_stable_is_a_field(role: str) -> None:
    assert set(ROLES[role].stable) <= {field.name for field in fields(ROLES[role].local)}
