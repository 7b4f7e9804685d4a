"""Every property of replicas, and of their reads, can fail: a state or step made by hand breaks it.

The good states beside them break nothing, so it is that one difference which the property sees.
"""

from checker.model.semantics import State
from pmmc.kv import Get, Put
from pmmc.values import Command, Node, Proposal, filler
from spec.readings import Evaluation
from tests.unit.spec.broken import Case, Step, each, found
from tests.unit.spec.byhand import (
    AFTER_A,
    AGAIN,
    DONE,
    HIGH,
    IN_SECOND,
    JUDGED,
    LOW,
    NEW,
    ONE,
    OVER,
    SECOND,
    SYSTEM,
    A,
    B,
    knows,
    log,
    reduced,
    state,
    votes,
)

STRANGER = Command(Node("client", 0), 7, Put("k", "z"))


def evaluated(
    slot: int = 2,
    slot_out: int = 3,
    decided: int = 0,
    missing: frozenset[Command] = frozenset(),
    lost: frozenset[Command] = frozenset(),
) -> State:
    """A state in which replica 1 has evaluated a read."""
    get = Command(Node("client", 0), 9, Get("k"))
    one = Evaluation(Node("replica", 1), get, slot, slot_out, decided, missing, lost=lost)
    return state(history_0={"evaluated": frozenset({one})})


