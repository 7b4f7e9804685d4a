"""`pmmc validate`: logs of a running system held against a model."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from checker.checking.question import Question
from checker.cli.artifacts import require_distinct
from checker.cli.models import installed, load_one
from checker.cli.output import STDOUT, require_writable, write_json, write_text
from checker.cli.tracedir import require_folder
from checker.cli.usage import UsageFault
from checker.data.formats import FORMATS
from checker.data.validation import validation_json
from checker.engines.contract import Limits, Progress
from checker.engines.situations import Situations, situations
from checker.model.behaviour import Trace, replay
from checker.model.modelcode import CodeError
from checker.model.verdict import ExitCode
from checker.modelfiles.complaints import unknown
from checker.modelfiles.loading import LoadedModel
from checker.modelfiles.onefile import words_for
from checker.text.progress import ProgressLine
from checker.text.style import style_for
from checker.text.validation import report
from checker.traces.tracefile import SUFFIX, Source, write
from checker.validation import validate as validating
from checker.validation.coverage import Coverage
from checker.validation.events import LogFaults
from checker.validation.mapping import load_mapping
from checker.validation.result import Validated
from checker.validation.retold import NoTrace, retold
from checker.validation.session import Asked, held_against, look
from checker.validation.session import validate as validated

if TYPE_CHECKING:
    from checker.model.logs import Logged, Logs, Observed
    from checker.modelfiles.protocol import Protocol

#: Files of a folder that are logs.
LOGS = "*.jsonl"


def validate(args: Namespace) -> ExitCode:
    """Validate logs, and show what came of it. Raises UsageFault, Faults."""
    paths = _paths(args.logs)
    _require_outputs(args, paths)
    loaded = None if args.model is None else load_one(args.model)
    protocol = _protocol(args, loaded)
    if protocol.logs is None:
        raise UsageFault(f"protocol {protocol.name} says nothing of logs")
    logs = protocol.logs()
    mapping = None if args.mapping is None else load_mapping(args.mapping, logs.mappings)
    asked = Asked(paths, mapping, _rules(args.rule or (), loaded), args.timeout)
    line = None if args.quiet else ProgressLine("validate")
    try:
        observed = look(asked, logs)
        logged = _held(asked, logs, observed, loaded)
        coverage = (
            None if loaded is None or args.coverage is None else _coverage(loaded, args.coverage, line)
        )
        result, validation = validated(
            asked, logged, observed, coverage=coverage, report=None if line is None else _telling(line)
        )
    except LogFaults as faults:
        raise UsageFault.joined(str(faults).splitlines()) from None
    except OSError as error:
        raise UsageFault(f"{error.filename}: cannot be read: {error.strerror}") from None
    finally:
        if line is not None:
            line.close()
    if args.trace_dir is not None:
        _save(args.trace_dir, result, validation, loaded or protocol)
    _write(args, result)
    return result.code


def _paths(given: Sequence[str]) -> tuple[Path, ...]:
    """The files that are named, and those in folders that are. Raises UsageFault."""
    paths: dict[Path, None] = {}
    for name in given:
        path = Path(name)
        if path.is_dir():
            found = sorted(path.glob(LOGS))
            if not found:
                raise UsageFault(f"{name}: there is no {LOGS} in this folder")
            paths.update(dict.fromkeys(found))
        elif not path.exists():
            raise UsageFault(f"{name}: cannot be read: No such file or directory")
        elif not path.is_file():
            raise UsageFault(f"{name}: a log is a file; this is none")
        else:
            paths[path] = None
    same = {os.path.realpath(path) for path in paths}
    if len(same) < len(paths):
        raise UsageFault("a log is named twice")
    return tuple(paths)


def _require_outputs(args: Namespace, paths: Sequence[Path]) -> None:
    outputs = {"--json": args.json, "--junit": args.junit}
    for destination in outputs.values():
        if destination is not None:
            require_writable(destination)
    if args.json == args.junit == STDOUT:
        raise UsageFault("--json and --junit cannot both go to stdout")
    require_distinct(outputs, [str(path) for path in paths])
    if args.trace_dir is not None:
        require_folder(args.trace_dir)


def _protocol(args: Namespace, loaded: LoadedModel | None) -> Protocol:
    if loaded is not None:
        return loaded.protocol
    known = installed()
    if args.protocol not in known:
        raise UsageFault(f"--protocol: {unknown('protocol', args.protocol, sorted(known))}")
    return known[args.protocol]


def _rules(given: Sequence[str], loaded: LoadedModel | None) -> Mapping[str, str]:
    rules: dict[str, str] = {}
    for one in given:
        part, equals, variant = one.partition("=")
        if not (part and equals and variant):
            raise UsageFault(f"--rule: expected PART=VARIANT, not '{one}'")
        rules[part] = variant
    if rules and loaded is not None:
        raise UsageFault("--rule goes without --model; a model file says its rules itself")
    return rules


def _held(asked: Asked, logs: Logs, observed: Observed, loaded: LoadedModel | None) -> Logged:
    if loaded is not None and asked.kind:
        raise UsageFault("--model goes with logs in our own words; a mapping says what its logs are of")
    try:
        return held_against(asked, logs, observed, loaded)
    except ValueError as error:
        raise UsageFault(f"--model: {error}") from None


def _telling(line: ProgressLine) -> Callable[[validating.Progress], None]:
    def tell(progress: validating.Progress) -> None:
        rate = progress.events / max(progress.seconds, 1e-9)
        read = f"{progress.read / 1e6:,.1f} of {progress.size / 1e6:,.1f} MB"
        said = f"{read}   {progress.events:,} events   {rate:,.0f} events/s"
        line.tell(progress.events, progress.seconds, lambda: said)

    return tell


def _coverage(loaded: LoadedModel, longest: float, line: ProgressLine | None) -> Coverage:
    """The local situations of a model, as far as they are found in so many seconds."""
    system = loaded.system

    def tell(progress: Progress) -> None:
        if line is not None:
            line(progress)

    nodes = frozenset(range(len(system.members)))
    if system.shift is not None:
        return Coverage(system, Situations((), (), (), stopped="states are kept up to a shift"))
    try:
        found = situations(system, nodes, Limits(timeout=longest), tell, workers=os.cpu_count() or 1)
    except (CodeError, ValueError) as error:
        found = Situations((), (), (), stopped=str(error))
    return Coverage(system, found)


def _save(
    folder: str,
    result: Validated,
    validation: validating.Validation,
    of: LoadedModel | Protocol,
) -> None:
    """Write the run as a trace, and a shortest way to what it has not visited."""
    if not isinstance(of, LoadedModel):
        result.no_trace = "a trace is of a model: --model names one that this is a run of"
        return
    try:
        trace = retold(of.system, validation.steps_taken())
        result.trace_file = _written(folder, "run", trace, of)
    except (NoTrace, CodeError) as why:
        result.no_trace = str(why)
    coverage = result.coverage
    if coverage is not None:
        number = coverage.nearest_unvisited()
        if number is not None:
            run = coverage.situations.leading[number]
            way = replay(of.system, coverage.situations.path(run))
            result.way_file = _written(folder, "not-visited", way, of)


def _written(folder: str, name: str, trace: Trace, loaded: LoadedModel) -> str:
    file = str(Path(folder) / f"{name}{SUFFIX}")
    write_text(write(trace, Source.of(loaded, Question())), file)
    return " ".join((file, *words_for(loaded.protocol.name)))


def _write(args: Namespace, result: Validated) -> None:
    stream: IO[str] = sys.stderr if STDOUT in (args.json, args.junit) else sys.stdout
    lines = report(result, full=args.full, style=style_for(stream, args.color))
    print("\n".join(lines[:1] if args.quiet else lines), file=stream)
    if args.json is not None:
        document = {"format": FORMATS["validate"], "exit_code": int(result.code), **validation_json(result)}
        write_json(document, args.json)
    if args.junit is not None:
        from checker.ci.validation import junit  # noqa: PLC0415 - rarely wanted

        write_text(junit(result), args.junit)
