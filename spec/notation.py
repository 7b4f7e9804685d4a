"""Local states as model files write them: partial, field by field, commands named by their text.

    leader 0: {ballot: 3.0, proposals: {1: put k B}}

The same notation says where a node begins (`initial`) and what some state must show (`sometimes`). Each
field has one entry in `FIELDS`, which says how it is read, described, compared and put into a local state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from pydantic_core import PydanticCustomError

from checker.modelfiles.complaints import Objection, Path, Unknown, shown
from checker.modelfiles.fields import Flag, Whole, refusal
from pmmc import kv
from pmmc.ballots import BOTTOM, Ballot
from pmmc.leader import Commander, Scout
from pmmc.replica import fold
from pmmc.roles import ROLES
from pmmc.values import Command, Deployment, Node, Proposal, PValue

_NODE = re.compile(rf"({'|'.join(ROLES)}) +([0-9]{{1,4}})")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads local states of one model. What is wrong goes to `wrong`, and None takes the value's place.

    `commands` are those that may be spoken of, by their texts; None stands for several of the same text.
    `beside` are nodes that are no part of the protocol and have a state that may be spoken of, `added` the
    fields (role, name) that rules of this model have added, if they may be.
    """

    deployment: Deployment
    commands: Mapping[str, Command | None]
    wrong: list[Objection]
    beside: tuple[Node, ...] = ()
    added: frozenset[tuple[str, str]] = frozenset()
    nodes: Mapping[str, Node] = field(init=False)

    def __post_init__(self) -> None:
        everybody = (*(node for role in FIELDS for node in self.deployment.nodes(role)), *self.beside)
        object.__setattr__(self, "nodes", {str(node): node for node in everybody})

    def object_to(self, path: Path, message: str | Unknown, *, key: bool = False) -> None:
        """Note a fault at a path."""
        self.wrong.append(Objection(path, message, key))

    def node(self, path: Path, text: str) -> Node | None:
        """The node of a name such as `leader 0`; else None, with a fault noted at `path`."""
        found = _NODE.fullmatch(text)
        if text in self.nodes:
            return self.nodes[text]
        if found and found[1] == "client" and path[0] == "initial":
            self.object_to(path, "clients begin with their commands and nothing else", key=True)
        elif found:
            count = len(self.deployment.nodes(found[1]))
            there = f"{count} {found[1]}s, numbered from 0" if count != 1 else f"one {found[1]}, number 0"
            self.object_to(path, f"there is no {text}: this model has {there}", key=True)
        elif text.partition(" ")[0] in BESIDE:
            message = f"no {text} to speak of here: goals may, if 'faults' makes one"
            self.object_to(path, message, key=True)
        else:
            self.object_to(path, Unknown.of("node", text, self.nodes), key=True)
        return None

    def states(self, path: Path, value: Mapping[Any, Any]) -> dict[Node, dict[str, Any]]:
        """Node → fields, from a mapping name of a node → fields; what is not valid is left out."""
        found: dict[Node, dict[str, Any]] = {}
        for name, fields in value.items():
            node = self.node((*path, name), str(name))
            if node is not None:
                found[node] = self.fields((*path, name), node, fields)
        return found

    def fields(self, path: Path, node: Node, value: Any) -> dict[str, Any]:
        """The fields that the file gives for a node; invalid ones are noted as faults and left out."""
        if not isinstance(value, dict):
            self.object_to(path, f"expected a mapping field: value, not {shown(value)}")
            return {}
        more = ADDED.get(node.role, {})
        readers = {
            name: one
            for name, one in fields_of(node.role).items()
            if name not in more or (node.role, name) in self.added
        }
        read: dict[str, Any] = {}
        for name, written in value.items():
            if name not in readers:
                message = Unknown.of(f"field of {node.role}s", name, readers)
                self.object_to((*path, name), message, key=True)
                continue
            result = readers[name].read(self, (*path, name), written)
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

    def leaf(self, path: Path, kind: Whole | Flag, value: Any, *, key: bool = False) -> Any:
        """A value of a kind that any model file may have."""
        try:
            return kind.read(value)
        except PydanticCustomError as error:
            self.object_to(path, refusal(error), key=key)
            return None

    def flag(self, path: Path, value: Any) -> bool | None:
        """True or false."""
        found: bool | None = self.leaf(path, Flag(), value)
        return found

    def count(self, path: Path, value: Any) -> int | None:
        """How many."""
        found: int | None = self.leaf(path, Whole(0, 1000), value)
        return found

    def configuration(self, path: Path, value: Any) -> int | None:
        """The number of a configuration."""
        last = len(self.deployment.configurations) - 1
        found: int | None = self.leaf(path, Whole(0, last, "the number of a configuration"), value)
        return found

    def counts(self, path: Path, value: Any) -> frozenset[int] | None:
        """A list of numbers."""
        found = self._all(path, value, self.count, "numbers")
        return None if found is None else frozenset(found)

    def some_nodes(self, path: Path, value: Any) -> frozenset[Node] | None:
        """A list of nodes."""
        found = self._all(path, value, self.one_node, "nodes")
        return None if found is None else frozenset(found)

    def one_node(self, path: Path, value: Any) -> Node | None:
        """A node of the protocol, by its name."""
        names = {str(node): node for node in self.deployment.everybody()}
        if isinstance(value, str) and value in names:
            return names[value]
        self.object_to(path, Unknown.of("node", value, names))
        return None

    def slot(self, path: Path, value: Any, *, key: bool = False) -> int | None:
        """A slot of the log."""
        found: int | None = self.leaf(path, Whole(1, self._last_slot(), "a slot"), value, key=key)
        return found

    def next_slot(self, path: Path, value: Any) -> int | None:
        """A slot, or the one after the last."""
        kind = Whole(1, self._last_slot() + 1, "a slot, a whole number")
        found: int | None = self.leaf(path, kind, value)
        return found

    def _last_slot(self) -> int:
        return self.deployment.slots or 1

    def ballot(self, path: Path, value: Any) -> Ballot | None:
        """A ballot as it is shown, or ⊥."""
        if value == "⊥":
            return BOTTOM
        leaders, supply = len(self.deployment.leaders), self.deployment.ballots
        found = supply.parse(value)
        if found is None:
            self.object_to(path, f"expected a ballot written {supply.form}, not {shown(value)}")
        elif found.leader >= leaders:
            self.object_to(path, f"ballot {value}: leaders are numbered from 0 to {leaders - 1}")
        elif supply.rounds is not None and found.round >= supply.rounds:
            end = supply.end(supply.rounds - 1, leaders)
            self.object_to(path, f"ballot {value}: with 'rounds: {supply.rounds}' the last {end}")
        else:
            return found
        return None

    def command(self, path: Path, value: Any, *, key: bool = False) -> Command | None:
        """One of the model's commands, by its text."""
        text = " ".join(value.split()) if isinstance(value, str) else value
        found = self.commands.get(text) if isinstance(text, str) else None
        if found is None:
            several = isinstance(text, str) and text in self.commands
            message = f"'{text}' is listed more than once: which one is meant cannot be said"
            unknown = Unknown.of("command", value, self.commands)
            self.object_to(path, message if several else unknown, key=key)
        return found

    def requests(self, path: Path, value: Any) -> tuple[Command, ...] | None:
        """A list of commands, in order of arrival."""
        found: tuple[Command, ...] | None = self._all(path, value, self.command, "commands")
        return found

    def some_commands(self, path: Path, value: Any) -> frozenset[Command] | None:
        """A list of commands, in no order."""
        found = self.requests(path, value)
        return None if found is None else frozenset(found)

    def answers(self, path: Path, value: Any) -> frozenset[tuple[Command, kv.Value]] | None:
        """A mapping command → result: the value, or a list of the parts that were put and appended."""
        if not isinstance(value, dict):
            self.object_to(path, f"expected a mapping command: result, not {shown(value)}")
            return None
        found = []
        for text, result in value.items():
            command = self.command((*path, text), text, key=True)
            parts = result if isinstance(result, list) else [result]
            if not all(isinstance(part, str) for part in parts):
                expected = "expected a value, or a list of values that were put and appended, [] for none"
                self.object_to((*path, text), f"{expected}, not {shown(result)}")
            elif command is not None:
                found.append((command, tuple(parts)))
        return frozenset(found) if len(found) == len(value) else None

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


