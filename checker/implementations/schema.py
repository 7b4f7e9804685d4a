"""The line protocol as a JSON schema: what may stand on a line that is asked, and on one that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checker.implementations.pool import HELLO, VERSION
from checker.model.wire import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: A local state of any role, and the name of its schema.
STATE = {"$ref": "#/$defs/state"}
_ID = {"type": "integer", "minimum": HELLO}
_NODE = {"type": "string"}
_TEXT = {"type": "string"}


def an_object(properties: Mapping[str, Json], optional: Sequence[str] = ()) -> dict[str, Json]:
    """The schema of an object with these fields and no others, some of which may be left out."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def schema_of_lines(wire: Mapping[str, Json]) -> dict[str, Any]:
    """The schema of a line, of requests and answers under `$defs`; `wire` is what `Wire.schema` says."""
    lines = {"request": {"$ref": "#/$defs/request"}, "answer": {"$ref": "#/$defs/answer"}}
    return {
        "$schema": DRAFT,
        "title": f"a line of the line protocol, version {VERSION}",
        "anyOf": [*lines.values()],
        "$defs": definitions(wire),
    }


def definitions(wire: Mapping[str, Json]) -> dict[str, Json]:
    """What messages and states may be, and with it `state`, `request` and `answer`."""
    states = [{"$ref": f"#/$defs/{name}"} for name in wire if name.endswith(" state")]
    return {
        **wire,
        "state": {"anyOf": states} if states else {},
        "request": {"oneOf": [*_requests()]},
        "answer": {"oneOf": [*_answers()]},
    }


def _requests() -> list[Json]:
    message = {"$ref": "#/$defs/message"}
    hello = {"protocol": {"const": VERSION}, "config": {"$ref": "#/$defs/config"}}
    of_node = {
        "init": an_object(_asked("init")),
        "step": an_object({**_asked("step"), "state": STATE, "from": _NODE, "message": message}, ["from"]),
        "wake": an_object({**_asked("wake"), "state": STATE, "timer": _TEXT}),
        "crash": an_object({**_asked("crash"), "state": STATE}),
        "restart": an_object({**_asked("restart"), "state": STATE}),
    }
    return [an_object({"id": _ID, "do": {"const": "hello"}, **hello}), *of_node.values()]


def _asked(do: str) -> dict[str, Json]:
    return {"id": _ID, "do": {"const": do}, "node": _NODE}


def _answers() -> list[Json]:
    send = an_object({"to": _NODE, "message": {"$ref": "#/$defs/message"}})
    sends = {"type": "array", "items": send}
    seen = {"$ref": "#/$defs/state", "description": "what properties read; left out: the state itself"}
    step = an_object({"state": {}, "view": seen, "sends": sends}, ["view", "sends"])
    return [
        an_object({"id": _ID, "protocol": {"const": VERSION}}),
        an_object({"id": _ID, "steps": {"type": "array", "items": step}}),
        an_object({"id": _ID, "error": {}}),
    ]
