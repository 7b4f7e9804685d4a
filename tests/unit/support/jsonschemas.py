"""A validator of the few words of JSON schema that our schemas use; a word it does not know is refused."""

import re
from collections.abc import Iterator
from typing import Any

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
}
#: Words that say nothing of what is valid.
SILENT = {"$schema", "$defs", "title", "description"}


def faults(schema: Any, value: Any, root: Any = None, path: str = "") -> Iterator[str]:
    """What is wrong with a value; nothing if it is valid."""
    root = schema if root is None else root
    for word, says in schema.items():
        if word not in SILENT:
            yield from WORDS[word](schema, says, value, root, path)


def is_valid(schema: Any, value: Any, root: Any) -> bool:
    return next(faults(schema, value, root), None) is None


def _type(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    kinds = [says] if isinstance(says, str) else says
    if not any(type(value) is TYPES[kind] for kind in kinds):
        yield f"{path}: {value!r} is of none of the types {kinds}"


def _ref(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    yield from faults(root["$defs"][says.removeprefix("#/$defs/")], value, root, path)


def _properties(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    for name, inner in says.items() if isinstance(value, dict) else ():
        if name in value:
            yield from faults(inner, value[name], root, f"{path}.{name}")


def _additional(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    for name in value.keys() - schema.get("properties", {}).keys() if isinstance(value, dict) else ():
        if says is False:
            yield f"{path}: {name} is not known"
        else:
            yield from faults(says, value[name], root, f"{path}.{name}")


def _required(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    yield from (f"{path}: no {n}" for n in says if isinstance(value, dict) and n not in value)


def _items(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    for i, item in enumerate(value) if isinstance(value, list) else ():
        yield from faults(says, item, root, f"{path}[{i}]")


def _prefix(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    for i, (inner, item) in enumerate(zip(says, value, strict=False)) if isinstance(value, list) else ():
        yield from faults(inner, item, root, f"{path}[{i}]")


def _length(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", 1 << 30)
    if isinstance(value, list) and not least <= len(value) <= most:
        yield f"{path}: {len(value)} items"


def _unique(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(value, list) and any(value.count(item) > 1 for item in value):
        yield f"{path}: an item twice"


def _any(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    if not any(is_valid(one, value, root) for one in says):
        yield f"{path}: {value!r} is none of these"


def _one(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    count = sum(is_valid(one, value, root) for one in says)
    if count != 1:
        yield f"{path}: {value!r} is {count} of these"


def _const(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    if type(value) is not type(says) or value != says:
        yield f"{path}: {value!r} is not {says!r}"


def _enum(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    if value not in says:
        yield f"{path}: {value!r} is none of {says}"


def _minimum(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    if type(value) is int and value < says:
        yield f"{path}: {value} is below {says}"


def _pattern(schema: Any, says: Any, value: Any, root: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(says, value):
        yield f"{path}: {value!r} does not match"


WORDS = {
    "type": _type,
    "$ref": _ref,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "prefixItems": _prefix,
    "minItems": _length,
    "maxItems": _length,
    "uniqueItems": _unique,
    "anyOf": _any,
    "oneOf": _one,
    "const": _const,
    "enum": _enum,
    "minimum": _minimum,
    "pattern": _pattern,
}
