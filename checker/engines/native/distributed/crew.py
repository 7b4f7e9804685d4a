"""The crew: all owners, as the process that asks calls them; who is lost is noticed here, and replaced.

While they work it looks how far they are, so that limits and Ctrl-C are noticed. What they do together ends
for all of them before anything is said of it, so whoever is asked next has nothing else to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, cast

from checker.engines.native.distributed.courier import Batch
from checker.engines.native.distributed.reports import Hello, Progress, sources
from checker.engines.native.distributed.transport import ClusterError, Future, Lost, Peer, Transport
from checker.engines.native.states import pairing
from checker.host.version import own_version

#: Seconds between two looks how far they are, and until an owner that is asked must answer.
LOOK = 0.25
ANSWER = 20.0
#: Seconds until those who were told to stop have stopped.
STOPPING = 30.0
#: Numbers of what owners do together, which never come twice.
_ERAS = count()


class Crew:
    """Some owners in processes of their own."""

    def __init__(self, transport: Transport, wanted: int) -> None:
        self.transport = transport
        self.wanted = wanted
        self.peers: list[Peer] = []
        self.era = -1
        #: whether Ctrl-C came while they worked; they were stopped, and told what they had done
        self.interrupted = False
        #: seconds that it took to start them; owners that were lost, and replaced
        self.seconds_to_start = 0.0
        self.lost = 0

    def start(self) -> None:
        """Start them. Raises ClusterError."""
        begun = time.monotonic()
        self.peers = self._started(self.wanted)
        self.seconds_to_start = time.monotonic() - begun

    def _started(self, wanted: int) -> list[Peer]:
        peers = self.transport.start(wanted)
        mine = Hello(own_version(), sources(), pairing.THOROUGH, "")
        for peer in peers:
            found: Hello = peer.call("hello").result()
            if found[:3] != mine[:3]:
                self.transport.end(peers)
                raise ClusterError(
                    f"on {found.host} there is another version of this program ({found.version}, here "
                    f"{mine.version}): install the same one on all machines"
                )
        return peers

    def next_era(self) -> int:
        """A number for what is done next."""
        self.era = next(_ERAS)
        return self.era

    # Calls ----------------------------------------------------------------------------------------------

    def words(self, owner: int, depth: int, first: int, last: int) -> Batch:
        """Some states of an owner: those of its part of a level from `first` to before `last`."""
        future = self.peers[owner].call("words", depth, first, last)
        while not future.done(1.0):
            pass
        return cast("Batch", future.result())

    def all(self, method: str, *arguments: Any, meanwhile: Callable[[], None] | None = None) -> list[Any]:
        """Call all of them alike; their answers. Raises as `each`."""
        return self.each(method, [arguments] * len(self.peers), meanwhile)

    def each(
        self,
        method: str,
        arguments: Sequence[Sequence[Any]],
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Any]:
        """Call each with its own arguments; their answers. `meanwhile` is called now and then.

        Raises Lost, or what one of them has raised. On Ctrl-C they are stopped; that is noted.
        """
        futures = [peer.call(method, *those) for peer, those in zip(self.peers, arguments, strict=True)]
        looked = time.monotonic()
        try:
            for future in futures:
                while not future.done(LOOK):
                    if meanwhile is not None and time.monotonic() >= looked + LOOK:
                        meanwhile()
                        looked = time.monotonic()
        except KeyboardInterrupt:
            self.interrupted = True
            self.stop()
            _await(futures, STOPPING)
        except BaseException:
            self.stop()
            _await(futures, STOPPING)
            raise
        return _answers(futures)

    def stop(self) -> None:
        """Tell all of them to stop what they do."""
        for peer in self.peers:
            peer.call("stop", self.era)

    def progress(self) -> list[Progress]:
        """How far each is. Raises Lost."""
        return _answers([peer.call("progress") for peer in self.peers])

    # Losses ---------------------------------------------------------------------------------------------

    def missing(self) -> list[int]:
        """The numbers of those who do not answer."""
        asked = [peer.call("hello") for peer in self.peers]
        ends = time.monotonic() + ANSWER
        return [k for k, future in enumerate(asked) if not _answers_by(future, ends)]

    def replace(self, missing: Sequence[int]) -> list[int | None]:
        """Put others in the place of those who are lost or, where there are none, go on with fewer.

        Of those who are there then the numbers that they had, None for the others. Raises ClusterError if
        nobody is left.
        """
        self.lost += len(missing)
        self.transport.end([self.peers[k] for k in missing])
        try:
            new = self._started(len(missing))
        except (ClusterError, Lost):
            new = []
        instead = dict(zip(missing, new, strict=False))
        there = [k for k in range(len(self.peers)) if k in instead or k not in missing]
        self.peers = [instead.get(k, self.peers[k]) for k in there]
        if not self.peers:
            raise ClusterError("all owners are lost, and no others can be started")
        return [None if k in instead else k for k in there]

    def close(self) -> None:
        """Let them go."""
        peers, self.peers = self.peers, []
        self.transport.end(peers)


def _await(futures: Sequence[Future], seconds: float) -> None:
    ends = time.monotonic() + seconds
    for future in futures:
        future.done(max(0.0, ends - time.monotonic()))


def _answers(futures: Sequence[Future]) -> list[Any]:
    """All answers, once all have come. Raises Lost, if there is a reason for it, or what one has raised.

    Memory that an owner does not have is a ClusterError.
    """
    answers: list[Any] = []
    raised: list[Exception] = []
    for future in futures:
        try:
            answers.append(future.result())
        except Exception as error:  # noqa: BLE001 - all of them are to have ended
            raised.append(error)
    if raised:
        first = min(raised, key=lambda error: not isinstance(error, Lost))
        if isinstance(first, MemoryError):  # what came of the round is not known, so it is not to be told
            raise ClusterError("an owner has no more memory to take") from None
        raise first
    return answers


def _answers_by(future: Future, ends: float) -> bool:
    try:
        if not future.done(max(0.0, ends - time.monotonic())):
            return False
        future.result()
    except Lost:
        return False
    return True
