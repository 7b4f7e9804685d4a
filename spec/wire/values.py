"""The values of PMMC that have a form of their own: nodes, ballots, operations, messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.model.vocabulary import action_name
from checker.model.wire import Json, Misfit, WirePath
from checker.modelfiles.complaints import unknown
from pmmc import kv
from pmmc.ballots import BOTTOM
from pmmc.values import NOBODY, Deployment, Node
from spec.wire.codecs import Codecs, Record, object_schema

#: How operations are written.
OPERATIONS = "'put KEY VALUE', 'append KEY VALUE', 'get KEY', 'noop', 'noop SLOT' or 'reconfigure NUMBER'"
#: What tells a message's type.
TYPE = "type"


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes by their names. Clients need not take part: commands may be of others."""

    names: Mapping[str, Node]

    def write(self, value: Node) -> Json:
        """Its name, such as `acceptor 0`."""
        return str(value)

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The node of that name."""
        node = self.names.get(written) if isinstance(written, str) else None
        if node is None and isinstance(written, str):
            node = _client(written)
        if node is None:
            wrong.append(Misfit(path, unknown("node", written, [*self.names]), written))
        return node

    def schema(self, defined: dict[str, Json]) -> Json:
        """Text of that form."""
        defined["node"] = {
            "type": "string",
            "pattern": "^[a-z]+ (0|[1-9][0-9]*)$",
            "description": "a role and the index of a node among those of the role, such as acceptor 0",
        }
        return {"$ref": "#/$defs/node"}


def _client(name: str) -> Node | None:
    """The client of that name, or nobody, whose no-ops are."""
    role, _, number = name.partition(" ")
    if not (number.isascii() and number.isdecimal() and len(number) <= 6 and str(int(number)) == number):
        return None
    node = Node(role, int(number))
    return node if role == "client" or node == NOBODY else None


@dataclass(frozen=True, slots=True)
class BallotForm:
    """Ballots as [round, leader], whatever their order; ⊥ as [-1, -1]."""

    deployment: Deployment

    def write(self, value: Any) -> Json:
        """The pair."""
        return [value.round, value.leader]

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The ballot of the model's own system of ballots."""
        leaders = len(self.deployment.leaders)
        pair: Any = written if isinstance(written, list) and len(written) == 2 else (None, None)
        if not all(type(part) is int for part in pair):
            wrong.append(Misfit(path, "expected a ballot [round, leader]", written))
        elif written == [-1, -1]:
            return BOTTOM
        elif pair[0] < 0 or not 0 <= pair[1] < leaders:
            known = f"a round from 0 on and a leader from 0 to {leaders - 1}; [-1, -1] is ⊥"
            wrong.append(Misfit(path, f"expected a ballot [round, leader]: {known}", written))
        else:
            return self.deployment.ballots.ballot(*pair)
        return BOTTOM

    def schema(self, defined: dict[str, Json]) -> Json:
        """A pair of numbers."""
        number = {"type": "integer", "minimum": -1}
        defined["ballot"] = {
            "type": "array",
            "prefixItems": [number, number],
            "minItems": 2,
            "maxItems": 2,
            "description": "[round, index of the leader]; [-1, -1] is ⊥, below all others",
        }
        return {"$ref": "#/$defs/ballot"}


@dataclass(frozen=True, slots=True)
class Operations:
    """Operations by their text, such as `put k v`."""

    def write(self, value: Any) -> Json:
        """Its text."""
        return str(value)

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The operation of that text."""
        found = _operation(written) if isinstance(written, str) else None
        if found is None:
            wrong.append(Misfit(path, f"expected {OPERATIONS}, with single blanks", written))
        return found

    def schema(self, defined: dict[str, Json]) -> Json:
        """Text of one of the forms."""
        word = r"[^\s]+"
        forms = f"put {word} {word}|append {word} {word}|get {word}|noop( [0-9]+)?|reconfigure [0-9]+"
        defined["operation"] = {"type": "string", "pattern": f"^({forms})$"}
        return {"$ref": "#/$defs/operation"}


def _operation(text: str) -> kv.Op | None:
    match text.split(" "):
        case ["noop", slot] if slot.isascii() and slot.isdecimal() and len(slot) <= 9:
            found: kv.Op = kv.NoOp(int(slot))
        case _:
            try:
                found = kv.parse(text)
            except ValueError:
                return None
    return found if str(found) == text else None


class Messages:
    """Messages: objects with their fields and a `type`, the name of the action that takes them."""

    def __init__(self, types: Mapping[str, type], codecs: Codecs) -> None:
        self.types = types
        self._records = {name: Record(kind, codecs) for name, kind in types.items()}

    def write(self, value: Any) -> Json:
        """The type, and the fields."""
        kind: Any = type(value)
        name = action_name(kind)
        if name not in self._records or kind is not self.types[name]:
            raise TypeError(f"{kind.__name__} is no message of this model")
        return {TYPE: name} | self._records[name].write(value)

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The message of that type with these fields."""
        name = written.get(TYPE) if isinstance(written, dict) else None
        if not isinstance(written, dict):
            wrong.append(Misfit(path, "expected a message, an object with a type", written))
        elif not isinstance(name, str) or name not in self._records:
            wrong.append(Misfit((*path, TYPE), unknown("message", name, [*self._records]), name))
        else:
            inner = {key: value for key, value in written.items() if key != TYPE}
            return self._records[name].read(path, inner, wrong)
        return None

    def schema(self, defined: dict[str, Json]) -> Json:
        """Any of the messages."""
        if "message" not in defined:
            defined["message"] = {}
            for name, record in self._records.items():
                inner = {n: one.schema(defined) for n, one in record.fields.items()}
                defined[f"{name} message"] = object_schema({TYPE: {"const": name}, **inner})
            defined["message"] = {"oneOf": [{"$ref": f"#/$defs/{name} message"} for name in self._records]}
        return {"$ref": "#/$defs/message"}
