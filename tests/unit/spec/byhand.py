"""The system of which every property is judged, and its states, made by hand.

Each `test_properties_*.py` that takes its system from here has the cases of one subject.
"""

from dataclasses import replace
from typing import Any

from checker.model.properties import Kind
from checker.model.semantics import Cell, State, initial_state
from checker.modelfiles.loading import load_text
from pmmc.ballots import Ballot
from pmmc.leader import Commander
from pmmc.values import Command, Proposal, PValue
from spec.calls import BY_ROLE
from spec.properties import PROPERTIES
from spec.properties.collection import COLLECTION_GOALS, COLLECTION_PROPERTIES
from spec.properties.leases import LEASE_GOALS, LEASE_PROPERTIES
from spec.properties.servers import SERVER_PROPERTIES
from spec.protocol import PMMC
from spec.variants.acceptors import Voter

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
LOW, HIGH = Ballot(0, 0), Ballot(1, 1)
ONE, TWO = PValue(LOW, 1, A), PValue(LOW, 1, B)
OVER = PValue(HIGH, 1, B)
AGAIN = PValue(HIGH, 1, A)
#: Ballots of the other configurations, and what their acceptors may have accepted.
SECOND, SECOND_LATER, LATE = Ballot(0, 2), Ballot(1, 2), Ballot(0, 3)
IN_SECOND, FOR_NEW = PValue(SECOND, 1, B), PValue(SECOND, 3, B)
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
