"""Messages under way as model files write them: as reports show them, so that they can be copied.

    replica 0: {inbox: ["decision(1, put k A) from leader 0"]}

What waits for a node is given as a whole. Who sent a message is said after it, unless the message itself
says so or nothing depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from checker.model.values import field_names
from checker.modelfiles.complaints import Path, Unknown, shown
from pmmc.ballots import Ballot
from pmmc.messages import P1a, P2a
from pmmc.values import Command, Node, PValue
from spec.notation import Reader
from spec.travels import TRAVELS, travel

_MESSAGE = re.compile(r"(\w+)\((.*)\)(?: for (\w+ +\d+))?(?: from (.+))?", re.DOTALL)
_ROLES = frozenset({"acceptor", "leader", "replica"})
_OPENING, _CLOSING = "(⟨{[", ")⟩}]"

#: A message with its sender.
Sent = tuple[Node, Any]


def _whole(text: str) -> str | int:
    """A number that is written as one, or else the text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else text


def _ballot(reader: Reader, path: Path, text: str) -> Ballot | None:
    return reader.ballot(path, _whole(text))


def _slot(reader: Reader, path: Path, text: str) -> int | None:
    return reader.slot(path, _whole(text))


def _pvalue(reader: Reader, path: Path, text: str) -> PValue | None:
    parts = [*_parts(text[1:-1])] if text[:1] + text[-1:] == "⟨⟩" else []
    if len(parts) != 3:
        reader.object_to(path, f"expected a pvalue such as ⟨0.0, 1, put k A⟩, not {shown(text)}")
        return None
    ballot, slot, command = parts
    return reader.pvalue(path, [_whole(ballot), _whole(slot), command])


def _pvalues(reader: Reader, path: Path, text: str) -> frozenset[PValue] | None:
    if text[:1] + text[-1:] != "{}":
        reader.object_to(
            path, f"expected a set of pvalues such as {{⟨0.0, 1, put k A⟩}}, not {shown(text)}"
        )
        return None
    found = [_pvalue(reader, path, part) for part in _parts(text[1:-1])]
    return None if None in found else frozenset(p for p in found if p is not None)


def _node(role: str) -> Callable[[Reader, Path, str], Node | None]:
    def read(reader: Reader, path: Path, text: str) -> Node | None:
        names = {str(node): node for node in reader.deployment.nodes(role)}
        if text not in names:
            reader.object_to(path, Unknown.of(role, text, names))
        return names.get(text)

    return read


def _command(reader: Reader, path: Path, text: str) -> Command | None:
    return reader.command(path, text)


def _next_slot(reader: Reader, path: Path, text: str) -> int | None:
    return reader.next_slot(path, _whole(text))


def _count(reader: Reader, path: Path, text: str) -> int | None:
    return reader.count(path, _whole(text))


_SLOT_OUT = {"replica": _node("replica"), "slot_out": _next_slot}

#: Name of a message → how its fields are read, in their order; of those that its type has. Clients' inboxes
#: are not written, and no state that is transferred.
FIELDS: Mapping[str, Mapping[str, Callable[[Reader, Path, str], Any]]] = MappingProxyType(
    {
        "request": {"command": _command},
        "propose": {"slot": _slot, "command": _command},
        "p1a": {"leader": _node("leader"), "ballot": _ballot},
        "p1b": {
            "acceptor": _node("acceptor"),
            "ballot": _ballot,
            "current": _ballot,
            "accepted": _pvalues,
            "watermark": _next_slot,
        },
        "report": _SLOT_OUT,
        "fetch": _SLOT_OUT,
        "collected": {"watermark": _next_slot},
        "read": {"command": _command},
        "readQuery": {"replica": _node("replica"), "command": _command},
        "readReply": {
            "acceptor": _node("acceptor"),
            "command": _command,
            "slot": _count,
            "accepted": _pvalues,
        },
        "indexQuery": {"replica": _node("replica"), "command": _command},
        "indexClaim": {
            "ballot": _ballot,
            "replica": _node("replica"),
            "command": _command,
            "slot": _count,
        },
        "leaseRequest": {"replica": _node("replica"), "number": _count},
        "leaseGrant": {"acceptor": _node("acceptor"), "number": _count, "slot": _count},
        "slotQuery": {"replica": _node("replica"), "number": _count},
        "slotReply": {"acceptor": _node("acceptor"), "number": _count, "slot": _count},
        "p2a": {"leader": _node("leader"), "pvalue": _pvalue},
        "p2b": {"acceptor": _node("acceptor"), "ballot": _ballot, "slot": _slot, "current": _ballot},
        "decision": {"slot": _slot, "command": _command},
    }
)


def without_inboxes(initial: Mapping[str, Any]) -> dict[str, Any]:
    """Where nodes begin, but for what waits for them."""

    def without(value: Any) -> Any:
        return {k: v for k, v in value.items() if k != "inbox"} if isinstance(value, dict) else value

    return {name: without(value) for name, value in initial.items()}


