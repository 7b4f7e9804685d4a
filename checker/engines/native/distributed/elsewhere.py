"""What owners elsewhere keep, as one store: levels are known here, states fetched when asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from checker.engines.native.distributed.courier import Batch
from checker.engines.native.states.words import Piece, Words
from checker.engines.native.tuning import Tuning

#: From an owner, a level, and two places in the owner's part of it to the states between them.
Fetch = Callable[[int, int, int, int], Batch]


class Disks:
    """What a search asks of a store's log: here of the logs of all owners."""

    #: what went wrong is told in words, by whose it is
    trouble: OSError | None = None
    bytes_on_disk = 0


class Elsewhere:
    """The states of all owners together, with the part of a store that a search reads."""

    def __init__(self, fetch: Fetch, tuning: Tuning) -> None:
        self.tuning = tuning
        self._fetch = fetch
        #: how many states each owner has on each closed level
        self.shares: list[list[int]] = []
        self.levels = [0]
        #: states and bytes, as far as owners have told
        self.states = 0
        self.bytes = 0
        self.log = Disks()

    def close_level(self, shares: list[int]) -> int:
        """Note a level that all have closed; how many states it has."""
        self.shares.append(shares)
        self.levels.append(self.levels[-1] + sum(shares))
        return sum(shares)

    def level(self, depth: int, most: int) -> list[Piece]:
        """The states of a closed level, in pieces of at most `most`."""
        return [
            Piece(min(most, size - at), partial(self._words, owner, depth, at, min(at + most, size)))
            for owner, size in enumerate(self.shares[depth])
            for at in range(0, size, most)
        ]

    def some(self, depth: int, most: int) -> list[Piece]:
        """At most `most` states of a closed level, runs of neighbours from the middle of each part."""
        pieces = []
        for owner, size in enumerate(self.shares[depth]):
            share = min(size, max(1, most // len(self.shares[depth])))
            first = (size - share) // 2
            if share:
                pieces.append(Piece(share, partial(self._words, owner, depth, first, first + share)))
        return pieces

    def build(self, level: int | None = None) -> None:
        """A level begins: that is told to owners with it."""

    def close(self) -> None:
        """Nothing is kept here."""

    def _words(self, owner: int, depth: int, first: int, last: int) -> Words:
        return self._fetch(owner, depth, first, last).words()
