"""What a run asks of whoever keeps checkpoints, answered for a run without any."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checker.engines.contract import Kept
from checker.engines.native.ended import Ended
from checker.engines.native.search.search import Search

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
