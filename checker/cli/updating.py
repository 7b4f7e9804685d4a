"""`pmmc check --update`: what is found is recorded as `expect` in the model files."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from checker.check import Options
from checker.check import check as check_model
from checker.ci.recording import Recorded, record
from checker.cli.artifacts import FILES
from checker.cli.finding import STDIN_NAME
from checker.cli.output import write_text
from checker.cli.usage import UsageFault
from checker.judgement import combine
from checker.progress import ProgressLine
from checker.result import CheckResult
from checker.verdict import ExitCode

if TYPE_CHECKING:
    from checker.modelfile import LoadedModel


def update(args: Namespace, chosen: list[tuple[LoadedModel, Options]]) -> ExitCode:
    """Record what each model's check finds, and say old and new. Raises UsageFault."""
    _object(args, chosen)
    codes = []
    for loaded, options in chosen:
        text = Path(loaded.path).read_bytes().decode("utf-8")
        recorded = record(loaded, text, options, lambda model, asked: _checked(args, model, asked))
        if recorded.text is not None and recorded.text != text:
            write_text(recorded.text, loaded.path)
        print(_told(loaded, recorded, written=recorded.text not in (None, text)), flush=True)
        codes.append(recorded.code)
        if recorded.code is ExitCode.INTERRUPTED:
            break
    return combine(codes)


def _object(args: Namespace, chosen: list[tuple[LoadedModel, Options]]) -> None:
    """Refuse what would record the answer to another question than the file's."""
    names = ("network", "property", "max_depth", "no_fusion", "no_settling", "no_symmetry", *FILES)
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(args, name)]
    if given:
        raise UsageFault(f"--update records the question of the model file itself: leave out {given[0]}")
    if any(loaded.path == STDIN_NAME for loaded, _ in chosen):
        raise UsageFault("--update needs files; stdin cannot be written to")


def _checked(args: Namespace, loaded: LoadedModel, options: Options) -> CheckResult:
    line = None if args.quiet else ProgressLine(loaded.model.name)
    try:
        return check_model(loaded, options, line)
    finally:
        if line is not None:
            line.close()


def _told(loaded: LoadedModel, recorded: Recorded, *, written: bool) -> str:
    lines = [f"{loaded.path}: {', '.join(recorded.differences) or 'unchanged'}"] if written else []
    if recorded.text is not None and not written:
        lines = [f"{loaded.path}: unchanged"]
    return "\n".join([*lines, *(f"{loaded.path}: {note}" for note in recorded.notes)])
