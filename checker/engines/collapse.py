"""The graph of what one property sees: the states of a model put together where it reads the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from checker.engines.graph import StateGraph
from checker.engines.marks import Marks, Reading, marks
from checker.model.judging import judge_state, read
from checker.model.processes import Process
from checker.model.properties import On, Property
from checker.model.semantics import Cell
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import View


@dataclass(slots=True)
class Group:
    """States in which a property sees the same: what that is, and the level of the first of them.

    Of its `states` so many are `violating`, `terminal` and `cut`; `says` is what the property says of one
    in which it has something to say.
    """

    seen: tuple[tuple[str, str], ...]
    level: int
    states: int = 0
    violating: int = 0
    terminal: int = 0
    cut: int = 0
    says: str = ""


@dataclass(slots=True)
class Between:
    """The steps from one group to another one: how many of each action, and how many are `violating`."""

    actions: dict[str, int] = field(default_factory=dict)
    violating: int = 0


@dataclass(frozen=True, slots=True)
class Collapsed:
    """The graph of what a property sees. Steps within a group are left out, but for those that violate."""

    claim: Property
    groups: list[Group]
    steps: dict[tuple[int, int], Between]


def collapse(graph: StateGraph, claim: Property) -> Collapsed:
    """The states of a graph put together where `claim` reads the same. Raises CodeError."""
    reading = Reading(graph, claim.views)
    firsts, member_of = reading.grouped(graph.states)
    found = marks(graph, (claim,))
    groups = [Group(tuple(_seen(graph, reading, first)), graph.level[first]) for first in firsts]
    for here, number in enumerate(member_of):
        group = groups[number]
        group.states += 1
        group.violating += here in found.violates
        group.terminal += here in found.terminal
        group.cut += here in found.cut
    for group, first in zip(groups, firsts, strict=True):
        group.says = _says(graph, claim, group, first)
    return Collapsed(claim, groups, _steps(graph, member_of, found))


def _says(graph: StateGraph, claim: Property, group: Group, first: int) -> str:
    """What a property says of a group, of which this is the first state."""
    on = claim.kind.on
    if on is On.FUTURE and group.violating:
        return f"{group.violating:,} of no return"
    if on in (On.NODE, On.STATE) or (on is On.END and group.violating):
        return next((reason for _, reason in judge_state(graph.system, claim, graph.state(first))), "")
    return ""


def _steps(graph: StateGraph, member_of: Sequence[int], found: Marks) -> dict[tuple[int, int], Between]:
    steps: dict[tuple[int, int], Between] = {}
    columns = zip(graph.source, graph.target, graph.label, strict=True)
    for number, (source, target, label) in enumerate(columns):
        ends = member_of[source], member_of[target]
        violates = number in found.steps
        if violates or ends[0] != ends[1]:
            between = steps.setdefault(ends, Between())
            action = graph.labels[label][1].name
            between.actions[action] = between.actions.get(action, 0) + 1
            between.violating += violates
    return steps


def _seen(graph: StateGraph, reading: Reading, state: int) -> Iterator[tuple[str, str]]:
    """(process, what is seen of it) in a state."""
    for node in reading.nodes:
        yield from _shown(graph.system, reading.reads[node], graph.cell(state, node))


def _shown(system: System, reads: Sequence[tuple[Process, View]], cell: Cell) -> Iterator[tuple[str, str]]:
    """Of each process that is read on a node its name, and what is seen of it."""
    for process in dict.fromkeys(process for process, _ in reads):
        texts = (f"{v.name} {show(read(system, v, p, cell))}" for p, v in reads if p is process)
        yield show(process.name), ", ".join(texts)
