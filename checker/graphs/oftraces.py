"""Traces as graphs of networkx: what caused what, and what else could have been done.

networkx takes a fifth of a second to import and some 3 KB a node, so it is imported when a graph is
made, and meant for graphs of one trace; the graph of a whole model is in `checker.engines.graph`.
Attributes are texts, whole numbers and truth values only, which every format can hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checker.model.behaviour import Trace, TraceStep
from checker.model.semantics import ModelError, State, Transition, successors
from checker.model.values import show
from checker.model.wording import action_of, step_differences
from checker.traces.causality import Causality, Link, Why
from checker.traces.colours import colours_of
from checker.traces.slicing import slice_of

if TYPE_CHECKING:
    import networkx as nx


def causal_graph(trace: Trace, *, needed_only: bool = False) -> nx.DiGraph:
    """Events and what each rests on directly; with `needed_only` those of the slice.

    An event is a step (`7`), or an immediate message handled within a step (`7 acceptor 0`).
    """
    import networkx as nx  # noqa: PLC0415 - see above

    known = Causality(trace)
    needed = frozenset(slice_of(trace, known))
    shown = needed if needed_only else range(1, len(trace.steps) + 1)
    graph = nx.DiGraph(name=f"{trace.system.name}: what caused what", shows=shown_as(trace))
    for number in sorted(shown):
        for event, attributes in _events(known, number):
            graph.add_node(event, **attributes, needed=number in needed)
        for parcel in known.parcels:
            if parcel.at_once and parcel.sent == number:
                ends = str(number), _event(known, number, parcel.receiver)
                graph.add_edge(*ends, why="at once", message=show(parcel.message))
        for link in known.links_to(number):
            if link.before in shown:
                _add_link(graph, known, link)
    return graph


def shown_as(trace: Trace) -> str:
    """What a trace shows, on one line; empty if nothing."""
    if not trace.reason:
        return ""
    return f"raised: {trace.reason}" if trace.claim is None else f"{trace.claim.id}: {trace.reason}"


def _event(known: Causality, number: int, node: int) -> str:
    """The event of a step at one of the nodes that take part in it."""
    if node == known.trace.steps[number - 1].transition.node:
        return str(number)
    return f"{number} {show(known.trace.system.members[node].name)}"


def _events(known: Causality, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    step, system = known.trace.steps[number - 1], known.trace.system
    colours = colours_of(known)
    message = step.transition.message
    key = None if system.colouring is None or message is None else system.colouring.key(message)
    differences = list(step_differences(system, step))
    for node in sorted(known.nodes[number - 1], key=lambda node: node != step.transition.node):
        name, own = show(system.members[node].name), node == step.transition.node
        at_once = (
            show(p.message) for p in known.parcels if p.sent == number and p.receiver == node and p.at_once
        )
        yield (
            _event(known, number, node),
            {
                "step": number,
                "process": name,
                "lane": node,
                "action": action_of(step.transition) if own else ", ".join(at_once),
                "changes": "; ".join(d for d in differences if d.startswith(f"{name}: ") != own),
                "from_start": own and known.origins[number - 1] == 0,
                "lost": step.transition.lost,
                "colour": colours.get(key, "") if key is not None else "",
                "last": number == len(known.trace.steps),
            },
        )


def _add_link(graph: nx.DiGraph, known: Causality, link: Link) -> None:
    """An edge for a link; where a message also comes from the step before at its node, that is one edge."""
    if link.why is Why.MESSAGE:
        begin, end = str(link.before), str(link.after)
        same = graph.has_edge(begin, end)
        message = show(link.message)
        graph.add_edge(
            begin, end, why=Why.MESSAGE.value + (f", {Why.NODE.value}" if same else ""), message=message
        )
    else:
        begin, end = _event(known, link.before, link.node), _event(known, link.after, link.node)
        graph.add_edge(begin, end, why=Why.NODE.value, message="")


def counterexample_graph(trace: Trace, *, branches: bool = True) -> nx.MultiDiGraph:
    """The states of a trace and, with `branches`, where each other step would have led.

    States are numbered in order of appearance, those of the trace first; edges have the index of their
    step as key. A branch that leads back to a known state ends there.
    """
    import networkx as nx  # noqa: PLC0415 - see above

    graph = nx.MultiDiGraph(
        name=f"{trace.system.name}: the way, and what else there was", shows=shown_as(trace)
    )
    numbers: dict[State, int] = {}

    def place(state: State, changes: str) -> int:
        if state not in numbers:
            numbers[state] = len(numbers)
            graph.add_node(
                numbers[state], on_path=not on_branches, moment=-1 if on_branches else len(numbers) - 1,
                changes=changes, last=False,
            )  # fmt: skip
        return numbers[state]

    on_branches = False
    here = place(trace.initial, "")
    for moment, step in enumerate(trace.steps, start=1):
        there = place(step.after, "; ".join(step_differences(trace.system, step)))
        graph.add_edge(here, there, key=step.index, **_taken(trace, step.transition, step.index, moment))
        here = there
    graph.nodes[here]["last"] = True
    on_branches = True
    for state in list(numbers) if branches else ():
        for index, transition in _all_steps(trace, state):
            if transition.state != state and not graph.has_edge(
                numbers[state], numbers.get(transition.state), index
            ):
                changes = "; ".join(step_differences(trace.system, TraceStep(index, transition, state)))
                there = place(transition.state, changes)
                graph.add_edge(numbers[state], there, key=index, **_taken(trace, transition, index, 0))
    return graph


def _taken(trace: Trace, transition: Transition, index: int, moment: int) -> dict[str, Any]:
    name = show(trace.system.members[transition.node].name)
    return {
        "process": name,
        "action": action_of(transition),
        "index": index,
        "on_path": moment > 0,
        "moment": moment,
    }


def _all_steps(trace: Trace, state: State) -> Iterator[tuple[int, Transition]]:
    """Every step out of a state, up to where the model's code raises."""
    try:
        yield from enumerate(successors(trace.system, state))
    except ModelError:
        return
