"""The files that a check writes beside its report: JSON, JUnit, SARIF, and GitHub's summary of the job.

Each is written when the run has ended, whole or not at all. Their modules are imported when asked for.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli import output
from checker.cli.usage import UsageFault
from checker.model.verdict import ExitCode

if TYPE_CHECKING:
    from checker.checking.result import CheckResult

#: The environment variable that names the file of a job's summary.
SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What a check is to write beside what it shows: files by their names (None: not asked for).

    With `github` the summary of a job too.
    """

    json: str | None = None
    junit: str | None = None
    sarif: str | None = None
    html: str | None = None
    github: bool = False

    @classmethod
    def of(cls, args: Namespace) -> Artifacts:
        """What a command line asks for."""
        return cls(args.json, args.junit, args.sarif, args.html, args.format == "github")

    def files(self) -> dict[str, str]:
        """Option → the file that it names, for those that are given."""
        named = {"--json": self.json, "--junit": self.junit, "--sarif": self.sarif, "--html": self.html}
        return {option: file for option, file in named.items() if file is not None}

    def require_writable(self) -> None:
        """Complain before the work begins. Raises UsageFault."""
        for destination in self.files().values():
            output.require_writable(destination)
        same = [option for option, destination in self.files().items() if destination == output.STDOUT]
        if len(same) > 1:
            raise UsageFault(f"{' and '.join(same)} cannot both go to stdout")

    def require_apart(self, inputs: Sequence[str]) -> None:
        """Complain if one is a model that is read, or another one. Raises UsageFault."""
        outputs: dict[str, str | None] = {**self.files()}
        if self.github:
            outputs[SUMMARY] = os.environ.get(SUMMARY) or None
        require_distinct(outputs, inputs)

    @property
    def take_stdout(self) -> bool:
        """Whether stdout belongs to one of the files."""
        return output.STDOUT in self.files().values()

    def write(
        self,
        checked: Sequence[CheckResult],
        code: Callable[[], ExitCode],
        attempt: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Write what was asked for, but for the page; `checked` are the results.

        Each file is an `attempt` of its own, so that one that cannot be written does not keep the others
        from it. `code` is the exit code by then; those that tell it are written last.
        """
        if self.junit is not None:
            with attempt():
                from checker.ci.junit import junit  # noqa: PLC0415 - imports XML

                output.write_text(junit(checked), self.junit)
        if self.github:
            with attempt():
                _append_summary(checked)
        if self.sarif is not None:
            with attempt():
                from checker.ci.sarif import sarif  # noqa: PLC0415

                output.write_json(sarif(checked, code()), self.sarif)
        if self.json is not None:
            with attempt():
                from checker.data.check import report_json  # noqa: PLC0415

                output.write_json(report_json(checked, code()), self.json)


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


def _append_summary(checked: Sequence[CheckResult]) -> None:
    from checker.ci.github import append_summary  # noqa: PLC0415

    try:
        append_summary(checked)
    except OSError as error:
        raise UsageFault(f"cannot write the summary of the job: {error}") from error
