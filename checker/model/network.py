"""Network semantics: what an inbox holds, how it grows, what may be taken from it.

Each is a `Network`: the inbox with nothing in it, how messages are posted to an inbox, and which may be
taken from it, in an order that is the same in every process; what an inbox holds, for showing and for
renaming; and what the engines may rely on. `NETWORKS` has those that a model file may name.

An inbox only ever grows by what other nodes do, so nothing one node does can take a choice away
from another. The reductions rest on that.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from checker.model.values import canonical


class Choice(NamedTuple):
    """One message that may be taken now, what the inbox holds after, and whether it is lost.

    `sender` is who sent it if the inbox keeps what different nodes sent apart, else None.
    """

    message: Hashable
    after: Any
    lost: bool = False
    sender: Hashable = None


class Network(Protocol):
    """A network semantics. Anything that has these members is one, and may be a System's `network`."""

    @property
    def name(self) -> str:
        """How it is shown and, but for its budget, named in a model file."""

    @property
    def empty(self) -> Any:
        """The inbox with nothing in it."""

    @property
    def discards(self) -> bool:
        """Whether a message that its receiver ignores is taken all the same."""

    @property
    def unordered(self) -> bool:
        """Whether an inbox is a frozenset of messages, whoever sent them and in whatever order.

        Then each of them may be taken, none is lost, and one that its receiver ignores stays.
        """

    @property
    def keeps(self) -> bool:
        """Whether a message that was taken is still there."""

    def post(self, inbox: Any, sender: Hashable, messages: Iterable[Hashable]) -> Any:
        """The inbox after `sender` sent `messages` to its owner, in that order."""

    def choices(self, inbox: Any) -> Iterable[Choice]:
        """All that may be taken from the inbox now."""

    def held(self, inbox: Any) -> tuple[Hashable, ...]:
        """All messages in the inbox, for showing."""

    def mapped(
        self, inbox: Any, message: Callable[[Any], Hashable], sender: Callable[[Any], Hashable]
    ) -> Any:
        """The inbox with every message and every sender replaced by its image."""


class _Set:
    """An inbox that is a set of messages: what the two networks without queues have in common."""

    __slots__ = ()

    def post(
        self, inbox: frozenset[Hashable], sender: Hashable, messages: Iterable[Hashable]
    ) -> frozenset[Hashable]:
        return inbox.union(messages)

    def held(self, inbox: frozenset[Hashable]) -> tuple[Hashable, ...]:
        return in_order(inbox)

    def mapped(
        self,
        inbox: frozenset[Hashable],
        message: Callable[[Any], Hashable],
        sender: Callable[[Any], Hashable],
    ) -> frozenset[Hashable]:
        return frozenset(map(message, inbox))


@dataclass(frozen=True, slots=True)
class LossyDuplicating(_Set):
    """A set that only grows: any message is taken any number of times, or never. The most hostile."""

    name: str = "lossy-duplicating"
    empty: frozenset[Hashable] = frozenset()
    discards: bool = False
    unordered: bool = True
    keeps: bool = True

    def choices(self, inbox: frozenset[Hashable]) -> Iterable[Choice]:
        return [Choice(message, inbox) for message in in_order(inbox)]


@dataclass(frozen=True, slots=True)
class AtMostOnce(_Set):
    """A set: a message is taken at most once, in any order, perhaps never.

    A message equal to one that still waits is the same message.
    """

    name: str = "at-most-once"
    empty: frozenset[Hashable] = frozenset()
    discards: bool = False
    unordered: bool = True
    keeps: bool = False

    def choices(self, inbox: frozenset[Hashable]) -> Iterable[Choice]:
        return [Choice(message, inbox - {message}) for message in in_order(inbox)]


@dataclass(frozen=True, slots=True)
class Lossy(_Set):
    """A set: a message is taken at most once, in any order, or lost, without a budget.

    A message equal to one that still waits is the same message. To lose one is a step, which those of
    AtMostOnce that wait for ever do not take: so a run may say that it loses only finitely often, and that
    what is sent again and again arrives.
    """

    name: str = "lossy"
    empty: frozenset[Hashable] = frozenset()
    discards: bool = False
    unordered: bool = False
    keeps: bool = False

    def choices(self, inbox: frozenset[Hashable]) -> Iterable[Choice]:
        found = []
        for message in in_order(inbox):
            rest = inbox - {message}
            found += [Choice(message, rest), Choice(message, rest, lost=True)]
        return found


