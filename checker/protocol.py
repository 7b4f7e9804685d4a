"""How a protocol offers itself to the checker: one object in the entry-point group `checker.protocols`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.properties import Property
from checker.vocabulary import Rule, System, Wake

if TYPE_CHECKING:
    from checker.modelfile import ModelFile

#: Where protocols are looked for.
ENTRY_POINTS = "checker.protocols"


@dataclass(frozen=True, slots=True)
class Variant:
    """Rules to use instead of a role's own, chosen in a model file by `rules: {part: name}`.

    `part` is what is varied (acceptor, scout, commander, …), `role` the role whose table it belongs to.
    """

    part: str
    name: str
    role: str
    about: str
    source: str
    rules: Mapping[type, Rule]
    wakes: Mapping[str, Wake] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Protocol:
    """What the checker needs to know of a protocol.

    `schema` is the pydantic class of its model files. `build` makes the system of a valid one; what
    is wrong beyond the schema it raises as `checker.faults.Objections`, all at once. `models` is the
    folder of the shipped model files, `template` the commented model file that `pmmc init` prints.
    """

    name: str
    about: str
    schema: type[ModelFile]
    build: Callable[[Any], System]
    properties: Mapping[str, Property]
    variants: tuple[Variant, ...]
    models: Path
    template: str


def protocols() -> dict[str, Protocol]:
    """Every installed protocol by name."""
    found = (point.load() for point in entry_points(group=ENTRY_POINTS))
    return {protocol.name: protocol for protocol in found}
