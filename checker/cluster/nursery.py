"""Where the processes of a cluster come from: one that has imported everything, and forks.

A process that was killed begins again within milliseconds, where a new Python would import for a second. Of
the nursery there is one, and it is the parent of all others: it notices how they end, and when the one that
runs the cluster is gone, however that ended, it ends them, and itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

#: Seconds in which a process may end by itself when it is asked to.
PATIENCE = 3.0
#: Seconds between two looks whether the parent is still there.
LOOK = 0.5


class Ended(NamedTuple):
    """A process has ended: its name, its number, and its exit code; a signal as a negative one."""

    name: str
    pid: int
    code: int


class Nursery:
    """The process that forks others. `live(name, life)` is what they do. Raises OSError."""

    def __init__(self, live: Callable[[str, int], None], complaints: Path) -> None:
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _be_the_nursery(theirs, live, complaints)
        theirs.close()
        ours.setblocking(False)
        self.line = ours
        self._rest = b""

    def start(self, name: str, life: int) -> None:
        """Have a process started."""
        self.line.send(_line("start", name, life))

    def heard(self) -> list[Ended | tuple[str, int]]:
        """What it has told since: (name, process number) of those started, and those ended.

        Raises EOFError if it is gone.
        """
        found: list[Ended | tuple[str, int]] = []
        with contextlib.suppress(BlockingIOError):
            while content := self.line.recv(1 << 16):
                self._rest += content
            raise EOFError
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            match json.loads(line):
                case ["started", name, pid]:
                    found.append((name, pid))
                case ["ended", name, pid, code]:
                    found.append(Ended(name, pid, code))
        return found

    def close(self) -> None:
        """End it, with all that it has started, and wait until that is so."""
        self.line.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _line(*words: object) -> bytes:
    return json.dumps(words).encode() + b"\n"


def _be_the_nursery(line: socket.socket, live: Callable[[str, int], None], complaints: Path) -> None:
    """The life of the nursery; it does not return."""
    with contextlib.suppress(BaseException):
        _deaf()
        _die_with_parent()
        gc.collect()
        gc.freeze()
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        children: dict[int, str] = {}
        try:
            _serve(line, woken, children, live, complaints)
        finally:
            _end(children)
    os._exit(0)


def _serve(
    line: socket.socket,
    woken: int,
    children: dict[int, str],
    live: Callable[[str, int], None],
    complaints: Path,
) -> None:
    rest = b""
    while True:
        ready, _, _ = select.select([line.fileno(), woken], [], [], LOOK)
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
        _reap(line, children)
        if line.fileno() not in ready:
            continue
        content = line.recv(1 << 16)
        if not content:
            return
        *lines, rest = (rest + content).split(b"\n")
        for _, name, life in map(json.loads, lines):
            pid = os.fork()
            if pid == 0:
                line.close()
                _be_a_child(live, name, life, complaints)
            children[pid] = name
            line.sendall(_line("started", name, pid))


def _reap(line: socket.socket, children: dict[int, str]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        line.sendall(_line("ended", children.pop(pid), pid, os.waitstatus_to_exitcode(status)))


def _be_a_child(live: Callable[[str, int], None], name: str, life: int, complaints: Path) -> None:
    """The life of a process of the cluster; it does not return."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with_parent()
        live(name, life)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, it is told in a file and by the exit code
        with contextlib.suppress(OSError), complaints.open("a", encoding="utf-8") as file:
            file.write(f"{name}:\n{traceback.format_exc()}")
    os._exit(code)


def _deaf() -> None:
    """Ctrl-C in a terminal is for the one who runs the cluster: it ends us in its own way."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _die_with_parent() -> None:
    """Have the kernel kill this process when its parent has gone, where it can: on Linux."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # noqa: PLC0415 - on Linux only

    death_signal = 1  # PR_SET_PDEATHSIG
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(death_signal, signal.SIGKILL)


async def until_parent_is_gone() -> None:
    """Return when the process that started this one is there no more."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(LOOK)


def _end(children: dict[int, str]) -> None:
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while children and time.monotonic() < until:
        _forget_ended(children)
        time.sleep(0.01)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while children:
        _forget_ended(children)
        time.sleep(0.01)


def _forget_ended(children: dict[int, str]) -> None:
    while children:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            children.clear()
            return
        if pid == 0:
            return
        children.pop(pid, None)
