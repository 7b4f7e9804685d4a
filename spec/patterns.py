"""Goals written in a model file: some reachable state shows these fields at these nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from checker.model.properties import Kind, Property
from checker.model.values import show
from checker.model.vocabulary import View
from checker.modelfiles.complaints import Objections
from pmmc.values import Node
from spec.notation import Reader, written
from spec.setting import Setting


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """The function of a view: the values of some fields of a role, as model files write them."""

    role: str
    fields: tuple[str, ...]

    def __call__(self, local: Any) -> tuple[Any, ...]:
        """What the view shows of a local state."""
        return tuple(written(self.role, local, field) for field in self.fields)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Judges whether every node named has the values given; its views come in the order of `nodes`."""

    text: str
    nodes: tuple[tuple[Node, tuple[Any, ...]], ...]

    def __call__(self, setting: Setting, *views: Mapping[Node, tuple[Any, ...]]) -> str | None:
        """The pattern as a sentence if the state shows it."""
        matches = all(view[node] == values for view, (node, values) in zip(views, self.nodes, strict=True))
        return self.text if matches else None


def patterns_of(claim: Property) -> Iterator[Pattern]:
    """The patterns that a property is made of: of what leads to something there may be two."""
    for judge in (claim.judge, claim.when):
        code = judge.args[0].judge if isinstance(judge, partial) and claim.when is not None else judge
        if isinstance(code, Pattern):
            yield code


def read_pattern(reader: Reader, value: Mapping[str | int, Any]) -> Property:
    """The goal that a mapping node → fields stands for. Raises Objections, with paths in that mapping."""
    reader = replace(reader, wrong=[])
    if not value:
        reader.object_to((), "expected at least one node with the fields it must have")
    nodes = reader.states((), value)
    for node in nodes:
        if value.get(str(node)) == {}:
            reader.object_to((str(node),), f"expected at least one field that {node} must have")
    if reader.wrong:
        raise Objections(reader.wrong)
    return _goal(nodes)


def _goal(nodes: Mapping[Node, Mapping[str, Any]]) -> Property:
    texts = [
        f"{node} ({', '.join(f'{field} {show(value)}' for field, value in fields.items())})"
        for node, fields in nodes.items()
    ]
    text = ", ".join(texts)
    views = tuple(
        View(f"{'+'.join(fields)}", node.role, FieldsOf(node.role, tuple(fields)))
        for node, fields in nodes.items()
    )
    expected = tuple((node, tuple(fields.values())) for node, fields in nodes.items())
    return Property(
        text, Kind.SOMETIMES, f"Some state shows {text}.", "model file", views, Pattern(text, expected)
    )
