"""The JSON form of `pmmc cost`."""

from __future__ import annotations

from typing import Any

from checker.costs.clocks import Stage
from checker.costs.cost import Cost
from checker.model.behaviour import Trace
from checker.model.values import show


def cost_json(cost: Cost) -> dict[str, Any]:
    """What one call costs as plain values."""
    chain = () if cost.found is None else cost.found.chain
    return {
        "model": cost.asked.system.name,
        "call": show(cost.asked.call),
        "from_start": cost.asked.from_start,
        "network": cost.network.name,
        "delays": cost.delays,
        "writes": cost.writes,
        "messages": cost.messages,
        "in_all": cost.in_all,
        "at_least": cost.at_least,
        "stopped": cost.stopped,
        "chain": [_stage_json(stage) for stage in chain],
        "path": _path(cost.trace),
        "path_in_all": _path(cost.run_in_all),
        "states": cost.states,
        "steps": cost.steps,
        "seconds": round(cost.seconds, 3),
    }


def _stage_json(stage: Stage) -> dict[str, Any]:
    message = None if stage.message is None else show(stage.message)
    return {"step": stage.number, "node": show(stage.node), "message": message, "writes": stage.writes}


def _path(trace: Trace | None) -> list[int] | None:
    return None if trace is None else list(trace.path)
