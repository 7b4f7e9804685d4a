"""All the forms that one trace is written in, by the ending of the file."""

from __future__ import annotations

from collections.abc import Iterator

from checker.checking.question import replay_file
from checker.drawings import mermaid, shiviz
from checker.drawings.causal import causal_drawing
from checker.drawings.lanes import lane_chart
from checker.drawings.spacetime import spacetime
from checker.graphs import kinds
from checker.model.behaviour import Trace
from checker.modelfiles.onefile import words_for
from checker.text.calls import explanation_of, shows_calls
from checker.text.narrative import headline, narrate
from checker.traces.tracefile import SUFFIX, Source, write


def forms(trace: Trace, source: Source, file: str, *, shortest: bool) -> Iterator[tuple[str, str]]:
    """Ending and text of each; `file` is the name of the trace file, for the command that replays it."""
    replay = replay_file((file, *words_for(source.protocol)))
    told = [
        *headline(trace, source.file, shortest=shortest),
        "",
        *narrate(trace, deltas=True, replay=replay),
    ]
    yield SUFFIX, write(trace, source)
    yield ".txt", "".join(f"{line}\n" for line in told)
    yield ".svg", spacetime(trace)
    yield ".mmd", mermaid.sequence(trace)
    yield ".shiviz.log", shiviz.log(trace)
    explained = explanation_of(trace) if shows_calls(trace) else None
    if explained is not None:
        yield ".lanes.svg", lane_chart(explained)
    causal = kinds.causal(trace)
    yield ".causal.svg", causal_drawing(trace)
    for ending in ("graphml", "dot"):
        yield f".causal.{ending}", "".join(kinds.FORMATS[ending][0](causal))