def _itself(value: Any) -> Any:
    return value


def _is_there(scout: Scout | None) -> bool:
    return scout is not None


def _scout(alive: bool) -> Scout | None:
    return Scout() if alive else None


def _pvalues_of(commanders: frozenset[Commander]) -> frozenset[PValue]:
    return frozenset(c.pvalue for c in commanders)


def _commanders(pvalues: frozenset[PValue]) -> frozenset[Commander]:
    return frozenset(map(Commander, pvalues))


def _granted_to(grants: frozenset[Any]) -> frozenset[Node]:
    return frozenset(grant.replica for grant in grants)


@dataclass(frozen=True, slots=True)
class Field:
    """How a field of a local state is written.

    `read(reader, path, value)` is what a value of a file says or, if it is faulty, None, with an objection;
    `shape` is the JSON schema of it. `written` is what is written of a value of the field, and `made` the
    value that this stands for; they are the same unless only a part of the value is written.
    """

    read: Callable[[Reader, Path, Any], Any]
    shape: Mapping[str, Any]
    written: Callable[[Any], Any] = _itself
    made: Callable[[Any], Any] = _itself


_BALLOT = Field(
    Reader.ballot, {"type": ["string", "number"], "description": "round.leader, such as 2.1; or ⊥"}
)
_FLAG = Field(Reader.flag, Flag().json())
_NEXT_SLOT = Field(Reader.next_slot, {"type": "integer", "minimum": 1})
_CONFIGURATION = Field(Reader.configuration, {"type": "integer", "minimum": 0})
_COUNT = Field(Reader.count, {"type": "integer", "minimum": 0})
_NUMBERS = Field(Reader.counts, {"type": "array", "items": {"type": "integer", "minimum": 0}})
_NODES = Field(Reader.some_nodes, {"type": "array", "items": {"type": "string"}})
_REQUESTS = Field(Reader.requests, {"type": "array", "items": {"type": "string"}})
_COMMAND = Field(Reader.command, {"type": "string"})
_COMMANDS = Field(Reader.some_commands, {"type": "array", "items": {"type": "string"}})
_ANSWERS = Field(Reader.answers, {"type": "object", "description": "command → result"}, written=frozenset)
_PROPOSALS = Field(
    Reader.proposals,
    {"type": "object", "description": "slot → command", "additionalProperties": {"type": "string"}},
)
_TRIPLE = {"type": "array", "minItems": 3, "maxItems": 3, "description": "[ballot, slot, command]"}
_PVALUES = Field(Reader.pvalues, {"type": "array", "items": _TRIPLE})

