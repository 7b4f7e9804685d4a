"""How values are written as JSON, by the types that their fields say they have.

Every value of the protocol is a frozen dataclass, a tuple, a frozenset, a number, a flag, or text; so what
a field holds follows from its annotation, and a variant that adds a field has it written without another
word. Types with a form of their own (nodes, ballots, operations) are given as codecs.

`read(path, written, wrong)` adds to `wrong` what does not fit, and what it returns then is of no use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints

from checker.model.wire import Json, Misfit, WirePath, order
from checker.modelfiles.complaints import unknown

#: What a value of a class is marked with that is not the one that its place says, but one derived from it.
CLASS = "class"


class Codec(Protocol):
    """How the values of one type are written, and read."""

    def write(self, value: Any) -> Json:
        """The value as JSON."""

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The value that is written there."""

    def schema(self, defined: dict[str, Json]) -> Json:
        """The JSON schema; schemas that it refers to are added to `defined`, by name."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Whole numbers, flags and text: JSON has them."""

    kind: type
    named: str
    shape: Mapping[str, Json]

    def write(self, value: Any) -> Json:
        """Itself."""
        return value

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """Itself, if it is of that very type: a flag is no number."""
        if type(written) is not self.kind:
            wrong.append(Misfit(path, f"expected {self.named}", written))
        return written

    def schema(self, defined: dict[str, Json]) -> Json:
        """Its type."""
        return dict(self.shape)


PLAIN: Mapping[type, Plain] = MappingProxyType(
    {
        int: Plain(int, "a whole number", {"type": "integer"}),
        bool: Plain(bool, "true or false", {"type": "boolean"}),
        str: Plain(str, "text", {"type": "string"}),
    }
)


@dataclass(frozen=True, slots=True)
class Optional:
    """A value, or null for None."""

    inner: Codec

    def write(self, value: Any) -> Json:
        """The value, or null."""
        return None if value is None else self.inner.write(value)

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The value, or None."""
        return None if written is None else self.inner.read(path, written, wrong)

    def schema(self, defined: dict[str, Json]) -> Json:
        """Either."""
        return {"anyOf": [{"type": "null"}, self.inner.schema(defined)]}


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple of any length: an array."""

    inner: Codec

    def write(self, value: Any) -> Json:
        """The items, in order."""
        return [self.inner.write(item) for item in value]

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The items, in order."""
        return tuple(item for item in _items(self.inner, path, written, wrong))

    def schema(self, defined: dict[str, Json]) -> Json:
        """An array of such items."""
        return {"type": "array", "items": self.inner.schema(defined)}


@dataclass(frozen=True, slots=True)
class Set:
    """A set: an array, sorted when written; read in any order, but nothing twice."""

    inner: Codec

    def write(self, value: Any) -> Json:
        """The elements, in the order of what is written of them."""
        return sorted((self.inner.write(item) for item in value), key=order)

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The elements."""
        before, found = len(wrong), []
        for i, item in enumerate(_items(self.inner, path, written, wrong)):
            if len(wrong) == before and item in found:
                wrong.append(Misfit((*path, i), "expected each element of the set once", written[i]))
            found.append(item)
        return frozenset(found) if len(wrong) == before else frozenset()

    def schema(self, defined: dict[str, Json]) -> Json:
        """An array of such elements, each once."""
        return {"type": "array", "items": self.inner.schema(defined), "uniqueItems": True}


def _items(inner: Codec, path: WirePath, written: Json, wrong: list[Misfit]) -> Iterator[Any]:
    if not isinstance(written, list):
        wrong.append(Misfit(path, "expected an array", written))
        return
    for i, item in enumerate(written):
        yield inner.read((*path, i), item, wrong)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A tuple of so many values, each of its own type: an array."""

    inner: tuple[Codec, ...]

    def write(self, value: Any) -> Json:
        """The values, in order."""
        return [one.write(item) for one, item in zip(self.inner, value, strict=True)]

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The values, in order."""
        if not isinstance(written, list) or len(written) != len(self.inner):
            wrong.append(Misfit(path, f"expected an array of {len(self.inner)}", written))
            return ()
        places = enumerate(zip(self.inner, written, strict=True))
        return tuple(one.read((*path, i), item, wrong) for i, (one, item) in places)

    def schema(self, defined: dict[str, Json]) -> Json:
        """An array of just these."""
        items = [one.schema(defined) for one in self.inner]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


