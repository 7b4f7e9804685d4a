"""The files of a checkpoint: arrays that are appended, and never overwritten.

What a manifest names is a prefix of each file, with a digest: whatever is behind it does not count. So a
file may be appended to while the manifest before is still the one that holds; and what is no longer named
goes when the next manifest is in its place, not before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from checker.engines.checkpoint import MANIFEST, CheckpointError, read_json, write_json
from checker.engines.native.arrays import Array

#: Bytes that are read, digested or written at a time.
PIECE = 1 << 22
#: How the names of the files end.
SUFFIX = ".words"


@dataclass(slots=True)
class _File:
    """How much of a file counts, with the running digest of that."""

    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


class Files:
    """The files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, _File] = {}
        self._lock: int | None = None

    def begin_anew(self) -> None:
        """Let none of the files count, although the manifest that is there may name some."""
        self._files = {}

    # Writing ------------------------------------------------------------------------------------------

    def size(self, name: str) -> int:
        """How many bytes a file has, 0 if it is yet to be made."""
        return self._files[name].size if name in self._files else 0

    def append(self, name: str, arrays: Iterable[Array]) -> None:
        """Append arrays to a file, and see that they are on the disk.

        Raises OSError, and leaves what counts of the file as it was.
        """
        known = self._files.get(name, _File())
        path, size, digest = self.folder / name, known.size, known.digest.copy()
        with path.open("r+b" if known.size else "wb") as file:
            file.truncate(size)
            file.seek(size)
            for array in arrays:
                flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
                for at in range(0, flat.shape[0], PIECE):
                    piece = flat[at : at + PIECE].data
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
            file.flush()
            os.fsync(file.fileno())
        self._files[name] = _File(size, digest)

    def commit(self, names: Iterable[str], said: Mapping[str, Any]) -> None:
        """Let these files be the checkpoint, of which the manifest says all that. Raises OSError."""
        chosen = set(names)
        self._files = {name: known for name, known in self._files.items() if name in chosen}
        told = {
            name: {"bytes": known.size, "sha256": known.digest.hexdigest()}
            for name, known in self._files.items()
        }
        _sync_folder(self.folder)
        write_json(self.folder / MANIFEST, {**said, "files": told})
        _sync_folder(self.folder)
        self._sweep()

    def counting(self) -> dict[str, _File]:
        """What counts now, for `restore`."""
        return dict(self._files)

    def restore(self, before: Mapping[str, _File]) -> None:
        """Let count again what counted before, and give back the room that the rest takes on the disk."""
        self._files = dict(before)
        try:
            named = {name: int(told["bytes"]) for name, told in self.manifest()["files"].items()}
        except (CheckpointError, KeyError, TypeError, ValueError):
            return  # whoever cannot tell what the manifest names takes nothing away
        for name, known in before.items():
            with suppress(OSError):
                os.truncate(self.folder / name, max(known.size, named.get(name, 0)))
        self._sweep(named)  # of an attempt before this one there may be others

    def _sweep(self, named: Container[str] = ()) -> None:
        """Remove files that do not count: of another attempt, of states in another form, half written."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                mine = path.suffix == SUFFIX or (path.suffix == ".tmp" and path.name.startswith("."))
                if mine and path.name not in self._files and path.name not in named:
                    path.unlink(missing_ok=True)

    # One at a time ------------------------------------------------------------------------------------

    def lock(self) -> None:
        """Let nobody else write here, where the system can see to that. Raises CheckpointError."""
        try:
            import fcntl  # noqa: PLC0415 - not on every system
        except ImportError:
            return
        self._lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise CheckpointError(f"{self.folder}: another check is at work there") from None

    def close(self) -> None:
        """Let others write here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # Reading ------------------------------------------------------------------------------------------

    def manifest(self) -> dict[str, Any]:
        """What the manifest says. Raises CheckpointError."""
        return read_json(self.folder / MANIFEST)

    def serial(self) -> int:
        """The number of the next checkpoint, as the manifest says it; 0 if there is none to read."""
        try:
            return int(self.manifest()["serial"])
        except (CheckpointError, KeyError, TypeError, ValueError):
            return 0

    def verify(self, told: Mapping[str, Mapping[str, Any]]) -> None:
        """Read the files that a manifest names, and let them count. Raises CheckpointError for damage."""
        wrong = []
        for name, known in told.items():
            try:
                self._files[name] = self._verified(name, int(known["bytes"]), str(known["sha256"]))
            except CheckpointError as error:
                wrong.append(str(error))
        if wrong:
            raise CheckpointError("\n".join(wrong))

    def _verified(self, name: str, size: int, wanted: str) -> _File:
        path, digest, left = self.folder / name, hashlib.sha256(), size
        try:
            with path.open("rb") as file:
                while left and (piece := file.read(min(PIECE, left))):
                    digest.update(piece)
                    left -= len(piece)
        except FileNotFoundError:
            raise CheckpointError(f"{path}: damaged: the file is missing") from None
        except OSError as error:
            raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
        if left:
            raise CheckpointError(f"{path}: damaged: {size - left:,} of {size:,} bytes are there")
        if digest.hexdigest() != wanted:
            raise CheckpointError(f"{path}: damaged: its contents are not those that were written")
        return _File(size, digest)

    def read(self, name: str, dtype: type) -> Array:
        """The part of a file that counts, as an array that is read when it is looked at."""
        count = self.size(name) // np.dtype(dtype).itemsize
        if not count:
            return np.empty(0, dtype)
        return np.memmap(self.folder / name, dtype, "r", shape=(count,))


def _sync_folder(folder: Path) -> None:
    """See that the names of files in a folder are on the disk, where a folder can be asked for that."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
