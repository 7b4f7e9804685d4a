"""Configurations that are shut down once another one has taken over, as model files describe it.

The operator looks at what replicas know. A configuration that a reconfiguration in slot s replaces decides
the slots below s + WINDOW. It is needed no more, and none of its decisions can be lost, when f + 1 replicas
know all of them: one of those is left, whichever f crash (paper, section 4.2).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from types import MappingProxyType

from checker.model.vocabulary import Member, NodeName
from checker.modelfiles.complaints import Objection, Path
from pmmc.values import Context, Deployment, Node
from spec.views import Changes, changes

#: The node that shuts configurations down.
OPERATOR = Node("operator", 0)
#: Where a file says that there is one.
PATH: Path = ("faults", "shutdown")

#: How a file says when: WINDOW → how many slots from that of the reconfiguration on a replica must know.
WHEN: Mapping[str, Callable[[int], int]] = MappingProxyType(
    {"known": lambda window: window, "decided": lambda window: 1}
)


def shutdowns(when: str, deployment: Deployment, members: Sequence[Member]) -> Sequence[Member]:
    """The members, with an operator as the file describes it, who goes by what all replicas know."""
    from checker.model.environment.shutdowns import Shutdowns  # noqa: PLC0415 - few models have an operator

    groups: dict[Hashable, tuple[NodeName, ...]] = {
        number: (*c.leaders, *c.acceptors) for number, c in enumerate(deployment.configurations)
    }
    ahead = WHEN[when](deployment.window)
    context = Context(OPERATOR, deployment)
    unneeded = partial(replaced, deployment, ahead)
    return Shutdowns(groups, deployment.replicas, changes, unneeded, OPERATOR, context).join(members)


def replaced(deployment: Deployment, ahead: int, known: Mapping[Node, Changes]) -> tuple[int, ...]:
    """The configurations of which f + 1 replicas know what replaces them, and so many slots from there."""
    return tuple(
        number
        for number, configuration in enumerate(deployment.configurations)
        if sum(_is_replaced(it, number, ahead) for it in known.values()) > configuration.tolerated
    )


def _is_replaced(known: Changes, number: int, ahead: int) -> bool:
    """Whether a replica knows the reconfiguration that replaces one, and so many slots from there."""
    in_turn = [(0, 0), *sorted(known.made)]
    return any(
        before == number and slot + ahead <= known.undecided for (_, before), (slot, _) in pairwise(in_turn)
    )


def object_to_shutdown(deployment: Deployment, wrong: list[Objection]) -> None:
    """Object to configurations that are never shut down: there is one, or no f + 1 replicas."""
    if len(deployment.configurations) == 1:
        wrong.append(Objection(PATH, "nothing is shut down: there are no 'configurations' to replace it"))
    for number, one in enumerate(deployment.configurations):
        if len(deployment.replicas) <= one.tolerated:
            f = f"of {len(one.acceptors)} acceptors of configuration {number} f = {one.tolerated} may fail"
            there = f"f + 1 replicas must know its decisions, and this model has {len(deployment.replicas)}"
            wrong.append(Objection(PATH, f"{f}: {there}"))
