"""`pmmc graph`: a model or a trace as a graph, for tools or to be looked at; nothing too large to read."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli import output
from checker.cli.artifacts import require_distinct
from checker.cli.commands.replay import NO_HISTORY, load_trace, require_path
from checker.cli.models import load_one
from checker.cli.overrides import properties_asked, question_named
from checker.cli.usage import UsageFault
from checker.drawings import mermaid
from checker.drawings.causal import causal_drawing
from checker.drawings.lanes import lane_chart
from checker.drawings.spacetime import spacetime
from checker.engines.collapse import collapse
from checker.engines.contract import Progress
from checker.engines.graph import StateGraph, TooManyStates, explore
from checker.engines.marks import marks
from checker.graphs import kinds, tables
from checker.model.played import begun
from checker.model.verdict import ExitCode
from checker.text.calls import explanation_of
from checker.text.progress import ProgressLine
from checker.traces.tracefile import READ

if TYPE_CHECKING:
    from checker.model.behaviour import Trace
    from checker.modelfiles.loading import LoadedModel

#: What helps against a graph of states that is too large.
SMALLER = "try --depth N for the first levels, --collapse ID for what one property sees, or a smaller model"


def graph(args: Namespace) -> ExitCode:
    """Write a graph. Raises UsageFault, also for one that would be too large."""
    ending = Path(args.output).suffix.removeprefix(".").lower()
    if ending not in (*kinds.FORMATS, *tables.ENDINGS, "svg"):
        endings = ".graphml, .json, .sqlite, .dot, .mmd or .svg"
        raise UsageFault(f"{args.output}: a graph is written to {endings}")
    require_path(args)
    output.require_writable(args.output)
    require_distinct({"-o": args.output}, [name for name in (args.trace, args.model) if name is not None])
    of_trace = args.path is not None or args.trace.endswith(READ)
    kind = args.kind or ("causal" if of_trace else "states")
    if of_trace == (kind == "states"):
        wanted = "a trace: a trace file, or a model with --path" if kind != "states" else "a model"
        raise UsageFault(f"--kind {kind} is of {wanted}")
    try:
        if ending in tables.ENDINGS:
            _write_tables(args, kind, ending)
        else:
            pieces = _of_trace(args, kind, ending) if of_trace else _of_model(args, ending)
            output.write_pieces(pieces, args.output)
    except kinds.TooLarge as fault:
        raise UsageFault(f"{args.output}: {fault}") from None
    return ExitCode.OK


def _of_trace(args: Namespace, kind: str, ending: str) -> Iterable[str]:
    found = load_trace(args)
    if found.stopped:
        raise UsageFault(f"{args.trace}: the trace no longer fits: {found.stopped}")
    trace = found.trace
    if kind == "slice" and trace.loop is not None:
        raise UsageFault(
            "all steps of a run that repeats for ever are needed: it has no slice; --kind causal"
        )
    if kind == "spacetime":
        return [_spacetime(trace, ending)]
    if kind == "lanes":
        return [_lanes(trace, ending)]
    if ending == "svg":
        if kind == "counterexample":
            raise UsageFault("a counterexample graph is drawn by Graphviz: write .dot, then `dot -Tsvg`")
        return [causal_drawing(trace, needed_only=kind == "slice")]
    if kind == "counterexample":
        listing = kinds.counterexample(trace, branches=not args.no_branches)
        return kinds.written(listing, ending, "try --no-branches, --kind slice, or .dot")
    listing = kinds.OF_TRACES[kind](trace)
    return kinds.written(listing, ending, "try --kind slice, or .dot")


def _spacetime(trace: Trace, ending: str) -> str:
    if ending == "svg":
        return spacetime(trace)
    if ending == "mmd":
        return mermaid.sequence(trace)
    raise UsageFault("a space-time diagram is written to .svg or .mmd")


def _lanes(trace: Trace, ending: str) -> str:
    explained = explanation_of(trace)
    if explained is None:
        raise UsageFault(NO_HISTORY.format("--kind lanes"))
    if ending != "svg":
        raise UsageFault("lanes are written to .svg; `pmmc replay --lanes` shows them as text")
    return lane_chart(explained)


def _of_model(args: Namespace, ending: str) -> Iterator[str]:
    if ending == "svg":
        raise UsageFault("a graph of states is drawn by Graphviz: write .dot, then `dot -Tsvg`")
    loaded = load_one(args.trace)
    # What will be refused for its size need not be explored to the end
    written_as = "json" if args.collapse else ending
    states = _explored(args, loaded, written_as, kinds.FORMATS[written_as][1])
    if args.collapse is None:
        return kinds.written(kinds.states(states, marks(states)), ending, SMALLER)
    asked = properties_asked([args.collapse], loaded)
    assert asked is not None
    return kinds.written(kinds.collapsed(states.system.name, collapse(states, asked[0])), ending, SMALLER)


def _explored(args: Namespace, loaded: LoadedModel, ending: str, most: int) -> StateGraph:
    """All states of a model, or those of its first levels. Raises TooLarge."""
    system = begun(question_named(loaded, args.network, args.property).of_model(loaded))
    line = ProgressLine(loaded.model.name)
    try:
        return explore(system, most, args.depth, line)
    except TooManyStates as error:
        larger = args.collapse is None and ending in ("graphml", "json")
        advice = (
            f"write .sqlite, which is good for {tables.MOST_STATES:,}; or {SMALLER}" if larger else SMALLER
        )
        raise kinds.TooLarge(str(error), ending, most, advice) from None
    finally:
        line.close()


def _write_tables(args: Namespace, kind: str, ending: str) -> None:
    """Write a file of tables. Raises UsageFault, and TooLarge."""
    if kind != "states" or args.collapse is not None:
        raise UsageFault(f"{args.output}: .{ending} is for all states of a model; write .graphml or .json")
    output.require_file(args.output)
    loaded = load_one(args.trace)
    graph = _explored(args, loaded, ending, tables.MOST_STATES)
    found = marks(graph)
    about = {"model_file": loaded.path, "model_sha256": loaded.sha256}
    line, begun = ProgressLine(f"writing {args.output}"), time.monotonic()

    def report(states: int) -> None:
        left = len(graph.states) - states
        line(Progress(graph.level[states] + 1, states, len(graph.source), left, time.monotonic() - begun))

    try:
        write = partial(tables.write, graph=graph, marks=found, about=about, report=report)
        output.make_file(write, args.output)
    finally:
        line.close()
