"""Every property can fail: a state or step made by hand breaks it, and the sentence names the witnesses.

The good states beside them break nothing, so it is that one difference which the property sees.
"""

from dataclasses import replace
from typing import Any

import pytest

from checker.model.judging import Judge, judge_state
from checker.model.properties import Kind, Property
from checker.model.semantics import Cell, State, initial_state
from checker.modelfiles.loading import load_text
from pmmc.ballots import Ballot
from pmmc.kv import Get, Put
from pmmc.leader import Commander
from pmmc.messages import P1b, P2a, P2b
from pmmc.values import Command, Node, Proposal, PValue, filler
from spec.calls import BY_ROLE
from spec.properties import PROPERTIES, SLOT_BY_SLOT, SLOT_BY_SLOT_AND_NONE
from spec.properties.collection import COLLECTION_GOALS, COLLECTION_PROPERTIES
from spec.properties.leases import LEASE_GOALS, LEASE_PROPERTIES
from spec.properties.servers import SERVER_PROPERTIES
from spec.protocol import PMMC
from spec.readings import Evaluation
from spec.variants.acceptors import Voter
from spec.views import Changes
from tests.unit.spec.broken import Case, Step, each, found

#: Those of garbage collection, of servers and of leases have their cases in files of their own.
ELSEWHERE = {
    *(p.id for p in (*COLLECTION_PROPERTIES, *COLLECTION_GOALS, *SERVER_PROPERTIES)),
    *(p.id for p in (*LEASE_PROPERTIES, *LEASE_GOALS)),
    *BY_ROLE,
}
HERE = [p for p in PROPERTIES.values() if p.id not in ELSEWHERE]
CLAIMS = [p.id for p in HERE if p.kind is not Kind.SOMETIMES]
GOALS = [p.id for p in HERE if p.kind is Kind.SOMETIMES]
SYSTEM = load_text(
    f"""
name: by-hand
nodes: {{replicas: 2, clients: 1}}
configurations: [{{acceptors: 3, leaders: 2}}, {{acceptors: 1, leaders: 1}}, {{acceptors: 1, leaders: 1}}]
commands: [put k a, append k b, reconfigure 1, reconfigure 2]
bounds: {{slots: 3, rounds: 3, window: 2}}
network: at-most-once
faults: {{shutdown: known, crashes: 1}}
rules: {{reads: quorum}}
properties: [{", ".join(CLAIMS)}]
sometimes: [{", ".join(GOALS)}]
""",
    "by-hand.yaml",
    protocols={"pmmc": PMMC},
).system
JUDGED = {p.id: p for p in SYSTEM.properties}

A, B, NEW, NEWEST = SYSTEM.setting.commands
STRANGER = Command(Node("client", 0), 7, Put("k", "z"))
LOW, HIGH = Ballot(0, 0), Ballot(1, 1)
FIRST = {str(m.name): cell.local for m, cell in zip(SYSTEM.members, initial_state(SYSTEM), strict=True)}


def state(**changed: dict[str, Any] | Voter | set[Any]) -> State:
    """The first state with some fields of some nodes changed; `acceptor_0` stands for acceptor 0.

    A set is what is under way to a node; to others nothing is.
    """
    locals_, waiting = dict(FIRST), dict.fromkeys(FIRST, frozenset())
    for name, fields in changed.items():
        node = name.removeprefix("to_").replace("_", " ")
        if isinstance(fields, set):
            waiting[node] = frozenset(fields)
        else:
            locals_[node] = fields if isinstance(fields, Voter) else replace(locals_[node], **fields)
    return tuple(Cell(locals_[node], waiting[node]) for node in (str(m.name) for m in SYSTEM.members))


def votes(ballot: Ballot, *accepted: PValue) -> dict[str, Any]:
    return {"ballot": ballot, "accepted": frozenset(accepted)}


def reduced(kept: PValue, *forgotten: PValue) -> Voter:
    """An acceptor with state reduction."""
    return Voter(HIGH, frozenset({kept}), frozenset({kept, *forgotten}))


