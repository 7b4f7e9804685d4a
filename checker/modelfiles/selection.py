"""What a model file selects by name: properties, variants, and whether its expectation makes sense.

Helpers for a protocol's `build`. Each returns what was selected and adds what is wrong to a list of
objections, so that a file is judged as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from checker.model.properties import Property, still
from checker.model.verdict import Verdict
from checker.model.vocabulary import Local, Role, action_name
from checker.modelfiles.complaints import Objection, Objections, Unknown, nearest, unknown
from checker.modelfiles.protocol import Variant

if TYPE_CHECKING:
    from checker.modelfiles.schema import ModelFile

T = TypeVar("T")


def select_claims(
    model: ModelFile,
    known: Mapping[str, Property],
    default: Iterable[str],
    present: Collection[str],
    wrong: list[Objection],
    roles: Collection[str] = (),
) -> tuple[tuple[Property, ...], dict[str, str]]:
    """The properties under `properties`, or else those of `default` that read only roles `present`.

    With them those of `default` that read a role which is not, and that role. It must be one of `roles`,
    which a model may do without; a role that nobody knows is a mistake of who wrote the property.
    """
    if model.properties is not None:
        named = _select("properties", model.properties, known, present, wrong)
        return tuple(dict.fromkeys(named)), {}
    chosen, absent = [], {}
    for claim in (known[i] for i in default):
        missing = [view for view in claim.views if view.role not in present]
        unknown_to_all = [view for view in missing if view.role not in roles]
        if unknown_to_all:
            view = unknown_to_all[0]
            message = unknown("role", view.role, sorted({*present, *roles}))
            wrong.append(Objection(("protocol",), f"property '{claim.id}', view '{view.name}': {message}"))
        elif missing:
            absent[claim.id] = missing[0].role
        else:
            chosen.append(claim)
    return tuple(chosen), absent


def select_goals(
    model: ModelFile,
    known: Mapping[str, Property],
    read: Callable[[Mapping[str | int, Any]], Property] | None,
    present: Collection[str],
    wrong: list[Objection],
) -> tuple[Property, ...]:
    """The goals under `sometimes`, in order: those named, and what `read` makes of mappings.

    And for each of those under `can-still` the claim that it can still be reached.
    """
    sometimes = _goals("sometimes", model.sometimes, known, read, present, wrong)
    can_still = _goals("can-still", model.can_still, known, read, present, wrong)
    return (*sometimes, *map(still, can_still))


def _goals(
    key: str,
    entries: Sequence[Any],
    known: Mapping[str, Property],
    read: Callable[[Mapping[str | int, Any]], Property] | None,
    present: Collection[str],
    wrong: list[Objection],
) -> tuple[Property, ...]:
    names = [entry if isinstance(entry, str) else None for entry in entries]
    found = iter(_select(key, names, known, present, wrong))
    goals: dict[str, Property] = {}
    for i, entry in enumerate(entries):
        goal = next(found) if isinstance(entry, str) else _read_goal((key, i), entry, read, wrong)
        if goal is not None and goal.id in goals and not isinstance(entry, str):
            wrong.append(Objection((key, i), f"'{goal.id}' is listed twice"))
        elif goal is not None:
            goals[goal.id] = goal
    return tuple(goals.values())


def _read_goal(
    path: tuple[str, int],
    entry: Mapping[str | int, Any],
    read: Callable[[Mapping[str | int, Any]], Property] | None,
    wrong: list[Objection],
) -> Property | None:
    """What `read` makes of a mapping where goals are listed; None, with objections, if it is faulty."""
    if read is None:
        wrong.append(Objection(path, "this protocol has goals by name only"))
        return None
    try:
        return read(entry)
    except Objections as faulty:
        wrong += [o._replace(path=(*path, *o.path)) for o in faulty.objections]
        return None


def _select(
    key: str,
    ids: Sequence[str | None],
    known: Mapping[str, Property],
    present: Collection[str],
    wrong: list[Objection],
) -> tuple[Property, ...]:
    selected = []
    seen = set()
    for i, name in enumerate(ids):
        if name is None:
            continue
        if name in seen:
            wrong.append(Objection((key, i), f"'{name}' is listed twice"))
        seen.add(name)
        absent = sorted({v.role for v in known[name].views} - set(present))
        if absent:
            message = f"'{name}' reads the role {absent[0]}, and no {absent[0]} takes part"
            wrong.append(Objection((key, i), message))
        selected.append(known[name])
    return tuple(selected)


def select_variants(model: ModelFile, known: Sequence[Variant], wrong: list[Objection]) -> list[Variant]:
    """The variants under `rules`. Two that replace the same rule of a role are in each other's way."""
    chosen: list[Variant] = []
    taken: dict[tuple[str, str], str] = {}
    for part, name in model.rules.items():
        names = {v.name: v for v in known if v.part == part}
        if not names:
            parts = sorted({v.part for v in known})
            wrong.append(Objection(("rules", part), Unknown.of("part", part, parts), key=True))
        elif name not in names:
            wrong.append(Objection(("rules", part), Unknown.of(f"variant of {part}", name, sorted(names))))
        else:
            variant = names[name]
            replaced = [*map(action_name, variant.rules), *variant.wakes]
            clash = next((a for a in replaced if (variant.role, a) in taken), None)
            if clash is not None:
                other = taken[variant.role, clash]
                message = f"'{part}: {name}' and '{other}' both replace {variant.role}.{clash}"
                wrong.append(Objection(("rules", part), message))
            taken |= {(variant.role, a): f"{part}: {name}" for a in replaced}
            chosen.append(variant)
    return chosen


