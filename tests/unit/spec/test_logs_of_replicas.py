"""The logs, cell by cell: what replicas proposed, decided, performed, and did wrong."""

from dataclasses import replace
from typing import Any

import pytest
from picturedstates import (
    ACCEPTORS,
    LOW,
    ONE,
    SMALL,
    TEXT,
    TWO,
    A,
    B,
    acceptor,
    behaviour,
    cells,
    headings,
    logs,
    system_of,
    vote,
)

from checker.model.vocabulary import Down
from checker.modelfiles.loading import load
from pmmc.acceptor import Acceptor
from pmmc.kv import Reconfigure
from pmmc.messages import Decision
from pmmc.replica import Replica
from pmmc.values import Command, Node, Proposal, PValue
from spec.checkpoints import Checkpoint
from spec.pictures.logs import log_table
from spec.protocol import PMMC
from spec.variants.collection import CollectingReplica


def replica(*decided: Proposal, performed: tuple[Command, ...] = (), **more: Any) -> Replica:
    return Replica(decisions=frozenset(decided), performed=performed, **more)


def chosen(*pvalues: PValue) -> dict[Node, Acceptor]:
    return {name: acceptor(LOW, *pvalues) for name in ACCEPTORS}


def test_a_model_without_replicas_has_no_logs() -> None:
    assert [picture.name for picture in SMALL.pictures] == ["ballots", "logs"]
    election = load(PMMC.models / "election.yaml", protocols={"pmmc": PMMC}).system
    assert [picture.name for picture in election.pictures] == ["ballots"]


def test_nothing_so_far() -> None:
    assert log_table(SMALL, behaviour()).rows == ()


def test_proposed_decided_and_performed_each_in_the_column_of_its_step() -> None:
    first, second = Proposal(1, A), Proposal(2, B)
    states = behaviour(
        {ONE: Replica(proposals=frozenset({first}))},
        chosen(vote(LOW, A), vote(LOW, B, 2)),
        {TWO: replica(second)},
        {TWO: replica(first, second, performed=(A, B), slot_out=3)},
        {ONE: replica(first, performed=(A,), slot_out=2)},
    )
    table = log_table(SMALL, states)
    assert headings(table) == ["replica, slot", "step 1", "step 3", "step 4", "step 5"]
    assert cells(table) == {
        ("replica 0, slot 1", "step 1"): ["proposed put k A"],
        ("replica 1, slot 2", "step 3"): ["decided put k B"],
        ("replica 1, slot 1", "step 4"): ["decided, performed put k A"],
        ("replica 1, slot 2", "step 4"): ["performed put k B"],
        ("replica 0, slot 1", "step 5"): ["decided, performed put k A"],
    }
    assert [row.heading.replace("\xa0", " ") for row in table.rows] == [
        f"replica {replica}, slot {slot}" for replica in (0, 1) for slot in (1, 2)
    ]


def test_two_replicas_that_decide_and_perform_differently() -> None:
    shown = logs(
        chosen(vote(LOW, A), vote(LOW, B)),
        {ONE: replica(Proposal(1, A))},
        {TWO: replica(Proposal(1, B), performed=(B,), slot_out=2)},
        {ONE: replica(Proposal(1, A), performed=(A,), slot_out=2)},
    )
    assert shown == {
        ("replica 0, slot 1", "step 2"): ["decided put k A"],
        ("replica 1, slot 1", "step 3"): ["bad decided, performed put k B (but put k A at replica 0)"],
        ("replica 0, slot 1", "step 4"): ["bad performed put k A (but put k B at replica 1)"],
    }


def test_what_was_decided_before_a_crash_is_compared_too() -> None:
    shown = logs(
        chosen(vote(LOW, A), vote(LOW, B)),
        {ONE: replica(Proposal(1, A), performed=(A,), slot_out=2)},
        {ONE: Down(Replica())},
        {ONE: Replica()},
        {ONE: replica(Proposal(1, B))},
    )
    assert shown["replica 0, slot 1", "step 3"] == [
        "gone forgets decision put k A",
        "gone forgets what it performed",
    ]
    assert shown["replica 0, slot 1", "step 5"] == ["bad decided put k B (but put k A at replica 0)"]


def test_what_is_decided_and_not_chosen() -> None:
    x, y, _ = ACCEPTORS
    voted = acceptor(LOW, vote(LOW, A))
    shown = logs({x: voted}, {ONE: replica(Proposal(1, A))}, {y: voted}, {TWO: replica(Proposal(1, A))})
    assert shown["replica 0, slot 1", "step 2"] == ["bad decided put k A (not chosen)"]
    assert shown["replica 1, slot 1", "step 4"] == ["decided put k A"]


