"""Local situations as numbers: cells, steps and what they send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

#: What a step sends: (receiver, message numbers) for each receiver, in order of receivers; the
#: messages in the order of sending, or in order of their numbers where the network has no order.
Parcel = tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(slots=True, eq=False)
class LocalStep:
    """A rule's or wake's effect: next local state and what is sent, as numbers, and the action's name."""

    local: int
    parcel: Parcel
    action: str
    #: what the node sends to itself, and the number of what it sends to others; known once a row has it
    sent: tuple[tuple[int, ...], int] | None = None


class LocalCell(NamedTuple):
    """A cell as tables keep it: the number of its local state, and an inbox of message numbers."""

    local: int
    inbox: Any
