"""Standard streams that never fail a check: a verdict must not be lost because it cannot be printed.

A stream that is closed is as good as /dev/null. What cannot be written to stdout (a full disk) is told at
the end and decides the exit code only if nothing else does; of stderr nothing is said, there is nowhere
to say it. Only a reader of stdout that went away ends the command (BrokenPipeError).
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO


class _Unfailing(io.TextIOWrapper):
    """An open standard stream; `fault` is the first thing that went wrong with it."""

    fault: OSError | None = None

    def write(self, text: str, /) -> int:
        """Write, or note why not."""
        try:
            return super().write(text)
        except OSError as error:
            self._note(error)
            return len(text)

    def flush(self) -> None:
        """Write what is held back, or note why not."""
        try:
            super().flush()
        except OSError as error:
            self._note(error)

    def _note(self, error: OSError) -> None:
        if isinstance(error, BrokenPipeError) and self.fileno() == 1:
            raise error
        self.fault = self.fault or error


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
    return sys.stdout.fault if isinstance(sys.stdout, _Unfailing) else None


def abandon_stdout() -> None:
    """Let Python's own flush at exit go nowhere: the reader of our output is gone, or there is no room."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_closed() -> None:
    """Open the null device in place of closed streams, or the next file to be opened would be in theirs."""
    for number, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, flags), True)  # it gets the lowest number, which is this


def _ours(number: int, stream: TextIO | None) -> TextIO:
    if sys.platform == "win32" and stream is not None:
        return stream  # its console is no file
    encoding = "utf-8" if stream is None else stream.encoding
    if stream is not None:
        with suppress(OSError, ValueError):
            stream.flush()  # what a caller has printed comes first
    raw = io.FileIO(number, "w", closefd=False)
    at_once = number == 2 or raw.isatty() or bool(getattr(stream, "write_through", False))
    return _Unfailing(io.BufferedWriter(raw), encoding, line_buffering=at_once)
