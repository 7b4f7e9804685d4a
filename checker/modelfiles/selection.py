"""What a model file selects by name: properties, variants, and whether its expectation makes sense.

Helpers for a protocol's `build`. Each returns what was selected and adds what is wrong to a list of
objections, so that a file is judged as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from checker.model.properties import On, Property, still
from checker.model.verdict import Verdict
from checker.model.vocabulary import Local, Role, action_name
from checker.modelfiles.complaints import Objection, Objections, Path, Unknown, nearest, unknown
from checker.modelfiles.protocol import Variant

if TYPE_CHECKING:
    from checker.modelfiles.schema import Expect, ModelFile

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


@dataclass(frozen=True, slots=True)
class Goals:
    """What makes properties of the goals that a file lists: those that are known by name, and `read`.

    The latter makes one of a mapping, or raises Objections with paths in that mapping. Goals read only
    roles that are `present`. What is wrong is added to `wrong`.
    """

    known: Mapping[str, Property]
    read: Callable[[Mapping[str | int, Any]], Property] | None
    present: Collection[str]
    wrong: list[Objection]

    def under(self, key: str, entries: Sequence[Any]) -> tuple[Property, ...]:
        """The goals that stand in a list, in order."""
        goals: dict[str, Property] = {}
        for i, entry in enumerate(entries):
            goal = self.at((key, i), entry)
            if goal is not None and goal.id in goals:
                self.wrong.append(Objection((key, i), f"'{goal.id}' is listed twice"))
            elif goal is not None:
                goals[goal.id] = goal
        return tuple(goals.values())

    def at(self, path: Path, entry: Any) -> Property | None:
        """The goal that stands at one place; None, with objections, if it is faulty."""
        if isinstance(entry, str):
            _object_to_absent(path, self.known[entry], self.present, self.wrong)
            return self.known[entry]
        if self.read is None:
            self.wrong.append(Objection(path, "this protocol has goals by name only"))
            return None
        try:
            return self.read(entry)
        except Objections as faulty:
            self.wrong.extend(o._replace(path=(*path, *o.path)) for o in faulty.objections)
            return None


def select_goals(model: ModelFile, goals: Goals) -> tuple[Property, ...]:
    """The goals under `sometimes`, in order; for each of those under `can-still` that it can be reached."""
    return (
        *goals.under("sometimes", model.sometimes),
        *map(still, goals.under("can-still", model.can_still)),
    )


def _select(
    key: str,
    ids: Sequence[str],
    known: Mapping[str, Property],
    present: Collection[str],
    wrong: list[Objection],
) -> tuple[Property, ...]:
    selected = []
    seen = set()
    for i, name in enumerate(ids):
        if name in seen:
            wrong.append(Objection((key, i), f"'{name}' is listed twice"))
        seen.add(name)
        _object_to_absent((key, i), known[name], present, wrong)
        selected.append(known[name])
    return tuple(selected)


def _object_to_absent(
    path: Path, claim: Property, present: Collection[str], wrong: list[Objection]
) -> None:
    absent = sorted({v.role for v in claim.views} - set(present))
    if absent and not any(objection.path == path for objection in wrong):  # the protocol may have said why
        message = f"'{claim.id}' reads the role {absent[0]}, and no {absent[0]} takes part"
        wrong.append(Objection(path, message))


def select_variants(model: ModelFile, known: Sequence[Variant], wrong: list[Objection]) -> list[Variant]:
    """The variants under `rules`. Two that replace the same rule of a role are in each other's way.

    Of these the first is taken, so that whatever else is wrong is told as well.
    """
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
            variants = (names[name], *names[name].also)
            replaced = [(v.role, a) for v in variants for a in (*map(action_name, v.rules), *v.wakes)]
            clash = next((there for there in replaced if there in taken), None)
            if clash is not None:
                message = f"'{part}: {name}' and '{taken[clash]}' both replace {'.'.join(clash)}"
                wrong.append(Objection(("rules", part), message))
                continue
            taken |= dict.fromkeys(replaced, f"{part}: {name}")
            chosen += variants
    return chosen


def vary(role: Role, variants: Iterable[Variant]) -> Role:
    """The role with the rules and wakes of those variants that are its own."""
    own = [v for v in variants if v.role == role.name and (v.rules or v.wakes)]
    for variant in own:
        role = role.with_rules(variant.rules, variant.wakes, variant.settle if len(own) == 1 else None)
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
        for key in ("property", "length", "cycle"):
            if getattr(expect, key) is not None:
                message = (
                    f"'{key}' says what is violated, but the verdict expected is {expect.verdict.value}"
                )
                wrong.append(Objection(("expect", key), message, key=True))
    elif expect.length is not None and found is not None and found.kind.goal:
        message = f"nothing leads to '{found.id}' when it is never reached: there is no length"
        wrong.append(Objection(("expect", "length"), message, key=True))
    _object_to_cycle(expect, properties if found is None else [found], wrong)
    seen = set()
    for i, action in enumerate(expect.unfired):
        if action not in actions:
            wrong.append(Objection(("expect", "unfired", i), Unknown.of("action", action, actions)))
        elif action in seen:
            wrong.append(Objection(("expect", "unfired", i), f"'{action}' is listed twice"))
        seen.add(action)


def _object_to_cycle(expect: Expect, properties: Sequence[Property], wrong: list[Objection]) -> None:
    """Object to a cycle that no counterexample to one of these properties has."""
    violated = expect.verdict is Verdict.VIOLATED
    if expect.cycle is None or not violated or any(p.kind.on is On.RUN for p in properties):
        return
    which = f"'{expect.property}' is" if expect.property is not None else "of this model there is"
    message = f"'cycle' is for properties about runs, as under `eventually`; {which} none"
    wrong.append(Objection(("expect", "cycle"), message, key=True))
