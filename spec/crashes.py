"""Crashes of PMMC as its model files describe them: who crashes, and what is in stable storage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from checker.model.environment.crashes import ROLE, Crashes, Stable
from checker.modelfiles.complaints import Objection
from checker.modelfiles.protocol import Variant
from pmmc.roles import ROLES
from pmmc.values import Context, Deployment, Node, Step
from spec.schema import PmmcModel

#: The node that crashes others.
ENVIRONMENT = Node(ROLE, 0)


def crashes(
    model: PmmcModel, deployment: Deployment, varied: Sequence[Variant], fresh: Callable[[Node], Any]
) -> tuple[Crashes, ...]:
    """The crashes that a model file allows, if any; what is not stable falls back to `fresh(node)`."""
    faults = model.faults
    if faults is None or not faults.crashes:
        return ()
    stable = {}
    for role, kept in model.stable.model_dump().items():
        history = tuple(name for v in varied if v.role == role for name in v.history)
        stable[role] = Stable(kept, fresh, history, recovery(role, kept))
    return (
        Crashes(
            faults.crashes,
            tuple(node for group in faults.nodes for node in deployment.nodes(group.removesuffix("s"))),
            stable,
            faults.restarts,
            ENVIRONMENT,
            Context(ENVIRONMENT, deployment),
        ),
    )


def recovery(role: str, kept: tuple[str, ...]) -> Callable[[Context, Any], Step]:
    """How a role begins again after a crash, by what is stable."""
    recover = ROLES[role].recover
    return lambda context, saved: recover(context, saved, kept)


def object_to_stable(model: PmmcModel, wrong: list[Objection]) -> None:
    """Object to stable storage that nothing would come of. The usual one may be given all the same."""
    given = model.stable.model_dump()
    crashing = None if model.faults is None else {group.removesuffix("s") for group in model.faults.nodes}
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
