"""What is worth telling apart of the states and steps of a graph: what they violate, ends, and bounds.

As a search has it: a claim that is judged on states, on ends or on what can still be reached is violated in
a state, one that is judged on steps by a step. Goals, and what is claimed of runs, are violated nowhere.
States that look the same to all that reads them are judged once.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checker.engines.graph import StateGraph, Vector
from checker.model.judging import judge_state, judge_step, read
from checker.model.processes import Process
from checker.model.properties import On, Property
from checker.model.semantics import Cell
from checker.model.values import show
from checker.model.vocabulary import View

#: What cuts the states of the last level where only the first levels are asked for.
DEPTH = "depth"


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of states and of steps, each by number; those that are not named have none.

    `violates` and `steps` are the ids of violated properties; `cut` the first bound that stops a node, or
    `DEPTH`; `terminal` are the states from which nothing leads on.
    """

    violates: dict[int, tuple[str, ...]]
    steps: dict[int, tuple[str, ...]]
    terminal: frozenset[int]
    cut: dict[int, str]


class Reading:
    """What some views show of the states of a graph; states of which they show the same have one key."""

    def __init__(self, graph: StateGraph, views: Collection[View]) -> None:
        #: by node what is read of it
        self.reads = [
            [(p, v) for p in node for v in views if v.role == p.role] for node in graph.system.processes
        ]
        self.nodes = [node for node, reads in enumerate(self.reads) if reads]
        self._seen = [(node, _seen(graph, self.reads[node], graph.cells[node])) for node in self.nodes]

    def key(self, state: Vector) -> tuple[int, ...]:
        """What is shown of a state, by a number for each node that is read."""
        return tuple([seen[state[node]] for node, seen in self._seen])

    def grouped(self, states: Iterable[Vector]) -> tuple[list[int], array[int]]:
        """States put together by their keys: the first of each group, and the group of each state."""
        numbers: dict[tuple[int, ...], int] = {}
        firsts: list[int] = []
        groups = array("I")
        for here, state in enumerate(states):
            group = numbers.setdefault(self.key(state), len(numbers))
            if group == len(firsts):
                firsts.append(here)
            groups.append(group)
        return firsts, groups


def _seen(graph: StateGraph, reads: Sequence[tuple[Process, View]], cells: list[Cell]) -> list[int]:
    """What the views show of each cell, as a number."""
    numbers: dict[Any, int] = {}
    seen = (tuple(read(graph.system, view, process, cell) for process, view in reads) for cell in cells)
    return [numbers.setdefault(values, len(numbers)) for values in seen]


def marks(graph: StateGraph, claims: Sequence[Property] | None = None) -> Marks:
    """The marks of a graph, as far as these properties go; those of the system. Raises CodeError."""
    asked = [c for c in (graph.system.properties if claims is None else claims) if not c.kind.goal]
    cut, terminal = _cut(graph), _terminal(graph)
    states: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for claim, where in _violating(graph, asked, terminal, cut):
        for state in where:
            states[state] += (claim.id,)
    return Marks(dict(states), _steps(graph, asked), terminal, cut)


def _cut(graph: StateGraph) -> dict[int, str]:
    kept = graph.tables.kept
    members = graph.system.members
    bounds = [
        [kept.bound(m, cell) for cell in cells] for m, cells in zip(members, graph.cells, strict=True)
    ]
    stopping = [(node, names) for node, names in enumerate(bounds) if any(names)]
    cut: dict[int, str] = {}
    for here, state in enumerate(graph.states if stopping else ()):
        for node, names in stopping:
            name = names[state[node]]
            if name is not None:
                cut[here] = name
                break
    return cut | {here: DEPTH for here in _left(graph) if here not in cut}


def _left(graph: StateGraph) -> Iterator[int]:
    """The states whose steps were not asked for, being those of the last of the levels asked for."""
    if graph.cut:
        last = graph.level[-1]
        yield from (here for here, level in enumerate(graph.level) if level == last)


def _terminal(graph: StateGraph) -> frozenset[int]:
    leads_on = bytearray(len(graph.states))
    for source in graph.source:
        leads_on[source] = 1
    for here in _left(graph):
        leads_on[here] = 1
    if graph.tables.kept.proof is not None:
        for here in range(len(graph.states)):
            leads_on[here] |= graph.tables.kept.is_left(graph.state(here))
    return frozenset(here for here, leads in enumerate(leads_on) if not leads)


