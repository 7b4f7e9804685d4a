"""A network that loses, doubles and delays datagrams: by seed, so that the same one has the same fate.

The fate of a datagram depends on the seed, on who sends to whom, on how often its sender was started, and
on its number among those that went that way; not on when it is sent, nor on what else is under way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Faults:
    """What the network does: shares of datagrams lost and doubled; delays, least and most."""

    loss: float = 0.0
    duplicate: float = 0.0
    delay: tuple[float, float] = (0.0, 0.0)
    seed: int = 0


class Network:
    """The way out of one process: `send(address, datagram)` carries out what is to become of a datagram.

    `later(seconds, call, *arguments)` calls something some time later.
    """

    def __init__(
        self,
        faults: Faults,
        name: str,
        life: int,
        send: Callable[[str, bytes], None],
        later: Callable[..., object],
    ) -> None:
        self._faults, self._name, self._life = faults, name, life
        self._send, self._later = send, later
        self._ways: dict[str, Random] = {}
        self.lost = self.doubled = 0

    def fate(self, to: str) -> tuple[float, ...]:
        """After how many seconds each copy of the next datagram to a process leaves; none if it is lost."""
        random = self._ways.get(to)
        if random is None:
            random = self._ways[to] = Random(  # noqa: S311 - a fate, no secret
                f"{self._faults.seed} {self._name} {self._life} {to}"
            )
        lost, doubled = random.random(), random.random()
        first, second = random.uniform(*self._faults.delay), random.uniform(*self._faults.delay)
        if lost < self._faults.loss:
            return ()
        return (first, second) if doubled < self._faults.duplicate else (first,)

    def carry(self, to: str, datagram: bytes) -> None:
        """Send a datagram to a process, as its fate will have it."""
        delays = self.fate(to)
        self.lost += not delays
        self.doubled += len(delays) > 1
        for delay in delays:
            if delay > 0:
                self._later(delay, self._send, to, datagram)
            else:
                self._send(to, datagram)
