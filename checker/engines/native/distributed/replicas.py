"""Replicas: of each owner's closed levels another owner keeps a copy on disk, for when the first is lost.

A level that is closed never changes, so a copy is written once, in order, and read only if its owner is
lost. With the tables, which the process that asks has, it is all that is needed to go on from that level.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from checker.engines.native.states.words import Packing, Words


class _Part(NamedTuple):
    """Some states of a level: where they begin in the file, in words, and how many states they are."""

    at: int
    size: int
    packing: Packing


class Replicas:
    """Copies of what other owners keep, by generation (how states are shared out) and owner."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        #: (generation, owner) → level → its parts
        self._parts: dict[tuple[int, int], dict[int, list[_Part]]] = {}

    def add(self, generation: int, owner: int, depth: int, words: Words) -> None:
        """Keep some states of a level. Raises OSError, where the disk is full for one."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="pmmc-replicas-"))
        levels = self._parts.setdefault((generation, owner), {})
        with self._file(generation, owner).open("ab") as file:
            at = file.tell() // words.first.itemsize
            file.write(words.first.tobytes())
            if words.packing.wide:
                file.write(words.second.tobytes())
        levels.setdefault(depth, []).append(_Part(at, words.size, words.packing))

    def has(self, generation: int, owner: int) -> bool:
        """Whether there is a copy of what that owner kept."""
        return (generation, owner) in self._parts

    def level(self, generation: int, owner: int, depth: int) -> Iterator[Words]:
        """The states of a level of another owner, piece by piece."""
        for at, size, packing in self._parts[generation, owner].get(depth, []):
            words = np.fromfile(
                self._file(generation, owner), np.uint64, size * (2 if packing.wide else 1), offset=8 * at
            )
            yield Words(words[:size], words[size:] if packing.wide else words, packing)

    def forget(self, before: int) -> None:
        """Drop the copies of earlier generations."""
        for generation, owner in [key for key in self._parts if key[0] < before]:
            del self._parts[generation, owner]
            self._file(generation, owner).unlink(missing_ok=True)

    def close(self) -> None:
        """Drop all of them."""
        self._parts = {}
        if self._folder is not None:
            with suppress(OSError):
                shutil.rmtree(self._folder)
            self._folder = None

    def _file(self, generation: int, owner: int) -> Path:
        assert self._folder is not None, "made when the first copy comes"
        return self._folder / f"{generation}-{owner}"
