"""What is lost and never sent again, and what is sent again in the wrong way.

The configuration is verified with everything that the paper's section 3 sends again, on a network that may
lose any message as long as one that is sent again and again arrives at last. Each mutant leaves one thing
out, or gets it wrong.
"""

from typing import Any

from checker.modelfiles.protocol import Mutant, Variant
from pmmc import election
from pmmc import leader as proper
from pmmc.election import Watcher
from pmmc.leader import Leader
from pmmc.messages import P2b
from pmmc.values import Context, Step
from spec.mutants.configurations import Model, by_setting, natural
from spec.mutants.controls import CONTROLS
from spec.mutants.elections import ARRIVES, elected
from spec.mutants.leaders import CRASH
from spec.mutants.replicas import REPLICA_MUTANTS, abandon
from spec.variants.retransmissions import LIU

Steps = tuple[Step, ...]

displaced = next(mutant for mutant in REPLICA_MUTANTS if mutant.id == "D-03")
elsewhere_decided = next(mutant for mutant in CONTROLS if mutant.id == "D-11")

#: Everything that is sent again.
AGAIN = {
    **dict.fromkeys(("p1a", "p2a", "proposals", "requests"), "sent-again"),
    "decided": "answered",
    "replica": "answers-again",
}
#: What fair runs rest on here: what is sent again and again arrives.
PERSISTENT: Model = {"fair": ["wakes"], "strongly_fair": ["deliveries"]}
LOSS: Model = {**natural(clients=1, network="lossy", rules=AGAIN), **PERSISTENT}
#: The leader that has preempted the other one may crash, while that one is in its second phase.
OVERTAKEN: Model = {
    **natural(
        leaders=2,
        rounds=3,
        rules={"election": "by-ping", "detector": "accurate", "p2a": "sent-again"},
        faults=CRASH,
    ),
    "fair": ["deliveries", "leader.wakes"],
}


def without(part: str) -> dict[str, Any]:
    """All that is sent again but for one part of it."""
    return {"rules": {name: way for name, way in AGAIN.items() if name != part}}


def left_out(mutant_id: str, name: str, part: str, **entry: Any) -> Mutant:
    """The configuration without one part of what is sent again."""
    return by_setting(
        mutant_id, name, without(part), model=LOSS, property="every-request-answered", **entry
    )


def on_p2b_takes_refusals_for_losses(context: Context, leader: Watcher, message: P2b) -> Steps:
    """A commander goes on waiting, and asking, when it is refused."""
    if message.current > message.ballot:
        return (Step(leader),)
    return election.on_p2b(context, leader, message)


def resend_p1a_to_all(context: Context, leader: Leader) -> Steps:
    """A scout that waits asks everybody again."""
    if leader.scout is None:
        return ()
    return (Step(leader, proper.probe(context, leader.ballot)),)


def resend_p2a_to_all(context: Context, leader: Leader) -> Steps:
    """Every commander asks everybody again."""
    ordered = sorted(leader.commanders, key=lambda c: (c.pvalue.ballot, c.pvalue.slot))
    sends = tuple(send for c in ordered for send in proper.command(context, c.pvalue))
    return (Step(leader, sends),) if sends else ()


def to_all(part: str, wake: str, resend: Any) -> Variant:
    """Another way to ask acceptors again."""
    about = "Acceptors that have answered are asked again too."
    return Variant(part, "sent-to-all-again", "leader", about, FREE, wakes={wake: resend})


FREE = "the paper, section 3, does not say to whom"

