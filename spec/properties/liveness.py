"""What every fair run must come to: commands performed, and answered (paper, section 3).

They hold under assumptions only, which a model file names: that messages arrive (`fair`), that crashes,
losses and false suspicions come to an end (`finitely`).
"""

from collections.abc import Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.values import Node
from spec import views
from spec.properties.goals import Waiting, active_leaders, all_answered, all_performed
from spec.setting import Setting

OUTSTANDING = "paper, section 3: without new requests each outstanding one is eventually decided"


def _one_waits(setting: Setting, clients: Mapping[Node, Waiting]) -> str | None:
    for client, (_, waits) in clients.items():
        if waits is not None:
            return f"{client} waits for the answer to {show(waits)}"
    return None


def _none_waits(setting: Setting, clients: Mapping[Node, Waiting]) -> str | None:
    return "no client waits for an answer" if _one_waits(setting, clients) is None else None


def _one_active(setting: Setting, active: Mapping[Node, bool]) -> str | None:
    found = active_leaders(active)
    return f"{found[0]} is active" if found else None


LIVENESS = (
    Property(
        id="every-command-performed",
        kind=Kind.EVENTUALLY,
        meaning="In every fair run every replica performs every command.",
        source=OUTSTANDING,
        views=(views.PERFORMED,),
        judge=all_performed,
        default=False,
    ),
    Property(
        id="every-request-answered",
        kind=Kind.EVENTUALLY,
        meaning="In every fair run every client gets the answers to all of its commands.",
        source="paper, section 3: clients send again until they are answered; DSLabs, lab 3, CLIENTS_DONE",
        views=(views.ANSWERS,),
        judge=all_answered,
        default=False,
    ),
    Property(
        id="waiting-ends",
        kind=Kind.LEADS_TO,
        meaning="After a client has asked every fair run comes to a state in which none waits for an "
        "answer.",
        source="paper, section 3: clients send again until they are answered",
        views=(views.WAITING,),
        when=_one_waits,
        judge=_none_waits,
        default=False,
    ),
    Property(
        id="some-leader-active",
        kind=Kind.ALWAYS_EVENTUALLY,
        meaning="Every fair run comes again and again to a state in which some leader is active.",
        source="paper, section 3: leaders that are up do not keep each other from being active for ever",
        views=(views.ACTIVE,),
        judge=_one_active,
        default=False,
    ),
)
