"""The limits of a search: seconds, states, memory, and what the disk takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from checker.engines.contract import Exploration, Watch
from checker.engines.native.states.disk import Disk
from checker.engines.native.states.store import Store, disk_trouble
from checker.engines.native.tuning import Tuning
from checker.host.memory import give_back_large_pieces

#: Pieces of work of Python's between two looks at the clock.
ASKED = 16
#: The part of the memory allowed from which on states are written to the disk.
NEAR = 0.75


class LimitReached(Exception):  # noqa: N818 - not a fault of anybody
    """A limit was hit; its message says which."""


class Limited(ABC):
    """What a search knows of its limits."""

    def __init__(self, watch: Watch, result: Exploration, tuning: Tuning, disk: Path | None) -> None:
        self.watch = watch
        self.result = result
        self.tuning = tuning
        #: where the logs are to be, and whether they are there from now on
        self.disk = Disk() if disk is None else Disk(disk)
        self.on_disk = disk is not None
        #: when Python's work was last interrupted for a look, and how often it asked
        self._looked = 0.0
        self._asked = 0
        #: the limit that was reached
        self.reached: str | None = None

    @property
    @abstractmethod
    def stores(self) -> list[Store]:
        """The states of all owners."""

    @property
    @abstractmethod
    def bytes(self) -> int:
        """Memory in use for states."""

    def is_late(self) -> bool:
        """Whether a limit is reached, for Python's work that is done piece by piece: looks now and then."""
        self._asked += 1
        if self._asked % ASKED == 0 and self.watch.seconds >= self._looked + self.tuning.look:
            self._looked = self.watch.seconds
            self._is_over()
        return self.reached is not None

    def _is_over(self) -> bool:
        """Whether a limit is reached; it stays so."""
        if self.reached is None:
            self._spare_memory()
            self.reached = disk_trouble(self.stores, self.disk) or self.watch.look(self.result, self.bytes)
        return self.reached is not None

    def _stop_if_over(self) -> None:
        if self.reached is not None:
            raise LimitReached(self.reached)

    @property
    def _disk(self) -> Disk | None:
        return self.disk if self.on_disk else None

    def _spare_memory(self) -> None:
        """Have the logs on the disk from now on, if states come near the limit of memory."""
        if not self.on_disk and self.watch.is_near_memory(self.bytes, NEAR):
            self.on_disk = True
            give_back_large_pieces()
            for store in self.stores:
                store.to_disk(self.disk)