def commanding(*pvalues: PValue) -> dict[str, Any]:
    return {"active": True, "scout": None, "commanders": frozenset(map(Commander, pvalues))}


def knows(**decided: Command) -> dict[str, Any]:
    """Decisions by slot: knows(slot1=A)."""
    found = frozenset(Proposal(int(slot.removeprefix("slot")), c) for slot, c in decided.items())
    return {"decisions": found}


def log(slot_out: int, *performed: Command, store: Any = frozenset(), **decided: Command) -> dict[str, Any]:
    return {**knows(**decided), "slot_out": slot_out, "performed": performed, "store": store}


#: The store after A, and after A and then B; a replica and the client when all is done.
AFTER_A, AFTER_AB = frozenset({("k", ("a",))}), frozenset({("k", ("a", "b"))})
DONE = log(3, A, B, store=AFTER_AB, slot1=A, slot2=B)
ANSWERED = replace(FIRST["client 0"], todo=(), answers=((A, ("a",)), (B, ("a", "b"))))


def holding(slot: int, command: Command) -> dict[str, Any]:
    return {"proposals": frozenset({Proposal(slot, command)})}


def passing(slot_in: int, configuration: int, **decided: Command) -> dict[str, Any]:
    return {**knows(**decided), "slot_in": slot_in, "configuration": configuration}


def promise(ballot: Ballot, *accepted: PValue) -> P1b:
    """Acceptor 0 has adopted a ballot, and has accepted this."""
    return P1b(Node("acceptor", 0), ballot, ballot, frozenset(accepted))


def order(pvalue: PValue) -> P2a:
    return P2a(Node("leader", 0), pvalue)


def knowledge(undecided: int, slot: int) -> Changes:
    """What a replica knows to which slot 1 has brought configuration 1."""
    return Changes(undecided, frozenset({(slot, 1)}))


def seen(*known: Changes) -> dict[str, Any]:
    """What the operator sees of replicas."""
    return {"seen": frozenset((Node("replica", i), one) for i, one in enumerate(known))}


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


ONE, TWO = PValue(LOW, 1, A), PValue(LOW, 1, B)
OVER = PValue(HIGH, 1, B)
AGAIN = PValue(HIGH, 1, A)
#: Ballots of the other configurations, and what their acceptors may have accepted.
SECOND, SECOND_LATER, LATE = Ballot(0, 2), Ballot(1, 2), Ballot(0, 3)
IN_SECOND, FOR_NEW = PValue(SECOND, 1, B), PValue(SECOND, 3, B)

