"""The ballot table, cell by cell: what acceptors promised, voted for, lost, and did wrong."""

from dataclasses import replace
from typing import Any

import pytest
from picturedstates import (
    ACCEPTORS,
    HIGH,
    LOW,
    ONE,
    SMALL,
    TEXT,
    A,
    B,
    Other,
    acceptor,
    ballots,
    behaviour,
    cells,
    headings,
    logs,
    system_of,
    vote,
)

from checker.model.semantics import Cell
from checker.model.vocabulary import Down
from pmmc.acceptor import Acceptor
from pmmc.values import Node
from spec.pictures.ballots import ballot_table
from spec.variants.acceptors import Voter
from spec.variants.collection import CollectingVoter


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


def test_local_states_without_our_fields_are_left_out() -> None:
    x, y, _ = ACCEPTORS
    shown = ballots({x: Other("a")}, {x: Other("b"), y: acceptor(LOW)})
    assert shown == {("0.0", "acceptor 1"): ["promised @2"]}
    assert logs({ONE: Other("a")}, {ONE: Other("b")}) == {}
