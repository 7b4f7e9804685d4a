"""Every property of garbage collection can fail: a state or step made by hand breaks it.

The good states beside them break nothing, so it is that one difference which the property sees.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from checker.model.semantics import Cell, State, initial_state
from checker.model.vocabulary import Down
from checker.modelfiles.loading import load_text
from pmmc.ballots import Ballot
from pmmc.collection import P1b
from pmmc.leader import Commander
from pmmc.values import Node, Proposal, PValue
from spec.checkpoints import Checkpoint
from spec.properties.collection import COLLECTION_GOALS, COLLECTION_PROPERTIES
from spec.protocol import PMMC
from tests.unit.spec.broken import Case, Step, each, found

CLAIMS = [p.id for p in COLLECTION_PROPERTIES]
GOALS = [p.id for p in COLLECTION_GOALS]
SYSTEM = load_text(
    f"""
name: by-hand
nodes: {{replicas: 2}}
configurations: [{{leaders: 1, acceptors: 3}}, {{leaders: 1, acceptors: 1}}]
commands: [put k a, append k b, reconfigure 1]
bounds: {{slots: 3, rounds: 2, window: 1}}
network: at-most-once
rules: {{collection: f-plus-one}}
faults: {{crashes: 2, nodes: replicas}}
properties: [R2, R3, decided-is-chosen, A5, {", ".join(CLAIMS)}]
sometimes: [{", ".join(GOALS)}]
""",
    "by-hand.yaml",
    protocols={"pmmc": PMMC},
).system
JUDGED = {p.id: p for p in SYSTEM.properties}
A, B, CHANGE = SYSTEM.setting.commands
LOW, HIGH = Ballot(0, 0), Ballot(1, 0)
FIRST = {str(m.name): cell.local for m, cell in zip(SYSTEM.members, initial_state(SYSTEM), strict=True)}
AFTER_A = frozenset({("k", ("a",))})
ONE, TWO = PValue(LOW, 1, A), PValue(LOW, 2, B)


def state(**changed: Any) -> State:
    """The first state with some nodes changed; `acceptor_0` stands for acceptor 0, `to_leader_0` for what
    is under way to leader 0.
    """
    locals_, waiting = dict(FIRST), dict.fromkeys(FIRST, frozenset())
    for name, there in changed.items():
        node = name.removeprefix("to_").replace("_", " ")
        if name.startswith("to_"):
            waiting[node] = frozenset(there)
        else:
            locals_[node] = there(locals_[node]) if callable(there) else replace(locals_[node], **there)
    return tuple(Cell(locals_[node], waiting[node]) for node in (str(m.name) for m in SYSTEM.members))


def voted(*votes: PValue) -> dict[str, Any]:
    """An acceptor that has accepted this, and has collected it."""
    return {"votes": frozenset(votes), "watermark": 1 + max(p.slot for p in votes)}


def done(slot_out: int) -> dict[str, Any]:
    return {"slot_out": slot_out}


def down(slot_out: int) -> Callable[[Any], Down]:
    """A replica that has crashed."""
    return lambda local: Down(replace(local, slot_out=slot_out))


def promise(watermark: int, *accepted: PValue) -> P1b:
    return P1b(Node("acceptor", 0), HIGH, HIGH, frozenset(accepted), watermark)


def gone(*nodes: int) -> dict[str, Any]:
    """The environment, when these replicas are down."""
    return {"down": frozenset(Node("replica", i) for i in nodes)}


def given_state(slot: int, **fields: Any) -> dict[str, Any]:
    """A replica that has got the state of another one, after A."""
    return {"slot_out": slot, "store": AFTER_A, "checkpoint": Checkpoint(slot, AFTER_A, (A,)), **fields}


RISING = ({"watermark": 2}, {"watermark": 1}, "goes back from watermark 2 to 1", {"watermark": 3})

CASES: dict[str, list[Case | Step]] = {
    "GC-1": [
        Case(
            state(acceptor_1={"watermark": 3}, replica_0=done(3), replica_1=done(2)),
            "acceptor 1 has collected slots below 3, which [replica 0] have performed, not 2",
            state(acceptor_1={"watermark": 3}, replica_0=done(3), replica_1=done(4)),
        ),
        Case(
            state(leader_1={"watermark": 2}),
            "leader 1 has collected slots below 2, which nobody has performed, not 1",
            state(leader_1={"watermark": 2}, replica_0=done(2)),  # f of configuration 1 is 0
        ),
    ],
    "GC-2": [Step("acceptor 1", RISING[0], RISING[1], f"acceptor 1 {RISING[2]}", RISING[3])],
    "GC-2-leaders": [Step("leader 0", RISING[0], RISING[1], f"leader 0 {RISING[2]}", RISING[3])],
    "GC-3": [
        Case(
            state(to_leader_0={promise(1)}, acceptor_0=voted(ONE)),
            "acceptor 0 tells leader 0 for ballot 1.0 with watermark 1 of {}, and not of "
            "⟨0.0, 1, put k a⟩, which it has accepted",
            state(to_leader_0={promise(2)}, acceptor_0=voted(ONE)),
        ),
        Case(
            state(to_leader_0={promise(2)}, acceptor_0=voted(ONE, TWO)),
            "acceptor 0 tells leader 0 for ballot 1.0 with watermark 2 of {}, and not of "
            "⟨0.0, 2, append k b⟩, which it has accepted",
            state(to_leader_0={promise(2, TWO)}, acceptor_0=voted(ONE, TWO)),
        ),
    ],
    "GC-4": [
        Case(
            state(leader_0={"watermark": 2, "commanders": frozenset({Commander(ONE)})}),
            "leader 0 has collected slots below 2 and keeps slot 1",
            state(leader_0={"watermark": 2, "commanders": frozenset({Commander(TWO)})}),
        ),
        Case(
            state(leader_0={"watermark": 3, "proposals": frozenset({Proposal(2, B)})}),
            "leader 0 has collected slots below 3 and keeps slot 2",
            state(leader_0={"watermark": 2, "proposals": frozenset({Proposal(2, B)})}),
        ),
    ],
    "GC-5": [
        Case(
            state(acceptor_0=voted(ONE), acceptor_1={"votes": frozenset({TWO})}),
            "acceptor 0 has collected slot 1, which is not decided",
            state(acceptor_0=voted(ONE), acceptor_1={"votes": frozenset({ONE})}),
        )
    ],
    "GC-6": [
        Case(
            state(acceptor_0={"watermark": 2}, replica_0=down(2), environment_0=gone(0)),
            "acceptor 0 has collected slots below 2; [replica 0] are down, and nobody has them",
            state(acceptor_0={"watermark": 2}, replica_0=down(2), replica_1=done(2), environment_0=gone(0)),
        ),
        Case(  # more than f are down: nothing is claimed
            state(acceptor_0={"watermark": 2}),
            "acceptor 0 has collected slots below 2; [] are down, and nobody has them",
            state(acceptor_0={"watermark": 2}, replica_0=down(2), environment_0=gone(0, 1)),
        ),
    ],
    "GC-7": [
        Case(
            state(replica_0={"store": AFTER_A}),
            "replica 0 holds {[k, [a]]}; what it knows to have performed gives {}",
            state(replica_0={"store": AFTER_A, "performed": (A,)}),
        )
    ],
    "GC-8": [
        Case(
            state(replica_1={"slot_in": 2, "learned": frozenset({Proposal(1, CHANGE)})}),
            "replica 1 has forgotten ⟨1, reconfigure 1⟩, which governs slots from 2 on, "
            "and its slot_in is 2",
            state(replica_1={"slot_in": 3, "learned": frozenset({Proposal(1, CHANGE), Proposal(2, A)})}),
        )
    ],
    "GC-9": [
        Case(
            state(acceptor_2={"accepted": frozenset({ONE, TWO})}),
            "nothing more will happen, and acceptor 2 keeps {1, 2}: 2 slots, and WINDOW is 1",
            state(acceptor_2={"accepted": frozenset({ONE, PValue(HIGH, 1, A)})}),
        ),
        Case(
            state(leader_1={"commanders": frozenset({Commander(ONE), Commander(TWO)})}),
            "nothing more will happen, and leader 1 keeps {1, 2}: 2 slots, and WINDOW is 1",
            state(leader_1={"commanders": frozenset({Commander(TWO)})}),
        ),
    ],
    "slot-collected": [
        Case(
            state(acceptor_3={"watermark": 2}),
            "acceptor 3 has collected the slots below 2",
            state(leader_1={"watermark": 2}),
        )
    ],
    "state-transferred": [
        Case(
            state(replica_1=given_state(3)),
            "replica 1 was given the state of another replica, which has performed all below 3",
            state(replica_1=done(3)),
        )
    ],
    # what is said of logs where they are collected
    "R2": [
        Case(
            state(replica_1=given_state(3) | {"slot_out": 4}),
            "replica 1 has slot_out 4 and no decision for slot 3",
            state(replica_1=given_state(3)),
        )
    ],
    "R3": [
        Case(
            state(replica_1=given_state(2) | {"slot_out": 3, "learned": frozenset({Proposal(2, B)})}),
            "replica 1 holds {[k, [a]]}; its decisions below slot 3 give {[k, [a, b]]}",
            state(replica_1=given_state(2) | {"slot_out": 3, "learned": frozenset({Proposal(2, A)})}),
        )
    ],
    "decided-is-chosen": [
        Case(
            state(acceptor_0=voted(ONE), replica_0={"learned": frozenset({Proposal(1, A)})}),
            "replica 0 knows ⟨1, put k a⟩ as decided, which no quorum has accepted in one ballot: "
            "acceptor 0 ⟨0.0, 1, put k a⟩",
            state(
                acceptor_0=voted(ONE),
                acceptor_1=voted(ONE),
                replica_0={"learned": frozenset({Proposal(1, A)})},
            ),
        )
    ],
    "A5": [
        Case(
            state(acceptor_0=voted(ONE), acceptor_1=voted(ONE), acceptor_2=voted(PValue(HIGH, 1, B))),
            "a quorum [acceptor 0, acceptor 1] has accepted ⟨0.0, 1, put k a⟩, yet acceptor 2 has accepted "
            "⟨1.0, 1, append k b⟩",
            state(acceptor_0=voted(ONE), acceptor_1=voted(ONE), acceptor_2=voted(PValue(HIGH, 1, A))),
        )
    ],
}
EACH = each(CASES)


def test_each_property_has_its_case() -> None:
    assert {*CLAIMS, *GOALS} <= set(CASES)


@EACH
def test_says_what_is_there(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case)[0] == case.says


@EACH
def test_is_silent_where_nothing_is(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case, good=True) == []
