"""States on disk: files that only grow, read by place.

They are written to and read from, never mapped into memory: a disk that is full is an answer then, and
no signal that ends the process. Files that are not kept have no name: the system takes them back when the
process ends, however that comes about.
"""

from __future__ import annotations

import errno
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import numpy as np

from checker.engines.native.arrays import Array

KEY = 8


class DiskTrouble(Exception):  # noqa: N818 - not a fault of anybody
    """States cannot be read back from the disk."""


@dataclass
class Disk:
    """A folder for states: the caller's, or the system's for what is temporary.

    With `kept` the files have names, `states-<owner>-<generation>`, and are left behind; a new generation
    of files begins whenever all states are written anew.
    """

    folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    kept: bool = False
    generation: int = 0

    def file(self, owner: int) -> File:
        """A new, empty file for the states of an owner. Raises OSError."""
        if not self.kept:
            return File(tempfile.TemporaryFile(prefix="pmmc-states-", dir=self.folder))
        path = self.folder / f"states-{owner}-{self.generation}"
        return File(path.open("w+b"), path)

    def refusal(self, error: OSError) -> str:
        """In words, why states could not be written."""
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return f"the disk under {self.folder} has no more room for states"
        return f"states cannot be written to {self.folder}: {error.strerror}"

    def anew(self) -> None:
        """From now on files are those of the next generation."""
        self.generation += 1


class File:
    """Keys in a file, in the order in which they were appended. Reading and writing may be at once."""

    def __init__(self, file: BinaryIO, path: Path | None = None) -> None:
        self._file = file
        #: where it is, if it has a name
        self.path = path
        self.size = os.fstat(file.fileno()).st_size // KEY
        self._lock = Lock()

    def append(self, keys: Array) -> None:
        """Write keys behind the last one: all of them or, with an OSError, none."""
        if not keys.shape[0]:
            return
        data = np.ascontiguousarray(keys).data.cast("B")
        begin = at = self.size * KEY
        try:
            while data:
                written = self._write(data, at)
                at, data = at + written, data[written:]
        except OSError:
            self.cut(begin // KEY)
            raise
        self.size = at // KEY

    def read(self, first: int, last: int) -> Array:
        """The keys from number `first` to before number `last`. Raises DiskTrouble."""
        keys: Array = np.empty(last - first, np.uint64)
        if first == last:
            return keys
        room, at = keys.data.cast("B"), first * KEY
        try:
            while room:
                data = self._read(len(room), at)
                if not data:
                    raise DiskTrouble(
                        f"states that were written to the disk are not there: {self.path or ''}"
                    )
                room[: len(data)] = data
                at, room = at + len(data), room[len(data) :]
        except OSError as error:
            raise DiskTrouble(f"states cannot be read back from the disk: {error.strerror}") from error
        return keys

    def cut(self, size: int) -> None:
        """Leave only the first `size` keys."""
        os.ftruncate(self._file.fileno(), size * KEY)
        self.size = size

    def sync(self) -> None:
        """See to it that what was appended is on the disk. Raises OSError."""
        os.fsync(self._file.fileno())

    def close(self, *, remove: bool = False) -> None:
        """Use it no more; with `remove` it is gone, as one without a name is anyway."""
        self._file.close()
        if remove and self.path is not None:
            self.path.unlink(missing_ok=True)

    def _write(self, data: memoryview, at: int) -> int:
        if hasattr(os, "pwrite"):
            return os.pwrite(self._file.fileno(), data, at)
        with self._lock:
            os.lseek(self._file.fileno(), at, os.SEEK_SET)
            return os.write(self._file.fileno(), data)

    def _read(self, size: int, at: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, at)
        with self._lock:
            os.lseek(self._file.fileno(), at, os.SEEK_SET)
            return os.read(self._file.fileno(), size)
