"""A transport without other processes: owners whose calls are carried out by threads, and that can be lost.

Arguments and answers are pickled as they would be on their way, so nothing is shared by accident.
"""

import pickle
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

from checker.engines.native.distributed.owner import Owner
from checker.engines.native.distributed.transport import LOOKS, MAIL, Lost

_NUMBERS = count()
_PEERS: dict[int, "ThreadedPeer"] = {}


def known(number: int) -> "ThreadedPeer":
    return _PEERS[number]


class Answer:
    """What a call comes to, once it does."""

    def __init__(self, peer: "ThreadedPeer", found: "Future[bytes]") -> None:
        self._peer = peer
        self._found = found

    def done(self, seconds: float) -> bool:
        try:
            self._found.exception(0 if self._peer.is_lost else seconds)
        except TimeoutError:
            return self._peer.is_lost
        return True

    def result(self) -> Any:
        if self._peer.is_lost:
            raise Lost(f"owner {self._peer.number} was killed")
        return pickle.loads(self._found.result())


class ThreadedPeer:
    """An owner and its threads."""

    def __init__(self) -> None:
        self.number = next(_NUMBERS)
        self.owner = Owner()
        self.is_lost = False
        #: the calls so far
        self.calls: list[str] = []
        #: the owner is lost when it is called so for the so-many-th time
        self.fatal: tuple[str, int] | None = None
        threads = {"work": 1, "mail": 4, "look": 2}
        self._threads = {kind: ThreadPoolExecutor(most) for kind, most in threads.items()}
        _PEERS[self.number] = self

    def __reduce__(self) -> Any:
        return known, (self.number,)

    def call(self, method: str, *arguments: Any) -> Answer:
        self.calls.append(method)
        if self.fatal is not None and self.calls.count(self.fatal[0]) >= self.fatal[1]:
            self.kill()
        kind = "mail" if method in MAIL else "look" if method in LOOKS else "work"
        sent = pickle.dumps(arguments)
        return Answer(self, self._threads[kind].submit(self._carry_out, method, sent))

    def _carry_out(self, method: str, sent: bytes) -> bytes:
        if self.is_lost:
            raise Lost
        return pickle.dumps(getattr(self.owner, method)(*pickle.loads(sent)))

    def kill(self) -> None:
        self.is_lost = True

    def close(self) -> None:
        for threads in self._threads.values():
            threads.shutdown(wait=False)


class Threads:
    """The transport."""

    name = "threads"

    def __init__(self, cpus: int = 2) -> None:
        self.cpus = cpus
        self.peers: list[ThreadedPeer] = []
        #: how many more owners can be started
        self.room = 100

    def start(self, count: int) -> list[ThreadedPeer]:
        new = [ThreadedPeer() for _ in range(min(count, self.room))]
        self.room -= len(new)
        self.peers += new
        return new

    def share(self, value: Any) -> Any:
        return value

    def end(self, peers: Sequence[ThreadedPeer]) -> None:
        for peer in peers:
            if not peer.is_lost:
                peer.call("leave")
            peer.close()
