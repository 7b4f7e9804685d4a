"""`pmmc check --update`: what is found is recorded as `expect` in the model files."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from checker.checking.check import check as check_model
from checker.checking.judgement import combine
from checker.checking.question import Question
from checker.checking.recording import Recorded, record
from checker.checking.result import CheckResult
from checker.cli.artifacts import Artifacts
from checker.cli.models import STDIN_NAME
from checker.cli.output import write_text
from checker.cli.usage import UsageFault
from checker.engines.contract import Reductions
from checker.host.reading import Unreadable, read_file
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import MOST_BYTES
from checker.text.progress import ProgressLine

#: Folders that installed packages are in.
PACKAGES = {"site-packages", "dist-packages"}

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


def update(args: Namespace, chosen: list[tuple[LoadedModel, Question]]) -> ExitCode:
    """Record what each model's check finds, and say old and new. Raises UsageFault.

    A file that is not any more what was checked is left as it is: somebody has edited it meanwhile.
    """
    _object(args, chosen)
    codes = []
    for loaded, question in _once(chosen):
        recorded = record(loaded, question, lambda model, asked: _checked(args, model, asked))
        text = recorded.text
        if text is not None and text != loaded.text:
            if _edited_since(loaded):
                note = "not recorded: the file was changed while it was checked; run this again"
                recorded = Recorded(None, (), (note,), ExitCode.UNMET)
            else:
                write_text(text, loaded.path)
        print(_told(loaded, recorded), flush=True)
        codes.append(recorded.code)
        if recorded.code is ExitCode.INTERRUPTED:
            break
    return combine(codes)


def _once(chosen: list[tuple[LoadedModel, Question]]) -> list[tuple[LoadedModel, Question]]:
    """Each file once, however often and by whatever names it was named."""
    return list({Path(loaded.path).resolve(): (loaded, question) for loaded, question in chosen}.values())


def _edited_since(loaded: LoadedModel) -> bool:
    """Whether a file no longer holds what was read of it."""
    try:
        return read_file(loaded.path, MOST_BYTES) != loaded.text.encode("utf-8")
    except Unreadable:
        return True


def _object(args: Namespace, chosen: list[tuple[LoadedModel, Question]]) -> None:
    """Refuse what would record the answer to another question than the file's, or in another's file."""
    off = (f"no_{reduction.name}" for reduction in fields(Reductions))
    names = ("network", "property", "continue", "max_depth", *off)
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(args, name)]
    given += Artifacts.of(args).files()
    if given:
        raise UsageFault(f"--update records the question of the model file itself: leave out {given[0]}")
    if any(loaded.path == STDIN_NAME for loaded, _ in chosen):
        raise UsageFault("--update needs files; stdin cannot be written to")
    for loaded, _ in chosen:
        if _is_installed(loaded):
            raise UsageFault(
                f"--update does not write into an installed package: {loaded.path} came with the protocol "
                f"{loaded.protocol.name}; in the folder of its source, or for a copy, it does"
            )


def _is_installed(loaded: LoadedModel) -> bool:
    """Whether a model came with a package, and not from the folder that somebody works in."""
    path, here = Path(loaded.path).resolve(), Path.cwd()
    models = loaded.protocol.models
    if models is None or not path.is_relative_to(models.resolve()):
        return False
    return not path.is_relative_to(here) or bool(PACKAGES & set(path.relative_to(here).parts))


def _checked(args: Namespace, loaded: LoadedModel, question: Question) -> CheckResult:
    line = None if args.quiet else ProgressLine(loaded.model.name)
    try:
        return check_model(loaded, question, line)
    finally:
        if line is not None:
            line.close()


def _told(loaded: LoadedModel, recorded: Recorded) -> str:
    lines = []
    if recorded.text is not None:
        changed = recorded.text != loaded.text
        differences = ", ".join(recorded.differences) if changed else ""
        lines = [f"{loaded.path}: {differences or 'unchanged'}"]
    return "\n".join([*lines, *(f"{loaded.path}: {note}" for note in recorded.notes)])
