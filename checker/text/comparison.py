"""Comparisons as text and as JSON (docs/compare.md says what the fields mean)."""

from __future__ import annotations

from collections.abc import Iterable

from checker.comparison.graphs import GraphComparison, GraphSide
from checker.comparison.views import Answer, Comparison, Sameness, Side, Witness
from checker.text.narrative import narrate
from checker.text.style import PLAIN, Style, duration, flow, labelled, plural

COLOURS = {Sameness.EQUAL: "green", Sameness.DIFFERENT: "red", Sameness.INCONCLUSIVE: "yellow"}


def _headline(sameness: Sameness, names: tuple[str, str], says: str, style: Style) -> str:
    word = style(sameness.value.upper(), "bold", COLOURS[sameness])
    return f"{word}  {style(names[0], 'bold')} and {style(names[1], 'bold')}: {says}"


# Views -----------------------------------------------------------------------------------------------


def views_report(found: Comparison, *, full: bool = False, style: Style = PLAIN) -> list[str]:
    """What the comparison found, then a witness for each kind of difference."""
    names = (found.sides[0].name, found.sides[1].name)
    says = {
        Sameness.EQUAL: "what is seen is the same",
        Sameness.DIFFERENT: "what is seen differs",
        Sameness.INCONCLUSIVE: "no difference as far as they were explored",
    }
    lines = [_headline(found.sameness, names, says[found.sameness], style)]
    for answer in found.answers:
        lines += labelled(answer.question.name, _answer(answer, names), style)
    for label, side in zip(("explored", ""), found.sides, strict=True):
        lines += labelled(label, f"{side.name}: {_explored(side)}", style)
    for answer in found.answers:
        for witness in answer.witnesses:
            lines += ["", *_witness(witness, names, full=full, style=style)]
    return lines


def _answer(answer: Answer, names: tuple[str, str]) -> str:
    of = " and ".join(view.name for view in answer.question.views)
    if answer.sameness is Sameness.EQUAL:
        return f"{plural(answer.distinct[0], 'combination')} of {of} in each"
    parts = []
    for name, distinct, only in zip(names, answer.distinct, answer.only, strict=True):
        known = "" if only is None else f", {_count(only)} of them only there"
        parts.append(f"{name} {distinct:,}{known}")
    return f"combinations of {of}: {'; '.join(parts)}"


def _count(number: int) -> str:
    return f"{number:,}" if number else "none"


def _explored(side: Side) -> str:
    found = side.found
    how = ", ".join((found.engine, *found.reductions.words()))
    text = f"{plural(found.states, 'state')}, depth {found.depth} ({how}), {duration(found.seconds)}"
    if found.raised is not None:
        return f"{text}; not explored to the end: the model raised: {found.raised.reason}"
    return text if side.complete else f"{text}; not explored to the end: {found.stopped}"


def _witness(witness: Witness, names: tuple[str, str], *, full: bool, style: Style) -> list[str]:
    trace = witness.trace
    length = plural(len(trace.steps), "step") + (", shortest" if witness.shortest else "")
    name = style(names[witness.side], "bold")
    head = f"{style('ONLY IN', 'bold', 'red')}  {name}   ({witness.question}, {length})"
    reason = ["  " + line for line in flow([trace.reason], style.width - 2)]
    return [head, *reason, "", *narrate(trace, full=full, style=style)]


# Graphs ----------------------------------------------------------------------------------------------


def graphs_report(found: GraphComparison, *, full: bool = False, style: Style = PLAIN) -> list[str]:
    """What the comparison found, and where the graphs are told apart."""
    names = (found.sides[0].name, found.sides[1].name)
    says = {
        Sameness.EQUAL: "one graph, but for the names of the states",
        Sameness.DIFFERENT: "two graphs",
        Sameness.INCONCLUSIVE: "not compared",
    }
    lines = [_headline(found.sameness, names, says[found.sameness], style)]
    for label, side in zip(("graphs", ""), found.sides, strict=True):
        lines += labelled(label, f"{side.name}: {_size(side)}", style)
    if found.stopped:
        lines += labelled("because", found.stopped, style)
    if found.sameness is Sameness.EQUAL:
        how = "each step of the one was found in the other, and no other"
        guessed = f" ({plural(found.guesses, 'state')} chosen among equals)" if found.guesses else ""
        lines += labelled("checked", how + guessed, style)
    if found.sameness is Sameness.DIFFERENT:
        lines += _apart(found, full=full, style=style)
    return lines


def _size(side: GraphSide) -> str:
    if side.states is None or side.steps is None:
        return "too many states"
    return f"{plural(side.states, 'state')}, {plural(side.steps, 'step')}, depth {side.depth}"


def _apart(found: GraphComparison, *, full: bool, style: Style) -> Iterable[str]:
    difference = found.difference
    if difference is None:
        why = "no correspondence of the states keeps all steps, and no single state shows why"
        return labelled("differ", why, style)
    name = found.sides[difference.side].name
    counts = " and ".join(
        f"{_count(count)} in {side.name}"
        for count, side in zip(difference.states, found.sides, strict=True)
    )
    away = difference.round + 1
    near = f"by what is up to {plural(away, 'step')} away"
    out = ", ".join(f"{label} {count}" if count > 1 else label for label, count in difference.out) or "none"
    return [
        *labelled("differ", f"of some states that are told apart {near} there are {counts}", style),
        *labelled("such as", f"on level {difference.level + 1} of {name}; steps out of it: {out}", style),
        "",
        *narrate(difference.trace, full=full, style=style),
    ]