@dataclass(frozen=True, slots=True)
class Reliable:
    """A bag: each message that was sent is taken once, in any order. None is lost, and none is merged.

    An inbox holds each message with how often it waits. A message that its receiver ignores is taken all
    the same: it has arrived.
    """

    name: str = "reliable"
    empty: frozenset[tuple[Hashable, int]] = frozenset()
    discards: bool = True
    unordered: bool = False
    keeps: bool = False

    def post(
        self, inbox: frozenset[tuple[Hashable, int]], sender: Hashable, messages: Iterable[Hashable]
    ) -> frozenset[tuple[Hashable, int]]:
        waiting = dict(inbox)
        for message in messages:
            waiting[message] = waiting.get(message, 0) + 1
        return frozenset(waiting.items())

    def choices(self, inbox: frozenset[tuple[Hashable, int]]) -> Iterable[Choice]:
        waiting = dict(inbox)
        found = []
        for message in in_order(waiting):
            count = waiting[message]
            rest = inbox - {(message, count)}
            found.append(Choice(message, rest | {(message, count - 1)} if count > 1 else rest))
        return found

    def held(self, inbox: frozenset[tuple[Hashable, int]]) -> tuple[Hashable, ...]:
        waiting = dict(inbox)
        return tuple(message for message in in_order(waiting) for _ in range(waiting[message]))

    def mapped(
        self,
        inbox: frozenset[tuple[Hashable, int]],
        message: Callable[[Any], Hashable],
        sender: Callable[[Any], Hashable],
    ) -> frozenset[tuple[Hashable, int]]:
        return self.post(self.empty, None, map(message, self.held(inbox)))


@dataclass(frozen=True, slots=True)
class FifoInbox:
    """For each sender with something under way its messages, oldest first; and how many may yet be lost."""

    queues: tuple[tuple[Hashable, tuple[Hashable, ...]], ...] = ()
    losses: int = 0


@dataclass(frozen=True, slots=True)
class Fifo:
    """For each pair of nodes a queue: messages of one sender arrive in the order sent, each once.

    A message that its receiver ignores is taken all the same, else it would block those behind it.
    `loss` is the number of messages that each inbox may lose over a whole run, always the oldest
    of a queue.
    """

    loss: int = 0
    discards: bool = True
    unordered: bool = False
    keeps: bool = False

    @property
    def name(self) -> str:
        return f"fifo, loss {self.loss}" if self.loss else "fifo"

    @property
    def empty(self) -> FifoInbox:
        return FifoInbox(losses=self.loss)

    def post(self, inbox: FifoInbox, sender: Hashable, messages: Iterable[Hashable]) -> FifoInbox:
        queues = dict(inbox.queues)
        queues[sender] = queues.get(sender, ()) + tuple(messages)
        return FifoInbox(_sorted_queues(queues), inbox.losses)

    def choices(self, inbox: FifoInbox) -> Iterable[Choice]:
        found = []
        for sender, (oldest, *rest) in inbox.queues:
            queues = _sorted_queues({**dict(inbox.queues), sender: tuple(rest)})
            found.append(Choice(oldest, FifoInbox(queues, inbox.losses), sender=sender))
            if inbox.losses > 0:
                after = FifoInbox(queues, inbox.losses - 1)
                found.append(Choice(oldest, after, lost=True, sender=sender))
        return found

    def held(self, inbox: FifoInbox) -> tuple[Hashable, ...]:
        return tuple(message for _, queue in inbox.queues for message in queue)

    def mapped(
        self, inbox: FifoInbox, message: Callable[[Any], Hashable], sender: Callable[[Any], Hashable]
    ) -> FifoInbox:
        queues = {sender(node): tuple(map(message, queue)) for node, queue in inbox.queues}
        return FifoInbox(_sorted_queues(queues), inbox.losses)


def _sorted_queues(
    queues: dict[Hashable, tuple[Hashable, ...]],
) -> tuple[tuple[Hashable, tuple[Hashable, ...]], ...]:
    kept = ((sender, queue) for sender, queue in queues.items() if queue)
    return tuple(sorted(kept, key=lambda entry: canonical(entry[0])))


@cache
def _order(message: Hashable) -> str:
    return canonical(message)


def in_order(messages: Iterable[Hashable]) -> tuple[Hashable, ...]:
    """The messages in an order that depends on their values alone."""
    return tuple(sorted(messages, key=_order))


class Offer(NamedTuple):
    """A network that a model file may name.

    `make(loss)` is the semantics, `about` what it does to a message that was sent. With `budget`, `loss`
    may be given: how many messages each inbox may lose; without it, `lossy` says whether it may lose any.
    """

    make: Callable[[int], Network]
    about: str
    budget: bool = False
    lossy: bool = True


#: The networks that a model file may name, the most hostile first.
NETWORKS: Mapping[str, Offer] = MappingProxyType(
    {
        "lossy-duplicating": Offer(
            lambda _: LossyDuplicating(),
            "may be taken any number of times, at any later time, or never",
        ),
        "at-most-once": Offer(
            lambda _: AtMostOnce(),
            "may be taken once, in any order, or never; one equal to another that still waits *is* that "
            "one",
        ),
        "lossy": Offer(
            lambda _: Lossy(),
            "is taken once, in any order, or lost, which is a step; one equal to another that still waits "
            "*is* that one",
        ),
        "reliable": Offer(
            lambda _: Reliable(),
            "is taken once, in any order",
            lossy=False,
        ),
        "fifo": Offer(
            Fifo,
            "is taken in the order of sending for each pair of nodes, once; `{kind: fifo, loss: n}` may "
            "lose n for each receiver",
            budget=True,
        ),
    }
)


def merges(network: Network) -> bool:
    """Whether a message equal to one that still waits is that one."""
    twice = network.post(network.empty, None, ("the same", "the same"))
    return len(network.held(twice)) == 1


def listed(conjunction: str = "or") -> str:
    """The names of `NETWORKS` in a row."""
    *names, last = NETWORKS
    return f"{', '.join(names)} {conjunction} {last}"