@pytest.mark.parametrize(
    "initial",
    ["replica 1: {decisions: {1: put k A}}", 'replica 1: {inbox: ["decision(1, put k A) from leader 0"]}'],
)
def test_of_what_begins_in_the_middle_nobody_knows_whether_it_is_chosen(initial: str) -> None:
    system = system_of(f"{TEXT}initial:\n  {initial}\n")
    shown = logs({ONE: replica(Proposal(1, A))}, system=system)
    assert shown["replica 0, slot 1", "step 1"] == ["decided put k A"]
    assert ("replica 1, slot 1", "at first") in shown or isinstance(
        system.members[system.positions[TWO]].inbox[0][1], Decision
    )


def test_what_is_wrong_without_a_crash() -> None:
    done = replica(Proposal(1, A), performed=(A,), slot_out=2)
    shown = logs(chosen(vote(LOW, A)), {ONE: done}, {ONE: replica()}, {TWO: replica(slot_out=2)})
    assert shown["replica 0, slot 1", "step 3"] == [
        "bad forgets decision put k A",
        "bad forgets what it performed",
    ]
    assert shown["replica 1, slot 1", "step 4"] == ["bad passed (not decided)"]


def test_a_replica_that_forgets_only_how_far_it_has_come() -> None:
    done = replica(Proposal(1, A), performed=(A,), slot_out=2)
    begun = replace(done, slot_out=1)
    shown = logs(
        chosen(vote(LOW, A)),
        {ONE: done},
        {ONE: Down(begun)},
        {ONE: begun},
        {ONE: replace(done, performed=(A, A))},
    )
    assert shown["replica 0, slot 1", "step 3"] == ["bad goes back before this slot"]
    assert shown["replica 0, slot 1", "step 5"] == ["bad performed put k A (again)"]


def test_what_is_performed_without_a_decision_or_again() -> None:
    first, second = Proposal(1, A), Proposal(2, A)
    shown = logs(
        chosen(vote(LOW, A), vote(LOW, A, 2)),
        {ONE: replica(first, second, performed=(A, A), slot_out=3)},
        {TWO: replica(performed=(B,), slot_out=2)},
    )
    assert shown["replica 0, slot 2", "step 2"] == ["bad decided, performed put k A (again)"]
    assert shown["replica 1, slot 1", "step 3"] == ["bad performed put k B (not decided)"]


def test_reconfigurations_and_commands_that_were_performed_are_passed() -> None:
    change = Command(Node("client", 9), 1, Reconfigure(1))
    decided = (Proposal(1, A), Proposal(2, A), Proposal(3, change))
    votes = (vote(LOW, A), vote(LOW, A, 2), vote(LOW, change, 3))
    states = behaviour(chosen(*votes), {ONE: replica(*decided, performed=(A,), slot_out=4)})
    table = log_table(SMALL, states)
    assert cells(table) == {
        ("replica 0, slot 1", "step 2"): ["decided, performed put k A"],
        ("replica 0, slot 2", "step 2"): ["decided, passed put k A"],
        ("replica 0, slot 3", "step 2"): ["decided, passed reconfigure 1"],
    }
    assert "passed: nothing is performed then" in table.note


def test_what_was_held_back_is_performed_for_the_slot_that_it_is_decided_for() -> None:
    early, late = Proposal(1, B), Proposal(2, A)
    shown = logs(
        chosen(vote(LOW, B), vote(LOW, A, 2)),
        {ONE: replica(early, slot_out=2)},
        {ONE: replica(early, late, performed=(A, B), slot_out=3)},
    )
    assert shown == {
        ("replica 0, slot 1", "step 2"): ["decided, passed put k B"],
        ("replica 0, slot 1", "step 3"): ["performed put k B"],
        ("replica 0, slot 2", "step 3"): ["decided, performed put k A"],
    }


def test_a_state_that_is_transferred_and_decisions_that_are_needed_no_more() -> None:
    decided = frozenset({Proposal(1, A)})
    given = Checkpoint(2, performed=(A,))
    states = behaviour(
        chosen(vote(LOW, A)),
        {ONE: CollectingReplica()},
        {ONE: CollectingReplica(performed=(A,), slot_out=2, learned=decided)},
        {TWO: CollectingReplica(proposals=decided)},
        {TWO: CollectingReplica(performed=(A,), slot_out=2, slot_in=2, checkpoint=given)},
    )
    table = log_table(SMALL, states)
    assert cells(table) == {
        ("replica 0, slot 1", "step 3"): ["decided, performed put k A"],
        ("replica 1, slot 1", "step 4"): ["proposed put k A"],
        ("replica 1, slot 1", "step 5"): ["transferred"],
    }
    assert "transferred: another replica's state" in table.note


def test_a_proposal_that_is_gone_before_its_slot_is_passed() -> None:
    held = Replica(proposals=frozenset({Proposal(1, A)}))
    assert logs({ONE: held}, {ONE: Replica()}) == {
        ("replica 0, slot 1", "step 1"): ["proposed put k A"],
        ("replica 0, slot 1", "step 2"): ["gone forgets proposal put k A"],
    }
