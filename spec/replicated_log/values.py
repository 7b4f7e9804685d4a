"""What is known of a replicated log: what servers show, the messages that pass, who takes part."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pmmc.values import Command, Node

#: What a server may say of a slot. A slot of which it says nothing is empty.
EMPTY, ACCEPTED, CHOSEN, CLEARED = "empty", "accepted", "chosen", "cleared"
STATUSES = (EMPTY, ACCEPTED, CHOSEN, CLEARED)


@dataclass(frozen=True, slots=True)
class Nothing:
    """A no-op, which nobody has asked for: what servers put into a slot that has to be filled."""

    def __str__(self) -> str:
        return "noop"


#: The no-op; all are equal.
NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class Slot:
    """What a server shows of one slot: its status, and the command unless it is cleared."""

    slot: int
    status: str
    command: Command | Nothing | None = None

    def __str__(self) -> str:
        told = "" if self.command is None else f" {self.command}"
        return f"{self.slot} {self.status}{told}"


#: What a server shows of its slots, in their order, the empty ones left out.
Log = tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server shows: its log, and the commands that it has performed, in order.

    No-ops are left out of the latter, and it is None if the server does not show it.
    """

    log: Log = ()
    performed: tuple[Command, ...] | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """The local state of a server: what it shows, its own state beside it, and what bounds it.

    `fired` tells how often each timer has gone off that has, and `stage` of a staged scenario which one it
    is in. One that is `down` shows what it showed as it crashed; what its disk holds is its own affair.
    """

    shown: Shown
    fired: tuple[tuple[str, int], ...] = field(default=(), repr=False)
    stage: int = field(default=1, repr=False)
    down: bool = field(default=False, repr=False)

    def times(self, timer: str) -> int:
        """How often a timer has gone off."""
        return dict(self.fired).get(timer, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """Client → server: please perform this command; a server may pass it on to another one."""

    command: Command
    sent: int = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """Server → client: the result of the client's command of that number."""

    cid: int
    result: str
    sent: int = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """Server → server: whatever they tell each other, by its canonical text; `sent` is in which stage."""

    text: str
    sent: int = field(default=0, repr=False)

    def __str__(self) -> str:
        fields: dict[str, Any] = json.loads(self.text)
        kind = fields.pop("type")
        told = ", ".join(f"{key} {_told(value)}" for key, value in fields.items())
        return f"{kind}({told})"


def _told(value: Any) -> str:
    """A part of a message, in short: a command as its operation."""
    if isinstance(value, dict):
        if value.keys() == {"client", "cid", "op"}:
            return str(value["op"])
        return "{" + ", ".join(f"{key}: {_told(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_told, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)


@cache
def message_class(kind: str) -> type[Message]:
    """The class of the messages of a type that a model file names: what actions are told apart by."""
    made: type[Message] = dataclass(frozen=True)(
        type(kind, (Message,), {"__slots__": (), "__module__": __name__, "__doc__": Message.__doc__})
    )
    return made


@dataclass(frozen=True, slots=True)
class Setting:
    """Who takes part, what clients ask for, and what properties need besides."""

    servers: tuple[Node, ...]
    clients: tuple[Node, ...]
    commands: tuple[Command, ...]
    #: slots of a log that are told apart where a property is judged slot by slot
    slots: int

    def is_majority(self, servers: int) -> bool:
        """Whether so many servers are a majority."""
        return 2 * servers > len(self.servers)


@dataclass(frozen=True, slots=True)
class Here:
    """What a node is told: who it is, and who else there is."""

    me: Hashable
    setting: Setting
