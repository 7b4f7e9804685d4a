"""`pmmc vectors` and `pmmc conform`: what nodes of a model are asked, and an implementation asked it."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from checker.checking.question import Question
from checker.cli.artifacts import require_distinct
from checker.cli.commands.replay import load_words
from checker.cli.models import installed, load_one, names_of_shipped
from checker.cli.output import STDOUT, require_writable, write_json, write_text
from checker.cli.usage import UsageFault
from checker.conformance import folder as folders
from checker.conformance.conforming import Outcome, conform, require_fresh
from checker.conformance.making import Stopped, make
from checker.conformance.processes import asking
from checker.conformance.rules import Rules
from checker.conformance.schema import schema_of
from checker.conformance.suite import NoVectors, Suite
from checker.data.conformance import conform_json
from checker.engines.contract import Limits
from checker.implementations.command import CannotStart, Command
from checker.model.behaviour import Trace, replay
from checker.model.verdict import ExitCode
from checker.modelfiles.complaints import Faults, unknown
from checker.text.conformance import account, outcome_lines
from checker.text.progress import ProgressLine
from checker.text.style import style_for
from checker.traces.tracefile import READ, Source, write

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


def vectors(args: Namespace) -> ExitCode:
    """Write the vectors of a model. Raises UsageFault, and CodeError if the model's code does."""
    place = Path(args.output)
    loaded = load_one(args.model)
    loaded = replace(loaded, path=names_of_shipped(installed()).get(loaded.path, loaded.path))
    line = None if args.quiet else ProgressLine(loaded.model.name)
    limits = Limits(args.max_states, None, args.timeout, args.memory)
    begun = time.monotonic()
    try:
        folders.require_place(place)
        suite = make(loaded, args.role, limits, line, workers=args.workers or os.cpu_count() or 1)
        folders.write(place, suite, schema_of(Rules(loaded).wire))
    except Stopped as stopped:
        print(f"pmmc: {loaded.path}: {stopped}: nothing was written", file=sys.stderr)
        return ExitCode.INTERRUPTED if stopped.interrupted else ExitCode.INCONCLUSIVE
    except NoVectors as why:
        raise UsageFault(f"{loaded.path}: {why}") from None
    except folders.FolderFault as fault:
        raise UsageFault.joined(f"pmmc: {one}" for one in fault.faults) from None
    finally:
        if line is not None:
            line.close()
    if not args.quiet:
        print("\n".join(account(suite, args.output, time.monotonic() - begun)))
    return ExitCode.OK


def conform_(args: Namespace) -> ExitCode:
    """Ask an implementation all vectors, and tell what came of it. Raises UsageFault."""
    _require_outputs(args)
    suite, loaded = _read(args)
    command = Command(tuple(args.words), Path(), args.timeout)
    stream: IO[str] = sys.stderr if args.json == STDOUT else sys.stdout
    style = style_for(stream, args.color)
    try:
        command.program()
        rules = Rules(loaded)
        require_fresh(suite, rules)
        outcome = _asked(args, suite, rules, command)
    except CannotStart as why:
        raise UsageFault(str(why)) from None
    except NoVectors as why:
        raise UsageFault(f"{args.folder}: {why}") from None
    trace = _trace(outcome, loaded)
    again = _replaying(args, outcome, loaded)
    lines = outcome_lines(
        outcome, rules, trace, replay=again, most=args.most, full=args.full, style=style, brief=args.quiet
    )
    print("\n".join(lines), file=stream, flush=True)
    code = code_of(outcome)
    if args.trace is not None and trace is not None:
        write_text(write(trace, Source.of(loaded)), args.trace)
    if args.junit is not None:
        from checker.ci.conformance import junit  # noqa: PLC0415 - imports XML

        write_text(junit(outcome, rules), args.junit)
    if args.json is not None:
        write_json(conform_json(outcome, rules, code), args.json)
    return code


def _require_outputs(args: Namespace) -> None:
    for file in (args.json, args.junit, args.trace):
        if file is not None:
            require_writable(file)
    if args.trace is not None and not args.trace.endswith(READ):
        raise UsageFault(f"--trace {args.trace}: `pmmc replay` takes files whose names end in {READ}")
    if args.trace == STDOUT or args.junit == STDOUT == args.json:
        raise UsageFault("only one of the outputs can go to stdout, and a trace cannot")
    inputs = [str(path) for path in Path(args.folder).glob("*")]
    require_distinct({"--json": args.json, "--junit": args.junit, "--trace": args.trace}, inputs)


def _read(args: Namespace) -> tuple[Suite, LoadedModel]:
    """The vectors, and the model that they are of. Raises UsageFault."""
    from checker.modelfiles.loading import load_text  # noqa: PLC0415 - imports pydantic

    try:
        suite = folders.read(Path(args.folder))
    except folders.FolderFault as fault:
        raise UsageFault.joined(f"pmmc: {one}" for one in fault.faults) from None
    for role in args.role or ():
        if role not in suite.roles:
            raise UsageFault(f"--role: {unknown('role', role, suite.roles)}")
    model = suite.manifest["model"]
    try:
        return suite, load_text(model["text"], model["file"], protocols=installed())
    except Faults as faults:
        said = f"the model inside is none that this version can read\n{faults}"
        raise UsageFault.joined([f"pmmc: {args.folder}: {said}"]) from None


def _asked(args: Namespace, suite: Suite, rules: Rules, command: Command) -> Outcome:
    line = None if args.quiet else ProgressLine(f"{suite.manifest['model']['name']}: {command}")
    with asking(command, suite) as ask:
        try:
            return conform(suite, rules, ask, command=str(command), roles=args.role, report=_reporter(line))
        finally:
            if line is not None:
                line.close()


def _reporter(line: ProgressLine | None) -> Callable[[int, int], None] | None:
    if line is None:
        return None
    begun = time.monotonic()
    return lambda done, of: line.tell(0, time.monotonic() - begun, lambda: f"{done:,} of {of:,} answers")


def _trace(outcome: Outcome, loaded: LoadedModel) -> Trace | None:
    """The shortest run to the first vector that failed."""
    if not outcome.failures:
        return None
    return replay(loaded.system, outcome.suite.path(outcome.failures[0].vector.run))


def _replaying(args: Namespace, outcome: Outcome, loaded: LoadedModel) -> str:
    """The command that takes the steps of that run; "" if nothing is known that it could be given."""
    if args.trace is not None:
        return f"pmmc replay {args.trace}"
    if not outcome.failures:
        return ""
    path = outcome.suite.path(outcome.failures[0].vector.run)
    known = loaded.path in names_of_shipped(installed()).values() or Path(loaded.path).is_file()
    words = (loaded.path, *load_words(args))
    return Question().replay(words, path) if known else ""


def code_of(outcome: Outcome) -> ExitCode:
    """The exit code: what goes wrong counts more than what differs."""
    if outcome.interrupted:
        return ExitCode.INTERRUPTED
    if outcome.went_wrong:
        return ExitCode.MODEL_RAISED
    return ExitCode.OK if outcome.all_passed else ExitCode.UNMET
