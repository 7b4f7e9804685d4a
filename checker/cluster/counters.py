"""What a process counts, in a file that is mapped into memory: a kill does not take it away."""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

_NUMBER = struct.Struct("<d")


class Counters:
    """Numbers by name. Those that are there already go on. Raises OSError."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        size = max(1, len(names)) * _NUMBER.size
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        os.ftruncate(file, size)
        self._map = mmap.mmap(file, size)
        os.close(file)
        self._at = {name: i * _NUMBER.size for i, name in enumerate(names)}

    def add(self, name: str, more: float = 1) -> None:
        """Count more."""
        at = self._at[name]
        (value,) = _NUMBER.unpack_from(self._map, at)
        _NUMBER.pack_into(self._map, at, value + more)

    def add_all(self, more: Mapping[str, float]) -> None:
        """Count all of these."""
        for name, value in more.items():
            self.add(name, value)

    def read(self) -> Mapping[str, float]:
        """All of them."""
        return {name: _NUMBER.unpack_from(self._map, at)[0] for name, at in self._at.items()}

    def close(self) -> None:
        """Close the file."""
        self._map.close()
