"""Properties judged: on states, steps and ends, each on what is new only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from checker.model.modelcode import PASSED_ON, CodeError, told, written_at
from checker.model.processes import Process
from checker.model.properties import On, Property
from checker.model.semantics import Cell, State
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import Local, Member, View

Locals = tuple[Local, ...]

Finding = tuple[Property, str]


def locals_of(state: State) -> Locals:
    """The local states of a state, without the inboxes."""
    return tuple(cell.local for cell in state)


def whether_inboxes_are_read(claims: Iterable[Property]) -> bool:
    """Whether one of these properties reads what is under way: then states differ by their inboxes too."""
    return any(view.inbox for claim in claims for views in claim.readings() for view in views)


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
        self._all_read = whether_inboxes_are_read(system.properties)
        self._seen: set[Locals | State] = set()
        self._seen_steps: set[tuple[int, Local, Local]] = set()

    def retire(self, found: Property) -> None:
        """Judge this property no more: it is decided."""
        self._active = [p for p in self._active if p.id != found.id]

    def state(self, state: State) -> Iterator[Finding]:
        """Findings of NODE, STATE and SOMETIMES properties in a state, if there is anything new in it.

        One by one, as all findings here: if a property's own code goes wrong, which raises CodeError, those
        before it are known.
        """
        what = state if self._all_read else locals_of(state)
        if what not in self._seen:
            self._seen.add(what)
            groups: Groups = {}
            for p in self._active:
                if p.kind.on in (On.NODE, On.STATE):
                    yield from judge_state(self._system, p, state, groups)

    def terminal(self, state: State) -> Iterator[Finding]:
        """Findings of TERMINAL properties in a terminal state."""
        for p in self._active:
            if p.kind.on is On.END:
                yield from judge_state(self._system, p, state)

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
    system: System, claim: Property, state: State, groups: Groups | None = None
) -> list[Finding]:
    """The finding of a property that is judged on states, as a list of none or one.

    `groups` remembers what is shown of this state, for other properties that read the same.
    """
    if claim.kind.on is On.NODE:
        reasons = (judge_node(system, claim, node, cell.local) for node, cell in enumerate(state))
        reason = next((r for r in reasons if r is not None), None)
    else:
        known: Groups = {} if groups is None else groups
        readings = ([_group(system, v, state, known) for v in views] for views in claim.readings())
        reasons = (claim.says(system.setting, *groups) for groups in readings)
        reason = next((r for r in reasons if r is not None), None)
    return [] if reason is None else [(claim, reason)]


def judge_node(system: System, claim: Property, node: int, local: Local) -> str | None:
    """What a NODE property finds wrong with one node, or a process on it; None also for other roles."""
    (view,) = claim.views
    for process in system.processes[node]:
        if process.role == view.role:
            reason = claim.says(process.context, view(process.local(local)))
            if reason is not None:
                return reason
    return None


def _group(system: System, view: View, state: State, known: Groups) -> Mapping[Any, Any]:
    if view not in known:
        playing = system.playing.get(view.role, ())
        shown = {process.name: read(system, view, process, state[process.node]) for process in playing}
        known[view] = MappingProxyType(shown)
    return known[view]


def read(system: System, view: View, process: Process, cell: Cell) -> Any:
    """What a view shows of a process whose node has this cell. Raises CodeError."""
    if view.inbox:
        return view(process.waiting(system.network.held(cell.inbox)))
    return view(process.local(cell.local))


def judge_step(system: System, claim: Property, node: int, before: Local, after: Local) -> str | None:
    """What an ACTION property finds wrong with a step; None also for other kinds and other roles."""
    if claim.kind.on is not On.STEP:
        return None
    (view,) = claim.views
    for process in system.processes[node]:
        if process.role != view.role:
            continue
        old, new = process.local(before), process.local(after)
        if process.place is None or old != new:
            reason = claim.says(process.context, view(old), view(new))
            if reason is not None:
                return reason
    return None


def said(judge: Callable[[], object]) -> bool | None:
    """Whether a property has something to say; None if its own code goes wrong."""
    try:
        return bool(judge())
    except CodeError:
        return None


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
