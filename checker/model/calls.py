"""Calls of clients: what a protocol says of them, so that it can be asked what one costs."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from checker.model.linearizability import Call, Event, Events
from checker.model.values import Hosted
from checker.model.vocabulary import Down, Local, Member, NodeName, Seen, events_in


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that clients make in a model, and what its nodes keep in stable storage.

    `known` are the calls, in the order in which they are told of. `events(seen)` says of a step of one of
    the nodes `clients` which call it invokes or gets an answer to, as for `Histories`. `stable` are the
    fields of local states, by role, that are in stable storage.
    """

    known: tuple[Hashable, ...]
    clients: Collection[NodeName]
    events: Events
    stable: Mapping[str, Collection[str]] = field(default_factory=lambda: MappingProxyType({}))

    def told(self, seen: Seen, call: Call) -> list[Event]:
        """What a step of any node is for a call: its invocation, its response, both, or nothing."""
        answer = self.events(seen) if seen.node in self.clients else None
        events: list[Event] = events_in(answer)
        return [event for event in events if event.call == call]

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
