"""The JSON schema of vectors: what stands on the lines of their files."""

from __future__ import annotations

from typing import Any

from checker.conformance.suite import LINE_PROTOCOL
from checker.implementations.schema import DRAFT, an_object, definitions
from checker.model.wire import Wire


def schema_of(wire: Wire) -> dict[str, Any]:
    """The schema of a line with a vector; that of a line of the table of runs is `run` under `$defs`."""
    number = {"type": "integer", "minimum": 0}
    told = {name: {"type": "string"} for name in ("node", "action", "takes", "from")}
    step = {"run": number, "after": number, "step": number, **told, "lost": {"const": True}}
    vector = {
        "request": {"$ref": "#/$defs/request"},
        "answer": {"$ref": "#/$defs/answer"},
        "run": {**number, "description": "the run after which it comes up: a line of runs.jsonl, from 0"},
    }
    return {
        "$schema": DRAFT,
        "title": f"a conformance vector: request and answer of the line protocol, version {LINE_PROTOCOL}",
        **an_object(vector),
        "$defs": {
            **definitions(wire.schema()),
            "run": an_object(step, [name for name in step if name != "run"]),
        },
    }
