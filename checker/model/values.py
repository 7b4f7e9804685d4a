"""Plain values: one canonical text for each (for order and identity), one readable text (for people)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import Field as DataclassField
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from checker.model.modelcode import text_of
from checker.model.plaintext import printable


def canonical(value: Any) -> str:
    """A text that is equal for equal values, differs for others, and is the same in every process.

    Unlike `repr` it does not depend on the order in which a set happens to be laid out.
    """
    if isinstance(value, frozenset):
        return "{" + ",".join(sorted(map(canonical, value))) + "}"
    if isinstance(value, tuple):
        return "(" + ",".join(map(canonical, value)) + ")"
    if is_dataclass(value):
        inner = ",".join(canonical(getattr(value, f.name)) for f in fields(value))
        return f"{type(value).__name__}({inner})"
    return repr(value)


#: Types of values that have no parts.
_WITHOUT_PARTS = frozenset({int, str, bool, float, type(None)})


@dataclass(frozen=True, slots=True)
class Hosted:
    """Several values, each with a name: what the processes of one machine know."""

    processes: tuple[tuple[Any, Any], ...]


class Renaming:
    """Replaces names and values by their images, at any depth of a value.

    What `images` mentions is replaced as a whole; only what it does not mention is looked into.
    """

    def __init__(self, images: Mapping[Any, Any]) -> None:
        self.images = images
        # looking up a value means hashing all of it, so only values that can be mentioned are looked up
        self._kinds = frozenset(type(name) for name in images)
        # values share parts, so a part is renamed once; by identity, and kept alive, so that it stays one
        self._done: dict[int, tuple[Any, Any]] = {}

    def __call__(self, value: Any) -> Any:
        """The value with every name replaced by its image."""
        kind: Any = type(value)
        if kind in _WITHOUT_PARTS and kind not in self._kinds:
            return value
        done = self._done.get(id(value))
        if done is None:
            done = self._done[id(value)] = value, self._image(value, kind)
        return done[1]

    def _image(self, value: Any, kind: Any) -> Any:
        if kind in self._kinds:
            image = self.images.get(value)
            if image is not None:
                return image
        if kind is frozenset:
            return frozenset(map(self, value))
        if kind is tuple:
            return tuple(map(self, value))
        names, by_name = field_names(kind)
        if by_name:
            return kind(**{name: self(getattr(value, name)) for name in names})
        return kind(*[self(getattr(value, name)) for name in names]) if names else value


@cache
def field_names(kind: type) -> tuple[tuple[str, ...], bool]:
    """The fields of a dataclass or a tuple with names, none for any other type; whether some go by name."""
    if is_dataclass(kind):
        return tuple(f.name for f in fields(kind)), any(f.kw_only for f in fields(kind))
    return tuple(getattr(kind, "_fields", ())), False


def rename(value: Any, images: Mapping[Any, Any]) -> Any:
    """The value with every name and value in `images`, at any depth, replaced by its image."""
    return Renaming(images)(value)


def show(value: Any) -> str:
    """A value as a reader wants to see it.

    A class with a `__str__` of its own is shown by it; other dataclasses as name(values), where a value
    that does not say what it is follows the name of its field, as in `p2b(acceptor 0, ballot 0.1, slot 1)`
    (see `_named`); other members of an Enum by name; sets, mappings and tuples as {…}, {… : …} and […],
    sets in canonical order; None as –. All on one line, control characters escaped. A field that is kept
    out of `repr` is shown only where its value is not the default: what few models have is no line in the
    reports of all others.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Hosted):
        value = dict(value.processes)
    if isinstance(value, frozenset | tuple | Mapping):
        return _show_all(value)
    if isinstance(value, Enum) and type(value).__str__ is Enum.__str__ and value.name is not None:
        return printable(value.name)
    if isinstance(value, Enum) or not is_dataclass(value) or has_text(value):
        return printable(text_of(value))
    return shown_with(value, {})


