"""Local states as model files write them: partial, field by field, commands named by their text.

    leader 0: {ballot: 3.0, proposals: {1: put k B}}

The same notation says where a node begins (`initial`) and what some state must show (`sometimes`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from checker.modelfiles.complaints import Objection, Path, Unknown, shown
from pmmc.integers import IntegerBallots
from pmmc.values import BOTTOM, Ballot, Command, Deployment, Node, Proposal, PValue

_NODE = re.compile(r"(acceptor|leader|replica|client) +([0-9]{1,4})")
_BALLOT = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})")


def is_count(value: Any) -> bool:
    """Whether a value of a file is a whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads local states of one model. What is wrong goes to `wrong`, and None takes the value's place."""

    deployment: Deployment
    commands: Mapping[str, Command]
    wrong: list[Objection]
    nodes: Mapping[str, Node] = field(init=False)

    def __post_init__(self) -> None:
        made = self.deployment
        nodes = {str(node): node for node in (*made.acceptors, *made.leaders, *made.replicas)}
        object.__setattr__(self, "nodes", nodes)

    def object_to(self, path: Path, message: str | Unknown, *, key: bool = False) -> None:
        """Note a fault at a path."""
        self.wrong.append(Objection(path, message, key))

    def node(self, path: Path, text: str) -> Node | None:
        """The node of a name such as `leader 0`; else None, with a fault noted at `path`."""
        found = _NODE.fullmatch(text)
        if text in self.nodes:
            return self.nodes[text]
        if found and found[1] == "client":
            self.object_to(path, "clients begin with their commands and nothing else", key=True)
        elif found:
            count = len(getattr(self.deployment, f"{found[1]}s"))
            there = f"{count} {found[1]}s, numbered from 0" if count != 1 else f"one {found[1]}, number 0"
            self.object_to(path, f"there is no {text}: this model has {there}", key=True)
        else:
            self.object_to(path, Unknown.of("node", text, self.nodes), key=True)
        return None

    def fields(self, path: Path, node: Node, value: Any) -> dict[str, Any]:
        """The fields that the file gives for a node; invalid ones are noted as faults and left out."""
        if not isinstance(value, dict):
            self.object_to(path, f"expected a mapping field: value, not {shown(value)}")
            return {}
        readers = FIELDS[node.role]
        read: dict[str, Any] = {}
        for name, written in value.items():
            if name not in readers:
                message = Unknown.of(f"field of {node.role}s", name, readers)
                self.object_to((*path, name), message, key=True)
                continue
            result = readers[name](self, (*path, name), written)
            if result is not None:
                read[name] = result
        self._agree(path, node, read)
        return read

    def _agree(self, path: Path, node: Node, read: Mapping[str, Any]) -> None:
        """Object to fields that no leader can have together."""
        if node.role != "leader":
            return
        ballot = read.get("ballot")
        if ballot is not None and ballot.leader != node.index:
            owner = "nobody" if ballot == BOTTOM else f"leader {ballot.leader}"
            self.object_to((*path, "ballot"), f"ballot {ballot} belongs to {owner}, not to {node}")
        if read.get("active") and read.get("scout"):
            self.object_to((*path, "scout"), "an active leader has no scout any more")

    def whole(self, path: Path, value: Any, low: int, high: int, what: str) -> int | None:
        """A whole number in a range."""
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        span = f"from {low} to {high}" if low < high else f"{low}"
        self.object_to(path, f"expected {what}, a whole number {span}, not {shown(value)}")
        return None

    def slot(self, path: Path, value: Any, *, key: bool = False) -> int | None:
        """A slot of the log."""
        last = self.deployment.slots or 1
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= last:
            return value
        self.object_to(path, f"expected a slot from 1 to {last}, not {shown(value)}", key=key)
        return None

    def next_slot(self, path: Path, value: Any) -> int | None:
        """A slot, or the one after the last."""
        return self.whole(path, value, 1, (self.deployment.slots or 1) + 1, "a slot")

    def flag(self, path: Path, value: Any) -> bool | None:
        """True or false."""
        if isinstance(value, bool):
            return value
        self.object_to(path, f"expected true or false, not {shown(value)}")
        return None

    def ballot(self, path: Path, value: Any) -> Ballot | None:
        """A ballot as it is shown, or ⊥."""
        if value == "⊥":
            return BOTTOM
        leaders, supply = len(self.deployment.leaders), self.deployment.ballots
        if isinstance(supply, IntegerBallots):
            found = divmod(value, leaders) if is_count(value) else None
            form = "as a whole number, such as 5"
        else:
            pair = _BALLOT.fullmatch(value) if isinstance(value, str) else None
            found = (int(pair[1]), int(pair[2])) if pair is not None else None
            form = "round.leader, such as 2.1"
        if found is None:
            self.object_to(path, f"expected a ballot written {form}, not {shown(value)}")
            return None
        number, leader = found
        if leader >= leaders:
            self.object_to(path, f"ballot {value}: leaders are numbered from 0 to {leaders - 1}")
            return None
        last = None if supply.rounds is None else supply.rounds - 1
        if last is not None and number > last:
            highest = supply.ballot(last, leaders - 1)
            end = f"ballot is {highest}" if isinstance(supply, IntegerBallots) else f"round is {last}"
            self.object_to(path, f"ballot {value}: with 'rounds: {supply.rounds}' the last {end}")
            return None
        return supply.ballot(number, leader)

    def command(self, path: Path, value: Any) -> Command | None:
        """One of the model's commands, by its text."""
        text = " ".join(value.split()) if isinstance(value, str) else value
        if isinstance(text, str) and text in self.commands:
            return self.commands[text]
        self.object_to(path, Unknown.of("command", value, self.commands))
        return None

    def requests(self, path: Path, value: Any) -> tuple[Command, ...] | None:
        """A list of commands, in order of arrival."""
        found: tuple[Command, ...] | None = self._all(path, value, self.command, "commands")
        return found

    def proposals(self, path: Path, value: Any) -> frozenset[Proposal] | None:
        """A mapping slot → command."""
        if not isinstance(value, dict):
            self.object_to(path, f"expected a mapping slot: command, not {shown(value)}")
            return None
        found = []
        for written, text in value.items():
            slot = self.slot((*path, written), written, key=True)
            command = self.command((*path, written), text)
            if slot is not None and command is not None:
                found.append(Proposal(slot, command))
        return frozenset(found) if len(found) == len(value) else None

    def pvalues(self, path: Path, value: Any) -> frozenset[PValue] | None:
        """A list of [ballot, slot, command]."""
        found = self._all(path, value, self.pvalue, "[ballot, slot, command]")
        return None if found is None else frozenset(found)

    def pvalue(self, path: Path, value: Any) -> PValue | None:
        """One [ballot, slot, command]."""
        if not isinstance(value, list) or len(value) != 3:
            self.object_to(path, f"expected [ballot, slot, command], not {shown(value)}")
            return None
        ballot = self.ballot((*path, 0), value[0])
        slot = self.slot((*path, 1), value[1])
        command = self.command((*path, 2), value[2])
        if ballot is None or slot is None or command is None:
            return None
        return PValue(ballot, slot, command)

    def _all(self, path: Path, value: Any, read: Callable[[Path, Any], Any], of: str) -> Any:
        if not isinstance(value, list):
            self.object_to(path, f"expected a list of {of}, not {shown(value)}")
            return None
        found = tuple(read((*path, i), item) for i, item in enumerate(value))
        return None if None in found else found


