"""What reads are judged by, where a model claims it: a node that keeps their history (`spec.readings`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from checker.model.vocabulary import Member, action_name
from checker.modelfiles.assembly import Join
from checker.modelfiles.complaints import Objection
from checker.modelfiles.protocol import Variant
from pmmc.values import Context, Deployment, Node
from spec.machines import Hosting
from spec.properties.reads import READ_PROPERTIES
from spec.schema import PmmcModel

#: The node that keeps the history.
HISTORY = Node("history", 0)
#: The message that there is where there are reads.
READ = "read"
#: What is judged by the history.
BY_HISTORY = frozenset(claim.id for claim in READ_PROPERTIES)


def are_read(varied: Sequence[Variant]) -> bool:
    """Whether the variants of a model have reads."""
    return any(action_name(kind) == READ for variant in varied for kind in variant.rules)


def watched(deployment: Deployment) -> tuple[Node, ...]:
    """The nodes of whose steps the history is told."""
    return (*deployment.leaders, *deployment.replicas, *deployment.clients)


def histories(
    deployment: Deployment, varied: Sequence[Variant], claims: Collection[str], hosting: Hosting
) -> Iterator[Join]:
    """What joins the node that keeps the history to others, if there are reads and `claims` are of them.

    What is on machines cannot be watched.
    """
    if (
        are_read(varied)
        and not BY_HISTORY.isdisjoint(claims)
        and hosting.home.keys().isdisjoint(watched(deployment))
    ):
        yield partial(with_history, deployment)


def with_history(deployment: Deployment, members: Sequence[Member]) -> tuple[Member, ...]:
    """The members and the node that keeps the history of these."""
    from spec.readings import History, keeping  # noqa: PLC0415 - few models have reads

    role = keeping(HISTORY.role, frozenset(watched(deployment)))
    return (*members, Member(HISTORY, role, Context(HISTORY, deployment), History()))


def object_to_unwatched(
    model: PmmcModel,
    deployment: Deployment,
    varied: Sequence[Variant],
    hosting: Hosting,
    wrong: list[Objection],
) -> None:
    """Object to claims of a file about the history of reads, if it cannot be told of all."""
    hosted = next((node for node in watched(deployment) if node in hosting.home), None)
    if hosted is None or not are_read(varied):
        return
    for i, name in enumerate(model.properties or ()):
        if name in BY_HISTORY:
            message = (
                f"'{name}' is about steps of leaders, replicas and clients, and {hosted} is a process on "
                f"{hosting.home[hosted]}: only nodes can be observed; 'linearizable' asks for clients alone"
            )
            wrong.append(Objection(("properties", i), message))
