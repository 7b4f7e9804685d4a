"""Every property of reconfigurations can fail: a state or step made by hand breaks it.

The good states beside them break nothing, so it is that one difference which the property sees.
"""

from typing import Any

from checker.model.judging import judge_state
from pmmc.values import Command, Node, Proposal, PValue
from spec.properties import PROPERTIES
from spec.views import Changes
from tests.unit.spec.broken import Case, Step, each, found
from tests.unit.spec.byhand import (
    AGAIN,
    FOR_NEW,
    HIGH,
    JUDGED,
    LATE,
    LOW,
    NEW,
    NEWEST,
    ONE,
    SECOND,
    SYSTEM,
    A,
    B,
    knows,
    state,
    votes,
)


def holding(slot: int, command: Command) -> dict[str, Any]:
    return {"proposals": frozenset({Proposal(slot, command)})}


def passing(slot_in: int, configuration: int, **decided: Command) -> dict[str, Any]:
    return {**knows(**decided), "slot_in": slot_in, "configuration": configuration}


def knowledge(undecided: int, slot: int) -> Changes:
    """What a replica knows to which slot 1 has brought configuration 1."""
    return Changes(undecided, frozenset({(slot, 1)}))


def seen(*known: Changes) -> dict[str, Any]:
    """What the operator sees of replicas."""
    return {"seen": frozenset((Node("replica", i), one) for i, one in enumerate(known))}


