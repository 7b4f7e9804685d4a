"""Properties judged: on states, steps and ends, each on what is new only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from checker.model.modelcode import PASSED_ON, CodeError, told, written_at
from checker.model.properties import On, Property
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import Local, Member, View

Locals = tuple[Local, ...]

Finding = tuple[Property, str]

#: View → what it shows of the nodes of its role, in one state.
Groups = dict[View, Mapping[Any, Any]]


class Judge:
    """Judges the properties of a system, each on what is new only.

    Not pure: it remembers what it has judged. Properties for which `retire` was called are left out
    from then on.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        self._active = list(system.properties)
        self._seen_locals: set[Locals] = set()
        self._seen_steps: set[tuple[int, Local, Local]] = set()

    def retire(self, found: Property) -> None:
        """Judge this property no more: it is decided."""
        self._active = [p for p in self._active if p.id != found.id]

    def state(self, locals_: Locals) -> Iterator[Finding]:
        """Findings of NODE, STATE and SOMETIMES properties in a state with these local states.

        One by one, as all findings here: if a property's own code goes wrong, which raises CodeError, those
        before it are known.
        """
        if locals_ not in self._seen_locals:
            self._seen_locals.add(locals_)
            groups: Groups = {}
            for p in self._active:
                if p.kind.on in (On.NODE, On.STATE):
                    yield from judge_state(self._system, p, locals_, groups)

    def terminal(self, locals_: Locals) -> Iterator[Finding]:
        """Findings of TERMINAL properties in such a state."""
        for p in self._active:
            if p.kind.on is On.END:
                yield from judge_state(self._system, p, locals_)

    def step(self, node: int, before: Local, after: Local) -> Iterator[Finding]:
        """Findings of ACTION properties on a step of one node."""
        key = (node, before, after)
        if key not in self._seen_steps:
            self._seen_steps.add(key)
            for p in self._active:
                reason = judge_step(self._system, p, node, before, after)
                if reason is not None:
                    yield p, reason


def judge_state(
    system: System, claim: Property, locals_: Locals, groups: Groups | None = None
) -> list[Finding]:
    """The finding of a property that is judged on states, as a list of none or one.

    `groups` remembers what is shown of this state, for other properties that read the same.
    """
    if claim.kind.on is On.NODE:
        reasons = (judge_node(system, claim, node, local) for node, local in enumerate(locals_))
        reason = next((r for r in reasons if r is not None), None)
    else:
        known: Groups = {} if groups is None else groups
        readings = ([_group(system, v, locals_, known) for v in views] for views in claim.readings())
        reasons = (claim.says(system.setting, *groups) for groups in readings)
        reason = next((r for r in reasons if r is not None), None)
    return [] if reason is None else [(claim, reason)]


def judge_node(system: System, claim: Property, node: int, local: Local) -> str | None:
    """What a NODE property finds wrong with one node; None also for nodes of other roles."""
    member = system.members[node]
    (view,) = claim.views
    return claim.says(member.context, view(local)) if member.role.name == view.role else None


def _group(system: System, view: View, locals_: Locals, known: Groups) -> Mapping[Any, Any]:
    if view not in known:
        pairs = zip(system.members, locals_, strict=True)
        shown = {member.name: view(local) for member, local in pairs if member.role.name == view.role}
        known[view] = MappingProxyType(shown)
    return known[view]


def judge_step(system: System, claim: Property, node: int, before: Local, after: Local) -> str | None:
    """What an ACTION property finds wrong with a step; None also for other kinds and other roles."""
    member = system.members[node]
    if claim.kind.on is not On.STEP or member.role.name != claim.views[0].role:
        return None
    (view,) = claim.views
    return claim.says(member.context, view(before), view(after))


def cut_by(system: System, locals_: Locals) -> str | None:
    """The bound that stops some node in such a state; None if none does. Raises CodeError."""
    for member, local in zip(system.members, locals_, strict=True):
        bound = bound_of(member, local)
        if bound is not None:
            return bound
    return None


def bound_of(member: Member, local: Local) -> str | None:
    """The bound that stops a node in this local state; None if none does. Raises CodeError."""
    cut = member.role.cut
    if cut is None:
        return None
    try:
        bound: object = cut(member.context, local)
    except PASSED_ON:
        raise
    except BaseException as error:
        fault = f"raised {told(error, cut)}"
        raise CodeError(f"cut of role {member.role.name} in state {show(local)} {fault}") from error
    if bound is None or isinstance(bound, str):
        return bound
    fault = f"returned {bound!r}; it returns the name of a bound, or None ({written_at(cut)})"
    raise CodeError(f"cut of role {member.role.name} in state {show(local)} {fault}")
