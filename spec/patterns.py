"""Goals written in a model file: some reachable state shows these fields at these nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.model.properties import Kind, Property
from checker.model.values import show
from checker.model.vocabulary import View
from checker.modelfiles.complaints import Path
from pmmc.values import Node
from spec.notation import Reader
from spec.setting import Setting


def observed(local: Any, field: str) -> Any:
    """A field of a local state as model files write it: scouts as yes or no, commanders by their pvalue."""
    value = getattr(local, field)
    match field:
        case "scout":
            return value is not None
        case "commanders":
            return frozenset(c.pvalue for c in value)
    return value


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """The function of a view: the values of some fields."""

    fields: tuple[str, ...]

    def __call__(self, local: Any) -> tuple[Any, ...]:
        """What the view shows of a local state."""
        return tuple(observed(local, field) for field in self.fields)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Judges whether every node named has the values given; its views come in the order of `nodes`."""

    text: str
    nodes: tuple[tuple[Node, tuple[Any, ...]], ...]

    def __call__(self, setting: Setting, *views: Mapping[Node, tuple[Any, ...]]) -> str | None:
        """The pattern as a sentence if the state shows it."""
        matches = all(view[node] == values for view, (node, values) in zip(views, self.nodes, strict=True))
        return self.text if matches else None


def read_pattern(reader: Reader, path: Path, value: Mapping[str | int, Any]) -> Property | None:
    """The goal that a mapping node → fields stands for; None, with objections noted, if it is faulty."""
    objections = len(reader.wrong)
    if not value:
        reader.object_to(path, "expected at least one node with the fields it must have")
    nodes: dict[Node, dict[str, Any]] = {}
    for name, written in value.items():
        node = reader.node((*path, name), str(name))
        if node is None:
            continue
        nodes[node] = reader.fields((*path, name), node, written)
        if written == {}:
            reader.object_to((*path, name), f"expected at least one field that {node} must have")
    return _goal(nodes) if len(reader.wrong) == objections else None


def _goal(nodes: Mapping[Node, Mapping[str, Any]]) -> Property:
    texts = [
        f"{node} ({', '.join(f'{field} {show(value)}' for field, value in fields.items())})"
        for node, fields in nodes.items()
    ]
    text = ", ".join(texts)
    views = tuple(
        View(f"{'+'.join(fields)}", node.role, FieldsOf(tuple(fields))) for node, fields in nodes.items()
    )
    expected = tuple((node, tuple(fields.values())) for node, fields in nodes.items())
    return Property(
        text, Kind.SOMETIMES, f"Some state shows {text}.", "model file", views, Pattern(text, expected)
    )
