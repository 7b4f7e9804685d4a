"""The report of a check as one text, as `pmmc check` prints it: for `print` and for failed tests."""

from __future__ import annotations

import shlex
from pathlib import Path

from checker.ci.cases import replay_of
from checker.report import Telling, report
from checker.result import CheckResult


def full_report(result: CheckResult) -> str:
    """The counterexample, if there is one, and the closing block; without colours."""
    command = reproduction(result)
    lines = report(result, command, telling=Telling(replay=lambda trace: replay_of(command, trace)))
    return "\n".join(lines if command else lines[:-1])


def reproduction(result: CheckResult) -> str:
    """The command that does the check again; empty for what is in no file."""
    if not Path(result.file).is_file():
        return ""
    return shlex.join(["pmmc", "check", result.file, *result.options])
