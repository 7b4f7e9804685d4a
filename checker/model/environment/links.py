"""Links that lose messages, for any protocol: of some senders, to some receivers, of some types.

A link that loses all of them is one on which nothing is sent. On one that loses some each message is
taken as ever, or lost: the receiver may take it in a step that changes nothing else. Such a message comes
in an envelope, because who sent it decides whether it may be lost; the rule for it sees none of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from checker.model.environment.wrapping import in_place_of, redirected, require_nodes
from checker.model.vocabulary import Envelope, Local, Member, Message, NodeName, Rule, Sends, kind_of


@dataclass(frozen=True, slots=True)
class Link:
    """Some ways from node to node that lose messages: all of them or, with `some`, any of them.

    `senders` and `receivers` are the nodes at its ends and `messages` the types that it loses; None: any.
    """

    senders: frozenset[NodeName] | None = None
    receivers: frozenset[NodeName] | None = None
    messages: frozenset[type] | None = None
    some: bool = False

    def carries(self, sender: NodeName, to: NodeName, message: Message) -> bool:
        """Whether such a message is one that it loses."""
        return (
            (self.senders is None or sender in self.senders)
            and (self.receivers is None or to in self.receivers)
            and (self.messages is None or kind_of(message) in self.messages)
        )


@dataclass(frozen=True, slots=True)
class FaultyLinks:
    """An environment in which these links lose messages. It is no node, and has no state.

    What is handled within the step that sends it is no business of links, and what `Member.inbox` holds at
    first was sent over them as well.
    """

    links: tuple[Link, ...]

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, sending over links that lose messages. Raises ValueError for a node that is none."""
        named = [n for link in self.links for ends in (link.senders, link.receivers) for n in ends or ()]
        require_nodes(named, members, "is the end of a link")
        asking = frozenset(m.name for m in members if m.role.senders)
        return tuple(map(self._receiving, redirected(members, partial(self._sent, asking))))

    def loses_all(self, sender: NodeName, to: NodeName, message: Message) -> bool:
        """Whether such a message never arrives."""
        return any(not link.some and link.carries(sender, to, message) for link in self.links)

    def loses_some(self, sender: NodeName, to: NodeName, message: Message) -> bool:
        """Whether such a message may be lost."""
        return any(link.some and link.carries(sender, to, message) for link in self.links)

    def _sent(self, asking: frozenset[NodeName], sender: NodeName, to: NodeName, message: Message) -> Sends:
        """What is sent instead of a message: nothing, or an envelope if it may be lost."""
        if self.loses_all(sender, to, message):
            return ()
        # who asks for senders gets an envelope in any case
        marked = to not in asking and self.loses_some(sender, to, message)
        return ((to, Envelope(sender, message) if marked else message),)

    def _receiving(self, member: Member) -> Member:
        """The member, which may miss what comes over a link that loses some."""
        role, name = member.role, member.name
        lossy = {
            kind
            for kind in role.rules
            if kind not in role.immediate
            and any(
                link.some
                and (link.receivers is None or name in link.receivers)
                and (link.messages is None or kind in link.messages)
                for link in self.links
            )
        }
        if not lossy:
            return member
        rules = {
            kind: in_place_of(rule, partial(_taken_or_lost, self, member, rule)) if kind in lossy else rule
            for kind, rule in role.rules.items()
        }
        settle = role.settle and partial(_settled, role.settle)
        return replace(member, role=replace(role, rules=MappingProxyType(rules), settle=settle))


def _taken_or_lost(
    links: FaultyLinks, member: Member, rule: Rule, context: Any, state: Any, message: Message
) -> Iterable[tuple[Local, Sends]]:
    """The steps of the rule and, if the message came over a link that loses some, that of missing it."""
    if not isinstance(message, Envelope):
        return rule(context, state, message)
    if not links.loses_some(message.sender, member.name, message.message):
        return rule(context, state, message)
    steps = tuple(rule(context, state, message if member.role.senders else message.message))
    missed = (state, ())
    return steps if any(tuple(step) == missed for step in steps) else (*steps, missed)


def _settled(settle: Callable[..., Any], context: Any, state: Any, message: Message) -> Message | None:
    """What the role claims, but of messages that may be lost: to lose them is a step of its own."""
    return message if isinstance(message, Envelope) else settle(context, state, message)
