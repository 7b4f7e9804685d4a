"""Two traces as one graph of what caused what: the common past once, and what only one of them has."""

from __future__ import annotations

from checker.comparison.traces import TraceComparison, event_of
from checker.graphs.kinds import boxed
from checker.graphs.listing import Attributes, Listing, Looks, listed
from checker.model.wording import Label, message_label
from checker.text.style import clip
from checker.traces.causality import Causality, Why

#: Where a step is → its mark, and what the legend says of it.
MARKS = {"both": "good", "first": "cut", "second": "goal"}


def difference(found: TraceComparison, names: tuple[str, str]) -> Listing:
    """What caused what in either trace; events are called by their numbers in both, `–` if in one alone."""
    import networkx as nx  # noqa: PLC0415 - takes a fifth of a second

    graph = nx.MultiDiGraph(name=f"{names[0]} and {names[1]}", first=names[0], second=names[1])
    common = dict(found.common)
    for place, trace in enumerate(found.traces):
        known = Causality(trace)
        twins = common if place == 0 else {b: a for a, b in common.items()}

        def called(number: int, place: int = place, twins: dict[int, int] = twins) -> str:
            both = [f"{number}", f"{twins.get(number, '–')}"]
            return "/".join(both if place == 0 else reversed(both))

        for number in range(1, len(trace.steps) + 1):
            if place == 1 and number in twins:
                continue
            event, where = (
                event_of(trace, number),
                "both" if number in twins else ("first", "second")[place],
            )
            graph.add_node(
                called(number), process=event.node, action=event.action, changes=event.changes, where=where
            )
            for link in known.links_to(number):
                message = Label("", "") if link.message is None else message_label(link.message)
                why = "message" if link.why is Why.MESSAGE else "same node"
                graph.add_edge(called(link.before), called(number), why=why, message=message)
    legend = {"good": "in both", "cut": f"only in {names[0]}", "goal": f"only in {names[1]}"}
    looks = Looks(
        node=_node, edge=_edge, action=_action, mark=_mark, edge_mark=_edge_mark, down=False, legend=legend
    )
    return listed(graph, looks)


def _node(node: str, attributes: Attributes) -> str:
    return boxed([f"{node}  {attributes['process']}", attributes["action"], *attributes["changes"]])


def _edge(attributes: Attributes) -> str:
    return clip(attributes["message"].text, 44)


def _action(attributes: Attributes) -> str:
    return str(attributes["message"].name)


def _mark(attributes: Attributes) -> str:
    return MARKS[attributes["where"]]


def _edge_mark(attributes: Attributes) -> str:
    return "" if attributes["message"].text else "faint"
