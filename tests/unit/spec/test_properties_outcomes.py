"""What runs come to, and may reach, and what is false of them: a state made by hand shows or breaks each.

The good states beside them break nothing, so it is that one difference which the property sees.
"""

from checker.model.judging import judge_state
from pmmc.values import Proposal
from spec.properties import PROPERTIES
from tests.unit.spec.broken import Case, Step, each, found
from tests.unit.spec.byhand import (
    ANSWERED,
    DONE,
    HIGH,
    JUDGED,
    LOW,
    ONE,
    SYSTEM,
    A,
    B,
    commanding,
    knows,
    state,
    votes,
)

CASES: dict[str, list[Case | Step]] = {
    "no-lost-command": [
        Case(
            state(replica_0=DONE, replica_1={"performed": (A,)}),
            "nothing more will happen, and replica 1 has not performed append k b",
            state(replica_0=DONE, replica_1=DONE),
        )
    ],
    "no-idle-proposal": [
        Case(
            state(
                leader_1={"proposals": frozenset({Proposal(1, A), Proposal(2, B)})},
                acceptor_2=votes(LOW, ONE),
            ),
            "nothing more will happen, leader 1 holds ⟨2, append k b⟩, and no acceptor has accepted it",
            state(leader_1={"proposals": frozenset({Proposal(1, A)})}, acceptor_2=votes(LOW, ONE)),
        )
    ],
    "every-command-answered": [
        Case(
            state(client_0={"todo": (B,), "waiting": A}),
            "nothing more will happen, and client 0 waits for the answer to put k a",
            state(client_0={"todo": (), "answers": ANSWERED.answers}),
        )
    ],
    "every-command-performed": [
        Case(
            state(replica_0=DONE, replica_1=DONE),
            "every replica has performed every command",
            state(replica_1=DONE),
        )
    ],
    "every-request-answered": [
        Case(
            state(client_0={"todo": (), "answers": ANSWERED.answers}),
            "every client has the answers to all of its commands",
            state(client_0={"todo": (A,)}),
        )
    ],
    "waiting-ends": [
        Case(
            state(client_0={"todo": (A,)}),
            "no client waits for an answer",
            state(client_0={"todo": (), "waiting": A}),
        )
    ],
    "some-leader-active": [
        Case(state(leader_1=commanding()), "leader 1 is active", state()),
    ],
    "slot-decided": [
        Case(state(replica_1=knows(slot2=B)), "replica 1 knows ⟨2, append k b⟩ as decided", state())
    ],
    "leader-preempted": [
        Case(
            state(leader_1={"ballot": HIGH}),
            "leader 1 was preempted and tries ballot 1.1",
            state(leader_1={"active": True, "scout": None}),
        ),
        Case(
            state(leader_0={"scout": None}),
            "leader 0 was preempted and has retired with ballot 0.0",
            state(),
        ),
    ],
    "two-leaders-active": [
        Case(
            state(leader_0=commanding(), leader_1=commanding()),
            "leader 0 and leader 1 are active",
            state(leader_1=commanding()),
        )
    ],
    "hole-in-log": [
        Case(
            state(replica_1=knows(slot1=A, slot3=B)),
            "replica 1 knows the decision of slot 3 and none of slot 2",
            state(replica_0=knows(slot1=A, slot2=B)),
        )
    ],
    "all-performed": [
        Case(
            state(replica_0=DONE, replica_1=DONE),
            "every replica has performed every command",
            state(replica_0=DONE),
        )
    ],
    "all-answered": [
        Case(
            state(client_0={"todo": (), "answers": ANSWERED.answers}),
            "every client has the answers to all of its commands",
            state(client_0={"todo": (), "waiting": A}),
        )
    ],
    "one-active-leader": [
        Case(
            state(leader_0=commanding(), leader_1=commanding()),
            "leader 0 and leader 1 are both active",
            state(leader_0=commanding()),
        )
    ],
    "slot-in-within-window": [
        Case(
            state(replica_0={"slot_in": 3}),
            "replica 0 has slot_in 3, slot_out 1 and WINDOW 2",
            state(replica_0={"slot_in": 2}),
        )
    ],
    "log-without-holes": [
        Case(
            state(replica_0=knows(slot2=A)),
            "replica 0 knows the decision of slot 2 and none of slot 1",
            state(replica_0=knows(slot1=A, slot2=B)),
        )
    ],
    "one-command-one-slot": [
        Case(
            state(replica_0=knows(slot1=A), replica_1=knows(slot3=A)),
            "put k a is decided for slot 1 and for slot 3",
            state(replica_0=knows(slot1=A), replica_1=knows(slot1=A, slot3=B)),
        )
    ],
}
EACH = each(CASES)


@EACH
def test_says_what_is_there(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case) == [case.says]


@EACH
def test_is_silent_where_nothing_is(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case, good=True) == []


def test_a_client_that_waits_asks_for_the_end_of_that() -> None:
    asks = PROPERTIES["waiting-ends"].trigger()
    assert asks is not None
    waiting = state(client_0={"todo": (), "waiting": A})
    says = [reason for _, reason in judge_state(SYSTEM, asks, waiting)]
    assert says == ["client 0 waits for the answer to put k a"]
    assert judge_state(SYSTEM, asks, state(client_0={"todo": (A,)})) == []
