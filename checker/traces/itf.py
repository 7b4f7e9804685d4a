"""Values in the Informal Trace Format (ITF, ADR-015 of Apalache): encoded, read back, and refused if wrong.

What ITF cannot say plainly is said so that no two different values look alike: a dataclass is a variant
tagged with the name of its class, None is the empty tuple. Names of nodes alone are their texts. Sets are
sorted, so that equal values are the same bytes in every process. Whole numbers are always
`{"#bigint": "…"}`, as the format demands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, TypeAlias

from checker.model.values import Hosted, show

#: An ITF expression as JSON has it.
Expr: TypeAlias = "bool | str | list[Any] | dict[str, Any]"

UNIT: dict[str, Any] = {"#tup": []}
#: A number as ITF writes it; of more digits than these Python makes none.
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,3999})")


class ItfError(Exception):
    """A text is no ITF; the message says where and why."""


class Tup(tuple[Any, ...]):
    """A tuple, as ITF tells it from a sequence."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """A value with a tag."""

    tag: str
    value: Any


@dataclass(frozen=True, slots=True)
class Record:
    """Fields by name, in the order of the file."""

    fields: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Map:
    """A function: pairs of argument and value."""

    pairs: frozenset[tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Unserializable:
    """What another tool could not write."""

    text: str


#: Classes whose values are names of nodes.
Names: TypeAlias = tuple[type, ...]


def encode(value: Any, names: Names = ()) -> Expr:  # noqa: PLR0911 - one for each kind of value
    """The expression of a plain value, or of what `decode` made; one of `names` is told by its text."""
    if isinstance(value, names):
        return show(value)
    match value:
        case bool() | str():
            return value
        case int():
            return {"#bigint": str(value)}
        case None:
            return UNIT
        case Enum():
            return value.name
        case frozenset() | set():
            return {"#set": _sorted(encode(item, names) for item in value)}
        case Tup():
            return {"#tup": [encode(item, names) for item in value]}
        case tuple() | list():
            return _sequence(value, names)
        case Mapping():
            return _map(value.items(), names)
    return _encode_class(value, names)


def _encode_class(value: Any, names: Names) -> Expr:
    match value:
        case Variant(tag=tag, value=inner):
            return {"tag": tag, "value": encode(inner, names)}
        case Record(fields=pairs):
            return {name: encode(inner, names) for name, inner in pairs}
        case Map(pairs=pairs) | Hosted(processes=pairs):
            return _map(pairs, names)
        case Unserializable(text=text):
            return {"#unserializable": text}
    if is_dataclass(value) and not isinstance(value, type):
        return {"tag": type(value).__name__, "value": record(value, names)}
    return {"#unserializable": f"{type(value).__name__}: {value}"}


def _map(pairs: Iterable[tuple[Any, Any]], names: Names) -> Expr:
    return {"#map": _sorted([encode(k, names), encode(v, names)] for k, v in pairs)}


def _sequence(value: tuple[Any, ...] | list[Any], names: Names) -> Expr:
    """A sequence if all items are of one type, else a tuple; a named tuple is a record."""
    if hasattr(value, "_fields"):
        return {name: encode(item, names) for name, item in zip(value._fields, value, strict=True)}
    items = [encode(item, names) for item in value]
    return items if len({type(item) for item in value}) <= 1 else {"#tup": items}


def record(value: Any, names: Names = ()) -> Expr:
    """A dataclass as a record.

    A record of exactly `tag` and `value` would be read as a variant, so such fields get a `_` added.
    """
    known = [field.name for field in fields(value)]
    added = "_" if set(known) == {"tag", "value"} else ""
    return {name + added: encode(getattr(value, name), names) for name in known}


def _sorted(items: Iterable[Any]) -> list[Any]:
    return sorted(items, key=dumped)


def dumped(value: Any) -> str:
    """JSON on one line, the same for equal values."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode(expr: Any, place: str = "") -> Any:  # noqa: PLR0911 - one for each kind of value
    """The value of an expression. Raises ItfError."""
    match expr:
        case bool() | str():
            return expr
        case list():
            return tuple(decode(item, f"{place}/{i}") for i, item in enumerate(expr))
        case {"#bigint": str(digits), **rest} if not rest and _WHOLE.fullmatch(digits):
            return int(digits)
        case {"#tup": list(items), **rest} if not rest:
            return Tup(decode(item, f"{place}/{i}") for i, item in enumerate(items))
        case {"#set": list(items), **rest} if not rest:
            return frozenset(decode(item, f"{place}/{i}") for i, item in enumerate(items))
        case {"#map": list(pairs), **rest} if not rest and all(_is_pair(p) for p in pairs):
            read = (
                (decode(k, f"{place}/{i}"), decode(v, f"{place}/{i}")) for i, (k, v) in enumerate(pairs)
            )
            return Map(frozenset(read))
        case {"#unserializable": str(text), **rest} if not rest:
            return Unserializable(text)
        case {"tag": str(tag), "value": inner, **rest} if not rest:
            return Variant(tag, decode(inner, f"{place}/value"))
        case dict() if all(isinstance(name, str) and not name.startswith("#") for name in expr):
            return Record(tuple((name, decode(inner, f"{place}/{name}")) for name, inner in expr.items()))
    said = dumped(expr)
    raise ItfError(f"{place or 'the value'}: no ITF expression: {said[:60]}{'…' if len(said) > 60 else ''}")


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2


