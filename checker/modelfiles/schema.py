"""What may stand in a model file whatever the protocol."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc, getsource
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema

from checker.model.network import NETWORKS, Network
from checker.model.verdict import Verdict
from checker.modelfiles.complaints import shown, unknown
from checker.modelfiles.fields import Flag, Known, Names, Of, OneOf, Text, Whole, refuse

NAMES = tuple(NETWORKS)
LARGEST = 10**15


T = TypeVar("T")


#: A list in the file, a tuple in the model.
Many = Annotated[tuple[T, ...], Field(strict=False)]


Count = Annotated[int, Whole(0, LARGEST)]


Words = Annotated[str, Text()]


def _given(value: Any) -> Any:
    if value is None:
        raise refuse("nothing stands here; give a value or leave the key out")
    return value


#: A key that may be left out, but not left empty.
Maybe = Annotated[T | None, BeforeValidator(_given)]


def listed(value: Any) -> Any:
    """One name as a list of one."""
    return [value] if isinstance(value, str) else value


def one_or_more(name: Mapping[str, Any]) -> WithJsonSchema:
    """The JSON schema of a name, or of a list of them."""
    return WithJsonSchema({"anyOf": [{**name}, {"type": "array", "items": {**name}}]})


class Part(BaseModel):
    """A mapping of a model file: its keys are known, each has a type, and it is never changed."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, defer_build=True, serialize_by_alias=True
    )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """As pydantic makes it, with what stands below each field.

        `use_attribute_docstrings` would read the sources whenever the program starts.
        """
        made = handler(core)
        fields = handler.resolve_ref_schema(made)["properties"]
        for part in reversed(cls.__mro__):
            for name, said in _said_of_fields(part) if issubclass(part, Part) else ():
                fields[cls.model_fields[name].alias or name]["description"] = said
        return made


def _said_of_fields(part: type[Part]) -> Iterator[tuple[str, str]]:
    """The fields of a class that have a text below them, each with that text."""
    (definition,) = ast.parse(dedent(getsource(part))).body
    assert isinstance(definition, ast.ClassDef)
    for above, below in pairwise(definition.body):
        match above, below:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(value=ast.Constant(str(said))):
                yield name, cleandoc(said)


class NetworkChoice(Part):
    """A network semantics and its budget."""

    kind: Annotated[str, OneOf("network", NAMES)] = NAMES[0]
    """What the network may do to a message."""
    loss: Annotated[int, Whole(0, 1000)] = 0
    """How many messages each inbox may lose over a whole run; for fifo only, the others lose any."""

    @model_validator(mode="after")
    def _only_some_count(self) -> Self:
        offer = NETWORKS[self.kind]
        if self.loss and not offer.budget:
            counting = " and ".join(name for name, other in NETWORKS.items() if other.budget)
            does = "may lose any message as it is" if offer.lossy else "loses none"
            raise refuse(f"'loss' is for {counting}; {self.kind} {does}")
        return self

    def build(self) -> Network:
        """The semantics itself."""
        return NETWORKS[self.kind].make(self.loss)


def network_named(name: str) -> Network:
    """The network of that name, with an empty budget. Raises ValueError naming the allowed ones."""
    if name not in NETWORKS:
        raise ValueError(unknown("network", name, NAMES))
    return NetworkChoice(kind=name).build()


class Reduced(Part):
    """What a check with all reductions must count; these numbers depend on the reductions."""

    states: Maybe[Count] = None
    """States explored."""
    depth: Maybe[Count] = None
    """Levels of the search."""


class Expect(Part):
    """What a check of the model must find; what is left out is not compared."""

    verdict: Annotated[Verdict, Of(Verdict, "verdict")]
    """The verdict on the whole model."""
    property: Maybe[Words] = None
    """The property that is violated, or that is never reached if it is a `sometimes`."""
    length: Maybe[Count] = None
    """Steps of a shortest counterexample; of one without end, those before what repeats for ever."""
    cycle: Maybe[Annotated[int, Whole(1, LARGEST)]] = None
    """Steps that repeat for ever in a counterexample without end."""
    states: Maybe[Count] = None
    """Distinct states without any reduction, the initial one included."""
    depth: Maybe[Count] = None
    """Levels of the search, the initial state being level 1."""
    reduced: Maybe[Reduced] = None
    """What a check with all reductions must count."""
    unfired: Many[Words] = ()
    """Actions that never take place in this model, as role.action."""
    model: Maybe[Words] = None
    """The model that this was recorded for, as `pmmc check --update` names it: when the file comes to
    say something else, the check says so."""


def _claim(names: Names, value: Any) -> Any:
    if isinstance(value, str) and value in names.goals:
        raise refuse(f"'{value}' is a goal that some state must reach: it belongs under 'sometimes'")
    return OneOf("property", names.claims).read(value)


