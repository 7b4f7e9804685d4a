"""Properties: what is claimed of a system, and how a claim is judged on states and steps.

A property reads *views*, functions of local states, never inboxes; so it is judged once for each
distinct combination of what it reads. `judge` returns a sentence: for a claim that must hold it
says what is wrong, with witnesses, and for `sometimes` it says what was found; None otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from checker.modelcode import PASSED_ON, CodeError, told, written_at
from checker.values import show
from checker.vocabulary import Local, Member, System, View


class Kind(Enum):
    """When a property is judged, and what its `judge` is called with."""

    #: in every state, on one node at a time: judge(context, view of the node)
    NODE = "node invariant"
    #: in every state, on all nodes of the roles it reads: judge(setting, {node: view} for each view)
    STATE = "invariant"
    #: on every step, on the node that takes it: judge(context, view before, view after)
    ACTION = "action property"
    #: as STATE, in states from which nothing leads on, unless a bound stopped a node there
    TERMINAL = "terminal property"
    #: as STATE, but one reachable state that answers is what is asked for
    SOMETIMES = "sometimes"


@dataclass(frozen=True, slots=True)
class Property:
    """A named claim with its meaning in one sentence and its source.

    NODE and ACTION properties read exactly one view. `note` explains a statement that looks true
    and is not. Raises TypeError or ValueError for what no property can be made of.
    """

    id: str
    kind: Kind
    meaning: str
    source: str
    views: tuple[View, ...]
    judge: Callable[..., str | None]
    note: str = ""
    slices: tuple[tuple[View, ...], ...] = ()

    def __post_init__(self) -> None:
        kind: object = self.kind
        views: object = self.views
        if not isinstance(kind, Kind):
            raise TypeError(f"property {self.id}: its kind is {kind!r}, which is no Kind")
        if not isinstance(views, tuple) or not all(isinstance(view, View) for view in views):
            raise TypeError(f"property {self.id}: its views are {views!r}, which is no tuple of Views")
        if self.kind in (Kind.NODE, Kind.ACTION) and len(self.views) != 1:
            count = f"it reads {len(self.views)} views"
            raise ValueError(f"property {self.id}: a {self.kind.value} reads one view; {count}")
        if not callable(self.judge):
            raise TypeError(f"property {self.id}: its judge is {self.judge!r}, which cannot be called")

    def says(self, *arguments: Any) -> str | None:
        """What `judge` says of these arguments. Raises CodeError, also if it is neither text nor None."""
        try:
            said: object = self.judge(*arguments)
        except PASSED_ON:
            raise
        except BaseException as error:
            fault = f"raised {told(error, self.judge)}"
            raise CodeError(f"property {self.id}: judge({_shown(arguments)}) {fault}") from error
        if said is None or (isinstance(said, str) and said):
            return said
        answer = f"returned {said!r}; it returns a sentence, or None if it has nothing to say"
        raise CodeError(
            f"property {self.id}: judge({_shown(arguments)}) {answer} ({written_at(self.judge)})"
        )

    def sliced(self, slices: tuple[tuple[View, ...], ...]) -> Property:
        """The same claim, judged on each of these tuples of views by itself.

        For a claim about all slots that says nothing across slots: then each slot has few combinations
        of views, where all together would have the product of them.
        """
        return replace(self, slices=slices)

    def readings(self) -> tuple[tuple[View, ...], ...]:
        """The tuples of views that `judge` is called on, one call each."""
        return self.slices or (self.views,)


def _shown(arguments: tuple[Any, ...]) -> str:
    """What a judge is asked about, without the setting or context that it is told first."""
    return ", ".join(map(show, arguments[1:]))


Locals = tuple[Local, ...]
Finding = tuple[Property, str]


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
            for p in self._active:
                if p.kind in (Kind.NODE, Kind.STATE, Kind.SOMETIMES):
                    yield from judge_state(self._system, p, locals_)

    def terminal(self, locals_: Locals) -> Iterator[Finding]:
        """Findings of TERMINAL properties in such a state."""
        for p in self._active:
            if p.kind is Kind.TERMINAL:
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


def judge_state(system: System, claim: Property, locals_: Locals) -> list[Finding]:
    """The finding of a property that is judged on states, as a list of none or one."""
    if claim.kind is Kind.NODE:
        reasons = (judge_node(system, claim, node, local) for node, local in enumerate(locals_))
        reason = next((r for r in reasons if r is not None), None)
    else:
        readings = ([_group(system, v, locals_) for v in views] for views in claim.readings())
        reasons = (claim.says(system.setting, *groups) for groups in readings)
        reason = next((r for r in reasons if r is not None), None)
    return [] if reason is None else [(claim, reason)]


def judge_node(system: System, claim: Property, node: int, local: Local) -> str | None:
    """What a NODE property finds wrong with one node; None also for nodes of other roles."""
    member = system.members[node]
    (view,) = claim.views
    return claim.says(member.context, view(local)) if member.role.name == view.role else None


def _group(system: System, view: View, locals_: Locals) -> Mapping[Any, Any]:
    pairs = zip(system.members, locals_, strict=True)
    return MappingProxyType(
        {member.name: view(local) for member, local in pairs if member.role.name == view.role}
    )


def judge_step(system: System, claim: Property, node: int, before: Local, after: Local) -> str | None:
    """What an ACTION property finds wrong with a step; None also for other kinds and other roles."""
    member = system.members[node]
    if claim.kind is not Kind.ACTION or member.role.name != claim.views[0].role:
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
