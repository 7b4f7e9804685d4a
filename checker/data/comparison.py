"""The JSON forms of `pmmc compare` and `pmmc diff`."""

from __future__ import annotations

from typing import Any

from checker.comparison.graphs import GraphComparison
from checker.comparison.traces import FieldsApart, Parting, TraceComparison
from checker.comparison.views import Answer, Comparison, Side


def views_json(found: Comparison) -> dict[str, Any]:
    """The comparison as plain values."""
    return {
        "kind": "views",
        "sameness": found.sameness.value,
        "models": [_side_json(side) for side in found.sides],
        "questions": [_answer_json(answer) for answer in found.answers],
    }


def _side_json(side: Side) -> dict[str, Any]:
    found = side.found
    return {
        "name": side.name,
        "complete": side.complete,
        "states": found.states,
        "depth": found.depth,
        "stopped": found.stopped,
        "raised": None if found.raised is None else found.raised.reason,
        "engine": found.engine,
        "reductions": list(found.reductions.words()),
        "seconds": round(found.seconds, 3),
    }


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "name": answer.question.name,
        "views": [{"name": view.name, "role": view.role} for view in answer.question.views],
        "sameness": answer.sameness.value,
        "distinct": list(answer.distinct),
        "only": list(answer.only),
        "witnesses": [
            {
                "model": witness.side,
                "length": len(witness.trace.steps),
                "shortest": witness.shortest,
                "reason": witness.trace.reason,
                "path": list(witness.trace.path),
            }
            for witness in answer.witnesses
        ],
    }


def graphs_json(found: GraphComparison) -> dict[str, Any]:
    """The comparison as plain values."""
    difference = found.difference
    return {
        "kind": "graphs",
        "sameness": found.sameness.value,
        "models": [
            {"name": side.name, "states": side.states, "steps": side.steps, "depth": side.depth}
            for side in found.sides
        ],
        "stopped": found.stopped or None,
        "guesses": found.guesses,
        "difference": None
        if difference is None
        else {
            "round": difference.round,
            "states": list(difference.states),
            "model": difference.side,
            "level": difference.level + 1,
            "out": dict(difference.out),
            "path": list(difference.trace.path),
        },
    }


def traces_json(found: TraceComparison) -> dict[str, Any]:
    """The comparison of two traces as plain values."""
    return {
        "sameness": found.sameness.value,
        "traces": [
            {
                "model": trace.system.name,
                "steps": len(trace.steps),
                "loop": trace.loop,
                "property": None if trace.claim is None else trace.claim.id,
                "reason": trace.reason or None,
            }
            for trace in found.traces
        ],
        "common": [list(pair) for pair in found.common],
        "parting": [None if parting is None else _parting_json(parting) for parting in found.parting],
        "repeats_alike": found.repeats_alike,
        "states": {
            "start": list(map(_apart_json, found.start)),
            "parted": list(map(_apart_json, found.parted)),
            "end": list(map(_apart_json, found.end)),
        },
    }


def _parting_json(parting: Parting) -> dict[str, Any]:
    return {
        "step": parting.number,
        "process": parting.event.node,
        "action": parting.event.action,
        "sends": list(parting.event.sends),
        "changes": list(parting.event.changes),
        "rests_on": list(parting.rests_on),
        "elsewhere": parting.elsewhere,
    }


def _apart_json(field: FieldsApart) -> dict[str, Any]:
    return {"process": field.node, "field": field.field, "values": list(field.values)}
