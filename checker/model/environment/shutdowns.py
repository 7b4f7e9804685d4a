"""Nodes shut down for good, for any protocol: groups of them, each when enough others need it no more.

The operator is one more node. It watches some nodes, and knows at any time which of them has come to need
which groups no more. As soon as there are enough of those it may shut the group down, at any later time or
never: all nodes of it at once, which is the worst that it can do. A node that is shut down keeps what it
has, and nobody gets at that: it ignores all messages, does nothing of its own accord, and never comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from checker.model.environment.wrapping import idle_in, require_nodes
from checker.model.vocabulary import Down, Local, Member, NodeName, Role, Seen, Step

#: The name of the role that shuts others down.
ROLE = "operator"

Group = Hashable


@dataclass(frozen=True, slots=True)
class ShutDown:
    """Operator → node, immediate: stop for good."""


@dataclass(frozen=True, slots=True)
class Released:
    """Told to the operator: this node has come to need these groups no more."""

    node: NodeName
    groups: frozenset[Group]


@dataclass(frozen=True, slots=True)
class Operator:
    """Who needs which group no more, as (node, group), and which groups are shut down."""

    released: frozenset[tuple[NodeName, Group]] = frozenset()
    off: frozenset[Group] = frozenset()


@dataclass(frozen=True, slots=True)
class Off(Down):
    """The local state of a node that is shut down: `saved` is what it had."""


@dataclass(frozen=True, slots=True)
class Shutdowns:
    """An environment that may shut down `groups` of nodes, each when `enough` of the `watched` release it.

    `releases(local state)` are the groups that a watched node needs no more; what it has released once it
    has released for good. Of groups that `enough` does not mention all watched nodes must do so. `name` and
    `context` are those of the node that the operator is. It joins what `Crashes` has joined, not the other
    way round.
    """

    groups: Mapping[Group, tuple[NodeName, ...]]
    watched: tuple[NodeName, ...]
    releases: Callable[[Any], Collection[Group]]
    enough: Mapping[Group, int] = field(default_factory=lambda: MappingProxyType({}))
    name: NodeName = "operator"
    context: Any = None

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, those in groups made to be shut down, and the operator who does it.

        Raises ValueError for a node that is none.
        """
        require_nodes((n for nodes in self.groups.values() for n in nodes), members, "is to be shut down")
        require_nodes(self.watched, members, "is watched by an operator")
        begun = Operator(
            frozenset(
                (member.name, group)
                for member in members
                if member.name in self.watched
                for group in self._unneeded(member.local)
            )
        )
        role = Role(
            ROLE,
            MappingProxyType({Released: on_released}),
            MappingProxyType({"shutDown": partial(_shut_down, self)}),
            immediate=frozenset({Released}),
            observe=self.observe,
        )
        mortal = {node for nodes in self.groups.values() for node in nodes}
        joined = (_joined(member) if member.name in mortal else member for member in members)
        return (*joined, Member(self.name, role, self.context, begun))

    def observe(self, seen: Seen) -> Released | None:
        """What the operator is told of a step: which groups a watched node has come to need no more."""
        if seen.node not in self.watched:
            return None
        news = self._unneeded(seen.after) - self._unneeded(seen.before)
        return Released(seen.node, news) if news else None

    def _unneeded(self, local: Local) -> frozenset[Group]:
        known = local.saved if isinstance(local, Down) else local
        return frozenset(self.groups.keys() & self.releases(known))

    def enough_for(self, state: Operator, group: Group) -> bool:
        """Whether a group may be shut down: enough nodes need it no more."""
        released = sum(1 for _, of in state.released if of == group)
        return released >= self.enough.get(group, len(self.watched))


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


def on_released(context: Any, state: Operator, message: Released) -> tuple[Step, ...]:
    """Note who needs what no more."""
    pairs = frozenset((message.node, group) for group in message.groups)
    return (Step(replace(state, released=state.released | pairs)),)


def _shut_down(shutdowns: Shutdowns, context: Any, state: Operator) -> tuple[Step, ...]:
    """The operator's wake: shut down any one group that may be."""
    return tuple(
        Step(replace(state, off=state.off | {group}), tuple((node, ShutDown()) for node in nodes))
        for group, nodes in shutdowns.groups.items()
        if group not in state.off and shutdowns.enough_for(state, group)
    )
