"""The event log of a node: what it took, what it sent, and what it knew, one JSON object a line.

`pmmc validate` reads it. Lines of a batch are handed over to the operating system before anything that they
tell is sent, so that a kill loses none of what others have seen; they are not synced.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from checker.cluster.storage import Span

FORMAT = 1
#: How much of the end of a log is looked at to find its last line.
LAST = 1 << 22


class EventLog:
    """The log of one node. Raises OSError."""

    def __init__(self, path: Path, node: str, undone: Span | None = None) -> None:
        """Open it, or make one. What is `undone` is cut off, and so is a line that is not whole."""
        self.node = json.dumps(node, ensure_ascii=False)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self._lines: list[str] = []
        size = os.fstat(self._file).st_size
        begin = max(0, size - LAST)
        tail = os.pread(self._file, size - begin, begin)
        whole = begin + tail.rfind(b"\n") + 1
        self._size = min(whole, undone.start) if undone is not None else whole
        os.ftruncate(self._file, self._size)
        os.lseek(self._file, self._size, os.SEEK_SET)
        lines = tail[: self._size - begin].splitlines()
        self.number = json.loads(lines[-1])["seq"] if lines else 0

    def add(self, event: str, **more: str) -> None:
        """One more event, with fields that are JSON already."""
        self.number += 1
        told = "".join(f',"{name}":{value}' for name, value in more.items())
        self._lines.append(f'{{"event":"{event}","node":{self.node},"seq":{self.number}{told}}}\n')

    def pending(self) -> tuple[Span, bytes]:
        """Which part of the file the events of this batch will be, and these."""
        content = "".join(self._lines).encode()
        self._lines.clear()
        span = Span(self._size, self._size + len(content))
        self._size = span.end
        return span, content

    def write(self, content: bytes) -> None:
        """Hand these over to the operating system."""
        while content:
            content = content[os.write(self._file, content) :]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def length(path: Path) -> int:
    """How long a log is, in bytes; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def json_text(value: Any) -> str:
    """A JSON value on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
