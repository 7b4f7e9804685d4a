"""From the nodes of a protocol to a system: everything about a model file that is alike for all protocols.

A protocol's `build` makes the nodes (`Member`) that its model file asks for. What the file says under
`rules`, `properties`, `sometimes`, `can-still`, about runs and under `expect` means the same whatever the
protocol, and is done here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.model.processes import roles_of
from checker.model.properties import Property
from checker.model.shift import Shift
from checker.model.system import System
from checker.model.vocabulary import Member, Symmetry
from checker.modelfiles import runs, selection
from checker.modelfiles.complaints import Objection, Objections
from checker.modelfiles.protocol import Variant

if TYPE_CHECKING:
    from checker.model.pictures import Picture
    from checker.modelfiles.schema import ModelFile

#: What an environment makes of members: members, and itself among them if it is a node.
Join = Callable[[Sequence[Member]], Sequence[Member]]


def system_of(  # noqa: PLR0913 - all but three by name
    model: ModelFile,
    members: Sequence[Member],
    properties: Mapping[str, Property],
    *,
    variants: Sequence[Variant] = (),
    default: Iterable[str] | None = None,
    roles: Collection[str] = (),
    setting: Any = None,
    bounds: Mapping[str, Any] = MappingProxyType({}),
    symmetries: Sequence[Symmetry] = (),
    shift: Shift | None = None,
    pictures: Sequence[Picture] = (),
    environments: Sequence[Join] = (),
    goal: Callable[[Mapping[str | int, Any]], Property] | None = None,
    refine: Callable[[Property], Property] | None = None,
    objections: Iterable[Objection] = (),
) -> System:
    """The system that a model file asks for, played by `members`.

    Their roles get the rules of the variants that the file names, and begin as these want it (but for
    `Variant.setup`, which is the protocol's to apply before it makes the members). `default` names the
    properties that are checked when the file names none; left out, all that are so by themselves
    (`Property.default`). Of them, those are left aside, and the report says so, that read a role which no
    node has; such a role must be one of `roles`, the names of those that a model may do without.

    `setting` is handed to properties that read several nodes, `bounds` and `pictures` are only shown. With
    `shift` states are kept up to a shift of some numbers. `environments`, such as `Crashes(…).join`, make
    members of members, one after the other. `goal` makes a property of a mapping where goals are listed, or
    raises Objections with paths in that mapping; left out, goals are named only.
    `refine` changes how a property is judged: slice by slice, say. `objections` are what the protocol
    itself found wrong. Raises Objections with these and its own, all at once.
    """
    wrong = list(objections)
    varied = selection.select_variants(model, variants, wrong)
    played = tuple(
        replace(m, role=selection.vary(m.role, varied), local=selection.begun(m.local, m.role.name, varied))
        for m in members
    )
    for environment in environments:
        played = tuple(environment(played))
    present = roles_of(played)
    if default is None:
        default = [i for i, p in properties.items() if p.default and not p.kind.goal]
    default = selection.claimed(default, varied)
    claims, not_judged = selection.select_claims(model, properties, default, present, wrong, roles)
    listed = selection.Goals(properties, goal, present, wrong)
    goals = selection.select_goals(model, listed)
    chosen = {p.id: p for p in (*claims, *goals, *runs.select_temporal(model, listed))}
    network = model.network.build()
    system = System(
        name=model.name,
        members=played,
        network=network,
        properties=tuple(map(refine, chosen.values()) if refine is not None else chosen.values()),
        setting=setting,
        bounds=bounds,
        symmetries=tuple(s for s in symmetries if s.generators),
        shift=shift,
        not_judged=not_judged,
        fairness=runs.assumed(model, played, network, roles, wrong),
        pictures=tuple(pictures),
    )
    runs.object_to_needless(model, system.properties, wrong)
    selection.object_to_expectation(model, system.properties, system.actions(), wrong)
    if wrong:
        raise Objections(wrong)
    return system
