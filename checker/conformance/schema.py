"""The JSON schema of vectors: what stands on a line of their files."""

from __future__ import annotations

from typing import Any

from checker.conformance.suite import LINE_PROTOCOL
from checker.model.wire import Json, Wire

_ID = {"type": "integer", "minimum": 1}
_NODE = {"type": "string"}


def _object(properties: dict[str, Json], optional: tuple[str, ...] = ()) -> Json:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def schema_of(wire: Wire) -> dict[str, Any]:
    """The schema of a line with a vector, that of a line of the table of runs under `$defs`."""
    defined = dict(wire.schema())
    states = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in defined if name.endswith(" state")]}
    about = {"id": _ID, "node": _NODE}
    message = {"$ref": "#/$defs/message"}
    state = {"$ref": "#/$defs/state"}
    send = _object({"to": _NODE, "message": message})
    step = _object({"state": state, "sends": {"type": "array", "items": send}}, ("sends",))
    requests = [
        _object({**about, "do": {"const": "init"}}),
        _object(
            {**about, "do": {"const": "step"}, "state": state, "message": message, "from": _NODE}, ("from",)
        ),
        _object({**about, "do": {"const": "wake"}, "state": state, "timer": {"type": "string"}}),
        _object({**about, "do": {"const": "crash"}, "state": state}),
        _object({**about, "do": {"const": "restart"}, "state": state}),
    ]
    run = _object(
        {
            "run": {"type": "integer", "minimum": 0},
            "after": {"type": "integer", "minimum": 0},
            "step": {"type": "integer", "minimum": 0},
            "node": _NODE,
            "action": {"type": "string"},
            "takes": {"type": "string"},
            "from": {"type": "string"},
            "lost": {"const": True},
        },
        ("after", "step", "node", "action", "takes", "from", "lost"),
    )
    vector = _object(
        {
            "request": {"oneOf": requests},
            "answer": _object({"id": _ID, "steps": {"type": "array", "items": step}}),
            "run": {"type": "integer", "minimum": 0},
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"a conformance vector: request and answer of line protocol {LINE_PROTOCOL}",
        **vector,
        "$defs": {**defined, "state": states, "run": run},
    }