def _goal(names: Names, value: Any) -> Any:
    if isinstance(value, str) and value in names.claims:
        raise refuse(f"'{value}' is a claim about every state: it belongs under 'properties'")
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise refuse(f"expected the name of a goal, or a mapping node: fields; not {shown(value)}")
    return OneOf("goal", names.goals).read(value)


#: A goal: its name, or a mapping of nodes to the fields that they must have.
Goal = Annotated[Any, Known(_goal)]
#: Which steps something is assumed of.
Patterns = Annotated[Many[Words], BeforeValidator(listed), one_or_more({"type": "string", "minLength": 1})]


class LeadsTo(Part):
    """What must come after what."""

    when: Goal
    """The goal after which, or with which, the other one must come."""
    then: Goal
    """The goal that must come."""


def _mapping_of_network(value: Any) -> Any:
    if isinstance(value, dict | NetworkChoice):
        return value
    return {"kind": value}


_ABOUT = " ".join(f"{name}: it {offer.about}." for name, offer in NETWORKS.items()).translate(
    {42: "", 96: ""}
)
_NETWORK_SCHEMA = {
    "anyOf": [
        {"type": "string", "enum": list(NAMES)},
        {
            "type": "object",
            "properties": {
                "kind": {"type": "string", "enum": list(NAMES)},
                "loss": {"type": "integer", "minimum": 0, "maximum": 1000},
            },
            "additionalProperties": False,
        },
    ]
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a model file is, which is no part of what it says: all are equal."""

    folder: Path = field(default=Path(), compare=False)


class ModelFile(Part):
    """A finite model to be checked. These keys mean the same for every protocol."""

    #: Keys that the meaning of others rests on: with one of them faulty, only the schema is checked.
    foundations: ClassVar[frozenset[str]] = frozenset()

    name: Words
    """A short name, used in reports."""
    about: Maybe[Annotated[str, Text(lines=True)]] = None
    """What the model shows, in a sentence or two."""
    protocol: Words = "pmmc"
    """The protocol that the model is of."""
    network: Annotated[
        NetworkChoice, BeforeValidator(_mapping_of_network), WithJsonSchema(_NETWORK_SCHEMA)
    ] = Field(
        default=NetworkChoice(),
        description=f"What becomes of a message that was sent. {_ABOUT}",
    )
    rules: dict[Words, Words] = Field(default_factory=dict)
    """Rules to use instead of the protocol's own: part of a node → name of a variant."""
    properties: Maybe[Many[Annotated[str, Known(_claim)]]] = None
    """What must hold; left out, all that the protocol claims of the roles that take part."""
    sometimes: Many[Goal] = ()
    """What some reachable state must show: names of goals, or mappings node → fields it must have."""
    can_still: Many[Goal] = Field(default=(), alias="can-still")
    """What some state must show that can be reached from every reachable state, whatever has happened:
    written as under `sometimes`."""
    eventually: Many[Goal] = ()
    """What every fair run must come to: written as under `sometimes`."""
    always_eventually: Many[Goal] = Field(default=(), alias="always-eventually")
    """What every fair run must come to again and again: written as under `sometimes`."""
    leads_to: Many[LeadsTo] = Field(default=(), alias="leads-to")
    """Of what every fair run must come to after what: mappings {when: GOAL, then: GOAL}."""
    fair: Patterns = ()
    """Steps that are weakly fair: one that can be taken from some time on is taken again and again. Written
    as `deliveries`, `wakes`, `losses`, the name of a role, node or action, or WHO.WHAT, as in
    `leader 0.p1b` or `acceptor.deliveries`."""
    strongly_fair: Patterns = ()
    """Steps that are strongly fair: one that can be taken again and again is taken again and again. Written
    as under `fair`."""
    finitely: Patterns = ()
    """Steps that are taken finitely often, such as losses, crashes and suspicions: written as under
    `fair`."""
    symmetry: Maybe[Many[Words]] = None
    """What is interchangeable; left out, all that the protocol knows to be so."""
    slow: Annotated[bool, Flag()] = False
    """Whether a check of all shipped models leaves this one out. A slow one that expects nothing is too
    large to be explored at all: it is there to be simulated."""
    expect: Maybe[Expect] = None
    """What a check must find; makes the model a regression test."""

    _place: _Place = PrivateAttr(default=_Place())

    @property
    def large(self) -> bool:
        """Whether it is there to be simulated, too large for any search."""
        return self.slow and self.expect is None

    @property
    def folder(self) -> Path:
        """The folder of the file, in which commands that it names are run; of a text the current one."""
        return self._place.folder

    def placed(self, folder: Path) -> Self:
        """The same model, of a file in that folder."""
        placed = self.model_copy()
        placed._place = _Place(folder)  # noqa: SLF001 - its own
        return placed