@dataclass(frozen=True, slots=True)
class Document:
    """An ITF trace: what is said about it, its variables, and its states with what is said about each.

    With a `loop`, the number of the state that follows the last one, it goes on for ever.
    """

    meta: Mapping[str, Any]
    variables: tuple[str, ...]
    states: tuple[Mapping[str, Expr], ...]
    notes: tuple[Mapping[str, Any], ...]
    loop: int | None = None


def dump(document: Document) -> str:
    """The text of a trace: one line for each state."""
    loop = "" if document.loop is None else f'"loop":{document.loop},\n'
    head = f'"#meta":{dumped(document.meta)},\n"vars":{dumped(document.variables)},\n{loop}"states":['
    lines = [
        dumped({"#meta": note, **state})
        for note, state in zip(document.notes, document.states, strict=True)
    ]
    return "{" + head + "\n" + ",\n".join(lines) + "\n]}\n"


def load(text: str) -> Document:
    """Read a trace. Raises ItfError if it is none, or is not complete."""
    try:
        return _load(json.loads(text))
    except ValueError as error:
        raise ItfError(f"not JSON: {error}") from None
    except RecursionError:
        raise ItfError("nested too deep to be a trace") from None


def _load(read: Any) -> Document:
    if not isinstance(read, dict):
        raise ItfError("not an ITF trace: expected an object with `vars` and `states`")
    variables, states = read.get("vars"), read.get("states")
    if not isinstance(variables, list) or not all(isinstance(name, str) for name in variables):
        raise ItfError("not an ITF trace: `vars` must be a list of names")
    if not isinstance(states, list) or not all(isinstance(state, dict) for state in states):
        raise ItfError("not an ITF trace: `states` must be a list of objects")
    meta = read.get("#meta", {})
    notes = [state.get("#meta", {}) for state in states]
    if not all(isinstance(note, dict) for note in (meta, *notes)):
        raise ItfError("not an ITF trace: `#meta` must be an object")
    for number, state in enumerate(states):
        for name in variables:
            if name not in state:
                raise ItfError(f"state {number}: variable `{name}` is missing")
            decode(state[name], f"state {number}/{name}")
    loop = read.get("loop")
    if loop is not None and not (type(loop) is int and 0 <= loop < len(states)):
        raise ItfError("not an ITF trace: `loop` must be the number of a state")
    kept = tuple({name: state[name] for name in variables} for state in states)
    return Document(meta, tuple(variables), kept, tuple(notes), loop)
