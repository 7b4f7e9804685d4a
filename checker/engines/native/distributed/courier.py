"""A courier: the mailbox of an owner in a process of its own.

States for another owner are collected until there are megabytes of them, since each message costs about a
millisecond however small it is. Only so many messages to one owner are under way at a time: who has to wait
takes in meanwhile what has come for itself, so that no two wait for each other.

Every message belongs to an era: a round, or a level that is dealt out anew. What is of an era that was
given up, since an owner was lost, is thrown away; what is of one that has not begun here waits for it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from checker.engines.native.arrays import Array
from checker.engines.native.distributed.reports import Traffic
from checker.engines.native.distributed.transport import Future, Peer
from checker.engines.native.states import pairing
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.packing import joined, packed
from checker.engines.native.states.words import Packing, Piece, Words

#: Bytes of a message, about.
MESSAGE = 4 << 20
#: Messages to one owner that may be under way.
AHEAD = 2
#: Messages that may wait to be taken in before who sends more has to wait.
ROOM = 8
#: Seconds between two looks whether a message has arrived.
MOMENT = 0.002


class Batch(NamedTuple):
    """A message between owners: packed states, and the sum of their words."""

    era: int
    packing: Packing
    first: Array
    #: None where one word is enough
    second: Array | None
    #: which of their moves sleep, if that is told
    asleep: Array | None
    total: int

    def words(self) -> Words:
        """The states. Raises Mismatch if they are not those that were sent."""
        second = self.first if self.second is None else self.second
        words = Words(self.first, second, self.packing, self.asleep)
        if total(words) != self.total:
            raise pairing.Mismatch("states that were sent are not what they were")
        return words

    @property
    def bytes(self) -> int:
        """Bytes of the states."""
        return sum(array.nbytes for array in (self.first, self.second, self.asleep) if array is not None)


def batch(era: int, words: Words) -> Batch:
    """States as a message; the arrays are taken as they are."""
    second = words.second if words.packing.wide else None
    return Batch(era, words.packing, words.first, second, words.asleep, total(words))


def total(words: Words) -> int:
    """The sum of all words of some states, modulo 2⁶⁴."""
    second = int(words.second.sum()) if words.packing.wide else 0
    asleep = int(words.asleep.sum()) if words.asleep is not None else 0
    return (int(words.first.sum()) + 3 * second + 5 * asleep) % (1 << 64)


class Courier:
    """One owner's way to the others."""

    def __init__(self, number: int, peers: Sequence[Peer], message: int = MESSAGE) -> None:
        self.number = number
        self.traffic = Traffic()
        #: what is done while nothing can be sent
        self.meanwhile: Callable[[], None] = lambda: None
        self.era = -1
        #: states sent to each owner in this era, and taken in
        self.sent = [0] * len(peers)
        self.received = 0
        self._peers = peers
        self._message = message
        self._collected: list[list[Words]] = [[] for _ in peers]
        self._bytes = [0] * len(peers)
        self._under_way: list[deque[Future]] = [deque() for _ in peers]
        self._incoming: deque[Batch] = deque()

    def begin(self, era: int) -> None:
        """Begin an era; what is left of those before it is thrown away."""
        self.era = era
        self.sent = [0] * len(self._peers)
        self.received = 0
        self._collected = [[] for _ in self._peers]
        self._bytes = [0] * len(self._peers)
        self._under_way = [deque() for _ in self._peers]
        for _ in range(len(self._incoming)):
            found = self._incoming.popleft()
            if found.era >= era:
                self._incoming.append(found)

    # Sending --------------------------------------------------------------------------------------------

    def send(self, owner: int, words: Words, count: int) -> None:
        """Send the first `count` of some states to their owner; the arrays may be used again at once.

        Raises Lost.
        """
        if not count:
            return
        first = words.first[:count].copy()
        second = words.second[:count].copy() if words.packing.wide else first
        asleep = None if words.asleep is None else words.asleep[:count].copy()
        self._collected[owner].append(Words(first, second, words.packing, asleep))
        self._bytes[owner] += first.nbytes * (2 if words.packing.wide else 1)
        self._bytes[owner] += 0 if asleep is None else asleep.nbytes
        self.sent[owner] += count
        if self._bytes[owner] >= self._message:
            self._ship(owner)

    def flush(self) -> None:
        """Send all that was collected, and wait until it has arrived. Raises Lost."""
        owners = [*range(self.number + 1, len(self._peers)), *range(self.number)]
        for owner in owners:  # not all of them to the same one at first
            self._ship(owner)
        for owner in owners:
            while self._under_way[owner]:
                self._wait(self._under_way[owner])

    def _ship(self, owner: int) -> None:
        collected, self._collected[owner], self._bytes[owner] = self._collected[owner], [], 0
        if not collected:
            return
        message = batch(self.era, joined(collected))
        under_way = self._under_way[owner]
        while len(under_way) >= AHEAD:
            self._wait(under_way)
        self.traffic.states += message.first.shape[0]
        self.traffic.bytes += message.bytes
        self.traffic.batches += 1
        under_way.append(self._peers[owner].call("deliver", message))

    def _wait(self, under_way: deque[Future]) -> None:
        begun = time.monotonic()
        while not under_way[0].done(MOMENT):
            self.meanwhile()
        under_way.popleft().result()
        self.traffic.held_up += time.monotonic() - begun

    # Receiving ------------------------------------------------------------------------------------------

    def put(self, message: Batch) -> None:
        """A message has come; it may come on any thread."""
        if message.era >= self.era:
            self._incoming.append(message)

    def arrived(self) -> Iterator[tuple[Words, int]]:
        """What others have sent so far: batches and their sizes, each good until the next is asked for."""
        while self._incoming and self._incoming[0].era <= self.era:
            message = self._incoming.popleft()
            if message.era == self.era:
                words = message.words()
                self.received += words.size
                yield words, words.size

    @property
    def waiting(self) -> int:
        """How many batches have not been taken in yet."""
        return len(self._incoming)

    @property
    def is_full(self) -> bool:
        """Whether who sends more should wait."""
        return len(self._incoming) > ROOM


def send(
    pieces: Iterable[Piece], packing: Packing, owners: Owners, peers: Sequence[Peer], era: int
) -> list[int]:
    """Send states of whoever has no mailbox to their owners; how many to whom. Raises Lost."""
    courier = Courier(-1, peers)
    courier.begin(era)
    for piece in pieces:
        words = packed(piece.words(), packing)
        owner = owners.of(words)
        for number in range(owners.count):
            mine = words.of(owner == number)
            courier.send(number, mine, mine.size)
    courier.flush()
    return courier.sent
