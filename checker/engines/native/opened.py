"""The checkpoints of a check, if some are asked for: all that writes and reads them is imported then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from checker.engines.checkpoint import Keeping
from checker.engines.contract import Limits, Reductions, Refused
from checker.engines.native.nocheckpoints import NoKeeper
from checker.model.system import System


class Opened(Protocol):
    """The checkpoints of one check, which may take several attempts."""

    @property
    def refused(self) -> Refused | None:
        """What attempts before this run have refused, if a checkpoint says so."""

    def keeper(self, refused: Refused) -> NoKeeper:
        """Who keeps the checkpoints of the next attempt, in which these reductions are refused."""


class _Nothing:
    refused: Refused | None = None

    def keeper(self, refused: Refused) -> NoKeeper:
        return NoKeeper()


@contextmanager
def opened(
    keeping: Keeping | None, system: System, reductions: Reductions, limits: Limits
) -> Iterator[Opened]:
    """The checkpoints that are asked for, while a check lasts. Raises CheckpointError."""
    if keeping is None:
        yield _Nothing()
        return
    from checker.engines.native.checkpoints.checkpoints import Checkpoints  # noqa: PLC0415 - few ask

    checkpoints = Checkpoints(keeping, system, reductions, limits)
    try:
        yield checkpoints
    finally:
        checkpoints.close()
