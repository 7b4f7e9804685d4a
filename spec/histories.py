"""What reads are judged by, where a model has them: a node that keeps their history (`spec.readings`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from checker.model.vocabulary import Member, action_name
from checker.modelfiles.complaints import Path
from checker.modelfiles.protocol import Variant
from pmmc.values import Context, Deployment, Node

#: The node that keeps the history.
HISTORY = Node("history", 0)
#: Where a file says that there is one, and the message that there is then.
PATH: Path = ("rules", "reads")
READ = "read"

Join = Callable[[Sequence[Member]], Sequence[Member]]


def are_read(varied: Sequence[Variant]) -> bool:
    """Whether the variants of a model have reads."""
    return any(action_name(kind) == READ for variant in varied for kind in variant.rules)


def histories(deployment: Deployment, varied: Sequence[Variant]) -> Iterator[Join]:
    """What joins the node that keeps the history to others, if the variants of a model have reads."""
    if are_read(varied):
        yield partial(with_history, deployment)


def with_history(deployment: Deployment, members: Sequence[Member]) -> tuple[Member, ...]:
    """The members and the node that keeps the history of these."""
    from spec.readings import History, keeping  # noqa: PLC0415 - few models have reads

    return (*members, Member(HISTORY, keeping(HISTORY.role), Context(HISTORY, deployment), History()))