#: Role → field → how it is read. The fields are those of the roles in `pmmc`; what a replica has
#: stored and performed is left out because its decisions tell.
FIELDS: Mapping[str, Mapping[str, Callable[[Reader, Path, Any], Any]]] = MappingProxyType(
    {
        "acceptor": {"ballot": Reader.ballot, "accepted": Reader.pvalues},
        "leader": {
            "ballot": Reader.ballot,
            "active": Reader.flag,
            "proposals": Reader.proposals,
            "scout": Reader.flag,
            "commanders": Reader.pvalues,
        },
        "replica": {
            "slot_in": Reader.next_slot,
            "slot_out": Reader.next_slot,
            "requests": Reader.requests,
            "proposals": Reader.proposals,
            "decisions": Reader.proposals,
        },
    }
)

_SHAPES: Mapping[Any, dict[str, Any]] = {
    Reader.ballot: {"type": ["string", "number"], "description": "round.leader, such as 2.1; or ⊥"},
    Reader.flag: {"type": "boolean"},
    Reader.next_slot: {"type": "integer", "minimum": 1},
    Reader.requests: {"type": "array", "items": {"type": "string"}},
    Reader.proposals: {
        "type": "object",
        "description": "slot → command",
        "additionalProperties": {"type": "string"},
    },
    Reader.pvalues: {
        "type": "array",
        "items": {"type": "array", "minItems": 3, "maxItems": 3, "description": "[ballot, slot, command]"},
    },
}

#: The JSON schema of a mapping node → partial local state.
STATES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "patternProperties": {
        f"^{role} [0-9]+$": {
            "type": "object",
            "properties": {name: _SHAPES[read] for name, read in fields.items()},
            "additionalProperties": False,
        }
        for role, fields in FIELDS.items()
    },
    "additionalProperties": False,
}
