"""What pydantic finds wrong with a model file, in our own words and where in the file it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel
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
    here: Any = schema
    for step in path:
        here = here.model_fields[step].annotation if isinstance(step, str) else here
        found = [here, *getattr(here, "__args__", ())]
        here = next((t for t in found if isinstance(t, type) and issubclass(t, BaseModel)), None)
        if here is None:
            return []
    return [field.alias or name for name, field in here.model_fields.items()]
