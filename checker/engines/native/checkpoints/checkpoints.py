"""The checkpoints of one check: a folder that is its own while it lasts, and a keeper for each attempt.

A checkpoint says which reductions attempts had refused by then; so going on begins with the attempt that
wrote it. An attempt that is made after that begins at the initial state, and with new files.
"""

from __future__ import annotations

from dataclasses import replace

from checker.engines.checkpoint import CheckpointError, Keeping, about_search, is_there
from checker.engines.contract import Kept, Limits, Reductions, Refused
from checker.engines.native.checkpoints.files import Files
from checker.engines.native.checkpoints.keeper import Keeper
from checker.engines.native.checkpoints.resuming import Checkpoint, Resuming, read
from checker.engines.native.nocheckpoints import JudgeAgain
from checker.engines.native.search.search import Search
from checker.model.system import System


class Checkpoints:
    """What was asked for, and what was found of it."""

    def __init__(self, keeping: Keeping, system: System, reductions: Reductions, limits: Limits) -> None:
        """Raises CheckpointError."""
        self._keeping = keeping
        self._about = {**about_search(system, reductions, limits), **keeping.about}
        self._files = Files(keeping.folder)
        self._found: Checkpoint | None = None
        try:
            keeping.folder.mkdir(parents=True, exist_ok=True)
            self._files.lock()
        except OSError as error:
            raise CheckpointError(f"{keeping.folder}: cannot be written to: {error.strerror}") from None
        try:
            self._look(limits)
        except BaseException:
            self.close()
            raise

    def _look(self, limits: Limits) -> None:
        if self._keeping.resume:
            self._found = read(self._files, self._about)
            self._require_levels(limits.max_depth)
        elif is_there(self._keeping.folder):
            raise CheckpointError(
                f"{self._keeping.folder} holds a checkpoint: go on with --resume, or take it away"
            )

    def _require_levels(self, most: int | None) -> None:
        """Refuse a limit that the checkpoint is beyond: what it would be told of is another search's.

        One that is through has no level to come, which a limit could keep away. Raises CheckpointError.
        """
        assert self._found is not None
        kept = self._found.states
        is_through = kept.until(kept.depth) == kept.until(kept.depth - 1)
        if most is not None and most < kept.depth and not is_through:
            raise CheckpointError(
                f"{self._keeping.folder} is of {kept.depth} levels, more than the limit of {most}: "
                f"go on with a limit of at least {kept.depth} levels, or with none"
            )

    @property
    def refused(self) -> Refused | None:
        """What attempts before this run have refused, if a checkpoint says so."""
        return None if self._found is None else self._found.refused

    def keeper(self, refused: Refused) -> Keeper:
        """Who keeps the checkpoints of the next attempt, in which these reductions are refused."""
        found, self._found = self._found, None
        if found is not None:
            return _GoingOn(self._keeping, self._files, self._about, refused, found)
        self._files.begin_anew()
        return Keeper(self._keeping, self._files, self._about, refused)

    def close(self) -> None:
        """Let others write to the folder."""
        self._files.close()


class _GoingOn(Keeper):
    """The keeper of a search that goes on from a checkpoint."""

    def __init__(
        self, keeping: Keeping, files: Files, about: dict[str, str], refused: Refused, found: Checkpoint
    ) -> None:
        super().__init__(keeping, files, about, refused)
        self._found = found

    @property
    def kept(self) -> Kept:
        """What there is to tell of it: when the way back was cut short, what was there before."""
        told, said = super().kept, self._found.said
        if self.resumed is not None:
            return told
        return replace(told, level=int(said["level"]), states=int(said["states"]))

    def begin(self, search: Search, judge: JudgeAgain) -> None:
        """A search goes on from the checkpoint. Raises CheckpointError if the rules are others now."""
        resuming = Resuming(self._found, search)
        mark = resuming.replay(judge)
        resuming.enter(mark)
        self.watch(search, resuming.known)
        self.go_on(mark, self._found.journal, self._found.seconds)
