"""How a protocol offers itself to the checker: one object in the entry-point group `checker.protocols`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.properties import Property
from checker.vocabulary import Rule, System, View, Wake

if TYPE_CHECKING:
    from checker.modelfile import ModelFile

#: Where protocols are looked for.
ENTRY_POINTS = "checker.protocols"


@dataclass(frozen=True, slots=True)
class Variant:
    """Rules to use instead of a role's own, chosen in a model file by `rules: {part: name}`.

    `part` is what is varied (acceptor, scout, commander, ballots, …), `role` the role whose table it
    belongs to. Beside rules and wakes a variant may change

    * how nodes of the role begin: `begin(local state) → local state`, for rules that need more state;
    * what the protocol makes its nodes from: `setup(x) → x`, x being whatever the protocol's `build`
      hands to `checker.selection.set_up`;
    * what is claimed: a model that names no properties is not held to those in `gives_up`, and is held
      to those in `claims`.
    """

    part: str
    name: str
    role: str
    about: str
    source: str
    rules: Mapping[type, Rule] = field(default_factory=lambda: MappingProxyType({}))
    wakes: Mapping[str, Wake] = field(default_factory=lambda: MappingProxyType({}))
    begin: Callable[[Any], Any] | None = None
    setup: Callable[[Any], Any] | None = None
    gives_up: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A protocol made wrong on purpose in one place, to see that the checker notices.

    `model` holds the keys of a model file that is verified as it stands. `variants` are the wrong
    rules, `settings` the wrong values of other keys; with them `property` is violated, after `length`
    steps at least. A mutant without `property` is a control: it looks wrong, and what its model claims
    holds all the same. `account` compares the length with a published one; `lesson` is what to learn.
    `unfired` are actions that never take place in a control's model; `heavy` marks what takes long.
    """

    id: str
    name: str
    about: str
    source: str
    model: Mapping[str, Any]
    variants: tuple[Variant, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    property: str | None = None
    length: int | None = None
    account: str = ""
    lesson: str = ""
    unfired: tuple[str, ...] = ()
    heavy: bool = False

    def original(self) -> dict[str, Any]:
        """The model file of the configuration, with nothing wrong in it."""
        claims = {} if self.property is None else {"properties": [self.property]}
        return {"name": self.name, **self.model, **claims}

    def mutated(self) -> dict[str, Any]:
        """The model file of the mutant, with what is expected of it."""
        original = self.original()
        wrong = {v.part: v.name for v in self.variants}
        rules = {"rules": {**original.get("rules", {}), **wrong}} if wrong else {}
        expect: dict[str, Any] = {"verdict": "verified", "unfired": list(self.unfired)}
        if self.property is not None:
            expect = {"verdict": "violated", "property": self.property}
            expect |= {} if self.length is None else {"length": self.length}
        return {**original, "about": self.about, **rules, **self.settings, "expect": expect}


@dataclass(frozen=True, slots=True)
class Protocol:
    """What the checker needs to know of a protocol.

    `schema` is the pydantic class of its model files. `build` makes the system of a valid one; what
    is wrong beyond the schema it raises as `checker.faults.Objections`, all at once. `models` is the
    folder of the shipped model files, `template` the commented model file that `pmmc init` prints.
    The rules of `mutants` are among the `variants`. `outcome` is what a user of the protocol sees of
    it: what `pmmc compare` looks at when nothing else is asked for.
    """

    name: str
    about: str
    schema: type[ModelFile]
    build: Callable[[Any], System]
    properties: Mapping[str, Property]
    variants: tuple[Variant, ...]
    models: Path
    template: str
    mutants: tuple[Mutant, ...] = ()
    outcome: tuple[View, ...] = ()


def protocols() -> dict[str, Protocol]:
    """Every installed protocol by name."""
    found = (point.load() for point in entry_points(group=ENTRY_POINTS))
    return {protocol.name: protocol for protocol in found}