@dataclass(frozen=True, slots=True)
class Inboxes:
    """Reads what waits for nodes: messages of these names and types.

    With `told` it matters who sent a message that does not say so.
    """

    reader: Reader
    messages: Mapping[str, type]
    told: bool

    def read(self, path: Path, initial: Mapping[str, Any]) -> dict[Node, list[Sent]]:
        """Node → all that waits for it, of those for which the file says it; what is faulty is left out."""
        found = {}
        for name, value in initial.items():
            if isinstance(value, dict) and "inbox" in value and name in self.reader.nodes:
                node = self.reader.nodes[name]
                found[node] = [*self._inbox((*path, name, "inbox"), node, value["inbox"])]
        return found

    def _inbox(self, path: Path, node: Node, value: Any) -> Iterator[Sent]:
        if not isinstance(value, list):
            self.reader.object_to(path, f"expected a list of messages, not {shown(value)}")
            return
        for i, written in enumerate(value):
            message = self._message((*path, i), node, written)
            if message is not None:
                yield message

    def _message(self, path: Path, node: Node, written: Any) -> Sent | None:
        """A message with its sender; None, with objections, if it is none."""
        found = _MESSAGE.fullmatch(written.strip()) if isinstance(written, str) else None
        known = [name for name in self.messages if name in FIELDS and node.role in TRAVELS[name].receivers]
        if found is None:
            hint = "; with a comma in it, it must be in quotes" if "(" in str(written) else ""
            what = f"a message as reports show it, such as {self._form(known[0])}"
            self.reader.object_to(path, f"expected {what}, not {shown(written)}{hint}")
            return None
        name, inner, receiver, sender = found.groups()
        if name not in known:
            self.reader.object_to(path, Unknown.of(f"message for {node.role}s", name, known))
            return None
        fields, parts = self._fields(name), [*_parts(inner)]
        if len(parts) != len(fields):
            self.reader.object_to(path, f"expected {self._form(name)}, not {shown(written)}")
            return None
        read = [
            field(self.reader, path, _unnamed(name, part))
            for (name, field), part in zip(fields.items(), parts, strict=True)
        ]
        if any(value is None for value in read):
            return None
        message = self.messages[name](*read)
        if not self._owns(path, message):
            return None
        by = self._sender(path, message, sender) if self._is_here(path, node, receiver) else None
        return None if by is None else (by, message)

    def _form(self, name: str) -> str:
        """How a message is written."""
        return f"{name}({', '.join(self._fields(name))})"

    def _fields(self, name: str) -> Mapping[str, Callable[[Reader, Path, str], Any]]:
        """How the fields of a message are read."""
        there, _ = field_names(self.messages[name])
        return {field: read for field, read in FIELDS[name].items() if field in there}

    def _is_here(self, path: Path, node: Node, receiver: str | None) -> bool:
        """Whether a message that may say for whom it is stands where it belongs; objects if not."""
        if receiver not in (None, str(node)):
            self.reader.object_to(path, f"it is for {receiver}, and stands where messages for {node} do")
            return False
        return True

    def _owns(self, path: Path, message: Any) -> bool:
        """Whether the ballot of what leaders send is the leader's own; objects if not."""
        if not isinstance(message, P1a | P2a):
            return True
        ballot = message.ballot if isinstance(message, P1a) else message.pvalue.ballot
        if ballot.leader != message.leader.index:
            self.reader.object_to(path, f"ballot {ballot} is none of {message.leader}")
        return bool(ballot.leader == message.leader.index)

    def _sender(self, path: Path, message: Any, given: str | None) -> Node | None:
        """Who sent a message: who it says, or else who the file says, or else anybody."""
        role = travel(type(message)).sender
        nodes = self.reader.deployment.nodes(role)
        says = message.command.client if role == "client" else getattr(message, role, None)
        if given is not None and given not in map(str, nodes if says is None else (says,)):
            self.reader.object_to(path, f"it is sent by {says or f'one of the {role}s'}, not by {given}")
            return None
        if says is not None or given is not None:
            return says or next(node for node in nodes if str(node) == given)
        if self.told and len(nodes) > 1:
            fault = f"say who sent it, as in '… from {nodes[0]}': here that makes a difference"
            self.reader.object_to(path, fault)
            return None
        return nodes[0] if nodes else Node(role, 0)


def _unnamed(field: str, text: str) -> str:
    """A value without the name of its field, which may stand before it; the name of a node has it in it."""
    return text if field in _ROLES else re.sub(rf"^{field}\s+", "", text)


def _parts(text: str) -> Iterator[str]:
    """What commas part, but for those inside brackets."""
    depth, begin = 0, 0
    for i, letter in enumerate(text):
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if letter == "," and not depth:
            yield text[begin:i].strip()
            begin = i + 1
    if text.strip():
        yield text[begin:].strip()