# Violations ---------------------------------------------------------------------------------------------


def _violating(
    graph: StateGraph, claims: Iterable[Property], terminal: Collection[int], cut: Collection[int]
) -> Iterator[tuple[Property, Iterable[int]]]:
    """Each property with the states that violate it, in the order of their numbers."""
    asked = [c for c in claims if c.kind.on not in (On.STEP, On.RUN)]
    views = dict.fromkeys(view for claim in asked for view in _read(claim))
    firsts, groups = Reading(graph, views.keys()).grouped(graph.states)
    bounded = None
    for claim in asked:
        answers = _answers(graph, claim, firsts)
        answering = (here for here, group in enumerate(groups) if answers[group])
        if claim.kind.on is On.END:
            yield claim, (here for here in answering if here in terminal and here not in cut)
        elif claim.kind.on is On.FUTURE:
            bounded = leading(graph, cut) if bounded is None else bounded
            good = leading(graph, answering)
            yield claim, (here for here, well in enumerate(good) if not well and not bounded[here])
        elif any(answers):
            yield claim, answering


def _read(claim: Property) -> tuple[View, ...]:
    return tuple(view for views in claim.readings() for view in views)


def _answers(graph: StateGraph, claim: Property, states: Iterable[int]) -> bytearray:
    """Whether a property has something to say of some states, each distinct reading of it judged once."""
    reading = Reading(graph, _read(claim))
    known: dict[tuple[int, ...], bool] = {}
    answers = bytearray()
    for here in states:
        key = reading.key(graph.states[here])
        if key not in known:
            known[key] = bool(judge_state(graph.system, claim, graph.state(here)))
        answers.append(known[key])
    return answers


def leading(graph: StateGraph, states: Iterable[int]) -> bytearray:
    """By state, whether one of some states can be reached from it; itself included.

    The steps are gone through from the last to the first until nothing is added: as the states are numbered
    breadth first, that is seldom more than a few times.
    """
    known = bytearray(len(graph.states))
    for here in states:
        known[here] = 1
    before = -1
    while before != known.count(1):
        before = known.count(1)
        for source, target in zip(reversed(graph.source), reversed(graph.target), strict=True):
            if known[target]:
                known[source] = 1
    return known


def _steps(graph: StateGraph, claims: Iterable[Property]) -> dict[int, tuple[str, ...]]:
    """The steps that violate a property, each with the ids of those that it does."""
    judged = _StepJudge(graph, [claim for claim in claims if claim.kind.on is On.STEP])
    found: dict[int, tuple[str, ...]] = {}
    if judged.claims:
        sources = map(graph.states.__getitem__, graph.source)
        columns = enumerate(zip(graph.label, sources, graph.afters(), strict=True))
        for number, (label, before, after) in columns:
            for node in judged.watched[label]:
                ids = judged(node, before[node], after[node])
                if ids:
                    found[number] = tuple(dict.fromkeys((*found.get(number, ()), *ids)))
    return found


class _StepJudge:
    """Judges what a step makes of one node, each change once."""

    def __init__(self, graph: StateGraph, claims: list[Property]) -> None:
        self.graph, self.claims = graph, claims
        roles = {view.role for claim in claims for view in claim.views}
        members = [
            (node, show(member.name), bool(member.role.immediate))
            for node, member in enumerate(graph.system.members)
            if any(process.role in roles for process in graph.system.processes[node])
        ]
        #: by label the nodes that such a step may change: its own, and those that are told things at once
        self.watched = [
            tuple(node for node, name, at_once in members if at_once or name == mover)
            for mover, _ in graph.labels
        ]
        self._known: dict[tuple[int, int, int], tuple[str, ...]] = {}

    def __call__(self, node: int, before: int, after: int) -> tuple[str, ...]:
        key = node, before, after
        ids = self._known.get(key)
        if ids is None:
            ids = self._known[key] = tuple(self._judged(*key))
        return ids

    def _judged(self, node: int, before: int, after: int) -> Iterator[str]:
        system, cells = self.graph.system, self.graph.cells[node]
        old, new = cells[before].local, cells[after].local
        for claim in self.claims if old != new else ():
            if judge_step(system, claim, node, old, new) is not None:
                yield claim.id
