"""Calls of clients: what a protocol says of them, so that it can be asked what one costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from checker.model.linearizability import Invocation, Response
from checker.model.values import Hosted
from checker.model.vocabulary import Down, Local, Member, NodeName, Seen


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that clients make in a model, and what its nodes keep in stable storage.

    `known` are the calls, in the order in which they are told of. `events(seen)` says of a step of one of
    the nodes `clients` whether it invokes a call, or gets an answer; None if neither. `stable` are the
    fields of local states, by role, that are in stable storage.
    """

    known: tuple[Hashable, ...]
    clients: Collection[NodeName]
    events: Callable[[Seen], Invocation | Response | None]
    stable: Mapping[str, Collection[str]] = field(default_factory=lambda: MappingProxyType({}))

    def event(self, seen: Seen) -> Invocation | Response | None:
        """What a step of any node is: an invocation, a response, or neither."""
        return self.events(seen) if seen.node in self.clients else None

    def writes(self, member: Member, before: Local, after: Local) -> bool:
        """Whether a step of a node changes what is in stable storage: of a machine that of any process.

        A node that is down writes nothing, and what it comes up with was written before.
        """
        if isinstance(before, Hosted) and isinstance(after, Hosted):
            pairs = zip(member.parts, before.processes, after.processes, strict=True)
            return any(self.writes(part, old, new) for part, (_, old), (_, new) in pairs)
        if isinstance(before, Down) or isinstance(after, Down):
            return False
        kept = self.stable.get(member.role.name, ())
        return any(getattr(before, f) != getattr(after, f) for f in kept)
