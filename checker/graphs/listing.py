"""Graphs written as GraphML and JSON (node-link), piece by piece, so that large ones can be.

A `Listing` gives nodes and edges whenever asked, so that the graph of all states of a model can be
written without being built a second time. GraphML has a key for every attribute, with its type; truth
values are `true` and `false`, as the schema of GraphML has them. Attributes that are several texts become
one here, and labels their text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checker.model.wording import Label
from checker.text.markup import escape

if TYPE_CHECKING:
    import networkx as nx

Attributes = Mapping[str, Any]
_TYPES = {bool: "boolean", int: "long", float: "double"}


def _nothing(attributes: Attributes) -> str:
    return ""


def _never(attributes: Attributes) -> bool:
    return False


def _nowhere(attributes: Attributes) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Looks:
    """How drawings show a graph: texts, and marks that each drawing renders in its own way.

    `action` is what edges of one colour have in common. `mark` is one of `drawn.FILLS`, and `edge_mark`
    main, bad, faint or nothing; `legend` says what marks mean. Nodes that are `main` stand in one line,
    nodes of one `rank` side by side. `down` lets time go down; else it goes from left to right.
    """

    node: Callable[[str, Attributes], str]
    edge: Callable[[Attributes], str]
    action: Callable[[Attributes], str] = _nothing
    mark: Callable[[Attributes], str] = _nothing
    edge_mark: Callable[[Attributes], str] = _nothing
    main: Callable[[Attributes], bool] = _never
    rank: Callable[[Attributes], int | None] = _nowhere
    down: bool = True
    legend: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """A directed graph: its attributes, and its nodes and edges again and again."""

    about: Mapping[str, str]
    count: int
    multigraph: bool
    nodes: Callable[[], Iterable[tuple[str, Attributes]]]
    edges: Callable[[], Iterable[tuple[str, str, Attributes]]]
    looks: Looks
    #: attribute → its type, for nodes and for edges
    of_nodes: Mapping[str, type] = field(default_factory=dict)
    of_edges: Mapping[str, type] = field(default_factory=dict)


def listed(graph: nx.DiGraph, looks: Looks) -> Listing:
    """A graph of networkx as a listing; the types of attributes are those of the first that has them."""
    of_nodes: dict[str, type] = {}
    of_edges: dict[str, type] = {}
    for _, attributes in graph.nodes(data=True):
        of_nodes |= {name: type(value) for name, value in attributes.items() if name not in of_nodes}
    for *_, attributes in graph.edges(data=True):
        of_edges |= {name: type(value) for name, value in attributes.items() if name not in of_edges}
    return Listing(
        {name: str(value) for name, value in graph.graph.items()},
        graph.number_of_nodes(),
        graph.is_multigraph(),
        lambda: ((str(node), attributes) for node, attributes in graph.nodes(data=True)),
        lambda: ((str(u), str(v), attributes) for u, v, attributes in graph.edges(data=True)),
        looks,
        of_nodes,
        of_edges,
    )


def text_of(value: Any) -> str:
    """How a file holds what is no number: several texts as one, at any depth, and a label as its text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Label):
        return value.text
    return "; ".join(text_of(part) for part in value if part != ())


# GraphML ------------------------------------------------------------------------------------------------


def graphml(graph: Listing) -> Iterator[str]:
    """The graph as GraphML."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    keys: dict[tuple[str, str], str] = {}
    for of, attributes in (
        ("graph", dict.fromkeys(graph.about, str)),
        ("node", graph.of_nodes),
        ("edge", graph.of_edges),
    ):
        for name, kind in attributes.items():
            key = keys[of, name] = f"d{len(keys)}"
            known = _TYPES.get(kind, "string")
            yield f'<key id="{key}" for="{of}" attr.name="{escape(name)}" attr.type="{known}"/>\n'
    yield '<graph edgedefault="directed">\n'
    escaped = _Remembered(escape)

    def data(of: str, attributes: Attributes) -> str:
        shown = ((keys[of, name], _xml(value, escaped)) for name, value in attributes.items())
        return "".join(f'<data key="{key}">{value}</data>' for key, value in shown)

    yield f"{data('graph', graph.about)}\n"
    for node, attributes in graph.nodes():
        yield f'<node id="{escaped[node]}">{data("node", attributes)}</node>\n'
    of_edge = _Alike(lambda attributes: f">{data('edge', attributes)}</edge>\n")
    for source, target, attributes in graph.edges():
        yield f'<edge source="{escaped[source]}" target="{escaped[target]}"{of_edge[attributes]}'
    yield "</graph>\n</graphml>\n"


class _Remembered(dict[Any, str]):
    """A function of texts whose answers are kept: few occur many times. Asked for what is shown by them."""

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, value: Any) -> str:
        answer = self[value] = self._function(text_of(value))
        return answer


class _Alike:
    """A text of attributes whose answers are kept: of many edges few have attributes of their own."""

    def __init__(self, function: Callable[[Attributes], str]) -> None:
        self._function = function
        self._known: dict[tuple[Any, ...], str] = {}

    def __getitem__(self, attributes: Attributes) -> str:
        key = tuple(attributes.items())
        answer = self._known.get(key)
        if answer is None:
            answer = self._known[key] = self._function(attributes)
        return answer


def _xml(value: Any, escaped: _Remembered) -> str:
    return str(value).lower() if type(value) in _TYPES else escaped[value]


# JSON ---------------------------------------------------------------------------------------------------


def node_link(graph: Listing) -> Iterator[str]:
    """The graph as JSON, as `networkx.node_link_graph(…, edges="edges")` reads it."""
    quoted = _Remembered(lambda text: json.dumps(text, ensure_ascii=False))
    about = json.dumps(dict(graph.about), ensure_ascii=False)
    multigraph = str(graph.multigraph).lower()
    yield f'{{"directed": true, "multigraph": {multigraph}, "graph": {about},\n"nodes": ['
    gap = "\n"
    for node, attributes in graph.nodes():
        inner = "".join(f", {quoted[n]}: {_json(v, quoted)}" for n, v in attributes.items())
        yield f'{gap}{{"id": {quoted[node]}{inner}}}'
        gap = ",\n"
    yield '\n],\n"edges": ['
    gap = "\n"
    of_edge = _Alike(
        lambda attributes: (
            "".join(f", {quoted[n]}: {_json(v, quoted)}" for n, v in attributes.items()) + "}"
        )
    )
    for source, target, attributes in graph.edges():
        yield f'{gap}{{"source": {quoted[source]}, "target": {quoted[target]}{of_edge[attributes]}'
        gap = ",\n"
    yield "\n]}\n"


def _json(value: Any, quoted: _Remembered) -> str:
    return str(value).lower() if type(value) in _TYPES else quoted[value]
