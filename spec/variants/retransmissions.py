"""What is sent again, chosen in a model file part by part, so that a model can do without any one of them.

For networks that merge equal messages: on others there are infinitely many states.
"""

from collections.abc import Mapping
from typing import Any

from checker.modelfiles.protocol import Variant
from pmmc import retransmission
from spec.variants.elections import SECTION

LIU = (
    "Liu, Chand and Stoller, Moderately Complex Paxos Made Simple, PPDP 2019, as the design notes of "
    "cmsd2/recon tell it"
)


def _sent_again(part: str, role: str, about: str, wakes: Mapping[str, Any]) -> Variant:
    return Variant(part, "sent-again", role, about, f"{SECTION}; {LIU}", wakes=wakes)


RETRANSMISSION_VARIANTS = (
    _sent_again("p1a", "leader", "A scout that waits asks again.", retransmission.PHASE_1),
    _sent_again("p2a", "leader", "A commander that waits asks again.", retransmission.PHASE_2),
    _sent_again("pings", "leader", "A leader that watches another one pings again.", retransmission.PINGS),
    _sent_again(
        "proposals",
        "replica",
        "A replica proposes again what is not decided, for the same slots.",
        retransmission.PROPOSALS,
    ),
    _sent_again("requests", "client", "A client that waits asks again.", retransmission.REQUESTS),
    Variant(
        part="decided",
        name="answered",
        role="leader",
        about="A leader answers a proposal for a slot of which it knows the decision with that. Not "
        "for commanders as printed.",
        source=f"{SECTION}; {LIU}",
        rules=retransmission.ANSWERING,
    ),
)