#: Role → field → how it is written.
FIELDS: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "acceptor": {"ballot": _BALLOT, "accepted": _PVALUES},
        "leader": {
            "ballot": _BALLOT,
            "active": _FLAG,
            "proposals": _PROPOSALS,
            "scout": replace(_FLAG, written=_is_there, made=_scout),
            "commanders": replace(_PVALUES, written=_pvalues_of, made=_commanders),
        },
        "replica": {
            "slot_in": _NEXT_SLOT,
            "slot_out": _NEXT_SLOT,
            "requests": _REQUESTS,
            "proposals": _PROPOSALS,
            "decisions": _PROPOSALS,
            "configuration": _CONFIGURATION,
        },
    }
)
#: The same of fields that some rules add: goals speak of them.
ADDED: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "acceptor": {"watermark": _NEXT_SLOT, "grants": replace(_NODES, written=_granted_to)},
        "leader": {"watermark": _NEXT_SLOT},
        "replica": {
            "early": _COMMANDS,
            "replies": _ANSWERS,
            "asked": _COUNT,
            "owed": replace(_COUNT, written=len),
        },
    }
)
#: The same of nodes of which no file says how they begin: goals speak of them. Clients begin with their
#: commands, and the others are no part of the protocol.
BESIDE: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "client": {"todo": _REQUESTS, "waiting": _COMMAND, "answers": _ANSWERS},
        "environment": {"crashes": _COUNT, "down": _NODES},
        "partition": {"healed": _FLAG},
        "operator": {"off": _NUMBERS},
    }
)
#: Role → fields of which no file says how they begin: a replica's decisions tell what it has performed, it
#: begins with nothing to read, and a client begins with its commands.
UNWRITTEN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"replica": ("store", "performed", "reads"), "client": ("todo", "waiting", "answers")}
)


def fields_of(role: str) -> Mapping[str, Field]:
    """The fields of a role by name, as they are written."""
    return {**FIELDS[role], **ADDED.get(role, {})} if role in FIELDS else BESIDE[role]


def written(role: str, local: Any, name: str) -> Any:
    """A field of a local state of that role as model files write it: a scout, say, as yes or no."""
    return fields_of(role)[name].written(getattr(local, name))


def begun(role: str, usual: Any, given: Mapping[str, Any]) -> Any:
    """Where a node begins that would usually begin in `usual`: with fields that were read from a file."""
    made = {name: FIELDS[role][name].made(value) for name, value in given.items()}
    if role == "leader" and made.get("active"):  # it has no scout any more
        made.setdefault("scout", None)
    if role == "replica":
        store, performed = fold(made.get("decisions", frozenset()), made.get("slot_out", 1))
        made |= {"store": store, "performed": performed}
    return replace(usual, **made) if made else usual


_INBOX_SCHEMA = {
    "type": "array",
    "items": {"type": "string"},
    "description": "all that waits for the node: messages as reports show them, such as p1a(leader 0, 0.0)",
}
#: The JSON schema of a mapping node → partial local state.
STATES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "patternProperties": {
        f"^{role} [0-9]+$": {
            "type": "object",
            "properties": {
                **{name: dict(one.shape) for name, one in known.items()},
                "inbox": _INBOX_SCHEMA,
            },
            "additionalProperties": False,
        }
        for role, known in FIELDS.items()
    },
    "additionalProperties": False,
}
