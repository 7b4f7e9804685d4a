"""What logs say, read by the wire form of a protocol, each different message once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from checker.model.vocabulary import Local, Message, NodeName
from checker.model.wire import Json, Wire, text
from checker.validation.network import digest

#: Messages that are remembered as they were read.
MOST_REMEMBERED = 20_000


class Word(NamedTuple):
    """A message as it was read, its wire form, and the digest of that."""

    message: Message
    written: Json
    digest: int


class Words:
    """Reads messages, names and states. Not pure: it remembers what it has read."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._words: dict[str, Word] = {}
        self._written: dict[Message, Word] = {}
        self._names: dict[str, NodeName] = {}
        #: (node, field) → the JSON that was read last there, the class of the state, and the value
        self._fields: dict[tuple[str, str], tuple[Json, type, Any]] = {}

    def read(self, written: Json) -> Word:
        """A message. Raises WireFault."""
        key = repr(written)
        word = self._words.get(key)
        if word is None:
            word = self.of(self.wire.read_message(written))
            if len(self._words) >= MOST_REMEMBERED:
                self._words.clear()
            self._words[key] = word
        return word

    def of(self, message: Message) -> Word:
        """A message that a rule sends."""
        word = self._written.get(message)
        if word is None:
            written = self.wire.write_message(message)
            word = Word(message, written, digest(text(written)))
            if len(self._written) >= MOST_REMEMBERED:
                self._written.clear()
            self._written[message] = word
        return word

    def name(self, written: str) -> NodeName:
        """A node's name. Raises WireFault."""
        name = self._names.get(written)
        if name is None:
            name = self._names[written] = self.wire.read_node(written)
        return name

    def fields(self, node: str, written: Mapping[str, Json], like: Local) -> Mapping[str, Any]:
        """The fields of a state, or some of them; what has not changed is not read again.

        Raises WireFault.
        """
        kind = type(like)
        found: dict[str, Any] = {}
        fresh: dict[str, Json] = {}
        for name, value in written.items():
            known = self._fields.get((node, name))
            if known is not None and known[1] is kind and known[0] == value:
                found[name] = known[2]
            else:
                fresh[name] = value
        if fresh:
            for name, value in self.wire.read_fields(fresh, like).items():
                found[name] = value
                self._fields[node, name] = (fresh[name], kind, value)
        return found


def names_of_fields(local: Local) -> tuple[str, ...]:
    """The fields that a local state has."""
    return tuple(field.name for field in fields(local)) if is_dataclass(local) else ()


def written_fields(wire: Wire, local: Local) -> Mapping[str, Json]:
    """A local state as an object with its fields."""
    written = wire.write_state(local)
    return written if isinstance(written, dict) else {"state": written}
