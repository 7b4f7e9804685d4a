"""The kinds of graphs that can be written: what each looks like when drawn, and how large it may be.

A drawing of too many nodes helps nobody, so it is refused with advice instead of made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from checker.engines.collapse import Collapsed, Group
from checker.engines.graph import Situation, StateGraph, situations
from checker.engines.marks import Marks
from checker.graphs import drawn as drawings
from checker.graphs import listing
from checker.graphs import oftraces as graphs
from checker.graphs.listing import Attributes, Listing, Looks, listed
from checker.model.behaviour import Trace
from checker.model.values import show
from checker.text.style import clip, flow, plural

#: Format, also the ending of its files → how it is written, and the nodes that it is good for.
FORMATS: dict[str, tuple[Callable[[Listing], Iterator[str]], int]] = {
    "mmd": (drawings.flowchart, 60),
    "dot": (drawings.dot, 2_000),
    "graphml": (listing.graphml, 500_000),
    "json": (listing.node_link, 500_000),
}
#: Characters of a line in a box, and lines of it.
BOX, BOX_LINES = 44, 8


class TooLarge(Exception):  # noqa: N818 - what is too large is the graph
    """A graph has more nodes than its format is good for; the message says what to do instead."""

    def __init__(self, nodes: str, ending: str, most: int, advice: str) -> None:
        super().__init__(f"{nodes} are too many for .{ending}, which is good for {most:,}; {advice}")


def written(graph: Listing, ending: str, advice: str) -> Iterator[str]:
    """The text of a graph in a format, in pieces. Raises TooLarge before the first one."""
    write, most = FORMATS[ending]
    if graph.count > most:
        raise TooLarge(f"{graph.count:,} nodes", ending, most, advice)
    return write(graph)


def boxed(items: Sequence[str]) -> str:
    """Texts as the lines of a box, cut to its size."""
    lines = [line for item in items if item for line in flow([item], BOX)]
    return "\n".join([*lines[:BOX_LINES], "…"] if len(lines) > BOX_LINES else lines)


# What caused what ---------------------------------------------------------------------------------------


def _causal_node(node: str, attributes: Attributes) -> str:
    head = f"{node}. {attributes['process']}" if attributes["process"] not in node else f"{node}."
    return boxed([head, attributes["action"], *attributes["changes"]])


def _causal_edge(attributes: Attributes) -> str:
    return clip(attributes["message"].text, BOX)


def _causal_action(attributes: Attributes) -> str:
    return str(attributes["message"].name)


def _causal_mark(trace: Trace, attributes: Attributes) -> str:
    if trace.reason and (attributes["last"] or attributes["cycle"]):
        return "goal" if trace.good else "bad"
    return "" if attributes["needed"] else "faint"


def _causal_edge_mark(attributes: Attributes) -> str:
    return "faint" if attributes["message"] == graphs.NO_MESSAGE else ""


def causal(trace: Trace, *, needed_only: bool = False) -> Listing:
    """What caused what in a trace; with `needed_only` as far as what it shows needs it."""
    return listed(
        graphs.causal_graph(trace, needed_only=needed_only),
        Looks(
            node=_causal_node,
            edge=_causal_edge,
            action=_causal_action,
            mark=partial(_causal_mark, trace),
            edge_mark=_causal_edge_mark,
            down=False,
        ),
    )


# The way, and what else there was -----------------------------------------------------------------------


def _counterexample_node(node: str, attributes: Attributes) -> str:
    head = f"{attributes['moment']}" if attributes["on_path"] else ""
    return boxed(["initial state" if attributes["moment"] == 0 else head, *attributes["changes"]]) or " "


def _counterexample_edge(attributes: Attributes) -> str:
    number = f"{attributes['moment']}. " if attributes["on_path"] else ""
    return clip(f"{number}{attributes['process']}: {attributes['action'].text}", BOX)


def _counterexample_action(attributes: Attributes) -> str:
    return str(attributes["action"].name)


def _counterexample_mark(trace: Trace, attributes: Attributes) -> str:
    if trace.reason and (attributes["last"] or attributes["cycle"]):
        return "goal" if trace.good else "bad"
    return "good" if attributes["on_path"] else "faint"


def _counterexample_edge_mark(attributes: Attributes) -> str:
    return "main" if attributes["on_path"] else "faint"


def counterexample(trace: Trace, *, branches: bool = True) -> Listing:
    """The states of a trace and, with `branches`, where each other step would have led."""
    return listed(
        graphs.counterexample_graph(trace, branches=branches),
        Looks(
            node=_counterexample_node,
            edge=_counterexample_edge,
            action=_counterexample_action,
            mark=partial(_counterexample_mark, trace),
            edge_mark=_counterexample_edge_mark,
            main=lambda attributes: attributes["on_path"],
        ),
    )


# All states ---------------------------------------------------------------------------------------------

#: Mark of a state → what the legend says of it.
LEGEND = {"bad": "violates", "terminal": "terminal", "cut": "cut by a bound", "good": "initial"}


def _state_node(initial: Attributes, node: str, attributes: Attributes) -> str:
    """A state as far as it differs from the initial one, inboxes left out; that one whole."""
    told = []
    for name, seen in attributes.items():
        if isinstance(seen, Situation):
            known = () if node == "0" else initial[name].fields
            new = [part for part in seen.fields if part not in known]
            told += [f"{name}: {', '.join(new)}"] if new else []
    violates, cut = attributes["violates"], attributes["cut"]
    said = [f"violates {', '.join(violates)}" if violates else "", f"cut by {cut}" if cut else ""]
    return boxed([node, *told, *said])


def _state_edge(attributes: Attributes) -> str:
    return clip(f"{attributes['process']}: {attributes['action'].text}", BOX)


def _state_action(attributes: Attributes) -> str:
    return str(attributes["action"].name)


def _state_mark(attributes: Attributes) -> str:
    if attributes["violates"]:
        return "bad"
    if attributes["cut"]:
        return "cut"
    if attributes["terminal"]:
        return "terminal"
    return "good" if attributes["level"] == 1 else ""


def _state_edge_mark(attributes: Attributes) -> str:
    return "bad" if attributes["violates"] else ""


def _state_rank(attributes: Attributes) -> int | None:
    return int(attributes["level"])


def states(graph: StateGraph, marks: Marks) -> Listing:
    """All states of a model, each with what its nodes know, and all steps that change anything."""
    shown = situations(graph)
    names = [show(member.name) for member in graph.system.members]

    def attributes(number: int) -> Attributes:
        vector = graph.states[number]
        return {
            "level": graph.level[number] + 1,
            "violates": marks.violates.get(number, ()),
            "terminal": number in marks.terminal,
            "cut": marks.cut.get(number, ""),
            **{name: shown[node][vector[node]] for node, name in enumerate(names)},
        }

    def edges() -> Iterator[tuple[str, str, Attributes]]:
        known: dict[tuple[int, int, tuple[str, ...]], Attributes] = {}
        columns = zip(graph.source, graph.target, graph.label, graph.index, strict=True)
        for number, (source, target, label, index) in enumerate(columns):
            violates = marks.steps.get(number, ())
            key = label, index, violates
            attributes = known.get(key)
            if attributes is None:
                process, action = graph.labels[label]
                attributes = {"process": process, "action": action, "index": index, "violates": violates}
                known[key] = attributes
            yield str(source), str(target), attributes

    which = "first levels" if graph.cut else "all states"
    about = {"name": f"{graph.system.name}: {which}"}
    return Listing(
        about,
        len(graph.states),
        True,
        lambda: ((str(number), attributes(number)) for number in range(len(graph.states))),
        edges,
        Looks(
            node=partial(_state_node, attributes(0)),
            edge=_state_edge,
            action=_state_action,
            mark=_state_mark,
            edge_mark=_state_edge_mark,
            rank=_state_rank,
            legend=LEGEND,
        ),
        {"level": int, "violates": tuple, "terminal": bool, "cut": str} | dict.fromkeys(names, str),
        {"process": str, "action": str, "index": int, "violates": tuple},
    )


def _group_node(seen: Sequence[str], node: str, attributes: Attributes) -> str:
    count = plural(attributes["states"], "state")
    counts = [f"{attributes[name]:,} {name}" for name in ("terminal", "cut") if attributes[name]]
    shown = [f"{name}: {attributes[name]}" for name in seen]
    return boxed([*shown, f"({', '.join([count, *counts])})", attributes["says"]])


def _group_edge(attributes: Attributes) -> str:
    return str(attributes["actions"])


def _group_mark(goal: bool, attributes: Attributes) -> str:
    if attributes["violating"] or (goal and attributes["says"]):
        return "goal" if goal else "bad"
    if attributes["states"] in (attributes["cut"], attributes["terminal"]):
        return "cut" if attributes["cut"] else "terminal"
    return "good" if attributes["level"] == 1 else ""


def _group_edge_mark(attributes: Attributes) -> str:
    return "bad" if attributes["violating"] else ""


def collapsed(system_name: str, graph: Collapsed) -> Listing:
    """What one property sees of all states."""

    def attributes(group: Group) -> Attributes:
        counts = {"violating": group.violating, "terminal": group.terminal, "cut": group.cut}
        head = {"level": group.level + 1, "states": group.states, **counts}
        return {**head, **dict(group.seen), "says": group.says}

    seen = [name for name, _ in graph.groups[0].seen] if graph.groups else []
    goal = graph.claim.kind.goal
    counted = ("level", "states", "violating", "terminal", "cut")
    return Listing(
        {"name": f"{system_name}: what {graph.claim.id} sees"},
        len(graph.groups),
        False,
        lambda: ((str(i), attributes(group)) for i, group in enumerate(graph.groups)),
        lambda: (
            (
                str(u),
                str(v),
                {
                    "actions": ", ".join(between.actions),
                    "steps": sum(between.actions.values()),
                    "violating": between.violating,
                },
            )
            for (u, v), between in graph.steps.items()
        ),
        Looks(
            node=partial(_group_node, seen),
            edge=_group_edge,
            action=_group_edge,
            mark=partial(_group_mark, goal),
            edge_mark=_group_edge_mark,
            rank=_state_rank,
            legend={**LEGEND, "goal": "reached"},
        ),
        {**dict.fromkeys(counted, int), **dict.fromkeys(seen, str), "says": str},
        {"actions": str, "steps": int, "violating": int},
    )


#: Kind of graph of a trace → how it is made.
OF_TRACES: dict[str, Callable[[Trace], Listing]] = {
    "counterexample": counterexample,
    "causal": causal,
    "slice": partial(causal, needed_only=True),
}