class Record:
    """A dataclass: an object with its fields, by name.

    A value of a class derived from it is marked with the name of that class; rules that are wrong on
    purpose make some.
    """

    def __init__(self, kind: type, codecs: Codecs) -> None:
        self.kind, self._codecs = kind, codecs

    @property
    def fields(self) -> Mapping[str, Codec]:
        """The fields and how they are written."""
        return self._codecs.fields(self.kind)

    def write(self, value: Any) -> Json:
        """All fields, in their order."""
        kind = type(value)
        mark = {} if kind is self.kind else {CLASS: kind.__name__}
        known = self._codecs.fields(kind)
        return mark | {name: one.write(getattr(value, name)) for name, one in known.items()}

    def read(self, path: WirePath, written: Json, wrong: list[Misfit]) -> Any:
        """The dataclass with these fields: all of them, and no others."""
        before = len(wrong)
        kind = self._kind(path, written, wrong)
        found = self.some(path, written, wrong)
        missing = [name for name in self._codecs.fields(kind) if name not in found]
        if missing and isinstance(written, dict):
            wrong.append(Misfit(path, f"expected an object with {_listed(missing)} too", written))
        return kind(**found) if len(wrong) == before else None

    def some(self, path: WirePath, written: Json, wrong: list[Misfit]) -> dict[str, Any]:
        """Those fields that are there."""
        if not isinstance(written, dict):
            wrong.append(Misfit(path, f"expected an object with {_listed([*self.fields])}", written))
            return {}
        known = self._codecs.fields(self._kind(path, written, []))
        found: dict[str, Any] = {}
        for name, value in written.items():
            if name in known:
                found[name] = known[name].read((*path, name), value, wrong)
            elif name != CLASS:
                wrong.append(Misfit((*path, name), unknown("field", name, [*known]), value))
        return found

    def _kind(self, path: WirePath, written: Json, wrong: list[Misfit]) -> type:
        if not isinstance(written, dict) or CLASS not in written:
            return self.kind
        name, known = written[CLASS], {kind.__name__: kind for kind in derived_from(self.kind)}
        if name not in known:
            wrong.append(Misfit((*path, CLASS), unknown("class", name, [*known]), name))
        return known.get(name, self.kind)

    def schema(self, defined: dict[str, Json]) -> Json:
        """A reference to the object's schema, which is named like the class."""
        name = self.kind.__name__
        if name not in defined:
            defined[name] = {}
            defined[name] = object_schema({n: one.schema(defined) for n, one in self.fields.items()})
        return {"$ref": f"#/$defs/{name}"}


def object_schema(properties: Mapping[str, Json]) -> Json:
    """The schema of an object with these fields, all of which must be there, and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [*properties],
        "additionalProperties": False,
    }


def derived_from(kind: type) -> Iterator[type]:
    """The class and all that are derived from it, as they stand in their modules.

    A dataclass with slots is made anew of the class that was written; the latter is left aside.
    """
    if getattr(sys.modules.get(kind.__module__), kind.__name__, None) is kind:
        yield kind
    below: list[type] = type.__subclasses__(kind)
    for one in below:
        yield from derived_from(one)


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names)) or "no fields"


class Codecs:
    """The codec of every type: of some as they are given, of all others by what they are made of."""

    def __init__(self, given: Mapping[Any, Callable[[Codecs], Codec]]) -> None:
        self._given = given
        self._made: dict[Any, Codec] = {}
        self._fields: dict[type, Mapping[str, Codec]] = {}

    def of(self, hint: Any) -> Codec:
        """How values of a type are written. Raises TypeError for a type that has no form."""
        made = self._made.get(hint)
        if made is None:
            given = self._given.get(hint)
            made = self._made[hint] = self._make(hint) if given is None else given(self)
        return made

    def fields(self, kind: type) -> Mapping[str, Codec]:
        """The fields of a dataclass, in their order, and how they are written."""
        known = self._fields.get(kind)
        if known is None:
            hints = get_type_hints(kind)
            known = self._fields[kind] = {f.name: self.of(hints[f.name]) for f in fields(kind)}
        return known

    def _make(self, hint: Any) -> Codec:
        inner: tuple[Any, ...] = get_args(hint)
        origin = get_origin(hint)
        if hint in PLAIN:
            return PLAIN[hint]
        if origin in (Union, UnionType) and NoneType in inner and len(inner) == 2:
            return Optional(self.of(next(one for one in inner if one is not NoneType)))
        if origin is frozenset:
            return Set(self.of(inner[0]))
        if origin is tuple:
            endless = len(inner) == 2 and inner[1] is Ellipsis
            return Sequence(self.of(inner[0])) if endless else Fixed(tuple(map(self.of, inner)))
        if isinstance(hint, type) and is_dataclass(hint):
            return Record(hint, self)
        raise TypeError(f"values of type {hint} have no wire form")
