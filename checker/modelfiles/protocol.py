"""How a protocol offers itself to the checker: one object in the entry-point group `checker.protocols`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from checker.model.modelcode import CodeError, call
from checker.model.properties import ABOUT_GOALS, Property
from checker.model.system import System
from checker.model.vocabulary import Rule, View, Wake
from checker.modelfiles.complaints import nearest, unknown

if TYPE_CHECKING:
    from checker.model.calls import Calls
    from checker.model.logs import Logs
    from checker.model.wire import Wire
    from checker.modelfiles.schema import ModelFile

#: Where protocols are looked for.
ENTRY_POINTS = "checker.protocols"

T = TypeVar("T")


class Later(Sequence[T]):
    """A sequence that is made when it is first looked at: what takes an import that few commands need.

    A Protocol checks what is given as a tuple at once, and of this nothing: whoever makes it sees to that.
    """

    def __init__(self, make: Callable[[], Sequence[T]]) -> None:
        self._made = cache(make)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        return self._made()[at]

    def __len__(self) -> int:
        return len(self._made())


@dataclass(frozen=True, slots=True)
class Variant:
    """Rules to use instead of a role's own, chosen in a model file by `rules: {part: name}`.

    `part` is what is varied (acceptor, scout, commander, ballots, …), `role` the role whose table it
    belongs to. Beside rules and wakes a variant may change

    * how nodes of the role begin: `begin(local state) → local state`, for rules that need more state;
      `history` names the fields that it adds which no rule reads, only properties: a crash does not touch
      them; `stable` those that belong in stable storage;
    * what the protocol makes its nodes from: `setup(x) → x`, x being whatever the protocol's `build`
      hands to `checker.modelfiles.selection.set_up`;
    * what is claimed: a model that names no properties is not held to those in `gives_up`, and is held
      to those in `claims`;
    * which messages nodes of the role can no longer tell apart or no longer need: `settle`, a claim about
      its rules as `Role.settle` is. It is made if no other variant changes the role;
    * other roles, by variants that are chosen with it: `also`.
    """

    part: str
    name: str
    role: str
    about: str
    source: str
    rules: Mapping[type, Rule] = field(default_factory=lambda: MappingProxyType({}))
    wakes: Mapping[str, Wake] = field(default_factory=lambda: MappingProxyType({}))
    begin: Callable[[Any], Any] | None = None
    history: tuple[str, ...] = ()
    stable: tuple[str, ...] = ()
    settle: Callable[[Any, Any, Any], Any] | None = None
    setup: Callable[[Any], Any] | None = None
    gives_up: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    also: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A protocol made wrong on purpose in one place, to see that the checker notices.

    `model` holds the keys of a model file that is verified as it stands. `variants` are the wrong
    rules, `settings` the wrong values of other keys; with them `property` is violated, after `length`
    steps at least, or by a run that repeats for ever what comes after so many. It is one of the protocol's,
    or one that a key of `model` makes of a goal, such as `eventually`. A mutant without `property` is a
    control: it looks wrong, and what its model claims holds all the same. `account` compares the length
    with a published one; `lesson` is what to learn. `unfired` are actions that never take place in a
    control's model; `heavy` marks what takes long.
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
        named = [] if self.made_by_a_key() else [self.property]
        claims = {} if self.property is None else {"properties": named}
        return {"name": self.name, **self.model, **claims}

    def made_by_a_key(self) -> bool:
        """Whether what it violates is made of a goal by a key of its model, and not named there."""
        words = (f" {key} ".replace("leads-to", "leads to") for key in ABOUT_GOALS if key in self.model)
        return any(word in f" {self.property} " for word in words)

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
    is wrong beyond the schema it raises as `Objections`, all at once. `models` is the
    folder of the shipped model files, `template` the commented model file that `pmmc init` prints; a
    protocol need have neither. The rules of `mutants` are among the `variants`. `outcome` is what a user
    of the protocol sees of it: what `pmmc compare` looks at when nothing else is asked for. `calls(model,
    system)` says which calls clients make, of which `pmmc cost` works out what they cost. `wire(model,
    system)` is how messages and local states are written as JSON, for implementations in other languages.
    `deployed(model, clients=, servers=, apart=)` is what `pmmc run` runs; it has rules for no model, too;
    `logs()` what `pmmc validate` holds logs of a running system against.
    `derived_from` is the protocol that it is but for some rules. Raises TypeError or ValueError for what no
    protocol can be made of.
    """

    name: str
    about: str
    schema: type[ModelFile]
    build: Callable[[Any], System]
    properties: Mapping[str, Property]
    models: Path | None = None
    template: str = ""
    variants: Sequence[Variant] = ()
    mutants: Sequence[Mutant] = ()
    outcome: tuple[View, ...] = ()
    calls: Callable[[Any, System], Calls] | None = None
    wire: Callable[[Any, System], Wire] | None = None
    kits: Path | None = None
    deployed: Callable[..., Any] | None = None
    logs: Callable[[], Logs] | None = None
    derived_from: Protocol | None = None

    def __post_init__(self) -> None:
        for what, is_right, wanted in (
            ("schema", hasattr(self.schema, "model_validate"), "a subclass of ModelFile"),
            ("build", callable(self.build), "a function that makes a System of a model"),
            ("properties", isinstance(self.properties, Mapping), "a mapping from ids to properties"),
            ("models", isinstance(self.models, Path | None), "the Path of a folder"),
            ("template", isinstance(self.template, str), "text"),
            ("kits", isinstance(self.kits, Path | None), "the Path of a folder"),
        ):
            if not is_right:
                raise TypeError(f"protocol {self.name}: {what} is {getattr(self, what)!r}, not {wanted}")
        properties: Mapping[str, object] = self.properties
        for name, claim in properties.items():
            if not isinstance(claim, Property) or claim.id != name:
                raise ValueError(f"protocol {self.name}: properties['{name}'] is no Property of that id")
        given = () if isinstance(self.variants, Later) else self.variants
        parts = [(variant.part, variant.name) for variant in given]
        for part, name in parts:
            if parts.count((part, name)) > 1:
                raise ValueError(f"protocol {self.name}: there are two variants '{part}: {name}'")

    def model_files(self) -> list[Path]:
        """The shipped model files, in order of their paths."""
        return [] if self.models is None else sorted(self.models.rglob("*.yaml"))


