"""`pmmc check --trace-dir`: every counterexample as files, to be replayed, looked at, and fed to tools."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from checker.cli import output
from checker.cli.usage import UsageFault
from checker.judgement import fused
from checker.properties import Kind
from checker.report import findings
from checker.result import CheckResult

#: The ending of trace files, the ones that `pmmc replay` reads.
SUFFIX = ".itf.json"

if TYPE_CHECKING:
    from checker.modelfile import LoadedModel
    from checker.trace import Trace


def trace_name(trace: Trace) -> str:
    """What a trace is filed under: the property that it decides."""
    return CheckResult.RAISED if trace.claim is None else trace.claim.id


def require_folder(name: str) -> None:
    """Make the folder, or complain before the work begins. Raises UsageFault."""
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageFault(f"cannot write to {name}: {error.strerror}") from None
    output.require_writable(str(Path(name) / "trace"))


def save(args: Namespace, loaded: LoadedModel, result: CheckResult) -> Mapping[str, str]:
    """Write the traces of one result; trace name → its trace file. Raises UsageFault."""
    from checker.inspection.forms import forms  # noqa: PLC0415 - imports all that draws
    from checker.inspection.retrace import readable  # noqa: PLC0415
    from checker.inspection.tracefile import Source  # noqa: PLC0415

    traces = findings(result)
    if args.witnesses:
        reached = (trace for trace in result.traces.values() if trace.claim is not None)
        traces += [trace for trace in reached if trace.claim and trace.claim.kind is Kind.SOMETIMES]
    if not traces:
        return {}
    folder = Path(args.trace_dir) / file_name(loaded.model.name)
    require_folder(str(folder))
    asked = None if args.property is None else tuple(dict.fromkeys(args.property))
    source = Source(result.file, loaded.text, loaded.protocol.name, args.network, asked)
    saved: dict[str, str] = {}
    taken: set[str] = set()
    for found in traces:
        trace = found if args.as_found else readable(found)
        name = file_name(trace_name(trace))
        while name in taken:
            name += "-2"
        taken.add(name)
        stem = str(folder / name)
        saved[trace_name(trace)] = stem + SUFFIX
        for ending, text in forms(trace, source, stem + SUFFIX, shortest=not fused(result.found)):
            output.write_text(text, stem + ending)
    return saved


def file_name(text: str) -> str:
    """A text as a file name: letters, digits and `. _ -`, not too long, nothing hidden."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:80] or "trace"
