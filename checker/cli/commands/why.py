"""`pmmc why`: why a trace, or what a check of a model finds, shows what it shows."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, TYPE_CHECKING, NamedTuple

from checker.checking.check import check as check_model
from checker.checking.judgement import combine, is_shortest
from checker.cli.artifacts import require_distinct
from checker.cli.commands.replay import load_trace, require_path
from checker.cli.models import installed, load_one, names_of_shipped
from checker.cli.output import STDOUT, require_writable, write_json
from checker.cli.overrides import limits_of, means_of, question_of
from checker.cli.usage import UsageFault
from checker.data.why import to_json
from checker.explanation.ownrules import own_of
from checker.explanation.why import MOST, Why
from checker.explanation.why import why as explain
from checker.model.behaviour import Trace, judged, shown_by
from checker.model.verdict import ExitCode, Verdict
from checker.text.progress import ProgressLine
from checker.text.report import findings, summary
from checker.text.style import plural, style_for
from checker.text.why import Called, explained
from checker.traces.retrace import readable
from checker.traces.tracefile import READ

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


class Subject(NamedTuple):
    """A trace to be explained, its model, and how it is called and replayed."""

    trace: Trace
    loaded: LoadedModel
    called: Called


class NothingToExplain(Exception):  # noqa: N818 - not a fault of anybody
    """Nothing is violated, or a trace shows nothing; with the exit code."""

    def __init__(self, says: str, code: ExitCode = ExitCode.UNMET) -> None:
        super().__init__(says)
        self.code = code


def why(args: Namespace) -> ExitCode:
    """Explain what the command line names. Raises UsageFault."""
    require_path(args)
    if args.json is not None:
        require_writable(args.json)
        require_distinct({"--json": args.json}, [n for n in (args.trace, args.model) if n is not None])
    stream: IO[str] = sys.stderr if args.json == STDOUT else sys.stdout
    style = style_for(stream, args.color)
    found: list[tuple[str, Why]] = []
    codes = [ExitCode.OK]
    try:
        for number, subject in enumerate(_subjects(args)):
            one = _explained(args, subject)
            found.append((subject.called.file, one))
            codes.append(_code(one))
            told = explained(one, subject.called, full=args.full, style=style)
            print("\n".join([*([""] if number else []), *told]), file=stream, flush=True)
            if one.interrupted:
                break
    except NothingToExplain as nothing:
        print(nothing, file=stream)
        codes.append(nothing.code)
    code = combine(codes)
    if args.json is not None:
        write_json(to_json(found, code), args.json)
    return code


def _explained(args: Namespace, subject: Subject) -> Why:
    """What explains one trace."""
    claim = subject.trace.claim
    what = "" if claim is None else f": {claim.id}"
    lines = [ProgressLine(f"{subject.trace.system.name}{what}{more}") for more in ("", ", others like it")]
    begun = time.monotonic()

    def counted(states: int, found: int) -> None:
        says = f"{plural(states, 'state')} looked at, {found:,} found"
        lines[1].tell(states, time.monotonic() - begun, lambda: says)

    try:
        return explain(
            subject.trace,
            means_of(args),
            limits_of(args),
            most=MOST if args.most is None else args.most,
            own=own_of(subject.loaded),
            report=None if args.quiet else lines[0],
            counted=None if args.quiet else counted,
        )
    finally:
        for line in lines:
            line.close()


def _code(one: Why) -> ExitCode:
    if one.interrupted:
        return ExitCode.INTERRUPTED
    if one.trace.claim is None:
        return ExitCode.MODEL_RAISED
    return ExitCode.INCONCLUSIVE if one.stopped is not None else ExitCode.OK


def _subjects(args: Namespace) -> Iterator[Subject]:
    """The traces that are named, or that a check finds. Raises UsageFault, NothingToExplain."""
    if args.path is not None or args.trace.endswith(READ):
        yield _of_trace(args)
        return
    if args.model is not None:
        raise UsageFault("--model goes with a trace file; without one the model is what is explained")
    yield from _of_model(args)


def _of_trace(args: Namespace) -> Subject:
    found = load_trace(args)
    name = args.trace if found.file is None else found.file.source.file
    if found.stopped:
        raise NothingToExplain(f"{name}: the trace no longer fits: {found.stopped}")
    trace = found.trace
    if found.file is None:
        shown = next(_shown_at_the_end(trace, goals=args.property is not None), None)
        if shown is None:
            raise NothingToExplain(f"{name}: nothing is violated at the end of this path")
        trace = shown
    elif trace.reason:
        reason = shown_by(trace)
        if reason is None:
            raise NothingToExplain(f"{name}: the trace no longer shows what it did: {trace.reason}")
        trace = replace(trace, reason=reason)
    else:
        raise NothingToExplain(f"{name}: the trace shows nothing")
    return Subject(trace, found.loaded, Called(name, found.command))


def _shown_at_the_end(trace: Trace, *, goals: bool) -> Iterator[Trace]:
    """What a path shows at its end: what is violated, then what is reached if goals are asked for."""
    for claim in sorted(trace.system.properties, key=lambda claim: claim.kind.goal):
        reason = judged(trace, claim) if goals or not claim.kind.goal else None
        if reason is not None:
            yield replace(trace, claim=claim, reason=reason)
    raised = shown_by(trace)
    if raised is not None:
        yield replace(trace, reason=raised)


def _of_model(args: Namespace) -> Iterator[Subject]:
    """What a check of the model finds: the violation that its file expects first, then others."""
    loaded = load_one(args.trace)
    names = names_of_shipped(installed())
    line = None if args.quiet else ProgressLine(loaded.model.name)
    try:
        result = check_model(loaded, question_of(args, loaded), line)
    finally:
        if line is not None:
            line.close()
    named = names.get(loaded.path, args.trace)
    result = replace(result, named=named)
    if result.found.failed is not None:
        raise NothingToExplain(f"{named}: {result.found.failed.reason}", result.found.failed.code)
    if result.found.interrupted:
        raise NothingToExplain(
            f"{summary(result)}\n  interrupted before it was explained", ExitCode.INTERRUPTED
        )
    traces = findings(result)
    if args.property is not None:
        traces += [trace for trace in result.traces.values() if trace.good]
    if not traces:
        inconclusive = result.verdict is Verdict.INCONCLUSIVE
        code = ExitCode.INCONCLUSIVE if inconclusive else ExitCode.UNMET
        raise NothingToExplain(f"{summary(result)}\n  there is nothing to explain", code)
    for found in traces:
        trace = readable(found)
        shortest = is_shortest(result.found, trace.claim)
        yield Subject(trace, loaded, Called(named, result.replay(trace), shortest))
