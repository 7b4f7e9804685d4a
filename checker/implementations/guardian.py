"""Who sees to it that no process is left behind when its starter is killed and can do nothing any more.

A small process that waits at a pipe for the one that started it to end, however it does, and then kills the
groups of processes that it was told of. It works by the end of a pipe, which every system has, where a
death signal of the parent would go by threads and is Linux's alone.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

#: What it runs; `+12` is a group that there is from now on, `-12` one that there is no more.
_PROGRAM = """
import os, signal, sys
groups = set()
for line in sys.stdin.buffer:
    (groups.add if line[:1] == b"+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""


class Guardian:
    """Kills groups of processes should this process end before it has."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )

    def watch(self, group: int) -> None:
        """There is a group of processes to be killed in the end."""
        self._tell(b"+%d\n" % group)

    def forget(self, group: int) -> None:
        """It is killed, and its number may become another's."""
        self._tell(b"-%d\n" % group)

    def _tell(self, line: bytes) -> None:
        with suppress(OSError):  # it was killed: then stdin that ends is what tells the processes
            assert self._process.stdin is not None
            self._process.stdin.write(line)

    def close(self) -> None:
        """Let it go."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        self._process.wait()
