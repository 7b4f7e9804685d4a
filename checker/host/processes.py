"""Calls in processes of their own: one that is killed costs its own answer only, and none outlives us.

The pool of the standard library gives up every answer when one of its processes is killed, does not say
which call it was, and its processes wait for ever when the one that started them was killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from typing import Any

_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Died:
    """Instead of an answer: how the process ended that was to give it."""

    how: str


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    line: Connection[Any, Any]
    #: the number of the call that it is busy with
    number: int = -1

    def how_it_ended(self) -> str:
        self.process.join()
        code = self.process.exitcode or 0
        if code >= 0:
            return f"its process ended with exit code {code}"
        return f"its process was ended by {signal.Signals(-code).name}"


def calls(
    function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], most: int
) -> Iterator[tuple[int, Any]]:
    """Call a function with each of these arguments, in `most` processes at a time.

    Yields (number of the arguments, answer), in order of completion; the answer is `Died` if the process
    was ended. Function, arguments and answers must be picklable; the function raises nothing. Whatever
    ends the iteration ends all processes.
    """
    waiting = deque(enumerate(arguments))
    workers = [_started(function) for _ in range(min(most, len(waiting)))]
    busy: dict[Any, _Worker] = {worker.line: worker for worker in workers if _given(worker, waiting)}
    try:
        while busy:
            for line in wait(list(busy)):
                worker = busy.pop(line)
                number = worker.number
                try:
                    answer = worker.line.recv()
                except (EOFError, OSError):
                    answer = Died(worker.how_it_ended())
                    if waiting:
                        worker = _started(function)
                        workers.append(worker)
                if _given(worker, waiting):
                    busy[worker.line] = worker
                yield number, answer
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join()
            worker.line.close()


def _given(worker: _Worker, waiting: deque[tuple[int, tuple[Any, ...]]]) -> bool:
    """Hand the next call to a worker; False if no call is left."""
    if not waiting:
        return False
    worker.number, arguments = waiting.popleft()
    worker.line.send(arguments)
    return True


def _started(function: Callable[..., Any]) -> _Worker:
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_work, args=(theirs, function), daemon=True)
    with _without_ctrl_c():
        process.start()
    theirs.close()  # so that its end is noticed here
    return _Worker(process, ours)


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Start processes deaf to Ctrl-C, which a terminal sends to all of them: their parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it is started along with the first process, and unblocks the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(line: Connection[Any, Any], function: Callable[..., Any]) -> None:
    """The life of a process: answer calls until there are no more."""
    Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            arguments = line.recv()
        except EOFError:
            return
        line.send(function(*arguments))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
