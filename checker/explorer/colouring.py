"""By what the diagram tells messages apart: what the protocol says, or a field that its messages have."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from checker.model.behaviour import Trace
from checker.model.semantics import first_messages
from checker.model.system import System
from checker.model.vocabulary import Addressed, Colouring, Envelope, Message, action_name, kind_of

#: The colouring that every protocol has: by the type of a message.
KIND = "kind"


def colourings(trace: Trace) -> list[str]:
    """All colourings of a trace: the protocol's own first, then by type, and by fields that differ."""
    own, names = trace.system.colouring, _names(trace.system)
    found: dict[str, set[Hashable]] = {}
    for message in set(_messages(trace)):
        for name, value in _fields(message, names).items():
            found.setdefault(name, set()).add(value)
    several = sorted(name for name, seen in found.items() if len(seen) > 1)
    return list(dict.fromkeys([*([] if own is None else [own.name]), KIND, *several]))


def coloured(trace: Trace, name: str) -> Trace:
    """The trace, its messages told apart by this; with no name as the protocol does."""
    own, names = trace.system.colouring, _names(trace.system)
    if not name or (own is not None and name == own.name):
        return trace
    key = _kind if name == KIND else lambda message: _fields(message, names).get(name)
    return replace(trace, system=replace(trace.system, colouring=Colouring(name, key)))


def _kind(message: Message) -> str:
    return action_name(kind_of(message))


def _names(system: System) -> frozenset[type]:
    """The types of names of nodes: the parts of these tell nothing."""
    return frozenset(type(process.name) for node in system.processes for process in node)


def _messages(trace: Trace) -> Iterator[Message]:
    for member in trace.system.members:
        yield from (message for _, message in first_messages(member))
    for step in trace.steps:
        yield from (message for _, message in step.transition.sends)


def _fields(message: Any, names: frozenset[type]) -> dict[str, Hashable]:
    """The fields of a message, and those of its fields that no outer one has the name of."""
    while isinstance(message, Envelope | Addressed):
        message = message.message
    own = _own_fields(message)
    inner = [_own_fields(value) for value in own.values() if type(value) not in names]
    found: dict[str, Hashable] = {}
    for some in (own, *inner):
        for name, value in some.items():
            if not isinstance(value, frozenset | tuple):
                found.setdefault(name, value)
    return found


def _own_fields(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value)} if is_dataclass(value) else {}
