"""Crashes of PMMC as its model files describe them: who crashes, and what is in stable storage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from checker.model.environment.crashes import ROLE, Crashes, Stable
from checker.modelfiles.complaints import Objection
from checker.modelfiles.protocol import Variant
from pmmc.roles import ROLES
from pmmc.values import Context, Deployment, Node, Step
from spec.notation import ADDED
from spec.schema import Faults, PmmcModel

#: The node that crashes others.
ENVIRONMENT = Node(ROLE, 0)

#: Role → what of its nodes survives a crash.
Stables = Mapping[str, Stable]


def crashes(
    faults: Faults,
    deployment: Deployment,
    nodes: tuple[Node, ...],
    down: tuple[Node, ...],
    stable: Stables,
) -> Crashes:
    """The crashes of these nodes that a model file allows, and those who are down from the start."""
    context = Context(ENVIRONMENT, deployment)
    return Crashes(faults.crashes, nodes, stable, faults.restarts, ENVIRONMENT, context, down)


def stables(model: PmmcModel, varied: Sequence[Variant], fresh: Callable[[Node], Any]) -> Stables:
    """What is in stable storage, by role; the rest falls back to `fresh(node)`.

    Of a role of which the file says nothing that includes what variants have put there.
    """
    found = {}
    for role, given in model.stable.model_dump().items():
        more = added(varied, role)
        usual = () if role in model.stable.model_fields_set else more
        kept = (*(name for name in given if name not in ADDED.get(role, ()) or name in more), *usual)
        history = tuple(name for v in varied if v.role == role for name in v.history)
        found[role] = Stable(kept, fresh, history, recovery(role, kept))
    return found


def recovery(role: str, kept: tuple[str, ...]) -> Callable[[Context, Any], Step]:
    """How a role begins again after a crash, by what is stable."""
    recover = ROLES[role].recover
    return lambda context, saved: recover(context, saved, kept)


def added(varied: Iterable[Variant], role: str) -> tuple[str, ...]:
    """The fields of a role that variants have added and that belong in stable storage."""
    return tuple(name for v in varied if v.role == role for name in v.stable)


def object_to_stable(
    model: PmmcModel, varied: Sequence[Variant], mortal: Collection[str], wrong: list[Objection]
) -> None:
    """Object to stable storage that nothing would come of; `mortal` are the roles of those that may crash.

    The usual one may be given all the same.
    """
    given = model.stable.model_dump()
    for role, kept in given.items():
        for i, name in enumerate(kept):
            if name in ADDED.get(role, ()) and name not in added(varied, role):
                message = f"{role}s have no '{name}' here: 'rules' chooses nothing that adds it"
                wrong.append(Objection(("stable", role, i), message))
    crashing = None if model.faults is None else mortal
    for role in (role for role, kept in given.items() if tuple(kept) != ROLES[role].stable):
        if crashing is None:
            wrong.append(Objection(("stable", role), "no node crashes: there is no 'faults'", key=True))
        elif role not in crashing:
            message = f"no {role} crashes: 'faults' leaves {role}s out of its 'nodes'"
            wrong.append(Objection(("stable", role), message, key=True))
    fields = given.get("leader", ())
    for i, name in enumerate(fields):
        if name == "active" and "ballot" not in fields:
            message = "'active' needs 'ballot': a leader is active in the ballot that it had"
            wrong.append(Objection(("stable", "leader", i), message))
        elif name in ("scout", "commanders") and "active" not in fields:
            message = f"'{name}' needs 'active': without it a leader restarts passive, in another phase 1"
            wrong.append(Objection(("stable", "leader", i), message))
