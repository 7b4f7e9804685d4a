"""PMMC as the checker meets it under the entry point `checker.protocols`, and how to derive from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.model.properties import Property
from checker.model.system import System
from checker.model.vocabulary import Role
from checker.modelfiles.complaints import unknown
from checker.modelfiles.protocol import Later, Mutant, Protocol, Variant
from spec import roles as our
from spec import views
from spec.properties import PROPERTIES
from spec.schema import PmmcModel
from spec.system import KNOWN_RULES, build

if TYPE_CHECKING:
    from checker.model.calls import Calls
    from checker.model.deployed import Deployed
    from checker.model.logs import Logs
    from checker.model.wire import Wire

_HERE = Path(__file__).parent


def _kits() -> Path:
    """Where kits for other languages are: in an installed package beside this, in a checkout an example."""
    checkout = _HERE.parent / "examples" / "kits"
    return checkout if checkout.is_dir() else _HERE / "kits"


def _mutants() -> Sequence[Mutant]:
    from spec.mutants import CATALOGUE  # noqa: PLC0415 - wanted by `pmmc mutate` only

    return CATALOGUE


def _calls(variants: Sequence[Variant], model: PmmcModel, system: System) -> Calls:
    from spec.calls import priced  # noqa: PLC0415 - wanted by `pmmc cost` only

    return priced(model, system, variants)


def _wire(variants: Sequence[Variant], model: PmmcModel, system: System) -> Wire:
    from spec.wire import wire_of  # noqa: PLC0415 - wanted where others than Python take part

    return wire_of(variants, model, system)


def _deployed(variants: Sequence[Variant], model: PmmcModel | None, **sizes: Any) -> Deployed:
    from spec.deployed import deployed  # noqa: PLC0415 - wanted by `pmmc run` only

    return deployed(variants, model, **sizes)


def _logs() -> Logs:
    from spec.logs import LOGS  # noqa: PLC0415 - wanted by `pmmc validate` only

    return LOGS


PMMC = Protocol(
    name="pmmc",
    about="Paxos Made Moderately Complex: replicas, leaders with scouts and commanders, acceptors.",
    schema=PmmcModel,
    build=build,
    properties=PROPERTIES,
    variants=KNOWN_RULES,
    models=_HERE / "models",
    template=(_HERE / "template.yaml").read_text(encoding="utf-8"),
    mutants=Later(_mutants),
    outcome=(views.DECISIONS, views.PERFORMED),
    calls=partial(_calls, KNOWN_RULES),
    wire=partial(_wire, KNOWN_RULES),
    kits=_kits(),
    deployed=partial(_deployed, KNOWN_RULES),
    logs=_logs,
)


def derive(
    name: str,
    *,
    about: str,
    models: Path,
    roles: Sequence[Role] = (),
    variants: Sequence[Variant] = (),
    properties: Mapping[str, Property] = MappingProxyType({}),
    mutants: Sequence[Mutant] = (),
) -> Protocol:
    """A protocol that is PMMC but for what is given: how a team checks its own rules against our claims.

    Each of `roles` stands in for ours of the same name, e.g. `ACCEPTOR.with_rules({P2a: on_p2a})`;
    it keeps our local states and messages. `variants` and `properties` are known beside ours, and what
    is no goal among `properties` is checked by default. `models` is the folder of its model files, each
    of which says `protocol: name`. `mutants` are what `pmmc mutate` runs of it; their rules need not be
    among the `variants` as well. Raises ValueError for a role or a property that cannot be placed.
    """
    given = {role.name: role for role in roles}
    for role in given:
        if role not in (names := [r.name for r in our.ALL]):
            raise ValueError(unknown("role", role, names))
    for claim in properties:
        if claim in PROPERTIES:
            raise ValueError(f"{claim} is a property of PMMC; your own needs another id")
    played = tuple(given.get(role.name, role) for role in our.ALL)
    claims = MappingProxyType({**PROPERTIES, **properties})
    for mutant in mutants:
        if mutant.property is not None and mutant.property not in claims and not mutant.made_by_a_key():
            raise ValueError(f"{mutant.id}: {unknown('property', mutant.property, list(claims))}")
    named = [*PMMC.variants, *variants]
    taken = {(variant.part, variant.name) for variant in named}
    wrong = {(v.part, v.name): v for mutant in mutants for v in mutant.variants}
    known = (*named, *(variant for place, variant in wrong.items() if place not in taken))
    first, _, rest = PMMC.template.partition("\nname: ")
    return Protocol(
        name=name,
        about=about,
        schema=PmmcModel,
        build=partial(build, played_by=played, variants=known, properties=claims),
        properties=claims,
        variants=known,
        models=models,
        template=f"{first}\nprotocol: {name}\nname: {rest}",
        mutants=tuple(mutants),
        outcome=PMMC.outcome,
        calls=partial(_calls, known),
        wire=partial(_wire, known),
        derived_from=PMMC,
    )
