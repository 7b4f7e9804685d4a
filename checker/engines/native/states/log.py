"""The log of one owner: the keys of its states in order of discovery, level by level.

A level that is closed stays as it is, so the log up to there is all that is needed to go on from it: the
index is made from the keys again (index.py).

Keys are in chunks, so that nothing is moved when there are more. Full chunks are in memory or, once that
is asked for, in a file; the one that is being filled is always in memory. One thread appends, any may read
what was there when it was told so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from checker.engines.native.arrays import Array
from checker.engines.native.states.disk import File
from checker.engines.native.states.pages import pages


class Log:
    """Keys in order of discovery, and where each level ends."""

    def __init__(self, chunk: int) -> None:
        self._chunk = chunk
        #: full chunks and the one that is being filled; None for one that is in the file, or given back
        self._chunks: list[Array | None] = []
        self.size = 0
        #: how many keys there were when each level was closed, the first of these being 0
        self.levels = [0]
        self._file: File | None = None
        self._opens: Callable[[], File] | None = None
        #: why the disk takes no more; what it did not take stays in memory
        self.trouble: OSError | None = None
        self._given_back = 0
        #: whether all keys can be read: not when they are on their way to other logs
        self.is_whole = True

    @classmethod
    def opened(cls, file: File, levels: list[int], chunk: int) -> Log:
        """The log that was in a file, up to the last level that was closed; what follows is cut off."""
        log = cls(chunk)
        file.cut(levels[-1])
        log._file, log.levels = file, list(levels)
        whole = levels[-1] // chunk
        log._chunks = [None] * whole
        log.size = whole * chunk
        log.append(file.read(log.size, levels[-1]))
        return log

    # Writing --------------------------------------------------------------------------------------------

    def append(self, keys: Array) -> None:
        """Put keys behind the last one."""
        while keys.shape[0]:
            at = self.size % self._chunk
            if at == 0:
                self._chunks.append(pages(self._chunk, np.uint64))
            tail = self._chunks[-1]
            assert tail is not None, "what is being filled is in memory"
            some = keys[: self._chunk - at]
            tail[at : at + some.shape[0]] = some
            self.size += some.shape[0]
            keys = keys[some.shape[0] :]
            if self.size % self._chunk == 0:
                self._write_full()
        if self._opens is not None:
            self._write_full()

    def close_level(self) -> int:
        """End the level that is being filled; how many keys it has."""
        self.levels.append(self.size)
        return self.levels[-1] - self.levels[-2]

    def to_disk(self, opens: Callable[[], File]) -> None:
        """Have full chunks in a file from the next time on that something is appended."""
        if self._file is None and self._opens is None:
            self._opens = opens

    def flush(self) -> None:
        """Bring everything into the file, to be opened again from there. Raises OSError."""
        self._write_full()
        if self.trouble is not None:
            raise self.trouble
        assert self._file is not None, "there is a file for it"
        tail = self.read(self._file.size, self.size)
        self._file.append(tail)
        self._file.sync()

    def _write_full(self) -> None:
        """Write full chunks that are in memory to the file; a disk that takes no more is noted."""
        if self.trouble is not None:
            return
        try:
            if self._opens is not None:
                self._file, self._opens = self._opens(), None
            if self._file is None:
                return
            for number in range(self._file.size // self._chunk, self.size // self._chunk):
                chunk = self._chunks[number]
                assert chunk is not None, "it was not written yet"
                self._file.append(chunk[self._file.size - number * self._chunk :])
                self._chunks[number] = None
        except OSError as error:
            self.trouble = error

    # Reading --------------------------------------------------------------------------------------------

    def read(self, first: int, last: int) -> Array:
        """The keys from number `first` to before number `last`, only to be read. Raises DiskTrouble."""
        parts: list[Array] = []
        while first < last:
            number, at = divmod(first, self._chunk)
            end = min(last, (number + 1) * self._chunk)
            chunk = self._chunks[number]
            if chunk is not None:
                parts.append(chunk[at : at + end - first])
            else:
                assert self._file is not None, "what is not in memory is in the file"
                parts.append(self._file.read(first, end))
            first = end
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([np.zeros(0, np.uint64), *parts])

    def give_back(self, first: int) -> None:
        """Free the memory of chunks that are before key number `first`, which nobody reads any more."""
        self.is_whole = False
        for number in range(self._given_back, first // self._chunk):
            self._chunks[number] = None
            self._given_back = number + 1

    def close(self) -> None:
        """Use the file no more; what it took can still be told."""
        if self._file is not None:
            self._file.close()

    def discard(self) -> None:
        """Give back all of it, on the disk as well; nothing may be asked of it any more."""
        self._chunks, self.is_whole = [], False
        if self._file is not None:
            self._file.close(remove=True)

    # What it takes ------------------------------------------------------------------------------------

    @property
    def bytes(self) -> int:
        """Memory in use."""
        held = sum(chunk is not None for chunk in self._chunks)
        tail = self.size % self._chunk
        return 8 * (held * self._chunk - (self._chunk - tail if tail else 0))

    @property
    def bytes_on_disk(self) -> int:
        """What is in the file."""
        return 0 if self._file is None else 8 * self._file.size

    @property
    def is_on_disk(self) -> bool:
        """Whether full chunks go to a file."""
        return self._file is not None or self._opens is not None
