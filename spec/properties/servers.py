"""Servers: what those of UW's lab on Paxos are held to, slot by slot (DSLabs, lab 3: `slotValid`)."""

from collections.abc import Mapping
from typing import Any

from checker.model.properties import Kind, Property
from pmmc.values import Node
from spec import views
from spec.setting import Setting


def _slot_valid(setting: Setting, journals: Mapping[Node, Any]) -> str | None:
    from spec.journals import slot_valid  # noqa: PLC0415 - few models have servers

    return slot_valid(setting, journals)


SERVER_PROPERTIES = (
    Property(
        id="slot-valid",
        kind=Kind.STATE,
        meaning="Servers know one chosen command of a slot at most. A quorum of them has accepted or "
        "chosen it, or has cleared the slot; of a slot that is cleared somewhere a quorum knows something. "
        "What servers say of the first slot not cleared, and of the last not empty, is so.",
        source="DSLabs, lab 3, slotValid",
        views=(views.JOURNAL,),
        judge=_slot_valid,
        default=False,
    ),
)
#: What is checked by default of servers.
OF_SERVERS = tuple(p.id for p in SERVER_PROPERTIES)
