"""What a run asks of whoever keeps checkpoints, answered for a run without any.

All that writes and reads checkpoints (`checkpoints`) is imported when one is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from checker.engines.checkpoint import Keeping
from checker.engines.contract import Kept, Limits, Reductions, Refused
from checker.engines.native.ended import Ended
from checker.engines.native.search.search import Search
from checker.model.system import System

#: Combinations of views that were shown: (group, combination).
Shown = Iterable[tuple[int, int]]
#: Judges a level again: told of the search, how many states were known, and what the level has shown.
JudgeAgain = Callable[[Search, int, Shown, Ended], None]


class NoKeeper:
    """Keeps no checkpoints."""

    #: whether there is somebody who does
    keeps = False

    @property
    def kept(self) -> Kept | None:
        """What there is to tell of checkpoints."""
        return None

    def begin(self, search: Search, judge: JudgeAgain) -> None:
        """A search begins, or goes on from a checkpoint. Raises CheckpointError."""

    def level(self, search: Search, shown: Shown, ended: Ended) -> str | None:
        """A level has come to its end, and was judged; why the search is to stop, if it is."""

    def end(self, search: Search) -> None:
        """A search has come to its end, for whatever reason."""


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