CASES: dict[str, list[Case | Step]] = {
    "A1": [
        Step(
            "acceptor 1",
            votes(HIGH),
            votes(LOW),
            "acceptor 1 goes back from ballot 1.1 to 0.0",
            votes(Ballot(2, 0)),
        )
    ],
    "A2": [
        Step(
            "acceptor 1",
            votes(HIGH),
            votes(HIGH, ONE),
            "acceptor 1 accepts ⟨0.0, 1, put k a⟩ while its ballot is 1.1",
            votes(HIGH, OVER),
        )
    ],
    "A3": [
        Step(
            "acceptor 1",
            votes(HIGH, ONE, OVER),
            votes(HIGH, OVER),
            "acceptor 1 no longer holds {⟨0.0, 1, put k a⟩}, which it had accepted",
            votes(HIGH, ONE, OVER),
        )
    ],
    "kept-ballot-rises": [
        Step(
            "acceptor 1",
            votes(HIGH, OVER),
            votes(HIGH, ONE),
            "acceptor 1 goes back from ballot 1.1 to 0.0 in slot 1",
            votes(HIGH, OVER, PValue(LOW, 2, B)),
        ),
        Step(
            "acceptor 1",
            votes(HIGH, ONE),
            votes(HIGH, PValue(LOW, 2, B)),
            "acceptor 1 keeps no pvalue of slot 1 any more; it had one of ballot 0.0",
            votes(HIGH, OVER),
        ),
    ],
    "one-kept": [
        Case(
            state(acceptor_1=votes(HIGH, ONE, OVER)),
            "acceptor 1 keeps {⟨0.0, 1, put k a⟩, ⟨1.1, 1, append k b⟩}: 2 pvalues of slot 1",
            state(acceptor_1=votes(HIGH, OVER, PValue(LOW, 2, B))),
        )
    ],
    "kept-is-highest": [
        Case(
            state(acceptor_1=reduced(ONE, OVER)),
            "acceptor 1 keeps {⟨0.0, 1, put k a⟩}, and the highest that it accepted are {⟨1, append k b⟩}",
            state(acceptor_1=reduced(OVER, ONE)),
        )
    ],
    "chosen-command-kept": [
        Case(
            state(acceptor_0=reduced(ONE), acceptor_1=reduced(OVER, ONE), acceptor_2=reduced(OVER)),
            "[acceptor 0, acceptor 1] have accepted ⟨0.0, 1, put k a⟩, "
            "and only [acceptor 0] keep its command",
            state(acceptor_0=reduced(ONE), acceptor_1=reduced(AGAIN, ONE)),
        )
    ],
    "chosen-pvalue-kept": [
        Case(
            state(acceptor_0=reduced(ONE), acceptor_1=reduced(AGAIN, ONE)),
            "a quorum has accepted ⟨0.0, 1, put k a⟩, and what they keep now is: acceptor 0 "
            "{⟨0.0, 1, put k a⟩}, acceptor 1 {⟨1.1, 1, put k a⟩}",
            state(acceptor_0=votes(HIGH, ONE), acceptor_1=votes(HIGH, ONE, AGAIN)),
        )
    ],
    "A4": [
        Case(
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(LOW, TWO)),
            "acceptor 2 has accepted ⟨0.0, 1, append k b⟩ and acceptor 0 has accepted ⟨0.0, 1, put k a⟩: "
            "one ballot and slot, two commands",
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(LOW, ONE)),
        ),
        Case(
            state(acceptor_0=votes(LOW, ONE, TWO)),
            "acceptor 0 has accepted ⟨0.0, 1, append k b⟩ and acceptor 0 has accepted ⟨0.0, 1, put k a⟩: "
            "one ballot and slot, two commands",
            state(acceptor_0=votes(LOW, ONE, PValue(LOW, 2, B)), acceptor_1=votes(HIGH, OVER)),
        ),
    ],
    "A5": [
        Case(
            state(acceptor_0=votes(LOW, ONE), acceptor_1=votes(LOW, ONE), acceptor_2=votes(HIGH, OVER)),
            "a quorum [acceptor 0, acceptor 1] has accepted ⟨0.0, 1, put k a⟩, "
            "yet acceptor 2 has accepted ⟨1.1, 1, append k b⟩",
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(HIGH, OVER)),
        ),
        Case(  # ballots of different configurations are not compared
            state(
                acceptor_3=votes(SECOND, IN_SECOND), acceptor_4=votes(SECOND, PValue(SECOND_LATER, 1, A))
            ),
            "a quorum [acceptor 3] has accepted ⟨0.2, 1, append k b⟩, "
            "yet acceptor 4 has accepted ⟨1.2, 1, put k a⟩",
            state(acceptor_3=votes(SECOND, IN_SECOND), acceptor_0=votes(HIGH, AGAIN)),
        ),
    ],
    "C1": [
        Case(
            state(leader_0=commanding(ONE), leader_1=commanding(TWO)),
            "leader 1 commands ⟨0.0, 1, append k b⟩ and leader 0 commands ⟨0.0, 1, put k a⟩: "
            "one ballot and slot, two commands",
            state(leader_0=commanding(ONE), leader_1=commanding(OVER)),
        )
    ],
    "C2": [
        Case(
            state(acceptor_0=votes(LOW, ONE), acceptor_2=votes(LOW, ONE), leader_1=commanding(OVER)),
            "a quorum [acceptor 0, acceptor 2] has accepted ⟨0.0, 1, put k a⟩, "
            "yet leader 1 commands ⟨1.1, 1, append k b⟩",
            state(acceptor_0=votes(LOW, ONE), leader_1=commanding(OVER)),
        ),
        Case(
            state(acceptor_3=votes(SECOND, IN_SECOND), leader_2=commanding(PValue(SECOND_LATER, 1, A))),
            "a quorum [acceptor 3] has accepted ⟨0.2, 1, append k b⟩, "
            "yet leader 2 commands ⟨1.2, 1, put k a⟩",
            state(acceptor_3=votes(SECOND, IN_SECOND), leader_1=commanding(AGAIN)),
        ),
    ],
    "unique-ballots": [
        Case(
            state(leader_0={"ballot": HIGH}, leader_1={"ballot": HIGH}),
            "leader 0 and leader 1 both have ballot 1.1",
            state(leader_0={"ballot": Ballot(1, 0)}, leader_1={"ballot": HIGH}),
        )
    ],
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
    "some-leader-active": [
        Case(state(leader_1=commanding()), "leader 1 is active", state()),
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
    "told-is-kept": [
        Case(
            state(to_leader_0={promise(LOW)}, acceptor_1=votes(LOW)),
            "acceptor 0 tells leader 0 that its ballot is 0.0, and now its ballot is ⊥",
            state(to_leader_0={promise(LOW)}, acceptor_0=votes(HIGH)),
        ),
        Case(
            state(to_leader_1={P2b(Node("acceptor", 2), HIGH, 1, HIGH)}, acceptor_2=votes(HIGH, ONE)),
            "acceptor 2 tells leader 1 that it has accepted in slot 1, in ballot 1.1, and now it holds "
            "{⟨0.0, 1, put k a⟩}",
            state(to_leader_1={P2b(Node("acceptor", 2), LOW, 1, HIGH)}, acceptor_2=votes(HIGH)),
        ),
        Case(
            state(to_leader_1={P2b(Node("acceptor", 2), LOW, 2, LOW)}, acceptor_2=votes(HIGH, ONE)),
            "acceptor 2 tells leader 1 that it has accepted in slot 2, in ballot 0.0, and now it holds {}",
            state(to_leader_1={P2b(Node("acceptor", 2), LOW, 1, LOW)}, acceptor_2=votes(HIGH, OVER)),
        ),
    ],
    "promise-tells-all": [
        Case(
            state(to_leader_0={promise(LOW, ONE)}),
            "acceptor 0 tells leader 0 for ballot 0.0 of {⟨0.0, 1, put k a⟩}, which it has not accepted",
            state(to_leader_0={promise(LOW, ONE)}, acceptor_0=votes(HIGH, ONE, OVER)),
        ),
        Case(
            state(to_leader_0={promise(HIGH)}, acceptor_0=votes(HIGH, ONE)),
            "acceptor 0 tells leader 0 for ballot 1.1 of {}, and not of ⟨0.0, 1, put k a⟩, which it has "
            "accepted",
            state(to_leader_0={promise(HIGH)}, acceptor_0=votes(HIGH, OVER), acceptor_1=votes(HIGH, ONE)),
        ),
    ],
    "one-order": [
        Case(
            state(to_acceptor_0={order(ONE)}, to_acceptor_2={order(TWO)}),
            "acceptor 2 has accepted or is to accept ⟨0.0, 1, append k b⟩ and acceptor 0 has accepted or "
            "is to accept ⟨0.0, 1, put k a⟩: one ballot and slot, two commands",
            state(to_acceptor_0={order(ONE)}, to_acceptor_2={order(OVER), order(ONE)}),
        ),
        Case(
            state(to_acceptor_0={order(ONE)}, acceptor_1=votes(LOW, TWO)),
            "acceptor 1 has accepted or is to accept ⟨0.0, 1, append k b⟩ and acceptor 0 has accepted or "
            "is to accept ⟨0.0, 1, put k a⟩: one ballot and slot, two commands",
            state(to_acceptor_0={order(ONE)}, acceptor_1=votes(LOW, ONE)),
        ),
    ],
    "order-is-safe": [
        Case(
            state(to_acceptor_2={order(OVER)}, acceptor_0=votes(LOW, ONE), acceptor_1=votes(LOW, ONE)),
            "a quorum [acceptor 0, acceptor 1] has accepted ⟨0.0, 1, put k a⟩, yet acceptor 2 is to accept "
            "⟨1.1, 1, append k b⟩",
            state(to_acceptor_2={order(AGAIN)}, acceptor_0=votes(LOW, ONE), acceptor_1=votes(LOW, ONE)),
        ),
    ],
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
    "new-configuration-decides": [
        Case(
            state(replica_0=knows(slot1=NEW, slot2=A, slot3=B)),
            "replica 0 knows the decision of slot 3, which is for configuration 1",
            state(replica_0=knows(slot1=NEW, slot3=B), replica_1=knows(slot1=A, slot2=NEW, slot3=B)),
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


def test_each_property_has_its_case() -> None:
    assert set(CASES) | ELSEWHERE == set(PROPERTIES)


@EACH
def test_says_what_is_there(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case) == [case.says]


@EACH
def test_is_silent_where_nothing_is(claim_id: str, case: Case | Step) -> None:
    assert found(SYSTEM, JUDGED[claim_id], case, good=True) == []


@pytest.mark.parametrize("claim_id", sorted(SLOT_BY_SLOT | SLOT_BY_SLOT_AND_NONE))
def test_judged_slot_by_slot_it_says_the_same(claim_id: str) -> None:
    whole = PROPERTIES[claim_id]
    assert JUDGED[claim_id].slices
    assert not whole.slices
    for case in CASES[claim_id]:
        for good in (False, True):
            assert found(SYSTEM, whole, case, good=good) == found(SYSTEM, JUDGED[claim_id], case, good=good)


def test_a_client_that_waits_asks_for_the_end_of_that() -> None:
    asks = PROPERTIES["waiting-ends"].trigger()
    assert asks is not None
    waiting = state(client_0={"todo": (), "waiting": A})
    says = [reason for _, reason in judge_state(SYSTEM, asks, waiting)]
    assert says == ["client 0 waits for the answer to put k a"]
    assert judge_state(SYSTEM, asks, state(client_0={"todo": (A,)})) == []


def test_a_reconfiguration_asks_for_its_effect() -> None:
    asks = PROPERTIES["RC-7"].trigger()
    assert asks is not None
    waiting = state(replica_0=knows(slot1=NEW, slot2=A), replica_1=knows(slot1=NEW))
    ((_, says),) = judge_state(SYSTEM, asks, waiting)
    assert says.startswith("configuration 1, decided in slot 1, has not taken effect at replica 1, which ")
    assert judge_state(SYSTEM, asks, state(replica_0=knows(slot1=A))) == []


def test_a_good_state_breaks_nothing_but_what_is_false() -> None:
    """Goals it shows, and one of the statements that are false on purpose it breaks."""
    accepted = votes(LOW, ONE, PValue(LOW, 2, B))
    good = state(
        acceptor_0=accepted,
        acceptor_1=accepted,
        acceptor_2=votes(HIGH),
        leader_0={"scout": None, "active": True, "proposals": frozenset({Proposal(1, A), Proposal(2, B)})},
        leader_1={"ballot": HIGH},
        replica_0=DONE | {"slot_in": 3},
        replica_1=log(2, A, store=AFTER_A, slot1=A) | {"slot_in": 2},
        client_0={"todo": (), "answers": ANSWERED.answers},
    )
    claims = {p.id for p, _ in Judge(SYSTEM).state(good)}
    assert claims == {"slot-decided", "leader-preempted", "all-answered", "nothing-decided"}


@pytest.mark.parametrize("claim", JUDGED.values(), ids=lambda p: p.id)
def test_is_written_for_readers(claim: Property) -> None:
    assert claim.meaning.endswith(".")
    assert claim.source
    assert claim.views
    assert bool(claim.note) == claim.source.startswith("false"), "a false statement is explained"
