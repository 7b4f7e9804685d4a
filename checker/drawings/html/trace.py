"""One counterexample as a part of a page: to be walked through with the keys, read at its end without.

From the end of one that repeats for ever the walk goes on where it repeats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.drawings.causal import causal_in_page
from checker.drawings.html.moments import change_tables, moments_json, pictures, state_tables, titles
from checker.drawings.lanes import lanes_in_page
from checker.drawings.spacetime import spacetime_in_page
from checker.explanation.story import story_of
from checker.model.behaviour import Trace, show_path
from checker.text.calls import explanation_of, shows_calls, unexplained
from checker.text.endings import goes_on, length_of, meetings
from checker.text.markup import escape
from checker.text.narrative import narrate
from checker.text.style import Style, plural
from checker.traces.lamps import Lamp, Strip, along

#: How a lamp is shown: a sign, so that colour is not all that tells them apart.
SIGNS = {Lamp.HOLDS: "●", Lamp.BROKEN: "✕", Lamp.REACHED: "★", Lamp.OPEN: "○", Lamp.SILENT: "·"}
#: Columns of the text: changes stand below their step, and fit most windows.
TEXT = 100
KEYS = "<kbd>j</kbd> <kbd>k</kbd> or <kbd>→</kbd> <kbd>←</kbd> walk; click a step to go there"


def section(
    trace: Trace, *, shortest: bool, replay: str, folded: bool = False, brief: bool = False
) -> Iterator[str]:
    """One counterexample: why, the diagram beside the state at a step, properties, what caused what.

    It can be folded to its headline; `folded` says whether it is. A `brief` one is without its story,
    without what caused what, and without the text.
    """
    length = length_of(trace) + (", shortest" if shortest else "")
    looks = "good" if trace.good else ""
    yield f'<details class="trace"{"" if folded else " open"}>'
    yield f"<summary><h2>{escape(_head(trace))} <span class=dim>({length})</span></h2></summary>"
    if trace.reason:
        yield f'<p class="reason {looks}">{escape(trace.reason)}</p>'
    if trace.claim is not None:
        yield f"<p>{escape(trace.claim.meaning)} <span class=dim>({escape(trace.claim.source)})</span></p>"
        yield f"<p class=dim>{escape(trace.claim.note)}</p>" if trace.claim.note else ""
    yield from _ending(trace)
    yield from _calls(trace)
    yield from _walker(trace)
    drawn = pictures(trace)
    yield f'<div class="pictures">{drawn[-1]}</div>'
    if trace.reason and not brief:
        yield from _story(trace)
    yield from _lamps(along(trace), len(trace.steps) if trace.loop is None else trace.loop)
    if not brief:
        yield from _causes(trace)
    loop = "" if trace.loop is None else f", loop {trace.loop}"
    yield f'<p class="long">path <code>{show_path(trace.path)}</code>{loop}</p>'
    if replay:
        yield f'<p class="long">replay <code>{escape(replay)}</code></p>'
    if not brief:
        text = "\n".join(narrate(trace, deltas=True, style=Style(width=TEXT)))
        yield f"<details><summary>as text</summary><pre tabindex=0>{escape(text)}</pre></details>"
    yield f'<script type="application/json">{moments_json(trace, drawn)}</script></details>'


def _head(trace: Trace) -> str:
    if trace.claim is not None:
        return f"{trace.claim.id} is {trace.claim.kind.found}"
    return "The model's code raised" if trace.reason else "What happens"


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
        yield _box("calls", "calls of the clients", lanes_in_page(explained))
        yield from (f"<p>{escape(sentence)}</p>" for sentence in unexplained(explained))


def _box(looks: str, name: str, inside: str) -> str:
    """A drawing in a box in which it can be scrolled, also with the keys."""
    return f'<div class="drawing {looks}" role="group" aria-label="{name}" tabindex=0>{inside}</div>'


def _walker(trace: Trace) -> Iterator[str]:
    """What is walked through, together as high as a window at most: the stepper, the diagram, the state."""
    yield from _stepper(trace)
    yield '<div class="walker">'
    yield _box("time", "space-time diagram", "".join(spacetime_in_page(trace)))
    yield '<div class="now"><div class="tools" hidden>'
    yield '<label><input type="checkbox" class="only"> only what changed</label>'
    yield '<input type="search" class="filter" placeholder="node or field" '
    yield 'aria-label="show only this"></div>'
    changed = "".join(change_tables(trace)) or "<p class=dim>nothing changed</p>"
    yield f'<div class="changes" role="group" aria-label="changed by this step" tabindex=0>{changed}</div>'
    state = "".join(state_tables(trace.system, trace.final))
    yield f'<div class="state" role="group" aria-label="state" tabindex=0>{state}</div></div></div>'


def _stepper(trace: Trace) -> Iterator[str]:
    count, what = len(trace.steps), escape(titles(trace)[-1])
    yield '<div class="stepper" role="group" aria-label="walk through the steps">'
    yield '<button class="back" title="one step back (k)" aria-label="one step back">‹</button>'
    yield '<button class="on" title="one step on (j)" aria-label="one step on">›</button>'
    yield f'<input type="range" min="0" max="{count}" value="{count}" aria-label="step">'
    yield f'<output>{count} of {count}</output><span class="what">{what}</span>'
    yield f'<span class="dim keys">{KEYS}</span></div>'


def _story(trace: Trace) -> Iterator[str]:
    """How it comes about, in sentences, each of which is marked while one of its steps is shown."""
    yield "<h3>How it comes about</h3>"
    for paragraph in story_of(trace).paragraphs:
        sentences = (
            f'<span data-steps="{" ".join(map(str, sentence.steps))}">{escape(sentence.text)}</span>'
            for sentence in paragraph
        )
        yield f'<p class="story">{" ".join(sentences)}</p>'


def _causes(trace: Trace) -> Iterator[str]:
    count, drawn = len(trace.steps), causal_in_page(trace)
    told = f"{drawn.needed} of {plural(count, 'step')} are needed, the others are faint"
    told = "all of it is needed" if drawn.needed == count else told
    told = told if trace.loop is None else "one turn of what repeats"
    yield f"<h3>What caused what{f': {told}' if trace.reason else ''}</h3>"
    yield _box("causes", "what caused what", drawn.names + drawn.drawing)


def _lamps(strips: Sequence[Strip], way: int) -> Iterator[str]:
    """A lamp for each property at each step; those after `way` steps repeat."""
    if not strips:
        return
    moments = range(len(strips[0].lamps))
    heads = "".join(f"<th scope=col{' class=repeats' * (n > way)}>{n}</th>" for n in moments)
    yield '<h3>Properties, step by step</h3><div class="lamps" role="group" aria-label="properties" '
    yield f"tabindex=0><table><thead><tr><td>step</td>{heads}</tr></thead><tbody>"
    for alike in _alike(strips):
        cells = "".join(map(_lamp, alike[0].lamps, alike[0].reasons))
        meaning = "\n".join(strip.claim.meaning for strip in alike)
        names = " ".join(strip.claim.id for strip in alike)
        yield f'<tr><th scope=row title="{escape(meaning)}">{escape(names)}</th>{cells}</tr>'
    yield "</tbody></table></div>"
    yield "<p class=dim>● holds  ✕ broken  ★ goal reached  ○ goal open  · not judged here</p>"


def _alike(strips: Sequence[Strip]) -> list[list[Strip]]:
    """The strips, those together that say the same at every moment and have nothing to tell."""
    rows: dict[object, list[Strip]] = {}
    for strip in strips:
        rows.setdefault(strip.claim if any(strip.reasons) else strip.lamps, []).append(strip)
    return list(rows.values())


def _lamp(lamp: Lamp, reason: str | None) -> str:
    told = f' title="{escape(reason)}"' if reason else ""
    return f"<td class={lamp.name.lower()}{told}>{SIGNS[lamp]}</td>"
