"""`pmmc replay`: take the steps of a trace again by the reference semantics, and judge anew."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace as replaced
from typing import TYPE_CHECKING, NamedTuple

from checker.checking.question import option, replay_file
from checker.cli import output
from checker.cli.artifacts import require_distinct
from checker.cli.models import installed, load_one, names_of_shipped
from checker.cli.overrides import question_named
from checker.cli.usage import UsageFault
from checker.host import reading
from checker.model.behaviour import Trace, path_word, replay_as_far, show_path, shown_by
from checker.model.played import begun
from checker.model.semantics import successors
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.model.wording import action_of
from checker.modelfiles.complaints import shown
from checker.text.endings import back, following_at, length_of
from checker.text.narrative import headline, narrate, show_state
from checker.text.pictures import picture_lines
from checker.text.style import PLAIN, Style, labelled, plural, style_for
from checker.traces.calls import history_of
from checker.traces.lamps import Lamp, along, cut
from checker.traces.tracefile import (
    LARGEST_INDEX,
    MOST_BYTES,
    MOST_STEPS,
    READ,
    Source,
    TraceFault,
    TraceFile,
    departure,
    read,
)

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


#: What is said of an option that needs a history where there is none.
NO_HISTORY = "{}: this model keeps no history of calls; --property linearizable asks for one"
#: The same of pictures, which a protocol need not supply.
NO_PICTURES = "--pictures: this protocol supplies none"


class Replayed(NamedTuple):
    """A trace as far as it could be taken, and why no further (empty: to its end); the command for that.

    `loaded` is the model that it was taken on.
    """

    trace: Trace
    stopped: str
    file: TraceFile | None
    command: str
    loaded: LoadedModel


def replay(args: Namespace) -> ExitCode:
    """Replay a trace file, or the path of a model."""
    if args.html is not None:
        _require_page(args)
    stream = sys.stderr if args.html == output.STDOUT else sys.stdout
    style = style_for(stream, args.color)
    found = load_trace(args)
    trace, stopped, file, command, _ = found
    if args.lanes and history_of(trace) is None:
        raise UsageFault(NO_HISTORY.format("--lanes"))
    if args.pictures and not trace.system.pictures:
        raise UsageFault(NO_PICTURES)
    pictures = _pictures(trace, args, style)
    if args.at is not None:
        if args.at > len(trace.steps):
            count = plural(len(trace.steps), "step")
            raise UsageFault(f"--at {args.at}: the trace has {count}{': ' + stopped if stopped else ''}")
        print("\n".join([*_moment(cut(trace, args.at), trace, style), *pictures]))
        return ExitCode.OK
    name = args.trace
    if file is not None:
        name = names_of_shipped(installed()).get(file.source.file, file.source.file)
    lines, code = _outcome(found, name, style)
    account = list(_account(found, args, style))
    again = "" if stopped else command
    told = narrate(trace, full=args.full, deltas=args.deltas, style=style, replay=again, lanes=args.lanes)
    try:
        print("\n".join([*lines, *([""] if account else []), *account, "", *told, *pictures]), file=stream)
    finally:  # a page is written also if nobody reads the text
        if args.html is not None:
            _write_page(found, name, args)
    return code


def _require_page(args: Namespace) -> None:
    """Complain before the work begins about what cannot be written. Raises UsageFault."""
    if args.at is not None:
        raise UsageFault("--html has every step; with --at one is shown as text")
    output.require_writable(args.html)
    require_distinct({"--html": args.html}, [args.trace])


def _write_page(found: Replayed, name: str, args: Namespace) -> None:
    from checker.drawings.html.replayed import Outcome, page  # noqa: PLC0415 - imports all that draws

    (first, *more), code = _outcome(found, name, PLAIN)
    shows = code is not ExitCode.UNMET and bool(found.trace.reason)
    trace = found.trace if shows else replaced(found.trace, claim=None, reason="")
    told = [*([] if shows else more), *_account(found, args, PLAIN)]
    looks = {ExitCode.OK: "good", ExitCode.UNMET: "warn"}.get(code, "bad")
    word = first.partition("  ")[0]
    outcome = Outcome(word, looks, name, told, found.command)
    output.write_text(page(trace, outcome), args.html)


def _pictures(trace: Trace, args: Namespace, style: Style) -> list[str]:
    """What the protocol shows of the steps so far, if that is asked for."""
    return ["", *picture_lines(trace, args.at, style)] if args.pictures else []


def load_trace(args: Namespace) -> Replayed:
    """The trace file or path that the command line names, replayed. Raises UsageFault."""
    require_path(args)
    if args.path is not None:
        if args.model is not None:
            raise UsageFault("--model goes with a trace file; with --path the model is what is replayed")
        loaded = load_one(args.trace)
        question = question_named(loaded, args.network, args.property)
        trace, stopped = replay_as_far(begun(question.of_model(loaded)), parse_path(args.path), args.loop)
        command = question.replay((args.trace, *load_words(args)), trace.path, trace.loop)
        return Replayed(trace, stopped, None, command, loaded)
    if not args.trace.endswith(READ):
        raise UsageFault(f"{args.trace}: a trace file ends in {READ}; a model needs --path")
    file = read_file(args.trace)
    loaded = _model_of(file.source, args.trace) if args.model is None else load_one(args.model)
    network = args.network or file.source.network
    properties = args.property or file.source.properties
    system = begun(question_named(loaded, network, properties).of_model(loaded))
    claim = None
    if file.property is not None:
        known = {**loaded.protocol.properties, **{p.id: p for p in system.properties}}
        claim = known.get(file.property)
        if claim is None:
            raise UsageFault(f"{args.trace}: there is no property {file.property} any more")
    trace, stopped = replay_as_far(system, file.path, file.loop)
    instead = question_named(loaded, args.network, args.property).instead()
    command = replay_file((args.trace, *load_words(args), *instead, *option("model", args.model)))
    return Replayed(replaced(trace, claim=claim, reason=file.reason), stopped, file, command, loaded)


def read_file(name: str) -> TraceFile:
    """Read a trace file. Raises UsageFault."""
    try:
        return read(reading.read_file(name, MOST_BYTES).decode("utf-8"))
    except reading.Unreadable as error:
        raise UsageFault(f"{name}: cannot be read: {error}") from None
    except UnicodeDecodeError:
        raise UsageFault(f"{name}: not UTF-8") from None
    except TraceFault as fault:
        raise UsageFault(f"{name}: {fault}") from None


def _model_of(source: Source, name: str) -> LoadedModel:
    """The model whose text the trace file holds. Raises Faults."""
    from checker.modelfiles.loading import load_text  # noqa: PLC0415 - imports pydantic

    return load_text(source.text, f"{name} ({source.file})", protocols=installed())


def require_path(args: Namespace) -> None:
    """Complain about a loop of no path. Raises UsageFault."""
    if args.loop is not None and args.path is None:
        raise UsageFault("--loop goes with --path; a trace file says itself which of its steps repeat")


def parse_path(text: str) -> tuple[int, ...]:
    """The indices of a path. Raises UsageFault, also for one that is longer than what is replayed."""
    if text.strip() in ("", path_word(()), show_path(())):
        return ()
    parts = text.strip().strip("/").split("/")
    most = len(str(LARGEST_INDEX))
    if not all(part.isdecimal() and len(part) <= most for part in parts):
        raise UsageFault(f"--path: expected indices joined by /, such as 0/3/1, not {shown(text)}")
    if len(parts) > MOST_STEPS:
        raise UsageFault(f"--path: {len(parts):,} steps; {MOST_STEPS:,} at most are replayed")
    return tuple(map(int, parts))


def _outcome(found: Replayed, name: str, style: Style) -> tuple[list[str], ExitCode]:
    """The line that says how the replay ended, and the exit code."""
    trace, stopped, file, *_ = found
    if stopped:
        return [f"{style('DEPARTED', 'bold', 'red')}  {name}", f"  {stopped}"], ExitCode.UNMET
    if file is None or not trace.reason:
        return _along_the_way(trace, name, style)
    reason = shown_by(trace)
    if reason is None:
        what = (
            "the model's code no longer raises" if trace.claim is None else f"{trace.claim.id} is not shown"
        )
        text = f"  after the same {plural(len(trace.steps), 'step')} {what}; it was: {trace.reason}"
        return [f"{style('GONE', 'bold', 'yellow')}  {name}", text], ExitCode.UNMET
    code = ExitCode.MODEL_RAISED if trace.claim is None else trace.claim.kind.code
    code = ExitCode.OK if trace.good else code
    return headline(replaced(trace, reason=reason), name, shortest=False, style=style), code


def _along_the_way(trace: Trace, name: str, style: Style) -> tuple[list[str], ExitCode]:
    """What the properties say along a path that claims nothing."""
    broken = [s for s in along(trace) if not s.claim.kind.goal and s.first() is not None]
    code = min((strip.claim.kind.code for strip in broken), default=ExitCode.OK)
    word = style("VIOLATED", "bold", "red") if broken else style("REPLAYED", "bold", "green")
    lines = [f"{word}  {length_of(trace)}   {name}"]
    for strip in broken:
        first = strip.first() or 0
        lines.append(f"  {strip.claim.id}, step {first}: {strip.reasons[first]}")
    return lines, code


def _account(found: Replayed, args: Namespace, style: Style) -> Iterator[str]:
    """What is worth knowing beside the outcome: goals on the way, what was recorded, a changed model."""
    trace, file = found.trace, found.file
    reached = [(s.claim.id, s.first()) for s in along(trace) if s.claim.kind.goal]
    shown = [f"{name}: step {first}" for name, first in reached if first is not None]
    yield from labelled("sometimes", shown, style)
    if file is None:
        return
    different = departure(file, trace)
    if different is None:
        yield from labelled("recorded", f"by pmmc {file.version}; every step and state is as it was", style)
    else:
        number, text = different
        yield from labelled("recorded", f"by pmmc {file.version}; different from step {number} on:", style)
        yield from (f"    {line}" for line in text.splitlines())
    if args.model is None and _changed(file.source):
        told = (
            f"{file.source.file} has changed since; replayed as it was, --model replays on what it is now"
        )
        yield from labelled("model", told, style)


def _changed(source: Source) -> bool:
    from checker.modelfiles.loading import MOST_BYTES as MOST  # noqa: PLC0415 - imports pydantic

    try:
        return reading.read_file(source.file, MOST) != source.text.encode("utf-8")
    except reading.Unreadable:
        return False


def load_words(args: Namespace) -> tuple[str, ...]:
    """The options that make protocols known."""
    return tuple(word for file in args.load or () for word in option("load", file))


def _moment(here: Trace, whole: Trace, style: Style) -> Iterator[str]:
    """One state of a trace: how it came about, all of it, what properties say, what may follow."""
    number = len(here.steps)
    if here.steps:
        step = here.steps[-1].transition
        name = show(here.system.members[step.node].name)
        again = "" if here.loop is None else f"   ({back(here)})"
        told = style(f"after step {number} of {len(whole.steps)}", "bold")
        yield f"{told}   {name}  {action_of(step)}{again}"
    else:
        yield style(f"initial state of {plural(len(whole.steps), 'step')}", "bold")
    yield from show_state(here.system, here.final, style)
    yield ""
    for strip in along(here):
        lamp, reason = strip.lamps[-1], strip.reasons[-1]
        if lamp in (Lamp.BROKEN, Lamp.REACHED):
            yield from labelled(lamp.value, f"{strip.claim.id}: {reason}", style)
    following = following_at(whole, number)
    yield f"  {style('what may follow; > is what does', 'dim')}"
    for index, transition in enumerate(successors(here.system, here.final)):
        name = show(here.system.members[transition.node].name)
        mark = ">" if index == following else " "
        nothing = "   (changes nothing)" if transition.state == here.final else ""
        yield f"  {mark} {index:>3}  {style(name, 'cyan')}  {action_of(transition)}{nothing}"
