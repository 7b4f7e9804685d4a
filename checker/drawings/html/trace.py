"""One counterexample as a part of a page: to be walked through with the keys, read at its end without.

From the end of one that repeats for ever the walk goes on where it repeats.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from checker.drawings import causal as causaldrawing
from checker.drawings import spacetime, svg
from checker.drawings.lanes import lane_chart
from checker.model.behaviour import Trace, show_path
from checker.model.semantics import State
from checker.model.system import System
from checker.model.values import show
from checker.model.wording import action_of, fields_of
from checker.text.calls import explanation_of, shows_calls, unexplained
from checker.text.endings import goes_on, length_of, meetings
from checker.text.markup import escape
from checker.text.narrative import narrate
from checker.text.style import plural
from checker.traces.lamps import Lamp, Strip, along
from checker.traces.slicing import slice_of

#: How a lamp is shown: a sign, so that colour is not all that tells them apart.
SIGNS = {Lamp.HOLDS: "●", Lamp.BROKEN: "✕", Lamp.REACHED: "★", Lamp.OPEN: "○", Lamp.SILENT: "·"}


def section(trace: Trace, *, shortest: bool, replay: str) -> Iterator[str]:
    """One counterexample: why, the diagram beside the state at a step, properties, what caused what."""
    count = len(trace.steps)
    length = length_of(trace) + (", shortest" if shortest else "")
    head = (
        "The model's code raised"
        if trace.claim is None
        else f"{trace.claim.id} is {trace.claim.kind.found}"
    )
    yield '<section class="trace" tabindex="-1">'
    yield f"<h2>{escape(head)} <span class=dim>({length})</span></h2>"
    yield f'<p class="reason">{escape(trace.reason)}</p>'
    if trace.claim is not None:
        yield f"<p>{escape(trace.claim.meaning)} <span class=dim>({escape(trace.claim.source)})</span></p>"
        yield f"<p class=dim>{escape(trace.claim.note)}</p>"
    yield from _ending(trace)
    yield from _calls(trace)
    yield from _stepper(trace)
    yield f'<div class="side"><div class="drawing">{svg.inline(spacetime.spacetime(trace))}</div>'
    yield f'<div class="now"><table class="state">{_state_table(trace)}</table></div></div>'
    yield from _lamps(along(trace), count if trace.loop is None else trace.loop)
    needed = len(slice_of(trace))
    told = f"{needed} of {plural(count, 'step')} are needed, the others are faint"
    told = "all of it is needed" if needed == count else told
    yield f"<h3>What caused what: {told if trace.loop is None else 'one turn of what repeats'}</h3>"
    yield f'<div class="drawing">{svg.inline(causaldrawing.causal_drawing(trace))}</div>'
    loop = "" if trace.loop is None else f", loop {trace.loop}"
    yield f"<p>path <code>{show_path(trace.path)}</code>{loop}</p>"
    if replay:
        yield f"<p>replay <code>{escape(replay)}</code></p>"
    text = "\n".join(narrate(trace))
    yield f"<details><summary>as text</summary><pre>{escape(text)}</pre></details>"
    yield f'<script type="application/json">{_data(trace)}</script></section>'


def _ending(trace: Trace) -> Iterator[str]:
    """How it goes on: which steps repeat for ever and what makes that fair, or why it may stay there."""
    met = [(f"{m.kind}: {m.assumption.text}", " · ".join(m.words())) for m in meetings(trace)]
    told = [*goes_on(trace), *met]
    if told:
        facts = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in told)
        yield f'<dl class="facts ending">{facts}</dl>'


def _calls(trace: Trace) -> Iterator[str]:
    """Where it is claimed that calls can be ordered: the chart of them, and why they cannot."""
    explained = explanation_of(trace) if shows_calls(trace) else None
    if explained is not None:
        yield "<h3>Calls of the clients, and the order that explains most answers</h3>"
        yield f'<div class="drawing">{svg.inline(lane_chart(explained))}</div>'
        yield from (f"<p>{escape(sentence)}</p>" for sentence in unexplained(explained))


def _stepper(trace: Trace) -> Iterator[str]:
    count = len(trace.steps)
    yield '<div class="stepper"><button class="back" title="one step back (k)">‹</button>'
    yield '<button class="on" title="one step on (j)">›</button>'
    yield f'<input type="range" min="0" max="{count}" value="{count}" aria-label="step">'
    yield f'<output>{count} of {count}</output><span class="what">{escape(_steps(trace)[-1])}</span>'
    yield '<span class="dim keys"><kbd>j</kbd> <kbd>k</kbd> walk; click a step to go there</span></div>'


def _steps(trace: Trace) -> list[str]:
    names = [show(member.name) for member in trace.system.members]
    told = [f"{names[s.transition.node]}  {action_of(s.transition)}" for s in trace.steps]
    return ["initial state", *told]


def _fields(system: System, state: State) -> list[tuple[str, list[tuple[str, str]]]]:
    """(node, [(field, value)]) of a state, the inbox as the last field."""
    shown = []
    for member, cell in zip(system.members, state, strict=True):
        empty = [] if system.network.held(cell.inbox) else [("inbox", "")]  # every node has a row for it
        shown.append((show(member.name), fields_of(system, cell) + empty))
    return shown


def _data(trace: Trace) -> str:
    states = [_fields(trace.system, state) for state in trace.states]
    data = {"states": states, "steps": _steps(trace), "loop": trace.loop}
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _state_table(trace: Trace) -> str:
    """The last state, for a reader without scripts."""
    rows = []
    for node, fields in _fields(trace.system, trace.final):
        inner = "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in fields)
        rows.append(f"<tbody><tr><th colspan=2>{escape(node)}</th></tr>{inner}</tbody>")
    return "".join(rows)


def _lamps(strips: Sequence[Strip], way: int) -> Iterator[str]:
    """A lamp for each property at each step; those after `way` steps repeat."""
    if not strips:
        return
    yield "<h3>Properties, step by step</h3><div class=lamps><table><tr><th></th>"
    heads = (
        f'<th{" class=repeats" * (n > way)} data-step="{n}">{n}</th>' for n in range(len(strips[0].lamps))
    )
    yield "".join(heads) + "</tr>"
    for strip in strips:
        cells = (
            f'<td data-step="{n}" title="{escape(reason or lamp.value)}">'
            f'<span class="lamp {lamp.name.lower()}">{SIGNS[lamp]}</span></td>'
            for n, (lamp, reason) in enumerate(zip(strip.lamps, strip.reasons, strict=True))
        )
        claim = strip.claim
        yield f'<tr><td title="{escape(claim.meaning)}">{escape(claim.id)}</td>{"".join(cells)}</tr>'
    yield "</table></div><p class=dim>● holds  ✕ broken  ★ goal reached  ○ goal open  · not judged here</p>"
