"""`pmmc diff`: two traces beside each other."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from checker.cli import output
from checker.cli.artifacts import require_distinct
from checker.cli.commands.replay import load_trace
from checker.cli.usage import UsageFault
from checker.comparison.traces import OtherNodes, TraceComparison, compare_traces
from checker.data.comparison import traces_json
from checker.data.formats import FORMATS
from checker.drawings import shiviz
from checker.graphs import kinds
from checker.graphs.difference import difference
from checker.model.verdict import ExitCode
from checker.text.style import style_for
from checker.text.tracediff import trace_report
from checker.traces.tracefile import READ

if TYPE_CHECKING:
    from checker.model.behaviour import Trace

#: The ending of logs for ShiViz.
LOG = ".shiviz.log"


def diff(args: Namespace) -> ExitCode:
    """Compare two traces. Raises UsageFault."""
    written = {"-o": args.output, "--json": args.json}
    for name in filter(None, written.values()):
        output.require_writable(name)
    require_distinct(written, args.traces)
    ending = _ending(args.output)
    one, other = (_loaded(args, name) for name in args.traces)
    names = _names(*args.traces)
    try:
        found = compare_traces(one, other)
    except OtherNodes as fault:
        raise UsageFault(str(fault)) from None
    if args.output is not None:
        _write(args.output, ending, found, names)
    stream: IO[str] = sys.stderr if args.json == output.STDOUT else sys.stdout
    lines = trace_report(found, names, style=style_for(stream, args.color))
    print("\n".join(lines[:1] if args.quiet else lines), file=stream)
    if args.json is not None:
        document = {"format": FORMATS["diff"], "exit_code": int(found.exit_code), **traces_json(found)}
        for trace, file in zip(document["traces"], args.traces, strict=True):
            trace["file"] = file
        output.write_json(document, args.json)
    return found.exit_code


def _ending(name: str | None) -> str:
    """How the file is to be written that was asked for, empty if none was. Raises UsageFault."""
    if name is None or name.endswith(LOG):
        return "" if name is None else LOG
    ending = Path(name).suffix.removeprefix(".").lower()
    if ending not in kinds.FORMATS:
        raise UsageFault(f"{name}: two traces are written to {LOG}, .dot, .mmd, .graphml or .json")
    return ending


def _loaded(args: Namespace, name: str) -> Trace:
    """A trace, which must still be possible. Raises UsageFault."""
    if not name.endswith(READ):
        raise UsageFault(
            f"{name}: a trace file ends in {READ}; `pmmc check MODEL --trace-dir DIR` writes some"
        )
    asked = {"path": None, "loop": None, "model": None, "network": None, "property": None}
    found = load_trace(Namespace(trace=name, load=args.load, **asked))
    if found.stopped:
        raise UsageFault(f"{name}: the trace no longer fits: {found.stopped}")
    return found.trace


def _names(one: str, other: str) -> tuple[str, str]:
    """What the traces are called: their files without the folders, where that tells them apart."""
    short = Path(one).name, Path(other).name
    if short[0] != short[1]:
        return short
    return (one, other) if one != other else (one, f"{other} again")


def _write(name: str, ending: str, found: TraceComparison, names: tuple[str, str]) -> None:
    if ending == LOG:
        output.write_text(shiviz.log_of_several(list(zip(names, found.traces, strict=True))), name)
        return
    try:
        output.write_pieces(kinds.written(difference(found, names), ending, "try .dot"), name)
    except kinds.TooLarge as fault:
        raise UsageFault(f"{name}: {fault}") from None
