"""`pmmc check --trace-dir`: every counterexample as files, to be replayed, looked at, and fed to tools."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from checker.checking.judgement import is_shortest
from checker.checking.question import replay_file
from checker.checking.result import CheckResult
from checker.cli import output
from checker.cli.usage import UsageFault
from checker.text.report import Telling, findings

#: Bytes of the name of a model's folder and of a trace; a file's name has room for some 250.
LONGEST = 80

if TYPE_CHECKING:
    from checker.model.behaviour import Trace
    from checker.modelfiles.loading import LoadedModel


def decided(trace: Trace) -> str | None:
    """The property that a trace decides; None if it shows that the model's code raises."""
    return None if trace.claim is None else trace.claim.id


def require_folder(name: str) -> None:
    """Make the folder, or complain before the work begins. Raises UsageFault."""
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise UsageFault(f"cannot write to {name}: {getattr(error, 'strerror', error)}") from None
    if not os.access(name, os.W_OK | os.X_OK):
        raise UsageFault(f"cannot write to {name}: permission denied")


def require_folders(within: str, chosen: Sequence[LoadedModel]) -> dict[str, Path]:
    """The folder of each model's traces, by its file; models of one name have different ones.

    Complains before the work begins about what is in the way. Raises UsageFault.
    """
    folders: dict[str, Path] = {}
    for loaded in chosen:
        if loaded.path in folders:
            continue
        name = _free(file_name(loaded.model.name), {folder.name for folder in folders.values()})
        folder = folders[loaded.path] = Path(within) / name
        if folder.exists() and not folder.is_dir():
            raise UsageFault(f"cannot write to {folder}: it is no folder")
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            raise UsageFault(f"cannot write to {folder}: permission denied")
    return folders


def _free(name: str, taken: Collection[str]) -> str:
    """`name`, or the first of name-2, name-3, … that is not taken; letter case does not count."""
    folded = {other.casefold() for other in taken}
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(free for free in names if free.casefold() not in folded)


def save(
    loaded: LoadedModel, result: CheckResult, folder: Path, *, witnesses: bool, as_found: bool
) -> Mapping[str | None, str]:
    """Write the traces of one result into its folder; what each decides → its file.

    With `witnesses` also how goals are reached; `as_found`: in the order of the search. Raises UsageFault.
    """
    from checker.drawings.forms import forms  # noqa: PLC0415 - imports all that draws
    from checker.traces.retrace import readable  # noqa: PLC0415
    from checker.traces.tracefile import SUFFIX, Source  # noqa: PLC0415

    traces = findings(result)
    if witnesses:
        traces += [trace for trace in result.traces.values() if trace.good]
    if not traces:
        return {}
    require_folder(str(folder))
    source = Source.of(loaded, result.question)
    saved: dict[str | None, str] = {}
    taken: set[str] = set()
    for found in traces:
        trace = found if as_found else readable(found)
        name = _free(file_name(decided(trace) or "raised"), taken)
        taken.add(name)
        stem = str(folder / name)
        saved[decided(trace)] = stem + SUFFIX
        for ending, text in forms(
            trace, source, stem + SUFFIX, shortest=is_shortest(result.found, trace.claim)
        ):
            output.write_text(text, stem + ending)
    return saved


def telling(args: Namespace, result: CheckResult, saved: Mapping[str | None, str]) -> Telling:
    """How counterexamples are told: replayed from the files of `save`, where there are such files."""

    def replay(trace: Trace) -> str:
        file = saved.get(decided(trace))
        return result.replay(trace) if file is None else replay_file((file, *result.loading))

    return Telling(args.full, args.as_found, replay, args.deltas)


def file_name(text: str) -> str:
    """A text as a file name: letters, digits and `. _ -`, not too long, nothing hidden."""
    name = re.sub(r"[^\w.-]+", "-", text).encode(sys.getfilesystemencoding(), "ignore")
    return name[:LONGEST].decode(sys.getfilesystemencoding(), "ignore").strip("-.") or "trace"
