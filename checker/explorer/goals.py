"""What a reader may want to jump to: a property broken or reached, an action, an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checker.model.judging import read
from checker.model.modelcode import CodeError
from checker.model.processes import roles_of
from checker.model.properties import On, Property
from checker.model.semantics import State, initial_state
from checker.model.system import System
from checker.model.vocabulary import View

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel

#: Goals that are no properties: any claim of the model broken; nothing may follow; the model raises.
ANY, QUIET, RAISED = "violated", "nothing-follows", "model-raises"
#: What is judged when all states are known.
LATE = (On.FUTURE, On.RUN)
#: How a goal that is an action begins.
ACTION = "action:"


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to look for: a name for addresses, words for people, and what decides it.

    It is shown by a state or step that `claims` find something in, by a step of `action`, or by a state
    that is `quiet` or `raised`.
    """

    id: str
    text: str
    group: str
    claims: tuple[Property, ...] = ()
    action: str | None = None
    quiet: bool = False
    raised: bool = False


def goals(system: System, known: tuple[Property, ...]) -> dict[str, Goal]:
    """All goals of a system by their names; `known` are properties that it could be asked for too.

    Claims about what can still be reached are none, nor those about runs: a search forwards does not find
    where one is violated.
    """
    found_forwards = tuple(p for p in system.properties if p.kind.on not in LATE)
    own = list(_of_properties(found_forwards, "this model"))
    claims = tuple(p for p in found_forwards if not p.kind.goal)
    asked = {p.id for p in system.properties}
    special = [
        Goal(ANY, "any property of the model is violated", "this model", claims),
        Goal(QUIET, "nothing may follow that changes anything", "states", quiet=True),
        Goal(RAISED, "a rule of the model raises", "states", raised=True),
    ]
    actions = [
        Goal(f"{ACTION}{name}", f"{name} takes place", "actions", action=name) for name in system.actions()
    ]
    others = _of_properties(
        (p for p in known if p.id not in asked and p.kind.on not in LATE), "other properties"
    )
    found = (
        [special[0], *own, *special[1:], *actions, *others]
        if claims
        else [*own, *special[1:], *actions, *others]
    )
    return {goal.id: goal for goal in found}


def _of_properties(properties: Iterator[Property] | tuple[Property, ...], group: str) -> Iterator[Goal]:
    for p in properties:
        yield Goal(p.id, f"{p.id} is {p.kind.found}", group, (p,))


def others(loaded: LoadedModel) -> tuple[Property, ...]:
    """The properties of a protocol that speak only of roles and fields which a model has."""
    system, state = loaded.system, initial_state(loaded.system)
    present = roles_of(system.members)
    found = (p for p in loaded.protocol.properties.values() if {v.role for v in p.views} <= present)
    return tuple(p for p in found if all(_shows(system, view, state) for view in p.views))


def _shows(system: System, view: View, state: State) -> bool:
    """Whether a view shows something of all nodes that it is about, as they begin."""
    try:
        for process in system.playing.get(view.role, ()):
            read(system, view, process, state[process.node])
    except CodeError:
        return False
    return True
