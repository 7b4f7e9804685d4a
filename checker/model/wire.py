"""The wire form of a protocol: its messages and local states as JSON, for whoever is not Python.

A protocol that has one says so (`Protocol.wire`); implementations in other processes, conformance vectors
and logs of running systems speak it. What it must be:

* reading gives back what was written: `read(write(x)) == x`;
* it is canonical: equal values are written as equal JSON, and by `text` as equal text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from checker.model.plaintext import printable
from checker.model.vocabulary import Local, Message, NodeName

#: A JSON value: None, a bool, a number, text, a list, or a dictionary with text as keys.
Json = Any
#: Keys and positions that lead from the top of a JSON value to one place in it.
WirePath = tuple[str | int, ...]
#: Of more misfits than these in one value only the first are told.
MOST = 20


class Misfit(NamedTuple):
    """One place of a JSON value that is not what it must be there."""

    path: WirePath
    expected: str
    found: Json

    def __str__(self) -> str:
        at = f"{located(self.path)}: " if self.path else ""
        return f"{at}{self.expected}, not {quoted(self.found)}"


class WireFault(Exception):  # noqa: N818 - a fault of what was read, not of the program
    """A JSON value says no message, or no local state: all that is wrong with it."""

    def __init__(self, misfits: Iterable[Misfit]) -> None:
        self.misfits: tuple[Misfit, ...] = tuple(misfits)
        super().__init__(self.misfits)

    def __str__(self) -> str:
        told = "; ".join(map(str, self.misfits[:MOST]))
        more = len(self.misfits) - MOST
        return told if more <= 0 else f"{told}; and {more} more"


class Wire(Protocol):
    """How messages and local states of one model are written and read. What reads raises WireFault."""

    @property
    def roles(self) -> Mapping[str, str]:
        """The roles that implementations may play, and why the config does not tell how nodes of it begin.

        That is "" where it does.
        """

    def write_node(self, name: NodeName) -> str:
        """The name of a node."""

    def read_node(self, written: Json) -> NodeName:
        """The name of a node, of those that may be named."""

    def write_message(self, message: Message) -> Json:
        """A message: an object whose `type` is the name of the action that takes it."""

    def read_message(self, written: Json) -> Message:
        """A message of one of the types that the model has."""

    def write_state(self, local: Local) -> Json:
        """A local state: an object with its fields."""

    def read_state(self, written: Json, like: Local) -> Local:
        """A local state of a node that may be in the state `like`."""

    def read_fields(self, written: Json, like: Local) -> Mapping[str, Any]:
        """Some of the fields of such a local state, by name."""

    def config(self) -> Json:
        """What a node is told when it begins: who takes part, and the bounds."""

    def schema(self) -> Mapping[str, Json]:
        """JSON schemas by name, which refer to each other as `#/$defs/NAME`.

        `message` is any message and `NAME message` that of a name, `config` what nodes are told, and
        `ROLE state` a local state of a role.
        """


def text(written: Json) -> str:
    """The canonical text of a JSON value: keys in order, no blanks, on one line."""
    return json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def located(path: WirePath) -> str:
    """A path as people read it, such as `accepted[2].ballot`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{printable(step)}" for step in path)
    return "".join(steps).removeprefix(".")


def quoted(written: Json) -> str:
    """A JSON value as a message quotes it: short, and on one line."""
    told = printable(json.dumps(written, ensure_ascii=False))
    return told if len(told) <= 60 else f"{told[:59]}…"


def order(written: Json) -> tuple[Any, ...]:
    """What JSON values are sorted by: numbers by size, text by its characters, lists item by item."""
    if isinstance(written, list):
        return (4, tuple(map(order, written)))
    if isinstance(written, dict):
        return (5, tuple((key, order(value)) for key, value in written.items()))
    kinds = {type(None): 0, bool: 1, int: 2, float: 2, str: 3}
    return (kinds[type(written)], 0 if written is None else written)