class Installed(Mapping[str, Protocol]):
    """The installed protocols by name. Each is loaded when it is asked for, and loading may fail.

    What fails is left out, so that one broken package is not the end of all others: `broken` says of each
    entry point that was tried in vain why, and `complain` is told at once. `taken` are there already.
    """

    def __init__(
        self,
        points: Iterable[EntryPoint],
        complain: Callable[[str], None] | None = None,
        taken: Iterable[Protocol] = (),
    ) -> None:
        self._waiting = list(points)
        self._found = {protocol.name: protocol for protocol in taken}
        self._complain = complain
        self.broken: dict[str, str] = {}

    def __getitem__(self, name: str) -> Protocol:
        # the entry point of that name first; most have the name of their protocol, but they need not
        for point in sorted(self._waiting, key=lambda point: point.name != name):
            if name in self._found or name in self.broken:
                break
            self._load(point)
        return self._found[name]

    def __bool__(self) -> bool:
        return bool(self._waiting or self._found or self.broken)

    def __iter__(self) -> Iterator[str]:
        self._load_all()
        return iter(self._found)

    def __len__(self) -> int:
        self._load_all()
        return len(self._found)

    def why_not(self, name: object) -> str:
        """Why there is no protocol of that name: it is broken, or unknown."""
        known = sorted(self)
        message = self.broken.get(str(name)) or unknown("protocol", name, known)
        elsewhere = str(name) not in self.broken and nearest(str(name), known) is None
        return f"{message}; --load FILE takes one from a file" if elsewhere else message

    def _load_all(self) -> None:
        while self._waiting:
            self._load(self._waiting[0])

    def _load(self, point: EntryPoint) -> None:
        self._waiting.remove(point)
        try:
            protocol = _loaded(point, self._found)
            self._found[protocol.name] = protocol
        except CodeError as error:
            self.broken.setdefault(point.name, error.in_full())
            if self._complain is not None:
                self._complain(error.in_full())


def _loaded(point: EntryPoint, found: Mapping[str, Protocol]) -> Protocol:
    """The protocol of an entry point, unless another one of its name was found. Raises CodeError."""
    protocol = call(lambda: f"{_named(point)}: loading {point.value}", point.load)
    if not isinstance(protocol, Protocol):
        raise CodeError(f"{_named(point)}: {point.value} is {type(protocol).__name__}, not a Protocol")
    if found.get(protocol.name, protocol) is not protocol:
        raise CodeError(f"{_named(point)}: another package has a protocol '{protocol.name}' too")
    return protocol


def _named(point: EntryPoint) -> str:
    package = f" of {point.dist.name} {point.dist.version}" if point.dist is not None else ""
    return f"protocol '{point.name}'{package}"


#: The protocols that are taken from files, as if they were installed, and those files; by name.
TAKEN: dict[str, tuple[Protocol, str]] = {}


def protocols(complain: Callable[[str], None] | None = None) -> Installed:
    """Every installed protocol by name, and those that are taken from files (`pmmc --load`).

    `complain` is told of each that cannot be loaded.
    """
    taken = [protocol for protocol, _ in TAKEN.values()]
    return Installed(entry_points(group=ENTRY_POINTS), complain, taken)
