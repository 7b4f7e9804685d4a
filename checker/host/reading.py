"""Reading what somebody names: regular files, and not without end, so that no name hangs or eats memory."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO


class Unreadable(Exception):  # noqa: N818 - a property of the file
    """There is nothing to be had under a name; the message says why."""


def read_file(path: str | Path, most: int) -> bytes:
    """The content of a regular file of `most` bytes at most. Raises Unreadable.

    A pipe, which would be waited for, and a device, which need have no end, are not read from.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable("it is no regular file")
            return read_stream(file, most)
    except (OSError, ValueError) as error:
        raise Unreadable(_reason(error)) from None


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to is not waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_stream(stream: BinaryIO, most: int) -> bytes:
    """What a stream holds, `most` bytes at most. Raises Unreadable."""
    try:
        data = stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(_reason(error)) from None
    if len(data) > most:
        raise Unreadable(f"it is longer than {most:,} bytes")
    return data


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