def shown_with(value: Any, told: Mapping[str, str]) -> str:
    """A dataclass as name(values), with what is told of some fields in the place of their values."""
    inner = (
        f"{f.name} {told[f.name]}" if f.name in told else _named(value, f) for f in shown_fields(value)
    )
    name = type(value).__name__
    return f"{name[:1].lower()}{name[1:]}({', '.join(inner)})"


def _named(value: Any, field: DataclassField[Any]) -> str:
    """What a field holds, after the field's name where a reader could not tell what it is.

    That is so of a collection, of yes and no, and of what has no letter in it, such as a number; where
    another field has the same type; and where the field is given by name (`kw_only`). A text that begins
    with the name says it already.
    """
    inner = getattr(value, field.name)
    text = show(inner)
    if re.match(rf"{field.name}\b", text, re.IGNORECASE):
        return text
    bare = isinstance(inner, bool | frozenset | tuple | Mapping) or not any(map(str.isalpha, text))
    if bare or field.kw_only or sum(other.type == field.type for other in fields(value)) > 1:
        return f"{field.name} {text}".rstrip()
    return text


def _show_all(values: frozenset[Any] | tuple[Any, ...] | Mapping[Any, Any]) -> str:
    if isinstance(values, tuple):
        return "[" + ", ".join(map(show, values)) + "]"
    if isinstance(values, frozenset):
        return "{" + ", ".join(show(v) for v in sorted(values, key=canonical)) + "}"
    return "{" + ", ".join(f"{show(key)}: {show(value)}" for key, value in values.items()) + "}"


def has_text(value: Any) -> bool:
    """Whether the value's class says itself how it is shown."""
    own: Any = type(value)
    return own.__str__ is not object.__str__


def parts(value: Any) -> dict[str, str] | None:
    """Field name → shown value of a dataclass; None for any other value.

    What processes know is told process by process, and field by field.
    """
    if isinstance(value, Hosted):
        return dict(_parts_of(value))
    if not is_dataclass(value):
        return None
    known: dict[str, str] = {}
    for f in shown_fields(value):
        inner = getattr(value, f.name)
        known |= (
            dict(_parts_of(inner, f"{f.name}.")) if isinstance(inner, Hosted) else {f.name: show(inner)}
        )
    return known


def shown_fields(*values: Any) -> Iterator[DataclassField[Any]]:
    """The fields of a dataclass that are shown where one or more of it stand side by side."""
    for f in fields(values[0]):
        if f.repr or any(getattr(value, f.name) != f.default for value in values):
            yield f


def _parts_of(value: Hosted, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, own in value.processes:
        known = None if has_text(own) else parts(own)
        for field, text in ({"": show(own)} if known is None else known).items():
            yield f"{prefix}{show(name)}.{field}".removesuffix("."), text


class Field(NamedTuple):
    """A field of two values that are compared: its dotted name, and what it holds in each."""

    name: str
    before: Any
    after: Any


def compared(before: Any, after: Any, prefix: str = "") -> Iterator[Field]:
    """Two values field by field, in the order of the fields; equal ones too.

    Goes into fields that hold the same dataclass before and after, if it has no text of its own, and into
    what processes know.
    """
    if isinstance(before, Hosted) and isinstance(after, Hosted):
        for (name, old), (_, new) in zip(before.processes, after.processes, strict=True):
            yield from compared(old, new, f"{prefix}.{show(name)}" if prefix else show(name))
    elif type(before) is type(after) and is_dataclass(after) and not has_text(after):
        for f in shown_fields(before, after):
            name = f"{prefix}.{f.name}" if prefix else f.name
            yield from compared(getattr(before, f.name), getattr(after, f.name), name)
    else:
        yield Field(prefix, before, after)


def differences(before: Any, after: Any) -> Iterator[Field]:
    """The fields in which two values differ, as `compared` goes through them."""
    return (field for field in compared(before, after) if field.before != field.after)
