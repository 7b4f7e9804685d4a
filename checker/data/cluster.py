"""The JSON form of what a run came to."""

from __future__ import annotations

from typing import Any

from checker.cluster.outcome import SHARES, Outcome
from checker.costs.cost import Cost


def outcome_json(outcome: Outcome, cost: Cost | None) -> dict[str, Any]:
    """The result of a load, and what it took."""
    predicted = None
    if cost is not None:
        predicted = {
            "model": cost.asked.system.name,
            "delays": cost.delays,
            "writes": cost.writes,
            "messages": cost.messages,
            "in_all": cost.in_all,
        }
    return {
        "ok": outcome.ok,
        "asked": outcome.asked,
        "acknowledged": outcome.done,
        "seconds": round(outcome.seconds, 3),
        "commands_per_second": round(outcome.done / max(outcome.seconds, 1e-9), 1),
        "latency_ms": {str(share): round(outcome.latency(share) * 1000, 3) for share in SHARES},
        "kills": dict(outcome.kills),
        "counted": {name: round(value, 6) for name, value in outcome.counted.items()},
        "predicted": predicted,
        "replicas_equal": outcome.quiet,
        "examined": outcome.examined,
        "wrong": [*outcome.wrong],
        "stopped": outcome.stopped,
        "failed": outcome.failed,
    }
