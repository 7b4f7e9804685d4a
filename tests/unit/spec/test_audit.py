"""What is examined when a run is over: each fault that it is for is found, and a run without any passes."""

from dataclasses import replace

import pytest

from checker.model.deployed import Acknowledged
from pmmc import kv
from pmmc.messages import Decision
from pmmc.replica import Replica
from pmmc.values import Command, Node
from spec.audit import examine

A, B = Node("client", 0), Node("client", 1)
PUT = Command(A, 1, kv.parse("put k x"))
ADD = Command(B, 1, kv.parse("append k y"))
GET = Command(A, 2, kv.parse("get k"))
#: GET is decided twice, and performed once.
LOG = [Decision(1, PUT), Decision(2, ADD), Decision(3, GET), Decision(4, GET)]
ENDED = Replica(store=frozenset({("k", ("x", "y"))}), slot_out=5)
STATES = {Node("replica", i): ENDED for i in range(3)}
CALLS = [
    Acknowledged(A, 1, "put k x", "x", 0.0, 1.0),
    Acknowledged(B, 1, "append k y", "xy", 0.5, 2.0),
    Acknowledged(A, 2, "get k", "xy", 3.0, 4.0),
]


def test_all_is_well() -> None:
    says, wrong = examine(STATES, LOG, CALLS, settled=True)
    assert says == "no acknowledged command is lost, replicas are equal, answers are linearizable"
    assert wrong == []
    says, wrong = examine(STATES, None, CALLS, settled=True)
    assert (says.startswith("replicas are equal"), wrong) == (True, [])
    assert "not known whether all that was acknowledged was decided" in says


def test_replicas_that_had_no_time_need_not_have_come_equally_far() -> None:
    store = frozenset({("k", ("x",))})
    says, wrong = examine(with_state(slot_out=2, store=store), LOG, CALLS, settled=False)
    assert "replicas agree as far as they have come" in says
    assert wrong == []
    assert examine(with_state(slot_out=2), LOG, CALLS, settled=False).wrong


def with_state(**fields: object) -> dict[Node, Replica]:
    return {**STATES, Node("replica", 2): replace(ENDED, **fields)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "log", "calls", "says"),
    [
        (with_state(slot_out=4), LOG, CALLS, "replica 2 has come to slot 4, replica 0 to 5"),
        (with_state(store=kv.EMPTY), LOG, CALLS, "have performed the same slots and hold other values"),
        (with_state(store=kv.EMPTY), LOG, CALLS, "replica 2 does not hold what the decisions below slot 5"),
        (STATES, LOG[1:], CALLS, "replica 0 has performed slot 1, which nobody has decided"),
        (STATES, [*LOG, Decision(1, ADD)], CALLS, "slot 1 is decided as put k x and as append k y"),
        (
            STATES,
            LOG,
            [*CALLS, Acknowledged(B, 2, "put j z", "z", 5.0, 6.0)],
            "client 1 was answered 'put j z', which was never decided",
        ),
        (
            STATES,
            LOG,
            [*CALLS[:2], CALLS[2]._replace(answer="x")],
            "client 0 was answered 'x' to 'get k', and not 'xy'",
        ),
        (
            STATES,
            LOG,
            [CALLS[0]._replace(began=2.5, ended=2.6), *CALLS[1:]],
            "'put k x' of client 0 comes before 'append k y' of client 1",
        ),
        (
            STATES,
            LOG,
            [*CALLS[:2], CALLS[2]._replace(answer="x")],
            "what clients were answered of key k is not linearizable",
        ),
    ],
)
def test_each_fault_is_found(states: dict, log: list, calls: list, says: str) -> None:
    assert any(says in wrong for wrong in examine(states, log, calls, settled=True).wrong)


def test_what_is_not_linearizable_is_found_without_a_log() -> None:
    calls = [*CALLS[:2], CALLS[2]._replace(answer="x")]
    assert examine(STATES, None, calls, settled=True).wrong == [
        "what clients were answered of key k is not linearizable"
    ]
