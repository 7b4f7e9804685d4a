"""A trace as a Mermaid sequence diagram: for issues, pull requests and job summaries.

Mermaid draws a message level, so it is drawn where it is taken. Rules of its grammar that are minded
here: an id must not be the word `end`, a `;` ends a line and `%%` begins a comment wherever they stand,
and labels are taken for HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checker.model.behaviour import Trace
from checker.model.values import show
from checker.model.vocabulary import NodeName
from checker.model.wording import action_of, step_differences
from checker.text.endings import repeats, rests
from checker.text.style import flow
from checker.traces.causality import Causality, Parcel

#: Characters of a line of a note, and lines of it.
NOTE, NOTE_LINES = 46, 5
#: Characters that would be more than text in a label, as Mermaid writes them.
_ENTITIES = str.maketrans({c: f"#{ord(c)};" for c in "#;<>&%`"})
#: Who sends what no node of the system sends.
OUTSIDE = "outside"


def sequence(trace: Trace) -> str:
    """The diagram as Mermaid has it, without a fence around it."""
    known = Causality(trace)
    lines = ["sequenceDiagram", *_participants(known)]
    for number in range(1, len(trace.steps) + 1):
        if trace.loop == number - 1:
            lines.append(f"loop {said(repeats(trace))}")
        lines += _step(known, number)
    if trace.loop is not None:
        lines.append("end")
    if trace.reason:
        good = trace.good
        over = [_id(trace, member.name) for member in (trace.system.members[0], trace.system.members[-1])]
        what = "raised" if trace.claim is None else f"{trace.claim.id} {trace.claim.kind.found}"
        told = filter(None, [f"{what}: {trace.reason}", rests(trace)])
        lines += [
            f"rect rgb({'220, 245, 225' if good else '255, 225, 225'})",
            *(f"Note over {','.join(dict.fromkeys(over))}: {said(text)}" for text in told),
            "end",
        ]
    return "\n".join([lines[0], *("    " + line for line in lines[1:])]) + "\n"


def _participants(known: Causality) -> Iterator[str]:
    trace = known.trace
    inside = {member.name for member in trace.system.members}
    if any(parcel.sender not in inside and parcel.taken for parcel in known.parcels):
        yield f"actor {OUTSIDE}"
    box = None
    for member in trace.system.members:
        if member.role.name != box:
            if box is not None:
                yield "end"
            yield f"box {said(member.role.name)}s"
            box = member.role.name
        yield f"participant {_id(trace, member.name)} as {said(show(member.name))}"
    if box is not None:
        yield "end"


def _id(trace: Trace, name: NodeName) -> str:
    """The id of a node: n and its position; ids that are words could be words of the grammar."""
    position = trace.system.positions.get(name)
    return OUTSIDE if position is None else f"n{position}"


def _step(known: Causality, number: int) -> Iterator[str]:
    trace, step = known.trace, known.trace.steps[number - 1]
    me = f"n{step.transition.node}"
    label = said(f"{number}. {action_of(step.transition)}")
    taken = next((p for p in known.parcels if number in p.taken and not p.at_once), None)
    if taken is not None:
        yield f"{_id(trace, taken.sender)}{'--x' if taken.lost else '->>'}{me}: {label}"
    else:
        yield f"Note over {me}: {label}"
    for parcel in _at_once(known, number):
        yield f"{me}-)n{parcel.receiver}: {said(show(parcel.message))}"
    changed = flow(step_differences(trace.system, step), NOTE, ", ")
    if changed:
        shown = [*changed[:NOTE_LINES], "…"] if len(changed) > NOTE_LINES else changed
        yield f"Note right of {me}: {'<br/>'.join(map(said, shown))}"


def _at_once(known: Causality, number: int) -> Iterator[Parcel]:
    return (p for p in known.parcels if p.at_once and p.sent == number)


def said(text: str) -> str:
    """A text as a label: on one line, and nothing but text."""
    return re.sub(r"\s+", " ", text).translate(_ENTITIES)
