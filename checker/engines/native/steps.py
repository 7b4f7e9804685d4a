"""Local steps: what the rules of the model make of a local state and a message, each computed once.

Here, and nowhere else in this engine, the pure functions of the protocol are called: once for each (node,
local state, message), through the reference semantics, which asks a rule twice now and then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from checker.engines.native.arrays import Memo
from checker.engines.native.counts import Counts
from checker.engines.native.numbering import Numbering, Parcel
from checker.model.played import foresee
from checker.model.semantics import addressed, at_once, local_steps, wake_steps
from checker.model.vocabulary import action_name, kind_of

#: A rule is asked twice in so many situations, to see whether it is pure, and later in every so many-th.
ASKED_TWICE = 32
NOW_AND_THEN = 16


@dataclass(slots=True, eq=False)
class LocalStep:
    """A rule's or wake's effect: next local state and what is sent, as numbers, and the action's name."""

    local: int
    parcel: Parcel
    action: str
    #: what the node sends to itself, and the number of what it sends to others; known once a row has it
    sent: tuple[tuple[int, ...], int] | None = None


#: Told of steps that were computed: (node, local, message taken or None, steps).
Watcher = Callable[[int, int, int | None, tuple[LocalStep, ...]], None]


class Steps:
    """The local steps of one system."""

    def __init__(self, numbering: Numbering, counts: Counts) -> None:
        self.numbering = numbering
        self.counts = counts
        self._system = numbering.system
        self._network = numbering.network
        #: (node, local) → message → what the node's rule makes of it. Raises ModelError.
        self.of: Memo[tuple[int, int], Memo[int, tuple[LocalStep, ...]]] = Memo(self._steps_of)
        #: (node, local) → what the node may do without a message. Raises ModelError.
        self.wakes: Memo[tuple[int, int], tuple[LocalStep, ...]] = Memo(self._wakes_of)
        #: role → type of message → how often the rule for it was asked
        self._times: Memo[str, Counter[type]] = Memo(lambda _: Counter())
        #: a set is gone through in the order of its numbers as text, as `network.choices` does it
        self._order: Memo[int, str] = Memo(repr)
        #: a set → each message in it, in that order, and what is in the inbox when it was taken
        self._taken: Memo[frozenset[int], tuple[tuple[int, frozenset[int]], ...]] = Memo(self._taken_from)
        #: who is told of steps that were not known before
        self.watchers: list[Watcher] = []

    def _steps_of(self, place: tuple[int, int]) -> Memo[int, tuple[LocalStep, ...]]:
        node, local = place
        asked = self._times[self._system.members[node].role.name]
        messages, value = self.numbering.messages, self.numbering.locals[node][local]

        def steps(number: int) -> tuple[LocalStep, ...]:
            message = messages[number]
            kind = kind_of(message)
            asked[kind] = times = asked[kind] + 1
            once = times > ASKED_TWICE and times % NOW_AND_THEN != 0
            raw = local_steps(self._system, node, value, message, once=once)
            found = tuple(self._numbered(node, action_name(kind), raw)) if raw else ()
            self._tell(node, local, number, found)
            return found

        return Memo(steps)

    def _wakes_of(self, place: tuple[int, int]) -> tuple[LocalStep, ...]:
        node, local = place
        found = tuple(
            step
            for action, raw in wake_steps(self._system, node, self.numbering.locals[node][local])
            for step in self._numbered(node, action, raw)
        )
        self._tell(node, local, None, found)
        return found

    def foresee(self, asked: Iterable[tuple[int, int, int | None]]) -> None:
        """Have the answers ready to (node, local, message; None: wakes), where they come from outside."""
        locals_, messages = self.numbering.locals, self.numbering.messages
        unknown = (
            (node, locals_[node][local], None if number is None else messages[number])
            for node, local, number in dict.fromkeys(asked)
            if not self._is_known(node, local, number)
        )
        foresee(self._system, unknown)

    def _is_known(self, node: int, local: int, number: int | None) -> bool:
        place = node, local
        return place in self.wakes if number is None else number in self.of.get(place, ())

    def _tell(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        for tell in self.watchers:
            tell(node, local, taken, steps)

    def _numbered(self, node: int, action: str, raw: Iterable[tuple[Any, Any]]) -> Iterable[LocalStep]:
        numbering, role = self.numbering, self._system.members[node].role.name
        for after, sends in raw:
            self.counts.local_steps += 1
            then = numbering.local(node, after)
            parcel = numbering.parcel(
                (to, tuple(map(numbering.message, messages)))
                for to, messages in addressed(self._system, sends)
            )
            yield LocalStep(then, parcel, f"{role}.{action}")

    def choices(self, node: int, local: int, inbox: Any) -> Iterable[tuple[LocalStep, Any]]:
        """Every step a node may take now, with its inbox after (before what it sends to itself)."""
        if self._network.unordered:
            steps_of = self.of[node, local]
            for number, after in self._taken[inbox]:
                for step in steps_of[number]:
                    yield step, after
        else:
            yield from self._from_queues(node, local, inbox)
        for step in self.wakes[node, local]:
            yield step, inbox

    def _taken_from(self, inbox: frozenset[int]) -> tuple[tuple[int, frozenset[int]], ...]:
        in_order, one = sorted(inbox, key=self._order.__getitem__), self.numbering.inbox
        return tuple((m, inbox if self._network.keeps else one(inbox - {m})) for m in in_order)

    def senders(self, node: int, local: int, inbox: Any) -> Iterator[Hashable]:
        """Of each step that `choices` lists who sent what it takes, if the network tells; else None."""
        if self._network.unordered:
            count = sum(1 for _ in self.choices(node, local, inbox))
            yield from (None for _ in range(count))
            return
        for message, _, lost, sender in self._network.choices(inbox):
            steps = 0 if lost else len(self.of[node, local][message])  # type: ignore[index]
            taken = steps or int(lost or self._network.discards)
            yield from (sender for _ in range(taken))
        yield from (None for _ in self.wakes[node, local])

    def _from_queues(self, node: int, local: int, inbox: Any) -> Iterable[tuple[LocalStep, Any]]:
        for message, after, lost, _ in self._network.choices(inbox):
            if lost:
                yield LocalStep(local, (), ""), after
                continue
            steps = self.of[node, local][message]  # type: ignore[index]
            if not steps and self._network.discards:
                action = action_name(kind_of(self.numbering.messages[message]))  # type: ignore[call-overload]
                role = self._system.members[node].role.name
                steps = (LocalStep(local, (), f"{role}.{action}"),)
            for step in steps:
                yield step, after

    def at_once(self, node: int, local: int, number: int) -> int:
        """The local state after an immediate message. Raises ModelError if its rule chooses or sends."""
        steps = self.of[node, local][number]
        if len(steps) > 1 or (steps and steps[0].parcel):
            numbering = self.numbering
            at_once(self._system, node, numbering.locals[node][local], numbering.messages[number])
        return steps[0].local if steps else local
