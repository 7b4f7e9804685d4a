"""The JSON form of simulations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.data.check import result_json
from checker.data.formats import FORMATS
from checker.model.verdict import ExitCode
from checker.simulation.account import bound, local_steps, never_taken
from checker.simulation.simulate import Simulated
from checker.text.simulation import not_judged, reproduce


def simulations_json(results: Iterable[Simulated], exit_code: ExitCode) -> dict[str, Any]:
    """The whole JSON document of a run."""
    return {
        "format": FORMATS["simulate"],
        "exit_code": int(exit_code),
        "results": [simulation_json(result) for result in results],
    }


def simulation_json(result: Simulated) -> dict[str, Any]:
    """One simulation: what a check of the model would tell, and what was walked."""
    walked = result.walked
    asked = walked.asked
    offered, taken = local_steps(walked)
    new, of = walked.fresh
    return {
        "check": result_json(result.check),
        "seed": asked.seed,
        "scheduler": asked.scheduler,
        "depth": asked.depth,
        "runs": walked.runs,
        "runs_asked": asked.runs,
        "runs_of_whole_blocks": walked.whole,
        "runs_cut_short": walked.unfinished,
        "steps": walked.steps,
        "steps_asked": asked.steps,
        "longest": walked.longest,
        "ends": dict(sorted(walked.ends.items())),
        "states": walked.states,
        "states_counted_in_runs": walked.counted_runs,
        "states_by_thousand_runs": list(walked.counted),
        "new_states": {"states": new, "runs": of},
        "local_steps": {"possible": offered, "taken": taken},
        "local_steps_by_action": {
            action: {"possible": count, "taken": walked.taken[action]}
            for action, count in sorted(walked.offered.items())
        },
        "never_taken": list(never_taken(walked)),
        "bound": bound(result),
        "shown_by": {
            claim: {"run": result.runs[claim], "steps": long} for claim, long in result.lengths.items()
        },
        "untold": list(walked.untold),
        "not_judged": list(not_judged(result)),
        "seconds": round(walked.seconds, 3),
        "reproduce": reproduce(result),
    }
