"""What calls cost as text: a table, the chain that leads to each answer, and the run that has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.costs.clocks import Stage
from checker.costs.cost import Cost
from checker.model.values import show
from checker.model.wording import message_label
from checker.text.narrative import narrate
from checker.text.style import PLAIN, Style, clip, labelled

#: The columns of numbers, each with what stands before it.
NUMBERS = ("  delays", "  writes", "  messages", "  in all")
#: Columns of a table, and the most that names of models have of them.
TABLE = 80
LONGEST_NAME = 30
UNKNOWN = "–"
WRITES = "*"


def table(costs: Sequence[Cost], style: Style = PLAIN) -> list[str]:
    """A line for each call: message delays, writes, messages until the answer, and messages in all."""
    models = ["model", *(cost.asked.system.name for cost in costs)]
    calls = ["call", *(show(cost.asked.call) for cost in costs)]
    first = min(max(map(len, models)), LONGEST_NAME)
    second = min(max(map(len, calls)), TABLE - first - 2 - sum(map(len, NUMBERS)))
    names = [
        f"{clip(model, first):{first}}  {clip(call, second):{second}}"
        for model, call in zip(models, calls, strict=True)
    ]
    return [
        style(names[0] + "".join(NUMBERS), "dim"),
        *(name + _numbers(cost) for name, cost in zip(names[1:], costs, strict=True)),
    ]


def _numbers(cost: Cost) -> str:
    numbers = (cost.delays, cost.writes, cost.messages, cost.in_all)
    return "".join(
        (UNKNOWN if number is None else f"{number:,}").rjust(len(column))
        for number, column in zip(numbers, NUMBERS, strict=True)
    )


def account(cost: Cost, *, replay: str, full: bool, told: bool, style: Style = PLAIN) -> list[str]:
    """How the answer to one call comes about, and what is not known; with `told`, the run, step by step.

    `replay` is the command that takes the steps of the run.
    """
    title = f"{style(cost.asked.system.name, 'bold')}: {show(cost.asked.call)}"
    lines = [title, *_missing(cost, style)]
    run = cost.unobserved()
    if cost.found is None or run is None:
        return lines
    lines += labelled("chain", " ".join(_hops(cost.found.chain)), style)
    if any(stage.writes for stage in cost.found.chain[:-1]):
        lines += labelled("", f"{WRITES} writes to stable storage before it sends", style)
    if told:
        return [*lines, "", *narrate(run, full=full, style=style, replay=replay)]
    return [*lines, f"  {style('replay'.ljust(11), 'dim')} {replay}"]


def _missing(cost: Cost, style: Style) -> Iterator[str]:
    """What is not known, and why."""
    if cost.found is None:
        if cost.stopped is None:
            says = "in no run is there an answer to it"
            if not cost.asked.from_start:
                says += " after its invocation; --from-start counts what is under way when a run begins"
            if cost.bounds:
                says += f"; of the states looked at some are cut by {' and '.join(cost.bounds)}"
        else:
            says = f"{cost.stopped}; no answer comes with fewer delays than {cost.at_least}"
        yield from labelled("not known", says, style)
    elif cost.in_all is None:
        why = cost.stopped or "in no run comes an end of what is sent"
        yield from labelled("in all", f"not known: {why}", style)


def _hops(chain: Sequence[Stage]) -> Iterator[str]:
    """Who takes part in a chain, and the messages between them."""
    shown = ""
    for stage, following in zip(chain, [*chain[1:], None], strict=True):
        shown = shown or show(stage.node)
        if stage.writes and following is not None:
            shown = shown.removesuffix(WRITES) + WRITES
        if following is None:
            yield shown
        elif following.message is not None:
            yield f"{shown} –{message_label(following.message).name}→"
            shown = ""
