"""Graphs written for drawing: DOT for Graphviz, and Mermaid flowcharts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checker.graphs.listing import Listing

#: Colours of Graphviz's scheme `paired12`, in the order in which actions are given them. Its two reds (5
#: and 6) are left out: red is what violates.
PAIRED = (2, 4, 8, 10, 12, 1, 3, 7, 9, 11)
#: Mark of a node → how DOT shows it.
FILLS = {
    "": "",
    "bad": ', fillcolor="#fdd9d9", color=red, penwidth=2',
    "good": ', fillcolor="#e8eefc"',
    "goal": ', fillcolor="#dcf2dc", color=darkgreen, penwidth=2',
    "terminal": ', fillcolor="#e4e4e4", penwidth=2',
    "cut": ', style="rounded,filled,dashed", fillcolor="#fff3c4"',
    "faint": ', style="rounded,dashed", color=gray50, fontcolor=gray40',
}
#: Mark of an edge → how DOT shows it; others have the colour of their action.
LINES = {
    "main": 'color="#1a3a8a", fontcolor="#1a3a8a", colorscheme="", penwidth=2.4, weight=100',
    "bad": 'color=red, fontcolor=red, colorscheme="", penwidth=2.4',
}
#: The same for Mermaid, as classes of its nodes; the arrows of its edges.
CLASSES = {
    "bad": "fill:#fdd,stroke:#c00,color:#600",
    "good": "fill:#e8eefc,stroke:#36c,color:#124",
    "goal": "fill:#dcf2dc,stroke:#060,color:#040",
    "terminal": "fill:#e4e4e4,stroke:#555,color:#222",
    "cut": "fill:#fff3c4,stroke:#a80,color:#430,stroke-dasharray:4 3",
    "faint": "fill:#fff,stroke:#aaa,color:#777,stroke-dasharray:4 3",
}
ARROWS = {"main": "==>", "bad": "==>", "faint": "-.->"}


def dot(graph: Listing) -> Iterator[str]:
    """The graph for Graphviz: rounded boxes, a colour for each action with a legend, ranks by level."""
    looks = graph.looks
    yield "digraph pmmc {\n"
    yield f'label={_dot(graph.about.get("name", ""))}; labelloc=t; fontname="monospace";\n'
    yield f"rankdir={'TB' if looks.down else 'LR'}; nodesep=0.35;\n"
    yield 'node [shape=box, style="rounded,filled", fillcolor=white, fontname="monospace", fontsize=10];\n'
    yield 'edge [colorscheme=paired12, fontname="monospace", fontsize=9];\n'
    ranks: dict[int, list[str]] = {}
    marks: set[str] = set()
    for node, attributes in graph.nodes():
        rank = looks.rank(attributes)
        if rank is not None:
            ranks.setdefault(rank, []).append(_dot(node))
        text = _dot(looks.node(node, attributes), left=True)
        line = ", group=main" if looks.main(attributes) else ""
        fill = looks.mark(attributes)
        marks.add(fill)
        yield f"{_dot(node)} [label={text}{FILLS[fill]}{line}];\n"
    colours: dict[str, int] = {}
    for source, target, attributes in graph.edges():
        shown = [f"label={_dot(looks.edge(attributes))}"]
        action, mark = looks.action(attributes), looks.edge_mark(attributes)
        if mark in LINES:
            shown.append(LINES[mark])
        elif action:
            colour = colours.setdefault(action, PAIRED[len(colours) % len(PAIRED)])
            shown.append(f"color={colour}, fontcolor={colour}")
        if mark == "faint":
            shown.append("style=dashed")
        yield f"{_dot(source)} -> {_dot(target)} [{', '.join(shown)}];\n"
    for _, nodes in sorted(ranks.items()):
        if len(nodes) > 1:
            yield "{rank=same; " + " ".join(f"{node};" for node in nodes) + "}\n"
    yield from _legend(colours, {mark: text for mark, text in looks.legend.items() if mark in marks})
    yield "}\n"


def _legend(colours: Mapping[str, int], marks: Mapping[str, str]) -> Iterator[str]:
    """What colours of edges and fills of nodes mean, of those that occur."""
    if colours:
        yield 'subgraph cluster_legend {label="actions"; style=solid;\n'
        yield 'node [shape=plain, style="", colorscheme=paired12];\n'
        for action, colour in colours.items():
            yield f"{_dot('legend ' + action)} [label={_dot(action)}, fontcolor={colour}];\n"
        yield "}\n"
    if marks:
        yield 'subgraph cluster_marks {label="states"; style=solid;\n'
        for mark, meaning in marks.items():
            yield f"{_dot('mark ' + mark)} [label={_dot(meaning)}{FILLS[mark]}];\n"
        yield "}\n"


def _dot(text: str, *, left: bool = False) -> str:
    r"""A quoted string; lines end in `\l` where they are to stand on the left."""
    ending = "\\l" if left else "\\n"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    lines = escaped.split("\n")
    return '"' + (ending.join(lines) + (ending if left and len(lines) > 1 else "")) + '"'


def flowchart(graph: Listing) -> Iterator[str]:
    """The graph as a Mermaid flowchart; ids are positions, since names could be words of its grammar."""
    looks = graph.looks
    yield f"flowchart {'TD' if looks.down else 'LR'}\n"
    ids: dict[str, str] = {}
    marked: dict[str, list[str]] = {mark: [] for mark in CLASSES}
    for node, attributes in graph.nodes():
        name = ids[node] = f"n{len(ids)}"
        yield f'    {name}("{_flow(looks.node(node, attributes))}")\n'
        mark = looks.mark(attributes)
        if mark:
            marked[mark].append(name)
    for source, target, attributes in graph.edges():
        arrow = ARROWS.get(looks.edge_mark(attributes), "-->")
        label = _flow(looks.edge(attributes))
        shown = f'|"{label}"|' if label else ""
        yield f"    {ids[source]} {arrow}{shown} {ids[target]}\n"
    for mark, looks_so in CLASSES.items():
        yield f"    classDef {mark} {looks_so}\n"
    for mark, names in marked.items():
        if names:
            yield f"    class {','.join(names)} {mark}\n"


def _flow(text: str) -> str:
    """A label: entities for what would be markup, breaks for new lines."""
    text = re.sub(r"[ \t]+", " ", text).replace("#", "#35;").replace('"', "#quot;")
    return text.replace("<", "#lt;").replace(">", "#gt;").replace("`", "#96;").replace("\n", "<br/>")
