"""A goal as a question for an engine: a system that begins in a state, and violates where it holds.

A claim is asked as it is, and what is to be reached as the claim that it is not. That nothing follows is
a claim about ends, also about those where a bound stops a node. An action is noted by a node of its own,
the probe, that every step of that action tells of itself: at once, so that the steps are those of the
system, in the same order, and a path of the one is a path of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from checker.explorer.goals import Goal
from checker.model.beginning import beginning_in
from checker.model.properties import Kind, Property
from checker.model.semantics import Cell, State
from checker.model.system import System
from checker.model.vocabulary import Local, Member, Message, Role, Sends, Step, View, action_name

#: The node that notes an action, and the id of what is then claimed.
PROBE = "the probe of the explorer"


@dataclass(frozen=True, slots=True)
class Fired:
    """What a step of the action that is looked for tells the probe."""


def asked(system: System, start: State, goal: Goal) -> System:
    """The system that begins in `start` and violates one of its properties where a goal holds."""
    if goal.action is not None:
        probed = _probed(system, goal.action)
        return beginning_in(probed, (*start, Cell(False, system.network.empty)))
    claims = tuple(replace(p, kind=Kind.STATE) if p.kind.goal else p for p in goal.claims)
    if goal.quiet:
        claims = (_never_ending(system.members[0].role.name),)
        free = tuple(replace(m, role=replace(m.role, cut=None)) for m in system.members)
        system = replace(system, members=free)
    return beginning_in(replace(system, properties=claims), start)


def _never_ending(role: str) -> Property:
    view = View("nothing", role, _nothing)
    return Property("never-ends", Kind.TERMINAL, "Something may follow.", "explorer", (view,), _ends)


def _nothing(_: Local) -> None:
    return None


def _ends(_setting: Any, _shown: Mapping[Any, Any]) -> str:
    return "nothing may follow"


def _probed(system: System, action: str) -> System:
    """The system whose steps of an action tell the probe, and the claim that there are none."""
    role, _, name = action.partition(".")
    members = (
        replace(m, role=_telling(m.role, name, discards=system.network.discards))
        if m.role.name == role
        else m
        for m in system.members
    )
    probe = Role("probe", {Fired: _note}, immediate=frozenset({Fired}))
    view = View("fired", probe.name, bool)
    claim = Property("never-fires", Kind.STATE, f"{action} never takes place.", "explorer", (view,), _fired)
    return replace(system, members=(*members, Member(PROBE, probe, None, False)), properties=(claim,))


def _note(_context: Any, _known: bool, _message: Fired) -> tuple[Step, ...]:
    return (Step(True),)


def _fired(_setting: Any, fired: Mapping[Any, bool]) -> str | None:
    return "it takes place" if any(fired.values()) else None


def _telling(role: Role, name: str, *, discards: bool) -> Role:
    """A role whose rule or wake of this name tells the probe. What it claimed of messages is given up."""
    rules = {
        kind: partial(_with_news, rule, discards)
        if action_name(kind) == name and kind not in role.immediate
        else rule
        for kind, rule in role.rules.items()
    }
    wakes = {
        own: partial(_with_news, wake, False) if own == name else wake for own, wake in role.wakes.items()
    }
    return replace(role, rules=rules, wakes=wakes, settle=None)


def _with_news(
    rule: Callable[..., Iterable[tuple[Local, Sends]]],
    discards: bool,
    context: Any,
    local: Local,
    *message: Message,
) -> list[tuple[Local, Sends]]:
    """What a rule or wake does, with the news to the probe; what is discarded is taken too."""
    steps = [(after, tuple(sends)) for after, sends in rule(context, local, *message)]
    if not steps and discards:
        steps = [(local, ())]
    return [(after, (*sends, (PROBE, Fired()))) for after, sends in steps]
