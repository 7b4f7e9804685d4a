"""`pmmc explore`: serve the page that walks through a model or a trace, until Ctrl-C."""

from __future__ import annotations

import os
import shlex
import sys
import webbrowser
from argparse import Namespace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from checker.cli.commands.replay import parse_path, read_file, require_path
from checker.cli.models import installed, load_one
from checker.cli.overrides import question_named
from checker.cli.usage import UsageFault
from checker.explorer.goals import others
from checker.explorer.pages import MOST_STEPS, Pages, Subject
from checker.explorer.server import Explorer
from checker.explorer.walk import NoStep, Path, Walk, trace_of
from checker.model.behaviour import Trace
from checker.model.played import begun
from checker.model.properties import Property
from checker.model.system import System
from checker.model.verdict import ExitCode
from checker.traces.tracefile import READ, Source, TraceFile, departure

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


def explore(args: Namespace) -> ExitCode:
    """Serve the page. Ctrl-C is the way to end it, so it ends with 0."""
    subject = subject_of(args)
    try:
        server = Explorer(Pages(subject), args.port)
    except OSError as error:
        raise UsageFault(f"--port {args.port}: {error.strerror}") from None
    try:
        with server:
            print(f"exploring {subject.system.name} at {server.url}   (Ctrl-C ends it)", flush=True)
            if not args.no_browser and _has_screen():
                Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
            server.serve_forever()
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return ExitCode.OK


def _has_screen() -> bool:
    """Whether a browser would open in a window; in a terminal it would be in the way."""
    return sys.platform in ("darwin", "win32") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())


def subject_of(args: Namespace) -> Subject:
    """The model or trace that the command line names. Raises UsageFault, or Faults of a trace's model."""
    require_path(args)
    file = None
    if args.model.endswith(READ):
        file = read_file(args.model)
        loaded = _load_text(file.source, args.model)
        network = args.network or file.source.network
        asked = args.property or file.source.properties
        path = file.path if args.path is None else parse_path(args.path)
        loop = file.loop if args.path is None else args.loop
        where = f"{args.model}: "
    else:
        loaded, network, asked = load_one(args.model), args.network, args.property
        path, loop = parse_path(args.path or ""), args.loop
        where = "--path: "
    question = question_named(loaded, network, asked)
    system = begun(question.of_model(loaded))
    trace = _traced(system, path, loop, where)
    if file is not None and args.path is None:
        _warn_if_departed(file, trace, args.model)
    source, known = Source.of(loaded, question), others(loaded)
    model = source.file if file is not None else args.model
    command = shlex.join(("pmmc", "explore", model, *question.instead()))
    about, condition = loaded.model.about or "", partial(_condition, loaded)
    content = "-".join((loaded.content.removeprefix("sha256-"), *([network] if network else ())))
    return Subject(system, source, about, path, known, loop, condition, content, command)


def _condition(loaded: LoadedModel, text: str) -> Property:
    from checker.modelfiles.conditions import read_condition  # noqa: PLC0415 - imports pydantic

    return read_condition(loaded, text)


def _load_text(source: Source, name: str) -> LoadedModel:
    from checker.modelfiles.loading import load_text  # noqa: PLC0415 - imports pydantic

    return load_text(source.text, source.file, protocols=installed())


def _traced(system: System, path: Path, loop: int | None, where: str) -> Trace:
    """The steps of a path that the page can show. Raises UsageFault for any other."""
    if len(path) > MOST_STEPS:
        raise UsageFault(f"{where}{len(path):,} steps; the page shows {MOST_STEPS} at most")
    try:
        return trace_of(Walk(system).along(path), loop)
    except (NoStep, ValueError) as error:
        raise UsageFault(f"{where}{error}") from None


def _warn_if_departed(file: TraceFile, trace: Trace, name: str) -> None:
    """Warn if the steps of a trace file do something else today than when it was written."""
    different = departure(file, trace)
    if different is not None:
        number, text = different
        print(
            f"{name}: not as pmmc {file.version} recorded it, from step {number} on: {text}",
            file=sys.stderr,
        )
