"""The report of a check as one text, as `pmmc check` prints it: for `print` and for failed tests."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path

from checker.checking.result import CheckResult
from checker.model.behaviour import Trace
from checker.text.report import Telling, report


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


def replay_of(command: str, trace: Trace) -> str:
    """The command that replays a trace which `command` finds; empty if that is."""
    if not command:
        return ""
    program, _, name, *options = shlex.split(command)
    pairs = pairwise(options)
    asked = [word for pair in pairs if pair[0] in {"--load", "--network", "--property"} for word in pair]
    path = "/".join(map(str, trace.path)) or "-"
    return shlex.join([program, "replay", name, *asked, "--path", path])
