"""What was sent and may yet be taken, by digests: in memory up to a number of them, beyond it on disk.

A message is told by 63 bits of a digest of its canonical text and of its receiver. That two of ten million
messages have the same is less likely than one in a hundred thousand, and would let a message pass that
was never sent; it never makes a log look wrong.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import deque
from hashlib import blake2b
from pathlib import Path

#: So many messages are kept in memory.
MOST_IN_MEMORY = 1_000_000


def digest(text: str) -> int:
    """63 bits of a digest."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def key(to: str, message: int) -> int:
    """What tells a message to a node; `message` is the digest of the message alone."""
    return digest(f"{to}\0{message}")


class Sent:
    """Messages by their keys.

    With `keeps` one that was sent may be taken any number of times; else each as often as it was sent.
    """

    def __init__(self, *, keeps: bool, most: int = MOST_IN_MEMORY) -> None:
        self.keeps, self._most = keeps, most
        #: key → whether it was taken or, if nothing is kept, how often it may yet be
        self._held: dict[int, int] = {}
        self._disk: sqlite3.Connection | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        #: how many were sent, and were taken at least once or, if nothing is kept, each time
        self.sent = self.taken = 0

    @property
    def in_flight(self) -> int:
        """How many were sent and never taken."""
        return self.sent - self.taken

    def post(self, key: int) -> None:
        """It was sent, once more."""
        held = self._held.get(key)
        if held is None:
            held = self._from_disk(key)
        if self.keeps:
            if held is None:
                self.sent += 1
                self._hold(key, 0)
            return
        self.sent += 1
        self._hold(key, 1 + (held or 0))

    def take(self, key: int) -> bool:
        """Whether it may be taken; then it is."""
        held = self._held.get(key)
        if held is None:
            held = self._from_disk(key)
        if held is None or (not self.keeps and held == 0):
            return False
        if self.keeps:
            if not held:
                self.taken += 1
                self._hold(key, 1)
            return True
        self.taken += 1
        if held == 1:
            self._held.pop(key, None)
        else:
            self._hold(key, held - 1)
        return True

    def _hold(self, key: int, value: int) -> None:
        self._held[key] = value
        if len(self._held) > self._most:
            self._spill()

    def _from_disk(self, key: int) -> int | None:
        """What is known of it on disk, from where it is taken back."""
        if self._disk is None:
            return None
        row = self._disk.execute("SELECT value FROM held WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        self._disk.execute("DELETE FROM held WHERE key = ?", (key,))
        value: int = row[0]
        self._held[key] = value
        return value

    def _spill(self) -> None:
        if self._disk is None:
            self._folder = tempfile.TemporaryDirectory(prefix="pmmc-")
            self._disk = sqlite3.connect(Path(self._folder.name, "sent.sqlite"), isolation_level=None)
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32000"):
                self._disk.execute(f"PRAGMA {setting}")
            self._disk.execute("CREATE TABLE held (key INTEGER PRIMARY KEY, value INTEGER)")
        self._disk.execute("BEGIN")
        self._disk.executemany("INSERT OR REPLACE INTO held VALUES (?, ?)", sorted(self._held.items()))
        self._disk.execute("COMMIT")
        self._held.clear()

    def close(self) -> None:
        """Remove what is on disk."""
        if self._disk is not None:
            self._disk.close()
        if self._folder is not None:
            self._folder.cleanup()


class Queues:
    """For each sender and receiver what is under way, oldest first: messages arrive in the order sent.

    `loss` may be lost for each receiver; `overtaken` says of the last one that was taken how many older
    ones it left behind beyond that.
    """

    def __init__(self, loss: int) -> None:
        self._loss = loss
        self._lost: dict[str, int] = {}
        self._under_way: dict[tuple[str, str], deque[int]] = {}
        self.overtaken = 0

    def post(self, sender: str, to: str, key: int) -> None:
        """It was sent."""
        self._under_way.setdefault((sender, to), deque()).append(key)

    def take(self, sender: str, to: str, key: int) -> bool:
        """Whether it may be taken; then it is, and older ones are lost."""
        queue = self._under_way.get((sender, to))
        if queue is None or key not in queue:
            return False
        self.overtaken = 0
        while (first := queue.popleft()) != key:
            del first
            self._lost[to] = self._lost.get(to, 0) + 1
            if self._lost[to] > self._loss:
                self.overtaken += 1
        return True
