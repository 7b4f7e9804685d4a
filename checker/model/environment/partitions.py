"""Partitions of the network, for any protocol: nothing crosses before it heals, all of it may afterwards.

A partition that may heal is one more node. What is sent across goes to it, and once it has healed, and not
before, it passes on any of that: one more step, and over the network like every other message. So what
was sent across while it lasted may arrive when it is over, or never; on a network that ignored messages
are taken from, the partition may take what is sent across it, which then is lost. One that never heals
is no node: nothing is sent across it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from checker.model.environment.wrapping import redirected, require_nodes
from checker.model.values import show
from checker.model.vocabulary import Member, Message, NodeName, Role, Rule, Sends, Step, Wake

#: The name of the role that keeps others apart.
ROLE = "partition"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Node → partition: this message, for a node on another side."""

    sender: NodeName
    receiver: NodeName
    message: Message


@dataclass(frozen=True, slots=True)
class Partitioned:
    """Whether the network is whole again."""

    healed: bool = False


@dataclass(frozen=True, slots=True)
class Partition:
    """An environment that keeps nodes apart: those of one group are connected, and no others.

    Nodes that are in none of `groups` are one more group. If it `heals`, then at any time or never, and
    for good. What is handled within the step that sends it crosses, and so does what waits at first and was
    sent by nobody who takes part. `name` and `context` are those of the node that the partition is.
    """

    groups: tuple[tuple[NodeName, ...], ...]
    heals: bool = True
    name: NodeName = "partition"
    context: Any = None

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, each sending across by way of the partition, which is one more if it heals.

        Raises ValueError for a node that is none or is in two groups and, if it heals, for one that asks
        for senders: what has crossed was sent on by the partition.
        """
        require_nodes((node for group in self.groups for node in group), members, "is in a partition")
        side = self._sides(members)

        def sent(sender: NodeName, to: NodeName, message: Message) -> Sends:
            if sender not in side or side[sender] == side.get(to, side[sender]):
                return ((to, message),)
            return ((self.name, Crossing(sender, to, message)),) if self.heals else ()

        if not self.heals:
            return redirected(members, sent)
        asking = [member.name for member in members if member.role.senders]
        if asking:
            raise ValueError(
                f"{show(asking[0])} is told who sent a message, and of one that has crossed a partition "
                "that would be the partition"
            )
        rules: Mapping[type, Rule] = MappingProxyType({Crossing: on_crossing})
        wakes: Mapping[str, Wake] = MappingProxyType({"heal": heal})
        partition = Member(self.name, Role(ROLE, rules, wakes), self.context, Partitioned())
        return redirected((*members, partition), sent)

    def _sides(self, members: Sequence[Member]) -> Mapping[NodeName, Hashable]:
        """Node → the number of its group."""
        side: dict[NodeName, int] = {}
        for number, group in enumerate(self.groups):
            for node in group:
                if side.setdefault(node, number) != number:
                    raise ValueError(f"{show(node)} is in two groups of a partition")
        return {member.name: side.get(member.name, len(self.groups)) for member in members}


def heal(context: Any, state: Partitioned) -> tuple[Step, ...]:
    """The partition's wake: from now on messages cross."""
    return () if state.healed else (Step(Partitioned(healed=True)),)


def on_crossing(context: Any, state: Partitioned, message: Crossing) -> tuple[Step, ...]:
    """Pass on what was sent across, once the network is whole again."""
    return (Step(state, ((message.receiver, message.message),)),) if state.healed else ()