CASES: dict[str, list[Case | Step]] = {
    "R1": [
        Case(
            state(replica_0=knows(slot2=A), replica_1=knows(slot2=B)),
            "slot 2 is decided as put k a at replica 0 and as append k b at replica 1",
            state(replica_0=knows(slot2=A), replica_1=knows(slot1=B, slot2=A)),
        ),
        Case(
            state(replica_1={"decisions": frozenset({Proposal(1, A), Proposal(1, B)})}),
            "slot 1 is decided as append k b at replica 1 and as put k a at replica 1",
            state(replica_1=knows(slot1=A)),
        ),
    ],
    "decided-is-chosen": [
        Case(
            state(acceptor_0=votes(LOW, ONE), replica_1=knows(slot1=A)),
            "replica 1 knows ⟨1, put k a⟩ as decided, which no quorum has accepted in one ballot: "
            "acceptor 0 ⟨0.0, 1, put k a⟩",
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(LOW, ONE), replica_1=knows(slot1=A)),
        ),
        Case(  # in one ballot, not in two
            state(acceptor_0=votes(LOW, ONE), acceptor_1=votes(HIGH, AGAIN), replica_0=knows(slot1=A)),
            "replica 0 knows ⟨1, put k a⟩ as decided, which no quorum has accepted in one ballot: "
            "acceptor 0 ⟨0.0, 1, put k a⟩, acceptor 1 ⟨1.1, 1, put k a⟩",
            state(acceptor_0=votes(HIGH, AGAIN), acceptor_1=votes(HIGH, AGAIN), replica_0=knows(slot1=A)),
        ),
        Case(  # of the configuration that the ballot is of
            state(acceptor_0=votes(LOW, ONE), acceptor_3=votes(LOW, ONE), replica_0=knows(slot1=A)),
            "replica 0 knows ⟨1, put k a⟩ as decided, which no quorum has accepted in one ballot: "
            "acceptor 0 ⟨0.0, 1, put k a⟩",
            state(acceptor_3=votes(SECOND, IN_SECOND), replica_0=knows(slot1=B)),
        ),
        Case(  # for this slot
            state(acceptor_0=votes(LOW, ONE), acceptor_1=votes(LOW, ONE), replica_0=knows(slot2=A)),
            "replica 0 knows ⟨2, put k a⟩ as decided, which no quorum has accepted in one ballot: nobody",
            state(acceptor_0=votes(LOW, ONE), acceptor_1=votes(LOW, ONE)),
        ),
        Case(  # with state reduction what was accepted counts
            state(acceptor_0=reduced(OVER), acceptor_1=reduced(OVER, ONE), replica_0=knows(slot1=A)),
            "replica 0 knows ⟨1, put k a⟩ as decided, which no quorum has accepted in one ballot: "
            "acceptor 1 ⟨0.0, 1, put k a⟩",
            state(acceptor_0=reduced(OVER, ONE), acceptor_1=reduced(OVER, ONE), replica_0=knows(slot1=A)),
        ),
    ],
    "R2": [
        Case(
            state(replica_1=log(3, A, slot2=A)),
            "replica 1 has slot_out 3 and no decision for slot 1",
            state(replica_1=log(2, A, store=AFTER_A, slot1=A, slot3=B)),
        )
    ],
    "R3": [
        Case(
            state(replica_0=log(2, A, slot1=A)),
            "replica 0 holds {}; its decisions below slot 2 give {[k, [a]]}",
            state(replica_0=log(2, A, store=AFTER_A, slot1=A, slot2=B)),
        ),
        Case(  # a reconfiguration is passed over
            state(replica_0=log(3, slot1=NEW, slot2=A)),
            "replica 0 holds {}; its decisions below slot 3 give {[k, [a]]}",
            state(replica_0=log(3, A, store=AFTER_A, slot1=NEW, slot2=A)),
        ),
    ],
    "R4": [
        Step(
            "replica 0",
            {"slot_out": 3},
            {"slot_out": 2},
            "replica 0 goes back from slot_out 3 to 2",
            {"slot_out": 4},
        )
    ],
    "R5": [
        Step(
            "replica 0",
            {"slot_in": 3},
            {"slot_in": 4, "proposals": frozenset({Proposal(3, A)})},
            "replica 0 proposes ⟨3, put k a⟩ while slot_out is 1 and WINDOW 2",
            {"slot_in": 3, "proposals": frozenset({Proposal(2, A)})},
        ),
        Step(
            "replica 0",
            {"slot_in": 3},
            {"slot_in": 4},
            "replica 0 has slot_in 4, slot_out 1 and WINDOW 2",
            {"slot_in": 4, "slot_out": 2},
        ),
    ],
    "validity": [
        Case(
            state(replica_1=knows(slot1=STRANGER)),
            "replica 1 knows ⟨1, put k z⟩ as decided, which no client has submitted",
            state(replica_1=knows(slot1=B)),
        ),
        Case(
            state(replica_1=knows(slot1=filler(2))),
            "replica 1 knows ⟨1, noop 2⟩ as decided, which no client has submitted",
            state(replica_1=knows(slot2=filler(2))),
        ),
    ],
    "exactly-once": [
        Case(
            state(replica_1={"performed": (A, B, A)}),
            "replica 1 has performed put k a of client 0 twice",
            state(replica_0={"performed": (A, B)}, replica_1={"performed": (A, B)}),
        )
    ],
    "session-order": [
        Case(
            state(replica_1={"performed": (B, A)}),
            "replica 1 has performed append k b of client 0 before put k a, which it had asked for first",
            state(replica_0={"performed": (A,)}, replica_1={"performed": (A, B)}),
        )
    ],
    "prefix-agreement": [
        Case(
            state(replica_0={"performed": (A, B)}, replica_1={"performed": (B,)}),
            "replica 0 has performed [put k a, append k b] and replica 1 [append k b]: "
            "neither is a prefix of the other",
            state(replica_0={"performed": (A, B)}, replica_1={"performed": (A,)}),
        )
    ],
    "response-integrity": [
        Case(
            state(client_0={"answers": ((A, ("a",)),)}),
            "client 0 was answered on put k a, which no replica can have performed",
            state(client_0={"answers": ((A, ("a",)),)}, replica_1=knows(slot1=A) | {"slot_out": 2}),
        ),
        Case(
            state(client_0={"answers": ((B, ("b",)),)}, replica_0=DONE),
            "client 0 got [b] for append k b; the decided log gives [a, b]",
            state(client_0={"answers": ((B, ("a", "b")),)}, replica_0=DONE),
        ),
    ],
    "no-abandoned-slot": [
        Case(
            state(replica_1=knows(slot1=A) | {"slot_in": 3}),
            "replica 1 is past slot 2 with neither a decision nor a proposal for it",
            state(replica_1=knows(slot1=A) | {"slot_in": 3, "proposals": frozenset({Proposal(2, B)})}),
        )
    ],
    "nothing-decided": [
        Case(state(replica_1=knows(slot2=B)), "replica 1 knows ⟨2, append k b⟩ as decided", state())
    ],
    "RD-1": [
        Case(
            evaluated(missing=frozenset({A})),
            "replica 1 has evaluated get k without [put k a], answered before it was asked",
            evaluated(),
        )
    ],
    "RD-2": [
        Case(
            evaluated(lost=frozenset({A})),
            "replica 1 has evaluated get k of client 0 without [put k a], which a read had seen that was "
            "answered before it was asked",
            evaluated(),
        )
    ],
    "RD-3": [
        Case(
            evaluated(slot=1, decided=2),
            "replica 1 has evaluated get k with s = 1; slot 2 was decided before it asked",
            evaluated(slot=2, decided=2),
        ),
        Case(
            evaluated(slot_out=2),
            "replica 1 has evaluated get k with s = 2 while slot_out was 2",
            evaluated(slot_out=4),
        ),
    ],
}
EACH = each(CASES)


@EACH
def test_says_what_is_there(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case) == [case.says]


@EACH
def test_is_silent_where_nothing_is(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case, good=True) == []
