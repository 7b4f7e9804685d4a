"""The files that a check writes beside its report: JSON, JUnit, SARIF, and GitHub's summary of the job.

Each is written when the run has ended, whole or not at all. Their modules are imported when asked for.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli import output
from checker.cli.usage import UsageFault
from checker.model.verdict import ExitCode

if TYPE_CHECKING:
    from checker.checking.result import CheckResult

#: The options that name a file to write.
FILES = ("json", "junit", "sarif", "html")


def require_writable(args: Namespace) -> None:
    """Complain before the work begins. Raises UsageFault."""
    named = [(name, getattr(args, name)) for name in FILES if getattr(args, name) is not None]
    for _, destination in named:
        output.require_writable(destination)
    same = [f"--{name}" for name, destination in named if destination == output.STDOUT]
    if len(same) > 1:
        raise UsageFault(f"{' and '.join(same)} cannot both go to stdout")


def require_apart(args: Namespace, inputs: Sequence[str]) -> None:
    """Complain if an output of a check is one of the models, or another output. Raises UsageFault."""
    outputs = {f"--{name}": getattr(args, name) for name in FILES}
    if args.format == "github":
        outputs["GITHUB_STEP_SUMMARY"] = os.environ.get("GITHUB_STEP_SUMMARY") or None
    require_distinct(outputs, inputs)


def require_distinct(outputs: Mapping[str, str | None], inputs: Sequence[str]) -> None:
    """Complain if what a command writes would take the place of what it reads, or of what it writes.

    `outputs` are files by the option that names them, None if it is not given. Raises UsageFault.
    """
    taken = {_identity(name): f"{name}, which is read" for name in inputs}
    for option, name in outputs.items():
        if name is not None and Path(name).is_dir():  # it may have been made for the traces
            raise UsageFault(f"cannot write {name}: it is a folder")
        if name is None or name == output.STDOUT or (Path(name).exists() and not Path(name).is_file()):
            continue  # stdout, a device or a pipe holds nothing that would be lost
        identity = _identity(name)
        if identity in taken:
            raise UsageFault(f"{option} {name} would be written over {taken[identity]}")
        taken[identity] = f"{name}, which {option} writes"


def _identity(name: str) -> object:
    """A key that is equal for two names of the same file."""
    try:
        found = Path(name).stat()
    except OSError:
        return os.path.realpath(name)
    return found.st_dev, found.st_ino


def on_stdout(args: Namespace) -> bool:
    """Whether one of these outputs is written to stdout."""
    return any(getattr(args, name) == output.STDOUT for name in FILES)


def are_asked(args: Namespace) -> bool:
    """Whether there is anything to write beside what is shown."""
    return any(getattr(args, name) is not None for name in (*FILES, "trace_dir")) or args.format == "github"


def write(
    args: Namespace,
    checked: Sequence[tuple[CheckResult, str]],
    code: Callable[[], ExitCode],
    attempt: Callable[[], AbstractContextManager[None]],
) -> None:
    """Write what was asked for; `checked` are results with their commands.

    Each file is an `attempt` of its own, so that one that cannot be written does not keep the others from
    it. `code` is the exit code by then; those that tell it are written last.
    """
    if args.junit is not None:
        with attempt():
            from checker.ci.junit import junit  # noqa: PLC0415 - imports XML

            output.write_text(junit(checked), args.junit)
    if args.format == "github":
        with attempt():
            _append_summary(checked)
    if args.sarif is not None:
        with attempt():
            from checker.ci.sarif import sarif  # noqa: PLC0415

            output.write_json(sarif(checked, code()), args.sarif)
    if args.json is not None:
        with attempt():
            from checker.data.check import report_json  # noqa: PLC0415

            output.write_json(report_json([result for result, _ in checked], code()), args.json)


def _append_summary(checked: Sequence[tuple[CheckResult, str]]) -> None:
    from checker.ci.github import append_summary  # noqa: PLC0415

    try:
        append_summary(checked)
    except OSError as error:
        raise UsageFault(f"cannot write the summary of the job: {error}") from error
