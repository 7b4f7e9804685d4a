"""Standard streams that never fail a check: a verdict must not be lost because it cannot be printed.

A stream that is closed is as good as /dev/null. What cannot be written to stdout (a full disk) is told at
the end and decides the exit code only if nothing else does; of stderr nothing is said, there is nowhere
to say it. Only a reader of stdout that went away ends the command (BrokenPipeError).
"""

from __future__ import annotations

import io
import os
import select
import sys
from typing import IO, Any, TextIO


class _Unfailing(io.FileIO):
    """An open standard stream; `fault` is the first thing that went wrong with it."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self.fault: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write, or note why not; what is not written is dropped."""
        try:
            while (written := super().write(data)) is None:  # told not to wait for a slow reader: we do
                select.select([], [self], [])
        except OSError as error:
            if isinstance(error, BrokenPipeError) and self.fileno() == 1:
                raise
            self.fault = self.fault or error
            return len(data)
        return int(written)


def prepare() -> None:
    """Make the standard streams ours, but for those that somebody else has put in their place.

    All print ? for a character that their encoding lacks.
    """
    _open_closed()
    if sys.stdout is sys.__stdout__:
        sys.stdout = _ours(1, sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _ours(2, sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def fault() -> OSError | None:
    """Why some of stdout could not be written; None if all was."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.fault if isinstance(raw, _Unfailing) else None


def abandon_stdout() -> None:
    """Let Python's own flush at exit go nowhere: the reader of our output is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_closed() -> None:
    """Open the null device in place of closed streams, or the next file to be opened would be in theirs."""
    for number, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, flags), True)  # it gets the lowest number, which is this


def _ours(number: int, stream: TextIO | None) -> IO[str]:
    if sys.platform == "win32" and stream is not None:
        return stream  # its console is no file
    encoding = "utf-8" if stream is None else stream.encoding
    raw = _Unfailing(number)
    at_once = number == 2 or raw.isatty() or bool(getattr(stream, "write_through", False))
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, line_buffering=at_once)