CASES: dict[str, list[Case | Step]] = {
    "RC-1": [
        Case(
            state(acceptor_3=votes(SECOND, FOR_NEW), replica_1=knows(slot1=A)),
            "acceptor 3 has accepted ⟨0.2, 3, append k b⟩; by the decisions of replica 1 slot 3 is for "
            "configuration 0",
            state(acceptor_3=votes(SECOND, FOR_NEW), replica_1=knows(slot1=NEW)),
        ),
        Case(
            state(acceptor_0=votes(LOW, PValue(LOW, 2, B)), acceptor_4=votes(LATE, PValue(LATE, 2, B))),
            "acceptor 4 has accepted ⟨0.3, 2, append k b⟩; by the decisions of replica 0 slot 2 is for "
            "configuration 0",
            state(acceptor_4=votes(LATE, FOR_NEW), replica_0=knows(slot2=A)),  # nobody knows slot 1
        ),
    ],
    "RC-2": [
        Case(
            state(leader_1=holding(3, B), replica_0=knows(slot1=NEW, slot2=A)),
            "leader 1 holds ⟨3, append k b⟩; by the decisions of replica 0 slot 3 is for configuration 1",
            state(leader_2=holding(3, B), leader_1=holding(2, B), replica_0=knows(slot1=NEW, slot2=A)),
        )
    ],
    "RC-3": [
        Case(
            state(
                acceptor_0=votes(LOW, ONE),
                acceptor_1=votes(HIGH, AGAIN),
                acceptor_3=votes(SECOND, PValue(SECOND, 1, A)),
                replica_1=knows(slot1=A),
            ),
            "replica 1 knows ⟨1, put k a⟩ as decided; by the decisions of replica 0 slot 1 is for "
            "configuration 0, of which no quorum has accepted it in one ballot: acceptor 0 "
            "{⟨0.0, 1, put k a⟩}, acceptor 1 {⟨1.1, 1, put k a⟩}, acceptor 2 {}",
            state(acceptor_0=votes(HIGH, AGAIN), acceptor_1=votes(HIGH, AGAIN), replica_1=knows(slot1=A)),
        ),
        Case(
            state(
                acceptor_0=votes(LOW, PValue(LOW, 3, B)),
                acceptor_1=votes(LOW, PValue(LOW, 3, B), PValue(LOW, 1, NEW)),
                acceptor_2=votes(LOW, PValue(LOW, 1, NEW)),
                replica_0=knows(slot3=B),
                replica_1=knows(slot1=NEW),
            ),
            "replica 0 knows ⟨3, append k b⟩ as decided; by the decisions of replica 1 slot 3 is for "
            "configuration 1, of which no quorum has accepted it in one ballot: acceptor 3 {}",
            state(
                acceptor_1=votes(LOW, PValue(LOW, 1, NEW)),
                acceptor_2=votes(LOW, PValue(LOW, 1, NEW)),
                acceptor_3=votes(SECOND, FOR_NEW),
                replica_0=knows(slot3=B),
                replica_1=knows(slot1=NEW),
            ),
        ),
    ],
    "RC-4": [
        Case(
            state(replica_0=passing(4, 0, slot1=NEW, slot2=A)),
            "replica 0 has passed slot 3 with configuration 0; by the decisions of replica 0 slot 3 is for "
            "configuration 1",
            state(replica_0=passing(4, 1, slot1=NEW, slot2=A)),
        ),
        Case(
            state(replica_0=passing(3, 1, slot1=NEW)),
            "replica 0 has passed slot 2 with configuration 1; by the decisions of replica 0 slot 2 is for "
            "configuration 0",
            state(replica_0=passing(3, 0, slot1=NEW)),
        ),
        Case(  # decided once more, in slot 3, the older one governs no slot
            state(replica_0=passing(6, 1, slot1=NEW, slot2=NEWEST, slot3=NEW)),
            "replica 0 has passed slot 5 with configuration 1; by the decisions of replica 0 slot 5 is for "
            "configuration 2",
            state(replica_0=passing(6, 2, slot1=NEW, slot2=NEWEST, slot3=NEW)),
        ),
    ],
    "RC-5": [
        Case(
            state(replica_0=passing(3, 0), replica_1=passing(3, 1)),
            "replica 0 and replica 1 both have slot_in 3; replica 0 has configuration 0, replica 1 has "
            "configuration 1",
            state(replica_0=passing(3, 0), replica_1=passing(4, 1)),
        )
    ],
    "RC-6": [
        Case(
            state(acceptor_3=votes(LOW)),
            "acceptor 3 has adopted ballot 0.0, and leader 0 is of another configuration",
            state(acceptor_0=votes(LOW), acceptor_3=votes(SECOND)),
        )
    ],
    "RC-7": [
        Case(
            state(replica_0=knows(slot1=NEW, slot2=A), replica_1=knows(slot1=NEW, slot2=A)),
            "every reconfiguration that is decided has taken effect at all replicas",
            state(replica_0=knows(slot1=NEW, slot2=A), replica_1=knows(slot1=NEW)),
        )
    ],
    "RC-8": [
        Step(
            "operator 0",
            seen(knowledge(2, 1), knowledge(3, 1)),
            seen(knowledge(2, 1), knowledge(3, 1)) | {"off": frozenset({0})},
            "configuration 0 is shut down; all that it decides is known to [replica 1], f + 1 is 2",
            seen(knowledge(2, 1), knowledge(3, 1)),
        ),
        Step(
            "operator 0",
            seen(knowledge(3, 1), knowledge(3, 1)),
            seen(knowledge(3, 1), knowledge(3, 1)) | {"off": frozenset({1})},
            "configuration 1 is shut down; all that it decides is known to nobody, f + 1 is 1",
            seen(knowledge(3, 1), knowledge(3, 1)) | {"off": frozenset({0})},
        ),
    ],
    "configuration-shut-down": [
        Case(
            state(operator_0={"off": frozenset({0})}),
            "configuration 0 is shut down",
            state(),
        )
    ],
    "new-configuration-decides": [
        Case(
            state(replica_0=knows(slot1=NEW, slot2=A, slot3=B)),
            "replica 0 knows the decision of slot 3, which is for configuration 1",
            state(replica_0=knows(slot1=NEW, slot3=B), replica_1=knows(slot1=A, slot2=NEW, slot3=B)),
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


def test_a_reconfiguration_asks_for_its_effect() -> None:
    asks = PROPERTIES["RC-7"].trigger()
    assert asks is not None
    waiting = state(replica_0=knows(slot1=NEW, slot2=A), replica_1=knows(slot1=NEW))
    ((_, says),) = judge_state(SYSTEM, asks, waiting)
    assert says.startswith("configuration 1, decided in slot 1, has not taken effect at replica 1, which ")
    assert judge_state(SYSTEM, asks, state(replica_0=knows(slot1=A))) == []
