"""The JSON form of `pmmc validate`."""

from __future__ import annotations

from typing import Any

from checker.model.values import show
from checker.validation.coverage import Coverage
from checker.validation.result import Misfit, NodeResult, Validated


def validation_json(result: Validated) -> dict[str, Any]:
    """All that is known of logs, as plain values."""
    return {
        "verdict": result.verdict,
        "model": result.model,
        "files": list(result.files),
        "bytes": result.size,
        "bytes_read": result.bytes_read,
        "events": result.events,
        "seconds": round(result.seconds, 3),
        "stopped": result.stopped,
        "interrupted": result.interrupted,
        "nodes": [_node(node) for node in result.nodes],
        "without_log": list(result.unlogged),
        "cut_short": list(result.torn),
        "network": result.network,
        "messages": {"sent": result.sent, "never_taken": result.in_flight},
        "judged": {
            "properties": list(result.judged),
            "states": result.judged_states,
            "left_open": result.ambiguous,
            "not_judged": dict(result.left_out),
            "violated": [
                {"property": f.claim.id, "reason": f.reason, "states": f.states} for f in result.findings
            ],
            "reached": dict(result.reached),
        },
        "account": list(result.account),
        "coverage": None if result.coverage is None else _coverage(result.coverage),
        "trace": result.trace_file,
        "no_trace": result.no_trace,
        "way": result.way_file,
    }


def _node(node: NodeResult) -> dict[str, Any]:
    return {
        "node": node.node,
        "role": node.role,
        "events": node.events,
        "steps": node.steps,
        "states": node.states,
        "fitting": node.fitting,
        "misfit": None if node.misfit is None else _misfit(node.misfit),
        "more_misfits": node.others,
        "put_in": node.assumed,
        "recovered": node.recovered,
        "unproven": node.unproven,
        "explained": [
            {"rule": name, "times": one.times, "places": one.places, "first": _misfit(one.misfit)}
            for name, one in node.explained.items()
        ],
    }


def _misfit(misfit: Misfit) -> dict[str, Any]:
    return {
        "why": misfit.why.value,
        "place": misfit.place,
        "seq": misfit.seq,
        "event": misfit.event,
        "reason": misfit.reason,
        "taken": misfit.taken,
        "before": misfit.before,
        "rule": [{"state": one.state, "sends": _sends(one.sends)} for one in misfit.outcomes],
        "log": {"state": misfit.state, "sends": _sends(misfit.sends)},
        "differences": [one._asdict() for one in misfit.differences],
        "nearest": misfit.nearest,
    }


def _sends(sends: tuple[tuple[str, Any], ...]) -> list[dict[str, Any]]:
    return [{"to": to, "message": message} for to, message in sends]


def _coverage(coverage: Coverage) -> dict[str, Any]:
    nearest = coverage.nearest_unvisited()
    return {
        "model": coverage.system.name,
        "stopped": coverage.situations.stopped,
        "visited": len(coverage.visited),
        "situations": coverage.known,
        "beyond": coverage.beyond,
        "by_action": [
            {"role": r.role, "action": r.action, "visited": r.visited, "situations": r.known}
            for r in coverage.rows()
        ],
        "not_visited": None if nearest is None else _situation(coverage, nearest),
    }


def _situation(coverage: Coverage, number: int) -> dict[str, Any]:
    situations = coverage.situations
    found = situations.found[number]
    return {
        "node": show(coverage.system.members[found.node].name),
        "state": show(found.local),
        "message": None if found.message is None else show(found.message),
        "wake": found.wake or None,
        "path": list(situations.path(situations.leading[number])),
    }
