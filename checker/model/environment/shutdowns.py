"""Nodes shut down for good, for any protocol: groups of them, each when it is needed no more.

The operator is one more node. It watches some nodes, and sees at any time what it is told to see of them;
by that it knows which groups are needed no more. Such a group it may shut down, at any later time or never:
all nodes of it at once, which is the worst that it can do. A node that is shut down keeps what it has, and
nobody gets at that: it ignores all messages, does nothing of its own accord, and never comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar

from checker.model.environment.wrapping import idle_in, require_nodes
from checker.model.vocabulary import Down, Local, Member, NodeName, Role, Seen, Step

#: The name of the role that shuts others down.
ROLE = "operator"


@dataclass(frozen=True, slots=True)
class ShutDown:
    """Operator → node, immediate: stop for good."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Told to the operator: this is what it sees of a node from now on."""

    node: NodeName
    shown: Hashable


@dataclass(frozen=True, slots=True)
class Operator:
    """What is seen of each watched node, as pairs, and which groups are shut down."""

    seen: frozenset[tuple[NodeName, Hashable]]
    off: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Off(Down):
    """The local state of a node that is shut down: `saved` is what it had."""

    happens: ClassVar[str] = "is shut down"


@dataclass(frozen=True, slots=True)
class Shutdowns:
    """An environment that may shut down `groups` of nodes that are needed no more.

    `sees(local state)` is what the operator sees of a node that is `watched`, and `unneeded(node → that)`
    the groups that may be shut down then. `name` and `context` are those of the node that the operator is.
    It joins what `Crashes` has joined, not the other way round.
    """

    groups: Mapping[Hashable, tuple[NodeName, ...]]
    watched: tuple[NodeName, ...]
    sees: Callable[[Any], Hashable]
    unneeded: Callable[[Mapping[NodeName, Any]], Collection[Hashable]]
    name: NodeName = "operator"
    context: Any = None

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, those in groups made to be shut down, and the operator who does it.

        Raises ValueError for a node that is none.
        """
        mortal = {node for nodes in self.groups.values() for node in nodes}
        require_nodes(mortal, members, "is to be shut down")
        require_nodes(self.watched, members, "is watched by the operator")
        first = ((m.name, self._seen_of(m.local)) for m in members if m.name in self.watched)
        role = Role(
            ROLE,
            MappingProxyType({Shown: on_shown}),
            MappingProxyType({"shutDown": partial(_shut_down, self)}),
            immediate=frozenset({Shown}),
            observe=self.observe,
        )
        operator = Member(self.name, role, self.context, Operator(frozenset(first)))
        return (*(_joined(m) if m.name in mortal else m for m in members), operator)

    def observe(self, seen: Seen) -> Shown | None:
        """What the operator is told of a step: what it sees of a watched node now, if that has changed."""
        if seen.node not in self.watched:
            return None
        shown = self._seen_of(seen.after)
        return None if shown == self._seen_of(seen.before) else Shown(seen.node, shown)

    def _seen_of(self, local: Local) -> Hashable:
        return self.sees(local.saved if isinstance(local, Down) else local)


def _joined(member: Member) -> Member:
    """The member, which can be shut down."""
    idle = idle_in(Off, member.role)
    changed = replace(
        idle,
        rules=MappingProxyType({**idle.rules, ShutDown: on_shut_down}),
        immediate=idle.immediate | {ShutDown},
    )
    return replace(member, role=changed)


def on_shut_down(context: Any, state: Local, message: ShutDown) -> tuple[Step, ...]:
    """Stop for good, with all that is there."""
    return (Step(Off(state.saved if isinstance(state, Down) else state)),)


def on_shown(context: Any, state: Operator, message: Shown) -> tuple[Step, ...]:
    """Note what is seen of a node, in place of what was."""
    others = frozenset(pair for pair in state.seen if pair[0] != message.node)
    return (Step(replace(state, seen=others | {(message.node, message.shown)})),)


def _shut_down(shutdowns: Shutdowns, context: Any, state: Operator) -> tuple[Step, ...]:
    """The operator's wake: shut down any one group that is needed no more."""
    unneeded = shutdowns.unneeded(dict(state.seen))
    return tuple(
        Step(replace(state, off=state.off | {group}), tuple((node, ShutDown()) for node in nodes))
        for group, nodes in shutdowns.groups.items()
        if group in unneeded and group not in state.off
    )
