"""One process: started, written to and read from without ever waiting for it, and ended for sure."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections import deque
from contextlib import suppress

from checker.implementations.command import CannotStart, Command
from checker.implementations.guardian import Guardian
from checker.implementations.lines import Cutter
from checker.model.plaintext import printable

#: Bytes that are read or written at once.
BLOCK = 1 << 16
#: What is kept of what a process says on stderr, and how many lines of it are told.
KEPT, TOLD = 4096, 5
#: Seconds that a process has to end by itself once its stdin has ended.
GRACE = 0.5
#: Seconds between two looks whether it has ended.
PAUSE = 0.002


class Process:
    """A running command. It leads a group of its own, so that what it starts ends with it."""

    def __init__(self, command: Command, guardian: Guardian) -> None:
        """Start it. Raises CannotStart."""
        program = command.program()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - what the model file says is what is wanted
                [program, *command.words[1:]],
                cwd=command.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise CannotStart(f"'{command}' cannot be started: {error.strerror or error}") from None
        self._guardian = guardian
        guardian.watch(self._process.pid)
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None
        assert stdout is not None
        assert stderr is not None
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        for stream in (stdin, stdout, stderr):
            os.set_blocking(stream.fileno(), False)
        self.lines = Cutter()
        self._waiting: deque[memoryview] = deque()
        self._said = b""
        self.ended = False

    @property
    def pid(self) -> int:
        """Its number, which is that of its group."""
        return self._process.pid

    # Talking --------------------------------------------------------------------------------------------

    def put(self, data: bytes) -> None:
        """Take note of what is to be written to it."""
        for at in range(0, len(data), BLOCK):
            self._waiting.append(memoryview(data)[at : at + BLOCK])

    @property
    def is_waiting(self) -> bool:
        """Whether something is yet to be written."""
        return bool(self._waiting)

    def write(self) -> None:
        """Write as much as it takes at once. That it takes no more is told by what it answers, or not."""
        try:
            while self._waiting:
                block = self._waiting.popleft()
                written = os.write(self.stdin.fileno(), block)
                if written < len(block):
                    self._waiting.appendleft(block[written:])
        except BlockingIOError:
            self._waiting.appendleft(block)
        except OSError:  # it reads no more
            self._waiting.clear()

    def read(self) -> list[bytes] | None:
        """The lines that have come; None if there will be no more."""
        try:
            data = os.read(self.stdout.fileno(), BLOCK)
        except BlockingIOError:
            return []
        return self.lines.cut(data) if data else None

    def listen(self) -> bool:
        """Take what is there of stderr; whether there may be more."""
        try:
            data = os.read(self.stderr.fileno(), BLOCK)
        except BlockingIOError:
            return True
        self._said = (self._said + data)[-KEPT:]
        return bool(data)

    # Ending ---------------------------------------------------------------------------------------------

    def how_it_ended(self) -> str:
        """End it, and say in words how it has, if it has, by itself."""
        by_itself = self._has_ended(GRACE)
        self.end()
        code = self._process.returncode
        if not by_itself:
            return "closed its stdout"
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def last_words(self) -> str:
        """The last lines of its stderr, on one line; empty if there are none."""
        with suppress(OSError, ValueError):
            while select.select([self.stderr], [], [], 0)[0] and self.listen():
                pass
        lines = [line for line in self._said.decode("utf-8", "replace").splitlines() if line.strip()]
        return " | ".join(printable(line.strip()) for line in lines[-TOLD:])

    def hang_up(self) -> None:
        """End its stdin, by which it should end itself."""
        with suppress(OSError):
            self.stdin.close()

    def end(self, grace: float = 0.0) -> None:
        """End it and all of its group; it has `grace` seconds to do so by itself."""
        if self.ended:
            return
        self.ended = True
        self.last_words()
        self.hang_up()
        self._has_ended(grace)
        # its number is its own until it is waited for, and so is that of its group
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._guardian.forget(self._process.pid)
        self._process.wait()
        self.stdout.close()
        self.stderr.close()

    def _has_ended(self, seconds: float) -> bool:
        """Whether it ends by itself within so many seconds; it is not waited for as a parent does."""
        if not hasattr(os, "waitid"):  # as on a Mac: nobody is told, and it has no time either
            return False
        until = time.monotonic() + seconds
        while True:
            with suppress(OSError):
                options = os.WEXITED | os.WNOHANG | os.WNOWAIT
                if os.waitid(os.P_PID, self._process.pid, options) is not None:
                    return True
            if time.monotonic() >= until:
                return False
            time.sleep(PAUSE)