LOSS_MUTANTS = (
    left_out(
        "C-11",
        "p1a-sent-once",
        "p1a",
        about="A scout asks once; if its message or an answer is lost the leader never becomes active.",
        source=f"{LIU} (1 of 4)",
        length=4,
        account="then 4 steps for ever",
        lesson="Who waits for an answer must ask again.",
    ),
    left_out(
        "C-12",
        "p2a-sent-once",
        "p2a",
        about="A commander asks once; if its message or an answer is lost the slot is never decided.",
        source=f"{LIU} (2 of 4)",
        length=6,
        account="then 4 steps for ever",
        lesson="An active leader is no better off: each slot can be lost by itself.",
    ),
    elected(
        "C-13",
        "refusals-taken-for-losses",
        {P2b: on_p2b_takes_refusals_for_losses},
        about="A commander that is refused asks again, for ever, instead of letting its leader run again.",
        source=f"{LIU} (3 of 4): preempted is lost",
        model=OVERTAKEN,
        length=6,
        account="then 3 steps for ever",
        lesson="Sending again is no progress if the answer is no.",
    ),
    left_out(
        "C-14",
        "decided-not-answered",
        "decided",
        about="A leader ignores a proposal for a slot that it knows decided; a replica that has missed the "
        "decision proposes in vain.",
        source=f"{LIU} (4 of 4)",
        length=8,
        account="then 4 steps for ever",
        lesson="A message that asks for what was done already needs its answer too.",
    ),
    left_out(
        "D-09",
        "hole-never-filled",
        "proposals",
        about="A replica proposes once; if that is lost nobody fills the slot, and all wait behind it.",
        source="Multi-Paxos folklore: new leaders fill holes with no-ops; here replicas propose",
        length=5,
        account="then 2 steps for ever",
        lesson="Everything waits behind a hole.",
    ),
    left_out(
        "D-06a",
        "duplicate-not-answered",
        "replica",
        about="The paper's perform does not answer a command that was performed already; its client asks "
        "again and again.",
        source="paper, section 2.1, perform (P4 among its loose ends); the cure is IronFleet's reply cache",
        length=9,
        account="then 2 steps for ever",
        lesson="A client that asks again needs a replica that answers again.",
    ),
    left_out(
        "D-13",
        "request-sent-once",
        "requests",
        about="A client asks once; if its request or the answer is lost it waits for ever.",
        source="against the paper, section 3: clients send again until they are answered",
        length=4,
        lesson="The last who can send again is the client.",
    ),
    Mutant(
        "D-08a",
        "proposed-for-a-new-slot",
        about="A replica that has waited long proposes its command for a new slot, and gives up the old.",
        source="against the paper, section 2.1: each slot below slot_in is decided or proposed for",
        model={**LOSS, "bounds": {"slots": 2, "rounds": 1, "window": 2}},
        variants=(
            Variant(
                "proposals",
                "for-a-new-slot",
                "replica",
                "A replica that has waited long proposes its command for a new slot.",
                "against the paper, section 2.1",
                wakes={"resendPropose": abandon},
            ),
        ),
        property="every-request-answered",
        length=7,
        account="then 2 steps for ever",
        lesson="The old slot may never be decided, and the new one waits for it.",
    ),
    Mutant(
        "D-03a",
        "displaced-command-never-performed",
        about="A proposal that lost its slot to another command is not put back among the requests.",
        source="against the paper, section 2.1, figure 1: requests := requests ∪ {c''}",
        model={**natural(replicas=2, commands=2, slots=2, network="fifo"), **ARRIVES},
        variants=displaced.variants,
        property="every-command-performed",
        length=18,
        lesson="Where all messages arrive and nobody crashes a command can be lost all the same.",
    ),
    Mutant(
        "D-11a",
        "proposes-in-decided-slot-again",
        about="A replica that lags behind proposes for slots whose decision it knows.",
        source="against the paper, section 2.1, propose: only if there is no decision for slot_in",
        model={
            **natural(replicas=2, commands=2, slots=2, network="fifo"),
            **ARRIVES,
            "properties": ["R1", "every-command-performed"],
        },
        variants=elsewhere_decided.variants,
        lesson="It takes longer: what has lost its slot is a request again.",
    ),
    Mutant(
        "N-61",
        "asks-everybody-again",
        about="Scouts and commanders that wait ask those again, too, who have answered.",
        source=FREE,
        model={
            **LOSS,
            "nodes": {"acceptors": 2, "leaders": 1, "replicas": 1, "clients": 1},
            "rules": {**AGAIN, "p1a": "sent-to-all-again", "p2a": "sent-to-all-again"},
            "properties": ["R1", "every-request-answered"],
        },
        variants=(
            to_all("p1a", "resendP1a", resend_p1a_to_all),
            to_all("p2a", "resendP2a", resend_p2a_to_all),
        ),
        lesson="An answer twice is an answer: acceptors are counted, not answers.",
    ),
)
