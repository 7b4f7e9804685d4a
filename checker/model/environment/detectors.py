"""An accurate failure detector, for any protocol: whoever asks a node that is down is told so.

A node that crashed ignores what it gets. A question whether it is there may be answered on its behalf, as
a machine refuses a connection to a process that has died: when it reaches the node while that is down.
Nobody is suspected that way who is not down (accuracy), and everybody who asks a node that stays down gets
to know it, if messages arrive (completeness). (Chandra and Toueg, Unreliable failure detectors for reliable
distributed systems, JACM 1996.) A detector that may be wrong needs no environment: it is a wake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from checker.model.environment.crashes import Crash
from checker.model.environment.wrapping import in_place_of
from checker.model.processes import Directory, receiver
from checker.model.vocabulary import Down, Local, Member, Message, NodeName, Rule, Sends, Step


@dataclass(frozen=True, slots=True)
class Detector:
    """An environment that answers questions of the type `asks` to nodes that are down.

    `answer(node, question)` is what is sent for the node: (to whom, message) pairs. It is no node, and has
    no state. It joins what `Crashes` has joined: nodes that cannot crash are left as they are.
    """

    asks: type
    answer: Callable[[NodeName, Message], Sends]

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, those answered for that may be down; of a machine those of its processes."""
        directory = Directory.of(members)
        return tuple(self._answered(member, directory) for member in members)

    def _answered(self, member: Member, directory: Directory) -> Member:
        rules = member.role.rules
        if self.asks not in rules or Crash not in rules:
            return member
        rule = in_place_of(rules[self.asks], partial(_answer, self, member, directory, rules[self.asks]))
        changed = replace(member.role, rules=MappingProxyType({**rules, self.asks: rule}))
        return replace(member, role=changed)


def _answer(
    detector: Detector,
    member: Member,
    directory: Directory,
    rule: Rule,
    context: Any,
    state: Any,
    message: Message,
) -> Iterable[tuple[Local, Sends]]:
    """What the rule does or, of a node that is down, the answer for it."""
    if not isinstance(state, Down):
        return rule(context, state, message)
    asked = member.name
    if member.parts:
        place, message = receiver(member.parts, message)
        asked = member.parts[place].name
    sends = detector.answer(asked, message)
    return (Step(state, tuple(directory.sent(asked, to, answer) for to, answer in sends)),)
