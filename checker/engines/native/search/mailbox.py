"""Between workers: states on their way to their owner, and the pieces of work that they share.

A worker knows no other worker. It sends through its mailbox, and takes its pieces from the round that is
under way; here both are made of queues, for workers that are threads of one process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple, Protocol

import numpy as np

from checker.engines.native.states.words import Piece, Words


class Mailbox(Protocol):
    """One worker's way to the others."""

    def send(self, owner: int, words: Words, count: int) -> None:
        """Send the first `count` of some states to their owner; the arrays may be used again at once."""

    def arrived(self) -> Iterator[tuple[Words, int]]:
        """What others have sent so far: batches and their sizes, each good until the next is asked for."""

    @property
    def waiting(self) -> int:
        """How many batches have not been taken in yet."""


class Batch(NamedTuple):
    """A message between workers: `size` packed states; their buffers go to `back` after use."""

    words: Words
    size: int
    back: list[Words]


class Queue:
    """The mailbox of a thread: queues in memory, one for each owner, that all threads may append to."""

    def __init__(self, number: int, queues: list[deque[Batch]]) -> None:
        self._queues = queues
        self._incoming = queues[number]
        #: buffers in which states were sent, given back by those who took them in
        self.spare: list[Words] = []

    def send(self, owner: int, words: Words, count: int) -> None:
        """Send the first `count` of some states to their owner; the arrays may be used again at once."""
        self._queues[owner].append(Batch(self._copied(words, count), count, self.spare))

    def _copied(self, words: Words, count: int) -> Words:
        wide = words.packing.wide
        copy = self.spare.pop() if self.spare else None
        if copy is None or copy.size != words.size or copy.packing.wide != wide:
            # there is none that came back, or it is of a time when less was sent at once
            first = np.empty_like(words.first)
            copy = Words(first, np.empty_like(first) if wide else first, words.packing)
        copy.first[:count] = words.first[:count]
        if wide:
            copy.second[:count] = words.second[:count]
        asleep = None if words.asleep is None else words.asleep[:count].copy()
        return copy._replace(packing=words.packing, asleep=asleep)

    def arrived(self) -> Iterator[tuple[Words, int]]:
        """What others have sent so far: batches and their sizes, each good until the next is asked for."""
        while self._incoming:
            words, count, back = self._incoming.popleft()
            yield words, count
            back.append(words)

    @property
    def waiting(self) -> int:
        """How many batches have not been taken in yet."""
        return len(self._incoming)


def queues(count: int) -> list[Queue]:
    """The mailboxes of so many threads."""
    boxes: list[deque[Batch]] = [deque() for _ in range(count)]
    return [Queue(number, boxes) for number in range(count)]


class Round:
    """What the workers do together: each one's pieces, and whether to stop."""

    def __init__(self, pieces: list[list[Piece]]) -> None:
        self._pieces = [deque(share) for share in pieces]
        self.stopped = False

    @property
    def size(self) -> int:
        """How many states there are to expand."""
        return sum(piece.size for share in self._pieces for piece in share)

    def take(self, number: int) -> Piece | None:
        """The next piece for a worker: one of its own if there are any, else the last of another's."""
        if self.stopped:
            return None
        with suppress(IndexError):
            return self._pieces[number].popleft()
        for others in self._pieces:
            with suppress(IndexError):
                return others.pop()
        return None
