"""Checks that are stopped and gone on with, and what they tell, to be compared with uninterrupted ones."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from checker.checking.check import check
from checker.checking.question import Question
from checker.checking.result import CheckResult
from checker.cli.models import load_one
from checker.engines.checkpoint import Keeping
from checker.engines.choose import Means
from checker.engines.contract import Limits, Reductions

#: Statistics that depend on the model alone.
COUNTED = ("cells", "rows", "posts", "local_steps", "obligations")


def told(result: CheckResult) -> dict[str, Any]:
    """All that a check tells of a model, and nothing of how long that took, or how often it was stopped."""
    found = result.found
    return {
        "verdict": result.verdict,
        "exit": result.exit_code,
        "states": found.states,
        "generated": found.generated,
        "followed": found.followed,
        "depth": found.depth,
        "levels": found.levels,
        "terminal": (found.terminal, found.terminal_judged),
        "cut": found.cut,
        "fired": found.fired,
        "violations": found.violations,
        "witnesses": found.witnesses,
        "futures": found.futures,
        "waits": found.waits,
        "idle": found.idle,
        "raised": found.raised,
        "failed": found.failed,
        "stopped": found.stopped,
        "reductions": found.reductions,
        "traces": {claim: trace.path for claim, trace in result.traces.items()},
        "counted": {name: found.statistics.get(name) for name in COUNTED},
    }


def asked(
    name: str,
    *,
    folder: Path | None = None,
    workers: int = 1,
    limits: Limits = Limits(),
    reductions: Reductions = Reductions(),
    every: float = 60.0,
) -> CheckResult:
    """Check a model; with a folder checkpoints are kept there, and gone on from if there is one."""
    keeping = None
    if folder is not None:
        keeping = Keeping(folder, (folder / "manifest.json").exists(), every=every)
    means = Means("native", reductions, workers, checkpoints=keeping)
    return check(load_one(name), Question(means, limits))


def in_turns(name: str, folder: Path, stops: list[int], workers: list[int], **how: Any) -> CheckResult:
    """Check a model, stopped after so many levels each time, with so many workers each time."""
    for turn, depth in enumerate(stops):
        limits = replace(how.get("limits", Limits()), max_depth=depth)
        asked(name, folder=folder, workers=workers[turn % len(workers)], **{**how, "limits": limits})
    return asked(name, folder=folder, workers=workers[-1], **how)
