"""Logs of a running system: what a protocol gives so that they can be held against its rules.

A log says of each node, in its own order, what it took, what it sent, and what it knew then; in the wire
form of the protocol (`checker.model.wire`). A protocol that has one says so (`Protocol.logs`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from checker.model.system import System
from checker.model.vocabulary import Local, Member, Message, NodeName, Sends, Step
from checker.model.wire import Json, Wire


@dataclass(frozen=True, slots=True)
class Observed:
    """What is seen of logs before they are replayed: what a protocol needs to know of whom they are.

    `configs` are those of the start events, in order, and `nodes` the names that have events. `rules` are
    the variants that are asked for beside those of the configs: part → variant. `kind` says which reading
    of the protocol the logs are of ("" its own). `collected` is all that `Logs.collect` has found in
    messages, each once, if the logs were gone through as a whole; of long ones only their beginnings are
    (`whole`).
    """

    configs: tuple[Json, ...]
    nodes: tuple[str, ...]
    rules: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    kind: str = ""
    collected: tuple[Json, ...] = ()
    whole: bool = True


class Explained(NamedTuple):
    """A step that another rule than the system's makes: the name of that rule, and the step."""

    name: str
    step: tuple[Local, Sends]


class Taken(NamedTuple):
    """A step of a log that a rule makes: the message that was taken is None for all other steps.

    `action` is the rule's or the wake's name, `start` or `recover`.
    """

    node: NodeName
    action: str
    before: Local
    message: Message | None
    after: Local
    sends: Sends


#: (node, its local state, the message that was taken or None, the sends and the fields that the log tells)
Explain = Callable[[Member, Local, Message | None, Sends, Mapping[str, Any]], Explained | None]


def no_more(member: Member, local: Local) -> Step:
    """A node that comes up again as it was when it went down."""
    return Step(local)


def anything(node: NodeName, message: Message) -> bool:
    """Nothing is known of what a node never sends."""
    return True


@dataclass(frozen=True, slots=True)
class Logged:
    """The system that logs are held against, and what is to be known of it beside.

    `begins` are what nodes have sent when they begin. `recover(member, local)` is the step by which a node
    begins again that went down in this local state. `free` names, by role, the fields with which a node may
    begin otherwise than the system says, as with what its clients are to ask. `explain` knows of rules
    other than the system's, `account` what is worth saying of a run. `nodes` are those that may have a log;
    if it is empty all are. `could_send(node, message)` says whether a node could ever have sent a message:
    of one without a log nothing else is known.
    """

    system: System
    wire: Wire
    begins: Mapping[NodeName, Sends] = field(default_factory=lambda: MappingProxyType({}))
    recover: Callable[[Member, Local], tuple[Local, Sends]] = no_more
    free: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    explain: Explain | None = None
    account: Callable[[Iterable[Taken]], Iterable[str]] | None = None
    nodes: tuple[NodeName, ...] = ()
    could_send: Callable[[NodeName, Message], bool] = anything


def nothing(message: Json) -> Iterable[Json]:
    """Nothing is to be known of messages beforehand."""
    return ()


@dataclass(frozen=True, slots=True)
class Logs:
    """What a protocol gives for logs.

    `system(observed)` is what they are held against if no model is named, and raises ValueError, or
    WireFault with places in the first config, for what is none of its own; `of_model(model, system)` is
    it for a model of the protocol. `collect(message)` picks out of a message, in wire form, what is to be
    known beforehand (`Observed.collected`). `agree` names what a log's config must not say otherwise than
    that of a model which it is held against.
    """

    system: Callable[[Observed], Logged]
    of_model: Callable[[Any, System], Logged]
    collect: Callable[[Json], Iterable[Json]] = nothing
    mappings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    agree: tuple[str, ...] = ()


def sends_of_beginning(system: System) -> Mapping[NodeName, Sends]:
    """What nodes have sent when they begin: what waits for others at first, by who sent it."""
    sent: dict[Hashable, list[tuple[NodeName, Message]]] = {}
    for member in system.members:
        for sender, message in member.inbox:
            sent.setdefault(sender, []).append((member.name, message))
    return {name: tuple(sends) for name, sends in sent.items()}
