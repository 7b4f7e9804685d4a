"""Replicas: of each owner's closed levels another owner keeps a copy on disk, for when the first is lost.

A level that is closed never changes, so a copy is written once, in order, and read only if its owner is
lost. With the tables, which the process that asks has, it is all that is needed to go on from that level.
The files have no names, so nothing is left of them when this process ends, however it does.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from checker.engines.native.states.words import Packing, Words

#: Bytes of a word.
WORD = 8


class _Part(NamedTuple):
    """Some states of a level: where they begin in the file, and how many they are."""

    at: int
    size: int
    packing: Packing
    #: whether a word for each tells what sleeps in it
    sleeps: bool


class _Copy(NamedTuple):
    """What another owner keeps: a file, and the parts of each level in it."""

    file: IO[bytes]
    levels: dict[int, list[_Part]]


class Replicas:
    """Copies of what other owners keep, by generation (how states are shared out) and owner."""

    def __init__(self) -> None:
        self._copies: dict[tuple[int, int], _Copy] = {}

    def add(self, generation: int, owner: int, depth: int, words: Words, folder: Path) -> None:
        """Keep some states of a level, in that folder. Raises OSError, where the disk is full for one."""
        if (generation, owner) not in self._copies:
            fresh = tempfile.TemporaryFile(prefix="pmmc-", dir=folder)  # noqa: SIM115 - closed by `forget`
            self._copies[generation, owner] = _Copy(fresh, {})
        file, levels = self._copies[generation, owner]
        at = file.seek(0, os.SEEK_END)
        file.write(words.first.tobytes())
        if words.packing.wide:
            file.write(words.second.tobytes())
        if words.asleep is not None:
            file.write(words.asleep.tobytes())
        file.flush()
        levels.setdefault(depth, []).append(_Part(at, words.size, words.packing, words.asleep is not None))

    def has(self, generation: int, owner: int) -> bool:
        """Whether there is a copy of what that owner kept."""
        return (generation, owner) in self._copies

    def level(self, generation: int, owner: int, depth: int) -> Iterator[Words]:
        """The states of a level of another owner, piece by piece."""
        file, levels = self._copies[generation, owner]
        for at, size, packing, sleeps in levels.get(depth, []):
            own = 2 * size if packing.wide else size
            file.seek(at)
            words = np.frombuffer(file.read((own + size * sleeps) * WORD), np.uint64)
            asleep = words[own:] if sleeps else None
            yield Words(words[:size], words[size:own] if packing.wide else words[:size], packing, asleep)

    def forget(self, before: int) -> None:
        """Drop the copies of earlier generations."""
        for generation, owner in [key for key in self._copies if key[0] < before]:
            self._copies.pop((generation, owner)).file.close()

    def close(self) -> None:
        """Drop all of them."""
        while self._copies:
            self._copies.popitem()[1].file.close()
