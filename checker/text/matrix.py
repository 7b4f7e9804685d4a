"""The kill matrix as text: a line for each mutant, a column for each property that raised an alarm.

A cell is the length of a shortest counterexample. The search for a mutant ends with the alarm that is
expected of it, so a longer one of another property is not in its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checker.modelfiles.protocol import Mutant
from checker.mutation.examine import Outcome
from checker.text.style import PLAIN, Style, duration, lengths, plural

#: An id longer than this gets a letter of its own as the head of its column.
LONGEST_HEAD = 3


def matrix(mutants: Sequence[Mutant], outcomes: Mapping[str, Outcome], style: Style = PLAIN) -> list[str]:
    """The matrix with its legend, then what is not as the catalogue has it."""
    done = [m for m in mutants if m.id in outcomes]
    columns = list(dict.fromkeys(a.property for m in done for a in outcomes[m.id].alarms))
    columns.sort(key=lambda name: (len(name) > LONGEST_HEAD, name))
    heads = _heads(columns)
    width = max((len(f"{m.id} {m.name}") for m in done), default=0)
    cells = " ".join(f"{heads[name]:>4}" for name in columns)
    lines = [style(f"{'mutant':<{width}} {cells}       states     time  first alarm", "dim")]
    lines += [_row(m, outcomes[m.id], columns, width, style) for m in done]
    legend = [f"{heads[name]} {name}" for name in columns if heads[name] != name]
    lines += ["", "*  the alarm that is expected of the mutant" + "".join(f"; {one}" for one in legend)]
    for mutant in done:
        lines += [style(f"{mutant.id}: {text}", "red") for text in outcomes[mutant.id].unmet]
    return lines


def _heads(columns: Sequence[str]) -> dict[str, str]:
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    return {name: name if len(name) <= LONGEST_HEAD else next(letters) for name in columns}


def _row(mutant: Mutant, outcome: Outcome, columns: Sequence[str], width: int, style: Style) -> str:
    lengths = {alarm.property: alarm.length for alarm in outcome.alarms}
    cells = []
    for name in columns:
        mark = "*" if name == mutant.property else ""
        cells.append(f"{lengths[name]}{mark}".rjust(4) if name in lengths else "   ·")
    label = f"{mutant.id} {mutant.name}".ljust(width)
    first = ", ".join(dict.fromkeys(alarm.property for alarm in outcome.first()))
    colour = "red" if outcome.unmet else "green"
    figures = f"{outcome.states:>12,} {duration(outcome.seconds):>8}"
    return f"{style(label, colour)} {' '.join(cells)} {figures}  {first or _silence(mutant, outcome)}"


def _silence(mutant: Mutant, outcome: Outcome) -> str:
    """What it means that there was no alarm."""
    if not outcome.states:
        return "not known"
    return "none: a control" if mutant.property is None else "none: survives"


def told(mutant: Mutant, outcome: Outcome) -> str:
    """What became of one mutant, for people who wait."""
    name = f"{mutant.id} {mutant.name}"
    if outcome.unmet:
        return f"{name}: {'; '.join(outcome.unmet)}"
    if mutant.property is None:
        return f"{name}: green, {plural(outcome.states, 'state')} ({duration(outcome.seconds)})"
    alarm = next(alarm for alarm in outcome.alarms if alarm.property == mutant.property)
    steps = lengths(alarm.length, alarm.cycle)
    return f"{name}: {mutant.property} after {steps} ({duration(outcome.seconds)})"


def foot(
    mutants: Sequence[Mutant],
    outcomes: Mapping[str, Outcome],
    unneeded: Sequence[str],
    seconds: float,
    style: Style = PLAIN,
) -> Iterator[str]:
    """How it all went, and which claims raised no alarm at all."""
    kills = [m for m in mutants if m.property is not None]
    controls = [m for m in mutants if m.property is None]
    well = {m.id for m in mutants if m.id in outcomes and not outcomes[m.id].unmet}
    parts = []
    if kills:
        parts.append(
            f"{sum(m.id in well for m in kills)} of {plural(len(kills), 'mutant')} killed as expected"
        )
    if controls:
        parts.append(f"{sum(m.id in well for m in controls)} of {plural(len(controls), 'control')} green")
    missing = sum(m.id not in outcomes for m in mutants)
    if missing:
        parts.append(f"{missing} not examined")
    if unneeded:
        yield f"no mutant needs {', '.join(unneeded)}: no alarm of theirs was raised"
    colour = "green" if len(well) == len(mutants) else "red"
    yield f"{style(', '.join(parts), 'bold', colour)}, {duration(seconds)}"
