"""The ballot table and the logs, cell by cell: what acceptors and replicas gained, lost, and did wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker.model.pictures import Table
from checker.model.semantics import Cell, State, initial_state
from checker.model.system import System
from checker.model.vocabulary import Down
from checker.modelfiles.loading import load, load_text
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot
from pmmc.kv import Put, Reconfigure
from pmmc.messages import Decision
from pmmc.replica import Replica
from pmmc.values import Command, Node, Proposal, PValue
from spec.checkpoints import Checkpoint
from spec.pictures.ballots import ballot_table
from spec.pictures.logs import log_table
from spec.protocol import PMMC
from spec.variants.acceptors import Voter
from spec.variants.collection import CollectingReplica, CollectingVoter

TEXT = """
name: small
nodes: {acceptors: 3, leaders: 2, replicas: 2}
commands: [put k A, put k B]
bounds: {slots: 3, rounds: 2}
network: at-most-once
"""
A, B = (Command(Node("client", i), 1, Put("k", value)) for i, value in enumerate("AB"))
LOW, HIGH, HIGHEST = Ballot(0, 0), Ballot(0, 1), Ballot(1, 0)
ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
ONE, TWO = (Node("replica", i) for i in range(2))


def system_of(text: str = TEXT) -> System:
    return load_text(text, "small.yaml", protocols={"pmmc": PMMC}).system


SMALL = system_of()


def behaviour(*steps: Mapping[Node, Any], system: System = SMALL) -> list[State]:
    """The states in which each step gives some nodes other local states."""
    states = [initial_state(system)]
    for changed in steps:
        state = list(states[-1])
        for name, local in changed.items():
            place = system.positions[name]
            state[place] = Cell(local, state[place].inbox)
        states.append(tuple(state))
    return states


def headings(table: Table) -> list[str]:
    return [column.replace("\xa0", " ") for column in table.columns]


def cells(table: Table) -> dict[tuple[str, str], list[str]]:
    """What stands in each cell that is not empty, by row and column: the mark, the text, the step."""
    return {
        (row.heading.replace("\xa0", " "), column.replace("\xa0", " ")): [
            " ".join(
                filter(None, [e.mark, e.text.replace("\xa0", " "), "" if e.step is None else f"@{e.step}"])
            )
            for e in cell
        ]
        for row in table.rows
        for column, cell in zip(table.columns[1:], row.cells, strict=True)
        if cell
    }


def ballots(*steps: Mapping[Node, Any], system: System = SMALL) -> dict[tuple[str, str], list[str]]:
    return cells(ballot_table(system, behaviour(*steps, system=system)))


def logs(*steps: Mapping[Node, Any], system: System = SMALL) -> dict[tuple[str, str], list[str]]:
    return cells(log_table(system, behaviour(*steps, system=system)))


def vote(ballot: Ballot, command: Command, slot: int = 1) -> PValue:
    return PValue(ballot, slot, command)


def acceptor(ballot: Ballot, *accepted: PValue) -> Acceptor:
    return Acceptor(ballot, frozenset(accepted))


# Ballots ------------------------------------------------------------------------------------------------


def test_before_anything_has_happened_there_are_the_ballots_of_the_leaders() -> None:
    table = ballot_table(SMALL, behaviour())
    assert headings(table) == ["ballot", "acceptor 0", "acceptor 1", "acceptor 2", "chosen"]
    assert [(row.heading, row.colour) for row in table.rows] == [("0.0", LOW), ("0.1", HIGH)]
    assert not cells(table)


def test_promises_votes_and_what_a_quorum_has_voted_for() -> None:
    x, y, _ = ACCEPTORS
    assert ballots(
        {x: acceptor(LOW)},
        {y: acceptor(LOW)},
        {x: acceptor(LOW, vote(LOW, A))},
        {y: acceptor(LOW, vote(LOW, A))},
        {y: acceptor(HIGH, vote(LOW, A))},
    ) == {
        ("0.0", "acceptor 0"): ["promised @1", "slot 1: put k A @3"],
        ("0.0", "acceptor 1"): ["promised @2", "slot 1: put k A @4"],
        ("0.0", "chosen"): ["good slot 1: put k A @4"],
        ("0.1", "acceptor 1"): ["promised @5"],
    }


def test_two_commands_in_one_ballot_are_in_conflict_and_so_are_both_if_they_are_chosen() -> None:
    x, y, z = ACCEPTORS
    shown = ballots(
        {name: acceptor(LOW) for name in ACCEPTORS},
        {x: acceptor(LOW, vote(LOW, A)), y: acceptor(LOW, vote(LOW, A))},
        {z: acceptor(LOW, vote(LOW, B))},
        {y: acceptor(LOW, vote(LOW, A), vote(LOW, B))},
    )
    assert shown["0.0", "acceptor 2"] == ["promised @1", "bad slot 1: put k B (but put k A before) @3"]
    assert shown["0.0", "acceptor 1"][-1] == "bad slot 1: put k B (but put k A before) @4"
    assert shown["0.0", "chosen"] == [
        "good slot 1: put k A @2",
        "bad slot 1: put k B (but put k A in 0.0) @4",
    ]


def test_votes_for_different_slots_are_in_no_conflict() -> None:
    x, y, _ = ACCEPTORS
    both = acceptor(LOW, vote(LOW, A), vote(LOW, B, 2))
    shown = ballots({x: acceptor(LOW), y: acceptor(LOW)}, {x: both}, {y: both})
    assert shown["0.0", "chosen"] == ["good slot 1: put k A @3", "good slot 2: put k B @3"]


def test_a_vote_against_what_is_chosen_below_it_is_in_conflict() -> None:
    x, y, z = ACCEPTORS
    shown = ballots(
        {x: acceptor(LOW), y: acceptor(LOW), z: acceptor(HIGH)},
        {x: acceptor(LOW, vote(LOW, A)), y: acceptor(LOW, vote(LOW, A))},
        {z: acceptor(HIGH, vote(HIGH, B))},
    )
    assert shown["0.1", "acceptor 2"][-1] == "bad slot 1: put k B (but chosen is put k A) @3"


def test_what_becomes_chosen_below_a_vote_for_something_else_is_in_conflict_with_it() -> None:
    x, y, z = ACCEPTORS
    shown = ballots(
        {x: acceptor(LOW), y: acceptor(LOW), z: acceptor(HIGH)},
        {z: acceptor(HIGH, vote(HIGH, B))},
        {x: acceptor(LOW, vote(LOW, A)), y: acceptor(LOW, vote(LOW, A))},
    )
    assert shown["0.1", "acceptor 2"][-1] == "slot 1: put k B @2"
    assert shown["0.0", "chosen"] == ["bad slot 1: put k A (but put k B in 0.1) @3"]


def test_a_vote_in_another_ballot_than_the_one_promised_is_in_conflict() -> None:
    x, y, _ = ACCEPTORS
    shown = ballots(
        {x: acceptor(HIGH)}, {x: acceptor(HIGH, vote(LOW, A))}, {y: acceptor(LOW, vote(HIGH, A))}
    )
    assert shown["0.0", "acceptor 0"] == ["bad slot 1: put k A (but promised 0.1) @2"]
    assert shown["0.1", "acceptor 1"] == ["bad slot 1: put k A (not promised) @3"]


def test_an_acceptor_that_adopts_as_it_accepts_promises_and_votes_in_one_step() -> None:
    x, *_ = ACCEPTORS
    assert ballots({x: acceptor(LOW)}, {x: acceptor(HIGH, vote(HIGH, A))}) == {
        ("0.0", "acceptor 0"): ["promised @1"],
        ("0.1", "acceptor 0"): ["promised @2", "slot 1: put k A @2"],
    }


def test_what_a_crash_takes_is_forgotten_and_yet_it_was_promised_and_chosen() -> None:
    x, y, z = ACCEPTORS
    given = acceptor(HIGH, vote(HIGH, A))
    states = behaviour(
        {x: acceptor(HIGH), y: acceptor(HIGH)},
        {x: given},
        {x: Down(Acceptor())},
        {x: Acceptor()},
        {x: acceptor(LOW)},
        {x: acceptor(LOW, vote(LOW, B))},
        {y: given},
        {z: Down(Acceptor())},
    )
    table = ballot_table(SMALL, states)
    assert cells(table) == {
        ("0.1", "acceptor 0"): [
            "promised @1",
            "slot 1: put k A @2",
            "gone forgets promise @3",
            "gone forgets slot 1: put k A @3",
        ],
        ("0.0", "acceptor 0"): ["promised @5", "bad slot 1: put k B (but promised 0.1) @6"],
        ("0.1", "acceptor 1"): ["promised @1", "slot 1: put k A @7"],
        ("0.1", "chosen"): ["good slot 1: put k A @7"],
    }
    assert headings(table) == ["ballot", "acceptor 0", "acceptor 1", "acceptor 2, down", "chosen"]
    assert headings(ballot_table(SMALL, states[:4]))[1] == "acceptor 0, down"


def test_what_survives_a_crash_is_not_mentioned() -> None:
    x, *_ = ACCEPTORS
    given = acceptor(LOW, vote(LOW, A))
    assert ballots({x: acceptor(LOW)}, {x: given}, {x: Down(given)}, {x: given}) == {
        ("0.0", "acceptor 0"): ["promised @1", "slot 1: put k A @2"]
    }


def test_what_is_taken_back_without_a_crash_is_wrong() -> None:
    x, *_ = ACCEPTORS
    shown = ballots({x: acceptor(HIGH)}, {x: acceptor(HIGH, vote(HIGH, A))}, {x: acceptor(LOW)})
    assert shown["0.1", "acceptor 0"][2:] == ["bad drops promise @3", "bad drops slot 1: put k A @3"]
    assert shown["0.0", "acceptor 0"] == ["promised @3"]


@pytest.mark.parametrize("kind", [Voter, Acceptor], ids=["with history", "without"])
def test_a_vote_that_a_later_one_of_its_slot_replaces(kind: Any) -> None:
    x, *_ = ACCEPTORS
    first, second = vote(LOW, A), vote(HIGH, A)
    more = [{first}, {first, second}] if kind is Voter else [(), ()]
    history = [(frozenset(votes),) if kind is Voter else () for votes in more]
    shown = ballots(
        {x: kind(LOW)},
        {x: kind(LOW, frozenset({first}), *history[0])},
        {x: kind(HIGH, frozenset({second}), *history[1])},
    )
    assert shown["0.0", "acceptor 0"][1:] == ["slot 1: put k A @2", "gone replaces slot 1: put k A @3"]
    assert shown["0.1", "acceptor 0"] == ["promised @3", "slot 1: put k A @3"]


def test_a_vote_that_a_lower_one_takes_the_place_of_is_dropped() -> None:
    x, *_ = ACCEPTORS
    shown = ballots({x: acceptor(HIGH, vote(HIGH, A))}, {x: acceptor(HIGH, vote(LOW, B))})
    assert shown["0.1", "acceptor 0"][-1] == "bad drops slot 1: put k A @2"


def test_collected_votes_and_one_that_comes_too_late_to_be_kept() -> None:
    x, y, _ = ACCEPTORS
    early, late = vote(LOW, A), vote(LOW, B, 2)
    collecting = CollectingVoter(LOW)
    shown = ballots(
        {x: collecting, y: replace(collecting, watermark=3)},
        {x: replace(collecting, accepted=frozenset({early}), votes=frozenset({early}))},
        {x: replace(collecting, watermark=2, votes=frozenset({early}))},
        {y: replace(collecting, watermark=3, votes=frozenset({late}))},
    )
    assert shown == {
        ("0.0", "acceptor 0"): [
            "promised @1",
            "slot 1: put k A @2",
            "gone collects slot 1: put k A @3",
        ],
        ("0.0", "acceptor 1"): ["promised @1", "slot 2: put k B @4", "gone collects slot 2: put k B @4"],
    }


@pytest.mark.parametrize(
    ("quorums", "voters", "is_chosen"),
    [
        ("{phase2: 1, phase1: 3}", 1, True),
        ("{phase2: 3, phase1: 1}", 2, False),
        ("{phase2: [[acceptor 0, acceptor 2]]}", 2, False),
        ("{phase2: [[acceptor 0, acceptor 1]]}", 2, True),
        ("{phase2: {weights: {acceptor 0: 3}, least: 3}}", 1, True),
        ("{phase2: {weights: {acceptor 2: 3}, least: 3}}", 2, False),
    ],
)
def test_chosen_goes_by_the_quorums_of_phase_2(quorums: str, voters: int, is_chosen: bool) -> None:
    system = system_of(f"{TEXT}quorums: {quorums}\n")
    voted = acceptor(LOW, vote(LOW, A))
    steps = [{name: acceptor(LOW) for name in ACCEPTORS}, *({n: voted} for n in ACCEPTORS[:voters])]
    shown = ballots(*steps, system=system)
    assert shown.get(("0.0", "chosen")) == ([f"good slot 1: put k A @{voters + 1}"] if is_chosen else None)


RECONFIGURED = """
name: reconfigured
nodes: {replicas: 1}
configurations: [{leaders: 1, acceptors: 1}, {leaders: 1, acceptors: 3}]
commands: [reconfigure 1, put k A]
bounds: {slots: 3, rounds: 1}
network: at-most-once
"""


def test_a_ballot_is_of_a_configuration_and_what_it_chooses_by_its_quorums() -> None:
    system = system_of(RECONFIGURED)
    old, *new = (Node("acceptor", i) for i in range(4))
    shown = ballots(
        {old: acceptor(LOW, vote(LOW, A)), new[0]: acceptor(HIGH, vote(HIGH, B))},
        {new[1]: acceptor(HIGH, vote(HIGH, B))},
        system=system,
    )
    assert shown["0.0, configuration 0", "chosen"] == ["good slot 1: put k A @1"]
    assert shown["0.1, configuration 1", "chosen"] == ["bad slot 1: put k B (but put k A in 0.0) @2"]
    assert "of its configuration" in ballot_table(system, behaviour(system=system)).note


SERVERS = """
name: servers
nodes: {servers: 3}
commands: [put k A]
bounds: {slots: 1, rounds: 1}
network: at-most-once
"""


def test_processes_on_machines_are_shown_as_nodes_are() -> None:
    system = system_of(SERVERS)
    states = behaviour(system=system)
    place = system.positions[Node("server", 1)]
    hosted = states[0][place].local
    for number, local in enumerate((acceptor(HIGH, vote(HIGH, A)), acceptor(HIGH))):
        known = {name.role: (name, own) for name, own in hosted.processes}
        known["acceptor"] = (known["acceptor"][0], local)
        after = replace(hosted, processes=tuple(known.values()))
        state = list(states[-1])
        state[place] = Cell(Down(after) if number else after, state[place].inbox)
        states.append(tuple(state))
    table = ballot_table(system, states)
    assert cells(table)["0.1", "acceptor 1, down"] == [
        "promised @0",
        "slot 1: put k A @1",
        "gone forgets slot 1: put k A @2",
    ]


@dataclass(frozen=True)
class Other:
    """What an acceptor or a replica of somebody else's may know."""

    word: str = ""


def test_local_states_without_our_fields_are_left_out() -> None:
    x, y, _ = ACCEPTORS
    shown = ballots({x: Other("a")}, {x: Other("b"), y: acceptor(LOW)})
    assert shown == {("0.0", "acceptor 1"): ["promised @2"]}
    assert logs({ONE: Other("a")}, {ONE: Other("b")}) == {}


# Logs ---------------------------------------------------------------------------------------------------


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
