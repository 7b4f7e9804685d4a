"""Traces as graphs of networkx: what caused what, and what else could have been done.

networkx takes a fifth of a second to import and some 3 KB a node, so it is imported when a graph is
made, and meant for graphs of one trace; the graph of a whole model is in `checker.engines.graph`.
Attributes are whole numbers, truth values, texts, tuples of texts, and labels; a file holds them as
`checker.graphs.listing` has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checker.model.behaviour import Trace, TraceStep
from checker.model.semantics import ModelError, State, Transition, successors
from checker.model.values import show
from checker.model.wording import (
    Label,
    action_of,
    differences_at,
    label_of,
    message_label,
    step_differences,
)
from checker.text.endings import repeats
from checker.traces.causality import Causality, Link, Why
from checker.traces.colours import colours_of
from checker.traces.slicing import slice_of

if TYPE_CHECKING:
    import networkx as nx

#: The label of an edge that is no message.
NO_MESSAGE = Label("", "")


def causal_graph(trace: Trace, *, needed_only: bool = False) -> nx.DiGraph:
    """Events and what each rests on directly; with `needed_only` those of the slice.

    An event is a step (`7`), or an immediate message handled within a step (`7 acceptor 0`). Those that
    repeat for ever are `cycle`; what they cause in the next turn is left out.
    """
    import networkx as nx  # noqa: PLC0415 - see above

    known = Causality(trace)
    needed = frozenset(slice_of(trace, known))
    shown = needed if needed_only else range(1, len(trace.steps) + 1)
    graph = nx.DiGraph(name=f"{trace.system.name}: what caused what", **_told(trace))
    for number in sorted(shown):
        for event, attributes in _events(known, number):
            graph.add_node(event, **attributes, needed=number in needed)
        for parcel in known.parcels:
            if parcel.at_once and parcel.sent == number:
                ends = str(number), _event(known, number, parcel.receiver)
                graph.add_edge(*ends, why="at once", message=message_label(parcel.message))
        for link in known.links_to(number):
            if link.before in shown:
                _add_link(graph, known, link)
    return graph


def shown_as(trace: Trace) -> str:
    """What a trace shows, on one line; empty if nothing."""
    if not trace.reason:
        return ""
    return f"raised: {trace.reason}" if trace.claim is None else f"{trace.claim.id}: {trace.reason}"


def _told(trace: Trace) -> dict[str, str]:
    """What is said of a graph: what the trace shows and, if steps repeat for ever, which."""
    again = {} if trace.loop is None else {"loop": repeats(trace)}
    return {"shows": shown_as(trace), **again}


def _repeats(trace: Trace, number: int) -> bool:
    """Whether a step is one of those that repeat for ever."""
    return trace.loop is not None and number > trace.loop


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
    differences = list(differences_at(system, step))
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
                "changes": tuple(text for at, text in differences if own or at == node),
                "from_start": own and known.origins[number - 1] == 0,
                "lost": step.transition.lost,
                "colour": colours.get(key, "") if key is not None else "",
                "last": number == len(known.trace.steps) and known.trace.loop is None,
                "cycle": _repeats(known.trace, number),
            },
        )


def _add_link(graph: nx.DiGraph, known: Causality, link: Link) -> None:
    """An edge for a link; where a message also comes from the step before at its node, that is one edge."""
    if link.why is Why.MESSAGE:
        begin, end = str(link.before), str(link.after)
        same = graph.has_edge(begin, end)
        message = message_label(link.message)
        graph.add_edge(
            begin, end, why=Why.MESSAGE.value + (f", {Why.NODE.value}" if same else ""), message=message
        )
    else:
        begin, end = _event(known, link.before, link.node), _event(known, link.after, link.node)
        graph.add_edge(begin, end, why=Why.NODE.value, message=NO_MESSAGE)


def counterexample_graph(trace: Trace, *, branches: bool = True) -> nx.MultiDiGraph:
    """The states of a trace and, with `branches`, where each other step would have led.

    States are numbered in order of appearance, those of the trace first; edges have the index of their
    step as key. A branch that leads back to a known state ends there; so does the last step of a trace that
    repeats, also where that is the same state only up to a shift. What repeats is `cycle`.
    """
    import networkx as nx  # noqa: PLC0415 - see above

    graph = nx.MultiDiGraph(name=f"{trace.system.name}: the way, and what else there was", **_told(trace))
    numbers: dict[State, int] = {}

    def place(state: State, changes: tuple[str, ...], moment: int, *, on_path: bool = True) -> int:
        if state not in numbers:
            numbers[state] = graph.number_of_nodes()
            graph.add_node(
                numbers[state], on_path=on_path, moment=moment, changes=changes, last=False, cycle=False
            )
        return numbers[state]

    here = place(trace.initial, (), 0)
    for moment, step in enumerate(trace.steps, start=1):
        if moment == len(trace.steps) and trace.loop is not None:
            numbers.setdefault(step.after, numbers[trace.states[trace.loop]])
        there = place(step.after, tuple(step_differences(trace.system, step)), moment)
        if not graph.has_edge(here, there, step.index):
            taken = _taken(trace, step.transition, step.index, moment)
            graph.add_edge(here, there, key=step.index, **taken)
        graph.nodes[there]["cycle"] |= _repeats(trace, moment)
        here = there
    graph.nodes[here]["last"] = trace.loop is None
    on_path = trace.states if trace.loop is None else trace.states[:-1]
    for state in on_path if branches else ():
        for index, transition in _all_steps(trace, state):
            known = numbers.get(transition.state)
            if transition.state != state and not graph.has_edge(numbers[state], known, index):
                changes = tuple(step_differences(trace.system, TraceStep(index, transition, state)))
                there = place(transition.state, changes, -1, on_path=False)
                graph.add_edge(numbers[state], there, key=index, **_taken(trace, transition, index, 0))
    return graph


def _taken(trace: Trace, transition: Transition, index: int, moment: int) -> dict[str, Any]:
    name = show(trace.system.members[transition.node].name)
    return {
        "process": name,
        "action": label_of(transition),
        "index": index,
        "on_path": moment > 0,
        "moment": moment,
        "cycle": _repeats(trace, moment),
    }


def _all_steps(trace: Trace, state: State) -> Iterator[tuple[int, Transition]]:
    """Every step out of a state, up to where the model's code raises."""
    try:
        yield from enumerate(successors(trace.system, state))
    except ModelError:
        return