def vary(role: Role, variants: Iterable[Variant]) -> Role:
    """The role with the rules and wakes of those variants that are its own."""
    for variant in variants:
        if variant.role == role.name and (variant.rules or variant.wakes):
            role = role.with_rules(variant.rules, variant.wakes)
    return role


def begun(local: Local, role: str, variants: Iterable[Variant]) -> Local:
    """The local state in which a node begins, if with the protocol's own rules it began in `local`."""
    for variant in variants:
        if variant.role == role and variant.begin is not None:
            local = variant.begin(local)
    return local


def set_up(made_from: T, variants: Iterable[Variant]) -> T:
    """What the protocol makes its nodes from, as the variants want it."""
    for variant in variants:
        if variant.setup is not None:
            made_from = variant.setup(made_from)
    return made_from


def claimed(default: Iterable[str], variants: Iterable[Variant]) -> tuple[str, ...]:
    """The properties that are checked when a model with these variants names none."""
    chosen = tuple(variants)
    given_up = {name for variant in chosen for name in variant.gives_up}
    kept = (name for name in default if name not in given_up)
    return tuple(dict.fromkeys((*kept, *(name for variant in chosen for name in variant.claims))))


def object_to_expectation(
    model: ModelFile, properties: Sequence[Property], actions: Sequence[str], wrong: list[Objection]
) -> None:
    """Object to an `expect` that no check of this model can meet."""
    expect = model.expect
    if expect is None:
        return
    by_id = {p.id: p for p in properties}
    found = by_id.get(expect.property or "")
    if expect.property is not None and found is None:
        message = f"'{expect.property}' is not among the properties of this model"
        close = nearest(expect.property, by_id)
        message += f"; did you mean '{close}'?" if close else ""
        wrong.append(Objection(("expect", "property"), message))
    if expect.verdict is not Verdict.VIOLATED:
        for key in ("property", "length"):
            if getattr(expect, key) is not None:
                message = (
                    f"'{key}' says what is violated, but the verdict expected is {expect.verdict.value}"
                )
                wrong.append(Objection(("expect", key), message, key=True))
    elif expect.length is not None and found is not None and found.kind.goal:
        message = f"nothing leads to '{found.id}' when it is never reached: there is no length"
        wrong.append(Objection(("expect", "length"), message, key=True))
    seen = set()
    for i, action in enumerate(expect.unfired):
        if action not in actions:
            wrong.append(Objection(("expect", "unfired", i), Unknown.of("action", action, actions)))
        elif action in seen:
            wrong.append(Objection(("expect", "unfired", i), f"'{action}' is listed twice"))
        seen.add(action)
