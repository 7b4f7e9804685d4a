"""What pydantic finds wrong with a model file, in our own words and where in the file it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from checker.modelfiles.complaints import Objection, Path, Unknown, shown

#: What was expected, by pydantic's type of error; its context fills in the braces.
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), "a list"),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type", "mapping_type"), "a mapping"),
    **dict.fromkeys(("literal_error", "enum"), "{expected}"),
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number up to {le}",
    "string_too_short": "text of {min_length} characters or more",
    "string_too_long": "text of {max_length} characters or fewer",
    "string_pattern_mismatch": "text of the form {pattern}",
    "too_short": "{min_length} items or more",
    "too_long": "{max_length} items or fewer",
}


def without_consequences(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """The errors but for lists that have too few items only because faulty ones do not count."""

    def is_one(error: ErrorDetails) -> bool:
        given, at = error["input"], error["loc"]
        is_long_enough = isinstance(given, list | tuple) and len(given) >= error["ctx"]["min_length"]
        return is_long_enough and any(e["loc"][: len(at)] == at and len(e["loc"]) > len(at) for e in errors)

    return [error for error in errors if error["type"] != "too_short" or not is_one(error)]


def worded(error: ErrorDetails, data: Any, schema: type[BaseModel]) -> Objection:
    """A fault that pydantic found in the data of a file; `schema` is what the data should be."""
    path = _path_in(data, error["loc"])
    last = error["loc"][-1] if error["loc"] else ""
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "refused":
            return Objection(path, context["message"][0], last == "[key]")
        case "extra_forbidden":
            return Objection(path, Unknown.of("key", last, _keys_at(schema, path[:-1])), key=True)
        case "missing":
            return Objection(path, f"key '{last}' is missing", key=True)
        case "invalid_key":
            return Objection(path, f"a key must be text here, not {shown(last)}", key=True)
        case "value_error" | "assertion_error":  # in the words of whoever wrote the schema
            wrong = str(context["error"]) or "not in order"
        case _ if kind in _EXPECTED:
            wrong = f"expected {_EXPECTED[kind].format_map(context)}"
        case _ if kind in get_args(ErrorType):
            wrong = f"expected something else ({kind.replace('_', ' ')})"
        case _:  # an error with a name and words of the schema's own
            wrong = error["msg"]
    return Objection(path, f"{wrong}, not {shown(error['input'])}", last == "[key]")


def _path_in(data: Any, loc: Sequence[str | int]) -> Path:
    """The part of pydantic's location that exists in the file."""
    path: list[str | int] = []
    for step in loc:
        inside = isinstance(data, dict) or (isinstance(data, list) and isinstance(step, int))
        try:
            data = data[step] if inside else data
        except (KeyError, IndexError):
            continue
        if inside:
            path.append(step)
    return tuple(path)


def _keys_at(schema: type[BaseModel], path: Path) -> list[str]:
    """The keys allowed in the mapping at a path."""
    here = schema
    for step in path:
        inside = _mapping_in(_fields(here)[step].annotation if isinstance(step, str) else here)
        if inside is None:
            return []
        here = inside
    return list(_fields(here))


def _mapping_in(annotation: Any) -> type[BaseModel] | None:
    """The schema of a mapping that a type allows, at any depth: in lists, in unions, annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_mapping_in(part) for part in get_args(annotation))
    return next((schema for schema in found if schema is not None), None)


def _fields(schema: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a mapping, by their keys in a file."""
    return {field.alias or name: field for name, field in schema.model_fields.items()}
